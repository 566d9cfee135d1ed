"""`namgen targets`."""

from __future__ import annotations

from dataclasses import asdict

from namgen.boards import Region
from namgen.cli.command import command
from namgen.cli.common import clocks_of, json_option
from namgen.cli.terminal import Facts, Item, Line, print_json, show
from namgen.targets import Target, load_target, target_names


@command("targets")
@json_option
def targets_command(*, as_json: bool) -> None:
    """List the processors and boards namgen can build for."""
    targets = [load_target(name) for name in target_names()]
    if as_json:
        print_json([asdict(target) for target in targets])
        return
    show(item for target in targets for item in _items(target))


def _items(target: Target) -> list[Item]:
    lines: list[Item] = [Line(f"{target.name}: {target.title}", "bold")]
    board = target.board
    if board is None:
        return lines
    lines.append(
        f"    {' or '.join(clocks_of(target))} MHz, {board.audio.sample_rate_hz} Hz audio, "
        f"blocks of {target.block_frames} frames"
    )
    rows = [(f"--boot {boot.name}", boot.title) for boot in board.boots]
    rows += [(region.name, _memory(region)) for region in board.regions]
    return [*lines, Facts(rows, indent=4)]


def _memory(region: Region) -> str:
    use = f", {region.reserved_bytes:,} for {region.reserved_for}" if region.reserved_for else ""
    return f"{region.size_bytes:,} bytes {region.title}{use}"
