"""The C uses the fused multiply-add of other processors, or does without, or refuses them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from generated_c import small_model

from namgen.emit import emit
from namgen.resources import cache_dir
from namgen.selection.plans import plan_model
from namgen.toolchain import ARITHMETIC

WITH_FMA = {
    "riscv32 with F": ("riscv32-freestanding", "generic_rv32+m+a+f+c"),
    "riscv64 with F and D": ("riscv64-freestanding", "baseline_rv64"),
    "aarch64": ("aarch64-linux-gnu", "baseline"),
    "armv7-a with vfpv4": ("arm-linux-gnueabihf", "cortex_a7"),
    "cortex-m4 with fpu": ("thumb-freestanding-eabihf", "cortex_m4+vfp4d16sp"),
    "cortex-m33 with fpu": ("thumb-freestanding-eabihf", "cortex_m33+fp_armv8d16sp"),
    "powerpc64le": ("powerpc64le-linux-gnu", "baseline"),
    "powerpc": ("powerpc-linux-gnueabihf", "baseline"),
    "s390x": ("s390x-linux-gnu", "baseline"),
    "loongarch64": ("loongarch64-linux-gnu", "baseline"),
    "x86-64 with fma": ("x86_64-linux-gnu", "x86_64_v3"),
}
WITHOUT_FMA = {
    "x86-64": ("x86_64-linux-gnu", "x86_64"),
    "armv7-a with vfpv3": ("arm-linux-gnueabihf", "cortex_a9"),
    "mips64 with fpu": ("mips64el-linux-gnuabi64", "mips64r2"),
}
REFUSED = {
    "cortex-m0": ("thumb-freestanding-eabi", "cortex_m0"),
    "cortex-m7 without fpu": ("thumb-freestanding-eabihf", "cortex_m7"),
    "riscv32 without F": ("riscv32-freestanding", "generic_rv32+m+a+c"),
}
MANY_BYTES = 40_000
"""More than the small LSTM takes anywhere (17 to 30 KB); emulated double took hundreds."""


def compile_for(processor: tuple[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    for file, text in emit(plan_model(small_model("lstm"))).items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    target, cpu = processor
    caches = dict.fromkeys(
        ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"), str(cache_dir() / "zig")
    )
    command = [sys.executable, "-m", "ziglang", "cc", "-target", target, f"-mcpu={cpu}", "-O2"]
    command += [
        *ARITHMETIC,
        "-Wall",
        "-Wextra",
        "-Werror",
        "-ffreestanding",
        "-fno-sanitize=all",
        "-fno-unwind-tables",
        "-fno-asynchronous-unwind-tables",
    ]
    command += ["-c", "nam_lstm.c", "-o", "out.o"]
    env = {**os.environ, **caches}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def symbols_and_text(made: Path) -> tuple[set[str], set[str], int]:
    """Names an object wants, names it has, bytes of its code and constants."""
    with made.open("rb") as file:
        elf = ELFFile(file)
        table = elf.get_section_by_name(".symtab")
        symbols = [symbol for symbol in table.iter_symbols() if symbol.name]
        wanted = {s.name for s in symbols if s["st_shndx"] == "SHN_UNDEF"}
        kept = [
            s for s in elf.iter_sections() if s["sh_flags"] & 2 and s["sh_type"] != "SHT_NOBITS"
        ]
        return wanted, {s.name for s in symbols} - wanted, sum(s.data_size for s in kept)


@pytest.mark.parametrize("processor", WITH_FMA)
def test_a_processor_with_fused_multiply_add_uses_it(processor: str, tmp_path: Path) -> None:
    done = compile_for(WITH_FMA[processor], tmp_path)
    assert done.returncode == 0, done.stderr
    wanted, found, size = symbols_and_text(tmp_path / "out.o")
    assert wanted <= {".TOC."}, "a library is called"
    assert "nam_fma_rare" not in found
    assert size < MANY_BYTES


@pytest.mark.parametrize("processor", WITHOUT_FMA)
def test_a_processor_with_double_does_without(processor: str, tmp_path: Path) -> None:
    done = compile_for(WITHOUT_FMA[processor], tmp_path)
    assert done.returncode == 0, done.stderr
    wanted, found, _ = symbols_and_text(tmp_path / "out.o")
    assert wanted <= {"_gp_disp"}, "a library is called"
    assert "nam_fma_rare" in found


@pytest.mark.parametrize("processor", REFUSED)
def test_a_processor_without_either_is_refused(processor: str, tmp_path: Path) -> None:
    done = compile_for(REFUSED[processor], tmp_path)
    assert done.returncode != 0
    assert "namgen: this target needs a floating-point unit" in done.stderr
