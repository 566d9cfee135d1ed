"""What a guitarist hears of a pedal in a browser: its twin in NumPy, with hands on the panel."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from namgen.arithmetic import F32
from namgen.controls import ControlsPlan
from namgen.controls.twin import PanelInputs
from namgen.pedal.pedal_twin import PedalTwin
from namgen.pedal.sound import SoundPlan

QUANTUM = 128


def heard(
    sound: SoundPlan,
    controls: ControlsPlan,
    samples: F32,
    hands: Mapping[int, PanelInputs],
    *,
    capture: int = 0,
) -> F32:
    """Play whole blocks, as late as a worklet does, (frames,).

    `hands` has what the panel is from a frame on, a multiple of `QUANTUM`; from 0 on at first.
    """
    size = sound.chain.block_frames
    twin = PedalTwin(sound, controls, hands[0], capture=capture)
    parts, seen = [np.zeros(size - 1, np.float32)], 0
    for start in range(0, len(samples) // size * size, size):
        while seen + QUANTUM < start + size:  # the quantum with the block's last frame
            seen += QUANTUM
        now = hands[max(at for at in hands if at <= seen)]
        parts.append(_way(twin, controls, samples[start : start + size], now))
    return np.concatenate(parts)[: len(samples)]


def _way(twin: PedalTwin, controls: ControlsPlan, samples: F32, hands: PanelInputs) -> F32:
    shown = twin.shown
    played = twin.block(samples, hands)
    assert shown is not None
    if controls.relay is None:
        return played
    return np.zeros_like(samples) if shown.mute else played if shown.effect else samples
