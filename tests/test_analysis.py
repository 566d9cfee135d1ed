"""Every number of how a capture sounds is right for players whose answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from generated_c import small_model

from host_sim.engines import ReferenceEngine
from namgen.analysis import Bench, Player, sounding_of
from namgen.analysis.bench import FLOOR_DB, decibels
from namgen.analysis.decay import decay_of
from namgen.analysis.distortion import aliases_of, harmonics_of, products_of
from namgen.analysis.float64 import Float64
from namgen.analysis.gain import reaches_of, responses_of
from namgen.analysis.noise import noise_of
from namgen.analysis.nulls import difference, truth
from namgen.arithmetic import F32
from namgen.ir import Conv1d, Linear, Model, Network
from namgen.reference.float32 import Float32
from namgen.reference.networks import Reference

RATE_HZ = 48000


def bench(player: Player, rate_hz: int = RATE_HZ) -> Bench:
    return Bench(player, rate_hz)


def small(network: Network) -> Model:
    return Model("m", "m.nam", "0" * 64, 48000, network)


def halved(x: F32) -> F32:
    return np.float32(0.5) * x


def cubed(x: F32) -> F32:
    wide = x.astype(np.float64)
    return (wide - wide**3 / 3).astype(np.float32)


def bent(x: F32) -> F32:
    """A second harmonic that is as loud as the tone, where that is at -6 dB."""
    return x + np.float32(2.0) * x * x


def offset(x: F32) -> F32:
    return halved(x) + np.float32(0.1)


def late(x: F32) -> F32:
    """What comes a window and a half later."""
    return np.concatenate([np.zeros(7200, np.float32), x[:-7200]])


def one_pole(x: F32) -> F32:
    y, out = 0.0, []
    for value in x.tolist():
        y += 0.1 * (value - y)
        out.append(y)
    return np.array(out, np.float32)


@pytest.mark.parametrize("rate_hz", [48000, 44100, 22050])
def test_a_gain_is_found_at_every_frequency_level_and_rate(rate_hz: int) -> None:
    for response in responses_of(bench(halved, rate_hz)):
        assert response.gains_db == pytest.approx([-6.02] * len(response.hz), abs=0.01)
    for reach in reaches_of(bench(halved, rate_hz)):
        assert reach.out_db == pytest.approx(reach.in_db - 6.02, abs=0.01)
        assert reach.highest == pytest.approx(-reach.lowest, abs=1e-4)


def test_a_constant_is_no_part_of_what_is_found() -> None:
    for reach in reaches_of(bench(offset)):
        assert reach.out_db == pytest.approx(reach.in_db - 6.02, abs=0.01)
        half = 0.5 * 10 ** (reach.in_db / 20)
        assert (reach.highest, reach.lowest) == pytest.approx((half, -half), rel=0.01, abs=1e-4)
    assert max(alias.level_db for alias in aliases_of(bench(offset))) < -110


def test_what_comes_late_is_waited_for() -> None:
    for response in responses_of(bench(late)):
        assert response.gains_db == pytest.approx([0.0] * len(response.hz), abs=0.01)


def test_the_static_curve_of_a_cubic_is_that_of_the_formula() -> None:
    for reach in reaches_of(bench(cubed)):
        size = 10 ** (reach.in_db / 20)
        sines = math.hypot(size - size**3 / 4, size**3 / 12)
        assert reach.out_db == pytest.approx(decibels(sines), abs=0.02)
        assert reach.highest == pytest.approx(size - size**3 / 3, abs=1e-3)


def test_a_response_is_that_of_its_drive_and_of_the_tone_alone() -> None:
    for response in responses_of(bench(cubed)):
        size = 10 ** (response.drive_db / 20)
        gains = [decibels(1 - size**2 / 4)] * len(response.hz)
        assert response.gains_db == pytest.approx(gains, abs=0.01)
    for response in responses_of(bench(bent)):
        alone = [g for hz, g in zip(response.hz, response.gains_db, strict=True) if hz < 16000]
        assert alone == pytest.approx([0.0] * len(alone), abs=0.01)


def test_what_is_clean_makes_no_tone() -> None:
    clean = bench(halved)
    assert max(level for h in harmonics_of(clean) for level in h.levels_db[1:]) < -130
    assert max(product.level_db for product in products_of(clean)) < -130
    assert max(alias.level_db for alias in aliases_of(clean)) < -110


def test_the_harmonics_of_a_cubic_are_those_of_the_formula() -> None:
    for found in harmonics_of(bench(cubed)):
        size = 10 ** (found.drive_db / 20)
        first, third = size - size**3 / 4, size**3 / 12
        assert found.levels_db[0] == pytest.approx(decibels(first), abs=0.02)
        assert found.levels_db[2] == pytest.approx(decibels(third), abs=0.02)
        assert max(found.levels_db[1], *found.levels_db[3:]) < -120
        assert found.thd_percent == pytest.approx(100 * third / first, abs=0.01)


def test_the_tones_between_two_of_a_cubic_are_those_of_the_formula() -> None:
    size = 10 ** (-12 / 20)
    mean, between = size - size**3 * (1 / 4 + 1 / 2), size**3 / 4
    found = {product.name: product for product in products_of(bench(cubed))}
    assert found["2·f1 − f2"].hz == 160
    for name in ("2·f1 − f2", "2·f2 − f1", "2·f1 + f2"):
        assert found[name].level_db == pytest.approx(decibels(between / mean), abs=0.02)
    assert found["f1 + f2"].level_db < -120


def test_what_is_folded_down_counts_as_aliasing_and_harmonics_do_not() -> None:
    size = 10 ** (-6 / 20)
    folded = decibels((size**3 / 12) / (size - size**3 / 4))
    found = {alias.hz: alias.level_db for alias in aliases_of(bench(cubed))}
    low, high = min(found), max(found)
    assert 3 * low < RATE_HZ / 2 < 3 * high
    assert found[low] < -110
    assert found[high] == pytest.approx(folded, abs=0.02)


def test_the_response_of_a_pole_falls_as_it_should() -> None:
    for response in responses_of(bench(one_pole))[:1]:
        for hz, gain in zip(response.hz, response.gains_db, strict=True):
            turn = np.exp(-2j * math.pi * hz / RATE_HZ)
            assert gain == pytest.approx(decibels(abs(0.1 / (1 - 0.9 * turn))), abs=0.05)


def test_silence_and_hiss() -> None:
    found = noise_of(bench(lambda x: np.float32(2.0) * x + np.float32(0.01)))
    assert found.rest_db == pytest.approx(-40, abs=0.01)
    assert found.moving_db is None
    assert found.hiss_out_db == pytest.approx(-84, abs=0.5)
    restless = noise_of(bench(lambda x: x + np.float32(1e-4) * (np.arange(len(x)) % 2)))
    assert restless.moving_db == pytest.approx(decibels(math.sqrt(2) * 0.5e-4), abs=0.1)
    assert noise_of(bench(late)).moving_db is None, "what is left of a sound is no noise"


def test_a_decay_is_as_long_as_it_is() -> None:
    found = decay_of(bench(one_pole))
    assert found.gone_ms == 10, "a tenth of a step each: 0.9 ** 480 is under -60 dB"
    assert found.levels_db[-1] == FLOOR_DB
    assert decay_of(bench(halved)).gone_ms == 0

    def echo(x: F32, frames: int = 12000) -> F32:
        after = np.concatenate([np.zeros(frames, np.float32), x[:-frames]])
        return x + np.float32(0.25) * after

    found = decay_of(bench(echo))
    assert found.gone_ms == pytest.approx(250, abs=10)
    tone = math.sqrt((1 + 1.25**2) / 2)  # its last tenth of a second, half of it with the echo
    assert found.levels_db[:24] == pytest.approx([decibels(0.25 / tone)] * 24, abs=0.5)
    later = decay_of(bench(lambda x: echo(x, 16800)))
    assert later.levels_db[2] == FLOOR_DB
    assert later.gone_ms == pytest.approx(350, abs=10), "it is quiet, and then the echo comes"


def test_two_players_null_as_deep_as_they_are_alike() -> None:
    same = difference(halved, halved)
    assert same.depth_db == -FLOOR_DB
    louder = difference(halved, lambda x: x)
    assert louder.gain_db == pytest.approx(-6.02, abs=0.01)
    assert louder.depth_db == pytest.approx(0, abs=0.01)
    assert louder.matched_depth_db > 130


def test_float64_adds_what_float32_loses() -> None:
    """2^-30 beside 1 and -1: it is there only where no sum in between is rounded to float32."""
    weight = np.array([[[2.0**-30, 1.0]]], np.float32)
    network = Linear(Conv1d(weight, np.array([-1.0], np.float32)))
    ones = np.ones((1, 2), np.float32)
    found = {
        name: float(Reference(small(network), operations=operations).process(ones)[0, 1])
        for name, operations in (("float64", Float64()), ("float32", Float32()))
    }
    assert found == {"float64": 2.0**-30, "float32": 0.0}


def test_a_capture_is_set_beside_float64_and_not_beside_itself() -> None:
    model = small_model("two_arrays")
    exact = Reference(model, operations=Float64())
    near = truth(lambda x: ReferenceEngine(model).process(x[:, None])[:, 0], model)
    same = truth(lambda x: exact.process(x[None, :])[0], model)
    assert 100 < near.snr_db < 170
    assert same.snr_db > 200


def test_what_is_no_number_is_silence() -> None:
    found = sounding_of(lambda x: np.full_like(x, np.nan), RATE_HZ)
    assert {reach.out_db for reach in found.curve} == {FLOOR_DB}
    assert found.noise.rest_db == FLOOR_DB
