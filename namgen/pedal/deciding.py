"""From what is said of a pedal to what is wanted, and what it is made for: defaults filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from namgen.errors import ChoiceError, Together, UnsupportedError
from namgen.fixed.precision import AUTO
from namgen.nam_file import read
from namgen.naming import c_name
from namgen.order import Order, make_order
from namgen.pedal.assigning import assigned
from namgen.pedal.choosing import choice_problem
from namgen.pedal.file import (
    default_board,
    from_here,
    is_pedal_file,
    read_pedal,
    title_of,
)
from namgen.pedal.files import examine_cabinets
from namgen.pedal.said import CaptureSaid, FileName, PedalSaid, position_of
from namgen.pedal.wanted import Cabinets, Capture, PedalWanted
from namgen.pedal_boards import PedalBoard, is_file_name, load_pedal_board
from namgen.selection.recording import Recording, read_recording
from namgen.selection.wanted import LARGEST_THAT_FITS, Wanted
from namgen.targets import DEFAULT_TARGET, load_target
from namgen.toml_data import as_data, read_table

_OF_C_ALONE = {
    *("name", "block", "clock", "boot", "idle"),
    *("submodel", "slim", "tanh", "precision"),
}
"""What can be said of a capture without a pedal; the order says which of it a target has."""


@dataclass(frozen=True, slots=True)
class Pedal:
    """A pedal that can be built."""

    wanted: PedalWanted
    order: Order
    said: PedalSaid  # what was said of it, with nothing left to a file
    file: Path | None = None  # the pedal.toml that describes it; None: the command line did

    @property
    def folder_name(self) -> str | None:
        """What its folder is called; None: like its first capture."""
        described = None if self.file is None else c_name(self.file.stem)
        return self.wanted.name or self.wanted.captures[0].wanted.name or described

    @property
    def board_name(self) -> str:
        """Name its board as a report does: by its file, where it is one's own."""
        said = self.said.board
        return Path(said).stem if said and is_file_name(said) else self.wanted.board.name


def pedal_of(paths: Sequence[Path], said: PedalSaid, *, target: str | None = None) -> Pedal:
    """Decide on a pedal of captures, or of one `pedal.toml`; what is `said` beside it wins.

    Args:
        paths: captures, or the one description.
        said: by options.
        target: that the board has to be one of; None: whichever it is.

    Raises:
        FileError: all that is wrong in the description.
        ChoiceError: descriptions and captures at once, or a board of another target.
        UnsupportedError: no image can be made for the board.

    """
    described = [path for path in paths if is_pedal_file(path)]
    if not described:
        captures = tuple(CaptureSaid(FileName(str(path))) for path in paths)
        return _decided(PedalSaid(captures=_titled(captures)).over(said), target, None)
    if len(paths) > 1:
        told = ", ".join(map(str, paths))
        raise ChoiceError(f"expected captures, or one pedal.toml, found {told}")
    file = described[0]
    return _decided(said.over(read_pedal(file, board=said.board, target=target)), target, file)


def pedal_for(
    paths: Sequence[Path],
    said: PedalSaid,
    *,
    target: str | None,
    variant: str | None = None,
    state: str | None = None,
) -> Pedal:
    """Decide as `pedal_of`, or on the C of one capture where a target is named that has no board.

    Args:
        paths: captures, or one description.
        said: by options.
        target: that is named, if any.
        variant: of a package, as `load_target` takes it.
        state: of C alone, as `make_order` takes it.

    Raises:
        ChoiceError: C alone is wanted of several captures, or of what only pedals have; or the
            target has no such variant or state.

    """
    alone = load_target(target or DEFAULT_TARGET, variant)
    if alone.board is not None:
        make_order(alone, clock=None, block_frames=None, state=state)
        return pedal_of(paths, said, target=target)
    of_pedals = set(as_data(said)) - _OF_C_ALONE
    if isinstance(said.calibrate, str):  # which is about the model
        of_pedals -= {"calibrate"}
    for name in sorted(of_pedals):
        raise ChoiceError(
            f"target {alone.name}: {name}: no pedal can be made for it, {alone.only_gives}"
        )
    if len(paths) != 1 or is_pedal_file(paths[0]):
        told = ", ".join(map(str, paths))
        raise ChoiceError(f"target {alone.name}: expected one capture, found {told}")
    clock = None if said.clock is None else str(said.clock)
    idle = said.idle or "spin"
    order = make_order(
        alone, clock=clock, block_frames=said.block, boot=said.boot, idle=idle, state=state
    )
    together = Together()
    recording = together.attempt(partial(_recording, said))
    if together.errors:
        together.attempt(partial(read, paths[0]))
    together.end()
    submodel = LARGEST_THAT_FITS if said.submodel is None else str(said.submodel).lower()
    tanh, precision = said.tanh or "exact", said.precision or AUTO
    wanted = Wanted(submodel, said.slim, tanh, said.name, precision, recording)
    return _c_alone(paths[0], order, wanted)


