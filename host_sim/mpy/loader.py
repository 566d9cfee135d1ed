"""Places a native module in memory, as MicroPython's loader does."""

from __future__ import annotations

from collections.abc import Mapping

from host_sim.mpy.machine import Machine, Places, spelled, word
from namgen.mpy.format import Base, NativeModule


def place(module: NativeModule, machine: Machine, places: Places, *, table: int) -> None:
    """Write text and state, and add to every word the address of what it leads to."""
    machine.write(places.text, module.text)
    if module.bss_bytes:
        machine.write(places.bss, bytes(module.bss_bytes))
    bases: Mapping[Base, int] = {
        Base.TEXT: places.text,
        Base.BSS: places.bss,
        Base.FUN_TABLE: table,
    }
    for relocation in module.relocations:
        address = places.text + relocation.word * machine.word_bytes
        adapted = word(machine, address) + bases[relocation.base]
        machine.write(address, spelled(machine, adapted))
