"""The pedal itself: boots a firmware image on an emulated Daisy and plays through it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from host_sim.boards import WIRING, Board, Place, usual_board
from host_sim.emulator.core import Core
from host_sim.emulator.trace import Trace
from host_sim.panel import Panel, WithPanel
from host_sim.stm32h750.audio import Injection
from host_sim.stm32h750.audio_checks import CHANNELS
from host_sim.stm32h750.audio_clock import RealTime
from host_sim.stm32h750.audio_truth import AudioReport
from host_sim.stm32h750.boot import IMAGE_ORIGIN, BootMode
from host_sim.stm32h750.bus import GateViolation, RegisterWrite
from host_sim.stm32h750.dma import DmaStream
from host_sim.stm32h750.faults import FaultMode
from host_sim.stm32h750.gpio import GpioEdge
from host_sim.stm32h750.i2c import I2cTransaction
from host_sim.stm32h750.machine import Machine
from host_sim.stm32h750.nor_flash import ERASED, FLASH_ORIGIN, SIZE_BYTES, NorFlash
from host_sim.stm32h750.registers import Silicon
from host_sim.stm32h750.system import Access
from namgen.codecs import CodecTable
from namgen.errors import NamgenError
from namgen.pedal_boards import PedalBoard
from namgen.targets import DEFAULT_TARGET

I32 = npt.NDArray[np.int32]

_PAINT = 0xA5
_LATENCY_BLOCKS = 2
_BOOTLOADER_STAYS = 0xB0074EFA
_BACKUP_SRAM, _BACKUP_BYTES = 0x38800000, 4096
_FAULT_RECORD = _BACKUP_SRAM + 0xF00
_FAULT_FIELDS = (
    *("magic", "count", "kind", "exception", "cfsr", "hfsr", "mmfar", "bfar"),
    *("exception_return", "sp", "r0", "r1", "r2", "r3", "r12", "lr", "pc", "xpsr"),
    *("blocks", "checksum"),
)


@dataclass(frozen=True, slots=True)
class DmaBuffer:
    """Memory that the DMA shares with the processor."""

    address: int
    size_bytes: int
    is_cacheable: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """What a pedal still knows when it begins anew: its flash chip, and through a reset more."""

    flash: bytes
    backup_sram: bytes | None  # lost with the power: no Daisy has a battery


class Pedal(WithPanel):
    """A Daisy with an image in it, from power-on to sound.

    `elf` is the linked image, `firmware.elf`. Where it lies tells how it is started: at 0x08000000
    by the reset, at 0x24000000 or 0x90040000 as the Daisy bootloader does it. With `real_time` the
    audio clock does not wait for the processor: what is late is heard. With `faults="vector"` the
    firmware's handler gets the faults that otherwise end the run.

    `panel` is the board that the Daisy is plugged into, with its knobs, switches and lights; they
    work from before `boot()` on. Time outside stands still while audio waits for the processor.

    `codec` is set over I2C, in place of the board's own; that of the panel where there is one.

    `kept` is what an earlier one has left, at `cut_power` or `reset`; else its flash is erased.

    Raises:
        ToolError: unicorn is not installed.
        NamgenError: the image lies at none of these places, or is for another module than the
            panel's.

    """

    def __init__(
        self,
        elf: Path | bytes,
        *,
        board: Board | None = None,
        silicon: Silicon = "V",
        real_time: RealTime | None = None,
        faults: FaultMode = "raise",
        panel: PedalBoard | None = None,
        kept: Kept | None = None,
        codec: CodecTable | None = None,
    ) -> None:
        self.core = Core()
        self._remember(kept)
        self.core.load(elf, at="load")
        self.board = board or usual_board(panel.carried.target if panel else DEFAULT_TARGET)
        self._wiring = WIRING[self.board]
        self.boot_mode = _boot_mode(elf, self._wiring.flash_bytes)
        self._paint_stack()
        self._machine = Machine(
            self.core,
            board=self.board,
            silicon=silicon,
            boot=self.boot_mode,
            real_time=real_time,
            faults=faults,
            codec=codec or (panel.codec if panel else None),
        )
        self._block_frames: int | None = None
        if panel is not None:
            self._plug_in(panel)

    # ---- playing

    def boot(self, *, limit: int | None = None) -> None:
        """Run from reset until audio is on.

        `limit`: of instructions, for an image that computes before; None: a pedal's.

        Raises:
            EmulationError: a fault, the firmware waits for ever, or audio is set up in a way in
                which this board's codec would not be heard.

        """
        self._machine.run_until_audio(limit)
        self._block_frames = self._machine.audio.block_frames

    def play(self, samples: npt.ArrayLike) -> I32:
        """Feed the codec's inputs and return what its outputs play at the same time, (2, frames).

        `samples` are 24-bit values in 32-bit integers, (frames,) for the left input alone or
        (2, frames). Any number of frames; calls follow each other without a gap. What is played
        is `latency_frames` later than what it answers.

        Raises:
            EmulationError: a fault, or an interrupt that does not end.
            NamgenError: not booted, or samples of another shape or range.

        """
        if self._block_frames is None:
            raise NamgenError("pedal: expected a booted pedal, found one that is off: call boot()")
        return self._machine.run_frames(_stereo(samples))

    def trace_blocks(self, samples: npt.ArrayLike) -> list[Trace]:
        """Play samples and return what the audio interrupt of each finished block executed."""
        first = len(self._machine.interrupts)
        with self.core.tracing() as result:
            self.play(samples)
        trace = result()
        return [trace.part(i.start, i.end) for i in self._machine.interrupts[first:]]

    @property
    def latency_frames(self) -> int:
        """Frames from an input sample to the output it causes: two blocks."""
        return _LATENCY_BLOCKS * self.block_frames

    @property
    def block_frames(self) -> int:
        """Frames between two audio interrupts."""
        if self._block_frames is None:
            raise NamgenError("pedal: expected a booted pedal, found one that is off: call boot()")
        return self._block_frames

    @property
    def block_instructions(self) -> list[int]:
        """Instructions of each audio interrupt since boot, from its entry to its return."""
        return [interrupt.instructions for interrupt in self._machine.interrupts]

    @property
    def block_loads(self) -> list[float]:
        """The part of a block's time that each audio interrupt took, from its entry to its return.

        Only in real time a statement about time: there the pace says how long instructions take.
        """
        block = self._machine.block_cycles
        return [interrupt.cycles / block for interrupt in self._machine.interrupts]

    @property
    def audio_report(self) -> AudioReport:
        """What became of every block of audio, in real time; zeros otherwise."""
        return self._machine.audio_report

    def inject(self, what: Injection, *, receiving: bool) -> None:
        """Disturb the audio streams: a DMA error, or an overrun or underrun of the SAI."""
        self._machine.audio.inject(what, receiving=receiving)

    # ---- the panel

    @property
    def update_mode_requested(self) -> bool:
        """Whether it has asked for a reset that ends in what takes a new image of its kind.

        That is the chip's boot ROM, or the Daisy bootloader, which reads what it is to do from
        backup SRAM.
        """
        if self.boot_mode == "flash":
            asks = self._is_high(self._wiring.boot0)
        else:
            asks = self.core.memory.read_word(_BACKUP_SRAM) == _BOOTLOADER_STAYS
        return self._machine.system.has_reset and asks

    # ---- the power

    def cut_power(self) -> Kept:
        """Take the power away at this moment, and return what is left."""
        self._machine.flash.cut_power()
        return Kept(self._machine.flash.content.tobytes(), None)

    def reset(self) -> Kept:
        """Reset the processor at this moment; its flash chip ends what it does."""
        self._machine.flash.complete()
        backup = self.core.memory.read(_BACKUP_SRAM, _BACKUP_BYTES)
        return Kept(self._machine.flash.content.tobytes(), backup)

    @property
    def flash(self) -> NorFlash:
        """The flash chip behind QUADSPI."""
        return self._machine.flash

    # ---- what can be seen from outside

    @property
    def registers(self) -> dict[int, int]:
        """Every peripheral register that was touched or is not zero after reset, by address."""
        return dict(sorted(self._machine.bus.words.items()))

    @property
    def register_writes(self) -> list[RegisterWrite]:
        """Every write to a peripheral, in order."""
        return list(self._machine.bus.writes)

    @property
    def mpu_regions(self) -> dict[int, tuple[int, int]]:
        """Base and attributes of the MPU regions that were set."""
        return dict(sorted(self._machine.system.mpu_regions.items()))

    def access_to(self, address: int) -> Access:
        """What the MPU lets the firmware do at an address."""
        return self._machine.system.access_to(address)

    @property
    def clock_gate_violations(self) -> list[GateViolation]:
        """Writes to peripherals whose clock was off."""
        return list(self._machine.bus.violations)

    @property
    def i2c_transactions(self) -> list[I2cTransaction]:
        """Messages sent over I2C."""
        return list(self._machine.i2c.transactions)

    @property
    def gpio_edges(self) -> list[GpioEdge]:
        """Changes of output pins."""
        return list(self._machine.pins.edges)

    @property
    def led_on(self) -> bool:
        """Whether the module's LED is lit; not, where it has none."""
        return self._is_high(self._wiring.led)

    @property
    def cpacr(self) -> int:
        """The coprocessor access register; 0xF00000 when the FPU is on."""
        return self._machine.system.cpacr

    @property
    def cpu_hz(self) -> int:
        """The processor's clock."""
        return self._machine.clocks.cpu_hz

    @property
    def sample_rate_hz(self) -> float:
        """The sample rate the clocks give."""
        return self._machine.sample_rate_hz

    @property
    def seconds(self) -> float:
        """Time since reset, at one instruction per cycle."""
        return self._machine.time.seconds

    @property
    def dma_buffers(self) -> tuple[DmaBuffer, ...]:
        """The memory of audio and knobs; what is cacheable would go stale."""
        audio = self._machine.audio
        found = (audio.receive, audio.transmit, self._machine.adc.stream)
        streams = [stream for stream in found if stream is not None]
        return tuple(self._dma_buffer(stream) for stream in streams)

    @property
    def fault_record(self) -> dict[str, int]:
        """What the firmware has stored about its last stop; see `firmware/board/fault.h`."""
        words = np.frombuffer(self.core.memory.read(_FAULT_RECORD, 4 * len(_FAULT_FIELDS)), "<u4")
        return {name: int(word) for name, word in zip(_FAULT_FIELDS, words, strict=True)}

    @property
    def stack_used_bytes(self) -> int:
        """The deepest the stack has been, from the bytes it has changed."""
        bottom = self._stack_bottom
        memory = self.core.memory.view(bottom, self._stack_top - bottom)
        changed = np.flatnonzero(memory != _PAINT)
        return len(memory) - int(changed[0]) if len(changed) else 0

    # ---- the inside

    def _remember(self, kept: Kept | None) -> None:
        flash = self.core.memory.view(FLASH_ORIGIN, SIZE_BYTES)
        flash[:] = ERASED if kept is None else np.frombuffer(kept.flash, np.uint8)
        if kept is not None and kept.backup_sram is not None:
            self.core.memory.write(_BACKUP_SRAM, kept.backup_sram)

    def _is_high(self, pin: Place | None) -> bool:
        return pin is not None and self._machine.pins.is_high_output(*pin)

    def _plug_in(self, board: PedalBoard) -> None:
        if board.carried.target != self._wiring.target:
            raise NamgenError(
                f"pedal: board {board.name}: expected a module for images of "
                f"{self._wiring.target}, found {board.module}"
            )
        machine = self._machine
        self._panel = Panel(board, machine.pins, machine.outside, machine.adc)
        machine.on_audio_interrupt = self._panel.note_interrupt

    def _dma_buffer(self, stream: DmaStream) -> DmaBuffer:
        size = stream.word_bytes * stream.words
        ends = (stream.memory, stream.memory + size - 1)
        cacheable = any(self._machine.system.is_cacheable(address) for address in ends)
        return DmaBuffer(stream.memory, size, cacheable)

    def _paint_stack(self) -> None:
        """Fill what lies between the image's data and the first stack pointer."""
        self._stack_top = self.core.memory.read_word(IMAGE_ORIGIN[self.boot_mode])
        memory = self.core.memory.holding(self._stack_top - 4)
        if memory is None or not memory.is_writable:
            raise NamgenError(f"pedal: expected a stack in RAM, found 0x{self._stack_top:08X}")
        ends = [
            s.end for s in self.core.image.sections if memory.origin <= s.address < self._stack_top
        ]
        self._stack_bottom = max([memory.origin, *ends])
        self.core.memory.view(self._stack_bottom, self._stack_top - self._stack_bottom)[:] = _PAINT


