"""Which captures share an engine, and what each of them is loaded from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from namgen.arithmetic import F32
from namgen.blocks import DEFAULT_BLOCK_FRAMES
from namgen.emit import emit
from namgen.errors import UnsupportedError
from namgen.firmware.engines import LINE_BYTES, EngineMemory, table_bytes
from namgen.fixed.model import FixedModel
from namgen.ir import Model
from namgen.plan import Plan
from namgen.plan.loading import loading
from namgen.selection.plans import Start, plan_floats
from namgen.targets import Target

WORDS_PER_FRAME = 64
"""Words that are loaded for every frame that passes meanwhile: less work than any model's."""
WORD_BYTES = 4

_ROUNDING_BYTES = 2 * LINE_BYTES
"""Of an engine's own table, and of the place of all engines."""


@dataclass(frozen=True, slots=True, eq=False)
class Engine:
    """The C of one shape of network."""

    plan: Plan  # of the first of its captures, under the engine's name
    words: int  # that loading a capture writes

    @property
    def name(self) -> str:
        """What it is called; its functions begin with nam_ and this."""
        return self.plan.name


@dataclass(frozen=True, slots=True, eq=False)
class PlannedCapture:
    """What an engine needs of a capture."""

    model: Model
    engine: int  # its number
    words: int  # that pass while it comes up: those that loading it writes, or more
    numbers: F32  # (engine's numbers,)
    test_bits: npt.NDArray[np.uint32]  # what the engine's self-test has to find

    @property
    def data_bytes(self) -> int:
        """Bytes of flash that it takes."""
        return WORD_BYTES * (len(self.numbers) + len(self.test_bits))


@dataclass(frozen=True, slots=True, eq=False)
class Captures:
    """All captures of a pedal and the engines that play them, one at a time."""

    target: Target
    block_frames: int
    engines: tuple[Engine, ...]
    captures: tuple[PlannedCapture, ...]

    @property
    def memories(self) -> tuple[EngineMemory, ...]:
        """What each engine needs of the board."""
        return tuple(EngineMemory(f"nam_{e.name}", e.plan.buffers) for e in self.engines)

    @property
    def is_paced(self) -> bool:
        """Whether captures come up as late as others do; they are loaded at once in the end."""
        return any(c.words != self.engines[c.engine].words for c in self.captures)

    def engine_of(self, capture: int) -> Engine:
        """Return what plays a capture."""
        return self.engines[self.captures[capture].engine]

    def loading_blocks(self, capture: int, block_frames: int) -> int:
        """Count the blocks in which a capture is loaded."""
        return -(-self.captures[capture].words // (WORDS_PER_FRAME * block_frames))


def plan_captures(
    models: Sequence[Model],
    *,
    target: Target,
    block_frames: int = DEFAULT_BLOCK_FRAMES,
    start: Start = "settled",
) -> Captures:
    """Plan an engine for every shape among the models; captures keep their order.

    Each engine has the room of the target's board but for the others' tables: only one of them
    plays at a time. From a "cold" `start`, sizes are right and nothing has to settle.

    Raises:
        UnsupportedError: there is no model, or they differ in what a pedal has one of.
        BudgetError: an engine does not fit the board's memory.

    """
    _check_alike(models)
    engines: dict[str, Engine] = {}
    captures = []
    for model, room in zip(models, _rooms(models, target, block_frames), strict=True):
        plan = plan_floats(model, target=room, block_frames=block_frames, start=start, loaded=True)
        shape = _shape(plan)
        if shape not in engines:
            engines[shape] = _engine(plan, len(engines))
        number = list(engines).index(shape)
        captures.append(_capture(model, plan, number))
    return Captures(target, block_frames, tuple(engines.values()), tuple(captures))


def laid_out_for(captures: Captures, target: Target) -> Captures:
    """Plan the same captures for another target, where they take as long to come up.

    Raises:
        BudgetError: an engine does not fit the target's board.

    """
    models = [capture.model for capture in captures.captures]
    anew = plan_captures(models, target=target, block_frames=captures.block_frames)
    pairs = zip(anew.captures, captures.captures, strict=True)
    return replace(anew, captures=tuple(replace(new, words=old.words) for new, old in pairs))


def _rooms(models: Sequence[Model], target: Target, block_frames: int) -> Iterator[Target]:
    """Yield the target for each model, without what tables of other engines take of it."""
    if len(models) == 1 or target.board is None:
        yield from [target] * len(models)
        return
    plans = [
        plan_floats(model, target=target, block_frames=block_frames, start="cold", loaded=True)
        for model in models
    ]
    fastest = target.board.model_regions[0]
    shapes = [_shape(plan) for plan in plans]
    tables = {
        shape: table_bytes([EngineMemory("", plan.buffers)], fastest)
        for shape, plan in zip(shapes, plans, strict=True)
    }
    for shape in shapes:
        others = sum(tables.values()) - tables[shape]
        yield target.reserve(fastest, others + _ROUNDING_BYTES if others else 0)


def _engine(plan: Plan, number: int) -> Engine:
    named = replace(plan, name=f"engine_{number + 1}")
    return Engine(named, loading(plan).words)


def _capture(model: Model, plan: Plan, engine: int) -> PlannedCapture:
    filled = loading(plan)
    return PlannedCapture(model, engine, filled.words, filled.numbers, plan.self_test.expected)


def _shape(plan: Plan) -> str:
    """Spell the engine of a capture under no name: that of captures of one shape is the same."""
    return "\0".join(emit(replace(plan, name="engine")).values())


def _check_alike(models: Sequence[Model]) -> None:
    if not models:
        raise UnsupportedError("captures: expected at least one, found none")
    for model in models:
        if isinstance(model, FixedModel):
            raise UnsupportedError(
                f"{model.source}: fixed point plays one capture that never rests; several, and "
                "one with bypass_idle, are in float32"
            )
        ins, outs = model.network.in_channels, model.network.out_channels
        if (ins, outs) != (1, 1):
            raise UnsupportedError(
                f"{model.source}: captures have 1 input and 1 output, found {ins} and {outs}"
            )
    rates = {model.sample_rate_hz: model.source for model in models}
    if len(rates) > 1:
        told = ", ".join(f"{source} at {rate} Hz" for rate, source in rates.items())
        raise UnsupportedError(f"captures: expected one sample rate, found {told}")
