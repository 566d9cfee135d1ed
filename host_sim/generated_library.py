"""Generated C, alone or around files of the firmware, compiled for this machine and loaded."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cffi

from host_sim.library_cache import cached_library
from namgen.errors import ToolError
from namgen.resources import firmware_dir, firmware_sources, templates_dir
from namgen.scratch import write_files
from namgen.toolchain import HostCc


def write_sources(
    files: Mapping[str, str], patterns: Sequence[str], folder: Path
) -> tuple[list[Path], list[Path]]:
    """Write generated files; return all C files, the firmware's too, and where headers are."""
    write_files(files, folder)
    generated = sorted(folder / file for file in files if file.endswith(".c"))
    around = [firmware_dir(), templates_dir() / "kernels"] if patterns else []
    return [*firmware_sources(patterns), *generated], [folder, *around]


def generated_library(
    kind: str, files: Mapping[str, str], compiler: HostCc, *, patterns: Sequence[str] = ()
) -> Path:
    """Compile generated files, and those of the firmware that `patterns` name, once per content.

    Raises:
        ToolError: they do not compile.

    """

    def make(out: Path) -> None:
        sources, dirs = write_sources(files, patterns, out.parent)
        compiler.shared_library(sources, out, include_dirs=dirs)

    return cached_library(f"{kind}-{_key(files, patterns, compiler)}", make)


class Loaded:
    """A library with a static state to itself."""

    def __init__(self, library: Path, declarations: str) -> None:
        """Load a private copy: a library loaded twice from one file would share its state.

        Raises:
            ToolError: this machine cannot load it.

        """
        folder = tempfile.mkdtemp(prefix="namgen-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.ffi: Any = cffi.FFI()
        self.ffi.cdef(declarations)
        try:
            self.code: Any = self.ffi.dlopen(str(shutil.copy(library, folder)))
        except OSError as error:
            said = f"{library}: expected a library this machine can load: {error}"
            raise ToolError(said) from error


def _key(files: Mapping[str, str], patterns: Sequence[str], compiler: HostCc) -> str:
    parts = [*compiler.command, compiler.version, *compiler.flags()]
    for file in sorted(files):
        parts += [file, files[file]]
    parts += [path.read_text(encoding="utf-8") for path in _written(patterns)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _written(patterns: Sequence[str]) -> Iterator[Path]:
    """Yield all that nobody generated and that may be compiled in: whole rooms, and headers."""
    for room in sorted({pattern.partition("/")[0] for pattern in patterns}):
        yield from sorted((firmware_dir() / room).glob("*.[ch]"))
    if patterns:
        yield from sorted((templates_dir() / "kernels").glob("*.h"))
