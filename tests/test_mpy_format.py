"""A native module's file is what MicroPython reads, byte for byte, and nothing else is taken."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namgen.errors import NamgenError, UnsupportedError
from namgen.mpy.format import Base, NativeModule, Relocation, encode, parse

TEXT = bytes(range(40))
SMALL = NativeModule(
    arch=8,
    names=("t.py", "reset"),
    text=TEXT,
    bss_bytes=300,
    relocations=(
        Relocation(1, Base.TEXT),
        Relocation(2, Base.BSS),
        Relocation(3, Base.BSS),
        Relocation(4, Base.BSS),
        Relocation(6, Base.FUN_TABLE),
        Relocation(7, Base.FUN_TABLE),
        Relocation(9, Base.TEXT),
    ),
)
SPELLED = (
    b"M\x06\x23\x1f"  # version 6, sub-version 3 with machine 8 << 2, 31 bits of small numbers
    b"\x02\x00"  # two names, no objects
    b"\x08t.py\x00"
    + b"\x0areset\x00"
    + b"\x82\x42"
    + TEXT  # 40 << 3 | viper, which is 2
    + b"\x50\x82\x2c"  # relocated, with 300 bytes of bss
    b"\x01\x02"  # text, word 1
    b"\x0b\x04\x03"  # bss, word 2, three of them
    b"\x11\x0c" + b"\x11\x0e"  # the table of functions, words 6 and 7, one by one
    b"\x01\x12"  # text, word 9
    b"\xff"
)


@st.composite
def modules(draw: st.DrawFn) -> NativeModule:
    words = draw(st.integers(0, 40))
    bases = draw(st.dictionaries(st.integers(0, 200), st.sampled_from(Base)))
    kept = {word: base for word, base in bases.items() if word < words}
    return NativeModule(
        arch=draw(st.integers(1, 12)),
        names=tuple(draw(st.lists(st.text(min_size=1, max_size=70), max_size=5))),
        text=draw(st.binary(min_size=4 * words, max_size=4 * words)),
        bss_bytes=draw(st.integers(0, 1 << 22)),
        relocations=tuple(Relocation(word, base) for word, base in sorted(kept.items())),
    )


def test_a_module_is_spelled_as_micropython_reads_it() -> None:
    assert encode(SMALL) == SPELLED


@given(modules())
def test_what_is_written_reads_back(module: NativeModule) -> None:
    assert parse(encode(module), "a.mpy") == module


@pytest.mark.parametrize(
    ("sub_version", "told"), [(2, "found 6.2, of MicroPython 1.22"), (1, "1.20 and 1.21")]
)
def test_another_sub_version_is_refused_by_the_release_it_is_of(
    sub_version: int, told: str
) -> None:
    data = bytearray(SPELLED)
    data[2] = data[2] & ~3 | sub_version
    with pytest.raises(UnsupportedError, match=told):
        parse(bytes(data), "a.mpy")


def test_another_version_is_refused() -> None:
    with pytest.raises(UnsupportedError, match=r"expected \.mpy 6\.3.*found 5\.3$"):
        parse(SPELLED[:1] + b"\x05" + SPELLED[2:], "a.mpy")


@pytest.mark.parametrize(
    ("place", "byte", "told"),
    [
        (0, b"C", "begins with M"),
        (2, b"\x03", "expected native code"),
        (5, b"\x01", "without objects"),
        (6, b"\x09", "names in full"),
        (20, b"\x41", "native code by itself"),
        (61, b"\x70", "constants in the text"),
    ],
)
def test_what_namgen_does_not_write_is_refused(place: int, byte: bytes, told: str) -> None:
    data = SPELLED[:place] + byte + SPELLED[place + 1 :]
    with pytest.raises(NamgenError, match=told):
        parse(data, "a.mpy")


@pytest.mark.parametrize("length", range(len(SPELLED)))
def test_a_file_that_is_cut_off_is_refused(length: int) -> None:
    with pytest.raises(NamgenError, match="damaged"):
        parse(SPELLED[:length], "a.mpy")


def test_bytes_behind_the_end_are_refused() -> None:
    with pytest.raises(NamgenError, match="an end after"):
        parse(SPELLED + b"\0", "a.mpy")


@pytest.mark.parametrize(
    "relocation", [Relocation(10, Base.TEXT), Relocation(1 << 30, Base.FUN_TABLE)]
)
def test_an_address_outside_of_the_text_is_refused(relocation: Relocation) -> None:
    with pytest.raises(NamgenError, match="addresses in the text"):
        parse(encode(replace(SMALL, relocations=(relocation,))), "a.mpy")


def test_an_endless_run_of_addresses_is_refused() -> None:
    head = SPELLED[: SPELLED.index(b"\x01\x02\x0b")]
    with pytest.raises(NamgenError, match="addresses in the text"):
        parse(head + b"\x0b\x04\xff\xff\xff\xff\x7f\xff", "a.mpy")


@pytest.mark.parametrize("operation", [2, 3, 6, 7, 9, 100])
def test_an_address_of_something_else_is_refused(operation: int) -> None:
    head = SPELLED[: SPELLED.index(b"\x01\x02\x0b")]
    with pytest.raises(UnsupportedError, match=f"operation {operation}"):
        parse(head + bytes([operation << 1 | 1]) + b"\x02\x01\xff", "a.mpy")
