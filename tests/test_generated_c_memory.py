"""The generated C reads and writes nothing beyond its arrays, whatever the block size."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import FixtureCase, all_cases
from generated_c import mismatched_ports, run_sanitized, small_model
from small_networks import EVERY_NETWORK, Weights

from namgen import ir
from namgen.emit import emit
from namgen.ir import Model
from namgen.lower import lower
from namgen.nam_file import read
from namgen.selection.plans import plan_model


def check(model: Model, folder: Path, *, block_frames: int = 48) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not on PATH")
    planned = plan_model(model, block_frames=block_frames)
    assert mismatched_ports(planned) == []
    assert run_sanitized(planned, folder) == "done\n"


def one_layer_arrays() -> Model:
    """The first array reads its input directly and hands on more channels than it reads."""
    w = Weights(20)
    arrays = (
        ir.LayerArray(
            w.conv(1, 4, bias=False),
            (w.layer(4, kernel=3, dilation=3),),
            w.conv(4, 2),
        ),
        ir.LayerArray(
            w.conv(4, 2, bias=False),
            (w.layer(2, kernel=2, dilation=5),),
            w.conv(2, 1),
        ),
    )
    return replace(small_model("two_arrays"), network=ir.WaveNet(1, arrays, 0.5))


@pytest.mark.parametrize("network", EVERY_NETWORK)
def test_no_access_leaves_its_array(network: str, tmp_path: Path) -> None:
    check(small_model(network), tmp_path, block_frames=7)


@pytest.mark.parametrize("block_frames", [1, 48])
def test_no_access_leaves_its_array_for_any_block(block_frames: int, tmp_path: Path) -> None:
    check(small_model("conv_head"), tmp_path, block_frames=block_frames)


def test_a_first_array_of_one_layer_stays_inside_its_output(tmp_path: Path) -> None:
    check(one_layer_arrays(), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("case", all_cases())
def test_no_access_of_any_fixture_leaves_its_array(case: FixtureCase, tmp_path: Path) -> None:
    check(lower(read(case.model), slim=case.slim), tmp_path)


def test_an_access_beyond_an_array_would_be_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not on PATH")
    planned = plan_model(small_model("linear"))
    files = emit(planned)
    code = files["nam_linear.c"].replace("out[i] = output[i];", "out[i] = output[i + BLOCK * 2];")
    assert code != files["nam_linear.c"]
    monkeypatch.setattr("generated_c.emit", lambda _: {**files, "nam_linear.c": code})
    assert "index 96 out of bounds" in run_sanitized(planned, tmp_path)
