"""What a `.nam` file holds, what it costs, and which targets it suits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from namgen import ir
from namgen.fitting import Fit, fit_for
from namgen.fixed.precision import AUTO, Precision
from namgen.fixed.quality import Measured
from namgen.levels import Levels, levels
from namgen.lower import lower
from namgen.lower.container import submodels
from namgen.measures import (
    activations_per_frame,
    history_bytes,
    macs,
    parameters,
    receptive_field,
    weight_bytes,
)
from namgen.nam_file import read
from namgen.nam_file.shapes import every_model, linear_biases
from namgen.nam_file.types import LinearConfig, Metadata, NamFile, NamModel
from namgen.order import Order, make_order
from namgen.passes.fold import fold
from namgen.progress import Progress, silent
from namgen.selection.choosing import choose
from namgen.selection.recording import Recording
from namgen.selection.told import Nulls, nulls_of
from namgen.selection.wanted import Wanted
from namgen.tanh_cost import TanhCost, tanh_cost
from namgen.targets import DEFAULT_TARGET, HOST, load_target


@dataclass(frozen=True, slots=True)
class Stack:
    """A run of layers of one width."""

    kind: str
    channels: int
    layers: int
    kernel_sizes: tuple[int, ...]
    dilations: tuple[int, ...]
    activations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """One network: the file's own, or a submodel's."""

    submodel: str | None  # its number from "1"; None when the file is no container
    taken: bool  # whether the commands take it, where they are not told which
    architecture: str
    in_channels: int
    out_channels: int
    layers: int
    stacks: tuple[Stack, ...]
    parameters: int
    macs_per_sample: int  # by the weights of the file
    macs_per_sample_in_c: int  # of the folded network, which is what C in float32 computes
    activations_per_sample: int
    receptive_field: int | None  # samples; None: without end
    receptive_field_ms: float | None
    weight_bytes: int
    history_bytes: int
    levels: Levels
    fits: tuple[Fit, ...]
    null: Measured | None  # against the submodel that is taken in integers; None: there is none
    tanh_cost: TanhCost | None  # None: every tanh is exact


@dataclass(frozen=True, slots=True)
class Inspection:
    """A file and its networks."""

    file: str
    sha256: str
    size_bytes: int
    kind: Literal["nam", "wav"]  # wav: an impulse response
    version: str | None  # None: a WAV has none
    architecture: str
    sample_rate_hz: int | None  # None: not in the file
    assumed_sample_rate_hz: int | None  # what is taken instead; None: not needed
    metadata: Metadata
    warnings: tuple[str, ...]
    notes: tuple[str, ...]  # what cannot be known from the file
    target: str  # that `taken` of a network is about
    networks: tuple[NetworkFacts, ...]

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values."""
        return asdict(self)


def inspect(
    path: Path | str,
    *,
    tanh: str = "exact",
    precision: Precision = AUTO,
    recording: Recording | None = None,
    order: Order | None = None,
    progress: Progress = silent,
) -> Inspection:
    """Read a `.nam` file or an impulse response and measure it; `tanh` as for `lower`.

    A `recording` is what integers are made for; without one it is namgen's own guitar.
    `order` is what a submodel and a `precision` are taken for; by default the Daisy with its own
    settings.

    Raises:
        NamgenError: the file cannot be read or holds something that is not supported.

    """
    file = read(path)
    choices = [str(choice.index) for choice in submodels(file)]
    own: list[tuple[str | None, ir.Model]]
    own = [(number, lower(file, submodel=number)) for number in choices] or [(None, lower(file))]
    last = own[-1][1]
    order = order or default_order(DEFAULT_TARGET)
    wanted = Wanted(tanh=tanh, precision=precision, recording=recording)
    chosen = choose(file, order, wanted, progress=progress) if len(own) > 1 else None
    taken = chosen.submodel if chosen else None
    nulls = nulls_of(chosen, file, wanted, order) if chosen else {}
    asked = _Asked(file, wanted, order, nulls, progress)
    return Inspection(
        file=file.name,
        sha256=file.sha256,
        size_bytes=file.size_bytes,
        kind=file.kind,
        version=file.model.version or None,
        architecture=file.model.architecture,
        sample_rate_hz=None if last.rate_is_assumed else last.sample_rate_hz,
        assumed_sample_rate_hz=last.sample_rate_hz if last.rate_is_assumed else None,
        metadata=file.model.metadata,
        warnings=file.warnings,
        notes=_notes(file),
        target=order.target.name,
        networks=tuple(
            _facts(asked, number, model, taken=taken in (None, number)) for number, model in own
        ),
    )