def _boot_mode(elf: Path | bytes, flash_bytes: int) -> BootMode:
    """Tell from the lowest load address how an image is meant to be started."""
    segments = _loaded(elf)
    lowest = min(segments, default=0)
    most: dict[BootMode, int] = {"sram": 480 << 10, "flash": flash_bytes, "qspi": SIZE_BYTES}
    for mode, origin in IMAGE_ORIGIN.items():
        if origin == lowest:
            if max(segments.values()) > origin + most[mode]:
                said = f"at most {most[mode] >> 10} KB in {mode.upper()}"
                raise NamgenError(f"pedal: expected an image of {said}, found more")
            return mode
    places = ", ".join(f"0x{origin:08X}" for origin in IMAGE_ORIGIN.values())
    raise NamgenError(f"pedal: expected an image at {places}, found 0x{lowest:08X}")


def _loaded(elf: Path | bytes) -> dict[int, int]:
    """Start and end of every segment with content, as a programmer writes it."""
    from elftools.elf.elffile import ELFFile

    data = elf if isinstance(elf, bytes) else elf.read_bytes()
    file: Any = ELFFile(io.BytesIO(data))
    segments = [s for s in file.iter_segments("PT_LOAD") if s["p_filesz"]]
    return {s["p_paddr"]: s["p_paddr"] + s["p_filesz"] for s in segments}


def _stereo(samples: npt.ArrayLike) -> I32:
    values = np.asarray(samples)
    if values.ndim not in (1, 2) or (values.ndim == 2 and values.shape[0] != CHANNELS):
        raise NamgenError(f"pedal: expected samples of shape (n,) or (2, n), found {values.shape}")
    if values.dtype.kind not in "iu" or (values.size and np.abs(values + 0.5).max() > 1 << 23):
        raise NamgenError("pedal: expected 24-bit integers, found other values")
    left = values if values.ndim == 1 else values[0]
    right = np.zeros_like(left) if values.ndim == 1 else values[1]
    return np.stack([left, right]).astype(np.int32)
