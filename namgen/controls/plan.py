"""Decides what is between a board's panel and the sound: which pin does what, when, how."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from namgen.chain.plan import ChainPlan
from namgen.controls.banks import Choice, banks_of, plan_choice
from namgen.controls.lights import Lights, plan_lights
from namgen.controls.switches import Switches, pin_of, plan_switches
from namgen.controls.ticks import Ticks, ticks_of
from namgen.errors import UnsupportedError
from namgen.modules import Module, ModulePin
from namgen.pedal_boards import PedalBoard
from namgen.pedal_boards.controls import Bypass, Curve, Knob, Level

MOST_KNOBS = 16
MOST_SWITCHES = 32
MOST_LAMPS = 32
"""Of `firmware/controls/panel_io.h`."""
MOST_CAPTURES = 250
"""Of `firmware/controls/choice.h`."""

Actions: TypeAlias = frozenset[str]
"""What presses and positions can do here, by the words of a board's file."""


@dataclass(frozen=True, slots=True)
class ReadKnob:
    """A knob whose voltage is measured, and the parameter of the chain that it sets."""

    pin: ModulePin
    label: str
    curve: Curve
    is_flipped: bool
    parameter: str


@dataclass(frozen=True, slots=True)
class Driven:
    """A pin that is driven."""

    pin: ModulePin
    active: Level


@dataclass(frozen=True, slots=True)
class RelayPlan:
    """A relay between guitar and effect, and the mute around it."""

    relay: Driven  # active: the effect is heard
    mute: Driven | None
    relay_ticks: int  # since the press
    unmute_ticks: int


@dataclass(frozen=True, slots=True)
class ControlsPlan:
    """All that the controls of one pedal are, decided."""

    board: PedalBoard
    ticks: Ticks
    knobs: tuple[ReadKnob, ...]
    switches: Switches
    choice: Choice
    lights: Lights
    relay: RelayPlan | None
    parameters: tuple[str, ...]  # of the chain, in its order
    has_bypass: bool  # the chain has it

    @property
    def captures(self) -> int:
        """Number of captures."""
        return len(self.choice.places)

    @property
    def has_several_captures(self) -> bool:
        """Whether there is one to choose."""
        return self.captures > 1

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read and nothing to show."""
        return not (self.knobs or self.switches.pins or self.lights.lamps or self.relay)

    @property
    def sources(self) -> tuple[str, ...]:
        """C files to link, as patterns of `firmware_sources`; none where it is empty."""
        if self.is_empty:
            return ()
        parts = {
            "potentiometer": self.knobs,
            "debounce": self.switches.pins,
            "presses": self.switches.presses or self.switches.combination,
            "toggle": self.switches.toggles,
            "encoder": self.switches.encoders,
            "choice": self.has_several_captures,
            "relay": self.relay,
            "lights": self.lights.lamps,
        }
        used = tuple(f"controls/{name}.c" for name, part in parts.items() if part)
        return (*used, "panel/*.c", "pedal/control.c")


def plan_controls(
    board: PedalBoard, chain: ChainPlan, *, banks: Sequence[int | None] = (None,)
) -> ControlsPlan:
    """Plan the controls of a board around a chain.

    `banks` has, for each capture, the bank that it asks for. What sets nothing that is built in is
    not read.

    Raises:
        UnsupportedError: a capture asks for a bank that the board does not have, or there are more
            controls than can be served.

    """
    module, captures = board.carried, len(banks)
    parameters = tuple(parameter.name for parameter in chain.parameters)
    choice = plan_choice(banks, banks_of(board))
    ticks = ticks_of(chain.block_frames, chain.sample_rate_hz)
    plan = ControlsPlan(
        board,
        ticks,
        tuple(_knobs(board, parameters)),
        plan_switches(board, _actions(chain, captures)),
        choice,
        plan_lights(board.leds, module, captures),
        _relay(board.bypass, module, ticks),
        parameters,
        "bypass" in chain.names,
    )
    _check(plan)
    return plan


def _check(plan: ControlsPlan) -> None:
    for what, found, most in (
        ("knobs", plan.knobs, MOST_KNOBS),
        ("pins of switches", plan.switches.pins, MOST_SWITCHES),
        ("pins of LEDs", plan.lights.lamps, MOST_LAMPS),
    ):
        if len(found) > most:
            said = f"expected at most {most} {what} that do something, found {len(found)}"
            raise UnsupportedError(f"board {plan.board.name}: {said}")
    if plan.captures > MOST_CAPTURES:
        raise UnsupportedError(f"captures: expected at most {MOST_CAPTURES}, found {plan.captures}")


def _actions(chain: ChainPlan, captures: int) -> Actions:
    """Name what can be done to what is built in."""
    found: set[str] = set()
    if "bypass" in chain.names:
        found |= {"bypass"}
    if "cabinet" in chain.names:
        found |= {"ir-on", "ir-off"}
    if "gate" in chain.names:
        found |= {"gate-on", "gate-off"}
    if captures > 1:
        found |= {"next-capture", "previous-capture", "capture"}
        found |= {f"bank-{number}" for number in range(1, 5)}
        found |= {f"capture-{number}" for number in range(1, captures + 1)}
    return frozenset(found)


def _knobs(board: PedalBoard, parameters: Collection[str]) -> Iterator[ReadKnob]:
    for knob in (*board.knobs, *board.expressions):
        if knob.sets in parameters:
            yield _knob(knob, board.carried)


def _knob(knob: Knob, module: Module) -> ReadKnob:
    pin = pin_of(module, knob.pin)
    return ReadKnob(pin, knob.label, knob.curve, knob.is_flipped, knob.sets)


def _relay(bypass: Bypass, module: Module, ticks: Ticks) -> RelayPlan | None:
    if bypass.relay is None:
        return None
    mute = bypass.mute
    return RelayPlan(
        Driven(pin_of(module, bypass.relay.pin), bypass.relay.active),
        Driven(pin_of(module, mute.pin), mute.active) if mute else None,
        ticks.at_least(bypass.relay_ms),
        ticks.at_least(bypass.unmute_ms),
    )
