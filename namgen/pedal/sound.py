"""Decides the sound of a pedal: which blocks are built in, what each capture plays through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from namgen.boards import Board
from namgen.captures import Captures, plan_captures
from namgen.chain.blocks import BlockName
from namgen.chain.cabinet import FAST_BYTES
from namgen.chain.impulse import Impulse, prepare, read_impulse
from namgen.chain.plan import SAMPLE_RATE_HZ, ChainPlan, plan_chain
from namgen.errors import BudgetError, UnsupportedError
from namgen.firmware.engines import shared_bytes, table_bytes
from namgen.fixed.precision import AUTO, FLOAT32
from namgen.levels import levels
from namgen.nam_file.types import NamFile
from namgen.order import Order
from namgen.pedal.built_in import blocks_wanted
from namgen.pedal.levels import Gains, gains_of
from namgen.pedal.wanted import Capture, PedalWanted
from namgen.plan.any_plan import AnyPlan
from namgen.prediction import Prediction
from namgen.progress import Progress, silent
from namgen.selection.choosing import select
from namgen.selection.found import Selection
from namgen.selection.plans import planned, sketched
from namgen.selection.wanted import Wanted

SMALL_ARRAYS_BYTES = 2560
"""What a cabinet keeps in the fastest memory at least: twiddles, overlaps, samples."""

FAST_REGION = "dtcm"
"""Where the tables of the chain lie, and what fits of its cabinet."""

QUIET_FRAMES = 192
"""Of silence behind another cabinet: three parts of the longest kind, over which work is spread."""


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """A capture of the pedal, decided."""

    title: str
    selection: Selection
    gains: Gains
    response: int | None  # of the chain's; None: without a cabinet

    @property
    def plan(self) -> AnyPlan:
        """Of its C."""
        return self.selection.plan


@dataclass(frozen=True, slots=True, eq=False)
class SoundPlan:
    """All that happens to samples, decided."""

    captures: tuple[Played, ...]
    chain: ChainPlan
    impulses: tuple[Impulse, ...] = ()  # what became of the files of the chain's responses
    positions: Mapping[str, float] = field(default_factory=dict)  # of parameters, at first
    bypass_idle: bool = False
    engines: Captures | None = None  # where captures are loaded; else the one is in its C

    @property
    def changes_over(self) -> bool:
        """Whether anything is changed in silence: the capture, or whether there is a cabinet."""
        return "changeover" in self.chain.names

    @property
    def ringing_frames(self) -> int:
        """Of silence until a cabinet has forgotten what it heard."""
        cabinet = self.chain.cabinet
        return cabinet.taps + QUIET_FRAMES if cabinet else 0

    @property
    def is_alone(self) -> bool:
        """Whether nothing is around the model: C without a pedal."""
        return not self.chain.blocks

    @property
    def slowest(self) -> Played:
        """The capture that is expected to cost most; where nothing is known, the first."""
        return max(self.captures, key=_cycles)

    @property
    def prediction(self) -> Prediction | None:
        """What the slowest capture is expected to cost, in its chain."""
        return self.slowest.selection.prediction

    @property
    def is_hopeless(self) -> bool:
        """Whether a capture is far over the budget."""
        return self.slowest.selection.is_hopeless

    @property
    def begins(self) -> dict[str, float]:
        """Positions that are not the chain's own, in its order."""
        asked, own = self.positions, self.chain.parameters
        return {p.name: asked[p.name] for p in own if p.name in asked}

    def position(self, name: str) -> float:
        """Where a parameter begins."""
        parameter = next(p for p in self.chain.parameters if p.name == name)
        return self.begins.get(name, parameter.default)


def _cycles(capture: Played) -> int:
    prediction = capture.selection.prediction
    return prediction.cycles_per_block if prediction else 0


def plan_sound(
    wanted: PedalWanted,
    order: Order,
    files: Mapping[Path, NamFile],
    *,
    progress: Progress = silent,
) -> SoundPlan:
    """Choose what each capture plays, the blocks around it, and where their memory lies.

    `files` are those of the captures, by their paths. What is loaded is in float32: several
    captures, or one that rests.

    Raises:
        FileError: an impulse response cannot be read.
        UnsupportedError: the chain cannot work in this block, or a file does not offer a choice.
        BudgetError: a capture does not fit.

    """
    if order.target.board is None:
        return _alone(wanted, order, files, progress)
    impulses = _impulses(wanted)
    names = blocks_wanted(wanted, files.values())
    inside = around(order, _chain(order, names, impulses))
    rests = wanted.bypass_idle and "bypass" in names
    chosen, engines = _chosen(wanted, inside, files, rests=rests, progress=progress)
    _check_engines(engines, order)
    left = fast_bytes_left(inside.target.pedal, [selection.plan for selection in chosen], engines)
    numbers = {path: number for number, path in enumerate(impulses)}
    played = (
        Played(
            capture.title,
            selection,
            _gains(capture, files[capture.path], wanted, selection),
            numbers[capture.ir] if capture.ir else None,
        )
        for capture, selection in zip(wanted.captures, chosen, strict=True)
    )
    chain = _chain(order, names, impulses, left)
    _check_places(chain, order, left)
    return SoundPlan(
        tuple(played),
        chain,
        tuple(impulses.values()),
        wanted.positions,
        rests,
        engines,
    )


