"""The switches of a board that do something: each pin is a bit of `panel_inputs.closed`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from namgen.modules import Module, ModulePin
from namgen.pedal_boards import PedalBoard
from namgen.pedal_boards.controls import Encoder, Level, Pull, Toggle

NOTHING = "none"

_SECONDS = 2.0
"""For which a combination is held that no board has."""


@dataclass(frozen=True, slots=True)
class SwitchPin:
    """A pin that is read as open or closed."""

    pin: ModulePin
    pull: Pull
    active: Level  # while it is closed
    title: str


@dataclass(frozen=True, slots=True)
class Press:
    """A switch that is pressed, and what that does."""

    bit: int
    does: str


@dataclass(frozen=True, slots=True)
class Stand:
    """One position of a toggle."""

    closed: int  # its contacts that are closed then, as bits
    does: str
    label: str


@dataclass(frozen=True, slots=True)
class ToggleRead:
    """A toggle whose positions do something."""

    label: str
    switches: int  # its contacts, as bits
    stands: tuple[Stand, ...]


@dataclass(frozen=True, slots=True)
class EncoderRead:
    """An encoder whose turns choose captures; its contacts as bits."""

    label: str
    a: int
    b: int


@dataclass(frozen=True, slots=True)
class Switches:
    """Every switch that is read."""

    pins: tuple[SwitchPin, ...]  # by the number of their bit
    presses: tuple[Press, ...]
    toggles: tuple[ToggleRead, ...]
    encoders: tuple[EncoderRead, ...]
    combination: int  # those that, held together, start the update mode, as bits; 0: none does
    hold_seconds: float


class _Reader:
    """Gives every pin that is read its bit."""

    def __init__(self, module: Module) -> None:
        self.pins: list[SwitchPin] = []
        self._module = module

    def bit(self, name: str, pull: Pull, active: Level, title: str) -> int:
        self.pins.append(SwitchPin(pin_of(self._module, name), pull, active, title))
        return 1 << (len(self.pins) - 1)


def pin_of(module: Module, name: str) -> ModulePin:
    """Return a pin that a checked board names."""
    pin = module.find(name)
    if pin is None:
        raise ValueError(f"{name} is no pin of the {module.title}")
    return pin


def plan_switches(board: PedalBoard, actions: Collection[str]) -> Switches:
    """Decide which switches of a board are read; `actions` is what can be done."""
    reader = _Reader(board.carried)
    held = board.update_mode.hold if board.update_mode else ()
    presses, combination = _footswitches(board, actions, held, reader)
    presses += _encoder_presses(board.encoders, actions, reader)
    toggles = tuple(_toggles(board.toggles, actions, reader))
    encoders = tuple(_encoders(board.encoders, actions, reader))
    seconds = board.update_mode.seconds if board.update_mode else _SECONDS
    pins = tuple(reader.pins)
    return Switches(pins, tuple(presses), toggles, encoders, combination, seconds)


def _footswitches(
    board: PedalBoard, actions: Collection[str], held: Sequence[str], reader: _Reader
) -> tuple[list[Press], int]:
    presses: list[Press] = []
    combination = 0
    for footswitch in board.footswitches:
        is_held, acts = footswitch.label in held, footswitch.does in actions
        if not (is_held or acts):
            continue
        title = f"footswitch {footswitch.label}"
        bit = reader.bit(footswitch.pin, footswitch.pull, footswitch.active, title)
        combination |= bit if is_held else 0
        presses += [Press(bit, footswitch.does)] if acts else []
    return presses, combination


def _encoder_presses(
    encoders: Sequence[Encoder], actions: Collection[str], reader: _Reader
) -> Iterator[Press]:
    for encoder in encoders:
        if encoder.press is not None and encoder.does in actions:
            title = f"encoder {encoder.label}, press"
            bit = reader.bit(encoder.press, encoder.pull, encoder.active, title)
            yield Press(bit, encoder.does)


def _toggles(
    toggles: Sequence[Toggle], actions: Collection[str], reader: _Reader
) -> Iterator[ToggleRead]:
    for toggle in toggles:
        if any(place.does in actions for place in toggle.positions):
            stands = tuple(_stands(toggle, actions, reader))
            yield ToggleRead(toggle.label, sum(stand.closed for stand in stands), stands)


def _stands(toggle: Toggle, actions: Collection[str], reader: _Reader) -> Iterator[Stand]:
    for place in toggle.positions:
        does = place.does if place.does in actions else NOTHING
        title = f"toggle {toggle.label}, {place.label}"
        bit = reader.bit(place.pin, toggle.pull, toggle.active, title) if place.pin else 0
        yield Stand(bit, does, place.label)


def _encoders(
    encoders: Sequence[Encoder], actions: Collection[str], reader: _Reader
) -> Iterator[EncoderRead]:
    for encoder in encoders:
        if encoder.turns in actions:
            a, b = (
                reader.bit(pin, encoder.pull, encoder.active, f"encoder {encoder.label}, {part}")
                for part, pin in (("A", encoder.a), ("B", encoder.b))
            )
            yield EncoderRead(encoder.label, a, b)
