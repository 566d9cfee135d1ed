"""Decides what is inside a self-test: models of the project's own captures, and what they play."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from namgen.arithmetic import F32
from namgen.boards import Board
from namgen.errors import ToolError, UnsupportedError
from namgen.firmware.engines import EngineMemory
from namgen.fixed.model import FixedModel
from namgen.fixed.reference import FixedReference
from namgen.ir import Model
from namgen.order import Order
from namgen.pedal.deciding import Pedal, pedal_for
from namgen.pedal.files import read_captures
from namgen.pedal.panel import controls_of
from namgen.pedal.said import CaptureSaid, FileName, PedalSaid
from namgen.pedal.sound import SoundPlan, plan_sound
from namgen.pedal.twin import SoundTwin
from namgen.plan.any_plan import AnyPlan
from namgen.plan.stages import PublishStage
from namgen.reference.float32 import sanitize
from namgen.reference.networks import Reference
from namgen.resources import examples_dir
from namgen.selftest.ladder import MODELS, LadderModel
from namgen.selftest.spelling import Level

CHECK_FRAMES = 2496

_LEFT_OUT = "pedal/main.c"
_SOURCES = "selftest/*.c"
FAST_REGION = "dtcm"
"""Where weights lie."""
_NOISE_FACTOR, _NOISE_STEP, _NOISE_SHIFT = 1664525, 1013904223, 11
_WORD = 1 << 32


@dataclass(frozen=True, slots=True)
class Place:
    """What a self-test is for."""

    board: str | None = None
    target: str | None = None
    clock: str | None = None
    boot: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Inside:
    """A model of the ladder, planned."""

    of: LadderModel
    plan: AnyPlan
    expected: int  # CRC-32 of what it plays of the noise

    @property
    def prefix(self) -> str:
        """Of its functions, and the name of its C."""
        return f"nam_{self.plan.name}"

    @property
    def memory(self) -> EngineMemory:
        """Its arrays, which lie where those of the others do; the weights of integers as well.

        There is no room for the weights of all models at once.
        """
        return EngineMemory(self.prefix, self.plan.buffers, is_copied=not self.of.is_float)


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """All that is decided before anything is compiled."""

    order: Order
    sound: SoundPlan  # with the first model in it
    models: tuple[Inside, ...]
    driven: tuple[Level, ...]

    @property
    def board(self) -> Board:
        """The module, with a main program of another kind."""
        board = self.order.target.pedal
        sources = tuple(source for source in board.sources if source != _LEFT_OUT)
        return replace(board, sources=(*sources, _SOURCES))


def decided(place: Place) -> Parts:
    """Plan everything for a board.

    Raises:
        NamgenError: the choice is not right.

    """
    pedals = [_pedal(place, model) for model in MODELS]
    sounds = [_sound(pedal, model) for pedal, model in zip(pedals, MODELS, strict=True)]
    models = tuple(map(_inside, MODELS, sounds))
    return Parts(pedals[0].order, sounds[0], models, tuple(_driven(pedals[0], sounds[0])))


def _driven(pedal: Pedal, sound: SoundPlan) -> Iterator[Level]:
    """Yield the relay's pin, so that the effect is heard, and the mute's, so that it is off."""
    controls = controls_of(pedal.wanted, sound)
    if controls is None or controls.relay is None:
        return
    relay, mute = controls.relay.relay, controls.relay.mute
    yield Level(relay.pin.port, relay.pin.number, relay.active == "high")
    if mute is not None:
        yield Level(mute.pin.port, mute.pin.number, mute.active != "high")


def _pedal(place: Place, model: LadderModel) -> Pedal:
    said = PedalSaid(
        name=model.name,
        captures=(CaptureSaid(FileName(str(examples_dir() / model.file))),),
        board=place.board,
        clock=None if place.clock is None else int(place.clock),
        boot=place.boot,
        submodel=model.submodel,
        precision=model.precision,
    )
    pedal = pedal_for([], said, target=place.target)
    if pedal.order.target.board is None or pedal.order.boot is None:
        raise UnsupportedError(
            f"selftest: expected a target with an image of namgen's, such as daisy, found "
            f"{pedal.order.target.name}"
        )
    return pedal


def _sound(pedal: Pedal, model: LadderModel) -> SoundPlan:
    order = pedal.order
    if model.reserved_bytes:
        order = replace(order, target=order.target.reserve(FAST_REGION, model.reserved_bytes))
    return plan_sound(pedal.wanted, order, read_captures(pedal.wanted.captures))


def _inside(of: LadderModel, sound: SoundPlan) -> Inside:
    selection = sound.captures[0].selection
    _check_kernels(selection.plan, of)
    noise = noise_samples(CHECK_FRAMES)
    is_first = of is MODELS[0]
    played = SoundTwin(sound).process(noise) if is_first else _alone(selection.model, noise)
    return Inside(of, selection.plan, zlib.crc32(np.asarray(played, "<f4").tobytes()))


def _alone(model: Model, samples: F32) -> F32:
    """Return what a model makes of samples, (frames,), from its start state on."""
    channels = samples[np.newaxis]
    if isinstance(model, FixedModel):
        channels = sanitize(FixedReference(model.integers).process(channels))
    else:
        channels = Reference(model).process(channels)
    return channels.reshape(-1)


def _check_kernels(planned: AnyPlan, of: LadderModel) -> None:
    """See that the ladder has every kernel of a model.

    Raises:
        ToolError: the models have changed, and the ladder has not.

    """
    stages = (stage for stage in planned.stages if not isinstance(stage, PublishStage))
    if missing := sorted({stage.kernel for stage in stages} - set(of.kernels)):
        raise ToolError(f"selftest: {of.title}: not on the ladder: {', '.join(missing)}")


def noise_samples(frames: int) -> F32:
    """Return the noise of `firmware/selftest/check.c` as samples, (frames,)."""
    state, codes = 0, np.empty(frames, np.int64)
    for frame in range(frames):
        state = (state * _NOISE_FACTOR + _NOISE_STEP) % _WORD
        signed = state - _WORD if state >= _WORD // 2 else state
        codes[frame] = int(signed / (1 << _NOISE_SHIFT))  # towards zero, as C divides
    samples: F32 = codes.astype(np.float32) / np.float32(1 << 23)
    return samples
