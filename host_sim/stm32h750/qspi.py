"""QUADSPI in indirect mode, on one line, with the flash chip at its pins (RM0433, chapter 24).

The memory-mapped mode is the bootloader's: an image that executes in place finds it set.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping

from host_sim.boards import Place
from host_sim.emulator.core import Core
from host_sim.emulator.errors import EmulationError
from host_sim.stm32h750.bus import Bus
from host_sim.stm32h750.clocks import Clocks
from host_sim.stm32h750.elapsed import Time
from host_sim.stm32h750.frequencies import QUADSPI_CR
from host_sim.stm32h750.gpio import Pins
from host_sim.stm32h750.nor_flash import MOST_HZ, READ_MOST_HZ, NorFlash

QUADSPI = QUADSPI_CR
FIFO_BYTES = 32

_DCR, _SR, _FCR, _DLR, _CCR, _AR, _DR = 0x04, 0x08, 0x0C, 0x10, 0x14, 0x18, 0x20
_ABR, _LAST = 0x1C, 0x30
_ENABLE, _ABORT = 1 << 0, 1 << 1
_DONE, _THRESHOLD, _BUSY = 1 << 1, 1 << 2, 1 << 5
_PLAIN_READ = 0x03
_WRITES, _READS, _POLLS, _MAPS = range(4)


class Qspi:
    """The controller; a command is over on its lines when its time has passed."""

    def __init__(
        self,
        bus: Bus,
        core: Core,
        time: Time,
        *,
        clocks: Clocks,
        pins: Pins,
        lines: Mapping[Place, int] | None,
        flash: NorFlash,
    ) -> None:
        self._bus = bus
        self._core = core
        self._time = time
        self._clocks = clocks
        self._pins = pins
        self._lines = lines
        self._flash = flash
        self.reset(QUADSPI)
        bus.attach(QUADSPI, 0x400, self)

    def read(self, address: int, stored: int) -> int:
        """See `Peripheral.read`."""
        offset = address - QUADSPI
        if offset == _SR:
            return self._status()
        if offset == _DR:
            return self._take()
        return stored

    def write(self, address: int, stored: int, value: int) -> int:
        """See `Peripheral.write`."""
        offset = address - QUADSPI
        if offset == 0:
            value = self._clocks.write(address, stored, value)
            if value & _ABORT:
                self.reset(QUADSPI)
            return value & ~_ABORT
        if offset == _FCR:
            if value & _DONE:
                self._is_done = False
            return 0
        if offset == _SR:
            return stored
        if offset == _DR:
            self._give(value)
            return 0
        if offset <= _LAST and self._is_busy() and not self._clocks.runs_from_qspi:
            raise self._error(f"register 0x{offset:02X} is set while it is busy")
        self._bus.words[address] = value
        if offset == _CCR:
            self._configured(value)
        elif offset == _AR and self._field(10, 3):
            self._addressed()
        return value

    def reset(self, origin: int) -> None:
        """See `Peripheral.reset`."""
        self._fifo: deque[int] = deque()
        self._waiting: bytes = b""  # what the chip has sent and the FIFO has not taken
        self._to_send = 0
        self._sent: list[int] = []
        self._done_at: float | None = None
        self._next_at = 0.0
        self._is_done = False

    # ---- a command begins

    def _configured(self, value: int) -> None:
        """A command without an address and without data to send begins now."""
        mode = self._field(26, 3)
        if not self._bus[QUADSPI] & _ENABLE:
            raise self._error("a command is given while it is off")
        if mode in (_POLLS, _MAPS):
            raise self._error("status polling and the memory-mapped mode are not emulated")
        if self._field(10, 3) == 0:
            self._begin(None)

    def _addressed(self) -> None:
        self._begin(self._bus[QUADSPI + _AR])

    def _begin(self, address: int | None) -> None:
        """Send command and address, then wait for data to send, or let it come."""
        self._check()
        self._is_done = False
        has_data = bool(self._field(24, 3))
        count = self._bus[QUADSPI + _DLR] + 1 if has_data else 0
        self._address = address
        self._next_at = self._time.seconds + self._header_clocks() / self._hz
        if has_data and self._field(26, 3) == _WRITES:
            self._to_send, self._sent = count, []
            return
        if not self._field(8, 3):
            self._seen_as_mode(address)
            self._waiting = b""
        else:
            self._waiting = self._flash.exchange(self._command, address, b"", count)
        self._done_at = self._next_at + 8 * count / self._hz

    def _seen_as_mode(self, address: int | None) -> None:
        """Lines without a command: nothing but the end of continuous reading has a meaning."""
        is_all_high = self._field(10, 3) == 3 and self._field(12, 3) == 3
        if address != 0xFFFFFFFF or not is_all_high or self._field(24, 3):
            raise self._error("expected 32 bits of ones on four lines where there is no command")
        self._flash.all_high()

    # ---- data

    def _give(self, word: int) -> None:
        """Take a word for the chip; it has gone when all that DLR says has."""
        if not self._to_send:
            raise self._error("data without a command that sends any")
        self._sent += list(word.to_bytes(4, "little"))
        if len(self._sent) > FIFO_BYTES and len(self._sent) > self._gone() + FIFO_BYTES:
            self._stall(self._next_at + 8 * (len(self._sent) - FIFO_BYTES) / self._hz)
        if len(self._sent) >= self._to_send:
            data = bytes(self._sent[: self._to_send])
            self._done_at = max(self._time.seconds, self._next_at) + 8 * len(data) / self._hz
            self._flash.exchange(self._command, self._address, data, 0)
            self._to_send = 0

    def _gone(self) -> int:
        return max(0, int((self._time.seconds - self._next_at) * self._hz / 8))

    def _take(self) -> int:
        """Give a word that has come; the bus waits for one that is still to come."""
        self._fill()
        need = min(4, len(self._fifo) + len(self._waiting))
        if need == 0:
            raise self._error("data are read where none are to come")
        while len(self._fifo) < need:
            self._stall(self._next_at + 8 * (need - len(self._fifo)) / self._hz)
            self._fill()
        return sum(self._fifo.popleft() << 8 * place for place in range(need))

    def _fill(self) -> None:
        """Let the FIFO have what has come; where it is full, the chip's clock stands still."""
        room = FIFO_BYTES - len(self._fifo)
        elapsed = self._time.seconds - self._next_at
        come = min(room, len(self._waiting), max(0, int(elapsed * self._hz / 8 + 1e-6)))
        self._fifo.extend(self._waiting[:come])
        self._waiting = self._waiting[come:]
        self._next_at += 8 * come / self._hz
        if come == room and self._waiting:
            self._next_at = max(self._next_at, self._time.seconds)
        if self._waiting:
            self._done_at = self._next_at + 8 * len(self._waiting) / self._hz

    def _stall(self, until: float) -> None:
        wait_s = max(0.0, until - self._time.seconds)
        self._time.sleep_until(self._time.cycles + math.ceil(wait_s * self._clocks.cpu_hz) + 1)

    # ---- status

    def _status(self) -> int:
        self._fill()
        busy = self._is_busy()
        threshold = (self._bus[QUADSPI] >> 8 & 31) + 1
        if self._to_send:
            ready = len(self._sent) - self._gone() <= FIFO_BYTES - threshold
        else:
            ready = len(self._fifo) >= threshold or (bool(self._fifo) and not self._waiting)
        done = _DONE if self._is_done else 0
        return done | (_THRESHOLD if ready else 0) | (_BUSY if busy else 0) | len(self._fifo) << 8

    def _is_busy(self) -> bool:
        if self._to_send:
            return True
        if self._done_at is None:
            return bool(self._fifo)
        if self._time.seconds < self._done_at or self._waiting:
            return True
        self._is_done = True
        self._done_at = None
        return bool(self._fifo)

    # ---- what has to be right

    def _check(self) -> None:
        if self._clocks.runs_from_qspi:
            raise self._error("a command takes the flash away from the image that runs from it")
        if self._lines is None:
            raise self._error("no flash chip hangs there")
        wired = self._lines.items()
        wrong = [f"P{p}{n}" for (p, n), to in wired if self._pins.alternate(p, n) != to]
        if wrong:
            raise self._error(f"{', '.join(wrong)} not switched to it")
        most = READ_MOST_HZ if self._command == _PLAIN_READ else MOST_HZ
        if not 0 < self._hz <= most:
            raise self._error(f"the flash is clocked at {self._hz / 1e6:.0f} MHz")
        lines = {self._field(8, 3), self._field(10, 3), self._field(24, 3)}
        if self._field(8, 3) and not lines <= {0, 1}:
            raise self._error("commands on more than one line are not emulated")
        size = self._bus[QUADSPI + _DCR] >> 16 & 31
        if self._field(8, 3) and self._field(10, 3) and self._bus[QUADSPI + _AR] >> size + 1:
            raise self._error(f"an address beyond the {1 << size + 1} bytes that DCR says")

    def _header_clocks(self) -> float:
        """Clocks of command, address and dummy cycles."""
        per_line = {0: 0.0, 1: 1.0, 2: 0.5, 3: 0.25}
        command = 8 * per_line[self._field(8, 3)]
        address = 8 * (self._field(12, 3) + 1) * per_line[self._field(10, 3)]
        return command + address + self._field(18, 31)

    @property
    def _command(self) -> int:
        return self._field(0, 0xFF)

    @property
    def _hz(self) -> float:
        return self._clocks.qspi_hz

    def _field(self, shift: int, mask: int) -> int:
        return self._bus[QUADSPI + _CCR] >> shift & mask

    def _error(self, problem: str) -> EmulationError:
        return self._core.error("QUADSPI out of order", problem)

    _address: int | None = None
    _is_done = False
