"""What is to be written: an image with the place it goes to, checked before any device is asked."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path

from namgen.boards import Board, Boot, Window
from namgen.build_record import FIRMWARE_NAMES, ImageRecord, read_image_record
from namgen.errors import ChoiceError, FileError, NamgenError, Problem, UnsupportedError
from namgen.firmware.dfuse import DfuseError, read_dfuse
from namgen.flashing.device import DAISY_ADDRESS, ROM_ADDRESS, Mode
from namgen.flashing.sentences import SAID
from namgen.output_dir import REPORT_NAME
from namgen.pedal_boards import PedalBoard, is_file_name, load_pedal_board
from namgen.targets import DEFAULT_TARGET, load_target

_IMAGE, _DFUSE = ".bin", ".dfu"
_VECTORS = struct.Struct("<II")
_MORE_ROOM = "for a board with more, name the folder of its build"
_THUMB = 1
_STACK_ALIGNMENT = 8
_MOST_FILE_BYTES = 1 << 24
_MODES: dict[int, Mode] = {ROM_ADDRESS: "rom", DAISY_ADDRESS: "daisy"}


@dataclass(frozen=True, slots=True, eq=False)
class FlashImage:
    """An image that can start on a board."""

    path: Path
    data: bytes
    boot: Boot
    board: Board
    pedal_board: PedalBoard | None = None  # None: nobody says what carries it
    is_reported: bool = False  # by a build; else what the vectors tell is all that is known

    @property
    def address(self) -> int:
        """Where it is written."""
        return self.boot.download_address

    @property
    def mode(self) -> Mode:
        """The bootloader that takes it."""
        return _MODES[self.address]

    @property
    def sha256(self) -> str:
        """Of its bytes."""
        return hashlib.sha256(self.data).hexdigest()

    def boots_for(self, mode: Mode) -> tuple[str, ...]:
        """Name the ways to start, `--boot`, of images that another bootloader takes."""
        taken = boots_taken(self.board, mode)
        return tuple(boot.name for boot in taken if len(self.data) <= boot.limit_bytes)


def boots_taken(board: Board, mode: Mode) -> tuple[Boot, ...]:
    """Return the ways to start of images that a bootloader takes."""
    return tuple(boot for boot in board.boots if _MODES.get(boot.download_address) == mode)


def read_image(path: Path) -> FlashImage:
    """Read the image of a folder of `build` or `selftest`, or of a .bin or .dfu file.

    Beside the report of what made it, the report says what it is for; else its vectors.

    Raises:
        NamgenError: there is none, it cannot start, or it is not as it was built.

    """
    if path.is_dir() or path.name == REPORT_NAME:
        record = read_image_record(path)
        return _of_build(record, record.folder / "firmware.bin")
    if path.suffix.lower() not in (_IMAGE, _DFUSE):
        raise UnsupportedError(
            f"{path}: expected the folder of a build, firmware.bin, a .dfu file or a pedal.toml"
            f"{_instead(path)}"
        )
    if path.name in FIRMWARE_NAMES and (path.parent / REPORT_NAME).is_file():
        return _of_build(read_image_record(path), path)
    return _of_file(path)


def _instead(path: Path) -> str:
    """Say how a capture becomes an image."""
    is_capture = path.suffix.lower() == ".nam"
    return f"; `namgen build {path} --board NAME` makes one of a capture" if is_capture else ""


def _of_build(record: ImageRecord, path: Path) -> FlashImage:
    """Read an image that its report describes."""
    try:
        target = load_target(record.target)
        boot = target.pedal.boot(record.boot) if record.boot and target.makes_image else None
    except ChoiceError as error:  # of the report's, not of the command line
        raise NamgenError(f"{record.folder / REPORT_NAME}: {error}") from error
    if boot is None:
        raise UnsupportedError(_no_image(record))
    check_loader(str(record.folder), record.target, boot)
    if path.name not in record.hashes:
        raise NamgenError(f"{record.folder}: expected {path.name} among its files, found none")
    data = _read(path)
    if not record.is_unchanged(path):
        raise NamgenError(
            f"{path}: changed since the build; `namgen build` makes it again, and away from "
            f"{REPORT_NAME} it is taken as it is"
        )
    data = _payload(path, data, boot)
    return built_image(path, data, boot, target.pedal, _pedal_board(record))


def built_image(
    path: Path, data: bytes, boot: Boot, board: Board, pedal_board: PedalBoard | None
) -> FlashImage:
    """Take the image of a build.

    Raises:
        FileError: it cannot start, or has no room.

    """
    image = FlashImage(path, data, boot, board, pedal_board, is_reported=True)
    _check(image)
    return image


def is_told_alone(image: FlashImage) -> bool:
    """Whether an image's file is taken for the same without the report of its build."""
    told = load_target(DEFAULT_TARGET).pedal
    same = [boot for boot in told.boots if boot.name == image.boot.name]
    return any(
        (boot.origin, boot.download_address) == (image.boot.origin, image.address)
        and len(image.data) <= boot.limit_bytes
        for boot in same
    )


