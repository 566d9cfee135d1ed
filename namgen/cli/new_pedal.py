"""`namgen new-pedal`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from namgen.c_text import counted
from namgen.cli.command import command, json_option
from namgen.cli.common import refuse_inputs
from namgen.cli.options import (
    Purpose,
    block_option,
    boot_option,
    clock_option,
    file_path,
    gathers,
    idle_option,
    name_option,
    refuse_pedals,
    wanted_options,
)
from namgen.cli.pedal_options import Around, around_options, said_of
from namgen.cli.terminal import note, print_json, show
from namgen.errors import Together
from namgen.nam_file import read
from namgen.output_dir import write_whole
from namgen.output_file import check_output_file
from namgen.packages import shell_word
from namgen.pedal.deciding import pedal_of
from namgen.pedal.file import default_board
from namgen.pedal.said import CaptureSaid, FileName, PedalSaid
from namgen.pedal.writing import pedal_text
from namgen.pedal_boards import load_pedal_board
from namgen.selection.wanted import Wanted

_NO_CAPTURE = "my_capture.nam"
"""Stands for a capture that nobody has named."""


@command("new-pedal")
@click.argument("models", type=file_path, metavar="[MODEL...]", nargs=-1)
@click.option(
    "-o",
    "--out",
    type=file_path,
    default="pedal.toml",
    show_default=True,
    metavar="PEDAL.toml",
    help="The file to write.",
)
@around_options
@wanted_options
@block_option
@boot_option
@clock_option
@idle_option
@name_option
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@json_option
@gathers(Purpose, "purpose")
@gathers(Wanted, "wanted")
@gathers(Around, "around")
def new_pedal_command(
    *,
    models: tuple[Path, ...],
    out: Path,
    purpose: Purpose,
    wanted: Wanted,
    around: Around,
    force: bool,
    as_json: bool,
) -> None:
    """Write a file that describes a pedal of MODELs, with every key there is.

    \b
    Examples:
        namgen new-pedal clean.nam lead.nam --board terrarium
        namgen new-pedal lead.nam --board hothouse --ir cab.wav -o hothouse.toml

    Each with what is done without it; `namgen build pedal.toml` makes the firmware. The options
    mean what they mean there. Nothing is asked.
    """  # noqa: D301
    if out.suffix.lower() != ".toml":
        raise click.BadParameter(f"expected a name ending in .toml, found {out.name!r}")
    refuse_inputs(out, models, option="--out")
    refuse_pedals(models, "it is described already: namgen build {}")
    check_output_file(out, force=force)
    said = _checked(models, said_of(around, purpose, wanted))
    board = load_pedal_board(said.board or default_board())
    module = pedal_of([Path(c.file) for c in said.captures], replace(said, captures=())).order
    write_whole(out, pedal_text(said, board, module.target.pedal, place=out))
    if not models:
        note(f"{out}: no capture was named; write the name of yours in place of {_NO_CAPTURE}")
    if as_json:
        print_json({"file": str(out), "board": board.name, "captures": [str(m) for m in models]})
        return
    count = counted(len(models), "capture", "captures")
    show([f"{out}: {board.title}, {count}", f"namgen build {shell_word(out)} makes its firmware"])


def _checked(models: tuple[Path, ...], said: PedalSaid) -> PedalSaid:
    """Read the captures, and name them."""
    together = Together()
    for model in models:
        together.attempt(partial(read, model))
    together.end()
    files = [FileName(str(model)) for model in models] or [FileName(_NO_CAPTURE)]
    titles = [c.title for c in pedal_of([Path(file) for file in files], said).wanted.captures]
    captures = zip(files, titles, strict=True)
    named = (CaptureSaid(f, None if Path(f).stem == title else title) for f, title in captures)
    return replace(said, captures=tuple(named))
