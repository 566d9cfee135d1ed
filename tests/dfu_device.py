"""A device that speaks DfuSe as strictly as the protocol is written, with faults to choose from.

What it does is one table, `TRANSITIONS`; every step it takes is one of them and is counted, so a
test can tell that all were taken. Whatever the table does not have is refused as a device does:
the request stalls, and the device is in ERROR.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

APP_IDLE, IDLE, SYNC, BUSY, DNLOAD_IDLE = 0, 2, 3, 4, 5
MANIFEST_SYNC, MANIFEST, WAIT_RESET, UPLOAD_IDLE, ERROR = 6, 7, 8, 9, 10
DNLOAD, UPLOAD, GETSTATUS, CLRSTATUS, GETSTATE, ABORT = 1, 2, 3, 4, 5, 6
ERR_TARGET, ERR_WRITE, ERR_ERASED, ERR_VENDOR, ERR_UNKNOWN, ERR_STALLED = 1, 3, 5, 11, 14, 15

TRANSITIONS = {
    (IDLE, "command"): SYNC,
    (IDLE, "status"): IDLE,
    (IDLE, "abort"): IDLE,
    (IDLE, "upload"): UPLOAD_IDLE,
    (IDLE, "short upload"): IDLE,
    (SYNC, "status"): BUSY,
    (BUSY, "status, not ready"): BUSY,
    (BUSY, "status, ready"): DNLOAD_IDLE,
    (BUSY, "status, failed"): ERROR,
    (BUSY, "clear, stuck"): ERROR,
    (DNLOAD_IDLE, "command"): SYNC,
    (DNLOAD_IDLE, "status"): DNLOAD_IDLE,
    (DNLOAD_IDLE, "abort"): IDLE,
    (DNLOAD_IDLE, "leave"): MANIFEST_SYNC,
    (MANIFEST_SYNC, "status"): MANIFEST,
    (UPLOAD_IDLE, "upload"): UPLOAD_IDLE,
    (UPLOAD_IDLE, "short upload"): IDLE,
    (UPLOAD_IDLE, "status"): UPLOAD_IDLE,
    (UPLOAD_IDLE, "abort"): IDLE,
    (ERROR, "status"): ERROR,
    (ERROR, "clear"): IDLE,
    (WAIT_RESET, "status"): WAIT_RESET,
    (APP_IDLE, "status"): APP_IDLE,
}
"""By state and event, the next state; `status` sets the device to work."""

TAKEN: Counter[tuple[int, str]] = Counter()


class Clock:
    """Time that passes when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.when: list[Callable[[float], None]] = []

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        assert seconds > 0, "nobody waits for nothing"
        self.seconds = round(self.seconds + seconds, 6)
        for hear in self.when:
            hear(self.seconds)


@dataclass(frozen=True)
class Kind:
    """One of the bootloaders."""

    strings: tuple[str, ...]  # from index 1: manufacturer, product, serial, alternates
    transfer: int
    base: int
    size: int
    sector: int
    erase_seconds: float
    poll_ms: int  # that it asks for while it erases


ROM = Kind(
    (
        "STMicroelectronics",
        "DFU in FS Mode",
        "200364500000",
        "@Internal Flash   /0x08000000/16*128Kg",
        "@Option Bytes   /0x5200201C/01*128 e",
    ),
    transfer=1024,
    base=0x08000000,
    size=0x40000,
    sector=0x20000,
    erase_seconds=0.9,
    poll_ms=1000,
)
DAISY = Kind(
    (
        "Electrosmith",
        "Daisy Bootloader",
        "3986335E3330",
        "@Flash /0x90000000/64*4Kg/0x90040000/60*64Kg/0x90400000/60*64Kg",
    ),
    transfer=4096,
    base=0x90040000,
    size=0x780000,
    sector=0x10000,
    erase_seconds=0.5,
    poll_ms=300,
)


class RefusedError(Exception):
    """A transfer that fails, by libusb's name."""


