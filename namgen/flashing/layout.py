"""The map of a device's flash, as the name of its alternate setting spells it.

`@name/0xADDR/n*sizeMT[,n*sizeMT...][/0xADDR/...]`: n sectors of a size in M (blank or B bytes, K,
M), whose type T, a to g, says in its low three bits what may be done (UM0424, DfuSe).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from namgen.flashing.sentences import SAID

_UNITS = {"": 1, " ": 1, "B": 1, "K": 1 << 10, "M": 1 << 20}
_SECTORS = re.compile(r"\s*(\d{1,4})\s*\*\s*(\d{1,5})([ BKM]?)([a-g])\s*")
_ADDRESS = re.compile(r"\s*0[xX]([0-9a-fA-F]{1,8})\s*")
_READABLE, _ERASABLE, _WRITABLE = 1, 2, 4


class LayoutError(ValueError):
    """A name that is no map."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Sectors of one size, one behind the other."""

    origin: int
    sectors: int
    sector_bytes: int
    rights: int  # bits: 1 readable, 2 erasable, 4 writable

    @property
    def end(self) -> int:
        """First address behind them."""
        return self.origin + self.sectors * self.sector_bytes

    @property
    def takes_images(self) -> bool:
        """Whether it can be erased, written and read back."""
        return self.rights == _READABLE | _ERASABLE | _WRITABLE


@dataclass(frozen=True, slots=True)
class FlashMap:
    """What a device offers."""

    name: str
    segments: tuple[Segment, ...]

    def sectors(self, address: int, size_bytes: int) -> tuple[int, ...]:
        """Return the addresses of the sectors that a range lies in, each wholly in the map.

        Raises:
            LayoutError: a part of the range is not on offer.

        """
        found = []
        at, end = address, address + size_bytes
        while at < end:
            segment = self._segment(at)
            if segment is None or not segment.takes_images:
                raise LayoutError(SAID.not_offered.format(address=at, flash=self))
            origin = at - (at - segment.origin) % segment.sector_bytes
            found.append(origin)
            at = origin + segment.sector_bytes
        return tuple(found)

    def room_at(self, address: int) -> int:
        """Return how many bytes from an address on are on offer without a gap."""
        at = address
        while (segment := self._segment(at)) is not None and segment.takes_images:
            at = segment.end
        return at - address

    def _segment(self, address: int) -> Segment | None:
        return next((s for s in self.segments if s.origin <= address < s.end), None)

    def __str__(self) -> str:
        ranges = (f"0x{s.origin:08x} to 0x{s.end - 1:08x}" for s in self.segments if s.takes_images)
        return ", ".join(ranges) or "nothing"


def parse_layout(text: str) -> FlashMap:
    """Read a map.

    Raises:
        LayoutError: it is none; the message shows it.

    """
    name, *parts = text.split("/")
    if not text.startswith("@") or not parts or len(parts) % 2:
        raise LayoutError(SAID.no_map.format(text=text))
    pairs = zip(parts[::2], parts[1::2], strict=True)
    segments = tuple(s for address, row in pairs for s in _segments(text, address, row))
    return FlashMap(name[1:].strip(), segments)


def _segments(text: str, address: str, row: str) -> Iterator[Segment]:
    start = _ADDRESS.fullmatch(address)
    if start is None:
        raise LayoutError(SAID.no_address.format(address=address, text=text))
    at = int(start[1], 16)
    for spelled in row.split(","):
        found = _SECTORS.fullmatch(spelled)
        if found is None or not int(found[1]) or not int(found[2]):
            raise LayoutError(SAID.no_sectors.format(sectors=spelled, text=text))
        segment = Segment(at, int(found[1]), int(found[2]) * _UNITS[found[3]], ord(found[4]) & 7)
        if segment.end > 1 << 32:
            raise LayoutError(SAID.too_high.format(text=text))
        yield segment
        at = segment.end
