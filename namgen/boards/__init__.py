"""Boards as data: one TOML file each, read into a typed and checked `Board`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Literal

from namgen.boards.plls import AudioPll
from namgen.boards.regions import Region, Window
from namgen.boards.wiring import (
    CODEC_MUTE,
    ClockTree,
    CodecBus,
    Pin,
    Revision,
    Sai,
    wiring_problems,
)
from namgen.codecs import CodecTable
from namgen.errors import Problem, UnsupportedError, nearest, one_of
from namgen.processors import processor_names
from namgen.toml_data import read_table, toml_names
from namgen.toml_like import parse_like

__all__ = [
    "Audio",
    "Board",
    "Boot",
    "Clock",
    "Region",
    "Stack",
    "Window",
    "board_names",
    "load_board",
    "no_bus",
    "read_board",
]

_FOLDER = Path(__file__).parent
_STRAPPED, _TABLE = "codec/strapped.c", "codec/table.c"
_PROTECTABLE = "a power of two, 32 or more"
"""What the memory protection can be the size of."""


@dataclass(frozen=True, slots=True)
class Boot:
    """One way an image gets started."""

    name: str
    title: str
    region: str  # where the code runs
    origin: int
    limit_bytes: int
    download_address: int  # where DFU writes it
    steps: tuple[str, ...] = ()  # what to do with the board before an image is downloaded
    drive: str = ""  # that the board's debugger shows, for images to be copied to


@dataclass(frozen=True, slots=True)
class Clock:
    """The processor's clock."""

    default_hz: int
    options_hz: tuple[int, ...]

    def problems(self) -> Iterator[Problem]:
        """Yield what cannot be."""
        if self.default_hz not in self.options_hz:
            yield Problem("default_hz", f"expected one of options_hz, found {self.default_hz}")


@dataclass(frozen=True, slots=True)
class Audio:
    """How samples come and go."""

    sample_rate_hz: int
    block_frames: int  # where nobody says otherwise
    transmit_lookahead_frames: int  # that the output takes before a block's time is over
    unmute_ms: int = 0  # of a codec with a pin `codec_mute`: its clocks go first, for so long


@dataclass(frozen=True, slots=True)
class Stack:
    """Where the stack ends, and how deep it may get."""

    region: str
    size_bytes: int
    guard_bytes: int  # of these, at its end: closed by the memory protection

    def problems(self) -> Iterator[Problem]:
        """Yield what cannot be."""
        if not _is_protectable(self.guard_bytes):
            yield Problem("guard_bytes", f"expected {_PROTECTABLE}, found {self.guard_bytes}")
        elif self.guard_bytes == self.size_bytes or self.size_bytes % self.guard_bytes:
            yield Problem("size_bytes", "expected several times guard_bytes")


