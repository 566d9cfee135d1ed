"""A WAV impulse response is a model to every command, and what is done to its rate is told."""

from __future__ import annotations

from pathlib import Path

import make_nam
import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from namgen.cli import main
from namgen.passes.resample import resample_taps

TAPS = np.float32([0.5, -0.25, 0.125, 0.0, -1.0])
TOLD = "cab.wav: taps resampled from 44100 to 48000 Hz"


@pytest.fixture
def cab(tmp_path: Path) -> Path:
    path = tmp_path / "cab.wav"
    path.write_bytes(make_nam.wav(TAPS, rate_hz=44100))
    return path


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


@pytest.mark.parametrize(("target", "rate_hz"), [("host", 44100), ("daisy", 48000)])
def test_an_impulse_comes_out_as_the_response(
    tmp_path: Path, cab: Path, target: str, rate_hz: int
) -> None:
    source, out = tmp_path / "in.wav", tmp_path / "out.wav"
    soundfile.write(source, np.eye(1, 20, dtype=np.float32)[0], rate_hz, subtype="FLOAT")
    told = run("render", cab, source, out, "--target", target).stderr
    taps = TAPS if target == "host" else resample_taps(TAPS, from_hz=44100, to_hz=48000)
    found, _ = soundfile.read(out, dtype="float32")
    np.testing.assert_array_equal(found, [*taps, *np.zeros(20 - taps.size)])
    assert (TOLD in told) is (target == "daisy")


def test_verify_and_build_take_it_and_tell(tmp_path: Path, cab: Path) -> None:
    checked = run("verify", cab, "--on", "host")
    assert "bit-exact" in checked.stdout
    assert TOLD in checked.stderr
    out = tmp_path / "out"
    assert TOLD in run("build", cab, "-o", out, "--no-profile").stderr
    assert (out / "cab.wav").read_bytes() == cab.read_bytes()
    assert "bit-exact" in run("verify", out, "--on", "host").stdout
