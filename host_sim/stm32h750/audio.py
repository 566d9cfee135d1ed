"""The SAI of a board on the bus, served by DMA1, with its codec at the other end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from host_sim.boards import Board, Wiring
from host_sim.emulator.core import Core
from host_sim.emulator.errors import EmulationError
from host_sim.stm32h750.audio_checks import CHANNELS, AudioChecks, Setup
from host_sim.stm32h750.bus import Bus, Peripheral
from host_sim.stm32h750.clocks import Clocks
from host_sim.stm32h750.dma import DIRECT_ERROR, TRANSFER_ERROR, Dma1, DmaStream
from host_sim.stm32h750.elapsed import Time
from host_sim.stm32h750.gpio import Pins
from host_sim.stm32h750.i2c import I2c
from host_sim.stm32h750.registers import SAI_BYTES, sai_base
from host_sim.stm32h750.sai import BLOCKS, CLRFR, CR1, CR2, SR, SaiBlock

Injection = Literal["transfer error", "direct mode error", "FIFO error of the SAI"]

_REQUESTS = {1: {"A": 87, "B": 88}, 2: {"A": 89, "B": 90}, 3: {"A": 113, "B": 114}}
"""Of DMAMUX1, by SAI and block: RM0433, section 17.3.2."""

_ENABLES = 3 << 16
_FLUSH = 1 << 3


class Audio:
    """The registers, and who is connected to whom; `AudioClock` makes the words move."""

    def __init__(
        self,
        bus: Bus,
        core: Core,
        time: Time,
        *,
        pins: Pins,
        i2c: I2c,
        board: Board,
        wiring: Wiring,
        dma: Dma1,
        clocks: Clocks,
        lookahead_words: int,
    ) -> None:
        self._bus = bus
        self._core = core
        self._dma = dma
        self._clocks = clocks
        self._checks = AudioChecks(bus, core, pins, i2c, board, wiring)
        lines = wiring.lines
        self._number, base = lines.sai, sai_base(lines.sai)
        self._request_of = {base + BLOCKS[x]: _REQUESTS[lines.sai][x] for x in BLOCKS}
        self._blocks = {
            base + offset: SaiBlock(
                f"SAI{lines.sai} {letter}",
                base + offset,
                bus,
                time,
                self._stream_finder(base + offset),
                lookahead_words,
            )
            for letter, offset in BLOCKS.items()
        }
        receiver = "A" if wiring.sends_to_a else "B"
        self._receiver = base + BLOCKS[receiver]
        self._master = base + BLOCKS[lines.master]
        self.receive: DmaStream | None = None
        self.transmit: DmaStream | None = None
        self.on_start: Callable[[], None] = _nothing
        self._on: set[int] = set()
        dma.on_change.append(self._follow)
        for number in _REQUESTS:
            is_wired = number == lines.sai
            there: Peripheral = self if is_wired else _Unwired(number, lines.sai, core)
            bus.attach(sai_base(number), SAI_BYTES, there)

    # ---- for the clock and the pedal

    @property
    def sample_rate_hz(self) -> float:
        """The sample rate that the clocks and the SAI's dividers give: MCLK / 256."""
        control = self._bus[self._master]
        oversampling = 512 if control >> 26 & 1 else 256
        return self._clocks.sai_hz(self._number) / max(1, control >> 20 & 63) / oversampling

    @property
    def is_running(self) -> bool:
        """Whether samples move in both directions."""
        return self.receive is not None and self.transmit is not None

    @property
    def block_frames(self) -> int:
        """Frames between two interrupts."""
        if self.receive is None:
            raise self._core.error("no audio", "SAI and DMA1 are not running")
        return self.receive.words // (2 * CHANNELS)

    @property
    def master_is_on(self) -> bool:
        """Whether the codec gets clocks."""
        return any(block.is_enabled and block.is_master for block in self._blocks.values())

    @property
    def lost_words(self) -> int:
        """Underruns and overruns of the FIFOs so far."""
        return sum(block.errors for block in self._blocks.values())

    def channel_of_slot(self, slot: int) -> int:
        """Return which channel a slot carries: 0 is left."""
        return 1 - slot if self._checks.wiring.right_first else slot

    def word(self, slot: int, code: int) -> int:
        """Let a word pass in each direction: the code recorded in, the code played out."""
        unused_bits = self._checks.wiring.data_bits - 24
        played = 0
        for block in self._blocks.values():
            if not block.is_enabled:
                continue
            if block.is_receiver:
                word = code << unused_bits if unused_bits else code & 0xFFFFFF
                block.shift_in(slot, word)
            else:
                word = block.shift_out(slot)
                played = word >> unused_bits if unused_bits else _signed_24(word)
        return played

    def inject(self, what: Injection, *, receiving: bool) -> None:
        """Disturb one direction."""
        stream = self.receive if receiving else self.transmit
        if stream is None:
            raise self._core.error("no audio", "SAI and DMA1 are not running")
        if what == "FIFO error of the SAI":
            self._block_of(stream).fail()
        else:
            stream.fail(TRANSFER_ERROR if what == "transfer error" else DIRECT_ERROR)
            self._dma.follow()

    # ---- registers

    def read(self, address: int, stored: int) -> int:
        """See `Peripheral.read`."""
        for origin, block in self._blocks.items():
            if address == origin + SR:
                return block.read_status()
        return stored

    def write(self, address: int, stored: int, value: int) -> int:
        """See `Peripheral.write`."""
        for origin, block in self._blocks.items():
            if address == origin + CR2 and value & _FLUSH:
                block.flush()
                value &= ~_FLUSH
            if address == origin + CLRFR:
                block.clear(value)
                return 0
            if address == origin + SR:
                return stored
        self._bus.words[address] = value
        self._follow(started=address)
        return value

    def reset(self, origin: int) -> None:
        """See `Peripheral.reset`."""
        self._follow()

    # ---- the inside

    def _stream_finder(self, origin: int) -> Callable[[], DmaStream | None]:
        return lambda: self._stream_of(origin)

    def _stream_of(self, origin: int) -> DmaStream | None:
        return self._dma.serving(self._request_of[origin])

    def _block_of(self, stream: DmaStream) -> SaiBlock:
        return next(
            b for origin, b in self._blocks.items() if self._request_of[origin] == stream.request
        )

    def _follow(self, started: int = 0) -> None:
        """Start when everything is enabled, stop when something no longer is."""
        for block in self._blocks.values():
            block.follow()
        self._check_order(started)
        setups = self._setups()
        if setups is None:
            self.receive = self.transmit = None
        elif not self.is_running:
            if problems := self._checks.problems(*setups, self.sample_rate_hz):
                raise self._error("; ".join(problems))
            self.receive, self.transmit = setups[0].stream, setups[1].stream
            self.on_start()

    def _setups(self) -> tuple[Setup, Setup] | None:
        """Receiving and transmitting direction, by the board's wiring, when both are enabled."""
        found = []
        for origin in sorted(self._blocks, key=lambda origin: origin != self._receiver):
            stream = self._stream_of(origin)
            if stream is None or self._blocks[origin].control >> 16 & 3 != 3:
                return None
            found.append(Setup(self._blocks[origin], stream))
        return found[0], found[1]

    def _check_order(self, started: int) -> None:
        """A block that now starts must find what it needs."""
        block = self._blocks.get(started)
        was_on = block is not None and block.origin in self._on
        self._on = {origin for origin, each in self._blocks.items() if each.is_enabled}
        if block is None or was_on or not block.is_enabled:
            return
        if not block.is_receiver and block.level == 0:
            raise self._error(f"{block.name} starts with an empty FIFO: the DMA has not served it")
        if block.is_master and len(self._on) < len(self._blocks):
            raise self._error(f"{block.name}, the master, starts before its slave")

    def _error(self, problem: str) -> EmulationError:
        return self._core.error("audio cannot run", problem)


class _Unwired:
    """A SAI that the codec does not hang on: whoever switches it on is on another board."""

    def __init__(self, number: int, wired: int, core: Core) -> None:
        self._number = number
        self._wired = wired
        self._core = core

    def read(self, address: int, stored: int) -> int:
        """See `Peripheral.read`."""
        return stored

    def write(self, address: int, stored: int, value: int) -> int:
        """See `Peripheral.write`."""
        offset = address - sai_base(self._number)
        if value & _ENABLES and offset in (BLOCKS["A"] + CR1, BLOCKS["B"] + CR1):
            wired = f"SAI{self._number} is switched on, the codec is wired to SAI{self._wired}"
            raise self._core.error("audio cannot run", wired)
        return value

    def reset(self, origin: int) -> None:
        """See `Peripheral.reset`."""


def _nothing() -> None:
    return None


def _signed_24(word: int) -> int:
    return ((word & 0xFFFFFF) ^ 0x800000) - 0x800000
