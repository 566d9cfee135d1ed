"""The command group: help, version, and one place where errors become messages and exit codes."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from namgen.cli.command import OWN_PROCESS, WrongUsageError
from namgen.cli.terminal import patient, print_json, problem
from namgen.errors import NamgenError, OutputError, nearest
from namgen.version import NAM_CORE, VERSION

COMMANDS = {
    "inspect": "Show what MODEL, a .nam file, holds, what it costs, and which targets it suits.",
    "build": "Make the firmware of a pedal that plays MODELs, .nam files, or C alone of one.",
    "flash": "Put the image of a build onto a board over USB, and read it back.",
    "doctor": "Look at this computer: what is there, what works without the rest, what adds it.",
    "profile": "Predict what the firmware of MODEL, a .nam file, costs on the pedal's processor.",
    "verify": "Compare C and firmware with the NumPy reference, bit for bit.",
    "render": "Play the audio file IN through MODEL into OUT.",
    "page": "Show, play and flash a pedal of MODELs, .nam files, on one page.",
    "new-pedal": "Write a file that describes a pedal of MODELs, with every key there is.",
    "check": "Check all captures of a folder: what is refused, what fits, how each sounds.",
    "join": "Join MODELs into one .nam file, in the order of the signal.",
    "targets": "List the boards, processors and packages namgen can build for.",
    "board": "List the boards a pedal is built on, or show one and its pins.",
    "selftest": "Make an image that measures the pedal it runs on, and read what it tells.",
    "tune": "Search the fastest kernels for MODEL, a .nam file, on the emulated pedal.",
}
"""Every command and its line in the help. `name` is `namgen.cli.name.name_command`, made with
`@command("name")`; it is imported when it is used."""


class Late(click.Command):
    """A command that is imported when somebody runs it, or asks how."""

    def load(self) -> click.Command:
        """Import it."""
        module = str(self.name).replace("-", "_")
        found = getattr(import_module(f"namgen.cli.{module}"), f"{module}_command")
        assert isinstance(found, click.Command)
        return found

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """From here on the command itself does everything."""
        return self.load().make_context(info_name, args, parent, **extra)


class Group(click.Group):
    """A group whose commands end with messages, never with tracebacks, for the user's problems."""

    def main(self, args: Sequence[str] | None = None, **settings: Any) -> Any:  # type: ignore[override]
        """Run a command line to its exit code: 0, 1 for a problem, 2 for wrong usage."""
        given = list(sys.argv[1:] if args is None else args)
        if not settings.pop("standalone_mode", True):
            return super().main(given, standalone_mode=False, **settings)
        try:
            code = super().main(given, standalone_mode=False, **settings)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except Exception as error:
            _end(error, as_json="--json" in given)
        sys.exit(code if isinstance(code, int) else 0)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command by its name, in upper or lower case."""
        return super().get_command(ctx, cmd_name.lower())

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which was probably meant."""
        name = args[0]
        if self.get_command(ctx, name) is None and not ctx.resilient_parsing:
            if name.startswith("-"):
                self.parse_args(ctx, args)
            raise click.UsageError(f"No such command {name!r}{nearest(name, self.commands)}", ctx)
        return super().resolve_command(ctx, args)


def _end(error: Exception, *, as_json: bool) -> NoReturn:
    """Tell what went wrong and exit; a bug of namgen goes on as it is."""
    kind, lines, code = _told(error)
    with contextlib.suppress(OSError, OutputError):  # it may be stdout that is full
        if as_json:
            print_json({"error": {"kind": kind, "lines": list(lines)}})
    if isinstance(error, click.UsageError) and error.ctx is not None:
        click.echo(error.ctx.get_usage(), err=True)
        click.echo(f"Try '{error.ctx.command_path} -h' for help.\n", err=True)
    problem(lines)
    sys.exit(code)


def _told(error: Exception) -> tuple[str, tuple[str, ...], int]:
    """Kind, lines and exit code of a problem of the user's."""
    match error:
        case NamgenError():
            return error.category, error.lines, 1
        case WrongUsageError():
            return "usage", error.lines, error.exit_code
        case click.ClickException():
            return "usage", (error.format_message(),), error.exit_code
        case click.Abort():
            return "signal", ("interrupted",), 130
        case MemoryError():
            return "memory", ("there is not enough memory for this model",), 1
        case OSError():
            return "system", (_reason(error),), 1
    raise error


def _reason(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{os.fsdecode(error.filename)}: {reason}" if error.filename else reason


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(
    VERSION,
    "--version",
    prog_name="namgen",
    message=f"%(prog)s, version %(version)s (.nam as of {NAM_CORE})",
)
def main() -> None:
    """Turn a Neural Amp Modeler capture into a Daisy Seed pedal.

    \b
    What is in a file, and which targets it suits:
        namgen inspect tweed.nam
    \b
    A pedal's firmware, build/tweed/firmware.bin:
        namgen build tweed.nam --board terrarium
    \b
    Onto the board, over USB:
        namgen flash build/tweed --wait
    \b
    Is all there that it takes?
        namgen doctor
    \b
    Proof that the pedal computes what the capture says, bit for bit:
        namgen verify tweed.nam
    \b
    What it costs, predicted without a pedal:
        namgen profile tweed.nam
    \b
    How it sounds:
        namgen render tweed.nam guitar.wav out.wav

    Every command takes --json, -q and -v.
    Exit codes: 0 done; 1 a problem with a file, a budget or a tool; 2 wrong usage; 130, 143 and 129
    after Ctrl-C, SIGTERM and SIGHUP.
    """  # noqa: D301


def own_process() -> None:
    """Say that this process is namgen's, from its start to its end."""
    sys.stdout, sys.stderr = map(patient, (sys.stdout, sys.stderr))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    main.context_settings["obj"] = OWN_PROCESS


for _name, _summary in COMMANDS.items():
    main.add_command(Late(_name, short_help=_summary))
