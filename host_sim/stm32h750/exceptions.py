"""Exceptions of the Cortex-M7: their frames, their nesting, and the faults that become one.

From the Armv7-M architecture manual, B1.5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from host_sim.emulator.core import Core
from host_sim.emulator.errors import EmulationError
from host_sim.emulator.trace import TracePosition
from host_sim.stm32h750.bus import Bus
from host_sim.stm32h750.elapsed import Time
from host_sim.stm32h750.faults import (
    BUS_FAULT,
    MEMORY_FAULT,
    FaultMode,
    enabled_or_hard,
    is_fault,
    note_fault,
    note_stacking,
)
from host_sim.stm32h750.system import SystemControl

_CORE_FRAME = ("r0", "r1", "r2", "r3", "r12", "lr")
_FLOAT_FRAME = tuple(f"s{number}" for number in range(16))
_FRAME_WORDS, _FLOAT_FRAME_WORDS = 8, 26
_ALIGNED = 1 << 9
_THUMB = 1 << 24
_IF_THEN = 0x0600FC00
_FPCA = 4


@dataclass(slots=True)
class Entry:
    """An exception in progress, with what the processor had done when it began.

    `nested` counts the instructions of those that interrupted it.
    """

    number: int
    instructions: int
    cycles: int
    nested: int
    position: TracePosition


class Exceptions:
    """Enters and leaves them; every method returns the address at which execution goes on.

    `on_change` is called when another one runs than before, `on_end` with each that has ended and
    the instructions since its entry.
    """

    def __init__(
        self,
        core: Core,
        bus: Bus,
        time: Time,
        system: SystemControl,
        *,
        faults: FaultMode,
        on_change: Callable[[], None],
        on_end: Callable[[Entry, int], None],
    ) -> None:
        self._core = core
        self._bus = bus
        self._time = time
        self._system = system
        self._faults = faults
        self._on_change = on_change
        self._on_end = on_end
        self.running: list[Entry] = []

    def take_pending(self, pc: int) -> int:
        """Enter the most urgent one that is pending, if any."""
        following = self._system.next_exception()
        return pc if following is None else self._enter(*following, pc)

    def take_fault(self, error: EmulationError) -> int:
        """Enter the handler of a fault; a fault that no handler can have locks the processor up.

        Raises:
            EmulationError: this one, where faults end the run, or a lock-up.

        """
        if self._faults == "raise" or not is_fault(error):
            raise error
        asked = note_fault(self._bus, error)
        now = self._system.current_priority
        urgent = self._system.priority_of(asked) < now
        number = enabled_or_hard(self._bus, asked, can_interrupt=urgent)
        if self._system.priority_of(number) >= now:
            raise self._core.error("lock-up", f"{error.kind} in a fault handler", pc=error.pc)
        handler = self._enter(number, self._system.priority_of(number), error.pc)
        self._core.set_register("xpsr", self._core.register("xpsr") & ~_IF_THEN)
        return handler

    def leave(self, code: int) -> int:
        """Pop the frame that the exception return code describes."""
        core = self._core
        has_floats = not code >> 4 & 1
        words = self._pop(has_floats=has_floats)
        for name, word in zip(_CORE_FRAME, words, strict=False):
            core.set_register(name, word)
        if has_floats:
            for name, word in zip((*_FLOAT_FRAME, "fpscr"), words[8:25], strict=True):
                core.set_register(name, word)
        core.set_register("xpsr", words[7])
        core.set_register("ipsr", words[7] & 0x1FF)
        control = core.register("control")
        core.set_register("control", control | _FPCA if has_floats else control & ~_FPCA)
        self._end()
        return words[6]

    def _enter(self, number: int, priority: int, pc: int) -> int:
        """Push the frame, with the FPU's registers when the interrupted code has used them."""
        core = self._core
        control = core.register("control")
        has_floats = bool(control & _FPCA)
        frame, words = self._frame(pc, has_floats=has_floats)
        fault = self._push(frame, words)
        if fault is not None and priority < 0:
            raise core.error("lock-up", f"exception {number} finds no stack at 0x{frame:08X}")
        if fault is not None and number not in (MEMORY_FAULT, BUS_FAULT):
            number, priority = fault, self._system.priority_of(fault)
        core.set_register("sp", frame)
        if has_floats:
            core.set_register("control", control & ~_FPCA)
        mode = 0xF1 if self._system.active else 0xF9
        core.set_register("lr", 0xFFFFFF00 | (mode & ~0x10 if has_floats else mode))
        self._begin(number)
        handler = self._system.enter(number, priority)
        if not handler & 1:
            raise core.error("invalid state", f"exception {number} has vector 0x{handler:08X}")
        return handler

    def _begin(self, number: int) -> None:
        nested = sum(entry.nested for entry in self.running)
        executed, position = self._core.instructions, self._core.trace_position()
        self.running.append(Entry(number, executed, self._time.cycles, nested, position))
        self._core.set_register("ipsr", number)
        self._on_change()

    def _end(self) -> None:
        entry = self.running.pop()
        self._system.active.pop()
        self._on_change()
        total = self._core.instructions - entry.instructions
        for outer in self.running:
            outer.nested += total
        self._on_end(entry, total)

    # ---- frames

    def _frame(self, pc: int, *, has_floats: bool) -> tuple[int, list[int]]:
        """Address and words of the frame to push."""
        core = self._core
        stack = core.register("sp")
        size = 4 * (_FLOAT_FRAME_WORDS if has_floats else _FRAME_WORDS)
        status = core.register("xpsr") | _THUMB
        status = status | _ALIGNED if (stack - size) & 4 else status & ~_ALIGNED
        words = [core.register(name) for name in _CORE_FRAME] + [pc & ~1, status]
        if has_floats:
            words += [core.register(name) for name in _FLOAT_FRAME] + [core.register("fpscr"), 0]
        return stack - size & ~7, words

    def _push(self, frame: int, words: list[int]) -> int | None:
        """Write an exception's frame, or return the fault that it is when it cannot be written."""
        data = b"".join(word.to_bytes(4, "little") for word in words)
        memory = self._core.memory.holding(frame)
        is_open = self._faults == "raise" or self._system.access_to(frame) == "read and write"
        if memory is not None and memory.is_writable and is_open:
            self._core.memory.write(frame, data)
            return None
        if self._faults == "raise":
            raise self._core.error("stack overflow", f"exception frame at 0x{frame:08X}")
        fault = BUS_FAULT if memory is None else MEMORY_FAULT
        note_stacking(self._bus, fault)
        return fault

    def _pop(self, *, has_floats: bool) -> list[int]:
        """The words of the frame on the stack, which the stack pointer then is above."""
        frame = self._core.register("sp")
        count = _FLOAT_FRAME_WORDS if has_floats else _FRAME_WORDS
        raw = self._core.memory.read(frame, 4 * count)
        words = [int.from_bytes(raw[4 * i : 4 * i + 4], "little") for i in range(count)]
        above = frame + 4 * count + (4 if words[7] & _ALIGNED else 0)
        self._core.set_register("sp", above)
        return words
