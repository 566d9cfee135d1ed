"""A build of several captures is verified as it lies: every capture by itself, and the pedal."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import make_nam
import pytest
from click.testing import CliRunner

import namgen
from namgen.cli import main

ARRAY = "static const float capture_"


def run(*arguments: object) -> dict[str, object]:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return json.loads(result.stdout) if result.stdout else {"told": result.stderr}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two captures of one shape, and one of another, with two files of one name."""
    folder = tmp_path_factory.mktemp("captures")
    (folder / "other").mkdir()
    clean = make_nam.write(folder, make_nam.a1(), "clean.nam")
    loud = make_nam.write(
        folder / "other", make_nam.put(make_nam.a1(), "weights[3]", 0.1), "clean.nam"
    )
    lead = make_nam.write(folder, make_nam.a2(2), "lead.nam")
    namgen.build(clean, loud, lead, board="terrarium", block=16, out_dir=folder / "out")
    return folder / "out"


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "out"))


def test_every_capture_and_the_pedal_are_exact(out: Path) -> None:
    pytest.importorskip("unicorn")
    found = run("verify", out, "--json")
    checks = [(check["engine"], check["what"].partition(":")[0]) for check in found["checks"]]
    titles = ["clean", "clean 2", "lead"]
    assert found["bit_exact"]
    assert checks[:-1] == [(e, t) for e in ("host", "emulator", "firmware") for t in titles]
    assert checks[-1][0] == "pedal"
    pedal = found["checks"][-1]
    assert pedal["what"].endswith("every control used: 6 knobs, 2 footswitches, 4 toggles")


def test_one_that_is_loaded_to_rest_is_exact_too(tmp_path: Path) -> None:
    pytest.importorskip("unicorn")
    clean = make_nam.write(tmp_path, make_nam.a1(), "clean.nam")
    namgen.build(clean, board="terrarium", block=16, bypass_idle=True, out_dir=tmp_path / "out")
    found = run("verify", tmp_path / "out", "--json")
    assert found["bit_exact"]
    assert [check["engine"] for check in found["checks"]] == [
        "host",
        "emulator",
        "firmware",
        "pedal",
    ]


def test_another_capture_is_found_out(out: Path) -> None:
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    files = [capture["file"] for capture in report["captures"]]
    assert files == ["clean.nam", "clean 2.nam", "lead.nam"]
    shutil.copy(out / files[0], out / files[1])
    assert "clean 2.nam: expected the file of the report" in str(run("verify", out)["told"])


def test_numbers_of_another_capture_are_found_out(out: Path) -> None:
    numbers = out / "captures_numbers.h"
    text = numbers.read_text(encoding="utf-8")
    first, second, *_ = (part.partition("=")[2].partition(";")[0] for part in text.split(ARRAY)[1:])
    swapped = text.replace(first, second)
    numbers.write_text(swapped, encoding="utf-8")
    found = run("verify", out, "--on", "host", "--json")
    exact = {check["what"].partition(":")[0]: check["bit_exact"] for check in found["checks"]}
    assert exact == {"clean": False, "clean 2": True, "lead": True}
