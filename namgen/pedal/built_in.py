"""Which blocks of the signal chain a pedal needs: those that something sets or asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from namgen.chain.blocks import BLOCKS, BlockName
from namgen.nam_file.shapes import every_model
from namgen.nam_file.types import NamFile
from namgen.pedal.wanted import PedalWanted
from namgen.pedal_boards import PedalBoard

ALWAYS: frozenset[BlockName] = frozenset({"guard", "high_pass"})
"""Every pedal has them: what is no sound never reaches the player, nor does DC."""


def blocks_wanted(wanted: PedalWanted, files: Iterable[NamFile]) -> frozenset[BlockName]:
    """Name the blocks to build in; the cabinet is there where there are responses.

    `files` are those of the captures.
    """
    asked = {*_set(wanted), *_asked(wanted.board), *_changed(wanted)}
    return frozenset({*ALWAYS, *asked, *_corrected(wanted, files)})


def parameters_set(board: PedalBoard) -> frozenset[str]:
    """Name the parameters that a board's knobs turn."""
    return frozenset(knob.sets for knob in (*board.knobs, *board.expressions)) - {"none"}


def _set(wanted: PedalWanted) -> Iterator[BlockName]:
    names = parameters_set(wanted.board) | set(wanted.positions)
    for block in BLOCKS:
        if names.intersection(parameter.name for parameter in block.parameters):
            yield block.name


def _changed(wanted: PedalWanted) -> Iterator[BlockName]:
    """What cannot be ramped: a capture that comes up, or with a cabinet and without."""
    does = {*presses(wanted.board), *selections(wanted.board)}
    has_cabinet = any(capture.ir for capture in wanted.captures)
    rests = wanted.bypass_idle and _has_bypass(wanted.board)
    if len(wanted.captures) > 1 or rests or (has_cabinet and does & {"ir-on", "ir-off"}):
        yield "changeover"


def _has_bypass(board: PedalBoard) -> bool:
    return "bypass" in presses(board) or board.bypass.kind == "relay"


def _asked(board: PedalBoard) -> Iterator[BlockName]:
    if _has_bypass(board):
        yield "bypass"
    if "gate-on" in selections(board) or "gate-off" in selections(board):
        yield "gate"


def presses(board: PedalBoard) -> Collection[str]:
    """List what presses do."""
    pressed = [switch.does for switch in board.footswitches]
    return {*pressed, *(encoder.does for encoder in board.encoders)} - {"none"}


def selections(board: PedalBoard) -> Collection[str]:
    """List what the positions of toggles do."""
    return {p.does for toggle in board.toggles for p in toggle.positions} - {"none"}


def _corrected(wanted: PedalWanted, files: Iterable[NamFile]) -> Iterator[BlockName]:
    models = (model for file in files for model in every_model(file.model))
    is_level_known = any(model.metadata.input_level_dbu is not None for model in models)
    if wanted.calibrate and wanted.board.full_scale is not None and is_level_known:
        yield "input_trim"
    if wanted.normalize or any(capture.trim_db for capture in wanted.captures):
        yield "level"
