"""What lies in a folder that `build` made: its report read back, and what has changed since."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from namgen.errors import NamgenError, UnsupportedError
from namgen.fixed.precision import PRECISIONS, Precision
from namgen.naming import is_c_name
from namgen.output_dir import REPORT_NAME

FIRMWARE_NAMES = ("firmware.elf", "firmware.bin", "firmware.dfu")
"""The files of an image."""

SELFTEST = "selftest"
"""What the report of a self-test has, and no other."""

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """What a report says of an image: that of a build, or of a self-test."""

    folder: Path
    target: str
    boot: str | None  # None: the target has no firmware
    board: str | None  # a name, or a file in the folder; None: nobody says
    hashes: Mapping[str, str]  # of every file, by its name

    def is_unchanged(self, path: Path) -> bool:
        """Whether a file of the folder has the bytes that it was given."""
        name = path.relative_to(self.folder).as_posix()
        return _state(path, self.hashes.get(name, "")) == ""


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """One build, as its report tells it; nothing is left to a default."""

    folder: Path
    source: Path  # the copy of the source file in the folder
    source_sha256: str
    name: str
    target: str
    variant: str | None  # of a package
    state: str  # where what is remembered lies, as `Order.state`
    boot: str | None  # None: the target has no firmware
    clock_hz: int
    block_frames: int
    toolchain: str | None
    submodel: str
    slim: float | None
    tanh: str
    precision: Precision
    recording: Path | None  # the copy of what integers were made for; None: namgen's own guitar
    vector: str | None  # the vector unit of a host's layout
    pedal: Mapping[str, Any] | None  # as a pedal.toml says it; None: C alone
    hashes: Mapping[str, str]  # of every file, by its name

    @property
    def c_files(self) -> dict[str, str]:
        """The text of every C file in the folder, as it is now, by its path there.

        Raises:
            NamgenError: one is not UTF-8 text, or there is none of the model's name.

        """
        written = [name for name in self.hashes if name.endswith((".c", ".h"))]
        beside = (path.name for path in self.folder.glob("*.[ch]"))
        names = sorted({self.main, *written, *beside})
        for name in names:
            if not (self.folder / name).is_file():
                raise NamgenError(f"{self.folder}: expected {name}, found no such file")
        return {name: _text(self.folder / name) for name in names}

    @property
    def main(self) -> str:
        """The path of the C file that the others serve; packages have it in a folder."""
        main = "captures.c" if self.loads_captures else f"nam_{self.name}.c"
        return next((name for name in self.hashes if name.rpartition("/")[2] == main), main)

    @property
    def loads_captures(self) -> bool:
        """Whether captures are loaded, and play one at a time; it may be one that rests."""
        return "captures.c" in self.hashes

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the copies of all that it was made from: captures, cabinets, a board's file."""
        endings = (".nam", ".wav", ".toml")
        return tuple(name for name in self.hashes if name.lower().endswith(endings))

    @property
    def _captures(self) -> Sequence[Mapping[str, Any]]:
        captures: Sequence[Mapping[str, Any]] = (self.pedal or {}).get("capture", ())
        return captures

    @property
    def image(self) -> ImageRecord:
        """What is said of its image."""
        board = (self.pedal or {}).get("board")
        named = board if isinstance(board, str) else None
        return ImageRecord(self.folder, self.target, self.boot, named, self.hashes)

    def changes(self) -> tuple[str, ...]:
        """Say which files are not as `build` left them."""
        folders = {name.partition("/")[0] for name in self.hashes if "/" in name}
        present = {path.name for path in self.folder.iterdir() if path.name != REPORT_NAME}
        states = {
            name: _state(self.folder / name, sha256) for name, sha256 in self.hashes.items()
        } | dict.fromkeys(present - set(self.hashes) - folders, "added")
        return tuple(
            f"{name}: {state} since the build" for name, state in sorted(states.items()) if state
        )


def is_build(path: Path) -> bool:
    """Whether a path means the result of a build: its folder, its report or its firmware."""
    return path.is_dir() or path.name in (REPORT_NAME, *FIRMWARE_NAMES)


