"""The second way: dfu-util, asked for, or told aloud where pyusb is missing; a stand-in of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import dfu_util_stand_in as stand_in
import pytest
from click.testing import CliRunner, Result
from flash_setups import image_bytes, write_file

from namgen.cli import main

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PATH with the stand-in, in which it works."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "dfu-util"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {stand_in.__file__} "$@"\n')
    program.chmod(0o755)
    (folder / "found").write_text(
        stand_in.line(stand_in.ROM_NAME)
        + stand_in.line("@Option Bytes   /0x5200201C/01*128 e", alternate=1)
    )
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("STAND_IN", str(folder))
    return folder


def run(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["flash", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


def without_pyusb(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("usb", "usb.core", "usb.backend", "usb.backend.libusb1"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.parametrize("name", ["my.bin", "my.dfu"])
def test_it_writes_reads_back_and_leaves(name: str, place: Path, tmp_path: Path) -> None:
    from namgen.firmware.dfuse import dfuse_file

    data = image_bytes(9001)
    file = dfuse_file(data, address=0x08000000, title="x") if name.endswith("dfu") else data
    (tmp_path / name).write_bytes(file)
    text = run(tmp_path / name, "--with", "dfu-util").stdout
    assert "written, read back and equal; the pedal starts" in text
    assert (place / "flash").read_bytes() == data
    log = (place / "log").read_text().splitlines()
    words = [line.split(" -D ")[0].split(" -U ")[0] for line in log]
    common = "-a 0 -d ,0483:df11 -p 1-2 -s 0x08000000"
    assert words == ["--list", common, f"{common}:9001:leave", "--list"]


def test_without_pyusb_it_is_taken_and_that_is_said(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_pyusb(monkeypatch)
    result = run(write_file(tmp_path))
    (told, *_) = result.stderr.splitlines()
    assert told.startswith('flashing needs pyusb: pip install "namgen[flash]"; dfu-util, which is')
    assert "the pedal starts" in result.stdout


def test_pyusb_that_is_asked_for_is_not_replaced(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_pyusb(monkeypatch)
    message = run(write_file(tmp_path), "--with", "pyusb", code=1).stderr
    assert message == 'Error: flashing needs pyusb: pip install "namgen[flash]"\n'
    assert not (place / "log").exists()


def test_without_either_one_line_names_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_pyusb(monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path))
    file = write_file(tmp_path, boot="sram")
    message = run(file, code=1).stderr
    assert message == (
        'Error: flashing needs pyusb: pip install "namgen[flash]"; without it: '
        f"dfu-util -a 0 -s 0x90040000:leave -D {file} -d ,0483:df11\n"
    )
    assert "expected dfu-util on PATH" in run(file, "--with", "dfu-util", code=1).stderr


def test_without_libusb_it_is_said_as_without_pyusb(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("usb")
    libusb = pytest.importorskip("libusb_package")
    monkeypatch.setattr(libusb, "get_libusb1_backend", lambda: None)
    assert "flashing needs libusb" in run(write_file(tmp_path)).stderr


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("early", ("Resource busy", "nothing was changed on the pedal")),
        ("middle", ("get_status", "no whole image")),
        ("flip", ("1 of 9,001 bytes are others when read back", "not proved")),
    ],
)
def test_what_it_cannot_do_is_told_with_what_is_on_the_pedal(
    fault: str, expected: tuple[str, str], place: Path, tmp_path: Path
) -> None:
    (place / "fault").write_text(fault)
    message = run(write_file(tmp_path), "--with", "dfu-util", code=1).stderr
    assert all(words in message for words in expected), message


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("", "no pedal waits for an image on USB"),
        (stand_in.line(stand_in.DAISY_NAME), "this image is for --boot flash"),
        (stand_in.line("@no map"), "expected a map of its flash"),
        (
            stand_in.line(stand_in.ROM_NAME) + stand_in.line(stand_in.ROM_NAME, port="1-3"),
            "several pedals",
        ),
        (
            "Cannot open DFU device 0483:df11 found on devnum 7 (LIBUSB_ERROR_ACCESS)\n",
            "dfu-util cannot open it (ACCESS)",
        ),
    ],
)
def test_the_same_is_refused_as_with_pyusb(
    found: str, expected: str, place: Path, tmp_path: Path
) -> None:
    (place / "found").write_text(found)
    message = run(write_file(tmp_path), "--with", "dfu-util", code=1).stderr
    assert expected in message
    assert not (place / "flash").exists()


def test_one_of_several_is_named_by_its_port(place: Path, tmp_path: Path) -> None:
    both = stand_in.line(stand_in.ROM_NAME) + stand_in.line(stand_in.ROM_NAME, port="1-3", number=8)
    (place / "found").write_text(both)
    run(write_file(tmp_path), "--with", "dfu-util", "--device", "1-3")
    assert "-p 1-3 " in (place / "log").read_text()


def test_a_dry_run_writes_nothing(place: Path, tmp_path: Path) -> None:
    assert (
        "nothing was changed" in run(write_file(tmp_path), "--with", "dfu-util", "--dry-run").stdout
    )
    assert set((place / "log").read_text().splitlines()) == {"--list"}
    assert not (place / "flash").exists()
