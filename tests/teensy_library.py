"""Arduino libraries for a Teensy, as `namgen build --target c --cpu teensy41` makes them, run."""

from __future__ import annotations

import ctypes
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from c_packages import run
from generated_c import reference_output, small_model

from host_sim.emulator.core import Core
from host_sim.emulator.memory import SCRATCH
from namgen.arithmetic import F32
from namgen.ir import Model
from namgen.order import make_order
from namgen.packages.arduino import ArduinoLibrary
from namgen.scratch import write_files
from namgen.selection.plans import plan_model
from namgen.targets import load_target

STUBS = Path(__file__).parent / "teensy_stubs"
CROSS, CROSS_C = "arm-none-eabi-g++", "arm-none-eabi-gcc"
CPU = ("-mcpu=cortex-m7", "-mfpu=fpv5-d16", "-mfloat-abi=hard", "-mthumb")
PLACES = ("-ffunction-sections", "-fdata-sections")
C_FLAGS = ("-std=gnu17", *CPU, *PLACES)
CXX_FLAGS = ("-std=gnu++17", "-fno-exceptions", "-fno-rtti", "-felide-constructors", *CPU, *PLACES)
"""What Teensy's core tells the compilers; the level of the menu comes on top."""

STRICT = ("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wundef", "-Wdouble-promotion")
STRICT = (*STRICT, "-Werror")
BLOCK = 128
FULL_SCALE = 32768

I16 = npt.NDArray[np.int16]

_SCRIPT = """
ENTRY(stub_block)
MEMORY
{
    code (rx) : ORIGIN = 0x90000000, LENGTH = 8M
    data (rw) : ORIGIN = 0xC2000000, LENGTH = 32M
}
SECTIONS
{
    .text : { KEEP(*(.text .text.*)) } > code
    .rodata : { *(.rodata .rodata.*) } > code
    .data : { *(.data .data.*) } > data
    .bss (NOLOAD) : { *(.bss .bss.* COMMON) } > data
    /DISCARD/ : { *(.ARM.exidx*) *(.ARM.extab*) *(.init_array*) }
}
"""


def need(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not on PATH")


def write_library(folder: Path, model: Model | str, block_frames: int | None = None) -> Path:
    """Write the library of a model, or of one of the small networks, into a folder of its name."""
    model = small_model(model) if isinstance(model, str) else model
    target = load_target("c", "teensy41")
    order = make_order(target, clock=None, block_frames=block_frames)
    planned = plan_model(model, target=target, block_frames=order.block_frames)
    assert target.arduino is not None
    write_files(ArduinoLibrary(target.arduino).files(planned, order), folder / model.name)
    return folder / model.name


def told(name: str, *, f32: bool, rate: float = 48000) -> list[str]:
    """The macros that `blocks.h` is told."""
    end = "_f32" if f32 else ""
    rates = [f"-DGIVEN_RATE={rate:.1f}f"] if f32 else [f"-DAUDIO_SAMPLE_RATE_EXACT={rate:.1f}f"]
    return [
        f'-DMODEL_AUDIO="nam_{name}_audio{end}.h"',
        f"-DMODEL_CLASS=AudioEffectNam_{name}{end.upper()}",
        f"-DIS_F32={int(f32)}",
        *rates,
    ]


class HostObject:
    """An object of a library, compiled for this machine."""

    def __init__(self, library: Path, *, f32: bool, rate: float = 48000) -> None:
        need("gcc", "g++")
        name, out = library.name, library / f"object{'_f32' if f32 else ''}_{rate}.so"
        words = ["-O2", "-ffp-contract=off", "-fPIC", "-Isrc", f"-I{STUBS}"]
        run(["gcc", "-std=gnu17", *words, "-c", f"src/nam_{name}.c", "-o", "model.o"], library)
        macros = told(name, f32=f32, rate=rate)
        words = ["-std=gnu++17", *STRICT, *words, *macros, "-shared"]
        run(["g++", *words, STUBS / "blocks.cpp", "model.o", "-o", out], library)
        self.code = ctypes.CDLL(str(out))
        self.code.stub_start.restype = ctypes.c_char_p
        self.error = self.code.stub_start()

    def told_error(self) -> str:
        self.code.stub_error.restype = ctypes.c_char_p
        return (self.code.stub_error() or b"").decode()

    def block(self, samples: npt.NDArray[np.generic], outs: int, letter: str) -> tuple[int, bytes]:
        """Play a block; what `stub_block` says, and the samples that came out."""
        given = np.ascontiguousarray(samples)
        out = np.empty((len(given), outs), given.dtype)
        pointers = (ctypes.c_void_p(array.ctypes.data) for array in (given, out))
        return self.code.stub_block(*pointers, len(given), ord(letter)), out.tobytes()


class BareObject:
    """The same as machine code of a Cortex-M7, made by Teensy's compiler with its flags."""

    def __init__(self, library: Path, flags: Sequence[str], *, f32: bool) -> None:
        need(CROSS)
        pytest.importorskip("unicorn")
        name = library.name
        (library / "bare.ld").write_text(_SCRIPT)
        words = [*flags, "-Isrc", f"-I{STUBS}"]
        run([CROSS_C, *C_FLAGS, *words, "-c", f"src/nam_{name}.c", "-o", "model.o"], library)
        macros = told(name, f32=f32)
        source = STUBS / "bare.cpp"
        kept = ["-Wl,-u,stub_start", "-Wl,-u,stub_block", "-Wl,-u,stub_self_test"]
        link = ["-nostdlib", "-Tbare.ld", *kept, "model.o", "-lc", "-lgcc"]
        run([CROSS, *CXX_FLAGS, *words, *macros, source, *link, "-o", "bare.elf"], library)
        self.core = Core()
        self.core.load((library / "bare.elf").read_bytes())
        assert self.core.call("stub_start") == 0

    def block(self, samples: npt.NDArray[np.generic], outs: int) -> tuple[int, bytes]:
        """Play a block."""
        out = SCRATCH + (1 << 20)
        self.core.memory.write(SCRATCH, samples.tobytes())
        said = self.core.call("stub_block", SCRATCH, out, len(samples), ord("p"))
        return said, self.core.memory.read(out, len(samples) * outs * samples.itemsize)


def words_of(samples: F32) -> I16:
    """What comes from a codec."""
    return np.clip(np.round(samples * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def heard(words: I16) -> F32:
    """The twin of the object's `heard`: exact."""
    return (words.astype(np.float32) / np.float32(FULL_SCALE)).astype(np.float32)


def played(samples: F32) -> I16:
    """The twin of the object's `sampleOf`: held, then to the nearest, halves to even; NaN is 0."""
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = samples.astype(np.float32) * np.float32(FULL_SCALE)
        held = np.minimum(np.maximum(scaled, np.float32(-FULL_SCALE)), np.float32(FULL_SCALE - 1))
        return np.where(np.isnan(held), 0, np.rint(held)).astype(np.int16)


def twin(model: Model, words: I16) -> I16:
    """What the object of 16 bits has to send."""
    return played(reference_output(model, heard(words)))