def pedal_again(report: Path, data: dict[str, Any], *, target: str) -> Pedal:
    """Decide on a pedal as a build's report has it, with the files that lie beside the report.

    Raises:
        FileError: the report is damaged.

    """
    said = read_table(report, data, PedalSaid)
    return _decided(from_here(report.parent, said), target, None)


def _c_alone(path: Path, order: Order, wanted: Wanted) -> Pedal:
    """Return a capture of which only C is wanted: no board, and nothing around the model."""
    capture = Capture(path, title_of(None, path.name), wanted=wanted)
    return Pedal(PedalWanted((capture,), load_pedal_board(default_board())), order, PedalSaid())


def _titled(captures: tuple[CaptureSaid, ...]) -> tuple[CaptureSaid, ...]:
    """Give captures whose files have one name others: with a number."""
    made: list[CaptureSaid] = []
    taken: set[str] = set()
    for capture in captures:
        stem = title_of(None, capture.file)
        names = (stem, *(f"{stem} {number}" for number in range(2, len(captures) + 2)))
        title = next(name for name in names if name.lower() not in taken)
        taken.add(title.lower())
        made.append(CaptureSaid(capture.file, title))
    return tuple(made)


def _decided(said: PedalSaid, target: str | None, file: Path | None) -> Pedal:
    together = Together()
    board = together.attempt(partial(_board, said, target))
    order = board and together.attempt(partial(_order, said, board, target))
    recording = together.attempt(partial(_recording, said))
    if board and order and not together.errors:
        return Pedal(_wanted(said, board, recording), order, said, file)
    _examine_files(said, together)
    together.end()
    raise AssertionError(said)  # one of them has failed


def _recording(said: PedalSaid) -> Recording | None:
    """Read the recording, where there is one."""
    return read_recording(Path(said.calibrate)) if isinstance(said.calibrate, str) else None


def _board(said: PedalSaid, target: str | None) -> PedalBoard:
    board = assigned(load_pedal_board(said.board or default_board(target)), said)
    told = choice_problem(board, [capture.bank for capture in said.captures])
    if told:
        raise UnsupportedError(f"board {board.name}: {told}")
    return board


def _order(said: PedalSaid, board: PedalBoard, target: str | None) -> Order:
    return make_order(
        load_target(_target_of(board, target)).with_codec(board.codec),
        clock=None if said.clock is None else str(said.clock),
        block_frames=said.block,
        boot=said.boot,
        idle=said.idle or "spin",
    )


def _examine_files(said: PedalSaid, together: Together) -> None:
    """See whether files are what they have to be; where something else is wrong."""
    for file in dict.fromkeys(capture.file for capture in said.captures):
        together.attempt(partial(read, file))
    cabinets = (said.ir, *(capture.ir for capture in said.captures))
    examine_cabinets((Path(path) if path else None for path in cabinets), together)


def _target_of(board: PedalBoard, asked: str | None) -> str:
    target = board.carried.target
    if asked is None:
        return target
    found = load_target(asked)
    if found.carried_by != target:
        only = f", which is for boards of target {found.carried_by}" if found.framework else ""
        raise ChoiceError(f"board {board.name}: expected target {target}, found {asked!r}{only}")
    return asked


def _wanted(said: PedalSaid, board: PedalBoard, recording: Recording | None) -> PedalWanted:
    return PedalWanted(
        captures=tuple(_capture(capture, said, recording) for capture in said.captures),
        board=board,
        name=said.name,
        positions={name: position_of(name, value) for name, value in said.positions.items()},
        cabinets=Cabinets(said.ir_length, bool(said.minimum_phase)),
        normalize=said.normalize is not False,
        calibrate=said.calibrate is not False,
        bypass_idle=bool(said.bypass_idle),
    )


def _capture(own: CaptureSaid, said: PedalSaid, recording: Recording | None) -> Capture:
    """Decide on a capture: by what it says, else by what the pedal does."""
    ir = said.ir if own.ir is None else own.ir
    chosen = own if (own.submodel, own.slim) != (None, None) else said
    submodel = LARGEST_THAT_FITS if chosen.submodel is None else str(chosen.submodel).lower()
    tanh = own.tanh or said.tanh or "exact"
    precision = own.precision or said.precision or AUTO
    name = said.name if len(said.captures) == 1 else None
    return Capture(
        path=Path(own.file),
        title=title_of(own.name, own.file),
        trim_db=own.trim_db,
        ir=Path(ir) if ir else None,
        bank=own.bank,
        wanted=Wanted(submodel, chosen.slim, tanh, name, precision, recording),
    )
