"""`namgen verify`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from namgen.build_record import is_build, read_record
from namgen.cli.command import ForTarget, SeveralOf, command, json_option
from namgen.cli.common import tell_chosen
from namgen.cli.options import (
    Purpose,
    block_option,
    boots_of,
    clock_option,
    cpu_option,
    file_path,
    gathers,
    is_given,
    mpy_arch_option,
    target_option,
    toolchain_option,
    wanted_options,
)
from namgen.cli.progress import progress_lines
from namgen.cli.recording_option import recording_option, with_recording
from namgen.cli.terminal import print_json, show
from namgen.nam_file import read
from namgen.order import Order
from namgen.pedal.file import is_pedal_file
from namgen.selection.choosing import choose
from namgen.selection.wanted import Wanted
from namgen.toolchain import find_cross

PLACES = ("host", "emulator", "node")  # as host_sim.verify_places knows them

if TYPE_CHECKING:
    from host_sim.verify import Verification
    from namgen.ir import Model


_OF_A_BUILD = (
    "target",
    "cpu",
    "mpy_arch",
    "submodel",
    "slim",
    "tanh",
    "precision",
    "calibrate",
    "block_frames",
    "clock",
    "boot",
    "toolchain",
)
"""Options that a build has made up its mind about."""


@command("verify")
@click.argument("model", type=file_path, metavar="MODEL|BUILD")
@click.option(
    "--on",
    "places",
    type=SeveralOf(PLACES),
    help="Where to run the C: host, emulator, node (a web module), or two of them, as in "
    "host,emulator.  [default: wherever it can run]",
)
@target_option
@cpu_option
@mpy_arch_option
@wanted_options
@recording_option
@block_option
@clock_option
@click.option(
    "--boot",
    "--app",
    type=ForTarget(boots_of),
    metavar="WAY",
    help="How the pedal's image starts.  [default: the first that holds it]",
)
@toolchain_option
@json_option
@click.pass_context
@gathers(Purpose, "purpose")
@gathers(Wanted, "wanted")
def verify_command(
    ctx: click.Context,
    *,
    model: Path,
    places: str | None,
    purpose: Purpose,
    wanted: Wanted,
    calibrate: Path | None,
    toolchain: str,
    as_json: bool,
) -> None:
    """Compare C and firmware with the NumPy reference, bit for bit.

    \b
    Examples:
        namgen verify tweed.nam              the C that build would write
        namgen verify tweed.nam --on host --submodel lite
        namgen verify build/tweed            what lies there: C and firmware

    Impulses, sweeps, noise, silence, steps, denormals, NaN and infinities go through this machine
    and an emulated Cortex-M7 in calls of many sizes; then the emulated pedal starts and plays.
    BUILD is the folder of a build, its report.json or its firmware.elf: its files are run as they
    are, with the options they were built with. docs/verify.md says what is proven and how.
    Without the emulator installed this machine alone is taken, and what is left out is said.
    Exit code 1 and the first differing sample when a bit differs.
    """  # noqa: D301
    on = None if places is None else tuple(place.strip() for place in places.split(","))
    if is_pedal_file(model):
        raise click.UsageError(
            f"{model}: a pedal is verified as `namgen build` made it: namgen verify build/NAME"
        )
    if is_build(model):
        _check_options(ctx)
        found = _verify_build(model, on)
    else:
        order = purpose.order()
        _check_toolchain(order, on)
        chosen = choose(read(model), order, with_recording(wanted, calibrate))
        tell_chosen(chosen)
        found = _verify(chosen.model, order, purpose.boot, toolchain, on)
    if as_json:
        print_json(found.to_json())
    else:
        show(_lines(found))
    if not found.is_exact:
        ctx.exit(1)


def _check_options(ctx: click.Context) -> None:
    """Refuse to hear of a build what only its report can say."""
    given = [
        option.opts[0]
        for option in ctx.command.params
        if option.name in _OF_A_BUILD
        and ctx.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
    ]
    if given:
        raise click.UsageError(
            f"{', '.join(given)}: a build is verified with the options in its report.json"
        )


def _check_toolchain(order: Order, on: tuple[str, ...] | None) -> None:
    """Refuse to hear of a compiler for machine code that is not made."""
    from host_sim.verify_places import places_for

    if is_given("toolchain") and "emulator" not in (on or places_for(order.target)):
        where = "--on leaves the emulator out" if on else f"target {order.target.name} has none"
        raise click.UsageError(f"--toolchain: it compiles for the emulator, and {where}")


def _verify_build(path: Path, on: tuple[str, ...] | None) -> Verification:
    from host_sim.verify_build import verify_build

    record = read_record(path)
    with progress_lines() as progress:
        return verify_build(record, places=on, progress=progress)


def _verify(
    model: Model, order: Order, boot: str | None, toolchain: str, on: tuple[str, ...] | None
) -> Verification:
    from host_sim.verify import verify
    from host_sim.verify_places import choose_places

    places, _ = choose_places(on, order.target)
    with progress_lines() as progress:
        processor = order.target.processor.name
        cross = (
            find_cross(toolchain, processor=processor, progress=progress)
            if "emulator" in places
            else None
        )
        return verify(
            model,
            places=on,
            block_frames=order.block_frames,
            target=order.target,
            clock_hz=order.clock_hz,
            boot=boot,
            toolchain=cross,
            progress=progress,
        )


def _lines(found: Verification) -> Iterator[str]:
    for check in found.checks:
        tally = check.tally
        yield f"{check.engine}: {check.what}"
        yield f"    {tally.runs} runs, {tally.equal:,} of {tally.samples:,} samples equal"
        yield from (f"    {note}" for note in check.notes)
        if tally.first:
            yield f"    first difference: {tally.first}"
    yield from found.notes
    yield from found.problems
    yield from found.left_out
    yield _verdict(found)


def _verdict(found: Verification) -> str:
    if not found.is_exact:
        are_equal = all(check.tally.is_exact for check in found.checks)
        return "NOT as it was built" if found.checks and are_equal else "NOT bit-exact"
    if found.left_out:
        return "bit-exact on this machine; the machine code was not run"
    return "bit-exact"
