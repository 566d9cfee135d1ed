"""From generated C to a flashable image: compile, link, check, and write bin and DfuSe files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from namgen.blocks import check_block
from namgen.boards import Board, Boot, Window
from namgen.errors import BudgetError, ToolError, UnsupportedError
from namgen.firmware.dfuse import dfuse_file
from namgen.firmware.elf import check_image, flat_image, read_elf, used_bytes
from namgen.firmware.engines import (
    OVERLAPPING,
    EngineMemory,
    PlannedBuffer,
    section_names,
    shared_bytes,
)
from namgen.firmware.link_script import extent, link_script, linked_regions
from namgen.firmware.rooms import (
    MODEL_PREFIX,
    PLACED,
    Settings,
    headers_of,
    macros_of,
    options_of,
    room_of,
)
from namgen.firmware.stack import check_stack
from namgen.firmware.wiring_header import HEADER, wiring_header
from namgen.progress import Progress, Stage, silent
from namgen.resources import firmware_dir, firmware_sources
from namgen.scratch import scratch_folder
from namgen.toolchain import CrossToolchain

__all__ = ["PLACED", "Image", "PlannedBuffer", "Surroundings", "build_image"]

_SECTIONS = "sections.ld"
_SLACK_BYTES = 1 << 24


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an image has around its model."""

    plays: str  # prefix of the functions that the pedal plays
    generated: tuple[str, ...]  # C files beside the model's
    sources: tuple[str, ...]  # patterns of `firmware_sources`, beside the board's
    wiring: Mapping[str, str] = field(default_factory=dict)  # headers beside the board's, by name
    options: Mapping[str, str] = field(default_factory=dict)  # macros of board and pedal
    engines: tuple[EngineMemory, ...] = ()  # of several captures, the model's among them
    wraps: tuple[str, ...] = ()  # functions that others stand for, by the linker's `--wrap`
    sections: str = ""  # of the linker script, behind all others
    through: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # functions that are called through pointers, by what calls them


@dataclass(frozen=True, slots=True)
class Image:
    """The files of one build, and how much of the board they take."""

    elf: Path
    bin: Path
    dfu: Path
    size_bytes: int  # of the .bin
    limit_bytes: int  # of the place it goes to
    download_address: int
    used_bytes: dict[str, int]  # per region, without the stack
    stack_worst_bytes: int
    stack_reserved_bytes: int


def build_image(
    c_dir: Path,
    model_name: str,
    *,
    board: Board,
    boot: str = "flash",
    clock_hz: int,
    block_frames: int,
    toolchain: CrossToolchain,
    buffers: Sequence[PlannedBuffer],
    out_dir: Path,
    code: Sequence[PlannedBuffer] = (),
    surroundings: Surroundings | None = None,
    options: Mapping[str, str] | None = None,
    progress: Progress = silent,
) -> Image:
    """Compile `nam_<model_name>.c` in `c_dir` with the firmware into files in `out_dir`.

    `buffers` are the model's arrays, `code` its functions that have a memory to run in.
    Without `surroundings`, the pedal plays the model by itself. `options` are macros of the
    firmware, such as PEDAL_IDLE_SLEEP. The same input gives the same bytes, whatever the folders
    are called.

    Raises:
        UnsupportedError: the board cannot do what is asked.
        BudgetError: the program does not fit; with numbers.
        ToolError: the toolchain failed, or the program is not what was planned.

    """
    mode = _checked(board, boot, clock_hz, block_frames)
    out_dir.mkdir(parents=True, exist_ok=True)
    elf_path = out_dir / "firmware.elf"
    model = f"{MODEL_PREFIX}_{model_name}"
    about = surroundings or Surroundings(model, (), ())
    told = {**about.options, **(options or {})}
    settings = Settings(board, mode, clock_hz, block_frames, about.plays, told)
    generated = (*about.generated, f"{model}.c")
    sources = (
        *firmware_sources((*board.sources, *about.sources)),
        *(c_dir / name for name in generated),
    )
    with scratch_folder() as folder:
        for name, text in {HEADER: wiring_header(board), **about.wiring}.items():
            (folder / name).write_text(text, encoding="utf-8")
        objects = _compile(sources, c_dir, settings, toolchain, folder, progress)
        linking = _Linking(board, mode, about, toolchain)
        _link(objects, elf_path, linking)
    return _finish(elf_path, linking, buffers=buffers, code=code, c_source=sources[-1])


