"""From C to a module: compile every file, link, and return the bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from namgen.progress import Progress, Stage, silent
from namgen.resources import firmware_dir, firmware_sources, templates_dir
from namgen.scratch import scratch_folder
from namgen.toolchain import CrossToolchain, check_links, link_wasm

PROCESSOR = "wasm32"
"""The processor that modules are made for."""

MEMORY = "core/freestanding.c"
"""Of the firmware: what compilers call by themselves."""


def make_module(
    files: Mapping[str, str],
    toolchain: CrossToolchain,
    *,
    exports: Sequence[str],
    patterns: Sequence[str] = (),
    defines: Mapping[str, str] | None = None,
    opt: str = "-O2",
    progress: Progress = silent,
) -> bytes:
    """Compile generated files, and those of the firmware that `patterns` name, to one module.

    Every file of `files` that ends in ``.c`` is compiled beside the rest. The module imports
    nothing; it exports its memory and `exports`. The same input gives the same bytes.

    Raises:
        UnsupportedError: the toolchain links no WebAssembly.
        ToolError: the toolchain failed, or something needs a function that is not there.

    """
    check_links(toolchain)
    with scratch_folder() as folder:
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        sources = [*firmware_sources((*patterns, MEMORY)), *_compiled(files, folder)]
        dirs = (folder, firmware_dir(), templates_dir() / "kernels")
        objects = []
        for number, source in enumerate(sources):
            progress(Stage("compiling to WebAssembly", number / len(sources)))
            objects.append(folder / f"{number}-{source.stem}.o")
            toolchain.compile(source, objects[-1], include_dirs=dirs, defines=defines, opt=opt)
        link_wasm(toolchain, objects, folder / "module.wasm", exports=exports)
        return (folder / "module.wasm").read_bytes()


def _compiled(files: Mapping[str, str], folder: Path) -> list[Path]:
    return sorted(folder / name for name in files if name.endswith(".c"))
