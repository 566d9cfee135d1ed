"""GPIO A to K: pins, their alternate functions and what a board ties them to."""

from __future__ import annotations

from dataclasses import dataclass

from host_sim.stm32h750.bus import Bus
from host_sim.stm32h750.elapsed import Time
from host_sim.stm32h750.outside import Outside
from host_sim.stm32h750.registers import GPIO

_INPUT, _OUTPUT, _ALTERNATE, _ANALOG = range(4)
_PULL_UP, _PULL_DOWN = 1, 2


@dataclass(frozen=True, slots=True)
class GpioEdge:
    """A pin whose output latch changed; `seconds` since reset."""

    seconds: float
    port: str
    pin: int
    is_high: bool


class Pins:
    """GPIO A to K with the board's strap and what hangs on them outside.

    Outputs are seen as their latch says, inputs as they are driven, else as they are pulled.
    """

    def __init__(
        self, bus: Bus, time: Time, grounded: tuple[str, int] | None, outside: Outside
    ) -> None:
        self._bus = bus
        self._time = time
        self._grounded = grounded
        self._outside = outside
        self.edges: list[GpioEdge] = []
        bus.attach(GPIO, 0x400 * 11, self)

    def read(self, address: int, stored: int) -> int:
        """See `Peripheral.read`."""
        offset = address & 0x3FF
        if offset == 0x10:
            levels, floating = self._levels(address - offset)
            self._blame_floating(self.port(address - offset), floating)
            return levels
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
        return self.mode(port, pin) == _OUTPUT

    def is_analog(self, port: str, pin: int) -> bool:
        """Whether the pin is left to the converters."""
        return self.mode(port, pin) == _ANALOG

    def mode(self, port: str, pin: int) -> int:
        """Return the pin's two bits of MODER."""
        return self._bus[self.base(port)] >> 2 * pin & 3

    def alternate(self, port: str, pin: int) -> int | None:
        """Return the alternate function the pin is switched to, None for another mode."""
        base = self.base(port)
        if self.mode(port, pin) != _ALTERNATE:
            return None
        return self._bus[base + 0x20 + 4 * (pin >> 3)] >> 4 * (pin & 7) & 15

    @staticmethod
    def port(base: int) -> str:
        """Name of the port whose registers begin there."""
        return chr(ord("A") + (base - GPIO) // 0x400)

    @staticmethod
    def base(port: str) -> int:
        """Address of a port's registers."""
        return GPIO + 0x400 * (ord(port) - ord("A"))

    def level(self, port: str, pin: int) -> bool:
        """Return what the input data register shows of a pin."""
        return bool(self.levels(port) >> pin & 1)

    def levels(self, port: str) -> int:
        """Return what the input data register of a port shows."""
        return self._levels(self.base(port))[0]

    def _levels(self, base: int) -> tuple[int, int]:
        """Return a port's levels, and which of its inputs nothing holds; those show 0.

        An analog pin shows 0, whatever its voltage.
        """
        modes, pulls = self._bus[base], self._bus[base + 0x0C]
        latch = self._bus[base + 0x14]
        levels = floating = 0
        for pin in range(16):
            mode, pull = modes >> 2 * pin & 3, pulls >> 2 * pin & 3
            if mode == _OUTPUT:
                levels |= latch & 1 << pin
            elif mode != _ANALOG:
                levels |= (pull == _PULL_UP) << pin
                floating |= (pull not in (_PULL_UP, _PULL_DOWN)) << pin
        return self._driven(base, levels, floating)

    def _driven(self, base: int, levels: int, floating: int) -> tuple[int, int]:
        """Put what drives the inputs of a port over their pulls."""
        port = self.port(base)
        drives = dict(self._outside.levels(port))
        if self._grounded is not None and self._grounded[0] == port:
            drives[self._grounded[1]] = False
        for pin, level in drives.items():
            if level is not None and self.mode(port, pin) not in (_OUTPUT, _ANALOG):
                levels = levels & ~(1 << pin) | level << pin
                floating &= ~(1 << pin)
        return levels, floating

    def _blame_floating(self, port: str, floating: int) -> None:
        """What a switch hangs on must be held when the switch is open."""
        for pin, _ in self._outside.levels(port):
            if floating >> pin & 1:
                self._outside.blame(f"P{port}{pin} is read while it floats", self._bus.symbol)

    def _set_latch(self, base: int, latch: int) -> None:
        changed = self._bus[base + 0x14] ^ latch
        port = self.port(base)
        for pin in range(16):
            if changed >> pin & 1:
                self.edges.append(GpioEdge(self._time.seconds, port, pin, bool(latch >> pin & 1)))
        self._bus.words[base + 0x14] = latch
