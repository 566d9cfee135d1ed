"""What several commands share: options, and progress on stderr."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import click

from namgen.cli.command import ForTarget, OneOf, Submodel
from namgen.cli.terminal import is_terminal, note, printable, session
from namgen.prediction import Instrument
from namgen.selection import LARGEST_THAT_FITS, Choice
from namgen.targets import target_names
from namgen.toolchain import CROSS_NAMES

Progress: TypeAlias = Callable[[str], None]

file_path = click.Path(path_type=Path, readable=False)
"""A file whose troubles are told when it is opened, as a problem of the file and not of usage."""

model_argument = click.argument("model", type=file_path, metavar="MODEL")

models_argument = click.argument(
    "models", type=click.Path(path_type=Path), metavar="MODEL...", nargs=-1, required=True
)

target_option = click.option(
    "--target",
    type=OneOf(target_names),
    default="daisy",
    show_default=True,
    help="The pedal or machine it is for.",
)

boot_option = click.option(
    "--boot",
    type=ForTarget(lambda target: (boot.name for boot in target.boots)),
    metavar="WAY",
    help="Where the image runs: flash, sram or qspi.  [default: flash]",
)

clock_option = click.option(
    "--clock",
    type=ForTarget(lambda target: (str(hz // 1_000_000) for hz in target.clock_options_hz)),
    metavar="MHZ",
    help="Processor clock.  [default: the target's fastest]",
)

toolchain_option = click.option(
    "--toolchain",
    type=OneOf(CROSS_NAMES),
    default="zig",
    show_default=True,
    help="The compiler for the pedal: the one pip installed, or arm-none-eabi-gcc from PATH.",
)

block_option = click.option(
    "--block",
    "block_frames",
    type=click.IntRange(1, 256),
    help="Frames per audio block, 1 to 256.  [default: the target's]",
)

slim_option = click.option(
    "--slim",
    type=click.FloatRange(0.0, 1.0),
    help="Choose a width by NAM's ratio from 0 (small) to 1 (full).",
)

tanh_option = click.option(
    "--tanh",
    type=OneOf(["exact", "fast"]),
    default="exact",
    show_default=True,
    help="fast: the rational formula that NAM plug-ins use in place of tanh; it sounds as they do, "
    "and is slower on a pedal than exact.",
)

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print the result as JSON on standard output."
)


submodel_option = click.option(
    "--submodel",
    type=Submodel(("lite", "full", LARGEST_THAT_FITS)),
    metavar="MODEL",
    default=LARGEST_THAT_FITS,
    show_default=True,
    help=f"Which model of a container: lite, full, a number from 1, {LARGEST_THAT_FITS}.",
)


def tell_choices(choices: Sequence[Choice]) -> None:
    """Say on stderr which submodel was taken and why, where there was a choice."""
    for choice in choices:
        state = "taken" if choice.taken else "not taken"
        note(f"submodel {choice.submodel}: {state}: {choice.reason}")


@contextmanager
def progress_lines() -> Iterator[Progress]:
    """Give a function that tells the stage: one changing line on a terminal, else plain lines."""
    if session().quiet:
        yield lambda _: None
        return
    if session().verbose or not is_terminal(sys.stderr):
        yield lambda line: click.echo(printable(line), err=True)
        return
    try:
        yield lambda line: click.echo(f"\r\x1b[K{printable(line)} …", err=True, nl=False)
    finally:
        click.echo("\r\x1b[K", err=True, nl=False)


def find_instrument() -> Instrument | None:
    """Return what times images, where the emulator is installed."""
    if any(importlib.util.find_spec(package) is None for package in ("unicorn", "capstone")):
        return None
    from host_sim.m7.pedal_profile import quick_instrument

    return quick_instrument
