"""The command group: help, version, and one place where errors become messages."""

from __future__ import annotations

import errno
import os
import sys
from typing import Any

import click

from namgen.cli.build import build_command
from namgen.cli.inspect import inspect_command
from namgen.cli.profile import profile_command
from namgen.cli.render import render_command
from namgen.cli.targets import targets_command
from namgen.cli.tune import tune_command
from namgen.cli.verify import verify_command
from namgen.errors import NamgenError
from namgen.version import VERSION

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


class Failure(click.ClickException):
    """A problem with the input, a budget, a tool or a place: exit code 1."""

    exit_code = 1

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))


class Group(click.Group):
    """A group whose commands end with messages, never with tracebacks, for the user's problems."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and translate what went wrong."""
        try:
            return super().invoke(ctx)
        except NamgenError as error:
            raise Failure(error.lines) from error
        except KeyboardInterrupt:
            click.echo("\nInterrupted.", err=True)
            ctx.exit(INTERRUPTED)
        except MemoryError as error:
            raise Failure(("there is not enough memory for this model",)) from error
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # click ends quietly when the reader of a pipe has gone
            _drop_output()
            raise Failure((_told(error),)) from error


def _drop_output() -> None:
    """Forget what standard output cannot take, or Python would try and complain again at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _told(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{os.fsdecode(error.filename)}: {reason}" if error.filename else reason


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(VERSION, "--version", prog_name="namgen")
def main() -> None:
    """Turn a Neural Amp Modeler capture into a Daisy Seed pedal.

    \b
    What is in a file, and which targets it suits:
        namgen inspect tweed.nam
    \b
    A firmware image in build/tweed/firmware.bin:
        namgen build tweed.nam --target daisy
    \b
    Proof that the pedal computes what the capture says, bit for bit:
        namgen verify tweed.nam
    \b
    What it costs, predicted without a pedal:
        namgen profile tweed.nam
    \b
    How it sounds:
        namgen render tweed.nam guitar.wav out.wav

    Exit codes: 0 done; 1 a problem with a file, a budget or a tool; 2 wrong usage.
    """  # noqa: D301


for _command in (
    inspect_command,
    build_command,
    profile_command,
    verify_command,
    render_command,
    targets_command,
    tune_command,
):
    main.add_command(_command)
