"""The reference agrees with NeuralAmpModelerCore, within a tolerance, from both start states."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from conftest import SAMPLE, FixtureCase, all_cases, sample_cases

from namgen import ir
from namgen.lower import lower
from namgen.measures import lstm_cells
from namgen.nam_file import read
from namgen.reference import Reference

MAX_ESR = 1e-9
MAX_ESR_LSTM = 1e-7
MAX_ERROR_PER_PEAK = 1e-4

Start = Literal["settled", "cold"]


def model_of(case: FixtureCase) -> ir.Model:
    return lower(read(case.model), slim=case.slim)


def check_parity(case: FixtureCase, start: Start) -> None:
    model, expected = model_of(case), case.expected(start)
    error = Reference(model, start=start).process(case.signal()) - expected
    esr = np.sum(error**2) / np.sum(expected**2)
    if next(lstm_cells(model.network), None) is not None:
        assert esr <= MAX_ESR_LSTM, f"ESR {esr:.2e}"
        return
    worst = np.abs(error).max() / np.abs(expected).max()
    assert esr <= MAX_ESR, f"ESR {esr:.2e}"
    assert worst <= MAX_ERROR_PER_PEAK, f"error {worst:.2e} of the peak"


@pytest.mark.parametrize("start", ["settled", "cold"])
@pytest.mark.parametrize("case", sample_cases())
def test_output_equals_nam_core_within_tolerance(case: FixtureCase, start: Start) -> None:
    check_parity(case, start)


@pytest.mark.slow
@pytest.mark.parametrize("start", ["settled", "cold"])
@pytest.mark.parametrize("case", all_cases())
def test_every_output_equals_nam_core_within_tolerance(case: FixtureCase, start: Start) -> None:
    check_parity(case, start)


def test_every_case_of_the_sample_exists(fixture_manifest: dict[str, list[object]]) -> None:
    assert fixture_manifest["cases"]
    assert len(sample_cases()) == len(SAMPLE)
