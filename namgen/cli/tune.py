"""`namgen tune`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from namgen import targets
from namgen.cli.common import (
    block_option,
    models_argument,
    progress_lines,
    slim_option,
    submodel_option,
    target_option,
    tell_choices,
)
from namgen.errors import OutputError, UnsupportedError
from namgen.nam_file import read
from namgen.plan.tiles import SumShape, Tiling
from namgen.selection import make_order, select
from namgen.targets import load_target
from namgen.toolchain import CROSS_NAMES, find_cross

if TYPE_CHECKING:
    from host_sim.m7.tune import Tuning, Workshop


@click.command("tune")
@models_argument
@target_option
@submodel_option
@slim_option
@block_option
@click.option("--toolchain", type=click.Choice(CROSS_NAMES), default="zig", show_default=True)
@click.option(
    "--candidates",
    type=click.IntRange(1, 200),
    default=12,
    show_default=True,
    help="Tilings to try per shape, the most promising first.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the choices to FILE.  [default: standard output]",
)
@click.option(
    "--save", is_flag=True, help="Add the choices to the installed target, for every later build."
)
def tune_command(
    *,
    models: tuple[Path, ...],
    target: str,
    submodel: str,
    slim: float | None,
    block_frames: int | None,
    toolchain: str,
    candidates: int,
    output: Path | None,
    save: bool,
) -> None:
    """Search the fastest kernels for MODEL, a .nam file, on the emulated pedal.

    \b
    Examples:
        namgen tune tweed.nam
        namgen tune tweed.nam --save

    Every candidate is built, run and timed: minutes per model. The result does not change, only
    the time it takes to compute. What is saved serves all models with layers of these shapes.
    """  # noqa: D301
    from host_sim.m7.tune import Workshop, merged, toml, tune

    order = make_order(load_target(target), clock=None, block_frames=block_frames)
    if not order.target.boots:
        raise UnsupportedError(f"target {target}: expected a pedal to emulate, found {target}")
    found: dict[SumShape, Tiling] = {}
    results = []
    with progress_lines() as progress:
        cross = find_cross(toolchain, progress=progress)
        workshop = Workshop(order.target, order.block_frames, cross)
        for path in models:
            selection = select(read(path), order, submodel=submodel, slim=slim)
            tell_choices(selection.choices)
            result = tune(
                selection.model, workshop, known=found, candidates=candidates, progress=progress
            )
            found |= result.choices
            results.append(result)
    notes = [_line(result, workshop) for result in results]
    for note in notes:
        click.echo(note, err=True)
    _deliver(toml(found, notes), output)
    if save:
        _save(target, toml(merged(target, found), notes))


def _line(result: Tuning, workshop: Workshop) -> str:
    frames = workshop.block_frames
    return (
        f"{result.model}: {result.before / frames:,.0f} cycles per sample before, "
        f"{result.after / frames:,.0f} after ({workshop.toolchain.name}, {frames} frames)"
    )


def _deliver(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8", newline="\n")


def _save(target: str, text: str) -> None:
    path = Path(targets.__file__).parent / f"{target}-tilings.toml"
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
