"""Small C programs compiled and linked for the emulated Cortex-M7."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from namgen.errors import ToolError
from namgen.toolchain import CrossToolchain, find_cross

LINK = """\
ENTRY({entry})
MEMORY
{{
    CODE (rwx) : ORIGIN = {code:#x}, LENGTH = 64K
    DATA (rw) : ORIGIN = {data:#x}, LENGTH = 64K
}}
SECTIONS
{{
    .vectors : {{ KEEP(*(.vectors)) }} > CODE
    .text : {{ KEEP(*(.text*)) *(.rodata*) }} > CODE
    .data : {{ *(.data*) }} > DATA
    .bss (NOLOAD) : {{ *(.bss*) }} > DATA
    /DISCARD/ : {{ *(.ARM.*) *(.eh_frame) }}
}}
"""

BARE_START = """\
#include <stdint.h>
#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define DONE() __asm volatile("bkpt 0")
#define BARRIER() __asm volatile("dsb\\nisb" ::: "memory")
#define FPU_ON() (REG(0xE000ED88u) = 0xFu << 20); BARRIER()
void reset(void);
__attribute__((weak)) void tick(void);
__attribute__((weak)) void irq0(void);
__attribute__((weak)) void irq1(void);
__attribute__((section(".vectors"), used)) void (*const vectors[18])(void) = {
    (void (*)(void))0x20020000, reset, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, tick, irq0, irq1,
};
"""
"""Vectors and macros for programs that start at reset and end at a breakpoint; no data section."""


def cross() -> CrossToolchain:
    try:
        return find_cross()
    except ToolError as error:
        pytest.skip(str(error))


def build(
    folder: Path,
    source: str,
    *,
    entry: str,
    code: int = 0x08000000,
    data: int = 0x20000000,
) -> bytes:
    """Link one C text with all its functions; `entry` is any of them."""
    file = folder / "image.c"
    file.write_text(textwrap.dedent(source), encoding="utf-8")
    return link(folder, [file], entry=entry, code=code, data=data)


def link(
    folder: Path,
    files: Sequence[Path],
    *,
    entry: str,
    include_dirs: Sequence[Path] = (),
    defines: Mapping[str, str] | None = None,
    code: int = 0x08000000,
    data: int = 0x20000000,
) -> bytes:
    toolchain = cross()
    objects = []
    for file in files:
        objects.append(folder / f"{file.stem}.o")
        toolchain.compile(file, objects[-1], include_dirs=include_dirs, defines=defines)
    script = folder / "image.ld"
    script.write_text(LINK.format(entry=entry, code=code, data=data), encoding="utf-8")
    toolchain.link(objects, script, folder / "image.elf")
    return (folder / "image.elf").read_bytes()


def bare_image(folder: Path, body: str) -> bytes:
    """Link a program that starts at reset in flash."""
    return build(folder, BARE_START + textwrap.dedent(body), entry="reset")
