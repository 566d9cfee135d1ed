"""`namgen join`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from namgen.cli.command import Submodel, command, json_option
from namgen.cli.common import refuse_inputs
from namgen.cli.options import file_path, models_argument, refuse_pedals
from namgen.cli.terminal import note, print_json, show
from namgen.joining import Joined, Part, join


@command("join")
@models_argument
@click.option(
    "-o",
    "--out",
    type=file_path,
    metavar="OUT.nam",
    help="The file to write.  [default: the names with + between, in this folder]",
)
@click.option(
    "--submodel",
    type=Submodel(("lite", "full")),
    metavar="MODEL",
    help="Which model to take of every container: lite, full, a number from 1.  [default: the "
    "whole container, which plays at full width in a chain]",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@json_option
def join_command(
    *, models: tuple[Path, ...], out: Path | None, submodel: str | None, force: bool, as_json: bool
) -> None:
    """Join MODELs into one .nam file, in the order of the signal.

    \b
    Examples:
        namgen join pedal.nam amp.nam                   pedal+amp.nam
        namgen join amp.nam cab.wav -o rig.nam          an amplifier into a cabinet
        namgen join a2.nam cab.wav --submodel lite      for a Daisy Seed

    A MODEL is a .nam file or a mono WAV impulse response. The result is a Sequential, as the newest
    NAM plug-ins play it; namgen builds it like any other file. Nothing is scaled between the
    models. All must have one sample rate; impulse responses of another one are resampled, and it is
    said. The files that are joined stay as they are.
    """  # noqa: D301
    refuse_pedals(models, "of its captures one plays at a time; join takes .nam files")
    if out is not None:
        refuse_inputs(out, models, option="--out")
    made = join(models, out, submodel=submodel, force=force)
    for line in made.notes:
        note(line)
    if as_json:
        print_json(asdict(made) | {"out": str(made.out)})
        return
    show(_lines(made))


def _lines(made: Joined) -> Iterator[str]:
    rate = "no sample rate" if made.sample_rate_hz is None else f"{made.sample_rate_hz} Hz"
    yield f"{made.out}: Sequential of {len(made.parts)}, {rate}, {made.size_bytes:,} bytes"
    yield from (f"  {number}. {_told(part)}" for number, part in enumerate(made.parts, start=1))
    yield f"namgen inspect {made.out} shows what it costs"


def _told(part: Part) -> str:
    return f"{part.file}: {part.architecture}"
