"""`namgen tune`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from namgen import targets
from namgen.cli.command import command
from namgen.cli.common import (
    block_option,
    json_option,
    models_argument,
    progress_lines,
    slim_option,
    submodel_option,
    target_option,
    tell_choices,
    toolchain_option,
)
from namgen.cli.terminal import print_json
from namgen.errors import UnsupportedError
from namgen.nam_file import read
from namgen.output_dir import whole_file
from namgen.plan.tiles import SumShape, Tiling
from namgen.selection import make_order, select
from namgen.targets import load_target
from namgen.toolchain import find_cross

if TYPE_CHECKING:
    from host_sim.m7.tune import Tuning, Workshop


@command("tune")
@models_argument
@target_option
@submodel_option
@slim_option
@block_option
@toolchain_option
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
@json_option
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
    as_json: bool,
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
    if output is not None:
        _write(output, toml(found, notes))
    elif not as_json:
        click.echo(toml(found, notes), nl=False)
    if save:
        _write(
            Path(targets.__file__).parent / f"{target}-tilings.toml",
            toml(merged(target, found), notes),
        )
    if as_json:
        print_json([_to_json(result, workshop) for result in results])


def _line(result: Tuning, workshop: Workshop) -> str:
    frames = workshop.block_frames
    return (
        f"{result.model}: {result.before / frames:,.0f} cycles per sample before, "
        f"{result.after / frames:,.0f} after ({workshop.toolchain.name}, {frames} frames)"
    )


def _to_json(result: Tuning, workshop: Workshop) -> dict[str, Any]:
    return {
        "model": result.model,
        "toolchain": workshop.toolchain.name,
        "block_frames": workshop.block_frames,
        "cycles_per_block": {"before": result.before, "after": result.after},
        "tilings": [
            {"shape": asdict(shape), "tiling": asdict(tiling)}
            for shape, tiling in result.choices.items()
        ],
    }


def _write(path: Path, text: str) -> None:
    """Write a whole file or none."""
    with whole_file(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")