@dataclass
class Faults:
    """What goes wrong; everything else goes right."""

    open_error: str = ""
    claim_error: str = ""
    leave_error: str = ""  # of the last GETSTATUS
    stays: bool = False  # in the bootloader, when it is asked to leave
    comes_back: bool = False  # after leaving, as the Daisy bootloader does
    slow: float = 1.0  # times the erase takes longer than usual
    is_stuck: bool = False  # busy for ever after an erase, until CLRSTATUS comes twice
    is_dead: bool = False  # busy for ever, and CLRSTATUS is refused
    is_read_protected: bool = False
    is_write_protected: bool = False  # and does not say so
    flipped: int | None = None  # the block in which a bit is written wrong
    short: int | None = None  # bytes of an upload that it gives at most
    short_from: int = 0  # the first block of which it gives no more
    at: int = 0  # the transfer, from 1, that fails
    how: str = ""  # as what: GONE, TIMEOUT, PIPE, or INTERRUPT
    status_bytes: int = 6
    odd_state: int | None = None  # what it says it is in


@dataclass
class Device:
    """A board on the bus."""

    kind: Kind
    clock: Clock
    faults: Faults = field(default_factory=Faults)
    state: int = IDLE
    bus: int = 1
    ports: tuple[int, ...] = (2,)
    address: int = 5
    alternates: tuple[int, ...] = ()
    functional: bytes | None = None  # None: as usual
    interface_class: tuple[int, int, int] = (0xFE, 1, 2)

    def __post_init__(self) -> None:
        self.memory = bytearray(b"\x5a" * self.kind.size)
        self.is_there = True
        self.transfers = 0
        self.log: list[tuple[int, int]] = []
        self.started: int | None = None
        self.left = 0
        self.alternate = 0
        self.claimed = 0
        self._reset(self.state)

    def _reset(self, state: int) -> None:
        self.state, self.status, self.pointer = state, 0, self.kind.base
        self.work: Callable[[], int] | None = (lambda: 0) if state in (SYNC, BUSY) else None
        self.ready, self.next_status = self.clock.now(), self.clock.now()
        self.is_erasing = False

    def plug_in_again(self) -> None:
        """Start the bootloader anew: the flash is as it was."""
        self.is_there, self.faults, self.started = True, Faults(), None
        self.address += 1
        self._reset(IDLE)

    # What the bus asks.

    def transfer(self, request: int, value: int, data: Any) -> bytes:
        """A class request; `data` is what was sent, or how many bytes are wanted."""
        if not self.is_there:
            raise RefusedError("NO_DEVICE")
        self.transfers += 1
        self.log.append((request, value))
        if self.transfers == self.faults.at:
            self._fail()
        handler = {
            DNLOAD: self._download,
            UPLOAD: self._upload,
            GETSTATUS: self._get_status,
            CLRSTATUS: self._clear,
            ABORT: self._abort,
        }.get(request, self._unknown)
        return handler(value, data)

    def count(self) -> None:
        """A standard request, which may fail too."""
        if not self.is_there:
            raise RefusedError("NO_DEVICE")
        self.transfers += 1
        if self.transfers == self.faults.at:
            self._fail()

    def _fail(self) -> NoReturn:
        how = self.faults.how
        if how == "INTERRUPT":
            raise KeyboardInterrupt
        if how == "NO_DEVICE":
            self.is_there = False
        if how == "PIPE":
            self._stall()
        raise RefusedError(how)

    def _step(self, event: str) -> None:
        key = (self.state, event)
        if key not in TRANSITIONS:
            self._stall()
        TAKEN[key] += 1
        self.state = TRANSITIONS[key]

    def _stall(self, status: int = ERR_STALLED) -> NoReturn:
        self.state, self.status = ERROR, status
        raise RefusedError("PIPE")

    def _unknown(self, value: int, data: Any) -> bytes:
        self._stall()

    def _download(self, value: int, data: bytes) -> bytes:
        if not data:
            self._step("leave")
            return b""
        if len(data) > self.kind.transfer or value == 1:
            self._stall()
        work = self._command(data) if value == 0 else self._program(value, data)
        self._step("command")
        self.work = work
        return b""

    def _command(self, data: bytes) -> Callable[[], int]:
        known = {0x21: self._set_address, 0x41: self._erase}
        if len(data) != 5 or data[0] not in known:
            self._stall()
        self.is_erasing = data[0] == 0x41
        (address,) = struct.unpack("<I", data[1:])
        return lambda: known[data[0]](address)

    def _program(self, value: int, data: bytes) -> Callable[[], int]:
        self.is_erasing = False
        return lambda: self._write(value, data)

    def _get_status(self, value: int, size: int) -> bytes:
        poll = 0
        if self.state == SYNC:
            poll = self._begin()
        elif self.state == BUSY:
            poll = self._go_on()
        else:
            self._step("status")
        status, state = self.status, self.state
        if state == MANIFEST:
            self._go()
        state = state if self.faults.odd_state is None else self.faults.odd_state
        answer = bytes([status]) + poll.to_bytes(3, "little") + bytes([state, 0])
        return answer[: min(size, self.faults.status_bytes)]

    def _begin(self) -> int:
        """Start what was sent; the answer is that it is under way."""
        self._step("status")
        seconds = self.kind.erase_seconds * self.faults.slow if self.is_erasing else 0.004
        self.ready = self.clock.now() + seconds
        poll = self.kind.poll_ms if self.is_erasing else 5
        self.next_status = self.clock.now() + poll / 1000
        return poll

    def _go_on(self) -> int:
        now = self.clock.now()
        if now < self.next_status - 1e-9:
            self._stall()  # asked before the time that it said
        if self._hangs or now < self.ready:
            self._step("status, not ready")
            self.next_status = now + 0.1
            return 100
        assert self.work is not None
        self.status = self.work()
        self.work = None
        self._step("status, failed" if self.status else "status, ready")
        return 0

    @property
    def _hangs(self) -> bool:
        return self.faults.is_dead or (self.faults.is_stuck and self.is_erasing)

    def _clear(self, value: int, data: Any) -> bytes:
        if self.state == BUSY and self.faults.is_stuck and self.work:
            self.work()
            self.work = None
            self._step("clear, stuck")
            self.status = ERR_UNKNOWN
            return b""
        self._step("clear")
        self.status = 0
        return b""

    def _abort(self, value: int, data: Any) -> bytes:
        self._step("abort")
        return b""

    def _upload(self, value: int, size: int) -> bytes:
        if self.faults.is_read_protected and self.state in (IDLE, UPLOAD_IDLE):
            self._stall(ERR_VENDOR)
        if size > self.kind.transfer or value < 2:
            self._stall()
        offset = self.pointer - self.kind.base + (value - 2) * self.kind.transfer
        found = bytes(self.memory[max(offset, 0) : max(offset + size, 0)])
        found = found[: self.faults.short] if value >= self.faults.short_from else found
        self._step("upload" if len(found) == size else "short upload")
        return found

    # What the flash does.

    def _set_address(self, address: int) -> int:
        if not self.kind.base <= address < self.kind.base + self.kind.size:
            return ERR_TARGET
        self.pointer = address
        return 0

    def _erase(self, address: int) -> int:
        offset = address - self.kind.base
        if self.faults.is_read_protected:
            return ERR_VENDOR
        if not 0 <= offset < self.kind.size:
            return ERR_TARGET
        if not self.faults.is_write_protected:
            begin = offset - offset % self.kind.sector
            self.memory[begin : begin + self.kind.sector] = b"\xff" * self.kind.sector
        return 0

    def _write(self, value: int, data: bytes) -> int:
        offset = self.pointer - self.kind.base + (value - 2) * self.kind.transfer
        if not 0 <= offset <= self.kind.size - len(data):
            return ERR_TARGET
        if self.faults.is_write_protected:
            return 0
        if any(byte != 0xFF for byte in self.memory[offset : offset + len(data)]):
            return ERR_ERASED
        self.memory[offset : offset + len(data)] = data
        if value == self.faults.flipped:
            self.memory[offset] ^= 1
        return 0

    def _go(self) -> None:
        """Start the program at the address."""
        if not self.faults.stays:
            self.is_there = self.faults.comes_back
            self.address += 1
        self.started, self.left = self.pointer, self.left + 1
        self._reset(IDLE)
        if self.faults.leave_error:
            raise RefusedError(self.faults.leave_error)
