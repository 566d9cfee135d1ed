"""The linker script: the board's memories as a MEMORY block above `firmware/sections.ld`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from namgen.boards import Board, Boot, Region, Window
from namgen.firmware.engines import (
    EngineMemory,
    engine_memories,
    engine_sections,
    shared_windows,
)


def link_script(
    board: Board,
    boot: Boot,
    sections: str,
    *,
    engines: Sequence[EngineMemory] = (),
    slack_bytes: int = 0,
) -> str:
    """Text of the whole script; the stack is cut off the end of its region.

    The arrays of `engines` lie at the ends of their regions, those of one where those of the others
    are. With `slack_bytes`, every memory is that much longer than it is: for measuring a program
    that does not fit.
    """
    extents = {region.linker: extent(board, region) for region in linked_regions(board)}
    windows = shared_windows(engines, board, extents)
    extents |= {
        board.region(name).linker: _before(extents[board.region(name).linker], window)
        for name, window in windows.items()
    }
    extents["DMA"] = board.dma
    extents |= dict(engine_memories(engines, board, windows))
    alias = board.region(boot.region).linker
    if not alias:
        extents["CODE"] = Window(boot.origin, boot.limit_bytes)
    lines = ["MEMORY", "{"]
    lines += [_memory(ld, window, slack_bytes) for ld, window in extents.items()]
    lines += ["}", f'REGION_ALIAS("CODE", {alias});'] if alias else ["}"]
    stack_top = board.region(board.stack.region).end
    stack_bottom = stack_top - board.stack.size_bytes
    lines += [
        f"ld_stack_top = {stack_top:#010x};",
        f"ld_stack_guard_end = {stack_bottom + board.stack.guard_bytes:#010x};",
        f"ld_stack_bottom = {stack_bottom:#010x};",
        "",
    ]
    ending = engine_sections(engines, board, windows) if engines else ""
    return "\n".join([*lines, sections]) + ending


def linked_regions(board: Board) -> Iterator[Region]:
    """Yield the regions that `sections.ld` fills."""
    return (region for region in board.regions if region.linker)


def extent(board: Board, region: Region) -> Window:
    """What the linker may fill of a region: all but the stack and a bootloader's share."""
    if region.name == board.stack.region:
        return Window(region.origin, region.size_bytes - board.stack.size_bytes)
    if region.name in board.model_regions:
        return Window(region.origin, region.free_bytes)
    return region.window


def _before(whole: Window, last: Window) -> Window:
    return Window(whole.origin, max(0, last.origin - whole.origin))


def _memory(name: str, window: Window, slack_bytes: int) -> str:
    length = window.size_bytes + slack_bytes
    return f"    {name} (rwx) : ORIGIN = {window.origin:#010x}, LENGTH = {length}"
