"""A plot of the page lies where its numbers are, and its table has every one of them."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from namgen.analysis import Sounding, sounding_of
from namgen.arithmetic import F32
from namgen.page.marks import Numbers, Path, Picture
from namgen.page.plots import Axis, Series, Told, curves, even_axis
from namgen.page.sound_plots import level, sound_plots


def rough(x: F32) -> F32:
    return np.tanh(np.float32(3.0) * x + np.float32(0.2)).astype(np.float32)


@pytest.fixture(scope="module")
def sounding() -> Sounding:
    return sounding_of(rough, 48000)


def drawn(picture: Picture) -> list[tuple[float, float]]:
    """Where the first series goes, in pixels."""
    (line,) = (mark for mark in picture.marks if isinstance(mark, Path) and mark.look == "s0")
    pairs = re.findall(r"([\d.]+) ([\d.]+)", line.d)
    return [(float(x), float(y)) for x, y in pairs]


def table(picture: Picture) -> list[tuple[str, ...]]:
    assert picture.numbers is not None
    return list(picture.numbers.rows)


def test_what_is_louder_lies_higher_and_an_octave_is_as_wide_as_any() -> None:
    told = Told("key", "Title", "Words.", Numbers((), ()))
    octaves = Axis("Hz", 100, 1600, (), is_log=True)
    points = ((100.0, -20.0), (200.0, 0.0), (400.0, -10.0), (1600.0, -20.0))
    picture = curves(told, octaves, even_axis("dB", -20, 0, 10), [Series("", points, 0)])
    (one, two, three, four) = drawn(picture)
    assert one[1] == four[1] > three[1] > two[1]
    assert three[1] - two[1] == pytest.approx(one[1] - three[1], abs=0.1)
    octave = two[0] - one[0]
    assert octave > 50
    assert three[0] - two[0] == pytest.approx(octave, abs=0.1)
    assert four[0] - three[0] == pytest.approx(2 * octave, abs=0.1)


def test_tables_have_every_number_in_its_place(sounding: Sounding) -> None:
    curve, response, harmonics, products, aliases, decay = sound_plots("c1", [("amp", sounding)])
    assert [row[:2] for row in table(curve)] == [
        (level(point.in_db), level(point.out_db)) for point in sounding.curve
    ]
    gains = zip(*(one.gains_db for one in sounding.responses), strict=True)
    assert [row[1:] for row in table(response)] == [tuple(map(level, each)) for each in gains]
    assert [row[0] for row in table(response)] == [f"{hz:g}" for hz in sounding.responses[0].hz]
    levels = zip(*(one.levels_db for one in sounding.harmonics), strict=True)
    *shown, distortion = table(harmonics)
    assert [row[1:] for row in shown] == [tuple(map(level, each)) for each in levels]
    assert distortion[1:] == tuple(f"{one.thd_percent:.1f} %" for one in sounding.harmonics)
    assert [row[-1] for row in table(products)] == [
        level(each.level_db) for each in sounding.intermodulation
    ]
    assert [row[-1] for row in table(aliases)] == [level(a.level_db) for a in sounding.aliases]
    count = len(table(decay))
    assert [row[-1] for row in table(decay)] == [level(y) for y in sounding.decay.levels_db[:count]]
    assert math.isclose(float(table(decay)[1][0]), sounding.decay.step_ms)
