"""Hands on the emulated pedal, and what its twin plays and shows for what they did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from host_sim.codec import codes_of_samples, fade_in, samples_of_codes
from namgen.controls.twin import PanelInputs, PanelOutputs
from namgen.pedal.pedal_twin import PedalTwin

if TYPE_CHECKING:
    from host_sim.panel import Light, Panel
    from host_sim.pedal import Pedal
    from namgen.controls import ControlsPlan
    from namgen.pedal.sound import SoundPlan

I32: TypeAlias = npt.NDArray[np.int32]
Move: TypeAlias = Callable[[], None]

LONGEST_REST = 40
"""Blocks until the hands move again."""

BOUNCE_S = 0.001


@dataclass(frozen=True, slots=True, eq=False)
class Performance:
    """What a pedal played and showed, next to what it should have."""

    played: I32  # (2, frames), from the first frame that answers the input
    expected: I32  # (frames,)
    shown: PanelOutputs | None  # by the twin at the end; None: there is no panel
    lit: int  # lamps that are lit at the end, as bits


def perform(
    pedal: Pedal,
    sound: SoundPlan,
    controls: ControlsPlan | None,
    codes: I32,
    *,
    seed: int = 3,
    still_frames: int = 0,
) -> Performance:
    """Play codes, (frames,) in whole blocks, on a pedal that has just booted.

    After `still_frames`, whole blocks too, hands do something now and then.
    """
    random = np.random.default_rng(seed)
    frames, late = pedal.block_frames, pedal.latency_frames
    first = None if controls is None else inputs_now(pedal.panel, controls)
    parts, done = [pedal.play(codes[:still_frames])], still_frames
    while done < len(codes):
        if controls is not None:
            moves = list(moves_of(pedal, random))
            moves[int(random.integers(len(moves)))]()
        count = frames * int(random.integers(1, LONGEST_REST))
        parts.append(pedal.play(codes[done : done + count]))
        done += count
    parts.append(pedal.play(np.zeros(late, np.int32)))
    played = np.concatenate(parts, axis=1)[:, late:]
    expected, twin = answer(pedal, PedalTwin(sound, controls, first), controls, codes)
    lit = 0 if controls is None else lit_lamps(pedal, controls)
    return Performance(played, expected, twin.shown, lit)


def answer(
    pedal: Pedal, twin: PedalTwin, controls: ControlsPlan | None, codes: I32
) -> tuple[I32, PedalTwin]:
    """Return what the twin plays, (frames,), for what the pedal has read of its panel."""
    heard = samples_of_codes(codes).reshape(-1, pedal.block_frames)
    seen: Sequence[PanelInputs | None] = [None] * len(heard)
    if controls is not None:
        panel = pedal.panel
        read = zip(panel.levels_at_interrupts, panel.codes_at_interrupts, strict=True)
        seen = [inputs(controls, levels, code) for levels, code in read][: len(heard)]
    out = [twin.block(block, at) for block, at in zip(heard, seen, strict=True)]
    return codes_of_samples(fade_in(np.concatenate(out))), twin


def inputs_now(panel: Panel, controls: ControlsPlan) -> PanelInputs:
    """Return what the firmware would read of the panel now; after the start, what it has read."""
    return inputs(controls, panel.levels(), panel.codes)


def inputs(
    controls: ControlsPlan, levels: Mapping[str, bool], codes: tuple[int, ...]
) -> PanelInputs:
    """Return what is read of switches whose pins are high or low, and of knobs."""
    closed = 0
    for bit, switch in enumerate(controls.switches.pins):
        level = next(levels[name] for name in switch.pin.names if name in levels)
        closed |= (level == (switch.active == "high")) << bit
    return PanelInputs(closed, codes)


def moves_of(pedal: Pedal, random: np.random.Generator) -> Iterator[Move]:
    """Yield all that hands can do with the panel, each with a will of its own."""
    board = pedal.panel.board
    for knob in board.knobs:
        yield partial(pedal.turn, knob.label, float(random.uniform()))
    for switch in board.footswitches:
        hand = pedal.press if random.integers(2) else pedal.release
        yield partial(hand, switch.label, bounce_s=BOUNCE_S)
    for toggle in board.toggles:
        place = toggle.positions[int(random.integers(len(toggle.positions)))]
        yield partial(pedal.put, toggle.label, place.label)
    for encoder in board.encoders:
        yield partial(pedal.rotate, encoder.label, 2)


def lit_lamps(pedal: Pedal, controls: ControlsPlan) -> int:
    """Return the lamps of the controls that are lit, as bits."""
    lights = pedal.lights
    shown = [led.label for led in controls.board.leds if led.shows != "none"]
    lamps = [lamp for label in shown for lamp in _lamps(lights[label])]
    return sum(is_lit << number for number, is_lit in enumerate(lamps))


def _lamps(light: Light) -> tuple[bool, ...]:
    return light if isinstance(light, tuple) else (light,)
