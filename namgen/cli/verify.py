"""`namgen verify`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from namgen.cli.command import SeveralOf, command
from namgen.cli.common import (
    block_option,
    clock_option,
    json_option,
    model_argument,
    progress_lines,
    slim_option,
    submodel_option,
    tanh_option,
    target_option,
    tell_choices,
    toolchain_option,
)
from namgen.cli.terminal import print_json
from namgen.nam_file import read
from namgen.selection import choose, make_order
from namgen.targets import load_target
from namgen.toolchain import find_cross

PLACES = ("host", "emulator")  # as host_sim.verify knows them

if TYPE_CHECKING:
    from host_sim.verify import Verification


@command("verify")
@model_argument
@click.option(
    "--on",
    "places",
    type=SeveralOf(PLACES),
    default="host,emulator",
    show_default=True,
    help="Where to run the C.",
)
@target_option
@submodel_option
@slim_option
@tanh_option
@block_option
@clock_option
@toolchain_option
@json_option
@click.pass_context
def verify_command(
    ctx: click.Context,
    *,
    model: Path,
    places: str,
    target: str,
    submodel: str,
    slim: float | None,
    tanh: str,
    block_frames: int | None,
    clock: str | None,
    toolchain: str,
    as_json: bool,
) -> None:
    """Compare the C of MODEL with the NumPy reference, bit for bit.

    \b
    Examples:
        namgen verify tweed.nam
        namgen verify tweed.nam --on host --submodel lite

    Impulses, sweeps, noise, silence, steps, denormals, NaN and infinities go through this machine
    and an emulated Cortex-M7 in calls of many sizes; then the emulated pedal starts and plays.
    Exit code 1 and the first differing sample when a bit differs.
    """  # noqa: D301
    from host_sim.verify import check_places, verify

    on = tuple(place.strip() for place in places.split(","))
    order = make_order(load_target(target), clock=clock, block_frames=block_frames)
    chosen = choose(read(model), order, submodel=submodel, slim=slim, tanh=tanh)
    tell_choices(chosen.choices)
    check_places(on)
    with progress_lines() as progress:
        needs_cross = "emulator" in on
        found = verify(
            chosen.model,
            places=on,
            block_frames=order.block_frames,
            target=order.target,
            toolchain=find_cross(toolchain, progress=progress) if needs_cross else None,
            progress=progress,
        )
    if as_json:
        print_json(found.to_json())
    else:
        for line in _lines(found):
            click.echo(line)
    if not found.is_exact:
        ctx.exit(1)


def _lines(found: Verification) -> Iterator[str]:
    for check in found.checks:
        tally = check.tally
        yield f"{check.engine}: {check.what}"
        yield f"    {tally.runs} runs, {tally.equal:,} of {tally.samples:,} samples equal"
        yield from (f"    {note}" for note in check.notes)
        if tally.first:
            yield f"    first difference: {tally.first}"
    yield from found.notes
    yield "bit-exact" if found.is_exact else "NOT bit-exact"
