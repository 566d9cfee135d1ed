"""Compiles the generated C with every supported compiler and looks at what came out."""

from __future__ import annotations

import hashlib
import pickle
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_networks
from elftools.elf.elffile import ELFFile

from host_sim.engines import EmulatorEngine, Engine, HostEngine, ReferenceEngine
from host_sim.host_library import host_library
from host_sim.signals import standard_signals
from namgen.arithmetic import F32
from namgen.emit import emit
from namgen.ir import Model
from namgen.plan import Plan
from namgen.plan.memory import OldestRun
from namgen.plan.stages import KernelStage
from namgen.processors import Processor, vector_processors
from namgen.toolchain import ARITHMETIC, CrossToolchain, HostCc, find_cross, find_host

HOST_COMPILERS = {"gcc": "gcc", "clang": "clang", "zig": "zig"}
CROSS_COMPILERS = {"arm-gcc": "gcc", "zig-cortex-m7": "zig"}
COMPILERS = (*HOST_COMPILERS, *CROSS_COMPILERS)
PROGRAMS = {"gcc": "gcc", "clang": "clang", "arm-gcc": "arm-none-eabi-gcc"}
"""What must be on PATH; zig comes with namgen."""

SIGNAL_FRAMES = 120
_SLOW = pytest.mark.slow
COMMON_UNIT = "avx2"
SAMPLE = ("everything", "lstm", "linear")
"""Networks in the layouts of units that few machines of CI have: as plain C they take gcc up to
half a minute each. `-m slow` has all, and test_host_layout_neon.py plays five with real NEON."""


def networks_and_units() -> list[Any]:
    """Every small network in the layout of every vector unit, as pytest parameters."""
    units = (processor.vector_unit for processor in vector_processors())
    pairs = product(small_networks.EVERY_NETWORK, units)
    return [
        pytest.param(*pair, marks=() if COMMON_UNIT in pair or pair[0] in SAMPLE else _SLOW)
        for pair in pairs
    ]


def need(compiler: str) -> None:
    """Skip the test where a compiler is not installed."""
    program = PROGRAMS.get(compiler)
    if program is not None and shutil.which(program) is None:
        pytest.skip(f"{program} is not on PATH")


def small_model(name: str) -> Model:
    """One of the networks of `small_networks`, as `lower` would give it."""
    network = small_networks.TO_READ[name]()
    return Model(name, f"{name}.nam", "0" * 64, 48000, network)


def compile_strictly(planned: Plan, compiler: str, folder: Path, *, opt: str = "-O2") -> Path:
    """Compile with every warning an error to code that no library was linked to."""
    if compiler in HOST_COMPILERS:
        host = strict(find_host(HOST_COMPILERS[compiler]))
        return host_library(emit(planned), planned.name, compiler=host, opt=opt)
    for file, text in emit(planned).items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    source, out = folder / f"nam_{planned.name}.c", folder / f"{compiler}{opt}.out"
    StrictCross(find_cross(CROSS_COMPILERS[compiler])).compile(source, out, opt=opt)
    return out


def strict(compiler: HostCc) -> HostCc:
    """The compiler without mercy for warnings and without libraries.

    Tests of warnings and tests of bits take it both: gcc needs half a minute for one network in the
    NEON layout, and the cache of libraries then compiles it for both.
    """
    return replace(compiler, cpu_flags=(*compiler.cpu_flags, "-Werror", "-nostdlib"))


@dataclass(frozen=True, slots=True)
class StrictCross:
    """The cross compiler without mercy for warnings; with it, too, a text is compiled once."""

    real: CrossToolchain

    @property
    def name(self) -> str:
        return self.real.name

    @property
    def version(self) -> str:
        return self.real.version

    @property
    def processor(self) -> Processor:
        return self.real.processor

    def compile(
        self, source: Path, out: Path, *, extra: Sequence[str] = (), **options: Any
    ) -> None:
        self.real.compile(source, out, extra=(*extra, "-Werror"), **options)

    def link(self, objects: Sequence[Path], script: Path, out: Path, **options: Any) -> None:
        self.real.link(objects, script, out, **options)


