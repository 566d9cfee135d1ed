"""Compiles emitted C to a shared library, once per content, and calls it through cffi."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from host_sim.generated_library import Loaded
from host_sim.library_cache import cached_library
from namgen.arithmetic import F32
from namgen.scratch import write_files
from namgen.toolchain import HostCc, find_host


class LoadedCode:
    """The two public functions of one compiled model, with their static state to themselves."""

    def __init__(self, library: Path, name: str) -> None:
        """Load a copy of its own.

        Raises:
            ToolError: this machine cannot load it.

        """
        self._loaded = Loaded(
            library,
            f"void nam_{name}_reset(void);\n"
            f"void nam_{name}_process(const float *in, float *out, size_t frames);\n"
            f"int nam_{name}_self_test(void);\n",
        )
        self._reset = getattr(self._loaded.code, f"nam_{name}_reset")
        self._process = getattr(self._loaded.code, f"nam_{name}_process")
        self._name = name

    def reset(self) -> None:
        """Call the model's reset."""
        self._reset()

    def self_test(self) -> int:
        """Call the model's self-test; 0 when all bits are right."""
        return int(getattr(self._loaded.code, f"nam_{self._name}_self_test")())

    def process(self, samples: F32, out: F32, frames: int) -> None:
        """Call the model's process on contiguous, interleaved samples."""
        pointer = self._loaded.ffi.from_buffer
        self._process(pointer("float[]", samples), pointer("float[]", out), frames)


def host_library(
    files: Mapping[str, str], name: str, *, compiler: HostCc | None = None, opt: str = "-O2"
) -> Path:
    """Compile emitted C to a shared library, or find it in the cache by its content.

    Args:
        files: file name to text, as `emit` returns them; names may be paths in a folder.
        name: the model's name in the C.
        compiler: the default is `find_host()`.
        opt: the optimisation flag.

    Raises:
        ToolError: the C does not compile, or there is no compiler.

    """
    chosen = compiler or find_host()

    def make(out: Path) -> None:
        _compile(files, name, out, chosen, opt)

    return cached_library(f"host-{_key(files, chosen, opt)}", make)


def _key(files: Mapping[str, str], compiler: HostCc, opt: str) -> str:
    parts = [*compiler.command, compiler.version, *compiler.flags(opt)]
    for file in sorted(files):
        parts += [file, files[file]]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _compile(files: Mapping[str, str], name: str, out: Path, compiler: HostCc, opt: str) -> None:
    """Compile in the folder of the library to be, which is empty and vanishes."""
    write_files(files, out.parent)
    source = out.parent / f"nam_{name}.c"
    compiler.shared_library([source], out, include_dirs=[out.parent], opt=opt)
