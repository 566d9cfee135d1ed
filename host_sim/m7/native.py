"""The C half of the cycle model, compiled once and loaded with cffi."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any

from host_sim.library_cache import cached_library
from host_sim.m7.codes import header
from namgen.toolchain import HostCc, find_host

_FOLDER = Path(__file__).parent
_SOURCES = ("pipeline.c", "data.c", "front.c", "cache.c")
_HEADERS = ("pipeline.h", "model.h")


@functools.cache
def load() -> tuple[Any, Any]:
    """Return cffi's (ffi, library); the library is compiled at the first use on a machine.

    Raises:
        ToolError: no host compiler works, or the cache folder cannot be written.

    """
    from cffi import FFI

    ffi = FFI()
    ffi.cdef(_declarations())
    return ffi, ffi.dlopen(str(library_path()))


def _declarations() -> str:
    lines = (_FOLDER / "pipeline.h").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("#"))


def library_path() -> Path:
    """Compile it, where this machine has not yet."""
    compiler = find_host(fma=False)

    def make(out: Path) -> None:
        written = out.parent
        (written / "codes.h").write_text(header(), encoding="utf-8", newline="\n")
        sources = [_FOLDER / name for name in _SOURCES]
        compiler.shared_library(sources, out, include_dirs=[_FOLDER, written])

    return cached_library(f"m7-{_digest(compiler)}", make)


def _digest(compiler: HostCc) -> str:
    parts = [compiler.version, *compiler.command, *compiler.flags(), header()]
    parts += [(_FOLDER / name).read_text(encoding="utf-8") for name in (*_HEADERS, *_SOURCES)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
