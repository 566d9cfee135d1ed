"""Random small models of every kind: they are read, compiled, and play the reference's bits."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from generated_c import mismatched_ports
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from make_nam import Json, write
from random_nam import documents, slimmables

from host_sim.compare import compare
from host_sim.engines import EmulatorEngine, HostEngine, ReferenceEngine
from host_sim.signals import standard_signals
from namgen.ir import Model
from namgen.lower import lower
from namgen.nam_file import read
from namgen.selection.plans import plan_model

FRAMES = 48
BLOCKS = st.one_of(st.integers(1, 64), st.sampled_from([1, 2, 16, 48, 64]))
QUICK = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # without shrinking: every try costs a compiler run
    suppress_health_check=list(HealthCheck),
    database=None,
)
MANY = settings(QUICK, max_examples=150, derandomize=False)


def lowered(document: Json, *, slim: float | None = None, tanh: str = "exact") -> Model:
    with tempfile.TemporaryDirectory() as folder:
        return lower(read(write(Path(folder), document)), slim=slim, tanh=tanh)


def check(model: Model, *, block_frames: int, emulated: bool = False) -> None:
    """Play all signals in a row, in calls of 37 frames; every bit must be the reference's."""
    channels, rate = model.network.in_channels, model.sample_rate_hz
    signals = standard_signals(frames=FRAMES, channels=channels, sample_rate_hz=rate)
    samples = np.concatenate([signal.samples for signal in signals])
    expected = ReferenceEngine(model).process(samples)
    planned = plan_model(model, block_frames=block_frames)
    assert mismatched_ports(planned) == []
    engine = EmulatorEngine(planned) if emulated else HostEngine(planned)
    found = [engine.process(samples[n : n + 37]) for n in range(0, len(samples), 37)]
    tally = compare(expected, np.concatenate(found), signal="all", blocks="37")
    note(str(planned.summary))
    assert tally.is_exact, tally.first


@QUICK
@given(document=documents(), block_frames=BLOCKS, tanh=st.sampled_from(["exact", "exact", "fast"]))
def test_a_random_model_is_read_and_bit_exact(document: Json, block_frames: int, tanh: str) -> None:
    check(lowered(document, tanh=tanh), block_frames=block_frames)


@QUICK
@given(document=slimmables(), ratio=st.floats(0, 1), block_frames=BLOCKS)
def test_a_random_slimmable_model_is_bit_exact_at_any_width(
    document: Json, ratio: float, block_frames: int
) -> None:
    check(lowered(document, slim=ratio), block_frames=block_frames)


@pytest.mark.slow
@MANY
@given(document=documents(), block_frames=BLOCKS, tanh=st.sampled_from(["exact", "exact", "fast"]))
def test_many_random_models_are_read_and_bit_exact(
    document: Json, block_frames: int, tanh: str
) -> None:
    check(lowered(document, tanh=tanh), block_frames=block_frames)


@settings(QUICK, max_examples=60)
@given(document=documents(), block_frames=BLOCKS)
def test_a_random_plan_gives_every_kernel_memory_of_its_width(
    document: Json, block_frames: int
) -> None:
    assert mismatched_ports(plan_model(lowered(document), block_frames=block_frames)) == []


@pytest.mark.slow
@MANY
@given(document=slimmables(), ratio=st.floats(0, 1), block_frames=BLOCKS)
def test_many_random_slimmable_models_are_bit_exact_at_any_width(
    document: Json, ratio: float, block_frames: int
) -> None:
    check(lowered(document, slim=ratio), block_frames=block_frames)


@pytest.mark.slow
@MANY
@given(document=documents(), block_frames=BLOCKS)
def test_many_random_models_are_bit_exact_on_the_emulator(
    document: Json, block_frames: int
) -> None:
    pytest.importorskip("unicorn")
    check(lowered(document), block_frames=block_frames, emulated=True)
