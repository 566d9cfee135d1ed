"""The compilers give the same bytes anywhere, real FMA instructions and messages for people."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from namgen.errors import ChoiceError, ToolError
from namgen.resources import cache_dir
from namgen.toolchain import (
    ARITHMETIC,
    CROSS_NAMES,
    CrossToolchain,
    find_cross,
    find_host,
    shared_library_suffix,
)

pytestmark = pytest.mark.compiles

FUSED = """
float sum(float a, float b, float c);
float sum(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
"""
SEPARATE = """
float sum(float a, float b, float c);
float sum(float a, float b, float c) { return a * b + c; }
"""


@pytest.fixture(params=CROSS_NAMES)
def cross(request: pytest.FixtureRequest) -> CrossToolchain:
    name: str = request.param
    if name == "gcc" and shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("arm-none-eabi-gcc is not installed")
    return find_cross(name)


def compiled(cross: CrossToolchain, folder: Path, text: str, *extra: str, opt: str = "-O2") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "unit.c").write_text(text)
    cross.compile(folder / "unit.c", folder / "unit.o", extra=extra, opt=opt)
    return folder / "unit.o"


def undefined_symbols(path: Path) -> set[str]:
    with path.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        return {s.name for s in table.iter_symbols() if s["st_shndx"] == "SHN_UNDEF" and s.name}


def test_an_object_has_the_same_bytes_from_any_folder(
    cross: CrossToolchain, tmp_path: Path
) -> None:
    near = compiled(cross, tmp_path / "a", FUSED)
    far = compiled(cross, tmp_path / "another" / "and longer", FUSED)
    assert near.read_bytes() == far.read_bytes()


@pytest.mark.parametrize("opt", ["-O0", "-O2", "-O3"])
def test_fused_multiply_add_is_an_instruction(
    cross: CrossToolchain, tmp_path: Path, opt: str
) -> None:
    assert undefined_symbols(compiled(cross, tmp_path, FUSED, opt=opt)) == set()


def test_a_written_product_and_sum_stay_apart(cross: CrossToolchain, tmp_path: Path) -> None:
    fused = compiled(cross, tmp_path / "fused", FUSED)
    apart = compiled(cross, tmp_path / "apart", SEPARATE)
    assert text_section(fused) != text_section(apart)


def text_section(path: Path) -> bytes:
    with path.open("rb") as file:
        data: bytes = ELFFile(file).get_section_by_name(".text.sum").data()
        return data


def test_link_puts_the_entry_where_the_script_says(cross: CrossToolchain, tmp_path: Path) -> None:
    unit = compiled(cross, tmp_path, FUSED)
    script = tmp_path / "small.ld"
    script.write_text(
        "MEMORY { flash (rx) : ORIGIN = 0x08000000, LENGTH = 4K }\n"
        "ENTRY(sum)\n"
        "SECTIONS {\n"
        "  .text : { KEEP(*(.text.sum)) } > flash\n"
        "  /DISCARD/ : { *(.ARM.exidx*) }\n"
        "}\n"
    )
    cross.link([unit], script, tmp_path / "small.elf", map_file=tmp_path / "small.map")
    with (tmp_path / "small.elf").open("rb") as file:
        assert ELFFile(file).header["e_entry"] == 0x08000001
    assert "sum" in (tmp_path / "small.map").read_text()


def test_a_compile_error_is_told_in_the_compilers_words(
    cross: CrossToolchain, tmp_path: Path
) -> None:
    with pytest.raises(ToolError) as caught:
        compiled(cross, tmp_path, "int f(void) { return nothing_such; }\n")
    assert "nothing_such" in str(caught.value)
    assert "unit.c:1" in str(caught.value)


def test_a_link_error_names_the_missing_symbol(cross: CrossToolchain, tmp_path: Path) -> None:
    unit = compiled(
        cross, tmp_path, "int lost(void);\nint f(void);\nint f(void) { return lost(); }\n"
    )
    script = tmp_path / "any.ld"
    script.write_text("ENTRY(f)\nSECTIONS { .text : { KEEP(*(.text.f)) } }\n")
    with pytest.raises(ToolError, match="lost"):
        cross.link([unit], script, tmp_path / "any.elf")


def test_defines_and_include_folders_reach_the_compiler(
    cross: CrossToolchain, tmp_path: Path
) -> None:
    include = tmp_path / "include"
    include.mkdir()
    (include / "given.h").write_text("#define GIVEN 1\n")
    source = tmp_path / "use.c"
    source.write_text('#include "given.h"\nextern int x[GIVEN + EXTRA == 3 ? 1 : -1];\n')
    cross.compile(source, tmp_path / "use.o", include_dirs=[include], defines={"EXTRA": "2"})


def test_unknown_toolchain_lists_the_known_ones() -> None:
    with pytest.raises(ChoiceError, match="zig, gcc"):
        find_cross("keil")


@pytest.mark.parametrize("name", ["auto", "zig"])
def test_a_host_compiler_makes_a_library(name: str, tmp_path: Path) -> None:
    source = tmp_path / "unit.c"
    source.write_text(FUSED)
    library = tmp_path / f"unit{shared_library_suffix()}"
    find_host(name).shared_library([source], library)
    assert library.stat().st_size > 0


def test_every_host_build_carries_the_arithmetic_flags() -> None:
    assert set(ARITHMETIC) <= set(find_host().flags())


def test_the_first_start_of_zig_is_announced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAMGEN_CACHE_DIR", str(tmp_path / "cache"))
    lines: list[str] = []
    cross = find_cross("zig", progress=lines.append)
    compiled(cross, tmp_path / "one", FUSED)
    compiled(cross, tmp_path / "two", FUSED)
    assert len(lines) == 1
    assert "first time" in lines[0]


def test_a_cache_folder_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NAMGEN_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(ToolError, match="NAMGEN_CACHE_DIR"):
        cache_dir()
