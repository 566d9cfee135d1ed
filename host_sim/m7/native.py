"""The C half of the cycle model, compiled once and loaded with cffi."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any

from namgen.resources import cache_dir
from namgen.scratch import cache_folder
from namgen.toolchain import HostCc, find_host, shared_library_suffix

_FOLDER = Path(__file__).parent
_SOURCES = ("pipeline.h", "pipeline.c")


@functools.cache
def load() -> tuple[Any, Any]:
    """Return cffi's (ffi, library); the library is compiled at the first use on a machine.

    Raises:
        ToolError: no host compiler works, or the cache folder cannot be written.

    """
    from cffi import FFI

    ffi = FFI()
    ffi.cdef(_declarations())
    return ffi, ffi.dlopen(str(_library()))


def _declarations() -> str:
    lines = (_FOLDER / "pipeline.h").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("#"))


def _library() -> Path:
    compiler = find_host(fma=False)
    path = cache_dir() / f"m7-{_digest(compiler)}{shared_library_suffix()}"
    if not path.exists():
        _build(compiler, path)
    return path


def _digest(compiler: HostCc) -> str:
    parts = [compiler.version, *compiler.command, *compiler.flags()]
    parts += [(_FOLDER / name).read_text(encoding="utf-8") for name in _SOURCES]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _build(compiler: HostCc, path: Path) -> None:
    """Compile beside the final place and move it there, so that two processes cannot collide."""
    with cache_folder(path.parent) as folder:
        out = folder / path.name
        compiler.shared_library([_FOLDER / "pipeline.c"], out, include_dirs=[_FOLDER])
        out.replace(path)
