"""Prints what an Arduino library costs on a Teensy 4.1: `python -m benchmarks.teensy`.

The C and an object are compiled as Teensy's core does it (arm-none-eabi-gcc, its flags, the
level of its menu), with a stand-in of the audio library, and run on the emulated Cortex-M7; the
cycle model times `update`. Code lies in ITCM, all data in memory that is timed as DTCM. Nothing was
measured on a board, and no other chip's memories are known: the numbers hold if those of the
i.MX RT1062 behave like those of the STM32H750.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from elftools.elf.elffile import ELFFile

from benchmarks.models import presets
from host_sim.emulator.core import Core
from host_sim.emulator.memory import SCRATCH
from host_sim.m7.meter import profile
from namgen.fixed.model import in_fixed_point
from namgen.ir import Model
from namgen.lower import lower
from namgen.nam_file import read
from namgen.order import make_order
from namgen.packages.arduino import ArduinoLibrary
from namgen.processors.pipeline import Parameters, load_parameters
from namgen.scratch import write_files
from namgen.selection.plans import planned
from namgen.targets import load_target

ROOT = Path(__file__).resolve().parents[1]
STUBS = ROOT / "tests" / "teensy_stubs"
CPU = ("-mcpu=cortex-m7", "-mfpu=fpv5-d16", "-mfloat-abi=hard", "-mthumb")
C_FLAGS = ("-std=gnu17", *CPU, "-ffunction-sections", "-fdata-sections")
CXX_FLAGS = ("-std=gnu++17", *CPU, "-ffunction-sections", "-fno-exceptions", "-fno-rtti")
LEVELS = ("-O1", "-O2", "-O3", "-Os")
BLOCKS = (16, 32, 48, 64, 128)
LIBRARY_BLOCK = 128
DATA = 0xC200_0000
SCRIPT = f"""ENTRY(stub_block)
MEMORY {{ itcm (rx) : ORIGIN = 0, LENGTH = 64K
  dtcm (rw) : ORIGIN = {DATA:#x}, LENGTH = 512K }}
SECTIONS {{ .text 0x100 : {{ KEEP(*(.text*)) }} > itcm
  .rodata : {{ *(.rodata*) *(.data*) }} > dtcm
  .bss (NOLOAD) : {{ *(.bss*) *(COMMON) }} > dtcm
  /DISCARD/ : {{ *(.ARM.ex*) *(.init_array*) }} }}
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one of the two classes plays."""

    title: str
    end: str  # of the names of header and class
    rate: str  # the macro that has it
    dtype: str
    scale: float  # a tenth of full scale


FLOATS = Sample("floats", "_f32", "GIVEN_RATE", "float32", 0.1)
WORDS = Sample("words", "", "AUDIO_SAMPLE_RATE_EXACT", "int16", 3277.0)


@dataclass(frozen=True, slots=True)
class Cost:
    """One library at one level."""

    cycles: float  # a sample, mean
    worst: float
    text_bytes: int
    estimated: float  # by `build`, a sample
    object_bytes: int


def cost(model: Model, block_frames: int, level: str, sample: Sample = FLOATS) -> Cost:
    """Make a library, compile it, and time blocks of the audio library through it."""
    target = load_target("c", "teensy41")
    order = make_order(target, clock=None, block_frames=block_frames)
    made = planned(model, order)
    assert target.arduino is not None
    assert made.prediction is not None
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder)
        write_files(ArduinoLibrary(target.arduino).files(made.plan, order), library)
        elf = _compiled(library, model.name, level, sample)
        with elf.open("rb") as file:
            section = ELFFile(file).get_section_by_name(".text")
            text_bytes = section["sh_size"] if section else 0
        found = _timed(elf, sample)
    state = sum(buffer.size_bytes for buffer in made.plan.buffers if not buffer.constant)
    estimated = made.prediction.cycles_per_block / order.block_frames
    return Cost(found[0], found[1], text_bytes, estimated, state)


def _compiled(library: Path, name: str, level: str, sample: Sample) -> Path:
    words = [level, "-Isrc", f"-I{STUBS}"]
    model = [*C_FLAGS, *words, "-c", f"src/nam_{name}.c", "-o", "model.o"]
    subprocess.run(["arm-none-eabi-gcc", *model], cwd=library, check=True)
    told = [
        f'-DMODEL_AUDIO="nam_{name}_audio{sample.end}.h"',
        f"-DMODEL_CLASS=AudioEffectNam_{name}{sample.end.upper()}",
        *(f"-DIS_F32={int(sample == FLOATS)}", f"-D{sample.rate}=48000.0f"),
    ]
    (library / "bare.ld").write_text(SCRIPT)
    kept = ["-Wl,-u,stub_start", "-Wl,-u,stub_block", "-Wl,--no-warn-rwx-segments"]
    link = ["-nostdlib", "-Tbare.ld", *kept, "model.o", "-lc", "-lgcc", "-o", "bare.elf"]
    words = [*CXX_FLAGS, *words, *told, str(STUBS / "bare.cpp"), *link]
    subprocess.run(["arm-none-eabi-g++", *words], cwd=library, check=True)
    return library / "bare.elf"


def _timed(elf: Path, sample: Sample) -> tuple[float, float]:
    core = Core()
    core.load(elf.read_bytes())
    if core.call("stub_start"):
        raise ValueError("the object does not play")
    noise = np.random.default_rng(1)

    def block() -> None:
        samples = sample.scale * noise.standard_normal(LIBRARY_BLOCK)
        core.memory.write(SCRATCH, samples.astype(sample.dtype).tobytes())
        core.call("stub_block", SCRATCH, SCRATCH + (1 << 20), LIBRARY_BLOCK, ord("p"))

    found = profile(
        core, block, block_symbol="stub_update", blocks=6, warm_up=4, parameters=as_teensy()
    )
    return found.average_cycles / LIBRARY_BLOCK, found.worst_cycles / LIBRARY_BLOCK


def as_teensy() -> Parameters:
    """Let the memory that a library's data lie in be as fast as DTCM is."""
    known = load_parameters()
    (dtcm,) = (region for region in known.memory if region.name == "dtcm")
    larger = replace(dtcm, name="dtcm of a Teensy", origin=DATA, size_bytes=512 << 10)
    return replace(known, memory=(larger, *known.memory))


def models() -> Iterator[tuple[str, Model]]:
    """The presets, and the full A2 in the integers that fit."""
    for preset in presets():
        yield preset.name, preset.load()
    full = lower(read(ROOT / "examples" / "tweed-a2.nam"), submodel="full", name="timed")
    yield "A2-Full, fixed16", in_fixed_point(full, "fixed16")


def main() -> None:
    """Print a table of blocks, one of levels, and one of the two classes."""
    print("| | block | cycles a sample | of 600 MHz at 48 kHz | estimated | .text | an object |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, model in models():
        for block_frames in BLOCKS:
            print(_row(f"{name} | {block_frames}", cost(model, block_frames, "-O2")), flush=True)
    print("\n| | level | cycles a sample | of 600 MHz at 48 kHz | estimated | .text | an object |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for name, model in models():
        for level in LEVELS:
            print(_row(f"{name} | `{level}`", cost(model, LIBRARY_BLOCK, level)), flush=True)
    print("\n| | plays | cycles a sample | of 600 MHz at 48 kHz | estimated | .text | an object |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for name, model in models():
        for sample in (FLOATS, WORDS):
            found = cost(model, LIBRARY_BLOCK, "-O2", sample)
            print(_row(f"{name} | {sample.title}", found), flush=True)


def _row(begin: str, found: Cost) -> str:
    share = f"{found.cycles / 125:.1f} %"
    sizes = f"{found.text_bytes:,} | {found.object_bytes:,}"
    return f"| {begin} | {found.cycles:,.0f} | {share} | {found.estimated:,.0f} | {sizes} |"


if __name__ == "__main__":
    main()
