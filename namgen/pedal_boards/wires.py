"""From a board's controls to single pins: what each is wired to, and how the firmware uses it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from namgen.boards.wiring import CodecBus
from namgen.codecs import CodecTable
from namgen.modules import ModulePin
from namgen.pedal_boards.controls import (
    Bypass,
    Encoder,
    Footswitch,
    Knob,
    Led,
    Level,
    Output,
    Pull,
    Toggle,
)

Kind = Literal[
    "knob", "expression", "footswitch", "toggle", "led", "encoder", "relay", "mute", "other"
]
Direction = Literal["analog", "input", "output", "none"]

_COLOURS = ("red", "green", "blue")


@dataclass(frozen=True, slots=True)
class Wire:
    """What a pin is wired to."""

    name: str  # of the pin, as the file has it
    kind: Kind
    label: str  # of the control
    role: str  # of this pin in it: "up", "red", "press"; empty: it is the only one
    does: str  # what it is good for, in words; empty: nothing
    direction: Direction
    pull: Pull = "none"
    active: Level = "high"

    @property
    def title(self) -> str:
        """The control and the part of it: "toggle 1, up"."""
        spoken = self.kind.upper() if self.kind == "led" else self.kind
        title = self.label if self.kind == "other" else f"{spoken} {self.label}".strip()
        return f"{title}, {self.role}" if self.role else title


@dataclass(frozen=True, slots=True)
class Wired:
    """A wire at the pin of the module."""

    pin: ModulePin
    wire: Wire


def knob_wires(kind: Literal["knob", "expression"], knob: Knob) -> Iterator[Wire]:
    """Yield the pin of a knob or of an expression pedal."""
    sets = "" if knob.sets == "none" else f"sets {knob.sets}"
    yield Wire(knob.pin, kind, knob.label, "", sets, "analog")


def footswitch_wires(footswitch: Footswitch) -> Iterator[Wire]:
    """Yield the pin of a footswitch."""
    does = words(footswitch.does)
    ways = (footswitch.pull, footswitch.active)
    yield Wire(footswitch.pin, "footswitch", footswitch.label, "", does, "input", *ways)


def toggle_wires(toggle: Toggle) -> Iterator[Wire]:
    """Yield the pins of a toggle, one for each position that has one."""
    for place in toggle.positions:
        if place.pin is not None:
            does, ways = words(place.does), (toggle.pull, toggle.active)
            yield Wire(place.pin, "toggle", toggle.label, place.label, does, "input", *ways)


def led_wires(led: Led) -> Iterator[Wire]:
    """Yield the pin of an LED, or its three."""
    which = f" {led.capture}" if led.capture else ""
    shows = "" if led.shows == "none" else f"shows {led.shows}{which}"
    pins = [("", led.pin)] if led.pin is not None else list(zip(_COLOURS, led.rgb, strict=False))
    for role, pin in pins:
        yield Wire(str(pin), "led", led.label, role, shows, "output", "none", led.active)


def encoder_wires(encoder: Encoder) -> Iterator[Wire]:
    """Yield the pins of an encoder."""
    turns = "" if encoder.turns == "none" else f"chooses {encoder.turns}"
    parts = [("A", encoder.a, turns), ("B", encoder.b, turns)]
    if encoder.press is not None:
        parts.append(("press", encoder.press, words(encoder.does)))
    ways = (encoder.pull, encoder.active)
    for role, pin, does in parts:
        yield Wire(pin, "encoder", encoder.label, role, does, "input", *ways)


def bypass_wires(bypass: Bypass) -> Iterator[Wire]:
    """Yield the pins of the relay and of the mute."""
    if bypass.relay is not None:
        yield _driven("relay", bypass.relay, f"effect when {bypass.relay.active}")
    if bypass.mute is not None:
        yield _driven("mute", bypass.mute, f"silence when {bypass.mute.active}")


def codec_wires(codec: CodecTable, bus: CodecBus) -> Iterator[Wire]:
    """Yield the pins of the I2C that a codec is set over."""
    for line, role in ((bus.clock, "SCL"), (bus.data, "SDA")):
        yield Wire(line.chip, "other", codec.title, role, "", "none")


def _driven(kind: Literal["relay", "mute"], output: Output, does: str) -> Wire:
    return Wire(output.pin, kind, "", "", does, "output", "none", output.active)


def words(value: str) -> str:
    """Spell a value of the schema for reading; empty for "none"."""
    return "" if value == "none" else value.replace("ir-", "IR ").replace("-", " ")
