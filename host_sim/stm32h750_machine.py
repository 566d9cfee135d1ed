"""An STM32H750 on a Daisy Seed that runs: exceptions, sleep, the passing of time, audio blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from host_sim.audio_clock import I32, AudioClock, RealTime
from host_sim.audio_truth import AudioReport, AudioTruth
from host_sim.boards import WIRING, Board
from host_sim.core import Core, EmulationError, Stop, TracePosition
from host_sim.stm32h750 import RCC, Bus, I2c, Pins, Silicon, Time
from host_sim.stm32h750_audio import BLOCK_A, CHANNELS, Audio
from host_sim.stm32h750_clocks import QUADSPI_CR, Clocks
from host_sim.stm32h750_faults import (
    BUS_FAULT,
    MEMORY_FAULT,
    FaultMode,
    enabled_or_hard,
    is_fault,
    note_fault,
    note_stacking,
)
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
TURN_INSTRUCTIONS = 4_000
"""What the main program gets after each interrupt when the audio clock waits; the rest of its time,
which it would spend waiting in a loop, is skipped."""
MASKED_INSTRUCTIONS = 2_000
"""How long unmasking is looked for after each block of code; later it is noticed a bit late."""

_RESET_VECTORS = 0x08000000
_D2_SRAM = 0x30000000
_D2_PARTS = ((29, 0x30000000, 0x20000), (30, 0x30020000, 0x20000), (31, 0x30040000, 0x8000))
_EXCEPTION_RETURN = 0xFFFFFFE0
_RETURNS = (3, 8)
_CORE_FRAME = ("r0", "r1", "r2", "r3", "r12", "lr")
_FLOAT_FRAME = tuple(f"s{number}" for number in range(16))
_FRAME_WORDS, _FLOAT_FRAME_WORDS = 8, 26
_ALIGNED = 1 << 9
_THUMB = 1 << 24
_IF_THEN = 0x0600FC00
_LARGEST_GUARD_BYTES = 4096
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
    QUADSPI_CR: 1 << 24 | 1,  # on, half its kernel clock
    0x58024818: 0xC000,
    0x5802480C: 0x2,
    0x52002000: 0x34,
    0xE000ED14: 0x00070200,
}
"""What the Daisy bootloader leaves: PLLs, caches, QSPI and pins on; the image does the rest."""


@dataclass(frozen=True, slots=True)
class Interrupt:
    """One finished audio interrupt: its instructions and cycles, exception entry to return."""

    instructions: int
    cycles: int
    start: TracePosition
    end: TracePosition


@dataclass(slots=True)
class _Entry:
    """An exception in progress."""

    number: int
    instructions: int
    cycles: int
    nested: int
    position: TracePosition


def _lookahead_words(real_time: RealTime | None) -> int:
    """How far the transmitter reads ahead; not at all when the audio clock waits."""
    return 0 if real_time is None else CHANNELS * real_time.lookahead_frames


class Machine:
    """The processor, its peripherals and a board's wiring around one image."""

    def __init__(
        self,
        core: Core,
        *,
        board: Board,
        silicon: Silicon,
        boot: BootMode,
        real_time: RealTime | None = None,
        faults: FaultMode = "raise",
    ) -> None:
        self.core = core
        self.time = Time(core)
        self.bus = Bus(core, self.time, silicon)
        self.clocks = Clocks(self.bus, self.time, core, silicon)
        wiring = WIRING[board]
        self.pins = Pins(self.bus, self.time, wiring.strap)
        devices = frozenset(() if wiring.i2c_address is None else (wiring.i2c_address,))
        self.i2c = I2c(self.bus, self.time, self.pins, devices)
        self.system = SystemControl(self.bus, self.time, core, _RESET_VECTORS)
        self._real_time = real_time
        self._faults = faults
        self._masked_until = 0
        self.audio = Audio(
            self.bus,
            core,
            self.time,
            pins=self.pins,
            i2c=self.i2c,
            board=board,
            pend=self.system.pend,
            lookahead_words=_lookahead_words(real_time),
        )
        self.clock = AudioClock(self.audio, lambda: self.clocks.cpu_hz, lambda: self.sample_rate_hz)
        self.truth = AudioTruth(core)
        self._is_watched = real_time is None
        self.interrupts: list[Interrupt] = []
        self._entries: list[_Entry] = []
        self._is_asleep = False
        self._is_booted = False
        self._turn_left = TURN_INSTRUCTIONS
        self._audio_since = 0
        self.audio.on_start = self._note_audio_start
        self.clocks.on_memory_clock = self._switch_d2_sram
        self._enter_image(boot)

    # ---- for the pedal

    def run_until_audio(self) -> None:
        """Execute until samples move and the processor has nothing left to do.

        Raises:
            EmulationError: a fault, or the limits of a boot are reached.

        """
        self._run(self._audio_is_up, BOOT_LIMIT_INSTRUCTIONS)
        self._is_booted = True
        if self._faults == "vector":
            self._guard_small_regions()

    def run_frames(self, recorded: I32) -> I32:
        """Let frames of audio pass, (2, n) of them recorded, and return what is played, (2, n).

        Unless in real time, the interrupts that these frames cause are run to their end.

        Raises:
            EmulationError: a fault, or an interrupt does not end.

        """
        self.clock.feed(recorded)
        while self.clock.frames_left or self._audio_waits():
            self._run(self._beyond(self.clock.frames_left), BLOCK_LIMIT_INSTRUCTIONS)
        return self.clock.played()

    @property
    def audio_report(self) -> AudioReport:
        """What became of the audio so far."""
        fates = self.truth.fates
        return AudioReport(
            whole_blocks=fates.count("whole"),
            torn_blocks=fates.count("torn"),
            missed_blocks=fates.count("missed"),
            lost_input_frames=self.truth.lost_input_frames,
            lost_fifo_words=self.audio.lost_words,
            frames_without_clock=self.clock.frames_without_clock,
        )

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

    def _run(self, done: Callable[[], bool], limit: int) -> None:
        """Execute until `done`, within `limit` instructions."""
        last = self.core.instructions + limit
        while not done():
            if self.core.instructions >= last:
                raise self._hung(f"still busy after {limit} instructions")
            self._step(last)

    def _step(self, last: int) -> None:
        """Take what is due, then execute to the next event."""
        self._watch_audio()
        self.system.tick()
        self.clock.advance(self.time.cycles, self._audio_waits)
        self._take_exceptions()
        limit = last - self.core.instructions
        if (event := self._next_event()) is not None:
            limit = min(limit, self.time.instructions_in(event - self.time.cycles))
        self._execute(max(1, self._limit_while_masked(limit)))

    def _limit_while_masked(self, limit: int) -> int:
        """Go block by block: CPSIE ends a block, and gives no other sign; in long steps if long."""
        if not self.system.is_masked():
            self._masked_until = self.core.instructions + MASKED_INSTRUCTIONS
            return limit
        return 1 if self.core.instructions < self._masked_until else min(limit, MASKED_INSTRUCTIONS)

    def _execute(self, limit: int) -> None:
        """Run some instructions; time in which the audio clock waits is no time to it."""
        before, waits = self.time.cycles, self._audio_waits()
        instructions = self.core.instructions
        has_turn = self._real_time is None and self._is_booted and not waits
        if has_turn:
            limit = max(1, min(limit, self._turn_left))
        self._is_asleep = False
        try:
            self._handle(self.core.run(self._pc, limit=limit))
        except EmulationError as error:
            self._take_fault(error)
        if waits:
            self.clock.hold(self.time.cycles - before)
        if has_turn:
            self._turn_left -= self.core.instructions - instructions
            if self._turn_left <= 0 and not self._is_asleep:
                self._sleep(self._next_event())

    def _audio_waits(self) -> bool:
        """Whether the audio clock stands still until the processor is done."""
        return self._real_time is None and not (self._is_booted and self._audio_is_done())

    def _next_event(self) -> int | None:
        """Return the cycle at which something happens that the processor could notice."""
        events = [self.system.next_tick]
        if not self._audio_waits():
            awake = self._real_time is not None and not self._is_asleep
            events.append(self.clock.next_word() if awake else self.clock.next_flag())
        return min((cycle for cycle in events if cycle is not None), default=None)

    def _handle(self, stop: Stop) -> None:
        self._pc = stop.pc
        if stop.reason == "wait":
            self._is_asleep = True
            self._sleep(self._next_event())
        elif stop.reason == "exception":
            if stop.number not in _RETURNS or stop.pc < _EXCEPTION_RETURN & ~1:
                kind = _FAULTS.get(stop.number, f"exception {stop.number}")
                raise self.core.error(kind, "taken by no handler", pc=stop.pc)
            self._leave(stop.pc | 1)

    def _sleep(self, wake: int | None) -> None:
        """Wait for an interrupt; with audio running its next block is still to come."""
        if self.system.has_wakeup():
            return
        if wake is not None:
            self.time.sleep_until(wake)
        elif not self.audio.is_running:
            raise self.core.error("asleep", "nothing is enabled that could wake the processor")
        if self.time.seconds > BOOT_LIMIT_SECONDS and not self._is_booted:
            raise self._hung(f"no audio {BOOT_LIMIT_SECONDS:.0f} s after reset")

    def _beyond(self, frames: int) -> Callable[[], bool]:
        """Return whether fewer frames are left, or after the last the interrupt has ended."""
        if frames == 0:
            return lambda: not self._audio_waits()
        return lambda: self.clock.frames_left < frames

    def _audio_is_up(self) -> bool:
        """Whether samples move and the main program sleeps, or has gone round for a while."""
        if not self.audio.is_running or self._entries:
            return False
        return self._is_asleep or self.core.instructions > self._audio_since + TURN_INSTRUCTIONS

    def _audio_is_done(self) -> bool:
        """Nothing pending or active but SysTick."""
        return not self._entries and self.system.next_exception() is None

    def _note_audio_start(self) -> None:
        self._audio_since = self.core.instructions
        self._is_watched = self._real_time is None
        self.core.pause_after(0)

    def _watch_audio(self) -> None:
        """Begin to watch the rings of streams that have started, before words move."""
        receive, transmit = self.audio.receive, self.audio.transmit
        if not self._is_watched and receive is not None and transmit is not None:
            self.truth.watch(receive, transmit)
            self._is_watched = True

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
        fault = self._push(frame, words)
        if fault is not None and priority < 0:
            raise core.error("lock-up", f"exception {number} finds no stack at 0x{frame:08X}")
        if fault is not None and number not in (MEMORY_FAULT, BUS_FAULT):
            number, priority = fault, self.system.priority_of(fault)
        core.set_register("sp", frame)
        if has_floats:
            core.set_register("control", control & ~_FPCA)
        mode = 0xF1 if self.system.active else 0xF9
        core.set_register("lr", 0xFFFFFF00 | (mode & ~0x10 if has_floats else mode))
        nested = sum(entry.nested for entry in self._entries)
        self._entries.append(
            _Entry(number, core.instructions, self.time.cycles, nested, core.trace_position())
        )
        core.set_register("ipsr", number)
        self._set_pace()
        self._pc = self.system.enter(number, priority)
        if not self._pc & 1:
            raise core.error("invalid state", f"exception {number} has vector 0x{self._pc:08X}")

    def _push(self, frame: int, words: list[int]) -> int | None:
        """Write an exception's frame, or return the fault that it is when it cannot be written."""
        data = b"".join(word.to_bytes(4, "little") for word in words)
        memory = self.core.memory_of(frame)
        is_open = self._faults == "raise" or self.system.access_to(frame) == "read and write"
        if memory is not None and memory.is_writable and is_open:
            self.core.write(frame, data)
            return None
        if self._faults == "raise":
            raise self.core.error("stack overflow", f"exception frame at 0x{frame:08X}")
        fault = BUS_FAULT if memory is None else MEMORY_FAULT
        note_stacking(self.bus, fault)
        return fault

    def _guard_small_regions(self) -> None:
        """Enforce what the MPU closes inside a memory, such as the end of the stack."""
        for base, attributes in self.system.mpu_regions.values():
            size, access = 2 << (attributes >> 1 & 31), attributes >> 24 & 7
            if attributes & 1 and not access and size <= _LARGEST_GUARD_BYTES:
                self.core.guard(base & -size, size)

    def _take_fault(self, error: EmulationError) -> None:
        """Enter the handler of a fault; a fault that no handler can have locks the processor up."""
        if self._faults == "raise" or not is_fault(error):
            raise error
        self._pc = error.pc
        asked = note_fault(self.bus, error)
        now = self.system.current_priority
        urgent = self.system.priority_of(asked) < now
        number = enabled_or_hard(self.bus, asked, can_interrupt=urgent)
        if self.system.priority_of(number) >= now:
            raise self.core.error("lock-up", f"{error.kind} in a fault handler", pc=error.pc)
        self._enter(number, self.system.priority_of(number))
        self.core.set_register("xpsr", self.core.register("xpsr") & ~_IF_THEN)

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
        self._turn_left = TURN_INSTRUCTIONS
        self._set_pace()
        total = core.instructions - entry.instructions
        for outer in self._entries:
            outer.nested += total
        receive = self.audio.receive
        if receive is not None and entry.number == FIRST_IRQ + receive.irq:
            end = core.trace_position()
            cycles = self.time.cycles - entry.cycles
            self.interrupts.append(Interrupt(total - entry.nested, cycles, entry.position, end))

    def _set_pace(self) -> None:
        """Let the audio interrupt take the time that was asked for, and all else one cycle each."""
        receive = self.audio.receive
        audio = receive is not None and FIRST_IRQ + receive.irq
        if self._real_time is not None:
            in_audio = any(entry.number == audio for entry in self._entries)
            pace = self._real_time.pace(len(self.interrupts)) if in_audio else 1.0
            self.time.cycles_per_instruction = pace

    # ---- start

    def _enter_image(self, boot: BootMode) -> None:
        """Begin as the reset does, or as the Daisy bootloader hands over."""
        core, origin = self.core, IMAGE_ORIGIN[boot]
        core.fpu_enabled = False
        if boot == "flash":
            self._switch_d2_sram(0)
        else:
            self.bus.words |= _BOOTLOADER_REGISTERS
            self.clocks.settle()
            self.clocks.runs_from_qspi = boot == "qspi"
            self.time.set_clock(self.clocks.cpu_hz)
            self.system.set_tick(5, 399_999)
        core.set_register("sp", core.read_word(origin))
        core.set_register("lr", 0xFFFFFFFF)
        self._pc = core.read_word(origin + 4)

    def _switch_d2_sram(self, enabled: int) -> None:
        """The D2 domain's RAM faults without its clocks."""
        for bit, origin, size_bytes in _D2_PARTS:
            self.core.protect(origin, size_bytes, accessible=bool(enabled >> bit & 1))
