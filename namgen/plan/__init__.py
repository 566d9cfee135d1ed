"""Decides every name, size, order and place of the C text."""

from __future__ import annotations

import numpy as np

from namgen import measures
from namgen.arithmetic import FLOAT32, Arithmetic
from namgen.blocks import DEFAULT_BLOCK_FRAMES, check_block
from namgen.boards import Board
from namgen.errors import UnsupportedError
from namgen.ir import Model, Network
from namgen.passes.fold import fold
from namgen.plan.builder import Builder
from namgen.plan.convolution import input_history
from namgen.plan.layouts import Layout, Storage
from namgen.plan.layouts.frame_major import frame_major
from namgen.plan.layouts.frame_major.cut import scalar_unit
from namgen.plan.layouts.planar import planar
from namgen.plan.layouts.planar.cut import VectorUnit
from namgen.plan.layouts.tilings import Tilings, measured_tilings
from namgen.plan.memory import Block, Buffer, Run
from namgen.plan.networks import input_conv, plan_network
from namgen.plan.parts import Parts
from namgen.plan.placement import fits_fastest, place, regions_of
from namgen.plan.program import Plan, SelfTest
from namgen.plan.stages import Name
from namgen.processors import DEFAULT_PROCESSOR, load_processor
from namgen.start_state import Settled
from namgen.targets import Target

__all__ = ["Buffer", "Plan", "SelfTest", "plan"]


def plan(
    model: Model,
    start: Settled,
    self_test: SelfTest,
    *,
    target: Target | None = None,
    block_frames: int = DEFAULT_BLOCK_FRAMES,
    tilings: Tilings | None = None,
    arithmetic: Arithmetic = FLOAT32,
    loaded: bool = False,
) -> Plan:
    """Plan the C of `model`, starting (and after each reset) from `start`.

    `self_test` is what the C compares itself with when it is asked to.
    `block_frames` is the public MAX_BLOCK, 1 to 256. Without a `target`, the C is laid out for a
    pedal and nothing is placed. `tilings` say how sums are cut up: as measured for the processor,
    or by rule, where they are not given. `arithmetic` is that of `start`, and of every array.
    With `loaded`, the C has no number of the capture: all captures of one shape can be loaded.

    Raises:
        UnsupportedError: for a size of block or tilings that the layout does not have.
        BudgetError: the arrays do not fit the target's memories.

    """
    net, board = fold(model.network), target.board if target else None
    builder = _builder(net, target, block_frames, tilings, Parts(arithmetic, loaded))
    source, result = _fill(builder, net, start)
    storage, buffers = _stored(builder, board)
    return Plan(
        name=model.name,
        source=model.source,
        sha256=model.sha256,
        sample_rate_hz=model.sample_rate_hz,
        receptive_field=measures.receptive_field(model.network),
        in_channels=net.in_channels,
        out_channels=net.out_channels,
        made_for=_made_for(target),
        block_frames=block_frames,
        options=model.options,
        summary=_summary(net),
        input=source,
        output=result,
        parts=builder.parts,
        layout=builder.layout,
        storage=storage,
        schedule=builder.layout.schedule(builder.parts),
        buffers=buffers,
        regions=regions_of(buffers, board),
        self_test=self_test,
    )


def _made_for(target: Target | None) -> str:
    """Name the board, where it is one, and the processor."""
    if target is None:
        return DEFAULT_PROCESSOR
    processor = target.processor.name
    return f"{target.name} ({processor})" if target.board else processor


def _builder(
    net: Network, target: Target | None, block_frames: int, tilings: Tilings | None, parts: Parts
) -> Builder:
    """Start a program in the layout for the target's processor and such blocks."""
    check_block(block_frames)
    return Builder(_layout(net, target, block_frames, tilings), parts)


def _layout(
    net: Network, target: Target | None, block_frames: int, tilings: Tilings | None
) -> Layout:
    """Return the layout for the target's processor and such blocks."""
    processor = target.processor if target else load_processor(DEFAULT_PROCESSOR)
    is_recurrent = any(measures.lstm_cells(net))
    if processor.layout_of(block_frames, is_recurrent=is_recurrent) == "planar":
        if tilings:
            raise UnsupportedError(f"tilings: expected none for {processor.name}, found some")
        unit = VectorUnit(
            processor.vector_unit, processor.lanes, processor.registers, processor.has_fma
        )
        return planar(block_frames, unit)
    if tilings is None:
        tilings = measured_tilings(processor.name) if target else {}
    return frame_major(block_frames, scalar_unit(processor), tilings)


def _stored(builder: Builder, board: Board | None) -> tuple[Storage, tuple[Buffer, ...]]:
    """Lay out and place all memories: the first way that fits the fastest one, or the last way."""
    for storage in builder.layout.storages(builder.parts):
        arrays = storage.arrays(builder.parts)
        if fits_fastest(arrays, board):
            break
    return storage, place(arrays, board)


def _fill(builder: Builder, net: Network, start: Settled) -> tuple[Run, Block]:
    """Plan everything between the input and the output; return where these lie."""
    source = _input(builder, net)
    result = builder.parts.block(Name("", "output"), net.out_channels)
    plan_network(builder, net, start, source, result, "")
    return source, result


def _input(builder: Builder, net: Network) -> Run:
    """Make the place of the model's input, with the past that its first reader needs."""
    conv = input_conv(net)
    if conv is None or not conv.lookback:
        return builder.parts.block(Name("", "input"), net.in_channels)
    return input_history(builder, Name("", "input"), conv, np.zeros(net.in_channels))


def _summary(net: Network) -> tuple[str, ...]:
    """Say how much work a frame takes, as compiled."""
    macs, activations = measures.macs(net), measures.activations_per_frame(net)
    return (f"{macs} multiply-adds and {activations} activations per frame",)
