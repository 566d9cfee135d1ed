"""The panel of an emulated pedal: hands that turn and press, eyes that see lights and relay."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Protocol, TypeAlias, TypeVar

from host_sim.stm32h750.adc import Adc
from host_sim.stm32h750.gpio import Pins
from host_sim.stm32h750.outside import ChipPin, Outside, PanelViolation, gaussian
from namgen.errors import NamgenError, one_of
from namgen.pedal_boards import PedalBoard
from namgen.pedal_boards.controls import Encoder, Knob, Level, Output, Pull, Toggle

Light: TypeAlias = bool | tuple[bool, ...]
"""Whether a light is lit, or its red, green and blue are."""

FIRST_POSITION = 0.5
"""Where every knob stands at power-on."""

DETENT_S = 0.02
_BOUNCE_S = 430e-6
_GAUSSIAN_REACH = 3.5
_STEPS_OF_DETENT = ((False, True), (True, True), (True, False), (False, False))
"""A and B of an encoder that is turned to the right: B closes first, as libDaisy counts up."""

_TAPER = 32.0
"""An audio taper: at half the way 15 % of the resistance."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What a panel shows at one moment."""

    lights: Mapping[str, Light]
    relay_on: bool
    muted: bool


class _Labelled(Protocol):
    @property
    def label(self) -> str: ...


_T = TypeVar("_T", bound=_Labelled)


