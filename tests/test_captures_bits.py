"""Several captures: C on this machine, machine code of a Cortex-M7 and NumPy give the same bits."""

from __future__ import annotations

import capture_sets
import numpy as np
import pytest

from host_sim.capture_engines import CaptureEngine, EmulatedCaptures, HostCaptures
from namgen.captures import Captures, emit_captures, laid_out_for, plan_captures
from namgen.captures.twin import CapturesTwin
from namgen.reference.networks import Reference
from namgen.targets import load_target
from namgen.toolchain import find_cross

WORDS = 500
"""That are loaded at a time: no engine of these is loaded in one go."""


def engine_named(name: str, captures: Captures) -> CaptureEngine:
    made: CaptureEngine
    if name == "host":
        made = HostCaptures(captures)
    else:
        made = EmulatedCaptures(captures, toolchain=find_cross(name))
    return made


def played(engine: CaptureEngine, seed: int) -> bytes:
    """Play blocks of any size, and choose at any time, also while another one is loaded."""
    random = np.random.default_rng(seed)
    parts: list[bytes] = []
    engine.reset()
    for turn in range(60):
        if random.random() < 0.25:
            engine.choose(int(random.integers(5)))
        parts.append(bytes([engine.load(int(random.integers(WORDS)))]))
        samples = capture_sets.noise(int(random.integers(1, 60)), seed=turn)
        parts.append(engine.process(samples).tobytes())
    return b"".join(parts)


@pytest.mark.parametrize("name", ["host", "zig", "gcc"])
@pytest.mark.parametrize("seed", [1, 2])
def test_captures_chosen_at_random_give_the_twins_bits(name: str, seed: int) -> None:
    captures = capture_sets.three_shapes()
    expected = played(CapturesTwin(captures), seed)
    assert played(engine_named(name, captures), seed) == expected


@pytest.mark.parametrize("seed", [1, 2])
def test_in_vectors_too(seed: int) -> None:
    captures = capture_sets.three_shapes("host")
    assert played(HostCaptures(captures), seed) == played(CapturesTwin(captures), seed)


@pytest.mark.parametrize("seed", [1, 2])
def test_laid_out_anew_they_come_up_when_the_first_ones_did(seed: int) -> None:
    first = capture_sets.three_shapes()
    anew = laid_out_for(first, load_target("host"))
    assert played(HostCaptures(anew), seed) == played(CapturesTwin(first), seed)


@pytest.mark.parametrize("name", ["host", "zig"])
def test_a_capture_that_comes_up_sounds_as_if_it_had_always_been_there(name: str) -> None:
    captures = capture_sets.three_shapes()
    engine = engine_named(name, captures)
    engine.reset()
    engine.process(capture_sets.noise(700))
    for number in (2, 0, 1, 4, 3, 2):
        engine.choose(number)
        while not engine.load(WORDS):
            pass
        samples = capture_sets.noise(300, seed=number)
        reference = Reference(captures.captures[number].model)
        expected = reference.process(samples[np.newaxis])[0]
        assert engine.process(samples).tobytes() == expected.tobytes()


def test_until_a_capture_is_there_it_is_silent() -> None:
    engine = HostCaptures(capture_sets.three_shapes())
    samples = capture_sets.noise(48)
    assert not engine.load(WORDS)  # nothing was chosen
    assert not engine.process(samples).any()
    engine.reset()
    assert engine.process(samples).any()
    engine.choose(2)
    assert not engine.load(1)
    assert not engine.process(samples).any()


@pytest.mark.parametrize("target", ["daisy", "host"])
@pytest.mark.parametrize("words", [1, 7, 100_000])
def test_loading_writes_as_many_words_as_the_plan_says(words: int, target: str) -> None:
    captures = capture_sets.three_shapes(target)
    engine = HostCaptures(captures)
    for number in range(len(captures.captures)):
        engine.choose(number)
        calls = 1
        while not engine.load(words):
            calls += 1
        assert calls == -(-captures.engine_of(number).words // words)


def test_a_number_that_no_capture_has_is_the_last_one() -> None:
    captures = capture_sets.three_shapes()
    host, twin = HostCaptures(captures), CapturesTwin(captures)
    host.reset()
    for engine in (host, twin):
        engine.choose(7)
        engine.load(100_000)
    samples = capture_sets.noise(48)
    assert host.process(samples).tobytes() == twin.process(samples).tobytes()
    assert twin.chosen == 4


def test_every_capture_tests_itself() -> None:
    captures = capture_sets.three_shapes()
    assert HostCaptures(captures).self_test() == 0


def test_the_self_test_notices_a_number_that_is_wrong() -> None:
    captures = capture_sets.three_shapes()
    captures.captures[0].test_bits[3] ^= 1
    try:
        assert HostCaptures(captures).self_test() == 4
    finally:
        captures.captures[0].test_bits[3] ^= 1


@pytest.mark.parametrize("target", ["daisy", "host"])
def test_every_network_can_be_loaded(target: str) -> None:
    models = capture_sets.every_network()
    captures = plan_captures(models, target=load_target(target), block_frames=48)
    assert [capture.engine for capture in captures.captures] == [
        number // 2 for number in range(len(models))
    ]
    host, twin = HostCaptures(captures), CapturesTwin(captures)
    samples = capture_sets.noise(400)
    for number in range(len(models)):
        for engine in (host, twin):
            engine.choose(number)
            engine.load(100_000)
        assert host.process(samples).tobytes() == twin.process(samples).tobytes()


def test_no_number_of_a_capture_is_in_the_text_of_an_engine() -> None:
    texts = emit_captures(capture_sets.three_shapes())
    clean = capture_sets.three_shapes().captures[0]
    numbers = {f"{value}f" for value in clean.numbers if len(str(value)) > 6}
    assert len(numbers) > 50
    for name, text in texts.items():
        if name.startswith("nam_engine"):
            assert not [number for number in numbers if number in text], name
