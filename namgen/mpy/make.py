"""From a model's C to a native module: compile, link, adapt, and write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from namgen.mpy.archs import Arch
from namgen.mpy.format import NativeModule, encode
from namgen.mpy.glue import NAMES, SCRIPT, buffers_header, native_files
from namgen.mpy.linked import read_linked
from namgen.plan.any_plan import AnyPlan
from namgen.scratch import scratch_folder, write_files
from namgen.toolchain import CrossToolchain

_KEPT = ("--emit-relocs", "-z", "norelro")


@dataclass(frozen=True, slots=True)
class MadeModule:
    """A module, and what it takes of MicroPython's heap."""

    arch: Arch
    module: NativeModule
    data: bytes  # the file

    @property
    def heap_bytes(self) -> int:
        """What stays on the heap once it is imported: the text in one piece, the state in one."""
        return len(self.module.text) + self.module.bss_bytes


def make_module(
    files: Mapping[str, str],
    planned: AnyPlan,
    arch: Arch,
    toolchain: CrossToolchain,
    *,
    opt: str = "-O2",
) -> MadeModule:
    """Make the module of a model whose generated C is `files`.

    `toolchain` is one for the machine's processor. The same input gives the same bytes.

    Raises:
        ToolError: the toolchain failed, or its code cannot be adapted to where it is loaded.

    """
    compiling = replace(toolchain, processor=arch.compiling(toolchain.processor))
    texts = {**files, **buffers_header(planned), **native_files(planned, arch)}
    with scratch_folder() as folder:
        write_files(texts, folder)
        elf = _linked(folder, planned.name, compiling, opt)
        linked = read_linked(elf, arch)
    names = (f"{planned.name}.py", *NAMES)
    module = NativeModule(arch.number, names, linked.text, linked.bss_bytes, linked.relocations)
    return MadeModule(arch, module, encode(module))


def _linked(folder: Path, name: str, compiling: CrossToolchain, opt: str) -> Path:
    objects = []
    macros = dict.fromkeys(compiling.processor.macros, "1")
    for stem in (f"nam_{name}_native", f"nam_{name}", "python_table"):
        out = folder / f"{stem}.o"
        compiling.compile(folder / f"{stem}.c", out, defines=macros, opt=opt)
        objects.append(out)
    elf = folder / "module.elf"
    compiling.link(objects, folder / SCRIPT, elf, extra=_KEPT)
    return elf
