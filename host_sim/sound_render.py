"""The whole sound of a pedal as an engine that plays files, with what a player does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from namgen.arithmetic import F32
from namgen.chain.blocks import PARAMETERS
from namgen.errors import UnsupportedError
from namgen.pedal.moves import Action, Choose, Move, Throw, Turn
from namgen.pedal.sound import SoundPlan
from namgen.pedal.wanted import PedalWanted
from namgen.pedal_boards import PedalBoard

ENGINE_NAMES = ("host", "reference")


class Sound(Protocol):
    """What `HostSound` and `SoundTwin` have in common; functions go by their names in `sound.h`."""

    def reset(self) -> None:
        """See `sound_reset`."""

    def set(self, parameter: str, position: float) -> None:
        """See `sound_set`."""

    def use_gate(self, used: bool) -> None:
        """See `sound_use_gate`."""

    def bypass(self, bypassed: bool) -> None:
        """See `sound_bypass`."""

    def choose(self, capture: int) -> None:
        """See `sound_choose`."""

    def use_cabinet(self, used: bool) -> None:
        """See `sound_use_cabinet`."""

    def process(self, samples: F32) -> F32:
        """See `sound_process`: whole blocks, (frames,)."""


class SoundEngine:
    """Plays files of any length through a sound, block by block; see `Engine`.

    A move is made before the first block that begins at its frame or later.
    """

    def __init__(self, sound: Sound, plan: SoundPlan, moves: Sequence[Move] = ()) -> None:
        self._sound = sound
        self._size = plan.chain.block_frames
        self._captures = len(plan.captures)
        rate_hz = plan.chain.sample_rate_hz
        self._moves = [(round(move.seconds * rate_hz), move.action) for move in moves]
        self.reset()

    def reset(self) -> None:
        """Return to the beginning, before all moves."""
        self._sound.reset()
        self._waiting = list(self._moves)
        self._left = np.zeros(0, np.float32)
        self._frame = 0

    def process(self, samples: F32) -> F32:
        """Play what makes whole blocks with what was left before, (frames, 1)."""
        heard = np.concatenate([self._left, samples.ravel()])
        whole = len(heard) // self._size * self._size
        self._left = heard[whole:]
        return self._played(heard[:whole])

    def finish(self) -> F32:
        """Play what is left, (frames, 1), in a block that silence fills."""
        left = self._left
        if not len(left):
            return np.zeros((0, 1), np.float32)
        self._left = left[:0]
        silence = np.zeros(self._size - len(left), np.float32)
        return self._played(np.concatenate([left, silence]))[: len(left)]

    def _played(self, samples: F32) -> F32:
        parts = [self._sound.process(part) for part in self._between_moves(samples)]
        return np.concatenate([np.zeros(0, np.float32), *parts])[:, None]

    def _between_moves(self, samples: F32) -> Iterator[F32]:
        """Cut into whole blocks between moves, and make these."""
        done = 0
        while done < len(samples):
            while self._waiting and self._waiting[0][0] <= self._frame:
                self._do(self._waiting.pop(0)[1])
            left = len(samples) - done
            if self._waiting:
                blocks = -(-(self._waiting[0][0] - self._frame) // self._size)
                left = min(left, blocks * self._size)
            yield samples[done : done + left]
            done += left
            self._frame += left

    def _do(self, action: Action) -> None:
        match action:
            case Turn():
                self._sound.set(action.parameter, action.position)
            case Throw(switch="gate"):
                self._sound.use_gate(action.on)
            case Throw(switch="bypass"):
                self._sound.bypass(action.on)
            case Throw(on=on):
                self._sound.use_cabinet(on)
            case Choose(capture):
                if self._captures > 1:
                    self._sound.choose(capture)


def make_sound(name: str, plan: SoundPlan) -> Sound:
    """Return the engine called `name`, one of `ENGINE_NAMES`.

    Raises:
        NamgenError: it plays no pedals, or something it needs is missing.

    """
    if name == "reference":
        from namgen.pedal.twin import SoundTwin

        return SoundTwin(plan)
    if name == "host":
        from host_sim.sound_engines import HostSound

        return HostSound(plan)
    expected = " or ".join(ENGINE_NAMES)
    raise UnsupportedError(
        f"engine: expected {expected} for a whole pedal, found {name!r}, which plays bare models"
    )


def with_moves(wanted: PedalWanted, moves: Sequence[Move]) -> PedalWanted:
    """Return the pedal with every knob built in that is turned, though it may have none."""
    turned = [move.action.parameter for move in moves if isinstance(move.action, Turn)]
    begins = {name: PARAMETERS[name].default for name in turned}
    return replace(wanted, positions={**begins, **wanted.positions})


def beginning_with(wanted: PedalWanted, capture: int) -> PedalWanted:
    """Return the pedal with a capture, counted from 0, as the one that it begins with."""
    captures = list(wanted.captures)
    return replace(wanted, captures=(captures.pop(capture), *captures))


def seen_from(first: int, move: Move) -> Move:
    """Return a move with captures counted as `beginning_with` puts them."""
    match move.action:
        case Choose(capture):
            place = 0 if capture == first else capture + (capture < first)
            return replace(move, action=Choose(place))
    return move


def check_moves(moves: Sequence[Move], plan: SoundPlan, board: PedalBoard) -> None:
    """Refuse to switch what is not built in.

    Raises:
        UnsupportedError: it is not.

    """
    chain = plan.chain
    lacks = {
        "bypass": [] if "bypass" in chain.names else [f"no control of {board.name} bypasses"],
        "gate": [] if "gate" in chain.names else [f"no control of {board.name} is for the gate"],
        "ir": [] if chain.switches_cabinet else [_without_cabinet(plan, board)],
    }
    for action in (move.action for move in moves):
        if isinstance(action, Throw):
            for why in lacks[action.switch]:
                raise UnsupportedError(f"{action.switch}: it is not built in, for {why}")


def _without_cabinet(plan: SoundPlan, board: PedalBoard) -> str:
    if plan.chain.cabinet is None:
        return "there is no impulse response"
    return f"no control of {board.name} is for the cabinet"