@dataclass(frozen=True, slots=True)
class Board:
    """A processor with its clocks, its memories, and the ways an image starts on it."""

    name: str
    title: str
    processor: str  # as `load_processor` knows it
    clock: Clock
    clock_tree: ClockTree
    audio: Audio
    stack: Stack
    dma: Window
    model_regions: tuple[str, ...]  # for a model's data, the best first
    sources: tuple[str, ...]  # patterns of its C files in `firmware/`; another board has others
    pedal_board: str  # what carries it where nobody says otherwise, as `load_pedal_board` knows it
    regions: tuple[Region, ...]
    boots: tuple[Boot, ...]  # the default first
    pins: tuple[Pin, ...]
    revisions: tuple[Revision, ...]  # the first whose strap is at ground counts
    i2c: Literal[1, 2, 3] | None = None  # of the chip, whose the pins i2c_clock and i2c_data are
    sai: Sai = field(default_factory=Sai)
    codec_bus: CodecBus | None = None  # None: it takes no other codec than its own
    codec_table: CodecTable | None = None  # of the codec `table`

    def problems(self) -> Iterator[Problem]:
        """Yield what leads nowhere, and what lies where something else is."""
        yield from _unknown("processor", self.processor, processor_names())
        yield from self._names()
        rate = self.audio.sample_rate_hz
        yield from self.clock_tree.problems_with(self.clock.options_hz, rate)
        yield from wiring_problems(self.pins, self.revisions)
        if self.i2c is None and any(revision.is_on_i2c for revision in self.revisions):
            yield Problem("i2c", "expected the number of the I2C that the codec is set over")
        if bool(self.audio.unmute_ms) != any(pin.name == CODEC_MUTE for pin in self.pins):
            yield Problem("audio.unmute_ms", f"expected beside a pin {CODEC_MUTE}, and only there")
        yield from self._tables()
        for first, second in itertools.combinations(self.regions, 2):
            if first.origin < second.end and second.origin < first.end:
                yield Problem("regions", f"{first.name} and {second.name} overlap")
        for number, boot in enumerate(self.boots):
            if not self._lies_in(boot.region, Window(boot.origin, boot.limit_bytes)):
                yield Problem(f"boots[{number}]", f"expected inside of {boot.region}")
        if not any(region.holds(self.dma.origin, self.dma.size_bytes) for region in self.regions):
            yield Problem("dma", "expected inside of one region")
        yield from self._protected()
        if not self.boots:
            yield Problem("boots", "expected at least one way to start an image")

    def _tables(self) -> Iterator[Problem]:
        """Yield a codec without its table, a table without its codec, and what they disagree in."""
        if any(revision.codec == "table" for revision in self.revisions) != bool(self.codec_table):
            yield Problem("codec_table", 'expected beside a revision with codec = "table"')
        elif self.codec_table:
            for found in self.sai.problems_with(self.codec_table):
                yield Problem(f"codec_table.{found.path}", found.message)

    def _names(self) -> Iterator[Problem]:
        known = [region.name for region in self.regions]
        yield from _unknown("stack.region", self.stack.region, known)
        for number, boot in enumerate(self.boots):
            yield from _unknown(f"boots[{number}].region", boot.region, known)
        for number, name in enumerate(self.model_regions):
            path = f"model_regions[{number}]"
            yield from _unknown(path, name, known)
            if name in known and not (self.region(name).macro and self.region(name).kind == "ram"):
                yield Problem(path, f"expected ram with a macro and a section, found {name}")

    def _protected(self) -> Iterator[Problem]:
        """Yield what the memory protection cannot begin or end at."""
        if not _is_protectable(self.dma.size_bytes):
            found = self.dma.size_bytes
            yield Problem("dma.size_bytes", f"expected {_PROTECTABLE}, found {found}")
        elif self.dma.origin % self.dma.size_bytes:
            yield Problem("dma.origin", "expected a multiple of dma.size_bytes")

    def _lies_in(self, name: str, window: Window) -> bool:
        named = [region for region in self.regions if region.name == name]
        return all(region.holds(window.origin, window.size_bytes) for region in named)

    def with_codec(self, codec: CodecTable) -> Board:
        """Return the board with another codec on its `codec_bus`, in place of its own.

        Raises:
            UnsupportedError: it has no bus for one.

        """
        bus = self.codec_bus
        if bus is None:
            raise UnsupportedError(f"board {self.name}: {no_bus(self)}")
        kept = (pin for pin in self.pins if pin.name != CODEC_MUTE)
        return replace(
            self,
            sources=tuple(_TABLE if name == _STRAPPED else name for name in self.sources),
            audio=replace(self.audio, unmute_ms=0),
            pins=(*kept, *bus.pins(codec.title)),
            revisions=tuple(replace(one, codec="table", words="24") for one in self.revisions),
            i2c=bus.number,
            codec_table=codec,
        )

    @property
    def codec_pll(self) -> AudioPll:
        """How the codec's clock is made, and how exact it is."""
        return self.clock_tree.audio_from(self.clock_tree.crystal_hz, self.audio.sample_rate_hz)

    @property
    def has_update_mode(self) -> bool:
        """Whether its firmware can make way for a new image: it can drive the chip's BOOT0."""
        return any(pin.name == "boot0" for pin in self.pins)

    def reserve(self, name: str, size_bytes: int) -> Board:
        """Return the board with so much more of a region kept from the model."""
        regions = (
            replace(region, reserved_bytes=region.reserved_bytes + size_bytes)
            if region.name == name
            else region
            for region in self.regions
        )
        return replace(self, regions=tuple(regions))

    @property
    def code_region(self) -> Region | None:
        """Where a model's kernels in machine code run."""
        return next((region for region in self.regions if region.code_section), None)

    def region(self, name: str) -> Region:
        """Return the region `name`.

        Raises:
            UnsupportedError: the board has no such region.

        """
        for region in self.regions:
            if region.name == name:
                return region
        known = ", ".join(region.name for region in self.regions)
        raise UnsupportedError(
            f"board {self.name}: region: expected one of {known}, found {name!r}"
        )

    def boot(self, name: str) -> Boot:
        """Return the boot mode `name`.

        Raises:
            ChoiceError: the board has no such boot mode.

        """
        offered = {boot.name: boot for boot in self.boots}
        return offered[one_of(f"board {self.name}: boot", name, offered)]


@cache
def board_names() -> tuple[str, ...]:
    """Names that `load_board` knows, in alphabetical order."""
    return toml_names(_FOLDER)


@cache
def load_board(name: str) -> Board:
    """Read the board `name`.

    Raises:
        ChoiceError: there is no such board.

    """
    return read_board(_FOLDER / f"{one_of('board', name, board_names())}.toml")


def read_board(path: Path) -> Board:
    """Read a board from any file.

    Raises:
        FileError: all that is wrong in it.

    """
    return read_table(path, {"name": path.stem, **parse_like(path)}, Board)


def no_bus(board: Board) -> str:
    """Say that a board takes no codec but its own, and which boards do."""
    known = ", ".join(name for name in board_names() if load_board(name).codec_bus)
    return f"expected a board with pins for a codec's I2C, {known}; {board.title} has its own"


def _is_protectable(size_bytes: int) -> bool:
    return size_bytes >= 32 and size_bytes.bit_count() == 1


def _unknown(path: str, name: str, known: tuple[str, ...] | list[str]) -> Iterator[Problem]:
    if name not in known:
        said = f"expected one of {', '.join(known)}, found {name!r}{nearest(name, known)}"
        yield Problem(path, said)