def _check_engines(engines: Captures | None, order: Order) -> None:
    """Refuse engines that would have to lie in one place where nothing puts them there.

    Raises:
        UnsupportedError: there are several, and somebody else's linker script.

    """
    if engines is not None and len(engines.engines) > 1 and order.target.framework is not None:
        raise UnsupportedError(
            f"target {order.target.name}: expected captures of one shape, found "
            f"{len(engines.engines)} shapes: its linker scripts lay nothing over another"
        )


def _check_places(chain: ChainPlan, order: Order, left_bytes: int) -> None:
    """Refuse a cabinet whose past lies where the board has no place for it.

    Raises:
        BudgetError: with numbers.

    """
    board = order.target.pedal
    for array in chain.cabinet.arrays if chain.cabinet else ():
        region = board.region(array.place)
        if not array.is_constant and not region.section_of(constant=False):
            raise BudgetError(
                f"cabinet: {array.name} needs {array.size_bytes} bytes, {left_bytes} are left of "
                f"{FAST_REGION}, and {array.place} has no section for it; a shorter --ir-length "
                "fits"
            )


def _chosen(
    wanted: PedalWanted,
    inside: Order,
    files: Mapping[Path, NamFile],
    *,
    rests: bool,
    progress: Progress,
) -> tuple[list[Selection], Captures | None]:
    """Choose what each capture plays; what is loaded is planned anew, with its engines."""
    loads = len(wanted.captures) > 1 or rests
    plan_as, asked = (sketched, _in_floats) if loads else (planned, _as_it_is)
    chosen = [
        select(files[c.path], inside, asked(c.wanted), plan_as=plan_as, progress=progress)
        for c in wanted.captures
    ]
    if not loads:
        return chosen, None
    models = [selection.model for selection in chosen]
    engines = plan_captures(models, target=inside.target, block_frames=inside.block_frames)
    plans = [engines.engine_of(number).plan for number in range(len(chosen))]
    return [replace(c, plan=plan) for c, plan in zip(chosen, plans, strict=True)], engines


def _in_floats(wanted: Wanted) -> Wanted:
    return replace(wanted, precision=FLOAT32) if wanted.precision == AUTO else wanted


def _as_it_is(wanted: Wanted) -> Wanted:
    return wanted


def _alone(
    wanted: PedalWanted, order: Order, files: Mapping[Path, NamFile], progress: Progress
) -> SoundPlan:
    (capture,) = wanted.captures
    taken = select(files[capture.path], order, capture.wanted, progress=progress)
    nothing = ChainPlan(order.block_frames, taken.model.sample_rate_hz, ())
    return SoundPlan((Played(capture.title, taken, Gains(), None),), nothing)


def around(order: Order, chain: ChainPlan) -> Order:
    """Return the order for a model inside of a chain, with what the chain leaves it."""
    beside = SMALL_ARRAYS_BYTES if chain.cabinet else 0
    target = order.target.reserve(FAST_REGION, chain.fixed_bytes + beside)
    return replace(order, target=target, around_cycles=chain.cycles_per_frame)


def fast_bytes_left(board: Board, plans: Sequence[AnyPlan], engines: Captures | None = None) -> int:
    """Return what models, of which one plays at a time, leave of the fastest memory.

    Tables stay whatever plays, those of every engine.
    """
    free = board.region(FAST_REGION).free_bytes
    if engines is not None:
        tables = table_bytes(engines.memories, FAST_REGION)
        return free - shared_bytes(engines.memories, FAST_REGION) - tables
    taken = (
        sum(buffer.size_bytes for buffer in plan.buffers if buffer.region == FAST_REGION)
        for plan in plans
    )
    return free - max(taken)


def _chain(
    order: Order,
    names: frozenset[BlockName],
    impulses: Mapping[Path, Impulse],
    fast_bytes: int = FAST_BYTES,
) -> ChainPlan:
    return plan_chain(
        block_frames=order.block_frames,
        names=names,
        responses=[impulse.response for impulse in impulses.values()],
        fast_bytes=fast_bytes,
    )


def _impulses(wanted: PedalWanted) -> dict[Path, Impulse]:
    """Prepare every response once."""
    paths = dict.fromkeys(capture.ir for capture in wanted.captures if capture.ir)
    return {
        path: prepare(
            read_impulse(path),
            rate_hz=SAMPLE_RATE_HZ,
            length=wanted.cabinets.taps,
            with_minimum_phase=wanted.cabinets.minimum_phase,
        )
        for path in paths
    }


def _gains(capture: Capture, file: NamFile, wanted: PedalWanted, taken: Selection) -> Gains:
    found = levels(file, submodel=taken.submodel, slim=capture.wanted.slim)
    return gains_of(found, capture, wanted, taken.model)
