"""Every state, error and ending of a DfuSe device, over unmodified pyusb."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("usb")

import dfu_device as sim
from dfu_bus import Bus, functional
from dfu_device import DAISY, ROM, TAKEN, TRANSITIONS, Clock, Device, Kind
from flash_setups import BOOT, device, flash, holds, image, quiet_host, way_to

from namgen.errors import DeviceError
from namgen.flashing.dfu import Dfu
from namgen.flashing.wire import TransferError


def run(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: Kind = ROM,
    *,
    size: int = 9001,
    **settings: Any,
) -> Device:
    """Flash a device with a fault; it has the image then, and was told to start it."""
    board = device(kind, **settings)
    wanted = image(folder, size, BOOT[kind])
    work, _ = flash(way_to(monkeypatch, board), wanted, board.clock, quiet_host(folder))
    assert holds(board, wanted)
    assert work.phase == "leaving"
    assert board.started == kind.base
    assert board.alternate == 0
    return board


def refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, kind: Kind = ROM, **settings: Any
) -> tuple[str, Device]:
    """What is said when it cannot be flashed."""
    board = device(kind, **settings)
    way = way_to(monkeypatch, board)
    with pytest.raises(DeviceError) as caught:
        flash(way, image(folder, 9001, BOOT[kind]), board.clock, quiet_host(folder))
    assert board.started is None, "what is not proved is not started"
    return "\n".join(caught.value.lines), board


@pytest.mark.parametrize("kind", [ROM, DAISY], ids=["rom", "daisy"])
@pytest.mark.parametrize("size", [8, 1023, 1024, 1025, 4096, 65536, 65537, 131072])
def test_an_image_of_any_size_is_written_and_started(
    kind: Kind, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, monkeypatch, kind, size=max(size, 16))


def test_a_full_rom_takes_a_few_seconds_and_one_sector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = run(tmp_path, monkeypatch, size=131072)
    assert 1 < board.clock.now() < 5
    assert board.log.count((sim.UPLOAD, 2)) == 1
    assert board.transfers < 560


def test_an_image_of_several_megabytes_has_its_address_set_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = run(tmp_path, monkeypatch, DAISY, size=4096 * 1024 + 5000)
    assert max(value for _, value in board.log) == 1025


@pytest.mark.parametrize(
    "settings",
    [
        {"slow": 3},
        {"is_stuck": True},
        *({"state": state} for state in (sim.SYNC, sim.BUSY, sim.DNLOAD_IDLE)),
        *({"state": state} for state in (sim.UPLOAD_IDLE, sim.ERROR)),
        *({"leave_error": name} for name in ("NO_DEVICE", "PIPE", "TIMEOUT", "IO")),
        {"short": 700},
        {"short": 1},
        {"functional": functional(2048), "kind": "2048"},
        {"functional": functional(0)},
        {"functional": b""},
        {"functional": b"\x05\x24\x00\x00\x01" + functional(1024)},
        {"ports": ()},
    ],
    ids=str,
)
def test_what_a_device_may_do_ends_in_a_pedal_that_plays(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = dict(settings)
    kind = ROM
    if settings.pop("kind", None):
        kind = Kind(ROM.strings, 2048, ROM.base, ROM.size, ROM.sector, 0.9, 1000)
        monkeypatch.setitem(BOOT, kind, "flash")
    run(tmp_path, monkeypatch, kind, **settings)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"is_read_protected": True}, "protected"),
        ({"is_write_protected": True}, "write-protected"),
        ({"flipped": 4}, "1 of 9,001 bytes are others when read back, from 0x08000800"),
        ({"short": 0}, "0 of 9,001 bytes when they are read back"),
        ({"is_dead": True, "state": sim.BUSY}, "still busy after 10 seconds"),
        ({"is_dead": True}, "still busy after 10 seconds"),
        ({"slow": 30}, "still busy after 10 seconds"),
        ({"state": sim.WAIT_RESET}, "waits for a reset"),
        ({"state": sim.MANIFEST_SYNC}, "waits for a reset"),
        ({"state": sim.APP_IDLE}, "runs its program"),
        ({"status_bytes": 3}, "3 of 6 bytes"),
        ({"odd_state": 12}, "state 12"),
        ({"odd_state": 9}, "does not become idle"),
        ({"open_error": "ACCESS"}, "this user may not open it"),
        ({"open_error": "NOT_SUPPORTED"}, "no driver lets programs open it"),
        ({"claim_error": "BUSY"}, "another program has it open"),
        ({"open_error": "IO"}, "the transfer failed"),
        ({"functional": functional(1024, version=0x0110)}, "found DFU 1.10"),
        ({"functional": functional(1024, attributes=0x09)}, "read back, found attributes 0x09"),
        ({"interface_class": (0xFE, 1, 1)}, "runs its program"),
        ({"interface_class": (3, 1, 1)}, "no DFU interface"),
    ],
    ids=str,
)
def test_what_cannot_be_helped_is_told_with_what_is_on_the_pedal(
    settings: dict[str, Any], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_leaving = settings.get("state") == sim.MANIFEST_SYNC  # before anybody asked
    board = device(**settings)
    way = way_to(monkeypatch, board)
    with pytest.raises(DeviceError) as caught:
        flash(way, image(tmp_path), board.clock, quiet_host(tmp_path))
    text = "\n".join(caught.value.lines)
    assert said in text
    touched = bytes(board.memory) != b"\x5a" * ROM.size
    assert ("no whole image" in text or "was not proved" in text) or not touched
    assert was_leaving or board.started is None, "what is not proved is not started"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Internal Flash",
        "@Internal Flash",
        "@Internal Flash /0x08000000",
        "@Internal Flash /0x08000000/",
        "@Internal Flash /0x08000000/16*128Kz",
        "@Internal Flash /0x08000000/0*128Kg",
        "@Internal Flash /0x08000000/16*0Kg",
        "@Internal Flash /08000000/16*128Kg",
        "@Internal Flash /0x08000000/16x128Kg",
        "@Internal Flash /0x08000000/9999*99999Mg",
        "@Flash \x1b[2J/0x0/1*1Kg,",
    ],
)
def test_a_name_that_is_no_map_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strings = (*ROM.strings[:3], name)
    kind = Kind(strings, ROM.transfer, ROM.base, ROM.size, ROM.sector, 0.9, 1000)
    monkeypatch.setitem(BOOT, kind, "flash")
    text, board = refused(tmp_path, monkeypatch, kind)
    assert "expected" in text
    assert board.log == [], "asked for names, and nothing else"


def test_a_transfer_size_that_nobody_tells_gives_every_block_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device whose own size is another would put block 3 elsewhere."""
    kind = Kind(ROM.strings, 2048, ROM.base, ROM.size, ROM.sector, 0.9, 1000)
    monkeypatch.setitem(BOOT, kind, "flash")
    board = run(tmp_path, monkeypatch, kind, functional=functional(0))
    assert {value for _, value in board.log} == {0, 2}


