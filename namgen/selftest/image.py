"""Makes the self-test's image: a pedal of the project's own captures, with the test around it.

It is built three times. The first image says where the kernels are; the emulator then tells what
the models call them with; what the second one is predicted to take goes into the third. Nothing
moves between them, which is checked.
"""

from __future__ import annotations

import hashlib
import shutil
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from namgen.arithmetic import F32
from namgen.boards import Board
from namgen.emit import emit
from namgen.errors import ToolError, UnsupportedError
from namgen.firmware import Image, build_image
from namgen.firmware.elf import read_elf
from namgen.firmware.engines import EngineMemory, section_name
from namgen.ir import Model
from namgen.order import Order
from namgen.output_dir import REPORT_NAME, check_replaceable, whole_folder
from namgen.pedal.deciding import Pedal, pedal_for
from namgen.pedal.emit import contents_of
from namgen.pedal.files import read_captures
from namgen.pedal.panel import controls_of
from namgen.pedal.said import CaptureSaid, FileName, PedalSaid
from namgen.pedal.sound import SoundPlan, plan_sound
from namgen.pedal.twin import SoundTwin
from namgen.plan.any_plan import AnyPlan
from namgen.plan.stages import PublishStage
from namgen.progress import Progress, Stage, part, silent
from namgen.reference.networks import Reference
from namgen.resources import examples_dir
from namgen.scratch import scratch_folder, write_files
from namgen.selftest.ladder import (
    LITE_KERNELS,
    NANO_KERNELS,
    RUNGS,
    VERSION,
    Rung,
    rule_functions,
)
from namgen.selftest.layout import MAGIC, NAME_WORDS, SHORT_WORDS, words_of_text
from namgen.selftest.layout import VERSION as LAYOUT_VERSION
from namgen.selftest.report import report_of
from namgen.selftest.spelling import KernelCall, Level, Span, Told, files_of
from namgen.toolchain import CrossToolchain, find_cross

NANO_FILE, LITE_FILE = "tweed-nano.nam", "tweed-a2.nam"
CHECK_FRAMES = 2496
NOISE_SHIFT = 11
"""Two to the power of this many blocks are listened to, twice."""
COUNT_SECONDS = 60

_WRAPPED = ("reset_entry", "pedal_process", "pedal_skip", "pedal_use", "pedal_fade_in")
_LEFT_OUT = "pedal/main.c"
_SOURCES = "selftest/*.c"
_SECTIONS = """
/* Kept by the first instructions: neither cleared nor filled by the start-up. */
SECTIONS
{
    .entry_state (NOLOAD) : ALIGN(16) { *(.entry_state) } > DTCM
}
"""
_NOISE_FACTOR, _NOISE_STEP, _NOISE_SHIFT = 1664525, 1013904223, 11
_WORD = 1 << 32


class Instruments(Protocol):
    """The emulated pedal, as the build of a self-test needs it."""

    def calls(self, elf: Path, model: str, kernels: Mapping[str, int]) -> Mapping[str, KernelCall]:
        """Return what a model calls each of its kernels with, by name; addresses are given."""

    def predict(self, elf: Path, target: str) -> Sequence[Span]:
        """Return the cycles of every rung of an image, by the cycle model."""


