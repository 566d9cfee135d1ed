"""Modules as data: the pins that a pedal's board finds on a Daisy, one TOML file each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from namgen.boards import board_names, load_board
from namgen.boards.refused import why_not
from namgen.boards.wiring import CodecBus
from namgen.errors import Problem, nearest, one_of
from namgen.toml_data import read_table, toml_names
from namgen.toml_like import parse_like

__all__ = ["Contact", "Module", "ModulePin", "Taken", "load_module", "module_names", "why_not"]

_FOLDER = Path(__file__).parent
_CHIP_PIN = re.compile("P[A-K]([0-9]|1[0-5])")
_ADC1_CHANNELS = 20
"""Of the STM32H750: RM0433, section 26.4.2."""


@dataclass(frozen=True, slots=True)
class ModulePin:
    """A pin that a board may use."""

    chip: str  # as the chip's manual calls it: PA3
    name: str = ""  # as the module does: D16
    also: str = ""  # its second name: A1
    header: int = 0  # the contact, from 1; 0: it has no number
    adc1: int | None = None  # channel of ADC1; None: it measures no voltage
    note: str = ""

    def problems(self) -> Iterator[Problem]:
        """Yield what no pin is called."""
        if not _CHIP_PIN.fullmatch(str(self.chip)):
            yield Problem("chip", f"expected PA0 to PK15, found {self.chip!r}")
        if self.adc1 is not None and self.adc1 >= _ADC1_CHANNELS:
            yield Problem("adc1", f"expected 0 to {_ADC1_CHANNELS - 1}, found {self.adc1}")

    @property
    def label(self) -> str:
        """What it is called first: by the module, where that has a name for it."""
        return self.name or self.chip

    @property
    def names(self) -> tuple[str, ...]:
        """All that it is called; a board may use any."""
        return tuple(name for name in (self.name, self.also, self.chip) if name)

    @property
    def port(self) -> str:
        """The letter of its port: A to K."""
        return self.chip[1]

    @property
    def number(self) -> int:
        """Its number in the port, 0 to 15."""
        return int(self.chip[2:])


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact of the module that is no pin of the chip: a supply, or sound."""

    header: int
    name: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A pin of the chip that the module itself uses."""

    chip: str
    function: str


@dataclass(frozen=True, slots=True)
class Module:
    """What a pedal's board sees of a Daisy."""

    name: str
    title: str
    target: str  # what images for it are built for
    pins: tuple[ModulePin, ...]
    contacts: tuple[Contact, ...] = ()
    taken: tuple[Taken, ...] = ()

    def problems(self) -> Iterator[Problem]:
        """Yield names and contacts that are there twice, and a target that is not there."""
        names = [name for pin in self.pins for name in pin.names]
        places = [pin.header for pin in self.pins if pin.header]
        names += [f"contact {n}" for n in (*places, *(c.header for c in self.contacts))]
        for twice in sorted({name for name in names if names.count(name) > 1}):
            yield Problem("pins", f"{twice} is there twice")
        if self.target not in board_names():
            known = ", ".join(board_names())
            hint = nearest(self.target, board_names())
            yield Problem("target", f"expected one of {known}, found {self.target!r}{hint}")

    def find(self, name: str) -> ModulePin | None:
        """Return the pin of any of its names, in upper or lower case; None: there is none."""
        wanted = name.upper()
        return next((pin for pin in self.pins if wanted in pin.names), None)

    @property
    def has_update_mode(self) -> bool:
        """Whether firmware for it can make way for a new image."""
        return load_board(self.target).has_update_mode

    @property
    def codec_bus(self) -> CodecBus | None:
        """The I2C for a codec of a board's own; None: it takes no other than it has."""
        return load_board(self.target).codec_bus

    def use_of(self, chip: str) -> str:
        """Say what the module itself uses a pin of the chip for; empty: nothing that is known."""
        return self._uses().get(chip.upper(), "")

    def _uses(self) -> dict[str, str]:
        pins = reversed(load_board(self.target).pins)
        wired = {f"P{pin.port}{pin.number}": pin.function for pin in pins}
        return wired | {pin.chip: pin.function for pin in self.taken}


@cache
def module_names() -> tuple[str, ...]:
    """Names that `load_module` knows, in alphabetical order."""
    return toml_names(_FOLDER)


@cache
def load_module(name: str) -> Module:
    """Read the module `name`.

    Raises:
        ChoiceError: there is no such module.

    """
    path = _FOLDER / f"{one_of('module', name, module_names())}.toml"
    return read_table(path, {"name": path.stem, **parse_like(path)}, Module)