def test_a_device_that_stays_is_told_apart_from_one_that_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for fault, left in (({}, True), ({"stays": True}, False), ({"comes_back": True}, True)):
        board = device(ROM, **fault)
        way = way_to(monkeypatch, board)
        found = flash(way, image(tmp_path), board.clock, quiet_host(tmp_path))
        assert found[1] is left, fault
        assert board.left == 1


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
    for settings in ({}, {"slow": 3}, {"is_stuck": True}, {"short": 700}, {"short": 1500}):
        run(tmp_path, monkeypatch, **settings)
    run(tmp_path, monkeypatch, DAISY, size=20_000, short=3000)
    for state in (sim.DNLOAD_IDLE, sim.UPLOAD_IDLE, sim.ERROR, sim.BUSY, sim.SYNC):
        run(tmp_path, monkeypatch, state=state)
    for settings in ({"is_read_protected": True}, {"state": sim.WAIT_RESET}):
        refused(tmp_path, monkeypatch, **settings)
    refused(tmp_path, monkeypatch, state=sim.APP_IDLE)
    late = device(short=9)
    late.memory[:9] = b"x" * 9
    Straight(late).ask(sim.UPLOAD, 2, 9)
    late.faults.short = 3
    Straight(late).ask(sim.UPLOAD, 2, 9)
    Straight(late).send(sim.ABORT, 0)
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
