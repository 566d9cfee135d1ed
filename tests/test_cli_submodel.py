"""One rule takes a container's submodel, in every command and on every machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import make_nam
import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

import namgen
from namgen.cli import main
from namgen.errors import BudgetError
from namgen.nam_file import read
from namgen.order import make_order
from namgen.prediction import Measured
from namgen.processors.margin import Margin
from namgen.selection.choosing import choose, select
from namgen.selection.wanted import Wanted
from namgen.targets import load_target

HALF = 28
"""Channels of a network that takes more than half of the processor: too much for blocks of 8."""

IN_FLOATS = ("--precision", "float32")
"""In integers more would keep up."""


def big(channels: int) -> make_nam.Json:
    """An A1 array of two layers: `channels` squared multiply-adds, eight times."""
    return make_nam.a1(make_nam.a1_array(channels))


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A container whose largest submodel is too slow and whose middle one is not."""
    return make_nam.write(tmp_path, make_nam.container(make_nam.a1(), big(8), big(HALF), big(60)))


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


def taken_by(command: str, box: Path, *options: str) -> str:
    """Run a command; the submodel it says it took."""
    extra: list[object] = []
    if command == "inspect":
        found = json.loads(run("inspect", box, "--json", *options).stdout)["networks"]
        (mine,) = [network["submodel"] for network in found if network["taken"]]
        return str(mine)
    if command == "render":
        soundfile.write(box.parent / "in.wav", np.zeros(99, np.float32), 48000, subtype="FLOAT")
        extra = [box.parent / "in.wav", box.parent / "out.wav"]
    elif command == "build":
        extra = ["-o", box.parent / "out"]
    elif command == "verify":
        extra = ["--on", "host"]
    lines = run(command, box, *extra, *options).stderr.splitlines()
    (mine,) = [line.split()[1].rstrip(",") for line in lines if ": taken:" in line]
    return mine


COMMANDS = ("inspect", "build", "verify", "render", "profile")


@pytest.mark.parametrize("emulator", [True, False], ids=["emulator", "no-emulator"])
@pytest.mark.parametrize(
    ("options", "expected"),
    [((), "3"), (("--block", "8", *IN_FLOATS), "2"), (("--target", "host"), "4")],
)
def test_all_commands_take_the_same_submodel_with_and_without_an_emulator(
    options: tuple[str, ...],
    expected: str,
    emulator: bool,
    box: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if emulator:
        pytest.importorskip("unicorn")
        pytest.importorskip("capstone")
    else:
        monkeypatch.setattr("namgen.cli.build.find_instrument", lambda: None)
    unable = {"profile"} if not emulator or "host" in options else set()
    found = {name: taken_by(name, box, *options) for name in COMMANDS if name not in unable}
    assert found == dict.fromkeys(found, expected)


def test_what_an_image_takes_when_run_changes_no_choice(box: Path, tmp_path: Path) -> None:
    asked = []

    def slow(elf: Path, planned: Any) -> Measured:
        asked.append(planned)
        return Measured(1.0, 450_000, Margin(0.05, 0.2))

    with pytest.raises(BudgetError, match=r"may not keep up.*--submodel 2 is smaller"):
        namgen.build(box, out_dir=tmp_path / "out", instrument=slow)
    report = namgen.build(box, out_dir=tmp_path / "out", instrument=slow, force=True)
    assert report.sound.captures[0].selection.submodel == "3"
    assert len(asked) == 2


def test_a_slower_clock_takes_a_smaller_submodel(tmp_path: Path) -> None:
    file = read(make_nam.write(tmp_path, make_nam.container(big(8), big(30))))
    orders = (make_order(load_target("daisy"), clock=c, block_frames=None) for c in ("480", "400"))
    floats = Wanted(precision="float32")
    assert [choose(file, order, floats).submodel for order in orders] == ["2", "1"]


def test_where_nothing_fits_the_smallest_is_taken_and_no_image_is_made(tmp_path: Path) -> None:
    huge = [make_nam.a1(make_nam.a1_array(4, dilations=[far])) for far in (60_000, 80_000)]
    file = read(make_nam.write(tmp_path, make_nam.container(*huge)))
    order = make_order(load_target("daisy"), clock=None, block_frames=None)
    assert choose(file, order).submodel == "1"
    with pytest.raises(BudgetError, match=r"(?s)submodel 2, .*submodel 1, "):
        select(file, order)


def test_a_file_with_one_model_leaves_no_choice_to_tell(tmp_path: Path) -> None:
    tweed = make_nam.write(tmp_path, make_nam.a1())
    assert "submodel" not in run("verify", tweed, "--on", "host").stderr
    assert json.loads(run("inspect", tweed, "--json").stdout)["networks"][0]["taken"]
