"""The header `board_wiring.h`: a board's clock tree, pins and straps, for its firmware."""

from __future__ import annotations

from namgen.boards import Board

HEADER = "board_wiring.h"


def wiring_header(board: Board) -> str:
    """Text of the header; the firmware's sources name what they take of it."""
    tree = board.clock_tree
    numbers = {
        "CRYSTAL_HZ": tree.crystal_hz,
        "PLL1_M": tree.processor.m,
        **{f"PLL1_N_{hz // 1_000_000}_MHZ": tree.factor(hz) for hz in board.clock.options_hz},
        "PLL1_P": tree.processor.p,
        "PLL1_Q": tree.processor.q,
        "PLL3_M": tree.audio.m,
        "PLL3_N": tree.audio.n,
        "PLL3_P": tree.audio.p,
    }
    places = {"dma": board.dma, **{region.name: region.window for region in board.regions}}
    lines = [f"/* {board.title}: generated from its description. */"]
    lines += ["#ifndef BOARD_WIRING_H", "#define BOARD_WIRING_H", ""]
    lines += [f"#define {name} {value}u" for name, value in numbers.items()]
    for name, window in places.items():
        lines += [f"#define {name.upper()}_ORIGIN {window.origin:#010x}u"]
        lines += [f"#define {name.upper()}_BYTES {window.size_bytes}u"]
    for pin in board.pins:
        name = pin.name.upper()
        lines += ["", f"/* {pin.function} */", f"#define {name}_PORT '{pin.port}'"]
        lines += [f"#define {name}_PIN {pin.number}u"]
        lines += [f"#define {name}_ALTERNATE {pin.alternate}u"] if pin.alternate else []
    straps = [f"STRAP({s.pin.upper()}, BOARD_{s.revision.upper()})" for s in board.straps]
    lines += ["", "#define BOARD_STRAPS(STRAP) \\", *(f"    {strap} \\" for strap in straps)]
    lines[-1] = lines[-1].removesuffix(" \\")
    return "\n".join([*lines, "", "#endif", ""])
