"""A codec that is set over I2C, as a table: what is written to which register, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from namgen.codecs.full_scale import FullScale
from namgen.errors import Problem
from namgen.toml_data import called, each_of, known

Frame = Literal["left-justified", "i2s"]
"""How a frame of two words is spelled; see `firmware/chip/sai.c`."""

_ADDRESSES = (0x08, 0x77)
"""Of devices on an I2C; those around them are reserved (NXP UM10204, section 3.1.12)."""

_LONGEST_MS = 2000
"""Of one wait: nobody plays meanwhile."""


@dataclass(frozen=True, slots=True)
class Write:
    """A register and what it is set to, and how long nothing is said after it."""

    register: int
    value: int
    wait_ms: int = 0

    def problems(self) -> Iterator[Problem]:
        """Yield a wait that is too long."""
        return each_of(partial(_wait_problems, "wait_ms", self.wait_ms))


@dataclass(frozen=True, slots=True)
class Check:
    """A register that is read back: `value` where `mask` has ones."""

    register: int
    value: int
    mask: int


@dataclass(frozen=True, slots=True)
class CodecTable:
    """Everything that the firmware says to a codec, in order: mute, start, check; later, unmute.

    A message is the register's bits, then the value's, the highest first. Words are 24 bits.
    """

    name: str
    title: str
    address: int  # on the bus, of seven bits
    register_bits: Literal[7, 8, 16]
    value_bits: Literal[8, 9, 16]
    frame: Frame  # that its registers are set to
    clocks_per_frame: int  # of its master clock, as its registers are set
    start: tuple[Write, ...]
    mute: tuple[Write, ...]  # goes first: the processor may have been reset alone
    unmute: tuple[Write, ...]
    needs_clock: bool = False  # it answers once its master clock runs, and not before
    settle_ms: int = 0  # before the first message: after power, and after the clock if it needs it
    unmute_ms: int = 0  # from the last message of the start, with its clocks running
    check: tuple[Check, ...] = ()  # after the start
    full_scale: FullScale | None = field(default=None, metadata=called("full_scale_dbu"))

    def problems(self) -> Iterator[Problem]:
        """Yield what no message can say, and a codec that is never heard or never silent."""
        return each_of(
            self._address,
            self._widths,
            partial(self._sizes, "start", self.start),
            partial(self._sizes, "mute", self.mute),
            partial(self._sizes, "unmute", self.unmute),
            partial(self._sizes, "check", self.check),
            self._masks,
            self._is_written,
            self._is_heard,
            self._starts_silent,
            partial(_wait_problems, "settle_ms", self.settle_ms),
            partial(_wait_problems, "unmute_ms", self.unmute_ms),
        )

    @property
    def parts(self) -> tuple[tuple[str, tuple[Write, ...]], ...]:
        """What is written, by the names that a file has for it, in the order of the messages."""
        return ("mute", self.mute), ("start", self.start), ("unmute", self.unmute)

    def _address(self) -> Iterator[Problem]:
        first, last = _ADDRESSES
        if first <= self.address <= last:
            return
        limits, hint = f"{first:#04x} to {last:#04x}, seven bits", ""
        if self.address > 0x7F and first <= self.address >> 1 <= last:
            hint = f"; with its eighth bit left out it is {self.address >> 1:#04x}"
        yield Problem("address", f"expected {limits}, found {self.address:#04x}{hint}")

    def _widths(self) -> Iterator[Problem]:
        bits = self.register_bits + self.value_bits
        if bits % 8:
            told = "7 and 9, 8 and 8, 8 and 16, 16 and 8, or 16 and 16"
            found = f"{self.register_bits} and {self.value_bits}"
            yield Problem("value_bits", f"expected with register_bits {told}, found {found}")

    def _sizes(self, part: str, rows: Sequence[Write | Check]) -> Iterator[Problem]:
        for number, row in enumerate(rows):
            yield from each_of(
                partial(_size_problems, f"{part}[{number}].register", row, self.register_bits),
                partial(_size_problems, f"{part}[{number}].value", row, self.value_bits),
            )

    def _masks(self) -> Iterator[Problem]:
        for number, row in enumerate(self.check):
            yield from each_of(
                partial(_size_problems, f"check[{number}].mask", row, self.value_bits),
                partial(_mask_problems, f"check[{number}]", row),
            )

    def _is_written(self) -> Iterator[Problem]:
        for part, rows in self.parts:
            if not rows:
                yield Problem(part, "expected at least one register")

    def _is_heard(self) -> Iterator[Problem]:
        """Yield registers that are muted for good: the unmute says nothing of them."""
        said = {row.register for row in known(self.unmute)}
        for row in known(self.mute):
            if self.unmute and row.register not in said:
                told = f"expected register {row.register:#04x} too, which mute sets"
                yield Problem("unmute", told)

    def _starts_silent(self) -> Iterator[Problem]:
        """Yield registers that the start itself lets go of."""
        last = {row.register: (number, row) for number, row in enumerate(known(self.start))}
        for row in known(self.mute):
            number, found = last.get(row.register, (0, row))
            if found.value != row.value:
                told = f"expected {row.value:#04x} at last, as in mute, found {found.value:#04x}"
                yield Problem(f"start[{number}].value", told)


def _size_problems(path: str, row: Write | Check, bits: int) -> Iterator[Problem]:
    found = getattr(row, path.rpartition(".")[2])
    if found >= 1 << bits:
        yield Problem(path, f"expected {bits} bits, to {(1 << bits) - 1:#x}, found {found:#x}")


def _mask_problems(path: str, row: Check) -> Iterator[Problem]:
    if row.mask == 0:
        yield Problem(f"{path}.mask", "expected a bit that counts, found none")
    elif row.value & ~row.mask:
        told = f"expected only bits of the mask {row.mask:#x}, found {row.value:#x}"
        yield Problem(f"{path}.value", told)


def _wait_problems(key: str, found: int) -> Iterator[Problem]:
    if found > _LONGEST_MS:
        yield Problem(key, f"expected 0 to {_LONGEST_MS} ms, found {found}")
