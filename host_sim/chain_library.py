"""Generated C around `firmware/chain/`, compiled for this machine once per content, and loaded."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cffi

from host_sim.library_cache import cached_library
from namgen.firmware.rooms import MODEL_PREFIX
from namgen.resources import firmware_dir, firmware_sources, templates_dir
from namgen.toolchain import HostCc


def write_sources(
    files: Mapping[str, str], patterns: Sequence[str], folder: Path
) -> tuple[list[Path], list[Path]]:
    """Write generated files; return all C files, the firmware's too, and where headers are."""
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    generated = sorted(folder / file for file in files if file.endswith(".c"))
    headers = [folder, firmware_dir(), templates_dir() / "kernels"]
    return [*firmware_sources(patterns), *generated], headers


def chain_library(files: Mapping[str, str], patterns: Sequence[str], compiler: HostCc) -> Path:
    """Compile generated files and those of the firmware that `patterns` name.

    Raises:
        ToolError: they do not compile.

    """

    def make(out: Path) -> None:
        sources, dirs = write_sources(files, patterns, out.parent)
        compiler.shared_library(sources, out, include_dirs=dirs)

    return cached_library(f"chain-{_key(files, compiler)}", make)


class Loaded:
    """A library with a static state to itself."""

    def __init__(self, library: Path, declarations: str) -> None:
        folder = tempfile.mkdtemp(prefix="namgen-")  # a file loaded twice would share its state
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.ffi: Any = cffi.FFI()
        self.ffi.cdef(declarations)
        self.code: Any = self.ffi.dlopen(str(shutil.copy(library, folder)))


def _key(files: Mapping[str, str], compiler: HostCc) -> str:
    written = [*sorted((firmware_dir() / "chain").glob("*")), *_headers()]
    parts = [*compiler.command, compiler.version, *compiler.flags()]
    for file in sorted(files):
        parts += [file, files[file]]
    parts += [path.read_text(encoding="utf-8") for path in written]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _headers() -> Sequence[Path]:
    return sorted((templates_dir() / "kernels").glob(f"{MODEL_PREFIX}_[mp]*.h"))
