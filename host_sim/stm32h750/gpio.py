"""GPIO A to K: pins, their alternate functions and what a board ties them to."""

from __future__ import annotations

from dataclasses import dataclass

from host_sim.stm32h750.bus import Bus
from host_sim.stm32h750.elapsed import Time
from host_sim.stm32h750.registers import GPIO


@dataclass(frozen=True, slots=True)
class GpioEdge:
    """A pin whose output latch changed; `seconds` since reset."""

    seconds: float
    port: str
    pin: int
    is_high: bool


class Pins:
    """GPIO A to K with the board's strap and pull-ups; outputs are seen as their latch says."""

    _END = GPIO + 0x400 * 11

    def __init__(self, bus: Bus, time: Time, grounded: tuple[str, int] | None) -> None:
        self._bus = bus
        self._time = time
        self._grounded = grounded
        self.edges: list[GpioEdge] = []
        bus.attach(GPIO, 0x400 * 11, self)

    def read(self, address: int, stored: int) -> int:
        """See `Peripheral.read`."""
        offset = address & 0x3FF
        if offset == 0x10:
            base = address - offset
            return sum(self._level(base, pin) << pin for pin in range(16))
        return 0 if offset == 0x18 else stored

    def write(self, address: int, stored: int, value: int) -> int:
        """See `Peripheral.write`."""
        offset = address & 0x3FF
        base = address - offset
        if offset == 0x18:
            latch = self._bus[base + 0x14]
            self._set_latch(base, latch & ~(value >> 16) & 0xFFFF | value & 0xFFFF)
            return 0
        if offset == 0x14:
            self._set_latch(base, value & 0xFFFF)
        return value

    def reset(self, origin: int) -> None:
        """Pins hold nothing but their registers."""

    def is_high_output(self, port: str, pin: int) -> bool:
        """Whether the pin is an output and driven high."""
        base = self.base(port)
        is_output = self._bus[base] >> 2 * pin & 3 == 1
        return is_output and bool(self._bus[base + 0x14] >> pin & 1)

    def is_output(self, port: str, pin: int) -> bool:
        """Whether the pin is an output."""
        return self._bus[self.base(port)] >> 2 * pin & 3 == 1

    def alternate(self, port: str, pin: int) -> int | None:
        """Return the alternate function the pin is switched to, None for another mode."""
        base = self.base(port)
        if self._bus[base] >> 2 * pin & 3 != 2:
            return None
        return self._bus[base + 0x20 + 4 * (pin >> 3)] >> 4 * (pin & 7) & 15

    @staticmethod
    def base(port: str) -> int:
        """Address of a port's registers."""
        return GPIO + 0x400 * (ord(port) - ord("A"))

    def _level(self, base: int, pin: int) -> int:
        port = chr(ord("A") + (base - GPIO) // 0x400)
        if self._bus[base] >> 2 * pin & 3 == 1:
            return self._bus[base + 0x14] >> pin & 1
        if (port, pin) == self._grounded:
            return 0
        return int(self._bus[base + 0x0C] >> 2 * pin & 3 == 1)

    def _set_latch(self, base: int, latch: int) -> None:
        changed = self._bus[base + 0x14] ^ latch
        port = chr(ord("A") + (base - GPIO) // 0x400)
        for pin in range(16):
            if changed >> pin & 1:
                self.edges.append(GpioEdge(self._time.seconds, port, pin, bool(latch >> pin & 1)))
        self._bus.words[base + 0x14] = latch
