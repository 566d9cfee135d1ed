"""`--calibrate`: as hard as captured, or not; and the recording that integers are made for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from namgen.cli.maybe_value import MaybeValue
from namgen.selection.recording import a_recording, is_recording, read_recording
from namgen.selection.wanted import Wanted

if TYPE_CHECKING:
    from click.parser import _OptionParser as OptionParser

_YES, _NO = "yes", "no"


class RecordingFile(click.Path):
    """A recording of a guitar."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, readable=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse a name of another ending."""
        if isinstance(value, str) and not is_recording(value):
            self.fail(f"expected {a_recording(value)}", param, ctx)
        return super().convert(value, param, ctx)

    def examine(self, value: Path) -> object:
        """Read it.

        Raises:
            NamgenError: it is none.

        """
        return read_recording(value)


class _YesNoOrFile(RecordingFile):
    """Whether, or with which recording."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return True, False or a path."""
        if value in (_YES, _NO):
            return value == _YES
        return value if isinstance(value, bool) else super().convert(value, param, ctx)


class Calibrate(MaybeValue):
    """`--calibrate`, `--no-calibrate` and `--calibrate my.wav` in one.

    The word behind it is its value only where it ends as a recording does: what follows may be a
    capture. With = any word is a value.
    """

    usual = _YES

    def __init__(self, names: list[str], **settings: Any) -> None:
        super().__init__(names, type=_YesNoOrFile(), default=None, metavar="[MY.wav]", **settings)
        self.secondary_opts = [f"--no-{names[0].removeprefix('--')}"]

    def add_to_parser(self, parser: OptionParser, ctx: click.Context) -> None:
        """Let it take a value, and its opposite none."""
        super().add_to_parser(parser, ctx)
        parser.add_option(
            obj=self, opts=self.secondary_opts, dest=self.name, action="store_const", const=_NO
        )

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Show the value where it belongs."""
        record = super().get_help_record(ctx)
        return record and (f"{self.opts[0]} {self.metavar} / {self.secondary_opts[0]}", record[1])

    def is_value(self, word: str) -> bool:
        """Whether it ends as a recording does."""
        return is_recording(word)


recording_option = click.option(
    "--calibrate",
    type=RecordingFile(),
    metavar="MY.wav",
    help="A recording of your guitar, to make integers for (docs/fixed-point.md).",
)
"""Of a command that has nothing around the model."""


def with_recording(wanted: Wanted, path: Path | None) -> Wanted:
    """Add the recording, where there is one.

    Raises:
        FileError: it is none.

    """
    return wanted if path is None else replace(wanted, recording=read_recording(path))
