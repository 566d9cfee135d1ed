"""Bass, middle and treble sound as in the NAM plug-in, at every setting, and are stable between."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from chain_setups import RATE_HZ, different, fresh, host, plan_of, response_db, sounds

from namgen.arithmetic import F32
from namgen.chain.equaliser import BANDS, POSITIONS, Band, table
from namgen.chain.twin.equaliser import Filter

F64 = npt.NDArray[np.float64]

HEARD_HZ = np.geomspace(20, 20_000, 60)
POSITIONS_HEARD = np.linspace(0, 1, 54)  # mostly between the rows of the table
FRAMES = 8192
ALLOWED_DB = 0.1


PLUG_IN = {"bass": (150, 0.707, 0.707), "middle": (425, 1.5, 0.7), "treble": (1800, 0.707, 0.707)}
"""Hz, and Q when it cuts and when it boosts."""


def cookbook_db(band: Band, level_db: float) -> F64:
    """The plug-in's filter: the Audio EQ Cookbook's, as it is printed there."""
    frequency_hz, q_cut, q_boost = PLUG_IN[band.name]
    q = q_cut if level_db < 0 else q_boost
    a, w = 10 ** (level_db / 40), 2 * math.pi * frequency_hz / RATE_HZ
    c, alpha = math.cos(w), math.sin(w) / (2 * q)
    root = 2 * math.sqrt(a) * alpha
    if band.shape == "bell":
        b = (1 + alpha * a, -2 * c, 1 - alpha * a)
        d = (1 + alpha / a, -2 * c, 1 - alpha / a)
    else:
        sign = 1 if band.shape == "low_shelf" else -1  # the high shelf is the low one mirrored
        up, down, m = a + 1, a - 1, sign * c
        b = (
            a * (up - down * m + root),
            sign * 2 * a * (down - up * m),
            a * (up - down * m - root),
        )
        d = (up + down * m + root, -sign * 2 * (down + up * m), up + down * m - root)
    z = np.exp(-2j * np.pi * HEARD_HZ / RATE_HZ)
    answer = (b[0] + b[1] * z + b[2] * z * z) / (d[0] + d[1] * z + d[2] * z * z)
    return np.asarray(20 * np.log10(np.abs(answer)), np.float64)


def answer_at(name: str, position: float) -> F32:
    """The impulse response of the C with one knob turned, the others in the middle."""
    chain = host(plan_of())
    fresh(chain)
    chain.turn(name, position)
    chain.reset()
    impulse = np.zeros(FRAMES // 48 * 48, np.float32)
    impulse[0] = 1
    return chain.run("equaliser_process", impulse)


@pytest.mark.parametrize("band", BANDS, ids=lambda band: band.name)
def test_every_setting_is_the_plug_ins_curve(band: Band) -> None:
    worst = 0.0
    for position in POSITIONS_HEARD:
        most_db = {"bass": 20, "middle": 15, "treble": 10}[band.name]
        expected = cookbook_db(band, (2 * position - 1) * most_db)
        found = response_db(answer_at(band.name, float(position)), HEARD_HZ)
        worst = max(worst, float(np.abs(found - expected).max()))
    assert worst < ALLOWED_DB


@pytest.mark.parametrize("band", BANDS, ids=lambda band: band.name)
def test_the_range_is_the_plug_ins(band: Band) -> None:
    """Knobs from 0 to 10: 4, 3 and 2 dB a unit."""
    per_unit = {"bass": 4, "middle": 3, "treble": 2}[band.name]
    corner = {"bass": 20, "middle": band.frequency_hz, "treble": 20_000}[band.name]
    for position in (0.0, 1.0):
        (found,) = response_db(answer_at(band.name, position), np.array([float(corner)]))
        assert abs(found - (10 * position - 5) * per_unit) < 0.2


def test_flat_changes_no_bit() -> None:
    chain = host(plan_of())
    fresh(chain)
    samples = sounds(480)["noise"]
    assert different(chain.run("equaliser_process", samples), samples) == ""


@pytest.mark.parametrize("band", BANDS, ids=lambda band: band.name)
def test_no_setting_lets_the_state_grow(band: Band) -> None:
    """The state's matrix never lengthens it: so no way from setting to setting can either."""
    rows = table(band, RATE_HZ).astype(np.float64)
    between = [
        rows[k] + part * (rows[k + 1] - rows[k]) for k in range(POSITIONS) for part in (0, 0.5)
    ]
    for a11, b1, b2, *_ in between:
        matrix = np.array([[1 + a11, -b1], [b1, 1 - b2]])
        assert np.linalg.norm(matrix, 2) <= 1 + 1e-7


def test_the_bass_is_rounded_finely() -> None:
    """At +20 dB a state-variable filter errs 120 dB below the sound; a direct form does at 95."""
    band = Filter(BANDS[0], RATE_HZ)
    band.knob.turn(1.0)
    band.reset()
    samples = sounds(4800)["noise"]
    found = band.process(samples).astype(np.float64)
    exact = in_float64(band, samples)
    error_db = 10 * math.log10(float(((found - exact) ** 2).sum() / (exact**2).sum()))
    assert error_db < -120


def in_float64(band: Filter, samples: F32) -> F64:
    """The same filter, the same coefficients, nothing rounded to float32."""
    a11, b1, b2, direct, first, second = band.coefficients
    s1 = s2 = 0.0
    out = []
    for x in samples.astype(np.float64):
        e = x - s2
        out.append(direct * x + first * s1 + second * s2)
        s1, s2 = s1 + a11 * s1 + b1 * e, s2 + b1 * s1 + b2 * e
    return np.array(out)
