"""The STM32H750's registers behind one bus: clock gates, clocks and power, pins, I2C.

Facts are from reference manual RM0433. Ready bits follow their enable bits at once; analog
behaviour (lock times, slopes, noise) is not modelled.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Protocol

from host_sim.core import Core

Silicon = Literal["V", "Y"]

HSE_HZ = 16_000_000
HSI_HZ = 64_000_000
CSI_HZ = 4_000_000

RCC = 0x58024400
PWR = 0x58024800
SYSCFG_PWRCR = 0x5800042C
FLASH_ACR = 0x52002000
DBGMCU_IDCODE = 0x5C001000
I2C2 = 0x40005800
SAI1 = 0x40015800
DMA1 = 0x40020000
DMAMUX1 = 0x40020800
GPIO = 0x58020000

_PAGE_BITS = 10
_WORD = 0xFFFFFFFF

IDCODE: dict[Silicon, int] = {"V": 0x20036450, "Y": 0x10036450}

IO_RANGES = (
    (0x40000000, 0x30000),
    (0x48020000, 0x10000),
    (0x50000000, 0x10000),
    (0x51000000, 0x100000),
    (0x52000000, 0x10000),
    (0x58000000, 0x30000),
    (0x5C000000, 0x10000),
    (0xE0000000, 0x2000),
    (0xE000E000, 0x1000),
)


@dataclass(frozen=True, slots=True)
class Gate:
    """The enable bit of a peripheral's bus clock; its reset bit is 0x58 below."""

    name: str
    origin: int
    size_bytes: int
    enable_offset: int
    bit: int

    @property
    def reset_offset(self) -> int:
        """Offset of the RSTR register that has the same bit."""
        return self.enable_offset - 0x58


def _gates() -> tuple[Gate, ...]:
    ports = [
        Gate(f"GPIO{p}", GPIO + 0x400 * i, 0x400, 0xE0, i) for i, p in enumerate("ABCDEFGHIJK")
    ]
    return (
        *ports,
        Gate("DMA1", DMA1, 0x400, 0xD8, 0),
        Gate("DMAMUX1", DMAMUX1, 0x400, 0xD8, 0),
        Gate("DMA2", 0x40020400, 0x400, 0xD8, 1),
        Gate("ADC12", 0x40022000, 0x400, 0xD8, 5),
        Gate("ADC3", 0x58026000, 0x400, 0xE0, 24),
        Gate("BDMA", 0x58025400, 0x800, 0xE0, 21),
        Gate("RNG", 0x48021800, 0x400, 0xDC, 6),
        Gate("FMC", 0x52004000, 0x1000, 0xD4, 12),
        Gate("QUADSPI", 0x52005000, 0x1000, 0xD4, 14),
        Gate("SYSCFG", 0x58000400, 0x400, 0xF4, 1),
        Gate("SAI1", SAI1, 0x400, 0xF0, 22),
        Gate("USART1", 0x40011000, 0x400, 0xF0, 4),
        Gate("SPI1", 0x40013000, 0x400, 0xF0, 12),
        *(Gate(f"TIM{2 + i}", 0x40000000 + 0x400 * i, 0x400, 0xE8, i) for i in range(6)),
        *(Gate(f"I2C{1 + i}", 0x40005400 + 0x400 * i, 0x400, 0xE8, 21 + i) for i in range(3)),
    )


GATES = _gates()

_GPIO_RESET = {
    "A": {0x00: 0xABFFFFFF, 0x08: 0x0C000000, 0x0C: 0x64000000},
    "B": {0x00: 0xFFFFFEBF, 0x08: 0x000000C0, 0x0C: 0x00000100},
}


def reset_values(silicon: Silicon) -> dict[int, int]:
    """Return the registers that are not zero after reset (RM0433), by address."""
    values = {
        RCC + 0x00: 0x00000083,
        RCC + 0x04: 0x40000000,
        RCC + 0x28: 0x02020200,
        RCC + 0x2C: 0x01FF0000,
        RCC + 0x30: 0x01010280,
        RCC + 0x38: 0x01010280,
        RCC + 0x40: 0x01010280,
        PWR + 0x00: 0xF000C000,
        PWR + 0x04: 0x00004000,
        PWR + 0x0C: 0x00000006,
        PWR + 0x18: 0x00004000,
        FLASH_ACR: 0x00000037,
        DBGMCU_IDCODE: IDCODE[silicon],
        I2C2 + 0x18: 0x00000001,
    }
    for block in (SAI1 + 0x04, SAI1 + 0x24):
        values |= {block: 0x40, block + 0x08: 0x7, block + 0x14: 0x8}
    for controller in (DMA1, DMA1 + 0x400):
        values |= {controller + 0x10 + 0x18 * stream + 0x14: 0x21 for stream in range(8)}
    for index, port in enumerate("ABCDEFGHIJK"):
        for offset, value in _GPIO_RESET.get(port, {0x00: 0xFFFFFFFF}).items():
            values[GPIO + 0x400 * index + offset] = value
    return values


