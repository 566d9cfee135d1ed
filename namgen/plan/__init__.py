"""Decides every name, size, order and place of the C text."""

from __future__ import annotations

import numpy as np

from namgen import measures
from namgen.errors import UnsupportedError
from namgen.ir import Model, Network
from namgen.passes.fold import fold
from namgen.plan.builder import Builder
from namgen.plan.convolution import input_history
from namgen.plan.layouts.frame_major.cut import Tilings, measured_tilings, padded_frames
from namgen.plan.layouts.planar.builder import HostBuilder
from namgen.plan.layouts.planar.cut import VECTOR_UNITS, VectorUnit
from namgen.plan.layouts.planar.storage import whole_vectors
from namgen.plan.memory import Block, Buffer, Run
from namgen.plan.networks import input_conv, plan_network
from namgen.plan.placement import fits_fastest, place, static_arrays
from namgen.plan.program import Plan, SelfTest
from namgen.start_state import Settled
from namgen.targets import Target

__all__ = ["DEFAULT_VECTOR_UNIT", "Buffer", "Plan", "SelfTest", "plan"]

MAX_BLOCK_FRAMES = 256
HOST_CPU = "host"
DEFAULT_VECTOR_UNIT = "avx2"
"""What C for an unknown host is laid out for."""


def plan(
    model: Model,
    start: Settled,
    self_test: SelfTest,
    *,
    target: Target | None = None,
    block_frames: int = 48,
    tilings: Tilings | None = None,
    vector: str = DEFAULT_VECTOR_UNIT,
) -> Plan:
    """Plan the C of `model`, starting (and after each reset) from `start`.

    `self_test` is what the C compares itself with when it is asked to.

    `block_frames` is the public MAX_BLOCK, 1 to 256. Without a `target`, the C is laid out for a
    pedal and nothing is placed. `tilings` are how known shapes of sums are cut up; when not given,
    what was measured for the target, or nothing. For a host the C is laid out for the vector unit
    called `vector`; it computes the same bits.

    Raises:
        UnsupportedError: for a block size out of range, or a vector unit nobody knows.
        BudgetError: when the arrays do not fit the target's memories.

    """
    if not 1 <= block_frames <= MAX_BLOCK_FRAMES:
        raise UnsupportedError(
            f"block: expected 1 to {MAX_BLOCK_FRAMES} frames, found {block_frames}"
        )
    net = fold(model.network)
    builder = _builder(target, block_frames, tilings, vector)
    builder.shares_rings = True
    source, result = _fill(builder, net, start)
    if not fits_fastest(static_arrays(builder), target):
        # Each ring may then have a place of its own.
        builder = _builder(target, block_frames, tilings, vector)
        source, result = _fill(builder, net, start)
    return Plan(
        name=model.name,
        source=model.source,
        sha256=model.sha256,
        sample_rate_hz=model.sample_rate_hz,
        receptive_field=measures.receptive_field(model.network),
        in_channels=net.in_channels,
        out_channels=net.out_channels,
        block_frames=block_frames,
        padded_frames=builder.padded,
        options=model.options,
        summary=_summary(net),
        input=source,
        output=result,
        histories=tuple(builder.histories),
        rings=tuple(builder.rings.values()),
        blocks=tuple(builder.blocks),
        weights=tuple(builder.weights),
        kernels=tuple(builder.kernels.values()),
        cells=tuple(builder.cells),
        stages=tuple(builder.stages),
        buffers=(
            builder.buffers()
            if isinstance(builder, HostBuilder)
            else place(static_arrays(builder), target)
        ),
        self_test=self_test,
        layout=builder.layout() if isinstance(builder, HostBuilder) else None,
    )


def _vector_unit(name: str) -> VectorUnit:
    """Return the vector unit `name`.

    Raises:
        UnsupportedError: nobody knows it.

    """
    for unit in VECTOR_UNITS:
        if unit.name == name:
            return unit
    known = ", ".join(unit.name for unit in VECTOR_UNITS)
    raise UnsupportedError(f"vector unit: expected one of {known}, found {name!r}")


def _builder(
    target: Target | None, block_frames: int, tilings: Tilings | None, vector: str
) -> Builder:
    if target is not None and target.cpu == HOST_CPU:
        unit = _vector_unit(vector)
        return HostBuilder(whole_vectors(block_frames, unit), unit=unit)
    if tilings is None:
        tilings = measured_tilings(target.name) if target else {}
    return Builder(padded_frames(block_frames), tilings)


def _fill(builder: Builder, net: Network, start: Settled) -> tuple[Run, Block]:
    """Plan everything between the input and the output; return where these lie."""
    source = _input(builder, net)
    result = builder.block("output", net.out_channels)
    plan_network(builder, net, start, source, result, "")
    return source, result


def _input(builder: Builder, net: Network) -> Run:
    """Make the place of the model's input, with the past that its first reader needs."""
    conv = input_conv(net)
    if conv is None or not conv.lookback:
        return builder.block("input", net.in_channels)
    return input_history(builder, "input", conv, np.zeros(net.in_channels, np.float32))


def _summary(net: Network) -> tuple[str, ...]:
    """Say how much work a frame takes, as compiled."""
    macs, activations = measures.macs(net), measures.activations_per_frame(net)
    return (f"{macs} multiply-adds and {activations} activations per frame",)
