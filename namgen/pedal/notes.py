"""What a pedal's builder would wonder about later: nothing here is wrong, but hardly meant."""

from __future__ import annotations

from collections.abc import Iterator

from namgen.c_text import counted
from namgen.chain.blocks import PARAMETERS
from namgen.nam_file.types import NamFile
from namgen.pedal.choosing import reached
from namgen.pedal.sound import Played, SoundPlan
from namgen.pedal.wanted import Capture, PedalWanted
from namgen.pedal_boards import PedalBoard

CABINET_TYPES = ("amp_cab", "amp_pedal_cab")
"""Of the trainers' words for gear: what has a cabinet in it."""


def notes_of(wanted: PedalWanted) -> Iterator[str]:
    """Yield what is said of a pedal before it is built."""
    yield from _knob_notes(wanted)
    yield from _cabinet_notes(wanted)
    yield from _choosing_notes(wanted)


def cabinet_note(capture: Capture, file: NamFile) -> str | None:
    """Say that a sound goes through two cabinets, where the capture's file says it has one."""
    gear = file.model.metadata.gear_type
    if capture.ir is None or gear not in CABINET_TYPES:
        return None
    return (
        f"{capture.title}: two cabinets: its file says {gear}, and {capture.ir.name} is played "
        "behind it"
    )


def loaded_note(sound: SoundPlan) -> str | None:
    """Say that integers might have made room for more, where captures are loaded."""
    smaller = [played.title for played in sound.captures if not _is_first_choice(played)]
    if sound.engines is None or not smaller:
        return None
    return (
        f"{', '.join(smaller)}: a larger network does not keep up in float32, in which captures "
        "are loaded; in integers it may, alone and without bypass_idle"
    )


def _is_first_choice(played: Played) -> bool:
    choices = played.selection.choices
    return not choices or choices[0].taken


def _knob_notes(wanted: PedalWanted) -> Iterator[str]:
    knobs = _set_by(wanted.board)
    for name in (name for name in PARAMETERS if name in wanted.positions):
        if name in knobs:
            yield f"set {name}: on the pedal, knob {knobs[name]} says where it is"


def _set_by(board: PedalBoard) -> dict[str, str]:
    """Labels of knobs by what they set; an expression pedal may not be plugged in."""
    return {knob.sets: knob.label for knob in board.knobs if knob.sets != "none"}


def _cabinet_notes(wanted: PedalWanted) -> Iterator[str]:
    if any(capture.ir for capture in wanted.captures):
        return
    for toggle in wanted.board.toggles:
        if any(place.does == "ir-on" for place in toggle.positions):
            yield f"toggle {toggle.label}: there is no impulse response that it could switch"
    if wanted.cabinets.taps is not None or wanted.cabinets.minimum_phase:
        yield "ir_length and minimum_phase: there is no impulse response that they could shape"


def _choosing_notes(wanted: PedalWanted) -> Iterator[str]:
    numbers = reached(wanted.board, [capture.bank for capture in wanted.captures])
    lost = [c.title for n, c in enumerate(wanted.captures, start=1) if n not in numbers]
    if lost:
        told = counted(len(lost), "capture", "captures")
        yield f"board {wanted.board.name}: no control chooses {told}: {', '.join(lost)}"