@dataclass(frozen=True, slots=True)
class GateViolation:
    """A write to a peripheral whose bus clock was off; the hardware would not have taken it."""

    peripheral: str
    address: int
    value: int
    pc: int
    symbol: str


@dataclass(frozen=True, slots=True)
class RegisterWrite:
    """One write to a register, after merging bytes and halfwords into words."""

    cycle: int
    pc: int
    address: int
    value: int


class Peripheral(Protocol):
    """Registers with a behaviour; all others keep what is written."""

    def read(self, address: int, stored: int) -> int:
        """Return what the processor sees."""

    def write(self, address: int, stored: int, value: int) -> int:
        """Act on a written word and return what the register then holds."""

    def reset(self, origin: int) -> None:
        """Forget everything about the part that begins at `origin`."""


class Time:
    """Cycles since reset: `cycles_per_instruction` for each, one by default, and those asleep."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._counted = 0
        self._instructions = 0
        self._pace = 1.0
        self._hz = HSI_HZ
        self._since = 0
        self._seconds = 0.0

    @property
    def cycles(self) -> int:
        """Processor cycles since reset."""
        return self._counted + int((self._core.instructions - self._instructions) * self._pace)

    @property
    def seconds(self) -> float:
        """Seconds since reset, by the processor clock the firmware has set at each moment."""
        return self._seconds + (self.cycles - self._since) / self._hz

    @property
    def cycles_per_instruction(self) -> float:
        """How long an instruction takes from now on."""
        return self._pace

    @cycles_per_instruction.setter
    def cycles_per_instruction(self, cycles: float) -> None:
        self._counted = self.cycles
        self._instructions = self._core.instructions
        self._pace = cycles

    def instructions_in(self, cycles: int) -> int:
        """Count the instructions that fit into some cycles, at least one."""
        return max(1, math.ceil(cycles / self._pace))

    def sleep_until(self, cycle: int) -> None:
        """Let time pass without instructions."""
        self._counted += max(0, cycle - self.cycles)

    def set_clock(self, hz: int) -> None:
        """Count seconds by another clock from now on."""
        self._seconds = self.seconds
        self._since = self.cycles
        self._hz = hz


class Bus:
    """Every register by address; peripherals with a behaviour hang on it by 1 KB pages.

    Writes to a peripheral whose clock is off are recorded and have no effect; reads give zero.
    """

    def __init__(self, core: Core, time: Time, silicon: Silicon) -> None:
        self._core = core
        self._time = time
        self._reset = reset_values(silicon)
        self._peripherals: dict[int, Peripheral] = {}
        self._gate_of = _pages_of_gates()
        self.words = dict(self._reset)
        self.violations: list[GateViolation] = []
        self.writes: list[RegisterWrite] = []
        for origin, size_bytes in IO_RANGES:
            core.map_io(origin, size_bytes, read=self.load, write=self.store)

    def attach(self, origin: int, size_bytes: int, peripheral: Peripheral) -> None:
        """Let a peripheral answer for a range."""
        for page in range(origin >> _PAGE_BITS, origin + size_bytes + 1023 >> _PAGE_BITS):
            self._peripherals[page] = peripheral

    def __getitem__(self, address: int) -> int:
        """Return a register as stored."""
        return self.words.get(address, 0)

    def is_clocked(self, gate: Gate) -> bool:
        """Whether the peripheral's bus clock is on."""
        return bool(self[RCC + gate.enable_offset] >> gate.bit & 1)

    def load(self, address: int, size: int) -> int:
        """Answer a read of 1, 2 or 4 bytes."""
        word = address & ~3
        gate = self._gate_of.get(word >> _PAGE_BITS)
        if gate is not None and not self.is_clocked(gate):
            return 0
        stored = self.words.get(word, 0)
        peripheral = self._peripherals.get(word >> _PAGE_BITS)
        value = stored if peripheral is None else peripheral.read(word, stored)
        return value >> 8 * (address & 3) & ((1 << 8 * size) - 1)

    def store(self, address: int, size: int, value: int) -> None:
        """Take a write of 1, 2 or 4 bytes."""
        word, shift = address & ~3, 8 * (address & 3)
        mask = ((1 << 8 * size) - 1) << shift
        stored = self.words.get(word, 0)
        merged = (stored & ~mask | value << shift & mask) & _WORD
        pc = self._core.register("pc")
        self.writes.append(RegisterWrite(self._time.cycles, pc, word, merged))
        gate = self._gate_of.get(word >> _PAGE_BITS)
        if gate is not None and not self.is_clocked(gate):
            self._note_violation(gate, word, merged, pc)
            return
        peripheral = self._peripherals.get(word >> _PAGE_BITS)
        kept = merged if peripheral is None else peripheral.write(word, stored, merged)
        self.words[word] = kept & _WORD

    def reset_peripherals(self, reset_offset: int, bits: int) -> None:
        """Bring the peripherals of some bits of an RCC reset register to their reset state."""
        for gate in GATES:
            if gate.reset_offset == reset_offset and bits >> gate.bit & 1:
                self._reset_range(gate.origin, gate.size_bytes)

    def _reset_range(self, origin: int, size_bytes: int) -> None:
        for address in [a for a in self.words if origin <= a < origin + size_bytes]:
            del self.words[address]
        self.words |= {a: v for a, v in self._reset.items() if origin <= a < origin + size_bytes}
        peripheral = self._peripherals.get(origin >> _PAGE_BITS)
        if peripheral is not None:
            peripheral.reset(origin)

    def _note_violation(self, gate: Gate, address: int, value: int, pc: int) -> None:
        symbol = self._core.symbol_at(pc)
        self.violations.append(GateViolation(gate.name, address, value, pc, symbol))


