"""The Daisy's serial flash, an ISSI IS25LP064A, on one line: commands, busy times, torn writes.

From its data sheet. Programming turns ones into zeros and never the reverse; what the power cuts
short is left half done, in bits that are the same in every run.
"""

from __future__ import annotations

from dataclasses import dataclass

from host_sim.emulator.core import Core
from host_sim.stm32h750.elapsed import Time
from host_sim.stm32h750.outside import gaussian

FLASH_ORIGIN = 0x90000000
"""Where its content is seen."""
SIZE_BYTES = 8 << 20
SECTOR_BYTES, PAGE_BYTES = 4096, 256
ERASED = 0xFF
IDENTIFICATION = bytes((0x9D, 0x60, 0x17))
READ_MOST_HZ, MOST_HZ = 50_000_000, 133_000_000
"""Of the plain read (03h), and of everything else."""

_WRITE_DISABLE, _READ_STATUS, _WRITE_ENABLE, _PROGRAM, _READ = 0x04, 0x05, 0x06, 0x02, 0x03
_RESET_ENABLE, _RESET, _IDENTIFY, _WAKE, _NOTHING = 0x66, 0x99, 0x9F, 0xAB, 0xFF
_ERASE_SECTOR = (0x20, 0xD7)
_BUSY, _LATCH = 1, 2


@dataclass(frozen=True, slots=True)
class FlashTimes:
    """Seconds that the chip takes: typical ones of its data sheet."""

    erase_s: float = 70e-3
    program_s: float = 0.2e-3
    reset_s: float = 35e-6


@dataclass(slots=True)
class _Work:
    """An erase or a program in progress; `data` is what shall be there."""

    address: int
    data: bytes
    begin: float
    end: float
    is_erase: bool


class NorFlash:
    """A chip with its content; `answers` is False for one that has come off its pads.

    It may begin in continuous read mode, as the Daisy bootloader leaves it: then it takes what
    comes for addresses until eight clocks with all lines high have told it otherwise.
    """

    def __init__(self, core: Core, time: Time, *, continuous: bool) -> None:
        self.content = core.memory.view(FLASH_ORIGIN, SIZE_BYTES)
        self.times = FlashTimes()
        self.answers = True
        self.erases: list[int] = []
        self.programs: list[int] = []
        self.ignored: list[int] = []
        self._time = time
        self._latch = False
        self._may_reset = False
        self._is_continuous = continuous
        self._work: _Work | None = None
        self._ready_at = 0.0

    # ---- for the controller

    def all_high(self) -> None:
        """See eight clocks with four lines high, and no command."""
        self._is_continuous = False

    def exchange(self, command: int, address: int | None, sent: bytes, wanted: int) -> bytes:
        """Take a command with its address and data, and return what comes back, `wanted` bytes."""
        self._finish()
        if not self.answers or self._is_continuous:
            return bytes([ERASED]) * wanted
        may_reset, self._may_reset = self._may_reset, command == _RESET_ENABLE
        if command == _READ_STATUS:
            return bytes([self._status()]) * wanted
        if command == _RESET and may_reset:
            self._reset()
        elif self._is_busy():
            self.ignored.append(command)
        else:
            return self._obey(command, address, sent, wanted)
        return bytes([ERASED]) * wanted

    def busy_for(self, seconds: float) -> None:
        """Be busy with what it was told before the processor's reset."""
        self._ready_at = self._now() + seconds

    def complete(self) -> None:
        """Come to the end of what is in progress, as it does through a reset of the processor."""
        if self._work is not None:
            self._put(self._work.address, self._work.data)
        self._work = None

    def cut_power(self) -> None:
        """Leave what is in progress as far as it has come."""
        self._finish()
        if self._work is not None:
            self._stop_half_way(self._work)
        self._work = None

    # ---- the inside

    def _now(self) -> float:
        return self._time.outside

    def _obey(self, command: int, address: int | None, sent: bytes, wanted: int) -> bytes:
        if command == _IDENTIFY:
            return (IDENTIFICATION * (wanted // 3 + 1))[:wanted]
        if command == _READ and address is not None:
            places = [(address + n) % SIZE_BYTES for n in range(wanted)]
            return bytes(self.content[places].tolist())
        if command in (_WRITE_ENABLE, _WRITE_DISABLE):
            self._latch = command == _WRITE_ENABLE
        elif command == _PROGRAM and address is not None:
            self._program(address % SIZE_BYTES, sent)
        elif command in _ERASE_SECTOR and address is not None:
            self._erase(address % SIZE_BYTES & -SECTOR_BYTES)
        elif command not in (_RESET_ENABLE, _RESET, _WAKE, _NOTHING):
            self.ignored.append(command)
        return bytes([ERASED]) * wanted

    def _program(self, address: int, sent: bytes) -> None:
        """Begin to program; what goes beyond the end of a page comes at its beginning."""
        if not self._latch or not sent:
            self.ignored.append(_PROGRAM)
            return
        self.programs.append(address)
        page = address & -PAGE_BYTES
        wanted = bytearray(self.content[page : page + PAGE_BYTES].tobytes())
        for number, byte in enumerate(sent):
            wanted[(address + number) % PAGE_BYTES] &= byte
        self._begin(page, bytes(wanted), self.times.program_s, is_erase=False)

    def _erase(self, sector: int) -> None:
        if not self._latch:
            self.ignored.append(_ERASE_SECTOR[0])
            return
        self.erases.append(sector)
        self._begin(sector, bytes([ERASED]) * SECTOR_BYTES, self.times.erase_s, is_erase=True)

    def _begin(self, address: int, data: bytes, seconds: float, *, is_erase: bool) -> None:
        now = self._now()
        self._work = _Work(address, data, now, now + seconds, is_erase)

    def _finish(self) -> None:
        """Let a work end whose time is over; the latch falls with it."""
        work = self._work
        if work is not None and self._now() >= work.end:
            self._put(work.address, work.data)
            self._work = None
            self._latch = False

    def _is_busy(self) -> bool:
        return self._work is not None or self._now() < self._ready_at

    def _status(self) -> int:
        return (_BUSY if self._is_busy() else 0) | (_LATCH if self._latch else 0)

    def _reset(self) -> None:
        """Give up what is in progress, and be ready a little later."""
        if self._work is not None:
            self._stop_half_way(self._work)
        self._work = None
        self._latch = False
        self._ready_at = self._now() + self.times.reset_s

    def _stop_half_way(self, work: _Work) -> None:
        """Change each bit that has to change only where its turn has come."""
        share = (self._now() - work.begin) / (work.end - work.begin)
        before = self.content[work.address : work.address + len(work.data)].tobytes()
        done = bytearray(before)
        for index, (old, new) in enumerate(zip(before, work.data, strict=True)):
            for bit in range(8) if old != new else ():
                if 0.5 + gaussian(8 * index + bit) / 7.0 <= share:
                    done[index] = done[index] & ~(1 << bit) | new & 1 << bit
        self._put(work.address, bytes(done))

    def _put(self, address: int, data: bytes) -> None:
        self.content[address : address + len(data)] = list(data)