def assert_same_bits(found: F32, expected: F32) -> None:
    """Fail where a sample differs, and say which is the first."""
    found, expected = found.ravel(), expected.ravel()
    differing = np.flatnonzero(found.view(np.uint32) != expected.view(np.uint32))
    assert not differing.size, f"{differing.size} samples differ, the first is {differing[0]}"


def undefined_symbols(path: Path) -> set[str]:
    """Names an ELF object or library wants from elsewhere."""
    with path.open("rb") as file:
        tables = ELFFile(file).iter_sections()
        symbols = [s for t in tables if hasattr(t, "iter_symbols") for s in t.iter_symbols()]
        assert any(symbol.name.endswith("_process") for symbol in symbols), "no symbol table"
        return {s.name for s in symbols if s.name and s["st_shndx"] == "SHN_UNDEF"}


def engine_of(planned: Plan, compiler: str, *, opt: str, fma: bool = True) -> Engine:
    """Something that runs the C as this compiler makes it."""
    if compiler in HOST_COMPILERS:
        chosen = strict(find_host(HOST_COMPILERS[compiler], fma=fma))
        return HostEngine(planned, compiler=chosen, opt=opt)
    chosen = StrictCross(find_cross(CROSS_COMPILERS[compiler]))
    return EmulatorEngine(planned, toolchain=chosen, opt=opt)


_REFERENCES: dict[bytes, F32] = {}


def reference_output(model: Model, samples: F32) -> F32:
    """What the reference makes of samples (frames, channels) from the start; worked out once."""
    key = hashlib.sha256(pickle.dumps((model, samples))).digest()
    if key not in _REFERENCES:
        _REFERENCES[key] = ReferenceEngine(model).process(samples)
    return _REFERENCES[key].copy()


def signal_of(model: Model) -> F32:
    """All standard signals in a row, (frames, channels)."""
    signals = standard_signals(
        frames=SIGNAL_FRAMES,
        channels=model.network.in_channels,
        sample_rate_hz=model.sample_rate_hz,
    )
    return np.concatenate([signal.samples for signal in signals])


SANITIZERS = "-fsanitize=address,undefined,bounds-strict"
DRIVER = """
#include "nam_{name}.h"
#include <stdio.h>
#include <stdlib.h>
int main(void)
{{
    for (size_t frames = 1; frames < 3 * NAM_{upper}_MAX_BLOCK + 2; frames += 37) {{
        float *in = calloc(frames * NAM_{upper}_IN_CHANNELS, sizeof *in);
        float *out = calloc(frames * NAM_{upper}_OUT_CHANNELS, sizeof *out);
        for (size_t i = 0; i < frames * NAM_{upper}_IN_CHANNELS; i++) {{
            in[i] = (float)((i * 37) % 101) / 101.0f - 0.5f;
        }}
        nam_{name}_reset();
        for (int turn = 0; turn < 9; turn++) {{
            nam_{name}_process(in, out, frames);
        }}
        free(in);
        free(out);
    }}
    puts("done");
    return 0;
}}
"""


def run_sanitized(planned: Plan, folder: Path) -> str:
    """Run the C with every access checked by gcc's sanitizers; return what they said."""
    for file, text in emit(planned).items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    driver = folder / "driver.c"
    driver.write_text(DRIVER.format(name=planned.name, upper=planned.name.upper()))
    sources = [str(driver), str(folder / f"nam_{planned.name}.c")]
    flags = [*ARITHMETIC, "-O0", "-g", SANITIZERS, "-fno-sanitize-recover=all"]
    command = ["gcc", *flags, *sources, "-o", str(folder / "driver")]
    subprocess.run(command, check=True, capture_output=True)
    ran = subprocess.run([str(folder / "driver")], capture_output=True, text=True, check=False)
    return ran.stdout + ran.stderr


def mismatched_ports(planned: Plan) -> list[str]:
    """Calls that hand a kernel memory of another width than it walks over."""
    kernels = {named.name: named.kernel for named in planned.kernels}
    found = []
    for stage in planned.stages:
        if isinstance(stage, KernelStage):
            for port, run in zip(kernels[stage.kernel].ports, stage.arguments, strict=True):
                place = run.history if isinstance(run, OldestRun) else run
                if place.channels != port.rows.channels:
                    wide = f"{port.rows.channels} channels, {place.symbol} has {place.channels}"
                    found.append(f"{stage.title}: {port.rows.name} has {wide}")
    return found
