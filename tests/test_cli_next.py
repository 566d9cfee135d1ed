"""What `build` says to do next can be typed as it stands, and leads to where the image runs."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from pathlib import Path

import make_nam
import pytest
from click.testing import CliRunner, Result

from namgen.cli import main


@pytest.fixture(autouse=True)
def _work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_nam.write(tmp_path, make_nam.a1())


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, [*arguments])
    assert result.exit_code == 0, result.output
    return result


def steps(*options: str) -> list[str]:
    """The lines below "next", which are those of the JSON too."""
    said = run("build", "tweed.nam", "--no-profile", *options).stdout.splitlines()
    shown = [line.strip() for line in said[said.index("next") + 1 :]]
    assert json.loads(run("build", "tweed.nam", "--no-profile", *options, "--json").stdout)[
        "next"
    ] == (shown)
    return shown


def typed(step: str) -> list[str]:
    """The words of the command in a line, without what it is for."""
    return shlex.split(step.partition("    ")[0])


FLASH, BOOTLOADER = "0x08000000:leave", "0x90040000:leave"


@pytest.mark.parametrize(
    ("boot", "address", "told"),
    [
        ("flash", FLASH, ["hold BOOT"]),
        ("sram", BOOTLOADER, ["put the Daisy bootloader", "press RESET, then BOOT"]),
        ("qspi", BOOTLOADER, ["put the Daisy bootloader", "press RESET, then BOOT"]),
    ],
)
@pytest.mark.parametrize("folder", ["out", "my amps/red 'n' hot", "-x"])
def test_an_image_is_proved_and_downloaded_where_it_runs(
    boot: str, address: str, told: list[str], folder: str
) -> None:
    verify, *hands, own, download = steps("--boot", boot, f"--out={folder}")
    assert typed(verify)[:2] == ["namgen", "verify"]
    assert Path(typed(verify)[2]).samefile(folder)
    assert len(hands) == len(told)
    assert all(text in hand for text, hand in zip(told, hands, strict=True))
    assert typed(own)[:2] == ["namgen", "flash"]
    assert Path(typed(own)[2]).samefile(folder)
    words = typed(download)
    assert words[:5] == ["dfu-util", "-a", "0", "-s", address]
    assert Path(words[words.index("-D") + 1]).samefile(Path(folder) / "firmware.bin")
    assert not words[words.index("-D") + 1].startswith("-")


def test_the_first_step_works_as_it_is_typed() -> None:
    first, *_ = steps("--target", "host", "-o", "my amps/red")
    assert "bit-exact" in run(*typed(first)[1:]).stdout


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs cc")
def test_c_for_this_machine_is_compiled_as_it_is_typed() -> None:
    _, compiled, included = steps("--target", "host", "-o", "my amps/red")
    subprocess.run(typed(compiled), check=True)
    assert Path("nam_tweed.o").stat().st_size > 0
    header = shlex.split(included)[1]
    assert Path("my amps/red", header).is_file()
