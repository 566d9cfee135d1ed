"""Which device an image goes to: none, several, later, in the wrong bootloader, or closed."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("usb")

from dfu_device import DAISY, ROM, Clock, Device, Kind
from flash_setups import device, image, quiet_host, way_to

from namgen.errors import DeviceError
from namgen.flashing.finding import Search
from namgen.flashing.host import Host


def search(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    *devices: Device,
    boot: str = "flash",
    named: str | None = None,
    clock: Clock | None = None,
) -> Search:
    way = way_to(monkeypatch, *devices)
    host = quiet_host(folder)
    return Search(way, clock or Clock(), host, image(folder, 9001, boot), named)


def said(looking: Search) -> str:
    with pytest.raises(DeviceError) as caught:
        looking.once()
    return "\n".join(caught.value.lines)


def test_without_a_device_the_buttons_of_the_board_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = said(search(monkeypatch, tmp_path))
    assert "hold BOOT on the Daisy Seed, press and release RESET" in text
    assert "the file does not tell its board" in text
    text = said(search(monkeypatch, tmp_path, boot="sram"))
    assert "press RESET, then BOOT while the LED pulses" in text
    assert "charges" in text


def test_of_several_one_is_named_by_its_port_or_its_serial_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Kind((*ROM.strings[:2], "MINE", *ROM.strings[3:]), 1024, ROM.base, ROM.size, 131072, 1, 9)
    boards = (device(ROM, ports=(1, 4)), device(own, ports=(2,)), device(DAISY, ports=(3,)))
    text = said(search(monkeypatch, tmp_path, *boards))
    assert all(word in text for word in ("1-1.4", "1-2", "1-3", "--device", "MINE", "Daisy"))
    for name, port in (("1-1.4", "1-1.4"), ("mine", "1-2"), ("1-2", "1-2")):
        assert search(monkeypatch, tmp_path, *boards, named=name).once().port == port
    assert "expected one of 1-1.4, 1-2, 1-3" in said(
        search(monkeypatch, tmp_path, *boards, named="1-9")
    )


def test_one_serial_number_that_two_have_chooses_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boards = (device(ROM, ports=(1,)), device(ROM, ports=(2,)))
    text = said(search(monkeypatch, tmp_path, *boards, named="200364500000"))
    assert "several pedals" in text


@pytest.mark.parametrize(
    ("kind", "boot", "expected"),
    [
        (DAISY, "flash", ("--boot flash", "the Daisy bootloader", "hold BOOT", "--boot sram or")),
        (ROM, "sram", ("--boot sram", "the ROM bootloader", "press RESET, then BOOT", "or build")),
        (ROM, "qspi", ("--boot qspi", "the ROM bootloader", "press RESET, then BOOT", "flash")),
    ],
    ids=str,
)
def test_an_image_for_the_other_bootloader_is_refused_with_both_ways_out(
    kind: Kind,
    boot: str,
    expected: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    board = device(kind)
    text = said(search(monkeypatch, tmp_path, board, boot=boot))
    assert "\n" not in text
    assert all(word in text for word in expected), text
    assert board.log == []


def test_a_bootloader_that_nobody_knows_is_refused_with_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strings = (*ROM.strings[:3], "@SRAM /0x08000000/16*128Kg")
    kind = Kind(strings, 1024, ROM.base, ROM.size, 131072, 1, 9)
    assert "'@SRAM /0x0800" in said(search(monkeypatch, tmp_path, device(kind)))


def test_a_device_that_appears_while_somebody_waits_is_taken_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    board = device(DAISY, clock)
    board.is_there = False
    clock.when.append(lambda now: setattr(board, "is_there", 7 < now < 9))
    looking = search(monkeypatch, tmp_path, board, boot="sram", clock=clock)
    heard: list[str] = []
    assert looking.waited(60, heard.append).port == "1-2"
    assert 7 < clock.now() < 7.5, "it is there for two seconds"
    assert heard[0] == "no pedal waits for an image on USB"
    assert len(heard) == len(set(heard))


def test_the_wrong_bootloader_is_said_once_and_waited_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After RESET the Daisy bootloader is there first, where there is one."""
    clock = Clock()
    wrong, right = device(DAISY, clock), device(ROM, clock, ports=(2,), address=9)
    right.is_there = False

    def change(now: float) -> None:
        wrong.is_there, right.is_there = now < 3, now > 5

    clock.when.append(change)
    heard: list[str] = []
    looking = search(monkeypatch, tmp_path, wrong, right, clock=clock)
    assert looking.waited(60, heard.append).place == ("1-2", 9)
    assert sum("the pedal is in the Daisy bootloader" in line for line in heard) == 1


def test_waiting_ends_with_what_was_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    with pytest.raises(DeviceError, match="no pedal waits"):
        search(monkeypatch, tmp_path, clock=clock).waited(5, lambda _: None)
    assert 5 <= clock.now() < 5.5


@pytest.mark.parametrize(
    ("fault", "platform", "expected"),
    [
        ({"open_error": "ACCESS"}, "linux", 'ATTRS{idProduct}=="df11", TAG+="uaccess"'),
        ({"open_error": "ACCESS"}, "linux", "sudo install -m 644 70-namgen-dfu.rules"),
        ({"open_error": "ACCESS"}, "darwin", "close what else may have it"),
        ({"open_error": "ACCESS"}, "win32", "Zadig"),
        ({"open_error": "NOT_SUPPORTED"}, "win32", "WinUSB"),
        ({"claim_error": "BUSY"}, "linux", "STM32CubeProgrammer"),
        ({"open_error": "IO"}, "linux", "another cable or port"),
    ],
    ids=str,
)
def test_a_device_that_cannot_be_opened_is_told_with_the_way_out(
    fault: dict[str, str],
    platform: str,
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    way = way_to(monkeypatch, device(ROM, **fault))
    host = Host(tmp_path / "empty", platform, {})
    text = said(Search(way, Clock(), host, image(tmp_path)))
    assert "a bootloader is at 1-2" in text
    assert expected in text
