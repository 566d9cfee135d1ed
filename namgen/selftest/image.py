"""Makes the self-test's image: a pedal of the project's own captures, with the test around it.

It is built three times. The first image says where the kernels are; the emulator then tells what
the models call them with; what the second one is predicted to take goes into the third. Nothing
moves between them, which is checked.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from namgen.boards import Board
from namgen.emit import emit
from namgen.errors import ToolError, UnsupportedError
from namgen.firmware import Image, build_image
from namgen.firmware.elf import read_elf
from namgen.firmware.engines import EngineMemory, copied_name, copied_symbol, section_name
from namgen.measured import LADDER
from namgen.order import Order
from namgen.output_dir import REPORT_NAME, check_replaceable, whole_folder
from namgen.pedal.emit import contents_of
from namgen.progress import Progress, Stage, part, silent
from namgen.scratch import scratch_folder, write_files
from namgen.selftest.ladder import RUNGS, Rung, rule_names
from namgen.selftest.layout import MAGIC, NAME_WORDS, SHORT_WORDS, words_of_text
from namgen.selftest.layout import VERSION as LAYOUT_VERSION
from namgen.selftest.parts import CHECK_FRAMES, FAST_REGION, Parts, Place, decided
from namgen.selftest.report import report_of
from namgen.selftest.spelling import RULE_FUNCTION, KernelCall, Span, Told, files_of
from namgen.toolchain import CrossToolchain, find_cross

NOISE_SHIFT = 11
"""Two to the power of this many blocks are listened to, twice."""
COUNT_SECONDS = 60

_WRAPPED = ("reset_entry", "pedal_process", "pedal_skip", "pedal_use", "pedal_fade_in")
_SECTIONS = """
/* Kept by the first instructions: neither cleared nor filled by the start-up. */
SECTIONS
{{
    .entry_state (NOLOAD) : ALIGN(16) {{ *(.entry_state) }} > DTCM
}}

