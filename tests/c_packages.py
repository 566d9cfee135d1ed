"""Packages of C, made as `namgen build --target c` makes them, for tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from generated_c import reference_output, small_model

from host_sim.engines import Code
from host_sim.package_code import in_folder
from namgen.arithmetic import F32
from namgen.ir import Model
from namgen.order import make_order
from namgen.packages.c import library_files
from namgen.plan.any_plan import AnyPlan
from namgen.resources import cache_dir
from namgen.selection.plans import plan_model
from namgen.targets import load_target
from namgen.toolchain import ARITHMETIC

WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wundef", "-Werror")

CPUS: Mapping[str, tuple[str, str, str]] = {
    "cortex-m4f": ("m4", "thumb-freestanding-eabihf", "cortex_m4+vfp4d16sp"),
    "cortex-m33": ("m33", "thumb-freestanding-eabihf", "cortex_m33+fp_armv8d16sp"),
    "cortex-m7": ("m7", "thumb-freestanding-eabihf", "cortex_m7+fp_armv8d16"),
    "cortex-m55": ("m55", "thumb-freestanding-eabihf", "cortex_m55+fp_armv8d16"),
    "cortex-m55 with helium": ("m55", "thumb-freestanding-eabihf", "cortex_m55+mve_fp"),
    "cortex-a7": ("generic", "arm-linux-gnueabihf", "cortex_a7"),
    "aarch64": ("aarch64", "aarch64-linux-gnu", "baseline"),
    "riscv64": ("generic", "riscv64-freestanding", "baseline_rv64"),
    "wasm": ("generic", "wasm32-freestanding", "generic"),
    "x86-64": ("x86-64", "x86_64-linux-gnu", "x86_64_v3"),
    "x86-64-avx512": ("x86-64-avx512", "x86_64-linux-gnu", "x86_64_v4"),
}
"""What each package is for, and what zig calls a processor of that kind."""


def package_files(
    model: Model | str, cpu: str = "generic", state: str = "static"
) -> tuple[AnyPlan, dict[str, str]]:
    """Plan a model, or one of the small networks, and spell its package."""
    model = small_model(model) if isinstance(model, str) else model
    order = make_order(load_target("c", cpu), clock=None, block_frames=None, state=state)
    planned = plan_model(model, target=order.target, block_frames=order.block_frames)
    return planned, library_files(planned, order)


def write_package(
    folder: Path, model: Model | str, cpu: str = "generic", state: str = "static"
) -> Path:
    """Write the package of a model, or of one of the small networks, into a folder of its name."""
    planned, files = package_files(model, cpu, state)
    for file, text in files.items():
        path = folder / planned.name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return folder / planned.name


def package_code(model: Model | str, cpu: str, state: str) -> Code:
    """Return the C of a package as engines run it."""
    planned, files = package_files(model, cpu, state)
    main = f"src/nam_{planned.name}.c"
    text = {file: text for file, text in files.items() if file.endswith((".c", ".h"))}
    code = Code(text, planned.name, planned.out_channels, planned.vector)
    return in_folder(code, main, state)


_BARE = ("-ffreestanding", "-fno-unwind-tables", "-fno-asynchronous-unwind-tables")


def zig_cc(*words: str | Path, cwd: Path, fails: bool = False) -> str:
    """Run zig's C compiler; return what it complains of."""
    caches = dict.fromkeys(
        ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"), str(cache_dir() / "zig")
    )
    command = [sys.executable, "-m", "ziglang", "cc", "-fno-sanitize=all", *map(str, words)]
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **caches}, capture_output=True, text=True, check=False
    )
    assert bool(done.returncode) is fails, done.stderr
    return done.stderr


def compile_package(package: Path, cpu: str, out: Path, *extra: str) -> None:
    """Compile the one source for a processor of `CPUS`, every warning an error."""
    _, target, processor = CPUS[cpu]
    words = ["-target", target, f"-mcpu={processor}", *ARITHMETIC, "-O2", *WARNINGS, *extra]
    source = next(package.glob("src/nam_*.c"))
    zig_cc(*words, *_BARE, "-Iinclude", "-c", source, "-o", out, cwd=package)


def run(command: Sequence[str | Path], cwd: Path, *, fails: bool = False) -> str:
    """Run a program; return all it says."""
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False
    )
    assert bool(done.returncode) is fails, done.stdout + done.stderr
    return done.stdout + done.stderr


def example_input(channels: int) -> F32:
    """What `example.c` plays, (frames, channels)."""
    turn = np.round(16384 * np.sin(2 * np.pi * np.arange(48) / 48)) / 32768
    frames = np.tile(turn, 20)
    frames[: 2 * 48] = 0
    samples = np.repeat(frames[:, None], channels, axis=1).astype(np.float32)
    samples[0, 0] = 0.5
    return samples


def example_line(model: Model) -> str:
    """What `example.c` has to print, by the reference."""
    out = reference_output(model, example_input(model.network.in_channels))
    total = 2166136261
    for byte in out.tobytes():
        total = (total ^ byte) * 16777619 & 0xFFFFFFFF
    return f"nam_{model.name}: self-test 0 (0: all bits are right), checksum {total:08x}\n"
