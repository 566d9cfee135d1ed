"""SAI1 and DMA1 with a codec at the other end: samples in, samples out, interrupts in between.

The audio clock waits for the processor: a block's interrupt that takes longer than a block delays
the next one instead of losing samples. `block_instructions` is the measure for real time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from host_sim.core import Core, EmulationError
from host_sim.stm32h750 import DMA1, DMAMUX1, SAI1, Board, Bus, I2c, Pins

I32 = npt.NDArray[np.int32]

BLOCK_A, BLOCK_B = SAI1 + 0x04, SAI1 + 0x24
CHANNELS = 2

_SAI_DR = 0x1C
_REQUESTS = {87: BLOCK_A, 88: BLOCK_B}
_IRQS = (11, 12, 13, 14, 15, 16, 17, 47)
_FLAG_SHIFTS = (0, 6, 16, 22)
_HALF, _COMPLETE = 1 << 4, 1 << 5
_DMA_MEMORIES = ("axi_sram", "d2_sram")
_WM8731_ADDRESS = 0x1A
_MODES = ("master transmitter", "master receiver", "slave transmitter", "slave receiver")

RECEIVING_BLOCK: dict[Board, int] = {
    "seed_rev4": BLOCK_B,
    "seed_1_1": BLOCK_A,
    "seed2_dfm": BLOCK_B,
}
"""The SAI block that each board's codec sends to."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A DMA1 stream that runs in circles between an SAI block and memory."""

    number: int
    sai_block: int
    memory: int
    words: int
    control: int

    @property
    def half_bytes(self) -> int:
        """Bytes of one block of audio."""
        return 2 * self.words

    @property
    def wants_half(self) -> bool:
        """Whether it interrupts at the half."""
        return bool(self.control >> 3 & 1)

    @property
    def wants_complete(self) -> bool:
        """Whether it interrupts at the end."""
        return bool(self.control >> 4 & 1)

    @property
    def irq(self) -> int:
        """Its interrupt line."""
        return _IRQS[self.number]


