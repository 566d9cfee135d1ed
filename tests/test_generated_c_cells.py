"""The cells of an LSTM give the bits of the reference, in tiles of every size."""

from __future__ import annotations

import pytest
from generated_c import (
    CROSS_COMPILERS,
    HOST_COMPILERS,
    engine_of,
    need,
    reference_output,
    signal_of,
)
from small_networks import Weights

from host_sim.compare import compare
from namgen.ir import Lstm, LstmCell, Model
from namgen.selection.plans import plan_model

WIDTHS = {6: "nam_sigmoid", 7: "nam_sigmoid", 8: "nam_cell_sigmoid"}
"""Units of a layer, which are summed three, one and four at a time, and the sigmoid they have."""


def model(hidden: int) -> Model:
    """Two layers whose gates reach from one end of the table to the other."""
    w = Weights(hidden)

    def cell(inputs: int) -> LstmCell:
        weight, bias = w.array(4 * hidden, inputs + hidden, scale=3.0), w.array(4 * hidden)
        return LstmCell(weight, bias, w.array(hidden, scale=0.2), w.array(hidden, scale=0.2))

    network = Lstm(1, (cell(1), cell(hidden)), w.conv(hidden, 1), prewarm_frames=64)
    return Model("cells", "cells.nam", "0" * 64, 48_000, network)


@pytest.mark.parametrize("compiler", [*HOST_COMPILERS, *CROSS_COMPILERS])
@pytest.mark.parametrize("hidden", WIDTHS)
def test_a_cell_has_the_bits_of_the_reference(hidden: int, compiler: str) -> None:
    need(compiler)
    if compiler in CROSS_COMPILERS:
        pytest.importorskip("unicorn")
    made = model(hidden)
    planned = plan_model(made)
    assert {kernel.sigmoid for kernel in planned.parts.cell_kernels} == {WIDTHS[hidden]}
    signal = signal_of(made)
    found = engine_of(planned, compiler, opt="-O2").process(signal)
    tally = compare(
        reference_output(made, signal), found, signal="all signals", blocks=str(len(signal))
    )
    assert tally.is_exact, tally.first
