"""Shows that what lies in a build's folder, its C and its firmware, has the reference's bits."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from host_sim.package_code import code_of
from host_sim.pedal_run import PedalImage
from host_sim.verify import Check, Verification, check_web_module
from host_sim.verify_module import check_module
from host_sim.verify_pedal import BuiltPedal, built_pedal, check_built_pedal
from host_sim.verify_places import choose_places
from host_sim.verify_subjects import Alone, Several, Subject
from namgen.build_record import FIRMWARE_NAMES, BuildRecord
from namgen.errors import NamgenError
from namgen.firmware.dfuse import dfuse_file
from namgen.firmware.elf import flat_image, read_elf
from namgen.lower import lower
from namgen.mpy.archs import arch_of
from namgen.mpy.glue import module_file
from namgen.nam_file import read
from namgen.order import Order
from namgen.packages.wasm import MODULE_FILE as WEB_FILE
from namgen.progress import Progress, part, silent
from namgen.selection.choosing import in_precision
from namgen.selection.recording import read_recording
from namgen.targets import load_target
from namgen.toolchain import find_cross

if TYPE_CHECKING:
    from namgen.boards import Boot
    from namgen.ir import Model
    from namgen.targets import Target


def verify_build(
    record: BuildRecord,
    *,
    places: Sequence[str] | None = None,
    progress: Progress = silent,
) -> Verification:
    """Compare the files of a build, as they lie there, with the reference.

    The reference computes the source file in the folder, with the options of the build. On the
    host the C is compiled and run. On the emulator it is compiled with the build's toolchain and
    called; then the machine code in `firmware.elf` is called; then the emulated pedal starts with
    that image and plays, and has to do so with the block and the clock the report names.
    `firmware.bin` and `firmware.dfu` must hold the image of `firmware.elf`.

    Other files that are not as `build` left them are noted; what counts is what they do.

    Raises:
        NamgenError: the folder is incomplete, its source is another, or a compiler or the
            emulator is missing.

    """
    target = load_target(record.target, record.variant)
    places, left_out = choose_places(places, None if target.is_module else target)
    built = functools.cache(functools.partial(built_pedal, record))
    bench = _Bench(record, target, _subject(record, built), built, progress)
    if "host" in places:
        bench.run("host", lambda: bench.subject.host(part(progress, 0.0, 0.3)))
    if "emulator" in places:
        bench.run("emulator", bench.module if target.is_module else bench.machine_code)
    if "node" in places:
        bench.run("node", bench.web_module)
    if target.makes_image:
        bench.image()
        if "emulator" in places:
            bench.firmware()
    notes = tuple(f"{record.folder}: {change}" for change in record.changes())
    return Verification(record.name, tuple(bench.checks), notes, tuple(bench.problems), left_out)


def _subject(record: BuildRecord, built: Callable[[], BuiltPedal]) -> Subject:
    """Take the captures out of a build's folder.

    Raises:
        NamgenError: a file is missing, or not what it was.

    """
    model = source_model(record)
    for name in record.sources:
        _check_copy(record, record.folder / name)
    if not record.loads_captures:
        return Alone(model, code_of(record, model.network.out_channels))
    sound = built().sound
    assert sound.engines is not None
    texts = {n: t for n, t in record.c_files.items() if n.startswith(("captures", "nam_"))}
    return Several(tuple(c.title for c in sound.captures), sound.engines, texts)


def source_model(record: BuildRecord) -> Model:
    """Lower the source file that lies beside the C, with the options of the build.

    Raises:
        NamgenError: it is not there, or not what it was.

    """
    if not record.source.is_file():
        raise NamgenError(
            f"{record.source}: expected the source of the build, which says what is right; "
            "found no such file"
        )
    found = hashlib.sha256(record.source.read_bytes()).hexdigest()
    if found != record.source_sha256:
        raise NamgenError(
            f"{record.source}: expected the file of the report (SHA-256 "
            f"{record.source_sha256[:8]}…), which says what is right; found another "
            f"({found[:8]}…); put it back, or build again"
        )
    model = lower(
        read(record.source),
        submodel=record.submodel,
        slim=record.slim,
        name=record.name,
        tanh=record.tanh,
        rate_hz=load_target(record.target, record.variant).only_rate_hz,
    )
    if record.recording is None:
        return in_precision(model, record.precision)
    _check_copy(record, record.recording)
    return in_precision(model, record.precision, recording=read_recording(record.recording))


def _check_copy(record: BuildRecord, copy: Path) -> None:
    """Refuse a copy of a source that is not what it was.

    Raises:
        NamgenError: it is missing, or another.

    """
    if not record.image.is_unchanged(copy):
        raise NamgenError(
            f"{copy}: expected the file of the report, which says what is right; found another, "
            "or none; put it back, or build again"
        )


@dataclass(slots=True, eq=False)
class _Bench:
    """Runs one check after the other; what keeps one from running is a problem, not the end."""

    record: BuildRecord
    target: Target
    subject: Subject
    built: Callable[[], BuiltPedal]  # decides on it anew, once
    progress: Progress
    checks: list[Check] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def run(self, name: str, check: Callable[[], Iterable[Check]]) -> None:
        """Run the checks of one kind."""
        try:
            self.checks += check()
        except NamgenError as error:
            self.problems += [f"{name}: not verified: {line}" for line in error.lines]

    def machine_code(self) -> Iterator[Check]:
        """Compile the C in the folder with the build's toolchain and call it."""
        cross = find_cross(
            self.record.toolchain or "zig",
            processor=self.target.processor.name,
            progress=self.progress,
        )
        yield from self.subject.machine_code(cross, part(self.progress, 0.3, 0.6))

    def module(self) -> Iterator[Check]:
        """Import the native module in the folder."""
        record, arch = self.record, arch_of(self.record.variant or "")
        path = record.folder / module_file(record.name, arch)
        if not path.is_file():
            raise NamgenError(f"{path.name}: expected a file, found none")
        yield check_module(
            source_model(record),
            path.read_bytes(),
            path.name,
            arch=arch.name,
            block_frames=record.block_frames,
            progress=part(self.progress, 0.3, 1.0),
        )

    def web_module(self) -> Iterator[Check]:
        """Play the WebAssembly module in the folder."""
        path = self.record.folder / WEB_FILE
        if not path.is_file():
            raise NamgenError(f"{path.name}: expected a file, found none")
        progress = part(self.progress, 0.3, 1.0)
        yield check_web_module(source_model(self.record), path.read_bytes(), progress)

    def image(self) -> None:
        """Check that the files to flash hold the same image."""
        path = self.record.folder / "firmware.elf"
        try:
            with _damage_told(self.record, path):
                self.problems += _image_problems(self.record.folder, self._boot)
        except NamgenError as error:
            self.problems += error.lines

    def firmware(self) -> None:
        """Check the machine code in the image, and the pedal it makes."""
        path = self.record.folder / "firmware.elf"
        if not path.is_file():
            return  # a problem already
        elf = path.read_bytes()
        for name, check in (("firmware", self._called), ("pedal", self._played)):
            self.run(name, functools.partial(self._guarded, path, functools.partial(check, elf)))

    def _guarded(self, path: Path, check: Callable[[], Iterable[Check]]) -> list[Check]:
        with _damage_told(self.record, path):
            return list(check())

    @property
    def _boot(self) -> Boot:
        return self.target.pedal.boot(self.record.boot or "")

    def _called(self, elf: bytes) -> Iterator[Check]:
        yield from self.subject.firmware(elf, part(self.progress, 0.6, 0.9))

    def _played(self, elf: bytes) -> Iterator[Check]:
        record, image = self.record, PedalImage(elf, self._boot.name, self.target.name)
        order = Order(self.target, record.clock_hz, record.block_frames, self._boot)
        progress = part(self.progress, 0.9, 1.0)
        check, played, wrong = check_built_pedal(self.built(), image, order, progress)
        self.problems += wrong
        for what, expected, found in (
            ("block of frames", record.block_frames, played.block_frames),
            ("clock in Hz", record.clock_hz, played.clock_hz),
        ):
            if expected != found:
                self.problems.append(
                    f"firmware.elf: {what}: expected {expected} as in the report, found {found}"
                )
        yield check