def check_loader(name: str, target: str, boot: Boot) -> None:
    """Refuse a way to start whose bootloader namgen does not know; `name` is what has the image.

    Raises:
        UnsupportedError: it takes images in another way, which is said.

    """
    if boot.download_address not in _MODES:
        drive = (f"copy firmware.bin onto the drive {boot.drive}",) if boot.drive else ()
        instead = "; ".join((*drive, *boot.steps))
        raise UnsupportedError(
            f"{name}: {target} has no bootloader that namgen flashes by: {instead}"
        )


def _no_image(record: ImageRecord) -> str:
    folder = record.folder
    if record.boot is not None:
        return (
            f"{folder}: expected an image, found a project for libDaisy's make; "
            f"`make -C {folder} program-dfu` puts it on the board"
        )
    return (
        f"{folder}: expected an image, found C for {record.target}; "
        "`namgen build --board NAME` makes one, `namgen board` lists the boards"
    )


def _pedal_board(record: ImageRecord) -> PedalBoard | None:
    named = record.board
    if named is None:
        return None
    try:
        return load_pedal_board(str(record.folder / named) if is_file_name(named) else named)
    except NamgenError:  # it serves hints alone
        return None


def _of_file(path: Path) -> FlashImage:
    """Read an image of which nothing but its bytes is known: for a Daisy, as most are."""
    file = _read(path)
    board = load_target(DEFAULT_TARGET).pedal
    boot = _boot_told(path, _payload(path, file, None), board)
    data = _payload(path, file, boot)
    image = FlashImage(path, data, boot, board)
    _check(image)
    return image


def _read(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise _problem(path, "expected a file, found a device or pipe")
        if path.stat().st_size > _MOST_FILE_BYTES:
            raise _problem(path, f"expected at most {_MOST_FILE_BYTES:,} bytes")
        return path.read_bytes()
    except FileNotFoundError:
        raise _problem(path, "expected an image, found no such file") from None
    except OSError as error:
        raise _problem(path, f"cannot be read: {error.strerror or error}") from error


def _payload(path: Path, file: bytes, boot: Boot | None) -> bytes:
    """Return the image in a file; in a .dfu for another address than that of `boot` is none."""
    if path.suffix.lower() != _DFUSE:
        return file
    try:
        found = read_dfuse(file)
    except DfuseError as error:
        raise _problem(path, str(error)) from error
    if boot is not None and found.address != boot.download_address:
        raise _problem(
            path,
            f"it goes to 0x{found.address:08x}, and its vectors are those of --boot {boot.name}, "
            f"which goes to 0x{boot.download_address:08x}",
        )
    return found.data


def _boot_told(path: Path, data: bytes, board: Board) -> Boot:
    """Tell from the vectors where an image runs."""
    _, reset = _vectors(path, data)
    for boot in board.boots:
        if Window(boot.origin, boot.limit_bytes).holds(reset & ~_THUMB, 2):
            return boot
    starts = ", ".join(f"0x{boot.origin:08x} ({boot.name})" for boot in board.boots)
    raise _problem(
        path,
        f"its program begins at 0x{reset:08x}, and images of a Daisy lie at {starts}",
    )


def _vectors(path: Path, data: bytes) -> tuple[int, int]:
    """Return stack pointer and reset vector."""
    if not data:
        raise _problem(path, SAID.empty)
    if len(data) < _VECTORS.size:
        raise _problem(path, f"expected an image, found {len(data)} bytes")
    stack, reset = _VECTORS.unpack_from(data)
    return stack, reset


def _check(image: FlashImage) -> None:
    """Refuse what cannot start, or has no room.

    Raises:
        FileError: all that is wrong with it.

    """
    size, boot = len(image.data), image.boot
    stack, reset = _vectors(image.path, image.data)
    problems = []
    if size > boot.limit_bytes:
        problems.append(_too_large(image))
    ram = [region for region in image.board.regions if region.kind == "ram"]
    inside = any(region.origin < stack <= region.end for region in ram if not region.code_section)
    if not inside or stack % _STACK_ALIGNMENT:
        problems.append(f"its stack begins at 0x{stack:08x}: expected a multiple of 8 in RAM")
    if not reset & _THUMB:
        problems.append(f"its reset vector is 0x{reset:08x}: expected an odd one, as of Thumb code")
    if not Window(boot.origin, size).holds(reset & ~_THUMB, 2):
        end = boot.origin + size - 1
        problems.append(
            f"its reset vector is 0x{reset:08x}: expected 0x{boot.origin:08x} to 0x{end:08x}, "
            f"where --boot {boot.name} has the image"
        )
    if problems:
        raise FileError(str(image.path), [Problem("", said) for said in problems])


def _too_large(image: FlashImage) -> str:
    size, boot = len(image.data), image.boot
    over, of = size - boot.limit_bytes, "" if image.is_reported else " of a Daisy"
    said = SAID.too_large.format(
        size=size, more=over, boot=boot.name, of=of, limit=boot.limit_bytes
    )
    return said if image.is_reported else f"{said}; {_MORE_ROOM}"


def _problem(path: Path, said: str) -> FileError:
    return FileError(str(path), [Problem("", said)])
