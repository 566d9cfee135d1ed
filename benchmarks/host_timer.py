"""Compiles and loads the C that times engines, so that no Python runs between two blocks."""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from host_sim.library_cache import cached_library
from namgen.arithmetic import F32
from namgen.errors import ToolError
from namgen.toolchain import HostCc, find_host

_SOURCE = Path(__file__).with_name("host_timer.c")
_FMA_ROUNDS = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class Callable:
    """A C function `void process(void *state, const float *in, float *out, int frames)`."""

    process: ctypes.c_void_p
    state: ctypes.c_void_p


class Timer:
    """The loaded harness; all times are the thread's own processor time."""

    def __init__(self, compiler: HostCc | None = None) -> None:
        """Compile the harness, or take it from the cache.

        Raises:
            ToolError: there is no compiler, or it refuses (the harness needs POSIX clocks).

        """
        library = _load(_compiled(compiler or find_host()))
        self._seconds = library.host_seconds
        self._seconds.restype = ctypes.c_double
        self._seconds.argtypes = [ctypes.c_void_p] * 4 + [ctypes.c_int] * 2 + [ctypes.c_long]
        self._render = library.host_render
        self._render.restype = None
        self._render.argtypes = [ctypes.c_void_p] * 4 + [ctypes.c_int] * 2
        self._fma_seconds = library.host_fma_seconds
        self._fma_seconds.restype = ctypes.c_double
        self._fma_seconds.argtypes = [ctypes.c_long]
        self._fma_per_round = int(library.host_fma_per_round())
        self.call_model = ctypes.cast(library.host_call_model, ctypes.c_void_p)

    def nanoseconds(self, engine: Callable, signal: F32, *, block: int, blocks: int) -> float:
        """Nanoseconds per frame, averaged over `blocks` calls of `block` frames."""
        out = np.empty_like(signal)
        seconds: float = self._seconds(
            engine.process,
            engine.state,
            signal.ctypes.data,
            out.ctypes.data,
            len(signal),
            block,
            blocks,
        )
        return seconds * 1e9 / (block * blocks)

    def render(self, engine: Callable, signal: F32, *, block: int) -> F32:
        """Play the signal once, in calls of `block` frames."""
        out = np.empty_like(signal)
        self._render(
            engine.process, engine.state, signal.ctypes.data, out.ctypes.data, len(signal), block
        )
        return out

    def fma_per_nanosecond(self) -> float:
        """Fused multiply-adds that one core of this processor does from registers, now."""
        seconds: float = self._fma_seconds(_FMA_ROUNDS)
        return _FMA_ROUNDS * self._fma_per_round / (seconds * 1e9)


def _compiled(compiler: HostCc) -> Path:
    """The measurement may use every instruction there is, and fuse; the models may not."""
    extra = (*_native(compiler), "-ffp-contract=fast", "-funroll-loops")
    key = "\0".join([*compiler.command, compiler.version, *compiler.flags("-O3"), *extra])
    digest = hashlib.sha256((key + _SOURCE.read_text(encoding="utf-8")).encode()).hexdigest()
    return cached_library(
        f"host-timer-{digest[:16]}",
        lambda out: compiler.shared_library([_SOURCE], out, opt="-O3", extra=extra),
    )


def _native(compiler: HostCc) -> Sequence[str]:
    """The flag that makes the compiler use everything the running processor has."""
    is_x86 = any(flag in ("-mavx2", "-mfma") for flag in compiler.cpu_flags)
    return ("-march=native",) if is_x86 and not compiler.is_zig else ("-mcpu=native",)


def _load(library: Path) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(str(library))
    except OSError as error:
        raise ToolError(f"{library}: expected a loadable library, found: {error}") from error
