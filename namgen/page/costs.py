"""What a pedal costs: cycles by what they are for, bytes by what they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from namgen.boards import Region
from namgen.estimate import cost_parts
from namgen.firmware.engines import shared_bytes, table_bytes
from namgen.order import Order
from namgen.packages import bytes_in
from namgen.pedal.sound import FAST_REGION, Played, SoundPlan
from namgen.processors import load_processor


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of something, in cycles or in bytes."""

    name: str
    size: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Estimated cycles of a sample, of a capture in its chain."""

    title: str
    parts: tuple[Part, ...]
    clocks: tuple[Part, ...]  # cycles there are for a sample, by the clock's name
    margin_low: float
    margin_high: float

    @property
    def total(self) -> float:
        """All parts."""
        return sum(part.size for part in self.parts)


@dataclass(frozen=True, slots=True)
class Memory:
    """One memory of the board, as the plan has it; nothing was compiled."""

    region: str
    title: str
    size_bytes: int
    parts: tuple[Part, ...]

    @property
    def free_bytes(self) -> int:
        """What nothing is planned for."""
        return self.size_bytes - round(sum(part.size for part in self.parts))


def cost_of(played: Played, sound: SoundPlan, order: Order) -> Cost:
    """Return the cycles of a capture; without parts where nobody fitted an estimate."""
    board, chain = order.target.pedal, sound.chain
    rate_hz = board.audio.sample_rate_hz
    clocks = [Part(f"{hz // 1_000_000} MHz", hz / rate_hz) for hz in board.clock.options_hz]
    prediction = played.selection.prediction
    if prediction is None or not load_processor(board.processor).is_measured:
        return Cost(played.title, (), tuple(clocks), 0.0, 0.0)
    found = cost_parts(played.plan, board.processor)
    parts = [Part(name, cycles / order.block_frames) for name, cycles in found.items()]
    cabinet = chain.cabinet.cycles_per_frame if chain.cabinet else 0.0
    parts += [Part("cabinet", cabinet), Part("rest of the chain", chain.cycles_per_frame - cabinet)]
    margin = prediction.margin
    seen = tuple(part for part in parts if part.size > 0)
    return Cost(played.title, seen, tuple(clocks), margin.low, margin.high)


def memories_of(sound: SoundPlan, order: Order) -> Iterator[Memory]:
    """Yield the memories that something is planned in."""
    board = order.target.pedal
    code = board.code_region
    for name in (*board.model_regions, *([code.name] if code else [])):
        region = board.region(name)
        parts = tuple(part for part in _parts(sound, region) if part.size)
        yield Memory(name, region.title, region.size_bytes, parts)


def _parts(sound: SoundPlan, region: Region) -> Iterator[Part]:
    chain, cabinet = sound.chain, sound.chain.cabinet
    yield Part("captures" if len(sound.captures) > 1 else "capture", _models(sound, region.name))
    placed = cabinet.arrays if cabinet else ()
    yield Part("cabinet", sum(a.size_bytes for a in placed if a.place == region.name))
    yield Part("rest of the chain", chain.fixed_bytes if region.name == FAST_REGION else 0)
    yield Part(f"kept for {region.reserved_for}", region.reserved_bytes)


def _models(sound: SoundPlan, region: str) -> int:
    """Bytes of captures: of several, each table and the largest of what one plays at a time."""
    engines = sound.engines
    if engines is not None:
        memories = engines.memories
        return shared_bytes(memories, region) + table_bytes(memories, region)
    return max(bytes_in(region, played.plan) for played in sound.captures)
