"""The generated C equals the reference on this machine and on the emulated processor."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import make_nam
import pytest
from click.testing import CliRunner

from host_sim import verify as verification
from host_sim.compare import compare
from host_sim.engines import HostEngine
from host_sim.host_model import HostModel
from host_sim.pedal_run import model_alone, pedal_image, play_pedal, varied_codes
from host_sim.verify import verify
from namgen.boards import load_board
from namgen.cli import main
from namgen.ir import Model
from namgen.lower import lower
from namgen.nam_file import read
from namgen.reference.networks import Reference
from namgen.targets import load_target
from namgen.toolchain import find_cross, find_host

KINDS = sorted(make_nam.all_kinds())


def model(folder: Path, document: make_nam.Json) -> Model:
    return lower(read(make_nam.write(folder, document)))


@pytest.mark.parametrize("kind", KINDS)
def test_every_architecture_is_bit_exact_on_the_host(kind: str, tmp_path: Path) -> None:
    found = verify(model(tmp_path, make_nam.all_kinds()[kind]), places=("host",))
    assert found.is_exact, found.first


@pytest.mark.parametrize("kind", KINDS)
def test_every_architecture_is_bit_exact_on_the_emulator(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("unicorn")
    found = verify(model(tmp_path, make_nam.all_kinds()[kind]), places=("emulator",))
    assert found.is_exact, found.first


@pytest.mark.parametrize("block_frames", [1, 5, 48, 256])
def test_the_block_size_changes_no_bit(block_frames: int, tmp_path: Path) -> None:
    found = verify(model(tmp_path, make_nam.a1()), places=("host",), block_frames=block_frames)
    assert found.is_exact, found.first


def test_several_channels_are_compared(tmp_path: Path) -> None:
    found = verify(model(tmp_path, make_nam.lstm(channels=2)), places=("host",))
    assert found.is_exact, found.first


def test_a_wrong_engine_is_told_with_place_and_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = model(tmp_path, make_nam.a1())
    wrong = model(tmp_path, make_nam.put(make_nam.a1(), "weights[3]", 0.123))

    class Wrong(HostEngine):
        def __init__(self, planned: object) -> None:
            super().__init__(verification.plan_model(wrong))

    monkeypatch.setattr(verification, "HostEngine", Wrong)
    found = verify(right, places=("host",))
    assert not found.is_exact
    assert found.first is not None
    assert found.first.expected.startswith("0x")
    assert found.first.expected != found.first.found


def test_the_command_prints_what_was_compared(tmp_path: Path) -> None:
    path = make_nam.write(tmp_path, make_nam.a2())
    result = CliRunner().invoke(main, ["verify", str(path), "--on", "host"])
    assert result.exit_code == 0, result.output
    assert "samples equal" in result.stdout
    assert result.stdout.endswith("\nbit-exact on this machine; the machine code was not run\n")
    as_json = CliRunner().invoke(main, ["verify", str(path), "--on", "host", "--json"])
    found = json.loads(as_json.stdout)
    assert found["bit_exact"]
    assert found["checks"][0]["samples"] == found["checks"][0]["equal"] > 10_000


def test_the_command_ends_with_1_when_a_bit_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_nam.write(tmp_path, make_nam.a1())
    process = HostEngine.process
    monkeypatch.setattr(HostEngine, "process", lambda self, x: -process(self, x))
    result = CliRunner().invoke(main, ["verify", str(path), "--on", "host"])
    assert result.exit_code == 1
    assert "first difference" in result.stdout
    assert "NOT bit-exact" in result.stdout


def test_host_model_plays_and_resets(tmp_path: Path) -> None:
    path = make_nam.write(tmp_path, make_nam.a1())
    played = HostModel(path)
    noise = verification.long_noise(frames=300, channels=1).samples[:, 0]
    expected = Reference(lower(read(path))).process(noise[None, :])[0]
    first = played.process(noise)
    played.reset()
    assert first.tobytes() == expected.tobytes() == played.process(noise).tobytes()


def test_host_model_refuses_other_shapes(tmp_path: Path) -> None:
    played = HostModel(make_nam.write(tmp_path, make_nam.a1()))
    with pytest.raises(ValueError, match=r"\(frames, 1\)"):
        played.process([[0.0, 0.0]])


@pytest.mark.parametrize("opt", ["-O0", "-O3"])
@pytest.mark.parametrize("fma", [True, False])
def test_neither_optimisation_nor_a_missing_fma_changes_a_bit(
    opt: str,
    fma: bool,
    tmp_path: Path,
) -> None:
    path = make_nam.write(tmp_path, make_nam.a1())
    noise = verification.long_noise(frames=300, channels=1).samples[:, 0]
    plain = HostModel(path, compiler=find_host(fma=fma), opt=opt)
    assert plain.process(noise).tobytes() == HostModel(path).process(noise).tobytes()


@pytest.mark.parametrize("block_frames", [7, 48])
def test_the_pedal_plays_what_the_reference_computes(block_frames: int, tmp_path: Path) -> None:
    pytest.importorskip("unicorn")
    found = verify(
        model(tmp_path, make_nam.a1()),
        places=("emulator",),
        target=load_target("daisy"),
        block_frames=block_frames,
    )
    assert [check.engine for check in found.checks] == ["emulator", "pedal"]
    assert found.is_exact, found.first


def test_a_pedal_with_other_weights_is_caught(tmp_path: Path) -> None:
    pytest.importorskip("unicorn")
    right = model(tmp_path, make_nam.a1())
    wrong = model(tmp_path, make_nam.put(make_nam.a1(), "weights[3]", 0.123))
    planned = verification.plan_model(wrong, target=load_target("daisy"))
    image = pedal_image(planned, load_board("daisy"), toolchain=find_cross())
    played = play_pedal(model_alone(right), image, varied_codes(480))
    assert not compare(played.expected, played.found, signal="s", blocks="48").is_exact


def test_what_no_pedal_plays_is_verified_as_machine_code_and_said(tmp_path: Path) -> None:
    pytest.importorskip("unicorn")
    found = verify(
        model(tmp_path, make_nam.lstm(channels=2)),
        places=("emulator",),
        target=load_target("daisy"),
    )
    assert found.is_exact, found.first
    assert [check.engine for check in found.checks] == ["emulator"]
    assert "pedal: not run" in found.notes[0]


def test_gcc_for_arm_gives_the_same_bits(tmp_path: Path) -> None:
    pytest.importorskip("unicorn")
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("arm-none-eabi-gcc is not installed")
    gcc = find_cross("gcc")
    found = verify(model(tmp_path, make_nam.a1()), places=("emulator",), toolchain=gcc)
    assert found.is_exact, found.first
