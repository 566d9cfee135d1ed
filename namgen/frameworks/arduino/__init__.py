"""Boards that Arduino's tools build for, as data: what is known of a sketch's time and memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from namgen.errors import Problem, nearest, one_of
from namgen.processors import processor_names
from namgen.toml_data import load_toml, toml_names

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class FastMemory:
    """Memory beside the processor: code takes whole steps of it, variables and stack the rest."""

    size_bytes: int
    code_step_bytes: int
    code_bytes: int  # kept for a program's code, beside a model's kernels in machine code
    reserved_bytes: int  # of the rest, for the variables and the stack of others

    def problems(self) -> Iterator[Problem]:
        """Yield what cannot be."""
        if self.code_bytes % self.code_step_bytes:
            yield Problem("code_bytes", f"expected a multiple of {self.code_step_bytes}")
        if self.room_beside(0) <= 0:
            yield Problem("reserved_bytes", f"expected less than {self.size_bytes} with the code")

    def code_with(self, kernel_bytes: int) -> int:
        """Return what all code takes, with so much of machine code in it: whole steps."""
        steps = -(-(self.code_bytes + kernel_bytes) // self.code_step_bytes)
        return steps * self.code_step_bytes

    def room_beside(self, kernel_bytes: int) -> int:
        """Return what weights and state may take beside a program with so much machine code."""
        return self.size_bytes - self.code_with(kernel_bytes) - self.reserved_bytes


@dataclass(frozen=True, slots=True)
class ArduinoBoard:
    """A board that people choose in a menu, with an audio library that calls the model."""

    name: str
    title: str
    processor: str  # as `load_processor` knows it
    aliases: tuple[str, ...]  # other names that people give it
    clock_hz: int
    block_frames: int  # of the audio library, and of the model where nobody says otherwise
    library_rate_hz: int  # of the audio library, where nobody says otherwise
    wrapper_frame_cycles: int  # that the wrapper takes beside the model
    fast: FastMemory
    slow_bytes: int  # of the memory behind the data cache, where a sketch may put an object

    def problems(self) -> Iterator[Problem]:
        """Yield what leads nowhere."""
        if self.processor not in processor_names():
            hint = nearest(self.processor, processor_names())
            yield Problem("processor", f"expected a processor, found {self.processor!r}{hint}")


@cache
def arduino_names() -> tuple[str, ...]:
    """Names that `load_arduino` knows, in alphabetical order."""
    return toml_names(_FOLDER)


@cache
def load_arduino(name: str) -> ArduinoBoard:
    """Read the board `name`.

    Raises:
        ChoiceError: there is no such board.

    """
    return load_toml(
        _FOLDER / f"{one_of('Arduino board', name, arduino_names())}.toml", ArduinoBoard
    )