@contextmanager
def _damage_told(record: BuildRecord, elf: Path) -> Iterator[None]:
    """Turn what a damaged ELF file makes its readers raise into a message.

    Raises:
        NamgenError: the file is not as `build` left it and cannot be understood.

    """
    try:
        yield
    except NamgenError:
        raise
    except Exception as error:
        if record.image.is_unchanged(elf):
            raise  # the fault is namgen's
        raise NamgenError(f"{elf.name}: expected an image, found it damaged: {error}") from error


def _image_problems(folder: Path, boot: Boot) -> Iterator[str]:
    """Say what is missing, and where the three files do not hold the same image."""
    missing = [name for name in FIRMWARE_NAMES if not (folder / name).is_file()]
    yield from (f"{name}: expected a file, found none" for name in missing)
    elf, flashed, dfu = (folder / name for name in FIRMWARE_NAMES)
    if elf.name in missing:
        return
    origin, image = flat_image(read_elf(elf))
    if origin != boot.origin:
        yield (
            f"{elf.name}: expected an image for --boot {boot.name} at {boot.origin:#010x}, "
            f"found {origin:#010x}"
        )
    packed = dfuse_file(image, address=boot.download_address, title="namgen")
    for path, expected in ((flashed, image), (dfu, packed)):
        if path.name not in missing:
            yield from _difference(path, expected)


def _difference(path: Path, expected: bytes) -> Iterator[str]:
    found = path.read_bytes()
    if found == expected:
        return
    pairs = zip(found, expected, strict=False)
    place = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(found), len(expected)))
    yield f"{path.name}: expected the image of firmware.elf, found another from byte {place:#x} on"