class Panel:
    """A pedal board's controls, at the pins of the module it carries.

    `codes_at_interrupts` has, for each audio interrupt since reset, what lay in the converter's
    ring when it began, and `levels_at_interrupts` what its switches' pins showed: an audio
    interrupt sees both as they were then, however long it takes. `glances` has what the panel
    itself showed then: what the interrupt before had left.
    """

    def __init__(self, board: PedalBoard, pins: Pins, outside: Outside, adc: Adc) -> None:
        self.board = board
        self._pins = pins
        self._outside = outside
        self._adc = adc
        self._pin_of = {wired.wire.name: wired.pin for wired in board.wired()}
        self._contacts = {name: self._chip_pin(name) for name, _, _ in self._switches()}
        self._ports = sorted({pin.port for pin in self._contacts.values()})
        self._positions = {toggle.label: _resting(toggle) for toggle in board.toggles}
        self.codes_at_interrupts: list[tuple[int, ...]] = []
        self.levels_at_interrupts: list[dict[str, bool]] = []
        self.glances: list[Glance] = []
        for knob in board.knobs:
            self.turn(knob.label, FIRST_POSITION)
        for pin, pull, active in self._switches():
            self._set(pin, pull, active, is_closed=False)
        for toggle in board.toggles:
            self.put(toggle.label, self._positions[toggle.label])

    # ---- hands

    def turn(self, label: str, position: float) -> None:
        """Turn a knob: 0 is fully to the left, 1 fully to the right."""
        knob = self._knob(label)
        if not 0.0 <= position <= 1.0:
            raise NamgenError(f"pedal: knob {label}: expected 0 to 1, found {position:g}")
        self.set_voltage(label, voltage_at(knob, position))

    def set_voltage(self, label: str, voltage: float) -> None:
        """Give a knob's pin a voltage, 0 to 1 of the reference; the converter cuts off more."""
        self._adc.catch_up()
        self._outside.apply(self._chip_pin(self._knob(label).pin), voltage)

    def set_noise(self, deviation: float) -> None:
        """Let every voltage have noise of a standard deviation, 0 to 1 of the reference."""
        self._adc.catch_up()
        self._outside.noise = deviation

    def press(self, label: str, *, bounce_s: float = 0.0) -> None:
        """Press a footswitch, or an encoder: "encoder 1"; its contacts bounce for a while."""
        self._move(label, is_closed=True, bounce_s=bounce_s)

    def release(self, label: str, *, bounce_s: float = 0.0) -> None:
        """Let go of it."""
        self._move(label, is_closed=False, bounce_s=bounce_s)

    def put(self, label: str, position: str, *, bounce_s: float = 0.0) -> None:
        """Put a toggle into one of its positions."""
        toggle = _named("toggle", label, self.board.toggles)
        chosen = one_of("position", position, [place.label for place in toggle.positions])
        was, self._positions[label] = self._positions[label], chosen
        for place in toggle.positions:
            if place.pin is not None:
                moves = place.label in (was, chosen)
                self._set(
                    place.pin,
                    toggle.pull,
                    toggle.active,
                    is_closed=place.label == chosen,
                    bounce_s=bounce_s if moves else 0.0,
                )

    def rotate(self, label: str, detents: int, *, detent_s: float = DETENT_S) -> None:
        """Begin to turn an encoder by some detents; to the left where there are less than none.

        It goes on from where an earlier turn will have ended.
        """
        encoder = _named("encoder", label, self.board.encoders)
        pins = (self._chip_pin(encoder.a), self._chip_pin(encoder.b))
        moment = max([self._outside.now, *map(self._outside.last_change, pins)])
        for _ in range(abs(detents)):
            for closed in _STEPS_OF_DETENT:
                moment += detent_s / len(_STEPS_OF_DETENT)
                first, second = closed if detents > 0 else reversed(closed)
                self._close_encoder(encoder, pins, (first, second), moment)

    # ---- eyes

    @property
    def lights(self) -> dict[str, Light]:
        """Every LED by its label: lit or not, or its red, green and blue."""
        found: dict[str, Light] = {}
        for led in self.board.leds:
            pins = led.rgb or ((led.pin,) if led.pin is not None else ())
            lit = tuple(self._is_driven(pin, led.active) for pin in pins)
            found[led.label] = lit if led.rgb else lit[0]
        return found

    @property
    def relay_on(self) -> bool:
        """Whether the relay lets the effect be heard."""
        return self._is_active(self.board.bypass.relay)

    @property
    def muted(self) -> bool:
        """Whether the board's mute is active."""
        return self._is_active(self.board.bypass.mute)

    @property
    def positions(self) -> dict[str, str]:
        """Where every toggle stands."""
        return dict(self._positions)

    @property
    def violations(self) -> list[PanelViolation]:
        """What would work by luck alone on a board."""
        return list(self._outside.violations)

    @property
    def codes(self) -> tuple[int, ...]:
        """What lies in the converter's ring now."""
        return self._adc.codes

    def levels(self) -> dict[str, bool]:
        """Level of every switch's pin, by the name that the board has for it."""
        ports = {port: self._pins.levels(port) for port in self._ports}
        return {
            name: bool(ports[pin.port] >> pin.number & 1) for name, pin in self._contacts.items()
        }

    def note_interrupt(self) -> None:
        """Keep what an audio interrupt will find in memory and at the pins."""
        self.codes_at_interrupts.append(self.codes)
        self.levels_at_interrupts.append(self.levels())
        self.glances.append(Glance(self.lights, self.relay_on, self.muted))

    # ---- the inside

    def _switches(self) -> Iterator[tuple[str, Pull, Level]]:
        """Pin, pull and active level of every contact."""
        for wired in self.board.wired():
            if wired.wire.direction == "input":
                yield wired.wire.name, wired.wire.pull, wired.wire.active

    def _knob(self, label: str) -> Knob:
        return _named("knob", label, self.board.knobs)

    def _move(self, label: str, *, is_closed: bool, bounce_s: float) -> None:
        """Move a footswitch, or an encoder, which is called by its kind too."""
        switches = {
            each.label: (str(each.pin), each.pull, each.active) for each in self.board.footswitches
        }
        for each in self.board.encoders:
            if each.press is not None:
                switches[f"encoder {each.label}"] = (str(each.press), each.pull, each.active)
        pin, pull, active = switches[one_of("switch", label, list(switches))]
        self._set(pin, pull, active, is_closed=is_closed, bounce_s=bounce_s)

    def _set(
        self, pin: str, pull: Pull, active: Level, *, is_closed: bool, bounce_s: float = 0.0
    ) -> None:
        """Close or open a contact; while it bounces it is open and closed in turn."""
        place = self._chip_pin(pin)
        start = moment = self._outside.now
        closes = is_closed
        for number in count():
            self._outside.drive(place, _level(pull, active, is_closed=closes), at=moment)
            moment += _BOUNCE_S * (1.0 + gaussian(number) / _GAUSSIAN_REACH)
            closes = not closes
            if moment >= start + bounce_s:
                break
        self._outside.drive(place, _level(pull, active, is_closed=is_closed), at=start + bounce_s)

    def _close_encoder(
        self,
        encoder: Encoder,
        pins: tuple[ChipPin, ChipPin],
        closed: tuple[bool, bool],
        moment: float,
    ) -> None:
        for pin, is_closed in zip(pins, closed, strict=True):
            level = _level(encoder.pull, encoder.active, is_closed=is_closed)
            self._outside.drive(pin, level, at=moment)

    def _chip_pin(self, name: str) -> ChipPin:
        pin = self._pin_of[name]
        return ChipPin(pin.port, pin.number)

    def _is_active(self, output: Output | None) -> bool:
        return output is not None and self._is_driven(output.pin, output.active)

    def _is_driven(self, name: str, active: Level) -> bool:
        pin = self._chip_pin(name)
        return self._pins.is_output(*pin) and self._pins.level(*pin) == (active == "high")