/* What the self-test itself copies, and what it only reads. */
MEMORY
{{
    D2 (rwx) : ORIGIN = {origin:#010x}, LENGTH = {size_bytes}
}}
SECTIONS
{{
    .d2_text : ALIGN(32)
    {{
        ld_d2_text_start = .;
        *(.d2_text)
        . = ALIGN(8);
        ld_d2_text_end = .;
    }} > D2 AT> CODE
    ld_d2_text_load = LOADADDR(.d2_text);
    .d2_bss (NOLOAD) : ALIGN(32) {{ *(.d2_bss) }} > D2
}}
"""
_D2_REGION = "d2_sram"


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
    runs_shift: int = 0
    progress: Progress = silent


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What was made."""

    out_dir: Path
    order: Order
    image: Image
    predicted: tuple[Span, ...]
    toolchain: str


def build_selftest(job: Job) -> Made:
    """Build it; the folder appears when all of it is there.

    Raises:
        NamgenError: the choice, a tool or the output folder is not right.

    """
    check_replaceable(job.out_dir)
    job.progress(Stage("planning", 0.0))
    parts = decided(Place(job.board, job.target, job.clock, job.boot))
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


# ---- three images


def _made(
    parts: Parts, job: Job, cross: CrossToolchain, scratch: Path
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


def _told(parts: Parts, job: Job, cross: CrossToolchain) -> Told:
    order = parts.order
    frames = order.block_frames
    if CHECK_FRAMES % frames:
        raise UnsupportedError(f"selftest: expected a block that divides {CHECK_FRAMES} frames")
    boot = order.boot.name if order.boot else ""
    header = [
        *(MAGIC, LAYOUT_VERSION, LADDER, _build_id(parts, job, cross)),
        *words_of_text(order.target.name, NAME_WORDS),
        *(order.clock_hz, frames),
        *words_of_text(boot, SHORT_WORDS),
        *words_of_text(cross.name, SHORT_WORDS),
        *(model.expected for model in parts.models),
    ]
    return Told(
        header=header,
        expected=[model.expected for model in parts.models],
        prefixes=["sound", *(model.prefix for model in parts.models[1:])],
        copied=[
            copied_symbol(parts.board, FAST_REGION, m.memory) if m.memory.is_copied else None
            for m in parts.models
        ],
        noise_shift=job.noise_shift,
        count_seconds=job.count_seconds,
        runs_shift=job.runs_shift,
        block_cycles=order.budget.block_cycles,
        calls={},
        predicted=(),
        driven=parts.driven,
    )


def _build_id(parts: Parts, job: Job, cross: CrossToolchain) -> int:
    """Tell images apart: by what they are for, their compiler, and what is inside."""
    text = "\0".join(
        [
            cross.version,
            str(parts.order.clock_hz),
            str((job.count_seconds, job.runs_shift)),
            *_generated(parts).values(),
        ]
    )
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little")


def _generated(parts: Parts) -> dict[str, str]:
    """Return the C of sound and models; the models' arrays lie in one place."""
    board = parts.board
    files = {**contents_of(parts.sound).files}
    for model in parts.models[1:]:
        files |= emit(model.plan)
    for memory in _memories(parts):
        name = f"{memory.name}.c"
        files[name] = _sharing(files[name], board, memory)
    return files


def _memories(parts: Parts) -> tuple[EngineMemory, ...]:
    return tuple(model.memory for model in parts.models)


def _sharing(text: str, board: Board, memory: EngineMemory) -> str:
    """Put a model's arrays into sections that may lie over another model's."""
    for name in board.model_regions:
        own = board.region(name).section_of(constant=False)
        text = text.replace(
            f'NAM_SECTION("{own}")', f'NAM_SECTION("{section_name(board, name, memory)}")'
        )
        if memory.is_copied:
            own = board.region(name).section_of(constant=True)
            text = text.replace(
                f'NAM_SECTION("{own}")', f'NAM_SECTION("{copied_name(board, name, memory)}")'
            )
    return text


def _linked(
    parts: Parts, told: Told, cross: CrossToolchain, folder: Path, progress: Progress
) -> Image:
    files = {**_generated(parts), **files_of(told)}
    write_files(files, folder)
    around = contents_of(parts.sound).surroundings
    assert around is not None
    first, order = parts.models[0], parts.order
    surroundings = replace(
        around,
        generated=tuple(
            name for name in files if name.endswith(".c") and name != f"{first.prefix}.c"
        ),
        engines=_memories(parts),
        wraps=_WRAPPED,
        sections=_sections(parts.board),
        through={
            "measure_call": (RULE_FUNCTION, *dict.fromkeys(rung.function for rung in RUNGS)),
            RULE_FUNCTION: tuple(rule_names()),
        },
    )
    return build_image(
        folder,
        first.plan.name,
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


def _sections(board: Board) -> str:
    """Spell what the linker is told beside the pedal's sections: D2 SRAM behind the DMA's part."""
    origin = board.dma.end
    return _SECTIONS.format(origin=origin, size_bytes=board.region(_D2_REGION).end - origin)


def _kernels(parts: Parts) -> Iterator[tuple[Rung, str]]:
    """Yield the rungs that are kernels, with the C file each is in."""
    files = {model.of.title: f"{model.prefix}.c" for model in parts.models}
    yield from ((rung, files[rung.model.title]) for rung in RUNGS if rung.is_kernel and rung.model)


def _addresses(elf: Path, parts: Parts) -> dict[str, int]:
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


def _calls(elf: Path, parts: Parts, job: Job, places: Mapping[str, int]) -> dict[str, KernelCall]:
    calls: dict[str, KernelCall] = {}
    for model in parts.models:
        kernels = {r.name: places[r.name] for r in RUNGS if r.is_kernel and r.model is model.of}
        calls |= job.instruments.calls(elf, model.prefix, kernels)
    return calls
