"""The controls for tests: plans of every board, engines compiled once, and a player's hands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from chain_setups import plan_of
from generated_c import StrictCross, strict

from host_sim.control_engines import ControlsEngine, EmulatedControls, HostControls
from namgen.controls import ControlsPlan, plan_controls
from namgen.controls.twin import ControlsTwin, PanelInputs, PanelOutputs
from namgen.pedal_boards import PedalBoard, load_pedal_board, pedal_board_names, read_pedal_board
from namgen.pedal_boards.controls import DigitalPin, Led
from namgen.toolchain import find_cross, find_host

BOARDS = tuple(name for name in pedal_board_names() if name != "seed")
"""All that have controls."""

CAPTURES = 5


@cache
def plan_of_board(name: str, captures: int = CAPTURES, block_frames: int = 48) -> ControlsPlan:
    """The controls of a board around a chain with all blocks."""
    chain = plan_of(block_frames, 64)
    return plan_controls(load_pedal_board(name), chain, banks=[None] * captures)


@cache
def whole_board() -> PedalBoard:
    """A board that has some of everything."""
    bare, others = load_pedal_board("125b"), load_pedal_board("funbox")
    first, *knobs = bare.knobs
    flipped = replace(first, curve="log", is_flipped=True)
    coloured = Led("3", rgb=(DigitalPin("D8"), DigitalPin("D24"), DigitalPin("D25")), active="low")
    return replace(
        bare,
        name="whole",
        knobs=(flipped, *knobs),
        toggles=others.toggles[:2],
        leds=(*bare.leds, replace(coloured, shows="capture")),
    )


def board_of(folder: Path, text: str) -> PedalBoard:
    """A board of somebody's own, after its first lines."""
    path = folder / "mine.toml"
    head = 'title = "Mine"\nmodule = "daisy-seed"\n'
    path.write_text(head + text, encoding="utf-8")
    return read_pedal_board(path)


@cache
def host(plan: ControlsPlan) -> HostControls:
    """The controls on this machine, one for all tests."""
    return HostControls(plan, compiler=strict(find_host()))


@cache
def emulated(plan: ControlsPlan) -> EmulatedControls:
    """The controls on the emulated Cortex-M7."""
    return EmulatedControls(plan, toolchain=StrictCross(find_cross()))  # type: ignore[arg-type]


@dataclass(slots=True)
class Hands:
    """What a player does to one panel; `engine` and its twin see the same and must do the same."""

    engine: ControlsEngine
    capture: int = 0
    closed: int = 0
    codes: list[int] = field(default_factory=list)
    twin: ControlsTwin = field(init=False)

    def __post_init__(self) -> None:
        self.codes = self.codes or [32_768] * len(self.engine.plan.knobs)
        self.engine.reset(self.capture)
        self.twin = ControlsTwin(self.engine.plan, self.capture)

    def tick(self, *, late: bool = False, bounce: int = 0) -> PanelOutputs:
        """Do one tick; `bounce` are switches whose contacts are otherwise in it."""
        inputs = PanelInputs(self.closed ^ bounce, tuple(self.codes), late)
        found = self.engine.tick(inputs)
        assert self.twin.tick(inputs) == found
        return found

    def wait(self, ticks: int) -> list[PanelOutputs]:
        """Do nothing for some ticks."""
        return [self.tick() for _ in range(ticks)]

    def press(self, switches: int, ticks: int = 20) -> list[PanelOutputs]:
        """Close switches for some ticks, and let them go for as many."""
        self.closed |= switches
        found = self.wait(ticks)
        self.closed &= ~switches
        return found + self.wait(ticks)


def told(outputs: Sequence[PanelOutputs], function: str) -> list[tuple[str | float, ...]]:
    """What the sound was told by one function."""
    return [event[1:] for out in outputs for event in out.events if event[0] == function]


def bit_of(plan: ControlsPlan, title: str) -> int:
    """The bit of a switch."""
    titles = [switch.title for switch in plan.switches.pins]
    return 1 << titles.index(title)


def lamp_of(plan: ControlsPlan, title: str) -> int:
    """The bit of a lamp."""
    titles = [lamp.title for lamp in plan.lights.lamps]
    return 1 << titles.index(title)
