"""Gathers what is told of a pedal and of each of its captures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeAlias

from namgen.analysis import Player, Sounding, sounding_of
from namgen.analysis.nulls import Difference, difference, truth
from namgen.errors import UnsupportedError
from namgen.fixed.quality import Measured, Quality
from namgen.inspection import Stack, stacks
from namgen.ir import Model
from namgen.levels import Levels, levels
from namgen.measures import activations_per_frame, macs, parameters, receptive_field
from namgen.nam_file.types import NamFile
from namgen.order import Order
from namgen.packages import package_of
from namgen.page.costs import Cost, Memory, cost_of, memories_of
from namgen.pedal.deciding import Pedal
from namgen.pedal.notes import notes_of
from namgen.pedal.sound import Played, SoundPlan
from namgen.pedal.wanted import PedalWanted
from namgen.prediction import Prediction
from namgen.progress import Progress, Stage

Bring: TypeAlias = Callable[[Model], Player]
"""Makes what plays a model: the generated C on this machine, for the commands."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Another capture, drawn over the one of the page."""

    name: str
    sounding: Sounding
    difference: Difference


@dataclass(frozen=True, slots=True)
class CaptureFacts:
    """One capture of the pedal."""

    title: str
    file: str
    sha256: str
    architecture: str
    submodel: str | None  # None: the file is no container
    precision: str
    metadata: Mapping[str, str]
    levels: Levels
    gains: tuple[str, ...]
    stacks: tuple[Stack, ...]
    parameters: int
    macs_per_sample: int
    activations_per_sample: int
    receptive_field: int | None  # samples; None: without end
    sample_rate_hz: int
    sounding: Sounding
    truth: Measured | None  # of float32 beside float64; None: it is in integers
    quality: Quality | None  # of integers beside float64; None: it is in float32

    @property
    def field_ms(self) -> float | None:
        """The receptive field as a time."""
        field = self.receptive_field
        return None if field is None else 1000 * field / self.sample_rate_hz


@dataclass(frozen=True, slots=True, eq=False)
class PageFacts:
    """All that the page is about."""

    title: str
    wanted: PedalWanted
    sound: SoundPlan
    order: Order
    captures: tuple[CaptureFacts, ...]
    costs: tuple[Cost, ...]  # in the order of the captures; empty: nobody fitted an estimate
    memories: tuple[Memory, ...]
    compared: Compared | None
    notes: tuple[str, ...]
    image: Prediction | None = None  # None: there is no image, or nothing is known of its cycles

    @property
    def prediction(self) -> Prediction | None:
        """What the slowest capture costs in its chain, in the image where there is one."""
        return self.image or self.sound.prediction

    def to_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return {
            "title": self.title,
            "board": self.wanted.board.name,
            "captures": [asdict(capture) for capture in self.captures],
            "cycles": [asdict(cost) for cost in self.costs],
            "prediction": self.prediction and self.prediction.to_json(),
            "memory": [asdict(memory) for memory in self.memories],
            "compared": self.compared and asdict(self.compared),
            "notes": list(self.notes),
        }


def gather(
    pedal: Pedal,
    sound: SoundPlan,
    files: Mapping[Path, NamFile],
    bring: Bring,
    *,
    other: Model | None,
    progress: Progress,
) -> PageFacts:
    """Look at everything, and play every capture; `other` is what the only one is compared with.

    Raises:
        UnsupportedError: the pedal cannot play a capture, or `other` has another rate or channels.

    """
    for played in sound.captures:
        package_of(pedal.order.target).check(played.selection.model, played.plan)
    if other is not None:
        _check_alike(other, sound.captures[0].selection.model)
    captures: list[CaptureFacts] = []
    players: list[Player] = []
    for wanted, played in zip(pedal.wanted.captures, sound.captures, strict=True):
        progress(Stage(f"playing {played.title}", len(captures) / (len(sound.captures) + 1)))
        players.append(bring(played.selection.model))
        file, slim = files[wanted.path], wanted.wanted.slim
        captures.append(_capture(played, file, slim, players[-1]))
    compared = None
    if other is not None:
        progress(Stage(f"comparing with {other.source}", 0.8))
        compared = _compared(other, players[0], bring)
    return PageFacts(
        _title(pedal, captures),
        pedal.wanted,
        sound,
        pedal.order,
        tuple(captures),
        tuple(cost_of(played, sound, pedal.order) for played in sound.captures),
        tuple(memories_of(sound, pedal.order)),
        compared,
        tuple(notes_of(pedal.wanted)),
    )


def _title(pedal: Pedal, captures: list[CaptureFacts]) -> str:
    if pedal.file is not None:
        return pedal.file.stem
    return pedal.wanted.name or " and ".join(dict.fromkeys(each.title for each in captures))


def _capture(played: Played, file: NamFile, slim: float | None, player: Player) -> CaptureFacts:
    selection, model = played.selection, played.selection.model
    network, fixed = model.network, played.selection.fixed
    gains = (played.gains.calibration, played.gains.normalisation)
    return CaptureFacts(
        title=played.title,
        file=file.name,
        sha256=file.sha256,
        architecture=file.model.architecture,
        submodel=selection.submodel if any(c.submodel for c in selection.choices) else None,
        precision=selection.precision,
        metadata=dict(_metadata(file)),
        levels=levels(file, submodel=selection.submodel, slim=slim),
        gains=tuple(str(gain) for gain in gains if gain is not None),
        stacks=tuple(stacks(network)),
        parameters=parameters(network),
        macs_per_sample=macs(network),
        activations_per_sample=activations_per_frame(network),
        receptive_field=receptive_field(network),
        sample_rate_hz=model.sample_rate_hz,
        sounding=sounding_of(player, model.sample_rate_hz),
        truth=None if fixed else truth(player, model),
        quality=fixed.quality if fixed else None,
    )


def _metadata(file: NamFile) -> Iterator[tuple[str, str]]:
    for item in fields(file.model.metadata):
        value = getattr(file.model.metadata, item.name)
        if isinstance(value, str):
            yield item.name.replace("_", " "), value
        elif value is not None and not item.name.endswith(("_db", "_dbu")):
            yield item.name.replace("_", " "), f"{value:g}"


def _check_alike(other: Model, mine: Model) -> None:
    """Refuse, before anything is played, what nothing can be compared with.

    Raises:
        UnsupportedError: it has another rate or channels.

    """
    shape = (other.network.in_channels, other.network.out_channels, other.sample_rate_hz)
    if shape != (1, 1, mine.sample_rate_hz):
        raise UnsupportedError(
            f"{other.source}: compare: expected one input, one output and "
            f"{mine.sample_rate_hz} Hz, found {shape[0]}, {shape[1]} and {shape[2]} Hz"
        )


def _compared(other: Model, player: Player, bring: Bring) -> Compared:
    another = bring(other)
    sounding = sounding_of(another, other.sample_rate_hz)
    return Compared(other.source, sounding, difference(player, another))
