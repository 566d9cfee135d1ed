"""The header `board_wiring.h`: what a board's description says, for its firmware."""

from __future__ import annotations

from collections.abc import Iterator

from namgen.boards import Board
from namgen.boards.wiring import FIRMWARE_CLOCKS_HZ, INTERNAL_HZ, Pin, Revision
from namgen.firmware.codec_rows import codec_lines

HEADER = "board_wiring.h"


def wiring_header(board: Board) -> str:
    """Text of the header; the firmware's sources name what they take of it."""
    lines = [f"/* {board.title}: generated from its description. */"]
    lines += ["#ifndef BOARD_WIRING_H", "#define BOARD_WIRING_H", ""]
    lines += [*_numbers(board), *_places(board)]
    for pin in board.pins:
        lines += _pin(pin)
    lines += _revisions(board.revisions)
    if board.codec_table:
        lines += codec_lines(board.codec_table)
    return "\n".join([*lines, "", "#endif", ""])


def _numbers(board: Board) -> Iterator[str]:
    tree = board.clock_tree
    yield f"/* The codec's clock: {board.codec_pll.error_text}, as far as the oscillator is. */"
    numbers = {"CRYSTAL_HZ": tree.crystal_hz, **_factors(board, tree.crystal_hz)}
    if tree.is_bypassed:
        internal = _factors(board, INTERNAL_HZ)
        numbers["CRYSTAL_IS_BYPASSED"] = 1
        numbers |= {f"INTERNAL_{name}": value for name, value in internal.items()}
    if numbers["PLL3_FRACTION"] or numbers.get("INTERNAL_PLL3_FRACTION"):
        numbers["PLL3_HAS_FRACTION"] = 1
    numbers["TRANSMIT_LOOKAHEAD_FRAMES"] = board.audio.transmit_lookahead_frames
    if board.audio.unmute_ms:
        numbers["CODEC_UNMUTE_MS"] = board.audio.unmute_ms
    if board.i2c is not None:
        numbers["I2C_NUMBER"] = board.i2c
    numbers["SAI_NUMBER"] = board.sai.number
    yield from (f"#define {name} {value}u" for name, value in numbers.items())
    yield f"#define SAI_MASTER SAI_BLOCK_{board.sai.master}"
    if board.sai.frame == "i2s":
        yield "#define SAI_HAS_I2S_FRAMES 1"


def _factors(board: Board, source_hz: int) -> dict[str, int]:
    """Return what the PLLs are set to with an oscillator."""
    processor = board.clock_tree.processor_from(source_hz)
    audio = board.clock_tree.audio_from(source_hz, board.audio.sample_rate_hz)
    return {
        "PLL1_M": processor.m,
        **{f"PLL1_N_{hz // 1_000_000}_MHZ": processor.factor(hz) for hz in FIRMWARE_CLOCKS_HZ},
        "PLL1_P": processor.p,
        "PLL1_Q": processor.q,
        "PLL3_M": audio.m,
        "PLL3_N": audio.n,
        "PLL3_FRACTION": audio.fraction,
        "PLL3_P": audio.p,
        "PLL3_IS_MEDIUM": int(audio.is_medium),
    }


def _places(board: Board) -> Iterator[str]:
    windows = {"dma": board.dma, **{region.name: region.window for region in board.regions}}
    for name, window in windows.items():
        yield f"#define {name.upper()}_ORIGIN {window.origin:#010x}u"
        yield f"#define {name.upper()}_BYTES {window.size_bytes}u"


def _pin(pin: Pin) -> Iterator[str]:
    name = pin.name.upper()
    yield from ("", f"/* {pin.function} */")
    yield from (f"#define {name}_PORT '{pin.port}'", f"#define {name}_PIN {pin.number}u")
    if pin.alternate:
        yield f"#define {name}_ALTERNATE {pin.alternate}u"


def _revisions(revisions: tuple[Revision, ...]) -> list[str]:
    """Spell one macro that is given another: for each revision, in the order they are told."""
    rows = [
        f"    REVISION({revision.name.upper()}, {(revision.strap or 'no_strap').upper()}, "
        f"{revision.codec}, SAI_BLOCK_{revision.receiver}, PEDAL_WORDS_{revision.words.upper()})"
        for revision in revisions
    ]
    head = ["", "/* Its name, strap and codec, the block that receives, and the codec's words. */"]
    straps = ["#define BOARD_HAS_STRAPS 1"] if len(revisions) > 1 else []
    return [
        *head,
        *straps,
        "#define BOARD_REVISIONS(REVISION) \\",
        *(f"{row} \\" for row in rows[:-1]),
        rows[-1],
    ]
