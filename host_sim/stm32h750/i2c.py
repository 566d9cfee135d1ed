"""One of I2C1 to I2C3 as a master that writes to a codec, and asks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from host_sim.boards import Wiring
from host_sim.i2c_codecs import codec_of
from host_sim.stm32h750.bus import Bus
from host_sim.stm32h750.elapsed import Time
from host_sim.stm32h750.gpio import Pins
from host_sim.stm32h750.registers import I2C1
from namgen.codecs import CodecTable


@dataclass(frozen=True, slots=True)
class I2cTransaction:
    """Bytes written to a device, and what it told then; `address` has seven bits."""

    seconds: float
    address: int
    data: tuple[int, ...]
    is_acknowledged: bool
    told: tuple[int, ...] = ()


def _never() -> bool:
    return False


class I2c:
    """A master; the codec answers only when its pins are switched to this I2C.

    A board without such a codec has nobody on I2C2.
    """

    _TXE, _TXIS, _RXNE, _NACKF, _STOPF, _TC, _BUSY = 1, 2, 4, 1 << 4, 1 << 5, 1 << 6, 1 << 15
    _CLEARABLE = 0x3F38
    _ALTERNATE = 4

    def __init__(
        self,
        bus: Bus,
        time: Time,
        pins: Pins,
        wiring: Wiring,
        codec: CodecTable | None = None,
    ) -> None:
        self._bus = bus
        self._time = time
        self._pins = pins
        self._wired = wiring.bus
        self._origin = I2C1 + 0x400 * ((wiring.bus.number if wiring.bus else 2) - 1)
        self.codec = codec_of(wiring, codec)
        self.has_clock: Callable[[], bool] = _never  # whether the codec has its master clock
        self.transactions: list[I2cTransaction] = []
        self.reset(self._origin)
        bus.attach(self._origin, 0x400, self)

    def read(self, address: int, stored: int) -> int:
        """See `Peripheral.read`."""
        if address == self._origin + 0x24 and self._told:
            return self._tell()
        return self._status if address == self._origin + 0x18 else stored

    def write(self, address: int, stored: int, value: int) -> int:
        """See `Peripheral.write`."""
        offset = address - self._origin
        if offset == 0x00 and not value & 1:
            self.reset(self._origin)
        if offset == 0x04 and value >> 13 & 1:
            self._start(value)
            return value & ~(1 << 13)
        if offset == 0x28:
            self._send(value & 0xFF)
        if offset == 0x1C:
            self._status &= ~(value & self._CLEARABLE)
        return value

    def reset(self, origin: int) -> None:
        """See `Peripheral.reset`."""
        self._status = self._TXE
        self._is_busy = False
        self._length = 0
        self._address = 0
        self._ends_itself = False
        self._data: list[int] = []
        self._asked: tuple[int, ...] = ()
        self._told: list[int] = []

    def _start(self, control: int) -> None:
        if not self._bus[self._origin] & 1:
            return
        self._address = control >> 1 & 0x7F
        self._length = control >> 16 & 0xFF
        self._ends_itself = bool(control >> 25 & 1)
        if not self._reaches(self._address):
            self._finish(acknowledged=False)
            return
        if control >> 10 & 1:
            self._answer()
            return
        self._is_busy = True
        self._status = self._BUSY | self._TXIS | self._TXE
        self._check_complete()

    def _reaches(self, address: int) -> bool:
        wired = self._wired
        if wired is None or address != wired.address:
            return False
        if self.codec and self.codec.needs_clock and not self.has_clock():
            return False
        lines = (wired.clock, wired.data)
        return all(self._pins.alternate(*line) == self._ALTERNATE for line in lines)

    def _send(self, byte: int) -> None:
        self._data.append(byte)
        if self._is_busy:
            self._check_complete()

    def _answer(self) -> None:
        """Let the codec tell what it was asked, in the write before."""
        told = self.codec.tell(self._asked, self._length) if self.codec else None
        if told is None:
            self._finish(acknowledged=False)
            return
        self._told = list(told)
        self._status = self._BUSY | self._RXNE
        seconds = self._time.seconds
        self.transactions.append(I2cTransaction(seconds, self._address, self._asked, True, told))

    def _tell(self) -> int:
        byte = self._told.pop(0)
        if not self._told:
            self._status = self._TXE | self._STOPF
        return byte

    def _check_complete(self) -> None:
        if len(self._data) >= self._length:
            self._finish(acknowledged=True)

    def _finish(self, *, acknowledged: bool) -> None:
        if acknowledged and not self._ends_itself:  # a question: what is read next is the answer
            self._asked, self._data = tuple(self._data), []
            self._is_busy, self._status = False, self._BUSY | self._TC
            return
        self.transactions.append(
            I2cTransaction(self._time.seconds, self._address, tuple(self._data), acknowledged)
        )
        if acknowledged and self.codec is not None:
            self.codec.take(tuple(self._data), self._time.seconds)
        self._data = []
        self._is_busy = False
        self._status = self._TXE | self._STOPF | (0 if acknowledged else self._NACKF)