@dataclass(frozen=True, slots=True)
class _Linking:
    """Where a program is linked to, and by what."""

    board: Board
    boot: Boot
    around: Surroundings
    toolchain: CrossToolchain

    @property
    def engines(self) -> tuple[EngineMemory, ...]:
        """What may lie in one place."""
        return self.around.engines

    def script(self, *, slack_bytes: int = 0) -> str:
        """Spell the linker script."""
        sections = (firmware_dir() / _SECTIONS).read_text(encoding="utf-8")
        return (
            link_script(
                self.board, self.boot, sections, engines=self.engines, slack_bytes=slack_bytes
            )
            + self.around.sections
        )

    def link(self, objects: Sequence[Path], script: Path, out: Path) -> None:
        """Link by a script; only engines may overlap, which is checked afterwards."""
        extra = [*(OVERLAPPING if self.engines else ()), *self._wraps]
        self.toolchain.link(objects, script, out, extra=extra)

    @property
    def _wraps(self) -> Iterator[str]:
        return (f"--wrap={name}" for name in self.around.wraps)


def _checked(board: Board, boot: str, clock_hz: int, block_frames: int) -> Boot:
    if clock_hz not in board.clock.options_hz:
        options = ", ".join(str(hz) for hz in board.clock.options_hz)
        raise UnsupportedError(f"board {board.name}: clock: expected {options}, found {clock_hz}")
    check_block(block_frames)
    return board.boot(boot)


def _compile(
    sources: Sequence[Path],
    c_dir: Path,
    settings: Settings,
    toolchain: CrossToolchain,
    folder: Path,
    progress: Progress,
) -> list[Path]:
    objects: list[Path] = []
    for source in sources:
        progress(Stage("compiling the firmware", len(objects) / len(sources)))
        room = room_of(source)
        out = folder / (f"{source.stem}-model.o" if room == "model" else f"{room}-{source.stem}.o")
        toolchain.compile(
            source,
            out,
            include_dirs=headers_of(room, wiring=folder, model=c_dir),
            defines=macros_of(room, settings),
            extra=options_of(room),
        )
        objects.append(out)
    return objects


def _link(objects: Sequence[Path], out: Path, linking: _Linking) -> None:
    script = objects[0].parent / "firmware.ld"
    script.write_text(linking.script(), encoding="utf-8")
    try:
        linking.link(objects, script, out)
    except ToolError as error:
        script.write_text(linking.script(slack_bytes=_SLACK_BYTES), encoding="utf-8")
        overflows = _overflows(objects, script, linking)
        if overflows:
            raise BudgetError(*overflows) from error
        raise


def _overflows(objects: Sequence[Path], script: Path, linking: _Linking) -> list[str]:
    """One line per memory that is too small; none when something else keeps it from linking."""
    measured, board, boot = script.with_suffix(".elf"), linking.board, linking.boot
    try:
        linking.link(objects, script, measured)
    except ToolError:
        return []
    elf = read_elf(measured)
    needs = [("image, " + boot.title, len(flat_image(elf)[1]), boot.limit_bytes)]
    for region in linked_regions(board):
        window = extent(board, region)
        reach = Window(window.origin, window.size_bytes + _SLACK_BYTES)
        shared = shared_bytes(linking.engines, region.name)
        rest = elf.end_within(reach, but=section_names(linking.engines, board)) - window.origin
        needs.append((region.name, rest + shared, window.size_bytes))
    return [
        f"{place}: {needed} bytes are needed, {there} are there ({needed - there} too many)"
        for place, needed, there in needs
        if needed > there
    ]


def _text(c_dir: Path) -> str:
    """All generated C of a folder."""
    return "".join(path.read_text(encoding="utf-8") for path in sorted(c_dir.glob("*.[ch]")))


def _finish(
    elf_path: Path,
    linking: _Linking,
    *,
    buffers: Sequence[PlannedBuffer],
    code: Sequence[PlannedBuffer],
    c_source: Path,
) -> Image:
    elf, board, boot = read_elf(elf_path), linking.board, linking.boot
    start, image = flat_image(elf)
    if start != boot.origin:
        raise ToolError(f"image: expected to start at {boot.origin:#010x}, found {start:#010x}")
    check_image(
        elf,
        board=board,
        boot=boot,
        buffers=buffers,
        c_file=c_source.name,
        c_text=_text(c_source.parent),
        image_bytes=len(image),
        engines=linking.engines,
        code=code,
    )
    stack_worst = check_stack(elf, board.stack, through=linking.around.through)
    bin_path, dfu_path = elf_path.with_suffix(".bin"), elf_path.with_suffix(".dfu")
    bin_path.write_bytes(image)
    dfu_path.write_bytes(dfuse_file(image, address=boot.download_address, title="namgen"))
    return Image(
        elf=elf_path,
        bin=bin_path,
        dfu=dfu_path,
        size_bytes=len(image),
        limit_bytes=boot.limit_bytes,
        download_address=boot.download_address,
        used_bytes=used_bytes(elf, board),
        stack_worst_bytes=stack_worst,
        stack_reserved_bytes=board.stack.size_bytes,
    )
