"""A full-size A2 is what a pedal plays where nothing else is asked for, and it plays it exactly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from namgen.cli import main

pytest.importorskip("unicorn")
pytest.importorskip("capstone")

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "tweed-a2.nam"

MOST_CYCLES = 8200  # a sample, in the whole interrupt; of them the chain's are about 122
CHAIN_CYCLES = 125


def test_the_full_size_is_taken_keeps_up_and_is_exact(tmp_path: Path) -> None:
    out = tmp_path / "out"
    built = CliRunner().invoke(main, ["build", str(EXAMPLE), "-o", str(out), "--json"])
    assert built.exit_code == 0, built.output
    told = json.loads(built.stdout)
    assert [(c["submodel"], c["precision"]) for c in told["submodels"] if c["taken"]] == [
        ("2", "fixed16")
    ]
    prediction = told["prediction"]
    assert prediction["method"] == "cycle model"
    assert prediction["keeps_up"]
    assert prediction["cycles_per_sample"] <= MOST_CYCLES + CHAIN_CYCLES
    facts = told["captures"][0]["precision"]
    rows = {row["name"]: row for row in facts["integers"]["quality"]["signals"]}
    assert rows["guitar"]["snr_db"] >= 66
    assert rows["guitar, 20 dB down"]["snr_db"] >= 55
    assert facts["nulls_db"]["1"] < 25
    assert told["memory"]["itcm"]["model"] > 40_000
    verified = CliRunner().invoke(main, ["verify", str(out), "--json"])
    assert verified.exit_code == 0, verified.output
    checks = {check["engine"]: check for check in json.loads(verified.stdout)["checks"]}
    assert set(checks) == {"host", "emulator", "firmware", "pedal"}
    assert all(check["bit_exact"] for check in checks.values())
    assert not [note for note in checks["pedal"]["notes"] if "will not keep up" in note]
