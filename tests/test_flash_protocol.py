"""Every state, error and ending of a DfuSe device, over unmodified pyusb."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("usb")

import dfu_device as sim
from dfu_bus import Bus
from dfu_device import DAISY, ROM, TAKEN, TRANSITIONS, Clock, Device
from dfu_scenarios import (
    NO_IMAGE,
    NOT_PROVED,
    REFUSED,
    SLOW_BLOCKS,
    WORKS,
    Scenario,
    functional,
)
from flash_setups import device, holds, played

from namgen.flashing.dfu import Dfu
from namgen.flashing.wire import TransferError


@pytest.mark.parametrize("scenario", WORKS, ids=str)
def test_what_a_device_may_do_ends_in_a_pedal_that_plays(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = played(scenario, tmp_path, monkeypatch)
    assert found.lines == ()
    assert holds(found.board, found.wanted)
    assert found.has_left is scenario.has_left
    assert (found.board.started, found.board.left) == (scenario.kind.base, 1)
    assert found.board.alternate == 0


@pytest.mark.parametrize("scenario", REFUSED, ids=str)
def test_what_cannot_be_helped_is_told_with_what_is_on_the_pedal(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = played(scenario, tmp_path, monkeypatch)
    words = {"place": "at 1-2", "again": "run the same command", "name": found.wanted.path}
    expected = [line.format(**words, detail="[Errno 5] IO") for line in scenario.said]
    assert list(found.lines) == expected
    touched = bytes(found.board.memory) != b"\x5a" * scenario.kind.size
    told = any(line in scenario.said for line in (NO_IMAGE, NOT_PROVED))
    assert told or not touched
    was_leaving = scenario.settings.get("state") == sim.MANIFEST_SYNC  # before anybody asked
    assert was_leaving or found.board.started is None, "what is not proved is not started"
    assert found.board.log == [] or "bootloader is" not in scenario.said[0], "asked for names alone"


def test_without_a_driver_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = played(Scenario("", {"open_error": "NOT_SUPPORTED"}), tmp_path, monkeypatch)
    assert found.lines[0] == "a bootloader is at 1-2: no driver lets programs open it"


def test_a_device_on_a_bus_without_ports_is_flashed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = played(Scenario("", {"ports": ()}), tmp_path, monkeypatch)
    assert holds(found.board, found.wanted)


def test_a_full_rom_takes_a_few_seconds_and_one_sector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = played(Scenario("", size=131072), tmp_path, monkeypatch).board
    assert 1 < board.clock.now() < 5
    assert board.log.count((sim.UPLOAD, 2)) == 1
    assert board.transfers < 560


def test_an_image_of_several_megabytes_has_its_address_set_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Scenario("", {}, DAISY, 4096 * 1024 + 5000, "qspi")
    board = played(asked, tmp_path, monkeypatch).board
    assert max(value for _, value in board.log) == 1025


def test_a_transfer_size_that_nobody_tells_gives_every_block_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device whose own size is another would put block 3 elsewhere."""
    asked = Scenario("", {"functional": functional(0)}, SLOW_BLOCKS)
    board = played(asked, tmp_path, monkeypatch).board
    assert {value for _, value in board.log} == {0, 2}


class Straight:
    """A wire without pyusb, for requests that the flasher never sends."""

    def __init__(self, board: Device) -> None:
        self.board = board

    def send(self, request: int, value: int, data: bytes = b"") -> None:
        self._transfer(request, value, data)

    def ask(self, request: int, value: int, size_bytes: int) -> bytes:
        return self._transfer(request, value, size_bytes)

    def _transfer(self, request: int, value: int, data: Any) -> bytes:
        try:
            return self.board.transfer(request, value, data)
        except sim.RefusedError as error:
            raise TransferError("stall") from error


@pytest.mark.parametrize("state", [sim.IDLE, sim.DNLOAD_IDLE, sim.UPLOAD_IDLE, sim.ERROR])
@pytest.mark.parametrize("request_", [sim.CLRSTATUS, sim.UPLOAD, sim.DNLOAD, sim.ABORT, 5, 0])
def test_what_a_state_does_not_have_stalls_and_the_way_back_leads_to_idle(
    state: int, request_: int
) -> None:
    board = device(state=state)
    event = {sim.CLRSTATUS: "clear", sim.UPLOAD: "upload", sim.DNLOAD: "command"}
    allowed = (state, event.get(request_, "abort" if request_ == sim.ABORT else "")) in TRANSITIONS
    wire = Straight(board)
    data = b"\x21\x00\x00\x00\x08"
    try:
        wire.ask(request_, 2, 64) if request_ == sim.UPLOAD else wire.send(request_, 0, data)
    except TransferError:
        assert not allowed
        assert board.state == sim.ERROR
    else:
        assert allowed
    Dfu(wire, board.clock).make_idle()
    assert board.state == sim.IDLE


def test_a_device_that_is_asked_too_early_refuses() -> None:
    board = device()
    wire = Straight(board)
    wire.send(sim.DNLOAD, 0, b"\x41\x00\x00\x00\x08")
    assert wire.ask(sim.GETSTATUS, 0, 6)[4] == sim.BUSY
    with pytest.raises(TransferError):
        wire.ask(sim.GETSTATUS, 0, 6)


def test_a_sector_that_was_not_erased_cannot_be_written() -> None:
    board = device()
    dfu = Dfu(Straight(board), board.clock)
    dfu.set_address(ROM.base)
    with pytest.raises(Exception, match="not erased"):
        dfu.write(0, b"1234")


def test_every_transition_of_the_device_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    TAKEN.clear()
    for scenario in (*WORKS, *REFUSED):
        played(scenario, tmp_path, monkeypatch)
    Straight(device()).send(sim.ABORT, 0)  # which nobody sends who is idle already
    assert set(TRANSITIONS) - set(TAKEN) == set()


def test_the_bus_is_what_libusb_gives() -> None:
    """The same methods as the real backend has, so that nothing is asked that it does not know."""
    import usb.backend.libusb1

    real = usb.backend.libusb1._LibUSB
    own = {name for name in vars(Bus) if not name.startswith("_") and name != "devices"}
    assert own <= {name for name in dir(real) if not name.startswith("_")}


def test_a_clock_is_waited_by_and_never_the_wall() -> None:
    clock = Clock()
    board = device(clock=clock)
    Dfu(Straight(board), clock).erase(ROM.base)
    assert clock.now() == pytest.approx(1.0)
