"""An STM32H750 on a Daisy that runs: sleep, the passing of time, blocks of audio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from host_sim.boards import Board, Wiring
from host_sim.emulator.core import Core, Stop
from host_sim.emulator.errors import EmulationError
from host_sim.emulator.trace import TracePosition
from host_sim.i2c_codecs import wired
from host_sim.stm32h750.adc import Adc
from host_sim.stm32h750.audio import Audio
from host_sim.stm32h750.audio_checks import CHANNELS
from host_sim.stm32h750.audio_clock import I32, AudioClock, RealTime
from host_sim.stm32h750.audio_truth import AudioReport, AudioTruth
from host_sim.stm32h750.boot import (
    BOOTLOADER_REGISTERS,
    BOOTLOADER_TICK,
    IMAGE_ORIGIN,
    RESET_VECTORS,
    BootMode,
)
from host_sim.stm32h750.bus import Bus
from host_sim.stm32h750.clocks import Clocks
from host_sim.stm32h750.dma import Dma1
from host_sim.stm32h750.elapsed import Time
from host_sim.stm32h750.exceptions import Entry, Exceptions
from host_sim.stm32h750.faults import FaultMode
from host_sim.stm32h750.gpio import Pins
from host_sim.stm32h750.i2c import I2c
from host_sim.stm32h750.nor_flash import NorFlash
from host_sim.stm32h750.outputs import Outputs
from host_sim.stm32h750.outside import Outside
from host_sim.stm32h750.qspi import Qspi
from host_sim.stm32h750.registers import Silicon
from host_sim.stm32h750.system import FIRST_IRQ, SystemControl
from namgen.codecs import CodecTable

BOOT_LIMIT_INSTRUCTIONS = 100_000_000
BOOT_LIMIT_SECONDS = 3.0
BLOCK_LIMIT_INSTRUCTIONS = 200_000_000
TURN_INSTRUCTIONS = 4_000
"""What the main program gets after each interrupt when the audio clock waits; the rest of its time,
which it would spend waiting in a loop, is skipped."""
MASKED_INSTRUCTIONS = 2_000
"""How long unmasking is looked for after each block of code; later it is noticed a bit late."""

_D2_PARTS = ((29, 0x30000000, 0x20000), (30, 0x30020000, 0x20000), (31, 0x30040000, 0x8000))
_EXCEPTION_RETURN = 0xFFFFFFE0
_RETURNS = (3, 8)
_LARGEST_GUARD_BYTES = 4096
_FAULTS = {
    1: "undefined instruction",
    2: "unexpected supervisor call",
    3: "instruction bus fault",
    4: "data bus fault",
    7: "breakpoint",
    18: "invalid state",
}


@dataclass(frozen=True, slots=True)
class Interrupt:
    """One finished audio interrupt: its instructions and cycles, exception entry to return."""

    instructions: int
    cycles: int
    start: TracePosition
    end: TracePosition


def _nothing() -> None:
    return None


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
        codec: CodecTable | None = None,
    ) -> None:
        self.core = core
        self.time = Time(core)
        self.bus = Bus(core, self.time, silicon)
        wiring = wired(board, codec)
        self.clocks = Clocks(self.bus, self.time, core, silicon, wiring.oscillator)
        self.outside = Outside(self.time)
        self.pins = Pins(self.bus, self.time, wiring.strap, self.outside)
        self.i2c = I2c(self.bus, self.time, self.pins, wiring, codec)
        self.outputs = Outputs(core, self.time, self.pins, wiring.mute, self.i2c.codec)
        self.system = SystemControl(self.bus, self.time, core, RESET_VECTORS)
        self._real_time, self._faults = real_time, faults
        self._masked_until = 0
        self._pc = RESET_VECTORS
        self.dma = Dma1(self.bus, core, self.system.pend)
        self.audio = self._wired_audio(board, wiring)
        self.adc = self._wired_adc(silicon)
        self.flash = self._wired_flash(boot, wiring)
        self.on_audio_interrupt: Callable[[], None] = _nothing
        self._in_audio = False
        self.clock = AudioClock(self.audio, lambda: self.clocks.cpu_hz, lambda: self.sample_rate_hz)
        self.truth = AudioTruth(core)
        self._is_watched = real_time is None
        self.interrupts: list[Interrupt] = []
        self._exceptions = Exceptions(
            core,
            self.bus,
            self.time,
            self.system,
            faults=faults,
            on_change=self._note_running,
            on_end=self._note_end,
        )
        self._is_asleep = self._is_booted = False
        self._turn_left = TURN_INSTRUCTIONS
        self._audio_since = 0
        self.audio.on_start = self._note_audio_start
        self.clocks.on_memory_clock = self._switch_d2_sram
        self._enter_image(boot)

    def _wired_audio(self, board: Board, wiring: Wiring) -> Audio:
        ahead = self._real_time.lookahead_frames if self._real_time else 0
        audio = Audio(
            self.bus,
            self.core,
            self.time,
            pins=self.pins,
            i2c=self.i2c,
            board=board,
            wiring=wiring,
            dma=self.dma,
            clocks=self.clocks,
            lookahead_words=CHANNELS * ahead,
        )
        self.i2c.has_clock = lambda: audio.master_is_on
        return audio

    def _wired_flash(self, boot: BootMode, wiring: Wiring) -> NorFlash:
        flash = NorFlash(self.core, self.time, continuous=boot != "flash")
        lines, clocks = wiring.flash_lines, self.clocks
        Qspi(
            self.bus, self.core, self.time, clocks=clocks, pins=self.pins, lines=lines, flash=flash
        )
        return flash

    def _wired_adc(self, silicon: Silicon) -> Adc:
        return Adc(
            self.bus,
            self.core,
            self.time,
            clocks=self.clocks,
            pins=self.pins,
            dma=self.dma,
            outside=self.outside,
            is_cacheable=self.system.is_cacheable,
            silicon=silicon,
        )

    # ---- for the pedal

    def run_until_audio(self, limit: int | None = None) -> None:
        """Execute until samples move and nothing is left to do, or so many instructions.

        Raises:
            EmulationError: a fault, or the limits of a boot are reached.

        """
        self._run(self._audio_is_up, limit or BOOT_LIMIT_INSTRUCTIONS)
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
        """The sample rate that the codec is clocked for."""
        return self.audio.sample_rate_hz

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
        self.adc.catch_up()
        self._pc = self._exceptions.take_pending(self._pc)
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
        if waits and self._is_booted:
            self.time.hold()
        instructions = self.core.instructions
        has_turn = self._real_time is None and self._is_booted and not waits
        if has_turn:
            limit = max(1, min(limit, self._turn_left))
        self._is_asleep = False
        try:
            self._handle(self.core.run(self._pc, limit=limit))
        except EmulationError as error:
            self._pc = self._exceptions.take_fault(error)
        self.time.release()
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
        if not (self._is_booted and self._audio_waits()):
            events.append(self.adc.next_flag())
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
            self._pc = self._exceptions.leave(stop.pc | 1)

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
        """Whether samples are heard and the main program sleeps, or has gone round for a while."""
        if not self.audio.is_running or self._exceptions.running or not self.outputs.are_heard():
            return False
        return self._is_asleep or self.core.instructions > self._audio_since + TURN_INSTRUCTIONS

    def _audio_is_done(self) -> bool:
        """Nothing pending or active but SysTick."""
        return not self._exceptions.running and self.system.next_exception() is None

    def _note_audio_start(self) -> None:
        self.outputs.begin()
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
        return self.core.error("hung", detail + self.outputs.problem(), pc=self._pc)

    # ---- exceptions

    def _note_end(self, entry: Entry, instructions: int) -> None:
        """Keep what an audio interrupt has cost."""
        self._turn_left = TURN_INSTRUCTIONS
        if entry.number == self._audio_exception:
            cycles = self.time.cycles - entry.cycles
            end = self.core.trace_position()
            own = instructions - entry.nested
            self.interrupts.append(Interrupt(own, cycles, entry.position, end))

    def _note_running(self) -> None:
        """Look at the inputs when the audio interrupt begins, and let it take its time."""
        audio = self._audio_exception
        in_audio = any(entry.number == audio for entry in self._exceptions.running)
        if in_audio != self._in_audio:
            self._in_audio = in_audio
            if in_audio:
                self.adc.catch_up()
                self.time.look()
                self.on_audio_interrupt()
            else:
                self.time.look_away()
        if self._real_time is not None:
            pace = self._real_time.pace(len(self.interrupts)) if in_audio else 1.0
            self.time.cycles_per_instruction = pace

    @property
    def _audio_exception(self) -> int | None:
        receive = self.audio.receive
        return None if receive is None else FIRST_IRQ + receive.irq

    def _guard_small_regions(self) -> None:
        """Enforce what the MPU closes inside a memory, such as the end of the stack."""
        for base, attributes in self.system.mpu_regions.values():
            size, access = 2 << (attributes >> 1 & 31), attributes >> 24 & 7
            if attributes & 1 and not access and size <= _LARGEST_GUARD_BYTES:
                self.core.guard(base & -size, size)

    # ---- start

    def _enter_image(self, boot: BootMode) -> None:
        """Begin as the reset does, or as the Daisy bootloader hands over."""
        core, origin = self.core, IMAGE_ORIGIN[boot]
        core.fpu_enabled = False
        if boot == "flash":
            self._switch_d2_sram(0)
        else:
            self.bus.words |= BOOTLOADER_REGISTERS
            self.clocks.settle()
            self.clocks.runs_from_qspi = boot == "qspi"
            self.time.set_clock(self.clocks.cpu_hz)
            self.system.set_tick(*BOOTLOADER_TICK)
        core.set_register("sp", core.memory.read_word(origin))
        core.set_register("lr", 0xFFFFFFFF)
        self._pc = core.memory.read_word(origin + 4)

    def _switch_d2_sram(self, enabled: int) -> None:
        """The D2 domain's RAM faults without its clocks."""
        for bit, origin, size_bytes in _D2_PARTS:
            self.core.protect(origin, size_bytes, accessible=bool(enabled >> bit & 1))
