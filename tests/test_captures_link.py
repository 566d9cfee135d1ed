"""Engines of one image lie at the same addresses, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import capture_sets
import pytest

from host_sim.capture_engines import machine_code
from namgen.boards import load_board
from namgen.captures import emit_captures
from namgen.firmware.elf import Elf, Section, overlaps, read_elf, used_bytes
from namgen.firmware.engines import section_name, shared_bytes
from namgen.firmware.link_script import extent, link_script
from namgen.toolchain import find_cross

DAISY = load_board("daisy")
ENGINES = capture_sets.three_shapes().memories
NAMES = {section_name(DAISY, "dtcm", engine) for engine in ENGINES}


def linked(tool: str, folder: Path) -> Elf:
    path = folder / "captures.elf"
    captures = capture_sets.three_shapes()
    path.write_bytes(machine_code(captures, emit_captures(captures), find_cross(tool)))
    return read_elf(path)


@pytest.mark.parametrize("tool", ["zig", "gcc"])
def test_engines_lie_at_the_end_of_their_region(tool: str, tmp_path: Path) -> None:
    elf = linked(tool, tmp_path)
    sections = [section for section in elf.sections if section.name in NAMES]
    dtcm = extent(DAISY, DAISY.region("dtcm"))
    assert len(sections) == 3
    assert {s.address for s in sections} == {dtcm.end - shared_bytes(ENGINES, "dtcm")}
    assert all(dtcm.holds(s.address, s.size_bytes) for s in sections)
    assert not any(section.data for section in sections)  # the image does not carry them
    assert used_bytes(elf, DAISY)["dtcm"] == max(section.size_bytes for section in sections)


@pytest.mark.parametrize("tool", ["zig", "gcc"])
def test_arrays_are_as_large_as_they_were_planned(tool: str, tmp_path: Path) -> None:
    elf = linked(tool, tmp_path)
    for engine in ENGINES:
        sizes = {s.name: s.size_bytes for s in elf.symbols if s.file == f"{engine.name}.c"}
        for buffer in engine.buffers:
            assert sizes[buffer.symbol] == buffer.size_bytes


@pytest.mark.parametrize("tool", ["zig", "gcc"])
def test_only_engines_may_overlap(tool: str, tmp_path: Path) -> None:
    elf = linked(tool, tmp_path)
    assert not list(overlaps(elf, NAMES))
    one, *others = sorted(NAMES)
    assert set(overlaps(elf, set(others))) == {
        f"linker: {a} and {b} lie in the same place" for a, b in [(one, x) for x in others]
    }


def test_what_reaches_into_engines_is_found() -> None:
    engine = sorted(NAMES)[0]
    bss = Section(".dtcm_bss", 0x20000000, 100, b"")
    there = Section(engine, 0x20000060, 4000, b"")
    behind = Section(".axi_bss", 0x20000800, 4, b"")
    beyond = Section(".dma_bss", 0x20001000, 4, b"")
    elf = Elf((), (beyond, behind, there, bss), ())
    assert list(overlaps(elf, NAMES)) == [
        f"linker: .dtcm_bss and {engine} lie in the same place",
        f"linker: {engine} and .axi_bss lie in the same place",
    ]
    assert not list(overlaps(Elf((), (there, beyond), ()), NAMES))


def test_the_rest_of_the_memory_ends_where_engines_begin() -> None:
    script = link_script(DAISY, DAISY.boot("flash"), "", engines=ENGINES)
    dtcm, shared = extent(DAISY, DAISY.region("dtcm")), shared_bytes(ENGINES, "dtcm")
    begin = dtcm.end - shared
    assert f"DTCM (rwx) : ORIGIN = {dtcm.origin:#010x}, LENGTH = {begin - dtcm.origin}\n" in script
    for engine in ENGINES:
        assert f"DTCM_{engine.name} (rwx) : ORIGIN = {begin:#010x}, LENGTH = {shared}\n" in script


def test_a_script_without_engines_is_what_it_was() -> None:
    script = link_script(DAISY, DAISY.boot("flash"), "SECTIONS\n")
    assert script.endswith("\n\nSECTIONS\n")
    assert "engine" not in script


def test_an_engine_takes_whole_words_of_the_boundary() -> None:
    engine = ENGINES[0]
    odd = replace(engine, buffers=[replace(b, size_bytes=12) for b in engine.buffers[:3]])
    assert odd.bytes_in("dtcm") == 48
    assert shared_bytes([odd], "dtcm") == 64