def read_record(path: Path) -> BuildRecord:
    """Read the report of the build that `path` belongs to, as `is_build` tells.

    Raises:
        NamgenError: there is none, or an older version of namgen wrote it.

    """
    folder, told = _report(path)
    report = folder / REPORT_NAME
    if "generator" not in told:
        raise NamgenError(f"{report}: expected the report of a build, found {_other(told)}")
    if "options" not in told:
        raise UnsupportedError(
            f"{report}: expected the build's options, found a report of {told['generator']!s}; "
            "build it again with this version"
        )
    try:
        return _record(folder, told)
    except (KeyError, TypeError, ValueError) as error:
        raise NamgenError(
            f"{report}: expected the report of a build, found it damaged: {error}"
        ) from None


def read_image_record(path: Path) -> ImageRecord:
    """Read what the report of a build, or of a self-test, says of the image beside it.

    Raises:
        NamgenError: there is no such report, or an older version of namgen wrote it.

    """
    folder, told = _report(path)
    if SELFTEST not in told:
        return read_record(path).image
    try:
        target, boot = (_checked(told[key], str) for key in ("target", "boot"))
        return ImageRecord(folder, target, boot, None, _hashes(told))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise NamgenError(
            f"{folder / REPORT_NAME}: expected the report of a self-test, found it damaged: {error}"
        ) from None


def _report(path: Path) -> tuple[Path, Mapping[str, Any]]:
    """Return the folder that `path` belongs to, and the JSON object that its report is."""
    folder = path if path.is_dir() else path.parent
    report = folder / REPORT_NAME
    try:
        told = json.loads(report.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NamgenError(
            f"{folder}: expected the folder of a build, found no {REPORT_NAME} in it"
        ) from None
    except (OSError, ValueError) as error:
        raise NamgenError(f"{report}: expected the report of a build: {error}") from None
    return folder, told if isinstance(told, dict) else {}


def _other(told: Mapping[str, Any]) -> str:
    is_selftest = SELFTEST in told
    return "that of a self-test, which measures a pedal" if is_selftest else "another JSON file"


def _hashes(told: Mapping[str, Any]) -> dict[str, str]:
    return {_plain(n): _checked(facts["sha256"], str) for n, facts in told["files"].items()}


def _record(folder: Path, told: Mapping[str, Any]) -> BuildRecord:
    model, options = told["model"], told["options"]
    tool = options["toolchain"]
    return BuildRecord(
        folder=folder,
        source=folder / _plain(model["file"]),
        source_sha256=_checked(model["sha256"], str),
        name=_identifier(options["name"]),
        target=_checked(options["target"], str),
        variant=None if options.get("variant") is None else _checked(options["variant"], str),
        state=_checked(options.get("state", "static"), str),
        boot=None if options["boot"] is None else _checked(options["boot"], str),
        clock_hz=_checked(options["clock_hz"], int),
        block_frames=_checked(options["block_frames"], int),
        toolchain=None if tool is None else _checked(tool["name"], str),
        submodel=_checked(options["submodel"], str),
        slim=None if options["slim"] is None else float(options["slim"]),
        tanh=_checked(options["tanh"], str),
        precision=_precision(options.get("precision", "float32")),
        recording=_copy(folder, options.get("calibrate")),
        vector=None if options["vector"] is None else _checked(options["vector"], str),
        pedal=None if told["pedal"] is None else _checked(told["pedal"], dict),
        hashes=_hashes(told),
    )


def _precision(name: object) -> Precision:
    for precision in PRECISIONS[1:]:
        if name == precision:
            return precision
    raise ValueError(f"{name!r} is no precision")


def _checked(value: object, kind: type[_Value]) -> _Value:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _plain(name: object) -> str:
    """A file name that stays in its folder, or a path in it."""
    text = _checked(name, str)
    if not set(text.split("/")).isdisjoint(("", ".", "..")) or re.search(r"[\\\0]", text):
        raise ValueError(f"{text!r} is no file name")
    return text


def _copy(folder: Path, name: object) -> Path | None:
    return None if name is None else folder / _plain(name)


def _identifier(name: object) -> str:
    text = _checked(name, str)
    if not is_c_name(text):
        raise ValueError(f"{text!r} is no name of a model")
    return text


def _state(path: Path, sha256: str) -> str:
    if not path.exists():
        return "missing"
    if not path.is_file():
        return "no longer a file"
    changed = hashlib.sha256(path.read_bytes()).hexdigest() != sha256
    return "changed" if changed else ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except ValueError:
        raise NamgenError(f"{path}: expected C in UTF-8, found other bytes") from None