@dataclass(frozen=True, slots=True)
class Job:
    """A self-test as it is asked for."""

    out_dir: Path
    instruments: Instruments
    board: str | None = None
    target: str | None = None
    clock: str | None = None
    boot: str | None = None
    toolchain: str = "zig"
    noise_shift: int = NOISE_SHIFT
    count_seconds: int = COUNT_SECONDS
    progress: Progress = silent


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What was made."""

    out_dir: Path
    order: Order
    image: Image
    predicted: tuple[Span, ...]
    toolchain: str


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """All that is decided before anything is compiled."""

    order: Order
    sound: SoundPlan
    lite: AnyPlan
    lite_model: Model
    expected: tuple[int, int]
    driven: tuple[Level, ...]

    @property
    def nano(self) -> AnyPlan:
        """The model in its chain."""
        return self.sound.captures[0].plan

    @property
    def board(self) -> Board:
        """The module, with a main program of another kind."""
        board = self.order.target.pedal
        sources = tuple(source for source in board.sources if source != _LEFT_OUT)
        return replace(board, sources=(*sources, _SOURCES))


def build_selftest(job: Job) -> Made:
    """Build it; the folder appears when all of it is there.

    Raises:
        NamgenError: the choice, a tool or the output folder is not right.

    """
    check_replaceable(job.out_dir)
    parts = _decided(job)
    cross = find_cross(job.toolchain, progress=job.progress)
    with scratch_folder() as scratch:
        image, predicted = _made(parts, job, cross, scratch)
        with whole_folder(job.out_dir) as draft:
            for path in (image.elf, image.bin, image.dfu):
                shutil.copy(path, draft / path.name)
            made = Made(job.out_dir, parts.order, image, predicted, cross.name)
            text = report_of(parts.order, image, predicted, cross, draft)
            (draft / REPORT_NAME).write_text(text, encoding="utf-8", newline="\n")
    return made


# ---- what is inside


def _decided(job: Job) -> _Parts:
    job.progress(Stage("planning", 0.0))
    nano, lite = _pedal(job, NANO_FILE, None), _pedal(job, LITE_FILE, "lite")
    sound, other = _sound(nano), _sound(lite)
    model = other.captures[0].selection.model
    plan = other.captures[0].plan
    for planned, known in ((sound.captures[0].plan, NANO_KERNELS), (plan, LITE_KERNELS)):
        _check_kernels(planned, known)
    driven = tuple(_driven(nano, sound))
    return _Parts(nano.order, sound, plan, model, _expected(sound, model), driven)


def _driven(pedal: Pedal, sound: SoundPlan) -> Iterator[Level]:
    """Yield the relay's pin, so that the effect is heard, and the mute's, so that it is off."""
    controls = controls_of(pedal.wanted, sound)
    if controls is None or controls.relay is None:
        return
    relay, mute = controls.relay.relay, controls.relay.mute
    yield Level(relay.pin.port, relay.pin.number, relay.active == "high")
    if mute is not None:
        yield Level(mute.pin.port, mute.pin.number, mute.active != "high")


def _pedal(job: Job, file: str, submodel: str | None) -> Pedal:
    path = examples_dir() / file
    said = PedalSaid(
        captures=(CaptureSaid(FileName(str(path))),),
        board=job.board,
        clock=None if job.clock is None else int(job.clock),
        boot=job.boot,
        submodel=submodel,
    )
    pedal = pedal_for([], said, target=job.target)
    if pedal.order.target.board is None or pedal.order.boot is None:
        raise UnsupportedError(
            f"selftest: expected a target with an image of namgen's, such as daisy, found "
            f"{pedal.order.target.name}"
        )
    return pedal


def _sound(pedal: Pedal) -> SoundPlan:
    return plan_sound(pedal.wanted, pedal.order, read_captures(pedal.wanted.captures))


def _check_kernels(planned: AnyPlan, known: Sequence[str]) -> None:
    """See that the ladder has every kernel of a model.

    Raises:
        ToolError: the models have changed, and the ladder has not.

    """
    stages = (stage for stage in planned.stages if not isinstance(stage, PublishStage))
    if missing := sorted({stage.kernel for stage in stages} - set(known)):
        raise ToolError(f"selftest: {planned.name}: not on the ladder: {', '.join(missing)}")


def _expected(sound: SoundPlan, lite: Model) -> tuple[int, int]:
    """CRC-32 of what the sound and the second model make of the noise, as little-endian floats."""
    noise = noise_samples(CHECK_FRAMES)
    played = SoundTwin(sound).process(noise)
    alone = Reference(lite).process(noise[np.newaxis])[0]
    return tuple(zlib.crc32(np.asarray(out, "<f4").tobytes()) for out in (played, alone))  # type: ignore[return-value]


def noise_samples(frames: int) -> F32:
    """Return the noise of `firmware/selftest/check.c` as samples, (frames,)."""
    state, codes = 0, np.empty(frames, np.int64)
    for frame in range(frames):
        state = (state * _NOISE_FACTOR + _NOISE_STEP) % _WORD
        signed = state - _WORD if state >= _WORD // 2 else state
        codes[frame] = int(signed / (1 << _NOISE_SHIFT))  # towards zero, as C divides
    samples: F32 = codes.astype(np.float32) / np.float32(1 << 23)
    return samples


# ---- three images


def _made(
    parts: _Parts, job: Job, cross: CrossToolchain, scratch: Path
) -> tuple[Image, tuple[Span, ...]]:
    told = _told(parts, job, cross)
    places: list[Mapping[str, int]] = []
    for turn in range(3):
        folder = scratch / f"image_{turn}"
        folder.mkdir()
        stage = part(job.progress, 0.1 + 0.3 * turn, 0.3 + 0.3 * turn)
        image = _linked(parts, told, cross, folder, stage)
        places.append(_addresses(image.elf, parts))
        if turn == 0:
            job.progress(Stage("recording what the models do", 0.3))
            told = replace(told, calls=_calls(image.elf, parts, job, places[0]))
        elif turn == 1:
            job.progress(Stage("running the ladder", 0.6))
            spans = job.instruments.predict(image.elf, parts.order.target.name)
            told = replace(told, predicted=spans)
    if places[0] != places[1] or places[1] != places[2]:
        raise ToolError("selftest: expected the same addresses in each image, found others")
    return image, tuple(told.predicted)


def _told(parts: _Parts, job: Job, cross: CrossToolchain) -> Told:
    order = parts.order
    frames = order.block_frames
    if CHECK_FRAMES % frames:
        raise UnsupportedError(f"selftest: expected a block that divides {CHECK_FRAMES} frames")
    boot = order.boot.name if order.boot else ""
    header = [
        *(MAGIC, LAYOUT_VERSION, VERSION, _build_id(parts, job, cross)),
        *words_of_text(order.target.name, NAME_WORDS),
        *(order.clock_hz, frames),
        *words_of_text(boot, SHORT_WORDS),
        *words_of_text(cross.name, SHORT_WORDS),
        *parts.expected,
    ]
    return Told(
        header=header,
        expected=parts.expected,
        lite=f"nam_{parts.lite.name}",
        noise_shift=job.noise_shift,
        count_seconds=job.count_seconds,
        block_cycles=order.budget.block_cycles,
        calls={},
        predicted=(),
        driven=parts.driven,
    )


def _build_id(parts: _Parts, job: Job, cross: CrossToolchain) -> int:
    """Tell images apart: by what they are for, their compiler, and what is inside."""
    text = "\0".join(
        [
            cross.version,
            str(parts.order.clock_hz),
            str(job.count_seconds),
            *_generated(parts).values(),
        ]
    )
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little")


def _generated(parts: _Parts) -> dict[str, str]:
    """Return the C of sound and models; the models' arrays lie in one place."""
    board = parts.board
    files = {**contents_of(parts.sound).files, **emit(parts.lite)}
    for memory in _memories(parts):
        name = f"{memory.name}.c"
        files[name] = _sharing(files[name], board, memory)
    return files


