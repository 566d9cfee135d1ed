"""`namgen doctor`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace

import click

from namgen.cli.command import command, json_option
from namgen.cli.progress import progress_lines
from namgen.cli.terminal import Facts, Item, Line, print_json, show
from namgen.cli.wait_option import wait_option
from namgen.doctor.building import building
from namgen.doctor.emulating import emulating
from namgen.doctor.finding import Finding, Part, build_works
from namgen.doctor.flashing import flashing
from namgen.doctor.machine import Machine
from namgen.progress import Stage

_PARTS: dict[Part, str] = {
    "build": "build: a capture becomes an image",
    "emulate": "verify, profile: the image runs on an emulated pedal",
    "flash": "flash: the image gets onto a board",
    "board": "boards that wait for an image",
}
_LOOKS: tuple[Callable[[Machine], Iterator[Finding]], ...] = (building, emulating, flashing)
_SUBJECTS = ("compilers", "the emulator", "USB")
_BROKEN = 1


@command("doctor")
@wait_option
@json_option
def doctor_command(*, wait_seconds: float | None, as_json: bool) -> None:
    """Look at this computer: what is there, what works without the rest, what adds it.

    \b
    Examples:
        namgen doctor
        namgen doctor --wait                      looks for a board, while you press its buttons
        namgen doctor --json                      for a bug report, or a program

    It compiles one function with each compiler, runs a few instructions on the emulated processor,
    and asks boards on USB what they are; it changes nothing. Exit code 0: `namgen build` works; 1:
    something that it needs is missing or broken. What is optional changes no exit code.
    """  # noqa: D301
    found = _found(replace(machine(), wait_seconds=wait_seconds or 0.0))
    works = build_works(found)
    if as_json:
        print_json({"build_works": works, "findings": [asdict(finding) for finding in found]})
    else:
        show(_lines(found))
    if not works:
        click.get_current_context().exit(_BROKEN)


def machine() -> Machine:
    """Return what is looked at."""
    return Machine()


def _found(looked_at: Machine) -> list[Finding]:
    found: list[Finding] = []
    with progress_lines() as progress:
        for number, look in enumerate(_LOOKS):
            progress(Stage(f"looking at {_SUBJECTS[number]}", number / len(_LOOKS)))
            found += look(looked_at)
    return found


def _lines(found: list[Finding]) -> Iterator[Item]:
    for part, title in _PARTS.items():
        of_part = [finding for finding in found if finding.part == part]
        if part != "build":
            yield ""
        yield Line(title, "bold")
        yield Facts([(finding.name, _told(finding)) for finding in of_part])
    yield ""
    yield _verdict(found)
    for finding in found:
        if finding.add and finding.state in ("missing", "broken"):
            yield f"  {finding.add}    {finding.name}"


def _told(finding: Finding) -> str:
    """Say what was found, and what works without it."""
    mark = "" if finding.state in ("ok", "note") else f"{finding.state.upper()}: "
    without = f"; without it works: {finding.without}" if finding.without and mark else ""
    return f"{mark}{finding.found}{without}"


def _verdict(found: list[Finding]) -> Line:
    stopped = [finding.name for finding in found if finding.stops_builds]
    if stopped:
        return Line(f"build does NOT work: {', '.join(stopped)}; what mends it:", "bold red")
    missing = any(f.add and f.state in ("missing", "broken") for f in found)
    return Line("build works" + ("; what adds the rest:" if missing else ""), "green")
