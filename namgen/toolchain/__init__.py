"""The compilers: for a pedal's processor, and for the machine namgen runs on."""

from __future__ import annotations

from namgen.toolchain.cross import CROSS_NAMES, CrossToolchain, find_cross
from namgen.toolchain.features import cpu_features, processor_here, runs_here
from namgen.toolchain.flags import ARITHMETIC, WARNINGS
from namgen.toolchain.host import HostCc, find_host, shared_library_suffix
from namgen.toolchain.wasm import check_links, link_wasm

__all__ = [
    "ARITHMETIC",
    "CROSS_NAMES",
    "WARNINGS",
    "CrossToolchain",
    "HostCc",
    "check_links",
    "cpu_features",
    "find_cross",
    "find_host",
    "link_wasm",
    "processor_here",
    "runs_here",
    "shared_library_suffix",
]
