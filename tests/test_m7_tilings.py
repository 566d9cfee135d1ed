"""Every way the plan can cut up a sum computes the bits of the reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from generated_c import reference_output
from small_networks import Weights, signal

from host_sim.compare import compare
from host_sim.engines import HostEngine
from namgen import ir
from namgen.plan.layouts.divisors import divisors
from namgen.plan.layouts.frame_major import frame_major
from namgen.plan.layouts.frame_major.cut import ScalarUnit
from namgen.plan.layouts.tilings import SumShape, Tiling
from namgen.selection.plans import plan_floats

BLOCK = 24
FRAMES = 2 * BLOCK + 7
LAYOUT = frame_major(BLOCK, ScalarUnit(32, paired_loads=True), tilings={})
SHAPES = tuple(
    SumShape(rows=rows, inputs=rows, kernel_size=kernel, stride=rows)
    for rows in range(1, 9)
    for kernel in (3, 6)
)
"""The square layers of the presets; `network_of` makes a network around each."""


def network_of(shape: SumShape) -> ir.WaveNet:
    """One array of two layers whose convolutions have this shape, with different dilations."""
    made = Weights(shape.rows * 16 + shape.kernel_size)
    layers = tuple(
        made.layer(shape.rows, kernel=shape.kernel_size, dilation=dilation) for dilation in (1, 5)
    )
    last = replace(layers[-1], layer1x1=None)
    head = made.conv(shape.rows, 1, kernel=4)
    rechannel = made.conv(1, shape.rows, bias=False)
    array = ir.LayerArray(rechannel, (*layers, layers[0], last), head)
    return ir.WaveNet(1, (array,), head_scale=0.5)


def variants(shape: SumShape) -> Iterator[Tiling]:
    """Every tiling with every number of taps per turn that the plan could be told to use."""
    for tiling in LAYOUT.possible_tilings(shape):
        for taps in divisors(shape.kernel_size, shape.kernel_size):
            yield replace(tiling, tap_unroll=taps)


def cases() -> list[Any]:
    """Every variant; a default run takes a sample spread over all of them."""
    every = [(shape, tiling) for shape in SHAPES for tiling in variants(shape)]
    return [
        pytest.param(
            shape,
            tiling,
            id=f"{shape.rows}x{shape.kernel_size}-{tiling.rows}r{tiling.frames}f"
            f"{tiling.batch}b{tiling.tap_unroll}t",
            marks=() if number % SPARSE == 0 else pytest.mark.slow,
        )
        for number, (shape, tiling) in enumerate(every)
    ]


SPARSE = 97


@pytest.mark.parametrize(("shape", "tiling"), cases())
def test_a_forced_tiling_gives_the_bits_of_the_reference(shape: SumShape, tiling: Tiling) -> None:
    model = ir.Model("forced", "forced.nam", "0" * 64, 48_000, network_of(shape))
    planned = plan_floats(model, block_frames=BLOCK, tilings={shape: tiling})
    samples = signal(FRAMES).T
    expected = reference_output(model, samples)
    found = HostEngine(planned, opt="-O1").process(samples)
    tally = compare(expected, found, signal="noise", blocks=str(FRAMES))
    assert tally.is_exact, tally.first


@pytest.mark.parametrize("shape", SHAPES[::10], ids=str)
def test_a_forced_tiling_is_in_the_plan(shape: SumShape) -> None:
    model = ir.Model("forced", "forced.nam", "0" * 64, 48_000, network_of(shape))
    for tiling in LAYOUT.possible_tilings(shape):
        planned = plan_floats(model, block_frames=BLOCK, tilings={shape: tiling})
        frames = {named.kernel.tile_frames for named in planned.kernels if "k" in named.name}
        assert tiling.frames in frames