def _pages_of_gates() -> dict[int, Gate]:
    pages: dict[int, Gate] = {}
    for gate in GATES:
        for page in range(gate.origin, gate.origin + gate.size_bytes, 1 << _PAGE_BITS):
            pages[page >> _PAGE_BITS] = gate
    return pages


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


@dataclass(frozen=True, slots=True)
class I2cTransaction:
    """Bytes written to a device; `address` has seven bits."""

    seconds: float
    address: int
    data: tuple[int, ...]
    is_acknowledged: bool


class I2c:
    """I2C2 as a master that writes; a device answers only when its pins are switched to I2C2."""

    _TXE, _TXIS, _NACKF, _STOPF, _TC, _BUSY = 1, 2, 1 << 4, 1 << 5, 1 << 6, 1 << 15
    _CLEARABLE = 0x3F38

    def __init__(self, bus: Bus, time: Time, pins: Pins, devices: frozenset[int]) -> None:
        self._bus = bus
        self._time = time
        self._pins = pins
        self._devices = devices
        self.transactions: list[I2cTransaction] = []
        self.reset(I2C2)
        bus.attach(I2C2, 0x400, self)

    def read(self, address: int, stored: int) -> int:
        """See `Peripheral.read`."""
        return self._status if address == I2C2 + 0x18 else stored

    def write(self, address: int, stored: int, value: int) -> int:
        """See `Peripheral.write`."""
        offset = address - I2C2
        if offset == 0x00 and not value & 1:
            self.reset(I2C2)
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

    def _start(self, control: int) -> None:
        if not self._bus[I2C2] & 1:
            return
        self._address = control >> 1 & 0x7F
        self._length = control >> 16 & 0xFF
        self._ends_itself = bool(control >> 25 & 1)
        wired = self._pins.alternate("H", 4) == 4 and self._pins.alternate("B", 11) == 4
        writes = not control >> 10 & 1
        if not (wired and writes and self._address in self._devices):
            self._finish(acknowledged=False)
            return
        self._is_busy = True
        self._status = self._BUSY | self._TXIS | self._TXE
        self._check_complete()

    def _send(self, byte: int) -> None:
        self._data.append(byte)
        if self._is_busy:
            self._check_complete()

    def _check_complete(self) -> None:
        if len(self._data) >= self._length:
            self._finish(acknowledged=True)

    def _finish(self, *, acknowledged: bool) -> None:
        self.transactions.append(
            I2cTransaction(self._time.seconds, self._address, tuple(self._data), acknowledged)
        )
        self._data = []
        self._is_busy = False
        end = self._STOPF if self._ends_itself or not acknowledged else self._TC
        self._status = self._TXE | end | (0 if acknowledged else self._NACKF)
