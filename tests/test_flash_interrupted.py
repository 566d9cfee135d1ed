"""Whatever ends a run, at whichever transfer: it says what is there, and the next one mends it."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("usb")

from dfu_bus import Bus
from dfu_device import DAISY, MANIFEST_SYNC, ROM, Device, Kind
from flash_setups import BOOT, device, flash, holds, image, quiet_host, way_to

from namgen.errors import DeviceError
from namgen.flashing.image import FlashImage
from namgen.flashing.usb import PyUsb

SIZE = 9001
HOW = ("NO_DEVICE", "TIMEOUT", "PIPE", "IO", "INTERRUPT")


def transfers(wanted: FlashImage, kind: Kind, monkeypatch: pytest.MonkeyPatch, folder: Path) -> int:
    """How many an undisturbed run has."""
    board = device(kind)
    flash(way_to(monkeypatch, board), wanted, board.clock, quiet_host(folder))
    return board.transfers


def broken_off(way: PyUsb, board: Device, wanted: FlashImage, folder: Path) -> str:
    """Run into the fault; what is said. Empty: it was only about leaving."""
    try:
        flash(way, wanted, board.clock, quiet_host(folder))
    except DeviceError as error:
        return "\n".join(error.lines)
    except KeyboardInterrupt:
        return "interrupted"
    return ""


def check(
    board: Device, wanted: FlashImage, monkeypatch: pytest.MonkeyPatch, folder: Path, *, k: int
) -> None:
    """Run into the fault, plug the board in again where it has gone, and run once more."""
    way = way_to(monkeypatch, board)
    how, before = board.faults.how, bytes(board.memory)
    said = broken_off(way, board, wanted, folder)
    if "nothing was changed" in said:
        assert bytes(board.memory) == before, (how, k)
    elif not said:
        assert holds(board, wanted), (how, k)
    elif how != "INTERRUPT":
        assert "no whole image" in said or "not proved" in said or "bootloader is at" in said, said
    if board.is_there and board.state != MANIFEST_SYNC:
        board.faults.at = 0
    else:  # it is gone, or was told to start and somebody presses RESET
        assert board.state != MANIFEST_SYNC or holds(board, wanted)
        board.plug_in_again()
    flash(way, wanted, board.clock, quiet_host(folder))
    assert holds(board, wanted), (how, k)
    assert board.started == board.kind.base


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("kind", [ROM, DAISY], ids=["rom", "daisy"])
def test_after_a_run_that_ended_at_any_transfer_the_next_leaves_exactly_the_image(
    how: str, kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = image(tmp_path, SIZE, BOOT[kind])
    count = transfers(wanted, kind, monkeypatch, tmp_path)
    assert count > 25
    for k in range(1, count + 1):
        check(device(kind, at=k, how=how), wanted, monkeypatch, tmp_path, k=k)


@pytest.mark.slow
@pytest.mark.parametrize("how", HOW)
def test_a_full_rom_recovers_from_an_end_at_any_transfer(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = image(tmp_path, 131072)
    for k in range(1, transfers(wanted, ROM, monkeypatch, tmp_path) + 1):
        check(device(ROM, at=k, how=how), wanted, monkeypatch, tmp_path, k=k)


@pytest.mark.parametrize(
    ("k", "said"),
    [
        (5, "nothing was changed on the pedal"),
        (7, "the pedal, erasing: it is no longer on the bus"),
        (20, "the pedal, writing: it is no longer on the bus"),
        (45, "the pedal, reading: it is no longer on the bus"),
    ],
)
def test_a_pulled_cable_is_told_with_what_is_on_the_pedal(
    k: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = device(ROM, at=k, how="NO_DEVICE")
    told = broken_off(way_to(monkeypatch, board), board, image(tmp_path), tmp_path)
    assert said in told
    assert "run the same command" in told or "nothing was changed" in told


def test_an_image_that_is_there_already_is_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board, wanted = device(ROM, comes_back=True), image(tmp_path)
    way = way_to(monkeypatch, board)
    for _ in range(2):
        flash(way, wanted, board.clock, quiet_host(tmp_path))
        assert holds(board, wanted)
    assert board.left == 2


def test_a_device_that_goes_between_finding_and_opening_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board, wanted = device(ROM), image(tmp_path)
    way = way_to(monkeypatch, board)
    count = [0]

    def enumerate_devices(bus: Bus) -> object:
        count[0] += 1
        return iter(bus.devices if count[0] == 1 else [])

    monkeypatch.setattr(Bus, "enumerate_devices", enumerate_devices)
    told = broken_off(way, board, wanted, tmp_path)
    assert told == "the pedal at 1-2: it is no longer on the bus\nnothing was changed on the pedal"
