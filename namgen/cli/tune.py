"""`namgen tune`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from namgen.cli.command import command, json_option
from namgen.cli.common import FileOut, Several, check_output, check_packages, tell_choices
from namgen.cli.options import (
    Purpose,
    block_option,
    gathers,
    models_argument,
    pedal_option,
    refuse_pedals,
    slim_option,
    submodel_option,
    toolchain_option,
)
from namgen.cli.progress import progress_lines
from namgen.cli.terminal import note, print_json
from namgen.nam_file.types import NamFile
from namgen.order import Order
from namgen.output_dir import write_whole
from namgen.plan.layouts.tilings import SumShape, Tiling
from namgen.processors import measured_path
from namgen.progress import part
from namgen.selection.choosing import select
from namgen.selection.wanted import Wanted
from namgen.toolchain import find_cross

if TYPE_CHECKING:
    from host_sim.m7.tune import Tuning, Workshop


@dataclass(frozen=True, slots=True)
class _Search:
    """How is searched, and what becomes of it."""

    toolchain: str
    candidates: int
    output: Path | None
    save: bool


@command("tune")
@models_argument
@pedal_option
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
    type=FileOut(),
    metavar="FILE",
    help="Write the choices to FILE.  [default: standard output]",
)
@click.option(
    "--save",
    is_flag=True,
    help="Add the choices to the installed processor, for every later build.",
)
@json_option
@gathers(Purpose, "purpose")
@gathers(Wanted, "wanted")
@gathers(_Search, "search")
def tune_command(
    *,
    models: tuple[Path, ...],
    purpose: Purpose,
    wanted: Wanted,
    search: _Search,
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
    refuse_pedals(models, "kernels are those of captures; tune takes the .nam files of {}")
    order = purpose.order()
    installed = measured_path(order.target.processor.name, "tilings")
    for place, option in ((search.output, "--output"), (search.save and installed, "--save")):
        if place:
            check_output(place, models, option=option, kind="such choices", is_kind=_is_tuning)
    check_packages()
    several: Several[Tuning] = Several(models)
    workshop, found = _search(several, order, wanted, search)
    notes = [_line(result, workshop) for result in several.done]
    for line in notes:
        note(line)
    _deliver(found, notes, search, installed, is_printed=not as_json)
    if as_json:
        print_json(several.to_json([_to_json(result, workshop) for result in several.done]))
    several.exit()


def _search(
    several: Several[Tuning], order: Order, wanted: Wanted, search: _Search
) -> tuple[Workshop, dict[SumShape, Tiling]]:
    """Tune one model after the other, each with what was found for those before it."""
    from host_sim.m7.tune import Workshop, tune

    found: dict[SumShape, Tiling] = {}
    models = several.paths
    with progress_lines() as progress:
        processor = order.target.processor.name
        cross = find_cross(search.toolchain, processor=processor, progress=progress)
        workshop = Workshop(order.target, order.block_frames, cross)

        def work(path: Path, file: NamFile) -> Tuning:
            selection = select(file, order, wanted)
            tell_choices(selection.choices)
            number = models.index(path)
            result = tune(
                selection.model,
                workshop,
                known=found,
                candidates=search.candidates,
                progress=part(progress, number / len(models), (number + 1) / len(models)),
            )
            found.update(result.choices)
            return result

        several.run(work)
    return workshop, found


def _deliver(
    found: Mapping[SumShape, Tiling],
    notes: Sequence[str],
    search: _Search,
    installed: Path,
    *,
    is_printed: bool,
) -> None:
    """Write the choices where they are wanted: to a file, to stdout, to the processor's own."""
    from host_sim.m7.tune import merged, toml

    if search.output is not None:
        _write(search.output, toml(found, notes))
    elif is_printed:
        click.echo(toml(found, notes), nl=False)
    if search.save:
        processor = installed.name.removesuffix("-tilings.toml")
        _write(installed, toml(merged(processor, found), notes))


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


def _is_tuning(path: Path) -> bool:
    with path.open("rb") as file:
        return b"namgen tune" in file.readline(200)


def _write(path: Path, text: str) -> None:
    """Write a whole file or none."""
    write_whole(path, text)
