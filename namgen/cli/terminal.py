"""What is printed, and where: results on stdout, everything else on stderr, colour on terminals.

Piped output is plain text that does not depend on the width, the environment or the day.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Literal, TextIO, TypeAlias

import click

from namgen.errors import OutputError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

_UNSAFE = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)
"""What a terminal would obey or cannot show: control characters, directions, halves of pairs."""

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line with a meaning that a terminal shows by its colour."""

    text: str
    style: str  # as rich spells it: "green", "bold red"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; the first column is set to the left, the others to the right."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]

    def lines(self) -> Iterator[str]:
        """Spell it as plain text, as wide as it is."""
        table = [self.headings, *self.rows] if any(self.headings) else list(self.rows)
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for first, *others in table:
            cells = [first.ljust(widths[0])]
            cells += [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
            yield "  ".join(cells).rstrip()


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels with what they stand for, one below the other."""

    rows: Sequence[tuple[str, str]]
    indent: int = 2
    label_width: int = 0  # at least

    def lines(self) -> Iterator[str]:
        """Spell them as plain text, as wide as they are."""
        width = max([self.label_width, *(len(label) for label, _ in self.rows)])
        for label, value in self.rows:
            yield f"{'':{self.indent}}{label:<{width}}  {value}"


Item: TypeAlias = str | Line | Table | Facts
"""What a command shows."""


def printable(text: str) -> str:
    """Spell control characters, which a name may have, as Python does, with a backslash."""
    return _UNSAFE.sub(lambda found: _escape(found.group()), text)


def _escape(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that is not UTF-8
        code -= 0xDC00
    return _NAMED.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def is_terminal(stream: IO[Any] | None) -> bool:
    """Whether somebody looks at it on a screen that knows more than letters."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def show(items: Iterable[Item]) -> None:
    """Print a result on stdout.

    Raises:
        OutputError: standard output takes no more.

    """
    with _standard_output():
        below_is_a_bar = hasattr(sys.stdout, "rich_proxied_file")  # which takes plain text only
        if is_terminal(sys.stdout) and not below_is_a_bar:
            _show_on_screen(items)
            return
        for item in items:
            for line in _plain(item):
                text = printable(line)
                if below_is_a_bar:
                    sys.stdout.write(f"{text}\n")
                else:
                    click.echo(text)


class _PatientFile(io.FileIO):
    """A pipe that somebody may stop to read: what comes then is dropped."""

    def write(self, data: Any) -> int:
        """Write, or do as if."""
        try:
            return super().write(data)
        except BrokenPipeError:
            return memoryview(data).nbytes


def patient(stream: TextIO) -> TextIO:
    """Let a command end as it would whether its output is read to the end or not.

    As with `| head`: files are written, and the exit code is that of the work.
    """
    if not isinstance(stream, io.TextIOWrapper) or stream.isatty():
        return stream
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_PatientFile(stream.fileno(), "wb", closefd=False)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
    )


@contextmanager
def _standard_output() -> Iterator[None]:
    """Say that it was standard output that could not be written; a reader may leave early."""
    if sys.stdout is None:
        raise OutputError("standard output: it is closed")
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise
        drop_output()
        raise OutputError(f"standard output: {error.strerror or error}") from error


def drop_output() -> None:
    """Forget what standard output cannot take, or Python would try and complain again at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def note(text: str, *, style: str = "yellow") -> None:
    """Print a line on stderr that a result does not need, unless asked to be quiet."""
    if session().quiet:
        return
    if is_terminal(sys.stderr):
        console(sys.stderr).print(printable(text), style=style)
    else:
        click.echo(printable(text), err=True)


def problem(lines: Iterable[str]) -> None:
    """Print what went wrong on stderr."""
    first, *others = [printable(line) for line in lines] or ["unknown"]
    click.secho("Error: ", fg="red", bold=True, nl=False, err=True, color=_coloured())
    for line in (first, *others):
        click.echo(line, err=True)


def print_json(value: Any) -> None:
    """Print plain values as JSON on stdout."""
    with _standard_output():
        click.echo(json_text(value))


def json_text(value: Any) -> str:
    """Spell plain values as JSON, in characters that any terminal and program takes."""
    lines = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False).split("\n")
    return "\n".join(_UNSAFE.sub(lambda c: f"\\u{ord(c.group()):04x}", s) for s in lines)


def console(stream: IO[str]) -> Console:
    """Return what sets text on a terminal; it knows its width and NO_COLOR."""
    from rich.console import Console

    return Console(file=stream, highlight=False, markup=False, emoji=False)


@dataclass(frozen=True, slots=True)
class Session:
    """How the user wants to be told of things."""

    quiet: bool = False
    verbose: bool = False
    as_json: bool = False


def session() -> Session:
    """Return how the command that runs was asked to tell of things."""
    context = click.get_current_context(silent=True)
    meta = {} if context is None else context.meta
    return Session(*(bool(meta.get(f"namgen.{name}")) for name in ("quiet", "verbose", "json")))


def _coloured() -> bool:
    return is_terminal(sys.stderr) and not os.environ.get("NO_COLOR")


def _plain(item: Item) -> Iterator[str]:
    match item:
        case str():
            yield item
        case Line():
            yield item.text
        case Table() | Facts():
            yield from item.lines()


def _show_on_screen(items: Iterable[Item]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    screen = console(sys.stdout)
    for item in items:
        match item:
            case "":
                screen.print()
            case str():
                text = item.lstrip(" ")
                screen.print(Padding(_text(text), (0, 0, 0, len(item) - len(text)), expand=False))
            case Line():
                screen.print(Text(printable(item.text), style=item.style))
            case Table():
                screen.print(_grid(item))
            case Facts():
                screen.print(_facts(item))


def _text(text: str) -> Text:
    """Text with the words that decide in colour."""
    from rich.text import Text

    shown = Text(printable(text))
    shown.highlight_regex(r"^fits\b|^bit-exact\b", "green")
    shown.highlight_regex(r"^no:|NOT bit-exact|first difference", "bold red")
    shown.highlight_regex(r"^[\w /,-]{1,20}:(?= )", "cyan")
    return shown


def _facts(facts: Facts) -> Grid:
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in facts.rows:
        spelled = f"{'':{facts.indent}}{printable(label):<{facts.label_width}}"
        grid.add_row(Text(spelled, style="cyan"), _text(value))
    return grid


def _grid(table: Table) -> Grid:
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=any(table.headings))
    for index, heading in enumerate(table.headings):
        side: Literal["left", "right"] = "right" if index else "left"
        grid.add_column(
            Text(heading), header_style="bold", justify=side, overflow="fold", no_wrap=index > 0
        )
    for row in table.rows:
        grid.add_row(*(Text(printable(cell)) for cell in row))
    return grid
