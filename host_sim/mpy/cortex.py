"""A Cortex-M7 that runs native modules, as `host_sim/emulator` has it."""

from __future__ import annotations

from collections.abc import Sequence

from host_sim.emulator.core import CALL_LIMIT, Core
from host_sim.emulator.memory import SCRATCH, STACK_TOP
from host_sim.mpy.machine import Answer, Places

_TRAPS = 0x38800000
_TABLE = 0x38000000
_RETURN = 0x1FF00000
_BREAKPOINT = 7
_TRAP = b"\x00\xbe\x00\xbf"  # bkpt, nop
_TRAP_COUNT = 256
_ARGUMENTS = ("r0", "r1", "r2", "r3")


class CortexMachine:
    """See `Machine`; a Cortex-M7 runs what a Cortex-M4F does."""

    word_bytes = 4
    table = _TABLE
    heap = SCRATCH
    places = (Places(0x24000000, SCRATCH + 0x2000000), Places(0x90012340, 0x30000010))

    def __init__(self) -> None:
        self.core = Core()
        self.core.memory.write(_TRAPS, _TRAP * _TRAP_COUNT)

    def write(self, address: int, data: bytes) -> None:
        """See `Machine`."""
        self.core.memory.write(address, data)

    def read(self, address: int, size_bytes: int) -> bytes:
        """See `Machine`."""
        return self.core.memory.read(address, size_bytes)

    def trap(self, number: int) -> int:
        """See `Machine`."""
        return _TRAPS + len(_TRAP) * number | 1

    def call(self, address: int, arguments: Sequence[int], answer: Answer) -> int:
        """See `Machine`."""
        core = self.core
        for name, value in zip(_ARGUMENTS, arguments, strict=False):
            core.set_register(name, value)
        core.set_register("sp", STACK_TOP)
        core.set_register("lr", _RETURN | 1)
        stop = core.run(address & ~1, limit=CALL_LIMIT)
        while stop.reason == "exception" and stop.number == _BREAKPOINT:
            number = (core.register("pc") - _TRAPS) // len(_TRAP)
            given = [core.register(name) for name in _ARGUMENTS]
            core.set_register("r0", answer(number, given))
            stop = core.run(core.register("lr") & ~1, limit=CALL_LIMIT)
        if stop.reason != "until":
            raise core.error(stop.reason, f"in a module, number {stop.number}", pc=stop.pc)
        return core.register("r0")
