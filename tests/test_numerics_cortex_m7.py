"""The kernels on the Cortex-M7: nothing called, no division or flag transfer in tanh, same bits."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection
from numerics_c import (
    ACTIVATIONS,
    KERNELS,
    LABELS,
    STRICT,
    TILES,
    different,
    kernel_source,
    tile_operations,
)

from namgen.arithmetic import F32
from namgen.reference.accuracy import float32_value, samples
from namgen.reference.fma import fma
from namgen.toolchain import CROSS_NAMES, CrossToolchain, find_cross

FOUR_TANH = """
#include "nam_tanh.h"

void four_tanh(float *x, const float *end);
void four_tanh(float *x, const float *end)
{
    for (; x != end; x += 4) {
        const float a = nam_tanh(x[0]);
        const float b = nam_tanh(x[1]);
        const float c = nam_tanh(x[2]);
        const float d = nam_tanh(x[3]);
        x[0] = a;
        x[1] = b;
        x[2] = c;
        x[3] = d;
    }
}
"""
INSTRUCTIONS_PER_FOUR = 72  # 14 each, 8 loads and stores, the loop; a little room

LINK_SCRIPT = """
MEMORY { code (rx) : ORIGIN = 0x08000000, LENGTH = 128K }
ENTRY(fuse)
SECTIONS {
    .text : { KEEP(*(.text*)) *(.rodata*) } > code
    /DISCARD/ : { *(.ARM*) *(.comment) }
}
"""
DATA, STACK, RETURN = 0x20000000, 0x30010000, 0x08020000


@pytest.fixture(params=CROSS_NAMES)
def cross(request: pytest.FixtureRequest) -> CrossToolchain:
    name: str = request.param
    if name == "gcc" and shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("arm-none-eabi-gcc is not installed")
    return find_cross(name)


def compiled(cross: CrossToolchain, folder: Path, text: str, opt: str = "-O2") -> Path:
    source, out = folder / "kernels.c", folder / "kernels.o"
    source.write_text(text)
    (folder / TILES).write_text(tile_operations())
    cross.compile(source, out, include_dirs=[KERNELS], opt=opt, extra=STRICT)
    return out


def symbols(elf_file: Path) -> dict[str, int]:
    """Address by name; undefined symbols are at -1."""
    with elf_file.open("rb") as stream:
        table = ELFFile(stream).get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        return {
            s.name: -1 if s["st_shndx"] == "SHN_UNDEF" else s["st_value"]
            for s in table.iter_symbols()
            if s.name
        }


@pytest.mark.parametrize("opt", ["-O0", "-Os", "-O2", "-O3"])
def test_no_kernel_calls_anything(cross: CrossToolchain, opt: str, tmp_path: Path) -> None:
    undefined = {
        n for n, at in symbols(compiled(cross, tmp_path, kernel_source(), opt)).items() if at < 0
    }
    assert not undefined


def mnemonics(object_file: Path, function: str) -> list[str]:
    capstone = pytest.importorskip("capstone")
    with object_file.open("rb") as stream:
        code = ELFFile(stream).get_section_by_name(f".text.{function}").data()
    decoder = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_V8)
    decoder.skipdata = True
    return [instruction.mnemonic for instruction in decoder.disasm(code, 0)]


def test_tanh_has_no_division_and_moves_no_flags(cross: CrossToolchain, tmp_path: Path) -> None:
    found = mnemonics(compiled(cross, tmp_path, FOUR_TANH), "four_tanh")
    assert sum(name.startswith("vfma") for name in found) == 12
    assert not [name for name in found if re.match(r"vdiv|vmrs|vcmp|bl", name)]


def test_four_tanh_take_few_instructions(cross: CrossToolchain, tmp_path: Path) -> None:
    found = mnemonics(compiled(cross, tmp_path, FOUR_TANH), "four_tanh")
    first = next(i for i, name in enumerate(found) if name.startswith("vmaxnm"))
    last = len(found) - 1 - next(i for i, n in enumerate(found[::-1]) if n.startswith("vfma"))
    assert last - first < INSTRUCTIONS_PER_FOUR


class Processor:
    """An emulated Cortex-M7 that calls functions of a linked image on float arrays."""

    def __init__(self, image: Path) -> None:
        unicorn = pytest.importorskip("unicorn")
        self._arm = pytest.importorskip("unicorn.arm_const")
        self._uc = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB)
        self._uc.ctl_set_cpu_model(self._arm.UC_CPU_ARM_CORTEX_M7)
        for base, size in ((0x08000000, 0x40000), (DATA, 0x1000000), (STACK - 0x10000, 0x20000)):
            self._uc.mem_map(base, size)
        self._symbols = symbols(image)
        with image.open("rb") as stream:
            for segment in ELFFile(stream).iter_segments("PT_LOAD"):
                self._uc.mem_write(segment["p_vaddr"], segment.data())

    def run(self, function: str, *inputs: F32) -> F32:
        places = [DATA + i * inputs[0].nbytes for i in range(len(inputs) + 1)]
        for place, values in zip(places, inputs, strict=False):
            self._uc.mem_write(place, values.tobytes())
        arguments = [*places, inputs[0].size]
        if len(arguments) > 4:  # the fifth goes on the stack
            self._uc.mem_write(STACK, arguments[4].to_bytes(4, "little"))
        for register, value in zip(("R0", "R1", "R2", "R3"), arguments, strict=False):
            self._uc.reg_write(getattr(self._arm, f"UC_ARM_REG_{register}"), value)
        self._uc.reg_write(self._arm.UC_ARM_REG_SP, STACK)
        self._uc.reg_write(self._arm.UC_ARM_REG_LR, RETURN | 1)
        self._uc.emu_start(self._symbols[function] | 1, RETURN)
        return np.frombuffer(self._uc.mem_read(places[-1], inputs[0].nbytes), np.float32)


@pytest.fixture
def processor(cross: CrossToolchain, tmp_path: Path) -> Processor:
    script, image = tmp_path / "kernels.ld", tmp_path / "kernels.elf"
    script.write_text(LINK_SCRIPT)
    cross.link([compiled(cross, tmp_path, kernel_source())], script, image)
    return Processor(image)


def test_the_processor_computes_the_bits_of_numpy(processor: Processor) -> None:
    x = samples()[::3].copy()
    problems = {}
    for number, (label, activation) in enumerate(zip(LABELS, ACTIVATIONS, strict=True)):
        expected = float32_value(activation, x)
        problems[label] = different(processor.run(f"apply_{number}", x), expected)
    a, b, c = (np.random.default_rng(9).permutation(x) for _ in range(3))
    problems["fma"] = different(processor.run("fuse", a, b, c), fma(a, b, c))
    assert not {label: problem for label, problem in problems.items() if problem}
