"""What the header of an audio file promises, to tell when the file holds less."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_RIFF_CHUNK = struct.Struct("<4sI")
_AIFF_CHUNK = struct.Struct(">4sI")
_W64_CHUNK = struct.Struct("<16sQ")
_W64_HEAD_BYTES = 40
_MAX_CHUNKS = 1000

_UNKNOWN = (range(0x7FFFE000, 0x80000001), range(0xFFFFE000, 0x100000000))
"""Sizes that programs write when they send a WAV through a pipe and cannot know its length."""


@dataclass(frozen=True, slots=True)
class Promise:
    """The bytes of samples that a header says there are, and those there are."""

    said_bytes: int
    found_bytes: int

    @property
    def missing(self) -> float:
        """The part of the samples that is not there."""
        return max(0, self.said_bytes - self.found_bytes) / max(1, self.said_bytes)

    @property
    def is_unfinished(self) -> bool:
        """Whether the header says that there is nothing, and something is there."""
        return self.said_bytes == 0 and self.found_bytes > 0


def read_promise(path: Path) -> Promise | None:
    """Read how many bytes of samples a WAV, RF64, W64, AIFF or AU header promises.

    None where it is another format, promises no number, or cannot be understood.
    """
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        try:
            return _promise(file, size_bytes)
        except struct.error:  # the header itself is cut
            return None


def _promise(file: BinaryIO, size_bytes: int) -> Promise | None:
    head = file.read(24)
    if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE":
        return _riff(file, size_bytes)
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        chunks = _chunks(file, _AIFF_CHUNK, 12)
        return _found(chunks, b"SSND", size_bytes, skipped=8)
    if head[:4] == b"riff":
        chunks = _chunks(file, _W64_CHUNK, _W64_HEAD_BYTES, counts_itself=True, alignment=8)
        short = ((name[:4], start, said) for name, start, said in chunks)
        return _found(short, b"data", size_bytes)
    if head[:4] == b".snd":
        _, start, said = struct.unpack(">4sII", head[:12])
        return None if said == 0xFFFFFFFF else Promise(said, max(0, size_bytes - start))
    return None


def _riff(file: BinaryIO, size_bytes: int) -> Promise | None:
    """In an RF64, the size is in the chunk ds64, behind the size of the whole."""
    long_bytes = None
    for name, start, said in _chunks(file, _RIFF_CHUNK, 12):
        if name == b"ds64":
            file.seek(start)
            long_bytes = struct.unpack("<QQ", file.read(16))[1]
        elif name == b"data":
            if long_bytes is None and any(said in sizes for sizes in _UNKNOWN):
                return None
            there = max(0, size_bytes - start)
            return Promise(said if long_bytes is None else long_bytes, there)
    return None


def _found(
    chunks: Iterator[tuple[bytes, int, int]], name: bytes, size_bytes: int, *, skipped: int = 0
) -> Promise | None:
    for found, start, said in chunks:
        if found == name:
            return Promise(max(0, said - skipped), max(0, size_bytes - start - skipped))
    return None


def _chunks(
    file: BinaryIO,
    head: struct.Struct,
    place: int,
    *,
    counts_itself: bool = False,
    alignment: int = 2,
) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, first byte and size of each chunk."""
    for _ in range(_MAX_CHUNKS):
        file.seek(place)
        data = file.read(head.size)
        if len(data) < head.size:
            return
        name, said = head.unpack(data)
        said -= head.size if counts_itself else 0
        yield name, place + head.size, max(0, said)
        place += head.size + -(-max(0, said) // alignment) * alignment
