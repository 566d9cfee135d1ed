"""The NEON layout, compiled for AArch64 and run on an emulated one, has the reference's bits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from elftools.elf.elffile import ELFFile
from generated_c import reference_output, signal_of, small_model

from host_sim.signals import Partition
from namgen.arithmetic import F32
from namgen.emit import emit
from namgen.ir import Model
from namgen.resources import cache_dir
from namgen.selection.plans import plan_model
from namgen.targets import load_target
from namgen.toolchain import ARITHMETIC, WARNINGS

IMAGE, IMAGE_BYTES = 0x10000, 64 << 20
STACK, STACK_BYTES = 0x10000000, 1 << 20
INPUT, OUTPUT, RETURN = 0x20000000, 0x20100000, 0x20200000
CALLS = Partition("calls", (1, 7, 48, 130, 3, 64))
FLAGS = ("-target", "aarch64-freestanding", "-O2", "-ffreestanding", "-fno-sanitize=undefined")


def image(model: Model, folder: Path) -> Path:
    """Compile and link the model alone."""
    planned = plan_model(model, target=load_target("aarch64"), block_frames=64)
    for file, text in emit(planned).items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    out = folder / "model.elf"
    command = [sys.executable, "-m", "ziglang", "cc", *FLAGS, *ARITHMETIC, *WARNINGS, "-Werror"]
    command += ["-nostdlib", "-static", f"-Wl,--image-base={IMAGE:#x}", "-Wl,-e,0"]
    keep = [f"-Wl,-u,nam_{planned.name}_{name}" for name in ("reset", "process")]
    command += [*keep, str(folder / f"nam_{planned.name}.c"), "-o", str(out)]
    caches = ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR")
    env = {**os.environ, **dict.fromkeys(caches, str(cache_dir() / "zig"))}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    return out


class Processor:
    """An emulated AArch64 with one model in its memory."""

    def __init__(self, elf: Path) -> None:
        unicorn = pytest.importorskip("unicorn")
        registers = pytest.importorskip("unicorn.arm64_const")
        self._registers = registers
        self._core = unicorn.Uc(unicorn.UC_ARCH_ARM64, unicorn.UC_MODE_ARM)
        for start, size in ((IMAGE, IMAGE_BYTES), (STACK, STACK_BYTES), (INPUT, 4 << 20)):
            self._core.mem_map(start, size)
        self._core.reg_write(registers.UC_ARM64_REG_CPACR_EL1, 3 << 20)
        with elf.open("rb") as file:
            read = ELFFile(file)
            for segment in read.iter_segments("PT_LOAD"):
                self._core.mem_write(segment["p_vaddr"], segment.data())
            table = read.get_section_by_name(".symtab")
            self._symbols = {s.name: s["st_value"] for s in table.iter_symbols()}

    def call(self, function: str, *arguments: int) -> None:
        """Run one function to its end."""
        for number, value in enumerate(arguments):
            self._core.reg_write(self._registers.UC_ARM64_REG_X0 + number, value)
        self._core.reg_write(self._registers.UC_ARM64_REG_SP, STACK + STACK_BYTES)
        self._core.reg_write(self._registers.UC_ARM64_REG_LR, RETURN)
        self._core.emu_start(self._symbols[function], RETURN)

    def process(self, function: str, samples: F32, out_channels: int) -> F32:
        """Play one call's frames."""
        self._core.mem_write(INPUT, np.ascontiguousarray(samples).tobytes())
        self.call(function, INPUT, OUTPUT, len(samples))
        data = self._core.mem_read(OUTPUT, len(samples) * out_channels * 4)
        return np.frombuffer(bytes(data), np.float32).reshape(len(samples), out_channels)


@pytest.mark.parametrize("network", ["two_arrays", "conv_head", "everything", "convnet", "lstm"])
def test_an_emulated_processor_gives_the_bits_of_the_reference(
    network: str, tmp_path: Path
) -> None:
    model = small_model(network)
    processor = Processor(image(model, tmp_path))
    processor.call(f"nam_{network}_reset")
    samples, channels = signal_of(model), model.network.out_channels
    parts = [
        processor.process(f"nam_{network}_process", samples[block], channels)
        for block in CALLS.blocks(len(samples))
    ]
    expected = reference_output(model, samples)
    assert np.concatenate(parts).tobytes() == expected.tobytes()
