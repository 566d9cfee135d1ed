"""No mutated file gives the reader a traceback, a hang or more than a gigabyte."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import fuzz_reader
import make_nam
import pytest
from conftest import FIXTURES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[1]
SLOW_CASES = 100_000
BATCH = 12_500

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@settings(
    max_examples=150, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from(sorted(make_nam.all_kinds())),
    where=st.randoms(use_true_random=False),
    values=st.lists(JSON_VALUES, min_size=1, max_size=3),
)
def test_any_value_anywhere_is_accepted_or_refused_in_clear_lines(
    tmp_path: Path, kind: str, where: random.Random, values: list[object]
) -> None:
    document = make_nam.all_kinds()[kind]
    for value in values:
        holder, key = where.choice(fuzz_reader.places(document))
        holder[key] = value
    fuzz_reader.check(make_nam.write(tmp_path, json.dumps(document)))


KNOWN = ("loudness", "input_level_dbu", "output_level_dbu", "gain", "name", "date", "training")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
METADATA = ANYTHING | st.dictionaries(
    st.sampled_from(KNOWN),
    ANYTHING | st.text() | st.dictionaries(st.sampled_from(("year", "validation_esr")), ANYTHING),
)


@settings(
    max_examples=150, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(kind=st.sampled_from(sorted(make_nam.all_kinds())), metadata=METADATA)
def test_metadata_of_any_shape_never_stops_a_file(
    tmp_path: Path, kind: str, metadata: object
) -> None:
    document = make_nam.all_kinds()[kind]
    document["metadata"] = metadata
    assert fuzz_reader.check(make_nam.write(tmp_path, json.dumps(document))) is not None


@settings(
    max_examples=150, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.binary(max_size=400))
def test_any_bytes_are_refused_in_clear_lines(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "tweed.nam"
    path.write_bytes(data)
    assert fuzz_reader.check(path) is None


def run_mutants(cases: int, seed: int) -> str:
    """Read mutated files in a process with limited memory, and return what it printed."""
    command = [sys.executable, str(ROOT / "tests" / "fuzz_reader.py"), str(cases), str(seed)]
    command += [str(FIXTURES)] if FIXTURES.is_dir() else []
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"exit {done.returncode}: {done.stderr}"
    return done.stdout


def test_some_mutated_files_are_accepted_or_refused_in_clear_lines() -> None:
    assert run_mutants(500, seed=1).startswith("500 files, ")


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(SLOW_CASES // BATCH))
def test_a_hundred_thousand_mutated_files_are_accepted_or_refused_in_clear_lines(
    batch: int,
) -> None:
    assert run_mutants(BATCH, seed=1000 + batch).startswith(f"{BATCH} files, ")
