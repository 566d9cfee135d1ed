"""An STM32H750 on a Daisy Seed that runs: exceptions, sleep, the passing of time, audio blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from host_sim.core import Core, EmulationError, Stop, TracePosition
from host_sim.stm32h750 import (
    RCC,
    STRAPS,
    Board,
    Bus,
    Clocks,
    I2c,
    Pins,
    Silicon,
    Time,
)
from host_sim.stm32h750_audio import BLOCK_A, I32, Audio
from host_sim.stm32h750_system import FIRST_IRQ, SystemControl

BootMode = Literal["flash", "sram", "qspi"]

IMAGE_ORIGIN: dict[BootMode, int] = {
    "flash": 0x08000000,
    "sram": 0x24000000,
    "qspi": 0x90040000,
}
"""Where an image of each kind starts with its vector table."""

BOOT_LIMIT_INSTRUCTIONS = 100_000_000
BOOT_LIMIT_SECONDS = 3.0
BLOCK_LIMIT_INSTRUCTIONS = 200_000_000

_RESET_VECTORS = 0x08000000
_WM8731_ADDRESS = 0x1A
_D2_SRAM = 0x30000000
_D2_PARTS = ((29, 0x30000000, 0x20000), (30, 0x30020000, 0x20000), (31, 0x30040000, 0x8000))
_EXCEPTION_RETURN = 0xFFFFFFE0
_RETURNS = (3, 8)
_CORE_FRAME = ("r0", "r1", "r2", "r3", "r12", "lr")
_FLOAT_FRAME = tuple(f"s{number}" for number in range(16))
_FRAME_WORDS, _FLOAT_FRAME_WORDS = 8, 26
_ALIGNED = 1 << 9
_THUMB = 1 << 24
_FPCA = 4
_FAULTS = {
    1: "undefined instruction",
    2: "unexpected supervisor call",
    3: "instruction bus fault",
    4: "data bus fault",
    7: "breakpoint",
    18: "invalid state",
}
_BOOTLOADER_REGISTERS = {
    RCC + 0x00: 0x0301_0001 | 1 << 28,  # HSI, HSE, PLL1, PLL3 on
    RCC + 0x10: 0x3,
    RCC + 0x18: 0x48,
    RCC + 0x1C: 0x440,
    RCC + 0x20: 0x40,
    RCC + 0x28: 0x00601042,
    RCC + 0x2C: 0x016F0599,
    RCC + 0x30: 0x010402C7,
    RCC + 0x40: 0x1F031F26,
    RCC + 0xD4: 1 << 14,
    RCC + 0xD8: 1 << 0,
    RCC + 0xDC: 7 << 29,
    RCC + 0xE0: 0x7FF,
    0x58024818: 0xC000,
    0x52002000: 0x34,
    0xE000ED14: 0x00070200,
}
"""What the Daisy bootloader leaves: PLLs, caches, QSPI and pins on; the image does the rest."""


@dataclass(frozen=True, slots=True)
class Interrupt:
    """One finished audio interrupt: its instructions, exception entry to return."""

    instructions: int
    start: TracePosition
    end: TracePosition


@dataclass(slots=True)
class _Entry:
    """An exception in progress."""

    number: int
    instructions: int
    nested: int
    position: TracePosition


class Machine:
    """The processor, its peripherals and a board's wiring around one image."""

    def __init__(self, core: Core, *, board: Board, silicon: Silicon, boot: BootMode) -> None:
        self.core = core
        self.time = Time(core)
        self.bus = Bus(core, self.time, silicon)
        self.clocks = Clocks(self.bus, self.time, core, silicon)
        self.pins = Pins(self.bus, self.time, STRAPS[board])
        devices = frozenset({_WM8731_ADDRESS} if board == "seed_1_1" else ())
        self.i2c = I2c(self.bus, self.time, self.pins, devices)
        self.system = SystemControl(self.bus, self.time, core, _RESET_VECTORS)
        self.audio = Audio(
            self.bus, core, pins=self.pins, i2c=self.i2c, board=board, pend=self.system.pend
        )
        self.interrupts: list[Interrupt] = []
        self._entries: list[_Entry] = []
        self._is_asleep = False
        self._audio_due = 0
        self.clocks.on_memory_clock = self._switch_d2_sram
        self._enter_image(boot)

    # ---- for the pedal

    def run_until_audio(self) -> None:
        """Execute until samples move and the processor has nothing left to do.

        Raises:
            EmulationError: a fault, or the limits of a boot are reached.

        """
        self._run(self._audio_is_up, None, BOOT_LIMIT_INSTRUCTIONS)
        self._audio_due = self.time.cycles + self.block_cycles

    def run_block(self, recorded: I32) -> None:
        """Let a block of audio pass, (2, frames) of it recorded, and the interrupt it causes.

        Raises:
            EmulationError: a fault, or the interrupt does not end.

        """
        self._run(None, self._audio_due, BLOCK_LIMIT_INSTRUCTIONS)
        self.audio.finish_block(recorded)
        self._audio_due = self.time.cycles + self.block_cycles
        self._run(self._audio_is_done, None, BLOCK_LIMIT_INSTRUCTIONS)

    @property
    def block_cycles(self) -> int:
        """Processor cycles in a block's time."""
        return round(self.audio.block_frames * self.clocks.cpu_hz / self.sample_rate_hz)

    @property
    def sample_rate_hz(self) -> float:
        """The sample rate that PLL3 and SAI1's dividers give: MCLK / 256."""
        control = self.bus[BLOCK_A]
        oversampling = 512 if control >> 26 & 1 else 256
        return self.clocks.sai_hz / max(1, control >> 20 & 63) / oversampling

    # ---- running

    def _run(self, done: Callable[[], bool] | None, horizon: int | None, limit: int) -> None:
        """Execute until `done`, or to the cycle `horizon`, within `limit` instructions."""
        last = self.core.instructions + limit
        while not (done is not None and done()):
            if horizon is not None and self.time.cycles >= horizon:
                return
            if self.core.instructions >= last:
                raise self._hung(f"still busy after {limit} instructions")
            self._step(horizon, last)

    def _step(self, horizon: int | None, last: int) -> None:
        """Take what is due, then execute to the next event."""
        self.system.tick()
        self._take_exceptions()
        limit = last - self.core.instructions
        if (event := self._next_event(horizon)) is not None:
            limit = min(limit, event - self.time.cycles)
        if self.system.is_masked():
            limit = 1  # block by block: CPSIE ends a block, and gives no other sign
        self._is_asleep = False
        self._handle(self.core.run(self._pc, limit=max(1, limit)), horizon)

    def _next_event(self, horizon: int | None) -> int | None:
        events = [cycle for cycle in (self.system.next_tick, horizon) if cycle is not None]
        return min(events, default=None)

    def _handle(self, stop: Stop, horizon: int | None) -> None:
        self._pc = stop.pc
        if stop.reason == "wait":
            self._sleep(self._next_event(horizon))
        elif stop.reason == "exception":
            if stop.number not in _RETURNS or stop.pc < _EXCEPTION_RETURN & ~1:
                kind = _FAULTS.get(stop.number, f"exception {stop.number}")
                raise self.core.error(kind, "taken by no handler", pc=stop.pc)
            self._leave(stop.pc | 1)

    def _sleep(self, wake: int | None) -> None:
        """Wait for an interrupt; with audio running its next block is still to come."""
        self._is_asleep = True
        if self.system.has_wakeup():
            return
        if wake is not None:
            self.time.sleep_until(wake)
        elif not self.audio.is_running:
            raise self.core.error("asleep", "nothing is enabled that could wake the processor")
        if self.time.seconds > BOOT_LIMIT_SECONDS and not self.audio.is_running:
            raise self._hung(f"no audio {BOOT_LIMIT_SECONDS:.0f} s after reset")

    def _audio_is_up(self) -> bool:
        return self.audio.is_running and self._is_asleep and not self._entries

    def _audio_is_done(self) -> bool:
        """Nothing pending or active but SysTick."""
        return not self._entries and self.system.next_exception() is None

    def _hung(self, detail: str) -> EmulationError:
        return self.core.error("hung", detail, pc=self._pc)

    # ---- exceptions (Armv7-M architecture manual, B1.5)

    def _take_exceptions(self) -> None:
        following = self.system.next_exception()
        if following is not None:
            self._enter(*following)

    def _enter(self, number: int, priority: int) -> None:
        """Push the frame, with the FPU's registers when the interrupted code has used them."""
        core = self.core
        stack = core.register("sp")
        control = core.register("control")
        has_floats = bool(control & _FPCA)
        size = 4 * (_FLOAT_FRAME_WORDS if has_floats else _FRAME_WORDS)
        frame = stack - size & ~7
        status = core.register("xpsr") | _THUMB
        status = status | _ALIGNED if (stack - size) & 4 else status & ~_ALIGNED
        words = [core.register(name) for name in _CORE_FRAME] + [self._pc & ~1, status]
        if has_floats:
            words += [core.register(name) for name in _FLOAT_FRAME] + [core.register("fpscr"), 0]
        self._push(frame, words)
        core.set_register("sp", frame)
        if has_floats:
            core.set_register("control", control & ~_FPCA)
        mode = 0xF1 if self.system.active else 0xF9
        core.set_register("lr", 0xFFFFFF00 | (mode & ~0x10 if has_floats else mode))
        nested = sum(entry.nested for entry in self._entries)
        self._entries.append(_Entry(number, core.instructions, nested, core.trace_position()))
        core.set_register("ipsr", number)
        self._pc = self.system.enter(number, priority)
        if not self._pc & 1:
            raise core.error("invalid state", f"exception {number} has vector 0x{self._pc:08X}")

    def _push(self, frame: int, words: list[int]) -> None:
        data = b"".join(word.to_bytes(4, "little") for word in words)
        memory = self.core.memory_of(frame)
        if memory is None or not memory.is_writable:
            raise self.core.error("stack overflow", f"exception frame at 0x{frame:08X}")
        self.core.write(frame, data)

    def _leave(self, code: int) -> None:
        """Pop the frame that the exception return code describes."""
        core = self.core
        frame = core.register("sp")
        has_floats = not code >> 4 & 1
        count = _FLOAT_FRAME_WORDS if has_floats else _FRAME_WORDS
        raw = core.read(frame, 4 * count)
        words = [int.from_bytes(raw[4 * i : 4 * i + 4], "little") for i in range(count)]
        for name, word in zip(_CORE_FRAME, words, strict=False):
            core.set_register(name, word)
        if has_floats:
            for name, word in zip((*_FLOAT_FRAME, "fpscr"), words[8:25], strict=True):
                core.set_register(name, word)
        core.set_register("sp", frame + 4 * count + (4 if words[7] & _ALIGNED else 0))
        core.set_register("xpsr", words[7])
        core.set_register("ipsr", words[7] & 0x1FF)
        control = core.register("control")
        core.set_register("control", control | _FPCA if has_floats else control & ~_FPCA)
        self._pc = words[6]
        self._note_end()

    def _note_end(self) -> None:
        core = self.core
        entry = self._entries.pop()
        self.system.active.pop()
        total = core.instructions - entry.instructions
        for outer in self._entries:
            outer.nested += total
        receive = self.audio.receive
        if receive is not None and entry.number == FIRST_IRQ + receive.irq:
            end = core.trace_position()
            self.interrupts.append(Interrupt(total - entry.nested, entry.position, end))

    # ---- start

    def _enter_image(self, boot: BootMode) -> None:
        """Begin as the reset does, or as the Daisy bootloader hands over."""
        core, origin = self.core, IMAGE_ORIGIN[boot]
        core.fpu_enabled = False
        if boot == "flash":
            self._switch_d2_sram(0)
        else:
            self.bus.words |= _BOOTLOADER_REGISTERS
            self.time.set_clock(self.clocks.cpu_hz)
            self.system.set_tick(5, 399_999)
        core.set_register("sp", core.read_word(origin))
        core.set_register("lr", 0xFFFFFFFF)
        self._pc = core.read_word(origin + 4)

    def _switch_d2_sram(self, enabled: int) -> None:
        """The D2 domain's RAM faults without its clocks."""
        for bit, origin, size_bytes in _D2_PARTS:
            self.core.protect(origin, size_bytes, accessible=bool(enabled >> bit & 1))
