"""The emulator's C callbacks (`probe.c`), compiled once per machine and reached by ctypes."""

from __future__ import annotations

import ctypes
import functools
import hashlib
from pathlib import Path

import numpy as np

from host_sim.library_cache import cached_library
from namgen.errors import ToolError
from namgen.toolchain import HostCc, find_host

_SOURCE = Path(__file__).with_name("probe.c")
_MAX_REGIONS = 16
_TABLE_SIZE = 16384

ACCESS = np.dtype(
    [("address", "<u4"), ("position", "<u4"), ("size_bytes", "<u2"), ("is_write", "<u2")]
)
"""One access to memory; `position` is the index of its instruction in the recorded addresses."""


class Region(ctypes.Structure):
    """Where the bytes of a memory are on the host."""

    _fields_ = (
        ("origin", ctypes.c_uint64),
        ("size_bytes", ctypes.c_uint64),
        ("host", ctypes.c_void_p),
    )


class Block(ctypes.Structure):
    """A straight run of instructions, translated as one piece."""

    _fields_ = (
        ("address", ctypes.c_uint32),
        ("size_bytes", ctypes.c_uint32),
        ("instructions", ctypes.c_uint32),
        ("first_fpu_use", ctypes.c_uint32),
    )


class Probe(ctypes.Structure):
    """The state that Python and the C callbacks share; `struct probe` there."""

    _fields_ = (
        ("instructions", ctypes.c_uint64),
        ("deadline", ctypes.c_uint64),
        ("stop", ctypes.c_void_p),
        ("read_register", ctypes.c_void_p),
        ("write_register", ctypes.c_void_p),
        ("status_register", ctypes.c_uint32),
        ("expired", ctypes.c_uint32),
        ("fpu_enabled", ctypes.c_uint32),
        ("fpu_fault", ctypes.c_uint32),
        ("lost_block", ctypes.c_uint32),
        ("table_used", ctypes.c_uint32),
        ("region_count", ctypes.c_uint32),
        ("regions", Region * _MAX_REGIONS),
        ("table", Block * _TABLE_SIZE),
        ("trace", ctypes.c_void_p),
        ("trace_size", ctypes.c_uint64),
        ("trace_length", ctypes.c_uint64),
        ("accesses", ctypes.c_void_p),
        ("access_size", ctypes.c_uint64),
        ("access_length", ctypes.c_uint64),
        ("cursor", ctypes.c_uint64),
        ("grow", ctypes.c_void_p),
        ("trace_full", ctypes.c_uint32),
        ("fetch_fault", ctypes.c_uint32),
        ("fetch_start", ctypes.c_uint32),
        ("fetch_end", ctypes.c_uint32),
    )


@functools.cache
def load_probe() -> ctypes.CDLL:
    """Return the compiled callbacks, building them when this machine has not yet.

    Raises:
        ToolError: no host compiler works, or no folder can be written.

    """
    library = ctypes.CDLL(str(library_path()))
    library.probe_size_bytes.restype = ctypes.c_size_t
    if library.probe_size_bytes() != ctypes.sizeof(Probe):
        raise ToolError(
            f"emulator: probe.c has a probe of {library.probe_size_bytes()} bytes, "
            f"probe.py one of {ctypes.sizeof(Probe)}"
        )
    return library


def library_path() -> Path:
    """Compile the callbacks, where this machine has not yet."""
    compiler = find_host(fma=False)
    return cached_library(
        f"emulator-{_fingerprint(compiler)}",
        lambda out: compiler.shared_library([_SOURCE], out),
    )


def _fingerprint(compiler: HostCc) -> str:
    parts = (_SOURCE.read_bytes(), compiler.version.encode(), " ".join(compiler.flags()).encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
