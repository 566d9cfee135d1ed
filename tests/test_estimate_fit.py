"""The static estimate, against the cycle model, on networks that it was not fitted to."""

from __future__ import annotations

import pytest

pytest.importorskip("unicorn")
pytest.importorskip("capstone")

from benchmarks.models import Candidate, a1, candidates, convnet, lstm
from host_sim.m7.pedal_profile import profile_pedal
from host_sim.pedal_run import pedal_image
from namgen import ir
from namgen.estimate import estimate
from namgen.prediction import Budget
from namgen.processors.pipeline import load_parameters
from namgen.selection.plans import plan_model
from namgen.targets import load_target
from namgen.toolchain import find_cross

HELD_OUT = (
    Candidate("two layers of 41", a1((41, (1, 2)))),
    Candidate(
        "17 into 3, ReLU", a1((17, (1, 4)), (3, (1, 3, 9)), activation=ir.Activation("ReLU"))
    ),
    Candidate("gated 11", a1((11, (1, 2, 4)), gating=ir.Gating.GATED)),
    Candidate("ConvNet of 15", convnet(15)),
    Candidate("LSTM 1x21", lstm(21, 1)),
)


@pytest.mark.parametrize("held_out", HELD_OUT, ids=lambda candidate: candidate.name)
def test_the_margin_holds_for_networks_outside_the_fit(held_out: Candidate) -> None:
    """The estimate's margin without the cycle model's own is what the estimate may be off by."""
    assert held_out.name not in {candidate.name for candidate in candidates()}
    target = load_target("daisy")
    planned = plan_model(held_out.load(), target=target, block_frames=48)
    image = pedal_image(planned, target.pedal, toolchain=find_cross(), boot="flash")
    modelled = profile_pedal(image.elf, planned, blocks=2, warm_up=2).interrupt.average_cycles
    guess = estimate(planned, target.pedal.processor, Budget(480_000_000, 48, 48_000))
    own = load_parameters().margins["float"]
    least = guess.cycles_per_block * (1 - guess.margin.low) / (1 - own.low)
    most = guess.cycles_per_block * (1 + guess.margin.high) / (1 + own.high)
    assert least <= modelled <= most
