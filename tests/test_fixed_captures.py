"""A real full-size A2 in integers: how near it is, and that nothing wraps in it."""

from __future__ import annotations

from functools import cache
from itertools import islice
from pathlib import Path

import pytest

import namgen
from namgen.fixed.adversary import adversarial_inputs
from namgen.fixed.bounds import wrapping
from namgen.fixed.quality import measure
from namgen.fixed.quantise import EXTRA_CYCLES, Quantised, quantise
from namgen.fixed.reference import FixedReference

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "tweed-a2.nam"

pytestmark = pytest.mark.slow


@cache
def made() -> Quantised:
    return quantise(namgen.lower(namgen.read(EXAMPLE)).network)


def test_a_full_size_a2_is_near_and_silent() -> None:
    quality = measure(made().network, made().real)
    normal, quiet = quality.signals[:2]
    assert normal.snr_db >= 66.0
    assert quiet.snr_db >= 55.0
    assert quality.signals[-1].snr_db >= 70.0
    assert quality.silence_dbfs is None
    assert made().extra_cycles <= EXTRA_CYCLES


def test_nothing_wraps_in_a_full_size_a2() -> None:
    assert wrapping(made().network) == ()
    reference = FixedReference(made().network, check=True)
    for _, x in islice(adversarial_inputs(made().real, every=8), 0, None, 4):
        reference.process(x[None, :])
