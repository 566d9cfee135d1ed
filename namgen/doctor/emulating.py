"""What `verify`, `profile` and the timing of `build` need: the emulator."""

from __future__ import annotations

from collections.abc import Iterator

from namgen.doctor.cortex_m7 import RIGHT
from namgen.doctor.finding import Finding, State
from namgen.doctor.machine import Machine
from namgen.errors import ToolError

_ADD = 'pip install "namgen[emulator]"'
_WITHOUT = {
    "unicorn": "build, which estimates the cost; verify on this computer; render",
    "capstone": "build, which estimates the cost; verify; render",
}


def emulating(machine: Machine) -> Iterator[Finding]:
    """Look at the packages, and let a processor compute something."""
    for name in _WITHOUT:
        yield _package(machine, name)
    if _state(machine, "unicorn")[0] == "ok":
        yield _run(machine)


def _package(machine: Machine, name: str) -> Finding:
    state, told = _state(machine, name)
    if state == "ok":
        return Finding("emulate", name, "ok", told)
    return Finding("emulate", name, state, told, _WITHOUT[name], _ADD)


def _state(machine: Machine, name: str) -> tuple[State, str]:
    try:
        version = machine.package(name)
    except ToolError as error:
        return "broken", f"cannot be imported: {error}"
    return ("missing", "not installed") if version is None else ("ok", version)


def _run(machine: Machine) -> Finding:
    without, add = _WITHOUT["unicorn"], "pip install --force-reinstall unicorn"
    try:
        found = machine.emulated()
    except ToolError as error:
        return Finding("emulate", "Cortex-M7", "broken", str(error), without, add)
    if found != RIGHT:
        told = f"computes {found:g}, expected {RIGHT:g}"
        return Finding("emulate", "Cortex-M7", "broken", told, without, add)
    return Finding("emulate", "Cortex-M7", "ok", "computes, in its float unit")
