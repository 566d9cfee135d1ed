"""Small programs linked as native modules, and modules of small networks, for the tests."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from generated_c import small_model

from namgen.emit import emit
from namgen.ir import Model
from namgen.mpy.archs import ARCHS, Arch
from namgen.mpy.glue import SCRIPT, native_files
from namgen.mpy.linked import Linked, read_linked
from namgen.mpy.make import MadeModule, make_module
from namgen.plan.any_plan import AnyPlan
from namgen.processors import Processor
from namgen.selection.plans import plan_model
from namgen.targets import MODULE, load_target
from namgen.toolchain import CrossToolchain, find_cross

TOOLS = ("zig", "gcc")
ARM = ("armv7emdp", "armv7emsp")
EVERY = [(arch, tool) for arch in ARM for tool in TOOLS] + [("x64", "zig"), ("x64", "gcc")]
"""Machines with the compilers that are tried for them."""

ENTRY = '__attribute__((section(".module_entry"))) int module_entry(void)'


def need(tool: str, arch: str) -> None:
    """Skip where a compiler is not installed."""
    program = "cc" if arch == "x64" else "arm-none-eabi-gcc"
    if tool == "gcc" and shutil.which(program) is None:
        pytest.skip(f"{program} is not on PATH")


def linked(
    text: str, folder: Path, *, arch: str, tool: str = "zig", processor: Processor | None = None
) -> Linked:
    """Compile a C text for a machine, link it as a module with the words of one, and read it."""
    made_for, cross = ARCHS[arch], cross_of(arch, tool)
    compiling = replace(cross, processor=processor or made_for.compiling(cross.processor))
    for name, content in native_files(plan_of("linear", made_for), made_for).items():
        (folder / name).write_text(content)
    (folder / "program.c").write_text(text)
    objects = [folder / "program.o", folder / "python_table.o"]
    for out in objects:
        compiling.compile(out.with_suffix(".c"), out)
    extra = ("--emit-relocs", "-z", "norelro")
    compiling.link(objects, folder / SCRIPT, folder / "module.elf", extra=extra)
    return read_linked(folder / "module.elf", made_for)


def plan_of(name: str, arch: Arch) -> AnyPlan:
    """Plan a small network for a machine."""
    return plan_model(small_model(name), target=load_target(MODULE, arch.name))


@cache
def module_of(name: str, arch: str, tool: str = "zig") -> MadeModule:
    """Make the module of a small network, once."""
    need(tool, arch)
    planned = plan_of(name, ARCHS[arch])
    return made(planned, arch, tool)


def made(planned: AnyPlan, arch: str, tool: str = "zig") -> MadeModule:
    """Make the module of a plan."""
    return make_module(emit(planned), planned, ARCHS[arch], cross_of(arch, tool))


def cross_of(arch: str, tool: str = "zig") -> CrossToolchain:
    """Return a compiler for a machine's processor."""
    return find_cross(tool, processor=load_target(MODULE, arch).processor.name)


def named(model: Model, name: str) -> Model:
    """Return a model by another name."""
    return replace(model, name=name)
