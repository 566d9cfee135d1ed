"""A native module as a file of MicroPython's: `.mpy` version 6.3, written and read back.

Numbers are as in MicroPython's py/persistentcode.c. A file has a header, a table of names, the
machine code with what is constant in it ("text"), the size of what starts as zeros ("bss"), and
where in the text an address has to be added once it is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby

from namgen.errors import NamgenError, UnsupportedError

VERSION = 6
SUB_VERSION = 3
RELEASE = "1.23"
"""The first of MicroPython that reads it, as all have since."""

_RELEASES = {0: "1.19", 1: "1.20 and 1.21", 2: "1.22"}
_SMALL_INT_BITS = 31
_LEAST_WORD_BYTES = 4
_VIPER = 2  # kind of code: with relocations, and without arguments of its own
_KIND_BITS = 3
_RELOCATES, _HAS_RODATA, _HAS_BSS = 0x10, 0x20, 0x40
_ARCH_FLAGS = 0x40
_END = 0xFF


class Base(IntEnum):
    """What lies at an address that is added to a word; numbers as in the file."""

    TEXT = 0
    BSS = 2
    FUN_TABLE = 8


@dataclass(frozen=True, slots=True, order=True)
class Relocation:
    """A word of the text to which an address is added."""

    word: int  # its number in the text
    base: Base


@dataclass(frozen=True, slots=True)
class NativeModule:
    """What a file says."""

    arch: int  # number of the machine
    names: tuple[str, ...]  # the first is that of the file
    text: bytes  # its first instruction is the module's entry
    bss_bytes: int
    relocations: tuple[Relocation, ...]  # in the order of their words, each word once


def encode(module: NativeModule) -> bytes:
    """Spell a module as a file."""
    header = bytes([ord("M"), VERSION, module.arch << 2 | SUB_VERSION, _SMALL_INT_BITS])
    flags = (_RELOCATES if module.relocations else 0) | (_HAS_BSS if module.bss_bytes else 0)
    parts = [header, _number(len(module.names)), _number(0), *map(_name, module.names)]
    parts += [_number(len(module.text) << _KIND_BITS | _VIPER), module.text, _number(flags)]
    if module.bss_bytes:
        parts.append(_number(module.bss_bytes))
    if module.relocations:
        parts += [*_operations(module.relocations), bytes([_END])]
    return b"".join(parts)


def parse(data: bytes, file: str) -> NativeModule:
    """Read a module that namgen could have written; `file` is its name in messages.

    Raises:
        UnsupportedError: it is of another version, or has what namgen's modules have not.
        NamgenError: it is damaged.

    """
    reader = _Reader(data, file)
    arch = reader.header()
    name_count, object_count = reader.number(), reader.number()
    if object_count:
        raise UnsupportedError(f"{file}: expected a module without objects, found {object_count}")
    names = tuple(reader.name() for _ in range(name_count))
    code = reader.number()
    if code & 7 != _VIPER:
        raise UnsupportedError(f"{file}: expected native code by itself, found another kind")
    text, flags = reader.take(code >> _KIND_BITS), reader.number()
    if flags & _HAS_RODATA:
        raise UnsupportedError(f"{file}: expected constants in the text, found them beside it")
    bss_bytes = reader.number() if flags & _HAS_BSS else 0
    words = len(text) // _LEAST_WORD_BYTES
    relocations = tuple(reader.relocations(words)) if flags & _RELOCATES else ()
    reader.end()
    return NativeModule(arch, names, text, bss_bytes, relocations)


def _number(value: int) -> bytes:
    """Spell a number in sevens of bits, the highest first."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(0x80 | value & 0x7F)
    return bytes(reversed(digits))


def _name(name: str) -> bytes:
    spelt = name.encode()
    return _number(len(spelt) << 1) + spelt + b"\0"


def _operations(relocations: Sequence[Relocation]) -> Iterator[bytes]:
    """Spell relocations; words side by side of one base are one operation with a count."""
    numbered = enumerate(sorted(relocations))
    for _, group in groupby(numbered, lambda item: (item[1].word - item[0], item[1].base)):
        run = [relocation for _, relocation in group]
        yield from _run(run[0], len(run))


def _run(first: Relocation, count: int) -> Iterator[bytes]:
    """The table of functions has no counts."""
    if first.base is Base.FUN_TABLE:
        for word in range(first.word, first.word + count):
            yield bytes([first.base << 1 | 1]) + _number(word << 1)
        return
    operation = first.base << 1 | (count > 1)
    yield bytes([operation << 1 | 1]) + _number(first.word << 1)
    if count > 1:
        yield _number(count)


class _Reader:
    """Takes one piece of a file after the other."""

    def __init__(self, data: bytes, file: str) -> None:
        self._data = data
        self._file = file
        self._at = 0

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        found = self._data[self._at : self._at + count]
        if len(found) < count:
            raise self._damaged(f"{count} more bytes, found {len(found)}")
        self._at += count
        return found

    def number(self) -> int:
        """Return the next number."""
        value = 0
        while True:
            (byte,) = self.take(1)
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value

    def name(self) -> str:
        """Return the next name."""
        length = self.number()
        if length & 1:
            raise UnsupportedError(f"{self._file}: expected names in full, found a known one")
        spelt = self.take(length >> 1)
        if self.take(1) != b"\0":
            raise self._damaged("the end of a name")
        return spelt.decode("utf-8", "replace")

    def header(self) -> int:
        """Check the version, and return the number of the machine."""
        magic, version, feature, _ = self.take(4)
        if magic != ord("M"):
            raise self._damaged("a file that begins with M")
        arch, sub_version = feature >> 2 & 0x2F, feature & 3
        if (version, sub_version) != (VERSION, SUB_VERSION):
            release = _RELEASES.get(sub_version) if version == VERSION else None
            of = f", of MicroPython {release}" if release else ""
            raise UnsupportedError(
                f"{self._file}: expected .mpy {VERSION}.{SUB_VERSION}, of MicroPython {RELEASE} "
                f"and later; found {version}.{sub_version}{of}"
            )
        if arch == 0 or feature & _ARCH_FLAGS:
            raise UnsupportedError(f"{self._file}: expected native code, found none, or RISC-V's")
        return arch

    def relocations(self, words: int) -> Iterator[Relocation]:
        """Yield what is adapted, word by word; the text has `words` at most."""
        word = -1
        while (operation := self.take(1)[0]) != _END:
            if operation & 1:
                place = self.number()
                if place & 1:
                    raise UnsupportedError(f"{self._file}: expected addresses in the text alone")
                word = place >> 1
            base, count = self._base(operation >> 1)
            if not 0 <= word <= words - count:
                raise self._damaged("addresses in the text")
            for _ in range(count):
                yield Relocation(word, base)
                word += 1

    def _base(self, operation: int) -> tuple[Base, int]:
        counted = operation <= 5
        number = operation >> 1 if counted else operation
        try:
            base = Base(number)
        except ValueError:
            raise UnsupportedError(
                f"{self._file}: expected addresses of text, bss and the table of functions, "
                f"found operation {operation}"
            ) from None
        return base, self.number() if counted and operation & 1 else 1

    def end(self) -> None:
        """Check that nothing is left."""
        if self._at != len(self._data):
            raise self._damaged(f"an end after {self._at} bytes, found {len(self._data)}")

    def _damaged(self, expected: str) -> NamgenError:
        return NamgenError(f"{self._file}: expected {expected}; the module is damaged")
