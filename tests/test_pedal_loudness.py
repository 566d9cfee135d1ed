"""How loud captures are whose files do not say it, and what becomes of the number."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import make_nam
import numpy as np
import pytest

from namgen.ir import Model
from namgen.levels import levels
from namgen.lower import lower
from namgen.nam_file import read
from namgen.pedal.loudness import STROKE_FRAMES, STROKES, measured_loudness, strokes
from namgen.reference.networks import Reference

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
CLIP_DB = -15.0


def gain_of(tmp_path: Path, factor: float) -> Model:
    document = make_nam.put(make_nam.linear(1, bias=False), "weights", [factor])
    return lower(read(make_nam.write(tmp_path, document)))


def test_the_signal_is_the_same_to_the_bit() -> None:
    digest = hashlib.sha256(strokes().astype("<f4").tobytes()).hexdigest()
    assert digest[:16] == "15bc8241a31bf31d"
    assert len(strokes()) == STROKE_FRAMES * len(STROKES)


def test_it_is_as_loud_as_the_clip_of_the_trainers(tmp_path: Path) -> None:
    assert measured_loudness(gain_of(tmp_path, 1.0)) == CLIP_DB


@pytest.mark.parametrize(("factor", "db"), [(0.5, -21.0), (2.0, -9.0), (-0.1, -35.0)])
def test_a_gain_is_as_loud_as_it_is(tmp_path: Path, factor: float, db: float) -> None:
    assert measured_loudness(gain_of(tmp_path, factor)) == db


def test_it_is_the_rms_of_what_the_reference_plays() -> None:
    model = lower(read(EXAMPLES / "tweed-nano.nam"))
    played = Reference(model).process(strokes()[None, :]).astype(np.float64)
    rms = math.sqrt(float(np.mean(played**2)))
    assert measured_loudness(model) == pytest.approx(20 * math.log10(rms), abs=0.051)


@pytest.mark.parametrize("submodel", ["lite", "full"])
def test_a_capture_that_says_it_is_measured_nearly_alike(submodel: str) -> None:
    file = read(EXAMPLES / "tweed-a2.nam")
    stated = levels(file, submodel=submodel).loudness_db
    measured = measured_loudness(lower(file, submodel=submodel))
    assert stated is not None
    assert measured == pytest.approx(stated.value, abs=2.0)


def test_silence_has_no_loudness(tmp_path: Path) -> None:
    assert measured_loudness(gain_of(tmp_path, 0.0)) is None


def test_several_channels_have_none(tmp_path: Path) -> None:
    stereo = make_nam.write(tmp_path, make_nam.linear(2, inputs=2, outputs=2))
    assert measured_loudness(lower(read(stereo))) is None
