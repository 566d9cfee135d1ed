"""The controls of a pedal: its board's, around its sound."""

from __future__ import annotations

from namgen.controls import ControlsPlan, plan_controls
from namgen.pedal.sound import SoundPlan
from namgen.pedal.wanted import PedalWanted


def controls_of(wanted: PedalWanted, sound: SoundPlan) -> ControlsPlan | None:
    """Plan the controls; None where the board has none, or there is no board.

    Raises:
        UnsupportedError: a capture asks for a bank that the board does not have.

    """
    if sound.is_alone:
        return None
    banks = [capture.bank for capture in wanted.captures]
    controls = plan_controls(wanted.board, sound.chain, banks=banks)
    return None if controls.is_empty else controls