class WithPanel:
    """What a pedal lets others do with its panel, so that nobody has to ask for it first."""

    _panel: Panel | None = None

    @property
    def panel(self) -> Panel:
        """The knobs, switches and lights of the board around it.

        Raises:
            NamgenError: it is a bare Daisy.

        """
        if self._panel is None:
            raise NamgenError("pedal: expected a board with a panel, found a bare Daisy")
        return self._panel

    def turn(self, label: str, position: float) -> None:
        """See `Panel.turn`."""
        self.panel.turn(label, position)

    def set_voltage(self, label: str, voltage: float) -> None:
        """See `Panel.set_voltage`."""
        self.panel.set_voltage(label, voltage)

    def press(self, label: str, *, bounce_s: float = 0.0) -> None:
        """See `Panel.press`."""
        self.panel.press(label, bounce_s=bounce_s)

    def release(self, label: str, *, bounce_s: float = 0.0) -> None:
        """See `Panel.release`."""
        self.panel.release(label, bounce_s=bounce_s)

    def put(self, label: str, position: str, *, bounce_s: float = 0.0) -> None:
        """See `Panel.put`."""
        self.panel.put(label, position, bounce_s=bounce_s)

    def rotate(self, label: str, detents: int, *, detent_s: float = DETENT_S) -> None:
        """See `Panel.rotate`."""
        self.panel.rotate(label, detents, detent_s=detent_s)

    @property
    def lights(self) -> dict[str, Light]:
        """See `Panel.lights`."""
        return self.panel.lights

    @property
    def relay_on(self) -> bool:
        """See `Panel.relay_on`."""
        return self.panel.relay_on

    @property
    def muted(self) -> bool:
        """See `Panel.muted`."""
        return self.panel.muted

    @property
    def codes_at_interrupts(self) -> list[tuple[int, ...]]:
        """See `Panel.codes_at_interrupts`."""
        return self.panel.codes_at_interrupts


def voltage_at(knob: Knob, position: float) -> float:
    """Return what a knob's wiper gives, 0 to 1 of the reference, by its curve and wiring."""
    spread = {
        "linear": position,
        "log": _taper(position),
        "reverse": 1.0 - _taper(1.0 - position),
    }[knob.curve]
    return 1.0 - spread if knob.is_flipped else spread


def _taper(position: float) -> float:
    return (math.pow(_TAPER, position) - 1.0) / (_TAPER - 1.0)


def _level(pull: Pull, active: Level, *, is_closed: bool) -> bool | None:
    """What a contact does to its pin; without a pull in the chip the board has its own."""
    if is_closed:
        return active == "high"
    return None if pull != "none" else active == "low"


def _resting(toggle: Toggle) -> str:
    """The position in which no contact is closed, or the first."""
    resting = [place.label for place in toggle.positions if place.pin is None]
    return (resting or [toggle.positions[0].label])[0]


def _named(kind: str, label: str, controls: Sequence[_T]) -> _T:
    """Return the control of a label."""
    by_label = {control.label: control for control in controls}
    return by_label[one_of(kind, label, list(by_label))]
