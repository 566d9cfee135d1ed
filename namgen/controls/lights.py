"""What a board's lights show, as sets of lamps: a lamp is a pin, a light has one or three."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from namgen.controls.switches import pin_of
from namgen.modules import Module, ModulePin
from namgen.pedal_boards.controls import Led, Level

COLOURS = ("blue", "green", "yellow", "magenta", "cyan", "white", "red")
"""Of the captures, in their order; behind the last they begin anew, and blink."""

MIXED = {"red": 1, "green": 2, "blue": 4, "yellow": 3, "cyan": 6, "magenta": 5, "white": 7}
"""Which of a light's lamps make a colour: red 1, green 2, blue 4."""


@dataclass(frozen=True, slots=True)
class Lamp:
    """A pin that makes light."""

    pin: ModulePin
    active: Level
    title: str


@dataclass(frozen=True, slots=True)
class CaptureLight:
    """How a capture is told."""

    lamps: int  # that are its own, as bits
    blinks: int  # of a light that counts; 0: it is lit all the time
    colours: int  # see `MIXED`
    laps: int  # blinks of its colour; 0: it is lit all the time


@dataclass(frozen=True, slots=True)
class Lights:
    """Lamps, and sets of them as bits."""

    lamps: tuple[Lamp, ...] = ()
    heard: int = 0
    late: int = 0
    heard_in_time: int = 0
    bypassed_in_time: int = 0
    flickers: int = 0
    counts: int = 0
    colours: tuple[int, ...] = (0, 0, 0)  # red, green, blue of the lights that tell by colour
    captures: tuple[CaptureLight, ...] = ()
    fault: int | None = None  # number of the lamp that tells a fault; None: only the module's


@dataclass(frozen=True, slots=True)
class _Light:
    """A light and the numbers of its lamps; one of a single colour has it three times."""

    led: Led
    red: int
    green: int
    blue: int

    @property
    def has_colours(self) -> bool:
        return bool(self.led.rgb)

    @property
    def tells_captures(self) -> bool:
        """Whether it tells which capture is chosen, and not of one whether it is."""
        return self.led.shows == "capture" and not self.led.capture


def plan_lights(leds: Sequence[Led], module: Module, captures: int) -> Lights:
    """Decide what each lamp shows."""
    shown = [led for led in leds if led.shows != "none"]
    lamps = [lamp for led in shown for lamp in _lamps(led, module)]
    lights = _numbered(shown)
    status = [light for light in lights if light.led.shows == "status"]
    coloured = [light for light in status if light.has_colours]
    overrun = [light for light in lights if light.led.shows == "overrun"]
    counting = [light for light in lights if light.tells_captures and not light.has_colours]
    mixing = [light for light in lights if light.tells_captures and light.has_colours]
    return Lights(
        tuple(lamps),
        heard=_bits(light.green for light in lights if light.led.shows == "bypass"),
        late=_bits(light.red for light in (*overrun, *coloured)),
        heard_in_time=_bits(light.green for light in status),
        bypassed_in_time=_bits(light.blue for light in coloured),
        flickers=_bits(light.red for light in status if not light.has_colours),
        counts=_bits(light.red for light in counting),
        colours=(
            _bits(light.red for light in mixing),
            _bits(light.green for light in mixing),
            _bits(light.blue for light in mixing),
        ),
        captures=tuple(_capture(lights, number, captures) for number in range(captures)),
        fault=min((light.red for light in status), default=None),
    )


def _lamps(led: Led, module: Module) -> Iterator[Lamp]:
    names = zip(("red", "green", "blue"), led.rgb, strict=False) if led.rgb else [("", led.pin)]
    for colour, name in names:
        title = f"{led.label}, {colour}" if colour else led.label
        yield Lamp(pin_of(module, str(name)), led.active, title)


def _numbered(leds: Sequence[Led]) -> list[_Light]:
    lights: list[_Light] = []
    first = 0
    for led in leds:
        if led.rgb:
            lights.append(_Light(led, first, first + 1, first + 2))
        else:
            lights.append(_Light(led, first, first, first))
        first = lights[-1].blue + 1
    return lights


def _capture(lights: Sequence[_Light], number: int, captures: int) -> CaptureLight:
    own = [light for light in lights if light.led.capture == number + 1]
    lap, colour = divmod(number, len(COLOURS))
    return CaptureLight(
        lamps=_bits(lamp for light in own for lamp in (light.red, light.green, light.blue)),
        blinks=number + 1 if captures > 1 else 0,
        colours=MIXED[COLOURS[colour]],
        laps=lap,
    )


def _bits(numbers: Iterable[int]) -> int:
    return sum(1 << number for number in set(numbers))
