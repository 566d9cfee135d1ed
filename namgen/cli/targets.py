"""`namgen targets`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from namgen.boards import Board, Region
from namgen.cli.command import command
from namgen.cli.options import clocks_of, json_option
from namgen.cli.terminal import Facts, Item, Line, print_json, show
from namgen.processors import MEASUREMENTS, Processor, measured_path
from namgen.targets import Target, load_target, target_names

_LAYOUTS = {"frame_major": "frame by frame", "planar": "channel by channel, in vectors"}


@command("targets")
@json_option
def targets_command(*, as_json: bool) -> None:
    """List the processors and boards namgen can build for."""
    targets = [load_target(name) for name in target_names()]
    if as_json:
        print_json([_to_json(target) for target in targets])
        return
    show(_items(targets))


def _to_json(target: Target) -> dict[str, Any]:
    return asdict(target) | {"measured": list(_measured(target.processor))}


def _items(targets: list[Target]) -> Iterator[Item]:
    yield Line("Boards: firmware and its C", "bold")
    for target in targets:
        if target.board:
            yield ""
            yield from _board(target, target.board)
    yield ""
    yield Line("Processors: C alone, for any program", "bold")
    yield Facts([(t.name, _processor(t)) for t in targets if not t.board], indent=4)


def _board(target: Target, board: Board) -> Iterator[Item]:
    yield Line(f"{target.name}: {target.title}", "bold")
    yield (
        f"    {' or '.join(clocks_of(target))} MHz, {board.audio.sample_rate_hz} Hz audio, "
        f"blocks of {target.block_frames} frames"
    )
    rows = [("processor", f"{target.processor.title}; {_knowledge(target.processor)}")]
    rows += [(f"--boot {boot.name}", boot.title) for boot in board.boots]
    rows += [(region.name, _memory(region)) for region in board.regions]
    yield Facts(rows, indent=4)


def _processor(target: Target) -> str:
    processor = target.processor
    layout = _LAYOUTS[processor.layout]
    vectors = f" of {processor.lanes}" if processor.lanes > 1 else ""
    known = "" if processor.machines else f"; {_knowledge(processor)}"
    title = target.title.removesuffix(" (C only)")
    fused = "" if processor.has_fma else ", no fused multiply-add"
    return f"{title}: {processor.registers} registers{vectors}{fused}, {layout}{known}"


def _knowledge(processor: Processor) -> str:
    """Say what was measured for a processor, and what was not."""
    known = tuple(_measured(processor))
    missing = [kind for kind in MEASUREMENTS if kind not in known]
    said = f"measured: {', '.join(known)}" if known else ""
    return "; ".join(filter(None, (said, f"not measured: {', '.join(missing)}" if missing else "")))


def _measured(processor: Processor) -> Iterator[str]:
    return (kind for kind in MEASUREMENTS if measured_path(processor.name, kind).is_file())


def _memory(region: Region) -> str:
    use = f", {region.reserved_bytes:,} for {region.reserved_for}" if region.reserved_for else ""
    return f"{region.size_bytes:,} bytes {region.title}{use}"
