"""What has to be right before a board's codec hears anything."""

from __future__ import annotations

from dataclasses import dataclass

from host_sim.boards import Board, Wiring
from host_sim.emulator.core import Core
from host_sim.stm32h750.bus import Bus
from host_sim.stm32h750.dma import REACHED_MEMORIES, DmaStream
from host_sim.stm32h750.gpio import Pins
from host_sim.stm32h750.i2c import I2c
from host_sim.stm32h750.registers import sai_base
from host_sim.stm32h750.sai import BLOCKS, DR, SaiBlock

CHANNELS = 2
RATE_HZ = 48_000
"""Of every pedal; one in a thousand less or more is taken for it."""

_MODES = ("master transmitter", "master receiver", "slave transmitter", "slave receiver")
_DATA_SIZES = {24: 6, 32: 7}
_ALTERNATE = 6  # of the pins of SAI1 and SAI3
_FRAMES = {False: (0x31F3F, "left-justified"), True: (0x51F3F, "I2S")}
_CIRCLE_OF_WORDS = 1 << 8 | 1 << 10 | 2 << 11 | 2 << 13
_CIRCLE_MASK = 3 << 6 | 1 << 8 | 1 << 9 | 1 << 10 | 3 << 11 | 3 << 13


@dataclass(frozen=True, slots=True)
class Setup:
    """One direction as the firmware has set it."""

    block: SaiBlock
    stream: DmaStream


class AudioChecks:
    """Finds what is wrong with the audio interface of a board, in words."""

    def __init__(
        self, bus: Bus, core: Core, pins: Pins, i2c: I2c, board: Board, wiring: Wiring
    ) -> None:
        self._bus = bus
        self._core = core
        self._pins = pins
        self._i2c = i2c
        self._board = board
        self.wiring = wiring

    @property
    def _master(self) -> int:
        """The origin of the block that has to make the clocks."""
        lines = self.wiring.lines
        return sai_base(lines.sai) + BLOCKS[lines.master]

    def problems(self, receive: Setup, transmit: Setup, sample_rate_hz: float) -> list[str]:
        """Every reason why this would not be heard."""
        found = []
        for setup, is_receiver in ((receive, True), (transmit, False)):
            found += self._block_problems(setup.block, is_receiver=is_receiver)
            found += self._stream_problems(setup, is_receiver=is_receiver)
        counts = (receive.stream.words, transmit.stream.words)
        if counts[0] != counts[1] or counts[0] % (2 * CHANNELS):
            found.append(f"streams of {counts[0]} and {counts[1]} words")
        if abs(sample_rate_hz - RATE_HZ) > RATE_HZ / 1000:
            found.append(f"the codec gets clocks for {sample_rate_hz:.1f} Hz, not {RATE_HZ}")
        return found + self._codec_problems()

    def _stream_problems(self, setup: Setup, *, is_receiver: bool) -> list[str]:
        stream = setup.stream
        name = f"DMA1 stream {stream.number}"
        expected = _CIRCLE_OF_WORDS | (0 if is_receiver else 1 << 6)
        memory = self._core.memory.holding(stream.memory)
        found = []
        if stream.control & _CIRCLE_MASK != expected:
            found.append(f"{name}: CR 0x{stream.control:08X} moves no 32-bit words in a circle")
        if stream.peripheral != setup.block.origin + DR:
            found.append(f"{name}: address 0x{stream.peripheral:08X} is not the data register")
        if memory is None or memory.name not in REACHED_MEMORIES:
            found.append(f"{name}: DMA1 cannot reach memory at 0x{stream.memory:08X}")
        return found

    def _block_problems(self, block: SaiBlock, *, is_receiver: bool) -> list[str]:
        control, slots = block.control, self._bus[block.origin + 0x0C]
        mode = (1 if is_receiver else 0) | (0 if block.origin == self._master else 2)
        bits = self.wiring.data_bits
        found = []
        if control & 3 != mode:
            found.append(
                f"{block.name}: the codec of {self._board} needs a {_MODES[mode]}, "
                f"found a {_MODES[control & 3]}"
            )
        if control >> 5 & 7 != _DATA_SIZES[bits]:
            found.append(f"{block.name}: expected {bits}-bit data, CR1 is 0x{control:08X}")
        if slots & 0xFC0 != 0x180 or slots >> 16 & 3 != 3:
            found.append(f"{block.name}: expected two slots of 32 bits")
        frame, kind = _FRAMES[self.wiring.lines.is_i2s]
        if self._bus[block.origin + 0x08] & 0x7FFFF != frame:
            told = f"0x{self._bus[block.origin + 0x08]:08X}"
            found.append(f"{block.name}: expected {kind} frames of 64 bits, FRCR is {told}")
        return found

    def _codec_problems(self) -> list[str]:
        lines = self.wiring.lines
        wired = [pin for pin in lines.pins if self._pins.alternate(*pin) != _ALTERNATE]
        found = [f"P{port}{pin} is not switched to SAI{lines.sai}" for port, pin in wired]
        reset = self.wiring.reset_pin
        if reset is not None and not self._pins.is_high_output(*reset):
            found.append(f"the {self.wiring.codec} is held in reset: P{reset[0]}{reset[1]} is low")
        codec = self._i2c.codec
        is_late = codec is not None and codec.is_set_late
        return found + (codec.problems() if codec is not None and not is_late else [])