class Audio:
    """DMA1, DMAMUX1 and SAI1; runs once both SAI blocks and their streams are enabled."""

    def __init__(
        self,
        bus: Bus,
        core: Core,
        *,
        pins: Pins,
        i2c: I2c,
        board: Board,
        pend: Callable[[int], None],
    ) -> None:
        self._bus = bus
        self._core = core
        self._pins = pins
        self._i2c = i2c
        self._board = board
        self._pend = pend
        self._position = 0  # the half that the codec is at
        self.receive: Stream | None = None
        self.transmit: Stream | None = None
        for origin in (DMA1, DMAMUX1, SAI1):
            bus.attach(origin, 0x400, self)

    # ---- for the pedal

    @property
    def is_running(self) -> bool:
        """Whether samples move in both directions."""
        return self.receive is not None and self.transmit is not None

    @property
    def block_frames(self) -> int:
        """Frames between two interrupts."""
        return self._running()[0].words // (2 * CHANNELS)

    def playing(self) -> I32:
        """Return what the codec plays during the block that now begins, (2, block_frames)."""
        transmit = self._running()[1]
        raw = self._core.read(transmit.memory + self._offset(transmit), transmit.half_bytes)
        words = np.frombuffer(raw, "<i4").reshape(-1, CHANNELS).T
        played: I32 = (words << 8) >> 8
        return played

    def finish_block(self, recorded: I32) -> None:
        """End a block: what the codec recorded is in memory, flags and interrupts are raised."""
        receive, transmit = self._running()
        words = np.ascontiguousarray(recorded.T).astype("<i4") & 0xFFFFFF
        self._core.view(receive.memory + self._offset(receive), receive.half_bytes)[:] = words.view(
            np.uint8
        ).reshape(-1)
        for stream in (receive, transmit):
            self._raise(stream)
        self._position ^= 1

    # ---- registers

    def read(self, address: int, stored: int) -> int:
        """See `Peripheral.read`."""
        for block in (BLOCK_A, BLOCK_B):
            if address == block + 0x04:
                return stored & ~8
            if address == block + 0x14:
                return self._fifo_status(block)
        stream = self._stream_at(address, 0x04)
        if stream is not None and self.is_running:
            return stream.words if self._position == 0 else stream.words // 2
        return stored

    def write(self, address: int, stored: int, value: int) -> int:
        """See `Peripheral.write`."""
        if address in (DMA1 + 0x08, DMA1 + 0x0C):  # interrupt flag clear
            self._bus.words[address - 8] = self._bus[address - 8] & ~value
            return 0
        if address in (DMA1, DMA1 + 0x04):
            return stored
        self._bus.words[address] = value
        if address in (BLOCK_A, BLOCK_B) or DMA1 <= address < DMA1 + 0x400:
            self._follow()
        return value

    def reset(self, origin: int) -> None:
        """See `Peripheral.reset`."""
        self._follow()

    # ---- the inside

    def _running(self) -> tuple[Stream, Stream]:
        if self.receive is None or self.transmit is None:
            raise self._core.error("no audio", "SAI1 and DMA1 are not running")
        return self.receive, self.transmit

    def _offset(self, stream: Stream) -> int:
        return self._position * stream.half_bytes

    def _raise(self, stream: Stream) -> None:
        flag = _COMPLETE if self._position else _HALF
        register = DMA1 + 4 * (stream.number // 4)
        self._bus.words[register] = self._bus[register] | flag << _FLAG_SHIFTS[stream.number % 4]
        if stream.wants_complete if self._position else stream.wants_half:
            self._pend(stream.irq)

    def _fifo_status(self, block: int) -> int:
        """Five words or more wait in a transmitter that the DMA feeds; a receiver is empty."""
        control = self._bus[block]
        fed = control >> 17 & 1 and not control & 1 and self._enabled_stream(block) is not None
        return 8 | (5 << 16 if fed else 0)

    def _stream_at(self, address: int, offset: int) -> Stream | None:
        streams = (self.receive, self.transmit)
        places = {DMA1 + 0x10 + 0x18 * s.number + offset: s for s in streams if s is not None}
        return places.get(address)

    def _enabled_stream(self, block: int) -> Stream | None:
        for number in range(8):
            base = DMA1 + 0x10 + 0x18 * number
            request = self._bus[DMAMUX1 + 4 * number] & 0x7F
            if self._bus[base] & 1 and _REQUESTS.get(request) == block:
                return Stream(
                    number, block, self._bus[base + 0x0C], self._bus[base + 0x04], self._bus[base]
                )
        return None

    def _follow(self) -> None:
        """Start when everything is enabled, stop when something no longer is."""
        blocks = (BLOCK_A, BLOCK_B)
        streams = [self._enabled_stream(block) for block in blocks]
        enabled = all(self._bus[block] >> 16 & 3 == 3 for block in blocks)
        if not enabled or None in streams:
            self.receive = self.transmit = None
            return
        if self.is_running:
            return
        by_block = {stream.sai_block: stream for stream in streams if stream is not None}
        receiving = RECEIVING_BLOCK[self._board]
        receive = by_block[receiving]
        transmit = by_block[BLOCK_A + BLOCK_B - receiving]
        if problems := self._problems(receive, transmit):
            raise self._error("; ".join(problems))
        self._position = 0
        self.receive, self.transmit = receive, transmit

    def _problems(self, receive: Stream, transmit: Stream) -> list[str]:
        found = []
        for stream, is_receiver in ((receive, True), (transmit, False)):
            found += self._block_problems(stream.sai_block, is_receiver=is_receiver)
            found += self._stream_problems(stream, is_receiver=is_receiver)
        if receive.words != transmit.words or receive.words % (2 * CHANNELS):
            found.append(f"streams of {receive.words} and {transmit.words} words")
        return found + self._codec_problems()

    def _stream_problems(self, stream: Stream, *, is_receiver: bool) -> list[str]:
        name = f"DMA1 stream {stream.number}"
        expected = (0 if is_receiver else 1 << 6) | 1 << 8 | 1 << 10 | 2 << 11 | 2 << 13
        mask = 3 << 6 | 1 << 8 | 1 << 9 | 1 << 10 | 3 << 11 | 3 << 13
        peripheral = self._bus[DMA1 + 0x10 + 0x18 * stream.number + 0x08]
        memory = self._core.memory_of(stream.memory)
        found = []
        if stream.control & mask != expected:
            found.append(f"{name}: CR 0x{stream.control:08X} moves no 32-bit words in a circle")
        if peripheral != stream.sai_block + _SAI_DR:
            found.append(f"{name}: address 0x{peripheral:08X} is not the data register")
        if memory is None or memory.name not in _DMA_MEMORIES:
            found.append(f"{name}: DMA1 cannot reach memory at 0x{stream.memory:08X}")
        return found

    def _block_problems(self, block: int, *, is_receiver: bool) -> list[str]:
        name = "SAI1 A" if block == BLOCK_A else "SAI1 B"
        control = self._bus[block]
        mode = (1 if is_receiver else 0) | (0 if block == BLOCK_A else 2)
        found = []
        if control & 3 != mode:
            found.append(
                f"{name}: the codec of {self._board} needs a {_MODES[mode]}, "
                f"found a {_MODES[control & 3]}"
            )
        if control >> 5 & 7 != 6:
            found.append(f"{name}: expected 24-bit data, CR1 is 0x{control:08X}")
        if self._bus[block + 0x0C] & 0xFC0 != 0x180 or self._bus[block + 0x0C] >> 16 & 3 != 3:
            found.append(f"{name}: expected two slots of 32 bits")
        return found

    def _codec_problems(self) -> list[str]:
        wired = [pin for pin in range(2, 7) if self._pins.alternate("E", pin) != 6]
        found = [f"PE{pin} is not switched to SAI1" for pin in wired]
        if self._board == "seed_rev4" and not self._pins.is_high_output("B", 11):
            found.append("the AK4556 is held in reset: PB11 is not high")
        if self._board == "seed_1_1" and not self._wm8731_is_active():
            found.append("the WM8731 was never activated over I2C")
        return found

    def _wm8731_is_active(self) -> bool:
        """Register 9, bit 0, of those written: 7 bits of address, 9 of value."""
        registers = {
            message.data[0] >> 1: (message.data[0] & 1) << 8 | message.data[1]
            for message in self._i2c.transactions
            if message.is_acknowledged and len(message.data) == 2
        }
        return bool(registers.get(9, 0) & 1)

    def _error(self, problem: str) -> EmulationError:
        return self._core.error("audio cannot run", problem)
