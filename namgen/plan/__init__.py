"""Decides every name, size, order and place of the C text."""

from __future__ import annotations

from namgen import measures
from namgen.errors import UnsupportedError
from namgen.ir import Model
from namgen.plan.builder import Builder
from namgen.plan.networks import plan_network
from namgen.plan.placement import place, static_arrays
from namgen.plan.program import Buffer, Plan
from namgen.plan.tiles import padded_frames
from namgen.start_state import Settled
from namgen.targets import Target

__all__ = ["Buffer", "Plan", "plan"]

MAX_BLOCK_FRAMES = 256


def plan(
    model: Model, start: Settled, *, target: Target | None = None, block_frames: int = 48
) -> Plan:
    """Plan the C of `model`, starting (and after each reset) from `start`.

    `block_frames` is the public MAX_BLOCK, 1 to 256. Without a `target`, or on one without memory
    regions, nothing is placed.

    Raises:
        UnsupportedError: for a block size out of range.
        BudgetError: when the arrays do not fit the target's memories.
    """
    if not 1 <= block_frames <= MAX_BLOCK_FRAMES:
        raise UnsupportedError(
            f"block: expected 1 to {MAX_BLOCK_FRAMES} frames, found {block_frames}"
        )
    net = model.network
    builder = Builder(padded_frames(block_frames))
    source = builder.block("input", net.in_channels)
    result = builder.block("output", net.out_channels)
    plan_network(builder, net, start, source, result, "")
    return Plan(
        name=model.name,
        source=model.source,
        sha256=model.sha256,
        sample_rate_hz=model.sample_rate_hz,
        receptive_field=measures.receptive_field(net),
        in_channels=net.in_channels,
        out_channels=net.out_channels,
        block_frames=block_frames,
        padded_frames=builder.padded,
        options=model.options,
        summary=(f"{measures.macs(net)} multiply-adds and "
                 f"{measures.activations_per_frame(net)} activations per frame",),
        input=source,
        output=result,
        histories=tuple(builder.histories),
        blocks=tuple(builder.blocks),
        weights=tuple(builder.weights),
        kernels=tuple(builder.kernels.values()),
        cells=tuple(builder.cells),
        stages=tuple(builder.stages),
        buffers=place(static_arrays(builder), target),
    )
