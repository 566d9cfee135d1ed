"""ST's DfuSe: what is asked of a device, what it answers, and the way back to idle.

A command is a DNLOAD of block 0 and runs when GETSTATUS is sent: the device is busy, for as long as
it says, and then idle or in error. Data is a DNLOAD of block 2 and on (ST AN3156, AN2662; USB DFU
1.1a for the states).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from namgen.flashing.clock import Clock
from namgen.flashing.sentences import SAID
from namgen.flashing.wire import TransferError, Wire

DNLOAD, UPLOAD, GETSTATUS, CLRSTATUS, ABORT = 1, 2, 3, 4, 6
"""Requests."""

FIRST_BLOCK = 2
"""The number of the block at the address that was set."""

_SET_ADDRESS, _ERASE = 0x21, 0x41
_STATUS_BYTES = 6
_ERASE_SECONDS = 10.0  # the data sheet: 2.2 for 128 KB at the most
_OTHER_SECONDS = 5.0
_LEAST_POLL_MS = 1
_ATTEMPTS = 8
_UNKNOWN = 14


class State(IntEnum):
    """Of a device, as GETSTATUS tells it."""

    APP_IDLE = 0
    APP_DETACH = 1
    IDLE = 2
    DNLOAD_SYNC = 3
    DNBUSY = 4
    DNLOAD_IDLE = 5
    MANIFEST_SYNC = 6
    MANIFEST = 7
    MANIFEST_WAIT_RESET = 8
    UPLOAD_IDLE = 9
    ERROR = 10


_BUSY = (State.DNLOAD_SYNC, State.DNBUSY)

PROTECTED = 11
"""The status of a chip whose option bytes forbid it."""


class DfuError(Exception):
    """A device that answers that something is wrong, or nothing that makes sense."""

    def __init__(self, message: str, status: int | None = None) -> None:
        self.status = status
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Answer:
    """Of GETSTATUS."""

    status: int  # 0: fine
    poll_ms: int  # before the next GETSTATUS
    state: State


@dataclass(frozen=True, slots=True)
class Dfu:
    """A device that is spoken to. Its methods raise `TransferError` and `DfuError`."""

    wire: Wire
    clock: Clock

    def answer(self) -> Answer:
        """Ask for the status, which sets the device to work."""
        data = self.wire.ask(GETSTATUS, 0, _STATUS_BYTES)
        if len(data) != _STATUS_BYTES:
            raise DfuError(SAID.short_status.format(found=len(data), wanted=_STATUS_BYTES))
        if data[4] not in set(State):
            raise DfuError(SAID.no_state.format(state=data[4]))
        return Answer(data[0], int.from_bytes(data[1:4], "little"), State(data[4]))

    def make_idle(self) -> None:
        """Get to IDLE from where an earlier run, or another program, left it."""
        for _ in range(_ATTEMPTS):
            answer = self._settled(self.answer(), _ERASE_SECONDS)
            match answer.state:
                case State.IDLE:
                    return
                case State.ERROR:
                    self.wire.send(CLRSTATUS, 0)
                case State.DNLOAD_IDLE | State.UPLOAD_IDLE:
                    self.wire.send(ABORT, 0)
                case State.APP_IDLE | State.APP_DETACH:
                    raise DfuError(SAID.is_program)
                case _:
                    raise DfuError(SAID.waits_for_reset)
        raise DfuError(SAID.never_idle.format(attempts=_ATTEMPTS))

    def set_address(self, address: int) -> None:
        """Say where block 2 lies."""
        self._command(struct.pack("<BI", _SET_ADDRESS, address), _OTHER_SECONDS)

    def erase(self, address: int) -> None:
        """Erase the sector that an address is in."""
        self._command(struct.pack("<BI", _ERASE, address), _ERASE_SECONDS)

    def write(self, block: int, data: bytes) -> None:
        """Write a block, counted from 0 at the address that was set."""
        self._send(DNLOAD, FIRST_BLOCK + block, data)
        self._finish(_OTHER_SECONDS)

    def read(self, block: int, size_bytes: int) -> bytes:
        """Read a block, or less where the device gives less."""
        try:
            return self.wire.ask(UPLOAD, FIRST_BLOCK + block, size_bytes)
        except TransferError as error:
            raise self._reason(error) from error

    def leave(self, address: int) -> None:
        """Ask the device to start the program at an address; it may be gone before it answers."""
        self.set_address(address)
        self.wire.send(DNLOAD, 0)
        self.answer()

    def _command(self, data: bytes, seconds: float) -> None:
        self._send(DNLOAD, 0, data)
        self._finish(seconds)

    def _send(self, request: int, value: int, data: bytes) -> None:
        try:
            self.wire.send(request, value, data)
        except TransferError as error:
            raise self._reason(error) from error

    def _reason(self, error: TransferError) -> TransferError | DfuError:
        """Ask a device that has refused a request why."""
        if error.trouble != "stall":
            return error
        answer = self.answer()
        return _wrong(answer.status) if answer.state is State.ERROR else error

    def _finish(self, seconds: float) -> None:
        """Let the device do what it was sent."""
        answer = self._settled(self.answer(), seconds)
        if answer.state is State.ERROR:
            raise _wrong(answer.status)
        if answer.state not in (State.DNLOAD_IDLE, State.IDLE):
            raise DfuError(SAID.not_idle.format(state=_spelled(answer.state)))

    def _settled(self, answer: Answer, seconds: float) -> Answer:
        """Wait as the device asks for, until it is no longer busy, but not for ever."""
        end = self.clock.now() + seconds
        while answer.state in _BUSY:
            if self.clock.now() >= end:
                return self._freed(seconds)
            pause = max(answer.poll_ms, _LEAST_POLL_MS) / 1000
            self.clock.sleep(min(pause, seconds))
            answer = self.answer()
        return answer

    def _freed(self, seconds: float) -> Answer:
        """Get a device out of a busy state that it does not leave by itself.

        An STM32H7 of revision V may be so after an erase, which it has done: CLRSTATUS brings it
        to ERROR (errUNKNOWN), and again to IDLE.
        """
        told = SAID.still_busy.format(seconds=seconds)
        try:
            self.wire.send(CLRSTATUS, 0)
        except TransferError as error:
            raise error if error.trouble != "stall" else DfuError(told) from error
        answer = self.answer()
        if (answer.state, answer.status) == (State.ERROR, _UNKNOWN):
            self.wire.send(CLRSTATUS, 0)
            answer = self.answer()
        if answer.state is not State.IDLE:
            raise DfuError(told)
        return answer


def _wrong(status: int) -> DfuError:
    told = SAID.statuses.get(str(status), SAID.other_status.format(status=status))
    return DfuError(told, status)


def _spelled(state: State) -> str:
    return state.name.replace("_", "-")
