"""What the running processor is, and what it can do."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from namgen.processors import Processor, common_processor, computers
from namgen.toolchain.running import first_line


def cpu_features() -> frozenset[str]:
    """Names of the running x86 processor's features in lower case; empty where unknown.

    From `/proc/cpuinfo` on Linux and `sysctl` on macOS.
    """
    if sys.platform == "darwin":
        keys = ("machdep.cpu.features", "machdep.cpu.leaf7_features")
        text = " ".join(first_line(["sysctl", "-n", key], missing="") for key in keys)
        return frozenset(text.lower().split())
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    flags = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(flags.partition(":")[2].split())


def runs_here(processor: Processor) -> bool:
    """Whether this machine is such a processor."""
    named = platform.machine().lower() in processor.machines
    return named and set(processor.features) <= cpu_features()


def processor_here() -> Processor:
    """The processor with the widest vectors that this machine is, or else the common one."""
    found = [known for known in computers() if runs_here(known)]
    return max(found, key=lambda known: known.lanes, default=common_processor())
