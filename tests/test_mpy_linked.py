"""Addresses in a module are known by what they were made from; others are refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from mpy_programs import ARM, ENTRY, TOOLS, linked, need

from namgen.errors import ToolError
from namgen.mpy.archs import ARCHS
from namgen.mpy.format import Base
from namgen.mpy.linked import BSS_ORIGIN, TABLE_ORIGIN, Linked
from namgen.processors import Compiler
from namgen.targets import MODULE, load_target

FAR = f"""
#include <stdint.h>
static const int32_t numbers[4] = {{1, 2, 3, 4}};
static int32_t state[8];
extern const uintptr_t mp_fun_table[];
extern const uintptr_t words[];
const uintptr_t words[] = {{
    (uintptr_t)numbers + {BSS_ORIGIN}u, (uintptr_t)numbers - 0x9c000000u,
    (uintptr_t)state + 0x64000000u, (uintptr_t)state - {BSS_ORIGIN}u,
    (uintptr_t)mp_fun_table + 0x70000000u, (uintptr_t)mp_fun_table - {TABLE_ORIGIN}u,
    0x51515151u,
}};
int module_entry(void);
{ENTRY}
{{
    state[0]++;
    return (int)words[state[1]] + numbers[state[2]];
}}
"""
"""Words whose addresses, as the linker has them, lie where something else does."""


def words_of(found: Linked) -> list[int]:
    """The words of FAR's array, which end in the mark."""
    end = found.text.index((0x51515151).to_bytes(4, "little"))
    return [
        int.from_bytes(found.text[end - 4 * n : end - 4 * n + 4], "little") for n in range(6, 0, -1)
    ]


def bases_of(found: Linked) -> list[Base]:
    end = found.text.index((0x51515151).to_bytes(4, "little")) // 4
    bases = {relocation.word: relocation.base for relocation in found.relocations}
    return [bases[word] for word in range(end - 6, end)]


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("arch", ARM)
def test_a_far_offset_does_not_make_an_address_another_s(
    arch: str, tool: str, tmp_path: Path
) -> None:
    need(tool, arch)
    found = linked(FAR, tmp_path, arch=arch, tool=tool)
    numbers = found.text.index(b"".join(n.to_bytes(4, "little") for n in (1, 2, 3, 4)))
    assert bases_of(found) == [Base.TEXT] * 2 + [Base.BSS] * 2 + [Base.FUN_TABLE] * 2
    offsets = [BSS_ORIGIN, -0x9C000000, 0x64000000, -BSS_ORIGIN, 0x70000000, -TABLE_ORIGIN]
    places = [numbers, numbers, 0, 0, 0, 0]
    expected = [(a + b) % (1 << 32) for a, b in zip(offsets, places, strict=True)]
    assert words_of(found) == expected


def test_every_address_of_a_program_is_in_an_aligned_word_of_its_own(tmp_path: Path) -> None:
    found = linked(FAR, tmp_path, arch="armv7emdp")
    words = [relocation.word for relocation in found.relocations]
    assert len(words) == len(set(words))
    assert words == sorted(words)


@pytest.mark.parametrize(("arch", "tool"), [(arch, tool) for arch in ARM for tool in TOOLS])
def test_halves_of_addresses_in_instructions_are_refused(
    arch: str, tool: str, tmp_path: Path
) -> None:
    """What clang makes without no_movt, and GCC without -mword-relocations where it is tuned so."""
    need(tool, arch)
    plain = load_target(MODULE, arch).processor
    gcc = replace(plain.gcc, flags=(*plain.gcc.flags, "-mslow-flash-data"))
    plain = replace(plain, gcc=gcc)
    with pytest.raises(ToolError, match=r"expected the address of .* in a word.*\(movw\)"):
        linked(FAR, tmp_path, arch=arch, tool=tool, processor=plain)


@pytest.mark.parametrize("arch", ARCHS)
def test_variables_that_do_not_start_as_zeros_are_refused(arch: str, tmp_path: Path) -> None:
    text = f"int module_entry(void);\nstatic int count = 5;\n{ENTRY} {{ return count++; }}\n"
    with pytest.raises(ToolError, match=r"found \.data of 4 bytes"):
        linked(text, tmp_path, arch=arch)


def test_volatile_constants_of_gcc_are_refused(tmp_path: Path) -> None:
    """GCC takes them for variables."""
    need("gcc", "armv7emdp")
    text = (
        "int module_entry(void);\nstatic const volatile int five = 5;\n"
        f"{ENTRY} {{ return five; }}\n"
    )
    with pytest.raises(ToolError, match=r"found \.data of 4 bytes"):
        linked(text, tmp_path, arch="armv7emdp", tool="gcc")


def test_what_micropython_s_heap_cannot_align_is_refused(tmp_path: Path) -> None:
    text = (
        "int module_entry(void);\n__attribute__((aligned(64))) static int count[16];\n"
        f"{ENTRY} {{ static int at; return count[at++ & 15]++; }}\n"
    )
    with pytest.raises(ToolError, match=r"\.bss: expected alignment to 16 bytes at most, found 64"):
        linked(text, tmp_path, arch="armv7emdp")


def test_an_address_that_is_no_word_s_is_refused(tmp_path: Path) -> None:
    text = (
        "#include <stdint.h>\nint module_entry(void);\nstatic const int seven = 7;\n"
        "struct __attribute__((packed)) odd { char c; const int *p; };\n"
        "static const struct odd odd = {1, &seven};\n"
        f"{ENTRY} {{ const struct odd *volatile at = &odd; return *at->p; }}\n"
    )
    with pytest.raises(ToolError, match="in an aligned word of 4 bytes"):
        linked(text, tmp_path, arch="armv7emdp")


def test_an_address_from_outside_is_refused(tmp_path: Path) -> None:
    text = (
        "int module_entry(void);\nextern int elsewhere __attribute__((weak));\n"
        f"{ENTRY} {{ return &elsewhere != 0; }}\n"
    )
    with pytest.raises(ToolError, match="found that of elsewhere"):
        linked(text, tmp_path, arch="armv7emdp")


def test_absolute_addresses_of_x64_are_refused(tmp_path: Path) -> None:
    freestanding = Compiler(("-target", "x86_64-freestanding", "-mcpu=x86_64", "-fno-pic"))
    plain = replace(load_target(MODULE, "x64").processor, zig=freestanding)
    text = (
        "int module_entry(void);\nstatic const int numbers[4] = {1, 2, 3, 4};\nstatic int at;\n"
        f"{ENTRY} {{ return numbers[at++]; }}\n"
    )
    with pytest.raises(ToolError, match=r"found it in an instruction \(32S?\)"):
        linked(text, tmp_path, arch="x64", processor=plain)


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("arch", ARM)
def test_a_word_keeps_what_is_remembered_from_the_garbage_collector(
    arch: str, tool: str, tmp_path: Path
) -> None:
    """It keeps what an aligned word leads to the first byte of; code may need no such word."""
    need(tool, arch)
    text = (
        "int module_entry(int which);\nextern int state[64];\nint state[64];\n"
        "extern int *const inside[2];\nint *const inside[2] = {&state[40], &state[50]};\n"
        '__attribute__((section(".module_entry"))) int module_entry(int which)\n'
        "{ return ++*inside[which]; }\n"
    )
    found = linked(text, tmp_path, arch=arch, tool=tool)
    leads = [
        int.from_bytes(found.text[4 * r.word : 4 * r.word + 4], "little")
        for r in found.relocations
        if r.base is Base.BSS
    ]
    assert sorted(leads) == [0, 160, 200]
