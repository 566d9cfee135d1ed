"""The passing of time: cycles since reset, and seconds by the clock that the firmware has set.

Outside, on the board, time stands still while the audio clock waits for the processor: what knobs
and switches do then falls between the same two samples, however long the processor has taken.
"""

from __future__ import annotations

import math

from host_sim.emulator.core import Core
from host_sim.stm32h750.registers import HSI_HZ


class Time:
    """Cycles since reset: `cycles_per_instruction` for each, one by default, and those asleep."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._counted = 0
        self._instructions = 0
        self._pace = 1.0
        self._hz = HSI_HZ
        self._since = 0
        self._seconds = 0.0
        self._held_s = 0.0
        self._held_at: float | None = None
        self._seen_at: float | None = None

    @property
    def cycles(self) -> int:
        """Processor cycles since reset."""
        return self._counted + int((self._core.instructions - self._instructions) * self._pace)

    @property
    def seconds(self) -> float:
        """Seconds since reset, by the processor clock the firmware has set at each moment."""
        return self._seconds + (self.cycles - self._since) / self._hz

    @property
    def outside(self) -> float:
        """Seconds since reset without those in which the outside stood still."""
        return self.seconds - self._held_s if self._held_at is None else self._held_at

    @property
    def seen(self) -> float:
        """The moment outside that inputs are seen at: now, or the one that is looked at."""
        return self.outside if self._seen_at is None else self._seen_at

    def hold(self) -> None:
        """Let time outside stand still."""
        self._held_at = self.outside

    def release(self) -> None:
        """Let it go on."""
        if self._held_at is not None:
            self._held_s = self.seconds - self._held_at
            self._held_at = None

    def look(self) -> None:
        """Let inputs be seen as they are now, until `look_away`."""
        self._seen_at = self.outside

    def look_away(self) -> None:
        """Let inputs be seen as they come."""
        self._seen_at = None

    def cycle_at(self, outside: float) -> int:
        """Return the cycle at which a moment outside will have come."""
        return self.cycles + max(0, math.ceil((outside - self.outside) * self._hz))

    @property
    def cycles_per_instruction(self) -> float:
        """How long an instruction takes from now on."""
        return self._pace

    @cycles_per_instruction.setter
    def cycles_per_instruction(self, cycles: float) -> None:
        self._counted = self.cycles
        self._instructions = self._core.instructions
        self._pace = cycles

    def instructions_in(self, cycles: int) -> int:
        """Count the instructions that fit into some cycles, at least one."""
        return max(1, math.ceil(cycles / self._pace))

    def sleep_until(self, cycle: int) -> None:
        """Let time pass without instructions."""
        self._counted += max(0, cycle - self.cycles)

    def set_clock(self, hz: int) -> None:
        """Count seconds by another clock from now on."""
        self._seconds = self.seconds
        self._since = self.cycles
        self._hz = hz
