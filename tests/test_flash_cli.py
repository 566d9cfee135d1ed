"""`namgen flash` as somebody uses it: folders, files, a pedal.toml, buttons, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import make_nam
import pytest
from click.testing import CliRunner, Result

pytest.importorskip("usb")

from dfu_bus import Bus
from dfu_device import DAISY, ROM, Clock, Device
from flash_setups import device, holds, quiet_host, write_file

import namgen
from namgen.cli import main
from namgen.flashing.host import RULE
from namgen.flashing.image import read_image

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def _work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("namgen.cli.flash.host", lambda: quiet_host(tmp_path))


def plug(monkeypatch: pytest.MonkeyPatch, *boards: Device) -> None:
    """Plug boards in, and let time be theirs."""
    clock = boards[0].clock if boards else Clock()
    monkeypatch.setattr("namgen.flashing.usb.find_backend", lambda: Bus(*boards))
    monkeypatch.setattr("namgen.cli.flash.clock", lambda: clock)


def run(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["flash", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


def build(**choices: object) -> Path:
    """A build of one small capture."""
    make_nam.write(Path.cwd(), make_nam.a1())
    return namgen.build("tweed.nam", **choices).out_dir  # type: ignore[arg-type]


def test_a_build_is_flashed_by_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    board = device(ROM)
    plug(monkeypatch, board)
    folder = build(board="terrarium")
    result = run(folder)
    first, second = result.stdout.splitlines()
    assert first == (
        f"{folder}/firmware.bin: {(folder / 'firmware.bin').stat().st_size:,} bytes for --boot "
        "flash, at 0x08000000"
    )
    assert second == (
        "the ROM bootloader at 1-2, serial 200364500000: 1 sector erased, written, read back and "
        "equal; the pedal starts"
    )
    assert holds(board, read_image(folder))
    assert result.stderr.splitlines()[0] == "erasing 1 sector"


def test_the_result_as_json_says_what_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug(monkeypatch, device(DAISY))
    path = write_file(tmp_path, 70_000, "qspi")
    found = json.loads(run(path, "--json", "-q").stdout)
    assert found["image"]["boot"] == "qspi"
    assert found["device"]["bootloader"] == "daisy"
    assert found["sectors"] == [0x90040000, 0x90050000]
    assert (found["read_back"], found["left"], found["with"]) == (True, True, "pyusb")
    found = json.loads(run(path, "--json", "--device", "1-9", code=1).stdout)
    assert found["error"]["kind"] == "device"


def test_quiet_says_the_result_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plug(monkeypatch, device(ROM))
    result = run(write_file(tmp_path), "-q")
    assert result.stderr == ""
    assert len(result.stdout.splitlines()) == 2


def test_a_dry_run_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    board = device(ROM)
    plug(monkeypatch, board)
    assert "it takes 1 sector; nothing was changed" in run(write_file(tmp_path), "--dry-run").stdout
    assert board.log == []
    plug(monkeypatch, device(DAISY))
    assert "the pedal is in the Daisy bootloader" in run("my.bin", "--dry-run", code=1).stderr


def test_a_dry_run_tells_of_an_image_without_any_board(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug(monkeypatch)
    result = run(write_file(tmp_path, boot="sram"), "--dry-run")
    assert "9,001 bytes for --boot sram, at 0x90040000" in result.stdout
    assert "it is for the Daisy bootloader; no board was asked" in result.stdout
    assert "no pedal waits" in result.stderr
    found = json.loads(run("my.bin", "--dry-run", "--json", "-q").stdout)
    assert (found["image"]["boot"], found["device"]) == ("sram", None)
    assert "no pedal waits" in run("my.bin", "--dry-run", "--wait", "1", code=1).stderr


def test_the_only_build_is_meant_where_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    board = device(ROM)
    plug(monkeypatch, board)
    assert "found none in build/: `namgen build MODEL --board NAME`" in run(code=1).stderr
    folder = build()
    run()
    assert holds(board, read_image(folder))
    monkeypatch.chdir(folder)
    board.plug_in_again()
    run()
    monkeypatch.chdir("../..")
    build(out_dir="build/other one")
    assert "found 2 in build/" in run(code=1).stderr
    assert "'build/other one'" in run(code=1).stderr


def test_a_pedal_toml_means_its_build(monkeypatch: pytest.MonkeyPatch) -> None:
    board = device(ROM)
    plug(monkeypatch, board)
    make_nam.write(Path.cwd(), make_nam.a1())
    pedal = Path("my pedal.toml")
    pedal.write_text('board = "terrarium"\n[[capture]]\nfile = "tweed.nam"\n')
    message = run(pedal, code=1).stderr
    assert "`namgen build 'my pedal.toml'` makes it" in message
    folder = namgen.build(pedal).out_dir
    assert run(pedal).stderr.splitlines()[0] == "erasing 1 sector"
    assert holds(board, read_image(folder))
    later = time.time() + 100
    os.utime(pedal, (later, later))
    board.plug_in_again()
    assert "was changed after it was built" in run(pedal).stderr


def test_the_buttons_are_those_of_the_board(monkeypatch: pytest.MonkeyPatch) -> None:
    plug(monkeypatch)
    folder = build(board="hothouse", out_dir="flash")
    message = run(folder, code=1).stderr
    assert "hold BOOT on the Daisy Seed" in message
    assert "hold footswitch left for 2 s" in message
    sram = build(board="hothouse", boot="sram", out_dir="sram")
    message = run(sram, code=1).stderr
    assert "press RESET, then BOOT while the LED pulses" in message
    nucleo = build(board="nucleo-h743", out_dir="nucleo")
    message = run(nucleo, code=1).stderr
    assert "onto the drive that the ST-LINK shows" in message
    assert "BOOT0 to 3.3 V" in message
    weact = run(build(board="weact-h743", out_dir="weact"), code=1).stderr
    assert "hold BOOT0, press and release NRST" in weact
    assert "footswitch" not in weact


def test_waiting_says_the_buttons_and_takes_the_board_when_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = device(DAISY)
    board.is_there = False
    board.clock.when.append(
        lambda now: setattr(board, "is_there", board.started is None and now > 30)
    )
    plug(monkeypatch, board)
    result = run("--wait", write_file(tmp_path, boot="sram"))
    assert "waiting 60 s for the Daisy bootloader" in result.stderr
    assert "press RESET, then BOOT while the LED pulses" in result.stderr
    assert "--wait waits" not in result.stderr
    assert "the pedal starts" in result.stdout
    plug(monkeypatch)
    assert "waiting 2.5 s" in run("--wait", "2.5", "my.bin", code=1).stderr
    assert "0<=x<=86400" in run("--wait=-1", "my.bin", code=2).stderr


def test_a_pedal_that_does_not_start_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug(monkeypatch, device(ROM, stays=True))
    result = run(write_file(tmp_path))
    assert "equal; press RESET to start it" in result.stdout


def test_the_boards_are_listed_with_those_that_cannot_be_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plug(monkeypatch, device(ROM), device(DAISY, ports=(3,), open_error="ACCESS"))
    text = run("--list").stdout
    assert "the ROM bootloader at 1-2, serial 200364500000" in text
    assert "@Internal Flash   /0x08000000/16*128Kg" in text
    assert "a bootloader is at 1-3: this user may not open it" in text
    found = json.loads(run("--list", "--json").stdout)
    assert found[0]["bootloader"] == "rom"
    assert found[1]["error"]["kind"] == "access"
    plug(monkeypatch)
    assert "no pedal waits" in run("--list").stdout
    assert json.loads(run("--list", "--json").stdout) == []


def test_an_image_is_judged_before_any_device_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing() -> None:
        raise AssertionError("nobody may look")

    monkeypatch.setattr("namgen.flashing.usb.find_backend", nothing)
    (tmp_path / "text.bin").write_text("no image at all\n" * 9)
    message = run("text.bin", code=1).stderr
    assert message.startswith("Error: text.bin: its program begins at 0x")


def test_the_rule_for_udev_is_written_and_what_installs_it_is_said(tmp_path: Path) -> None:
    text = run("--write-udev-rule", tmp_path).stdout
    place = tmp_path / "70-namgen-dfu.rules"
    assert place.read_text().splitlines()[-1] == RULE
    assert f"sudo install -m 644 {place} /etc/udev/rules.d/70-namgen-dfu.rules" in text
    found = json.loads(run("--write-udev-rule", place, "--json").stdout)
    assert found["rule"] == str(place)
    assert "sorts before 73-" in run("--write-udev-rule", "99-dfu.rules", code=1).stderr
    assert "sorts before 73-" in run("--write-udev-rule", "rule.txt", code=1).stderr
    Path("10-mine.rules").write_text("other\n")
    assert "found another thing" in run("--write-udev-rule", "10-mine.rules", code=1).stderr
    assert Path("10-mine.rules").read_text() == "other\n"
    assert (
        "cannot be written" in run("--write-udev-rule", "no/70-x.rules/70-y.rules", code=1).stderr
    )


SLOW = """
import sys
sys.path[:0] = [{tests!r}, {root!r}]
from dfu_bus import Bus
from dfu_device import ROM, Device
from namgen.flashing import usb
from namgen.flashing.clock import WallClock
usb.find_backend = lambda: Bus(Device(ROM, WallClock()))
sys.argv[0] = "namgen"
from namgen.__main__ import run
run()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are another thing there")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_says_what_is_on_the_pedal(how: signal.Signals, tmp_path: Path) -> None:
    program = SLOW.format(tests=str(ROOT / "tests"), root=str(ROOT))
    words = [sys.executable, "-c", program, "flash", str(write_file(tmp_path, 131_072))]
    process = subprocess.Popen(
        words,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "erasing 1 sector\n"
    process.send_signal(how)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 128 + how, said
    assert "the pedal holds no whole image now" in said
    assert "Traceback" not in said