def _memories(parts: _Parts) -> tuple[EngineMemory, ...]:
    plans = (parts.nano, parts.lite)
    return tuple(EngineMemory(f"nam_{plan.name}", plan.buffers) for plan in plans)


def _sharing(text: str, board: Board, memory: EngineMemory) -> str:
    """Put a model's arrays into sections that may lie over another model's."""
    for name in board.model_regions:
        own = board.region(name).section_of(constant=False)
        text = text.replace(
            f'NAM_SECTION("{own}")', f'NAM_SECTION("{section_name(board, name, memory)}")'
        )
    return text


def _linked(
    parts: _Parts, told: Told, cross: CrossToolchain, folder: Path, progress: Progress
) -> Image:
    files = {**_generated(parts), **files_of(told)}
    write_files(files, folder)
    around = contents_of(parts.sound).surroundings
    assert around is not None
    nano, order = f"nam_{parts.nano.name}.c", parts.order
    surroundings = replace(
        around,
        generated=tuple(name for name in files if name.endswith(".c") and name != nano),
        engines=_memories(parts),
        wraps=_WRAPPED,
        sections=_SECTIONS,
        through={"measure_call": tuple(dict.fromkeys(_measured_functions()))},
    )
    return build_image(
        folder,
        parts.nano.name,
        board=parts.board,
        boot=order.boot.name if order.boot else "",
        clock_hz=order.clock_hz,
        block_frames=order.block_frames,
        toolchain=cross,
        buffers=(),
        out_dir=folder,
        surroundings=surroundings,
        progress=progress,
    )


def _measured_functions() -> Iterator[str]:
    for pair in rule_functions():
        yield from pair
    yield from (rung.function for rung in RUNGS)


def _kernels(parts: _Parts) -> Iterator[tuple[Rung, str]]:
    """Yield the rungs that are kernels, with the C file each is in."""
    files = {rung.model: f"nam_{parts.lite.name}.c" for rung in RUNGS if rung.is_kernel}
    files["nano"] = f"nam_{parts.nano.name}.c"
    yield from ((rung, files[rung.model]) for rung in RUNGS if rung.is_kernel)


def _addresses(elf: Path, parts: _Parts) -> dict[str, int]:
    """Return the addresses of all kernels, by the names of their rungs.

    Raises:
        ToolError: the compiler left one out.

    """
    found = {(s.file, s.name): s.address for s in read_elf(elf).symbols if s.kind == "func"}
    places = {}
    for rung, file in _kernels(parts):
        if (file, rung.function) not in found:
            raise ToolError(f"selftest: expected {rung.function} in {file}, found none")
        places[rung.name] = found[file, rung.function] | 1
    return places


def _calls(elf: Path, parts: _Parts, job: Job, places: Mapping[str, int]) -> dict[str, KernelCall]:
    calls: dict[str, KernelCall] = {}
    for planned, model in ((parts.nano, "nano"), (parts.lite, "A2-Lite")):
        kernels = {r.name: places[r.name] for r in RUNGS if r.model == model}
        calls |= job.instruments.calls(elf, f"nam_{planned.name}", kernels)
    return calls
