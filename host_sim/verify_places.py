"""Where the C for a target can be verified: on this machine, and where its machine code runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from host_sim.wasm import find_node, has_node
from namgen.errors import UnsupportedError
from namgen.packages.wasm import MODULE_FILE as WEB_FILE
from namgen.processors import ANY_PROCESSOR, DEFAULT_PROCESSOR
from namgen.toolchain import runs_here

if TYPE_CHECKING:
    from namgen.targets import Target


PLACES = ("host", "emulator", "node")
"""Where the C can be verified: here, as machine code, and as the module of a web page."""

ADD_EMULATOR = 'pip install "namgen[emulator]"'
"""Adds what the emulator needs to an installed namgen."""


def places_for(target: Target | None) -> tuple[str, ...]:
    """Where the C for a target can run: on a computer, and where its machine code can."""
    from host_sim.emulator.engine import EMULATED

    if target is not None and target.is_web:
        return ("host", "node")
    return ("host", "emulator") if processor_of(target) in EMULATED else ("host",)


def processor_of(target: Target | None) -> str:
    """Name the processor whose machine code is verified; without a target, a pedal's."""
    return DEFAULT_PROCESSOR if target is None else target.processor.name


def choose_places(
    asked: Sequence[str] | None, target: Target | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Choose where to run: the places asked for, or all that this machine has.

    Returns:
        The places, and a line about each that the target's C could run on beside them.

    Raises:
        NamgenError: as `check_places`.

    """
    offered = places_for(target)
    machine = next((place for place in offered if place != "host"), None)
    missing = _missing(machine) if asked is None else None
    places = tuple(asked) if asked is not None else ("host",) if missing else offered
    check_places(places, target)
    if machine in places:
        return places, ()
    if machine is not None:
        what = _machine_code(target)
        left_out = f"--on leaves {'the emulator' if machine == 'emulator' else machine} out"
        return places, (f"{what}: not run: {missing or left_out}",)
    return places, _never_run(target)


def _machine_code(target: Target | None) -> str:
    """Name what is run beside the C."""
    if target is None or target.makes_image:
        return "machine code and pedal"
    return WEB_FILE if target.is_web else "machine code"


def _missing(place: str | None) -> str | None:
    """Say what this computer lacks to run machine code at a place; None: nothing."""
    from host_sim.emulator.engine import has_emulator

    if place == "emulator" and not has_emulator():
        return f"the emulator is not installed; {ADD_EMULATOR} adds it"
    if place == "node" and not has_node():
        return "node is not on PATH (Debian: nodejs)"
    return None


def _never_run(target: Target | None) -> tuple[str, ...]:
    """Say that the C was compiled for this machine only, where the target is another."""
    if target is None:
        return ()
    processor = target.processor
    if processor.name == ANY_PROCESSOR:
        return ()
    if processor.machines and runs_here(processor):
        return ()
    found = "this machine is none" if processor.machines else "no emulator here knows it"
    return (f"machine code for {processor.title}: not run: {found}",)


def check_places(places: Sequence[str], target: Target | None = None) -> None:
    """Refuse at once what cannot be done.

    Raises:
        UnsupportedError: a place is unknown, or not one for the target's C.
        ToolError: the emulator is not installed.

    """
    offered = places_for(target)
    for place in places:
        if place not in offered:
            where = f" for target {target.name}" if target and place in PLACES else ""
            raise UnsupportedError(
                f"on: expected some of {', '.join(offered)}{where}, found {place!r}"
            )
    if "emulator" in places:
        from host_sim.emulator.engine import check_emulator

        check_emulator()
    if "node" in places:
        find_node()
