"""`namgen verify` finds no differing bit in any fixture model, on the host and on the emulator."""

from __future__ import annotations

import pytest
from conftest import FixtureCase, all_cases, sample_cases

from host_sim.verify import verify
from namgen.lower import lower
from namgen.nam_file import read


def check(case: FixtureCase) -> None:
    """Every check of every place compared something, and all of it was equal."""
    pytest.importorskip("unicorn")
    found = verify(lower(read(case.model), slim=case.slim), places=("host", "emulator"))
    assert [check.engine for check in found.checks] == ["host", "emulator"]
    assert found.is_exact, found.first


@pytest.mark.parametrize("case", sample_cases()[1::2])
def test_a_sample_of_the_format_is_bit_exact_on_host_and_emulator(case: FixtureCase) -> None:
    check(case)


@pytest.mark.slow
@pytest.mark.parametrize("case", all_cases())
def test_every_fixture_is_bit_exact_on_host_and_emulator(case: FixtureCase) -> None:
    check(case)
