"""Compiles the generated C with every supported compiler and looks at what came out."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import small_networks
from elftools.elf.elffile import ELFFile

from host_sim.engines import EmulatorEngine, Engine, HostEngine
from host_sim.signals import standard_signals
from namgen.emit import emit
from namgen.ir import Model
from namgen.plan import Plan
from namgen.toolchain import find_cross, find_host

HOST_COMPILERS = {"gcc": "gcc", "clang": "clang", "zig": "zig"}
CROSS_COMPILERS = {"arm-gcc": "gcc", "zig-cortex-m7": "zig"}
COMPILERS = (*HOST_COMPILERS, *CROSS_COMPILERS)
PROGRAMS = {"gcc": "gcc", "clang": "clang", "arm-gcc": "arm-none-eabi-gcc"}
"""What must be on PATH; zig comes with namgen."""

SIGNAL_FRAMES = 120


def need(compiler: str) -> None:
    """Skip the test where a compiler is not installed."""
    program = PROGRAMS.get(compiler)
    if program is not None and shutil.which(program) is None:
        pytest.skip(f"{program} is not on PATH")


def small_model(name: str) -> Model:
    """One of the networks of `small_networks`, as `lower` would give it."""
    network = small_networks.EVERY_NETWORK[name]()
    return Model(name, f"{name}.nam", "0" * 64, 48000, network)


def compile_strictly(planned: Plan, compiler: str, folder: Path, *, opt: str = "-O2") -> Path:
    """Compile with every warning an error to code that no library was linked to."""
    for file, text in emit(planned).items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    source, out = folder / f"nam_{planned.name}.c", folder / f"{compiler}{opt}.out"
    if compiler in HOST_COMPILERS:
        host = find_host(HOST_COMPILERS[compiler])
        host.shared_library([source], out, opt=opt, extra=("-Werror", "-nostdlib"))
    else:
        find_cross(CROSS_COMPILERS[compiler]).compile(source, out, opt=opt, extra=("-Werror",))
    return out


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
        chosen = find_host(HOST_COMPILERS[compiler], fma=fma)
        return HostEngine(planned, compiler=chosen, opt=opt)
    return EmulatorEngine(planned, toolchain=find_cross(CROSS_COMPILERS[compiler]), opt=opt)


def signal_of(model: Model) -> npt.NDArray[np.float32]:
    """All standard signals in a row, (frames, channels)."""
    signals = standard_signals(
        frames=SIGNAL_FRAMES,
        channels=model.network.in_channels,
        sample_rate_hz=model.sample_rate_hz,
    )
    return np.concatenate([signal.samples for signal in signals])
