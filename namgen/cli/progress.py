"""Shows how far a command is: on a terminal one line with a bar, its share and the time left."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from namgen.cli.terminal import console, is_terminal, printable, session
from namgen.progress import Progress, Stage, silent
from namgen.scratch import undone

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import Task

_SHOWN_AFTER_SECONDS = 0.5
_TOLD_AFTER_SECONDS = 1.0  # before, the time left is a guess of nothing


@contextmanager
def progress_lines() -> Iterator[Progress]:
    """Give what tells the stages: a line on a terminal that changes, else a line for each."""
    if session().quiet:
        yield silent
    elif session().verbose or not is_terminal(sys.stderr):
        yield _plain()
    else:
        with undone(_show_cursor), _bar() as bar:
            task = bar.add_task("starting", total=1.0, began=time.monotonic())

            def tell(line: str) -> None:
                share = line.share if isinstance(line, Stage) else None
                bar.update(task, description=printable(line), completed=share)

            yield tell


def _plain() -> Progress:
    """Print every line once, also where its share changes."""
    said: list[str] = []

    def tell(line: str) -> None:
        if said[-1:] != [line]:
            said[:] = [line]
            click.echo(printable(line), err=True)

    return tell


def _bar() -> Bar:
    from rich.progress import BarColumn, ProgressColumn, TextColumn
    from rich.progress import Progress as Bar
    from rich.table import Column
    from rich.text import Text

    class TimeLeft(ProgressColumn):
        """How long it will go on, as long as it went at the same pace."""

        def render(self, task: Task) -> Text:
            return Text(time_left(task.completed, time.monotonic() - task.fields["began"]))

    return Bar(
        TextColumn(
            "{task.description}",
            markup=False,
            table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1),
        ),
        BarColumn(bar_width=16),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeLeft(Column(no_wrap=True, min_width=12)),
        console=console(sys.stderr),
        redirect_stdout=is_terminal(sys.stdout),  # there results go above the line
        transient=True,
        expand=True,
    )


def time_left(share: float, seconds: float) -> str:
    """Spell the time that is left after `seconds` with a share of 0 to 1 done."""
    if share <= 0 or seconds < _TOLD_AFTER_SECONDS:
        return ""
    left = round(seconds * (1 - share) / share)
    minutes, rest = divmod(left, 60)
    return f"{minutes} min left" if minutes >= 10 else f"{minutes}:{rest:02} left"


def _show_cursor() -> None:
    """Clear the line and give the cursor back, past the buffers: a signal may have come."""
    try:
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, b"\r\x1b[K\x1b[?25h")
    except OSError:
        return
