"""The files that a pedal is made of, and their copies beside what was made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from namgen.errors import OutputError
from namgen.nam_file.types import NamFile
from namgen.pedal.deciding import Pedal
from namgen.pedal.said import CabinetName, CaptureSaid, FileName, PedalSaid, RecordingName
from namgen.pedal.sound import SoundPlan
from namgen.pedal_boards import is_file_name
from namgen.selection.found import Selection
from namgen.toml_data import as_data

_LONGEST_STEM = 200
"""Bytes of a file name that are kept for a copy."""

_CAPTURE_ENDINGS = (".nam", ".wav")


@dataclass(frozen=True, slots=True)
class Copies:
    """Names of the copies of files, by the paths of the originals."""

    names: Mapping[Path, str]
    recordings: Mapping[Path, str]  # with the SHA-256 of what was read

    def write(self, folder: Path, files: Mapping[Path, NamFile]) -> None:
        """Copy everything; of captures and recordings it is known what was read.

        Raises:
            OutputError: a file has changed since it was read.

        """
        known = {**self.recordings, **{path: file.sha256 for path, file in files.items()}}
        for path, name in self.names.items():
            data = path.read_bytes()
            if path in known and hashlib.sha256(data).hexdigest() != known[path]:
                raise OutputError(f"{path}: changed while it was being built; build it again")
            (folder / name).write_bytes(data)


def copies_of(pedal: Pedal, sound: SoundPlan) -> Copies:
    """Name the copies: as the originals, where that is safe and no other is called so."""
    names: dict[Path, str] = {}
    for path, otherwise in _files(pedal, sound):
        if path not in names:
            names[path] = _free(_safe(path, otherwise), names.values())
    heard = filter(None, (capture.wanted.recording for capture in pedal.wanted.captures))
    return Copies(names, {recording.path: recording.sha256 for recording in heard})


def recorded(pedal: Pedal, sound: SoundPlan, copies: Copies) -> dict[str, Any]:
    """Say all of a pedal as its description would: with the copies, and with every choice made."""
    said, order = pedal.said, pedal.order
    board = said.board or pedal.wanted.board.name
    captures = tuple(
        _capture(own, capture.selection, copies)
        for own, capture in zip(said.captures, sound.captures, strict=True)
    )
    return as_data(
        replace(
            said,
            name=sound.captures[0].selection.model.name if len(captures) == 1 else said.name,
            board=copies.names[Path(board)] if is_file_name(board) else board,
            block=order.block_frames,
            clock=order.clock_hz // 1_000_000,
            boot=order.boot.name if order.boot else None,
            idle=order.idle,
            ir=_copied(said.ir, copies),
            calibrate=_calibrate(said, copies),
            captures=captures,
        )
    )


def _calibrate(said: PedalSaid, copies: Copies) -> RecordingName | bool | None:
    if isinstance(said.calibrate, str):
        return RecordingName(copies.names[Path(said.calibrate)])
    return said.calibrate


def _capture(said: CaptureSaid, taken: Selection, copies: Copies) -> CaptureSaid:
    return replace(
        said,
        file=FileName(copies.names[Path(said.file)]),
        ir=_copied(said.ir, copies) if said.ir else said.ir,
        submodel=taken.submodel if said.slim is None else said.submodel,
        precision=taken.precision,
    )


def _copied(file: CabinetName | None, copies: Copies) -> CabinetName | None:
    return CabinetName(copies.names[Path(file)]) if file else None


def _files(pedal: Pedal, sound: SoundPlan) -> Iterator[tuple[Path, str]]:
    """Yield every file, and what its copy is called where its own name will not do."""
    for capture, played in zip(pedal.wanted.captures, sound.captures, strict=True):
        yield capture.path, played.selection.model.name
        if capture.wanted.recording:
            yield capture.wanted.recording.path, "recording"
    if pedal.said.ir:
        yield Path(pedal.said.ir), "cabinet"
    for said in pedal.said.captures:
        if said.ir:
            yield Path(said.ir), "cabinet"
    if pedal.said.board and is_file_name(pedal.said.board):
        yield Path(pedal.said.board), "board"


def _safe(path: Path, otherwise: str) -> str:
    """Keep a name that every file system takes."""
    ending = path.suffix.lower()
    stem = path.stem
    if ending not in (*_CAPTURE_ENDINGS, ".toml"):
        ending = ".nam"
    is_safe = stem.isprintable() and len(stem.encode()) <= _LONGEST_STEM
    return f"{stem if is_safe else otherwise}{ending}"


def _free(name: str, taken: Iterable[str]) -> str:
    """Add a number to a name that is taken; case does not tell files apart everywhere."""
    path, known = Path(name), {other.lower() for other in taken}
    names = (name, *(f"{path.stem} {n}{path.suffix}" for n in range(2, len(known) + 3)))
    return next(each for each in names if each.lower() not in known)
