"""Hands on the emulated pedal, and what its twin plays and shows for what they did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from host_sim.codec import codes_of_samples, fade_in, samples_of_codes
from host_sim.pedal_walk import BOUNCE_S, Move, Step, let_go, walk
from namgen.controls.twin import Event, PanelInputs, PanelOutputs
from namgen.pedal.pedal_twin import PedalTwin

if TYPE_CHECKING:
    from host_sim.panel import Light, Panel
    from host_sim.pedal import Pedal
    from namgen.controls import ControlsPlan
    from namgen.pedal.sound import SoundPlan

I32: TypeAlias = npt.NDArray[np.int32]

LONGEST_REST = 40
"""Blocks until the hands move again."""

LONGEST_HOLD_S = 0.5
"""Then all is released: no combination is held as long as the update mode asks for."""


@dataclass(frozen=True, slots=True, eq=False)
class Performance:
    """What a pedal played and showed, next to what it should have."""

    played: I32  # (2, frames), from the first frame that answers the input
    expected: I32  # (frames,)
    shown: PanelOutputs | None  # by the twin at the end; None: there is no panel
    lit: int  # lamps that are lit at the end, as bits
    told: frozenset[Event]  # what hands made the twin tell its sound; of knobs not how far
    wrong: tuple[str, ...] = ()  # what lights, relay and mute were not as the twin's, and when


def least_frames(pedal: Pedal, controls: ControlsPlan | None) -> int:
    """Return how long hands need to walk over all controls of a pedal that has just booted."""
    if controls is None:
        return 0
    steps = [*walk(pedal.panel, controls), let_go(pedal.panel, controls)]
    return sum(step.frames(pedal.block_frames, controls) for step in steps)


def perform(
    pedal: Pedal,
    sound: SoundPlan,
    controls: ControlsPlan | None,
    codes: I32,
    *,
    seed: int = 3,
    still_frames: int = 0,
    steps: Iterable[Step] | None = None,
) -> Performance:
    """Play codes, (frames,) in whole blocks, on a pedal that has just booted.

    After `still_frames`, whole blocks too, hands walk over all controls, or do `steps`; then they
    do something now and then. At the end nothing is held.

    Raises:
        ValueError: the codes end before the steps do.

    """
    late = pedal.latency_frames
    first = None if controls is None else inputs_now(pedal.panel, controls)
    hands = _Hands(pedal, np.append(codes, np.zeros(late, np.int32)))
    hands.play(still_frames)
    if controls is not None:
        hands.use(controls, walk(pedal.panel, controls) if steps is None else steps, seed)
    hands.play(hands.left_frames)
    played = np.concatenate(hands.played, axis=1)[:, late:]
    twin = PedalTwin(sound, controls, first)
    expected, told, shown = answer(pedal, twin, controls, codes)
    lit = 0 if controls is None else lit_lamps(pedal, controls)
    wrong = () if controls is None else tuple(differences(pedal, controls, shown))
    return Performance(played, expected, twin.shown, lit, told, wrong)


class _Hands:
    """Hands on a pedal that plays codes."""

    def __init__(self, pedal: Pedal, codes: I32) -> None:
        self.played: list[I32] = []
        self._pedal, self._codes = pedal, codes

    @property
    def left_frames(self) -> int:
        return len(self._codes)

    def play(self, frames: int) -> None:
        """Keep still for a while."""
        if frames > self.left_frames:
            raise ValueError(f"expected codes for {frames} frames more, found {self.left_frames}")
        self.played.append(self._pedal.play(self._codes[:frames]))
        self._codes = self._codes[frames:]

    def use(self, controls: ControlsPlan, steps: Iterable[Step], seed: int) -> None:
        """Do the steps, then something now and then; let go in time for the end."""
        for step in steps:
            self._do(step, controls)
        end = let_go(self._pedal.panel, controls)
        frames = self._pedal.block_frames
        end_frames = end.frames(frames, controls) + self._pedal.latency_frames
        random, held_frames = np.random.default_rng(seed), 0
        while self.left_frames > end_frames:
            moves = list(moves_of(self._pedal, random))
            moves[int(random.integers(len(moves)))]()
            rest = frames * int(random.integers(1, LONGEST_REST))
            rest = min(rest, self.left_frames - end_frames)
            self.play(rest)
            held_frames += rest
            is_long = held_frames > LONGEST_HOLD_S * controls.ticks.sample_rate_hz
            if is_long and self.left_frames >= 2 * end_frames:
                self._do(end, controls)
                held_frames = 0
        self._do(end, controls)

    def _do(self, step: Step, controls: ControlsPlan) -> None:
        for move in step.moves:
            move()
        self.play(step.frames(self._pedal.block_frames, controls))


def answer(
    pedal: Pedal, twin: PedalTwin, controls: ControlsPlan | None, codes: I32
) -> tuple[I32, frozenset[Event], list[PanelOutputs | None]]:
    """Return what the twin plays, (frames,), for what the pedal has read of its panel.

    And what its sound was told meanwhile, of a knob not how far it was turned; and what it showed
    before each block.
    """
    heard = samples_of_codes(codes).reshape(-1, pedal.block_frames)
    seen: Sequence[PanelInputs | None] = [None] * len(heard)
    if controls is not None:
        panel = pedal.panel
        read = zip(panel.levels_at_interrupts, panel.codes_at_interrupts, strict=True)
        seen = [inputs(controls, levels, code) for levels, code in read][: len(heard)]
    out, told, shown = [], set[Event](), []
    before = twin.shown
    for block, at in zip(heard, seen, strict=True):
        shown.append(twin.shown)
        out.append(twin.block(block, at))
        if twin.shown is not None and twin.shown is not before:
            before = twin.shown
            told |= {event[:2] for event in twin.shown.events}
    return codes_of_samples(fade_in(np.concatenate(out))), frozenset(told), shown


def differences(
    pedal: Pedal, controls: ControlsPlan, shown: Sequence[PanelOutputs | None]
) -> Iterator[str]:
    """Yield what the panel showed otherwise than `shown`, before each block: the first of a kind.

    Lights, relay and mute of a block are those that the block before has left.
    """
    bypass, told = controls.board.bypass, set[str]()
    for block, (glance, should) in enumerate(zip(pedal.panel.glances, shown, strict=False)):
        if should is None:
            continue
        kinds = [("lights", f"{should.lit:#x}", f"{_lit(glance.lights, controls):#x}")]
        kinds += [("relay", str(should.effect), str(glance.relay_on))] if bypass.relay else []
        kinds += [("mute", str(should.mute), str(glance.muted))] if bypass.mute else []
        for kind, expected, found in kinds:
            if expected != found and kind not in told:
                told.add(kind)
                seconds = block * pedal.block_frames / controls.ticks.sample_rate_hz
                yield f"{kind}: expected {expected}, found {found} at {seconds:.3f} s"


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
    return _lit(pedal.lights, controls)


def _lit(lights: Mapping[str, Light], controls: ControlsPlan) -> int:
    shown = [led.label for led in controls.board.leds if led.shows != "none"]
    lamps = [lamp for label in shown for lamp in _lamps(lights[label])]
    return sum(is_lit << number for number, is_lit in enumerate(lamps))


def _lamps(light: Light) -> tuple[bool, ...]:
    return light if isinstance(light, tuple) else (light,)
