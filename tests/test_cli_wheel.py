"""An installed wheel, away from the checkout, has all it needs to make firmware."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import make_nam
import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files, as pip would lay them out."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_is_what_runs(installed: Path, tmp_path: Path) -> None:
    where = run(installed, tmp_path, "-c", "import namgen, host_sim; print(namgen.__file__)")
    assert Path(where.strip()).is_relative_to(installed)
    assert (installed / "namgen" / "py.typed").exists()


def test_the_wheel_builds_the_same_firmware(installed: Path, tmp_path: Path) -> None:
    make_nam.write(tmp_path, make_nam.a1())
    run(installed, tmp_path, "-m", "namgen", "build", "tweed.nam", "-o", "wheel")
    run(ROOT, tmp_path, "-m", "namgen", "build", "tweed.nam", "-o", "checkout")
    for name in ("firmware.bin", "report.json"):
        assert (tmp_path / "wheel" / name).read_bytes() == (
            tmp_path / "checkout" / name
        ).read_bytes()


def test_the_wheel_verifies_on_the_emulator(installed: Path, tmp_path: Path) -> None:
    pytest.importorskip("unicorn")
    make_nam.write(tmp_path, make_nam.a1())
    said = run(installed, tmp_path, "-m", "namgen", "verify", "tweed.nam", "--on", "emulator")
    assert said.endswith("bit-exact\n")
    assert "pedal" in said