def stacks(network: ir.Network) -> Iterator[Stack]:
    """List the runs of layers of a network, condition networks first."""
    match network:
        case ir.WaveNet():
            if network.condition:
                yield from stacks(network.condition)
            for array in network.arrays:
                yield _array_stack(array)
        case ir.Lstm():
            for cell in network.cells:
                yield Stack("LSTM", cell.hidden_size, 1, (), (), ("Sigmoid", "Tanh"))
        case ir.ConvNet():
            convs = [block.conv for block in network.blocks]
            names = [block.activation.name for block in network.blocks]
            yield _stack("ConvNet", convs[0].out_channels, convs, names)
        case ir.Linear():
            yield _stack("Linear", network.out_channels, [network.conv], [])
        case ir.Sequential():
            for part in network.networks:
                yield from stacks(part)


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A file, and what for."""

    file: NamFile
    wanted: Wanted  # of each of its networks
    order: Order
    nulls: Nulls  # of its submodels
    progress: Progress


def _facts(asked: _Asked, number: str | None, exact: ir.Model, *, taken: bool) -> NetworkFacts:
    model = exact
    if asked.wanted.tanh != "exact":
        model = lower(asked.file, submodel=number or "full", tanh=asked.wanted.tanh)
    network = model.network
    runs = tuple(stacks(network))
    field = receptive_field(network)
    return NetworkFacts(
        submodel=number,
        taken=taken,
        architecture=type(network).__name__,
        in_channels=network.in_channels,
        out_channels=network.out_channels,
        layers=sum(run.layers for run in runs),
        stacks=runs,
        parameters=parameters(network),
        macs_per_sample=macs(network),
        macs_per_sample_in_c=macs(fold(network)),
        activations_per_sample=activations_per_frame(network),
        receptive_field=field,
        receptive_field_ms=None if field is None else 1000 * field / model.sample_rate_hz,
        weight_bytes=weight_bytes(network),
        history_bytes=history_bytes(network),
        levels=levels(asked.file, submodel=number or "full"),
        fits=tuple(_fit(asked, number, name) for name in _targets(asked.order)),
        null=asked.nulls.get(number or ""),
        tanh_cost=None if model is exact else tanh_cost(exact, model),
    )


def _targets(order: Order) -> Iterator[str]:
    """Name what nearly everybody builds for, and what is asked for."""
    computer = load_target(HOST).name
    yield from dict.fromkeys((DEFAULT_TARGET, computer, order.target.name))


def default_order(target: str) -> Order:
    """What a command makes of a target where no option says otherwise."""
    return make_order(load_target(target), clock=None, block_frames=None)


def _fit(asked: _Asked, number: str | None, name: str) -> Fit:
    order = asked.order if name == asked.order.target.name else default_order(name)
    wanted = replace(asked.wanted, submodel=number or "full")
    return fit_for(asked.file, order, wanted, asked.progress)


def _notes(file: NamFile) -> tuple[str, ...]:
    if file.kind == "wav" or not any(map(_has_direction, every_model(file.model))):
        return ()
    return (
        "the order of a Linear's taps: the trainer wrote the oldest first before its fix of"
        " 22 August 2026, and such a file plays reversed in time, in NAM Core as here; no key says"
        " who wrote it",
    )


def _has_direction(model: NamModel) -> bool:
    """Whether this is a Linear that sounds otherwise when it is reversed."""
    if not isinstance(model.config, LinearConfig):
        return False
    responses = model.weights[: model.weights.size - linear_biases(model.config)]
    taps = responses.reshape(-1, model.config.receptive_field)
    return not np.array_equal(taps, taps[:, ::-1])


def _array_stack(array: ir.LayerArray) -> Stack:
    convs = [layer.conv for layer in array.layers]
    names = [layer.activation.name for layer in array.layers]
    return _stack("WaveNet", array.layers[0].channels, convs, names)


def _stack(kind: str, channels: int, convs: list[ir.Conv1d], activations: list[str]) -> Stack:
    return Stack(
        kind,
        channels,
        len(convs),
        tuple(conv.kernel_size for conv in convs),
        tuple(conv.dilation for conv in convs),
        tuple(dict.fromkeys(activations)),
    )
