"""Captures are driven as they were captured and come out equally loud, as far as files say so."""

from __future__ import annotations

import pytest

from namgen.chain.levels import calibration, normalisation
from namgen.levels import Level, Levels

SAYS_NOTHING = Levels(None, None, None)


def levels(loudness_db: float | None = None, input_level_dbu: float | None = None) -> Levels:
    loudness = None if loudness_db is None else Level(loudness_db, "model")
    captured = None if input_level_dbu is None else Level(input_level_dbu, "model")
    return Levels(loudness, captured, None)


@pytest.mark.parametrize(("loudness_db", "gain_db"), [(-18, 0), (-21.5, 3.5), (-10, -8)])
def test_captures_become_equally_loud(loudness_db: float, gain_db: float) -> None:
    found = normalisation(levels(loudness_db))
    assert found.gain_db == pytest.approx(gain_db)
    assert found.gain == pytest.approx(10 ** (gain_db / 20), rel=1e-7)


@pytest.mark.parametrize(("loudness_db", "gain_db"), [(-40, 12), (0, -12)])
def test_no_file_gets_more_than_12_db(loudness_db: float, gain_db: float) -> None:
    found = normalisation(levels(loudness_db))
    assert found.gain_db == gain_db
    assert found.is_limited
    assert str(found).endswith(f"; {-18 - loudness_db:+.1f} dB were asked for")


def test_the_model_is_driven_as_it_was_captured() -> None:
    """A board whose full scale is a stronger signal than the capture's gets a gain."""
    found = calibration(levels(input_level_dbu=12.0), full_scale_dbu=15.5)
    assert found.gain_db == pytest.approx(3.5)
    assert str(found) == (
        "input calibration: +3.5 dB; the board's full scale is +15.5 dBu, the capture's +12.0 dBu"
    )


def test_what_a_file_does_not_say_is_not_corrected_and_told() -> None:
    for found in (
        normalisation(SAYS_NOTHING),
        calibration(SAYS_NOTHING, full_scale_dbu=0.5),
        calibration(levels(input_level_dbu=12.0), full_scale_dbu=None),
    ):
        assert (found.gain_db, found.gain, found.is_limited) == (0.0, 1.0, False)
        assert ": none; the " in str(found)


def test_a_measured_loudness_stands_in_for_a_stated_one() -> None:
    assert normalisation(SAYS_NOTHING, measured_db=-20).gain_db == pytest.approx(2)
    assert "measured" in str(normalisation(SAYS_NOTHING, measured_db=-20))
    assert normalisation(levels(-19), measured_db=-30).gain_db == pytest.approx(1)
