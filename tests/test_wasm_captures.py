"""In WebAssembly captures that share engines come up when they do in the pedal, with its bits."""

from __future__ import annotations

import capture_sets
import numpy as np
import pytest
from test_captures_bits import played
from wasm_programs import program

from host_sim.wasm import NodeModule
from namgen.arithmetic import F32
from namgen.captures import Captures, emit_captures, laid_out_for
from namgen.captures.twin import CapturesTwin
from namgen.targets import load_target
from namgen.wasm import PROCESSOR

MOST_FRAMES = 64
PLACE = f"""
static float samples[{MOST_FRAMES}];

float *place(void);

float *place(void)
{{
    return samples;
}}
"""
EXPORTS = ("place", *(f"captures_{what}" for what in ("reset", "choose", "load", "process")))


class NodeCaptures:
    """See `CaptureEngine`: in node."""

    def __init__(self, captures: Captures) -> None:
        files = {**emit_captures(captures), "place.c": PLACE}
        self._module: NodeModule = program(files, (*EXPORTS, "captures_self_test"))
        self._place = self._module.call("place")

    def reset(self) -> None:
        self._module.call("captures_reset")

    def choose(self, capture: int) -> None:
        self._module.call("captures_choose", capture)

    def load(self, words: int) -> bool:
        return bool(self._module.call("captures_load", words))

    def process(self, samples: F32) -> F32:
        self._module.write(self._place, samples)
        self._module.call("captures_process", self._place, self._place, len(samples))
        return np.asarray(self._module.read(self._place, np.float32, len(samples)))

    def self_test(self) -> int:
        return int(self._module.call("captures_self_test"))


@pytest.mark.parametrize("seed", [1, 2])
def test_captures_chosen_at_random_come_up_with_the_pedal_s_bits(seed: int) -> None:
    captures = capture_sets.three_shapes()
    laid_out = laid_out_for(captures, load_target(PROCESSOR))
    assert len(laid_out.engines) == len(captures.engines)
    assert played(NodeCaptures(laid_out), seed) == played(CapturesTwin(captures), seed)


def test_every_capture_tests_itself() -> None:
    captures = laid_out_for(capture_sets.three_shapes(), load_target(PROCESSOR))
    assert NodeCaptures(captures).self_test() == 0
