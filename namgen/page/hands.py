"""What hands can do to a pedal in a page: every control that is read, and what is told of it.

A control is known by its kind and label, as the drawing of the board has it
(`namgen/page/faceplate.py`); numbers and bits are those of `namgen/controls/plan.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from namgen.chain.blocks import PARAMETERS
from namgen.controls import ControlsPlan
from namgen.controls.switches import NOTHING, Stand, ToggleRead, pin_of
from namgen.pedal.sound import SoundPlan
from namgen.pedal_boards.controls import Curve, Encoder, Led
from namgen.pedal_boards.wires import words

PREFERRED = ("ir-on", "gate-on", "capture-1")
"""Where a toggle stands at first, and in the bank of the first capture."""


@dataclass(frozen=True, slots=True)
class Range:
    """What a knob of the chain goes through, in decibels, and where it begins."""

    low: int
    high: int
    position: float  # 0 to 1

    @property
    def decibels(self) -> float:
        """Where it begins."""
        return self.low + self.position * (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Turned:
    """A knob or an expression pedal whose voltage is read."""

    control: str
    label: str
    sets: str
    number: int
    curve: Curve
    flipped: bool
    range: Range


@dataclass(frozen=True, slots=True)
class Pressed:
    """A switch that is pressed."""

    control: str
    label: str
    does: str
    bit: int


@dataclass(frozen=True, slots=True)
class Way:
    """A position of a toggle."""

    label: str
    does: str
    closed: int  # its contacts that are closed then, as bits


@dataclass(frozen=True, slots=True)
class Thrown:
    """A switch that stays where it is put."""

    control: str
    label: str
    ways: tuple[Way, ...]
    position: int  # that it begins in


@dataclass(frozen=True, slots=True)
class Wheel:
    """An encoder: the bits of its contacts; -1: it is not read."""

    control: str
    label: str
    a: int
    b: int
    press: int
    does: str


@dataclass(frozen=True, slots=True)
class Light:
    """An LED: its lamps by their bits, one, or red, green and blue."""

    control: str
    label: str
    shows: str
    lamps: tuple[int, ...]


Control: TypeAlias = "Turned | Pressed | Thrown | Wheel | Light"


@dataclass(frozen=True, slots=True)
class Offered:
    """What no control of the board does, and a form therefore offers."""

    bypass: bool
    cabinet: bool
    gate: bool
    parameters: tuple[tuple[str, int, Range], ...]  # name, number in C


@dataclass(frozen=True, slots=True)
class Hands:
    """All that can be done."""

    turned: tuple[Turned, ...]
    pressed: tuple[Pressed, ...]
    thrown: tuple[Thrown, ...]
    wheels: tuple[Wheel, ...]
    lights: tuple[Light, ...]
    offered: Offered
    has_relay: bool

    @property
    def known(self) -> frozenset[tuple[str, str]]:
        """Kinds and labels of all controls that do or show something."""
        every: tuple[Control, ...] = (*self.turned, *self.pressed, *self.thrown)
        every = (*every, *self.wheels, *self.lights)
        return frozenset((one.control, one.label) for one in every)


def hands_of(sound: SoundPlan, controls: ControlsPlan | None) -> Hands:
    """Return what hands can do; `controls` is None where the board has none."""
    if controls is None:
        return Hands((), (), (), (), (), _offered(sound, None), has_relay=False)
    return Hands(
        tuple(_turned(sound, controls)),
        tuple(_pressed(controls)),
        tuple(_thrown(controls)),
        tuple(_wheels(controls)),
        tuple(_lights(controls)),
        _offered(sound, controls),
        has_relay=controls.relay is not None,
    )


def range_of(sound: SoundPlan, name: str) -> Range:
    """Return what a parameter of the chain goes through, as `PARAMETERS` names it."""
    parameter = PARAMETERS[name]
    return Range(parameter.lowest_db, parameter.highest_db, sound.position(name))


def _turned(sound: SoundPlan, controls: ControlsPlan) -> Iterator[Turned]:
    board, pins = controls.board, [knob.pin for knob in controls.knobs]
    kinds = (("knob", board.knobs), ("expression", board.expressions))
    for kind, knobs in kinds:
        for knob in knobs:
            pin = pin_of(board.carried, knob.pin)
            if pin in pins:
                read = (pins.index(pin), knob.curve, knob.is_flipped)
                yield Turned(kind, knob.label, knob.sets, *read, range_of(sound, knob.sets))


def _pressed(controls: ControlsPlan) -> Iterator[Pressed]:
    for switch in controls.board.footswitches:
        bit = _bit(controls, switch.pin)
        if bit >= 0:
            yield Pressed("footswitch", switch.label, words(switch.does), bit)


def _bit(controls: ControlsPlan, name: str | None) -> int:
    """Return the number of a pin's bit; -1: it is not read."""
    pins = [switch.pin for switch in controls.switches.pins]
    pin = None if name is None else pin_of(controls.board.carried, name)
    return pins.index(pin) if pin in pins else -1


def _thrown(controls: ControlsPlan) -> Iterator[Thrown]:
    preferred = (*PREFERRED, f"bank-{controls.choice.banks[controls.choice.places[0].bank]}")
    for toggle in controls.switches.toggles:
        ways = tuple(Way(s.label, words(s.does), s.closed) for s in toggle.stands)
        yield Thrown("toggle", toggle.label, ways, _first(toggle, preferred))


def _first(toggle: ToggleRead, preferred: Sequence[str]) -> int:
    found = (n for n, stand in enumerate(toggle.stands) if stand.does in preferred)
    return next(found, 0)


def _wheels(controls: ControlsPlan) -> Iterator[Wheel]:
    for encoder in controls.board.encoders:
        wheel = _wheel(encoder, controls)
        if (wheel.a, wheel.press) != (-1, -1):
            yield wheel


def _wheel(encoder: Encoder, controls: ControlsPlan) -> Wheel:
    a, b, press = (_bit(controls, pin) for pin in (encoder.a, encoder.b, encoder.press))
    return Wheel("encoder", encoder.label, a, b, press, words(encoder.does))


def _lights(controls: ControlsPlan) -> Iterator[Light]:
    numbers = {lamp.pin: number for number, lamp in enumerate(controls.lights.lamps)}
    for led in controls.board.leds:
        pins = [pin_of(controls.board.carried, pin) for pin in (led.rgb or _only(led))]
        lamps = tuple(numbers[pin] for pin in pins if pin in numbers)
        if lamps:
            which = f" {led.capture}" if led.capture else ""
            yield Light("led", led.label, f"{words(led.shows)}{which}", lamps)


def _only(led: Led) -> tuple[str, ...]:
    return () if led.pin is None else (led.pin,)


def _offered(sound: SoundPlan, controls: ControlsPlan | None) -> Offered:
    chain, does = sound.chain, frozenset(_does(controls))
    set_by_knobs = {knob.parameter for knob in controls.knobs} if controls else set()
    return Offered(
        bypass="bypass" not in does,
        cabinet=chain.switches_cabinet and not does & {"ir-on", "ir-off"},
        gate="gate" in chain.names and not does & {"gate-on", "gate-off"},
        parameters=tuple(
            (parameter.name, number, range_of(sound, parameter.name))
            for number, parameter in enumerate(chain.parameters)
            if parameter.name not in set_by_knobs
        ),
    )


def _does(controls: ControlsPlan | None) -> Iterator[str]:
    if controls is None:
        return
    yield from (press.does for press in controls.switches.presses)
    stands: Iterator[Stand] = (s for t in controls.switches.toggles for s in t.stands)
    yield from (stand.does for stand in stands if stand.does != NOTHING)
