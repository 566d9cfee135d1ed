"""What is written can start, for a bootloader that takes it; everything else is refused."""

from __future__ import annotations

import json
import os
import struct
from dataclasses import replace
from pathlib import Path

import make_nam
import pytest
from flash_setups import ORIGINS, image_bytes, write_file

import namgen
from namgen.build_record import read_record
from namgen.errors import NamgenError
from namgen.firmware.dfuse import DfuseError, dfuse_file, read_dfuse
from namgen.flashing.image import FlashImage, read_image

ADDRESSES = {"flash": 0x08000000, "sram": 0x90040000, "qspi": 0x90040000}
LIMITS = {"flash": 131_072, "sram": 491_520, "qspi": 7_864_320}


def said(path: Path) -> str:
    with pytest.raises(NamgenError) as caught:
        read_image(path)
    return "\n".join(caught.value.lines)


def written(folder: Path, data: bytes, name: str = "my.bin") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flash")
    make_nam.write(folder, make_nam.a1())
    for boot in ORIGINS:
        namgen.build(folder / "tweed.nam", out_dir=folder / boot, boot=boot, board="terrarium")
    namgen.build(folder / "tweed.nam", out_dir=folder / "c", target="cortex-m4f")
    namgen.build(folder / "tweed.nam", out_dir=folder / "lib", target="libdaisy")
    return folder


def test_the_report_of_a_self_test_says_what_its_image_is_for(built: Path, tmp_path: Path) -> None:
    (tmp_path / "firmware.bin").write_bytes((built / "sram" / "firmware.bin").read_bytes())
    files = json.loads((built / "sram" / "report.json").read_text("utf-8"))["files"]
    told = {"selftest": {"ladder": 2}, "target": "daisy", "boot": "sram", "files": files}
    (tmp_path / "report.json").write_text(json.dumps(told), "utf-8")
    assert (read_image(tmp_path).boot.name, read_image(tmp_path).is_reported) == ("sram", True)
    (tmp_path / "report.json").write_text(json.dumps(told | {"boot": "flash"}), "utf-8")
    assert "where --boot flash has the image" in said(tmp_path)
    (tmp_path / "report.json").write_text(json.dumps(told | {"files": []}), "utf-8")
    assert "found it damaged" in said(tmp_path)
    with pytest.raises(NamgenError, match="found that of a self-test"):
        read_record(tmp_path)


@pytest.mark.parametrize("boot", ORIGINS)
@pytest.mark.parametrize("name", ["", "report.json", "firmware.bin", "firmware.dfu"])
def test_a_build_is_what_its_report_says(built: Path, boot: str, name: str) -> None:
    image = read_image(built / boot / name)
    assert image.data == (built / boot / "firmware.bin").read_bytes()
    assert (image.boot.name, image.address) == (boot, ADDRESSES[boot])
    assert image.pedal_board is not None
    assert image.pedal_board.name == "terrarium"
    assert image.mode == ("rom" if boot == "flash" else "daisy")


@pytest.mark.parametrize("boot", ORIGINS)
@pytest.mark.parametrize("ending", ["bin", "dfu", "BIN"])
def test_a_file_alone_tells_by_its_vectors_where_it_runs(
    built: Path, boot: str, ending: str, tmp_path: Path
) -> None:
    data = (built / boot / f"firmware.{ending.lower()}").read_bytes()
    image = read_image(written(tmp_path, data, f"alone.{ending}"))
    assert (image.boot.name, image.address, image.is_reported) == (boot, ADDRESSES[boot], False)


def test_what_is_no_image_is_told_with_what_would_be(built: Path, tmp_path: Path) -> None:
    assert "found C for cortex-m4f; `namgen build --board NAME`" in said(built / "c")
    assert "program-dfu` puts it on the board" in said(built / "lib")
    assert "found no report.json" in said(tmp_path)
    assert "found no such file" in said(tmp_path / "none.bin")
    capture = built / "tweed.nam"
    assert "expected the folder of a build" in said(capture)
    assert f"; `namgen build {capture} --board NAME` makes one of a capture" in said(capture)
    assert "expected the folder of a build" in said(built / "flash" / "firmware.elf")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such pipes there")
def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "my.bin")
    assert "found a device or pipe" in said(tmp_path / "my.bin")
    (tmp_path / "folder.bin").mkdir()
    assert "expected the folder of a build" in said(tmp_path / "folder.bin")


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [("target", "moon", "expected one of daisy"), ("boot", "moon", "expected one of flash")],
)
def test_a_report_of_what_nobody_knows_is_a_problem_of_the_file(
    key: str, value: str, expected: str, built: Path, tmp_path: Path
) -> None:
    report = json.loads((built / "flash" / "report.json").read_text("utf-8"))
    report["options"][key] = value
    (tmp_path / "report.json").write_text(json.dumps(report), "utf-8")
    text = said(tmp_path)
    assert "report.json: " in text
    assert expected in text


def test_a_board_with_another_loader_is_refused_with_what_it_takes(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from namgen.flashing import image

    target = image.load_target("daisy")
    board = target.pedal
    steps = ("press the white button",)
    boot = replace(board.boots[0], download_address=0x6000_0000, drive="OTHER", steps=steps)
    other = replace(target, board=replace(board, boots=(boot,)))
    monkeypatch.setattr(image, "load_target", lambda _: other)
    assert said(built / "flash").endswith(
        "no bootloader that namgen flashes by: copy firmware.bin onto the drive OTHER; press the "
        "white button"
    )


def test_an_image_that_was_changed_since_its_build_is_refused(built: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    for name in ("firmware.bin", "report.json"):
        (folder / name).write_bytes((built / "flash" / name).read_bytes())
    data = bytearray((folder / "firmware.bin").read_bytes())
    data[500] ^= 1
    (folder / "firmware.bin").write_bytes(data)
    assert "changed since the build" in said(folder)
    (folder / "firmware.bin").unlink()
    assert "found no such file" in said(folder)
    report = json.loads((folder / "report.json").read_text("utf-8"))
    report["files"].pop("firmware.bin")
    (folder / "report.json").write_text(json.dumps(report), "utf-8")
    assert "expected firmware.bin among its files" in said(folder)


@pytest.mark.parametrize("boot", ORIGINS)
def test_the_last_byte_that_has_room_and_the_first_that_has_none(boot: str, tmp_path: Path) -> None:
    limit = LIMITS[boot]
    image = read_image(write_file(tmp_path, limit, boot))
    assert len(image.data) == limit
    text = said(write_file(tmp_path, limit + 1, boot))
    assert f"{limit + 1:,} bytes are 1 too many for --boot {boot}" in text


def test_the_daisy_bootloaders_limit_is_that_of_its_own_map() -> None:
    from dfu_device import DAISY

    from namgen.flashing.layout import parse_layout

    assert parse_layout(DAISY.strings[3]).room_at(0x90040000) == LIMITS["qspi"]


def test_two_megabytes_that_the_rom_offers_are_not_a_daisys(tmp_path: Path) -> None:
    text = said(write_file(tmp_path, 131_073, "flash"))
    assert "of a Daisy (131,072); for a board with more, name the folder of its build" in text


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "found an empty file"),
        (b"\0" * 7, "found 7 bytes"),
        (b"Hello world, this is a text\n" * 9, "its program begins at 0x"),
        (b"\xff" * 512, "its program begins at 0xffffffff"),
        (b"\0" * 512, "its program begins at 0x00000000"),
        (b"\x7fELF" + bytes(508), "its program begins at 0x00000000"),
        (image_bytes(512, stack=0x10000), "its stack begins at 0x00010000"),
        (image_bytes(512, stack=0x20020001), "its stack begins at 0x20020001"),
        (image_bytes(512, stack=0x20000000), "its stack begins at 0x20000000"),
        (struct.pack("<II", 0x20020000, 0x08000100) + bytes(512), "expected an odd one"),
        (struct.pack("<II", 0x20020000, 0x08000301) + bytes(512), "where --boot flash has"),
        (struct.pack("<II", 0x20020000, 0x24010001) + bytes(512), "0x24000000 to 0x24000207"),
    ],
)
def test_vectors_that_cannot_start_are_refused(data: bytes, expected: str, tmp_path: Path) -> None:
    assert expected in said(written(tmp_path, data))


def test_all_that_is_wrong_with_an_image_is_said_at_once(tmp_path: Path) -> None:
    data = struct.pack("<II", 3, 0x08000100) + bytes(200_000)
    text = said(written(tmp_path, data))
    assert len(text.splitlines()) == 3


def edited(edit: object, boot: str = "flash") -> bytes:
    data = bytearray(dfuse_file(image_bytes(900, boot), address=ADDRESSES[boot], title="x"))
    assert callable(edit)
    found = edit(data)
    return bytes(data if found is None else found)


def put(at: int, value: int) -> object:
    def edit(data: bytearray) -> None:
        data[at] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (put(400, 0), "damaged"),
        (lambda data: data[:-30], "does not end as a DFU file"),
        (lambda data: data[:100], "expected a DfuSe file, 309 bytes or more"),
        (lambda data: b"", "found 0"),
        (lambda data: data + b"\n", "does not end as a DFU file"),
    ],
)
def test_a_dfuse_file_that_is_damaged_is_refused(
    edit: object, expected: str, tmp_path: Path
) -> None:
    assert expected in said(written(tmp_path, edited(edit), "my.dfu"))


def signed(data: bytes) -> bytes:
    """Give a file that was changed the checksum that it has now."""
    import zlib

    return data[:-4] + struct.pack("<I", zlib.crc32(data[:-4]) ^ 0xFFFFFFFF)


@pytest.mark.parametrize(
    ("at", "value", "expected"),
    [
        (0, 0x20, "another kind of DFU file"),
        (5, 9, "another kind of DFU file"),
        (6, 9, "another kind of DFU file"),
        (10, 2, "one alternate setting, found 2"),
        (11, 0x20, "do not fit its length"),
        (17, 1, "alternate setting 0, found 1 for 1"),
        (281, 2, "found 2 for 0"),
        (290, 1, "do not fit its length"),
        (-14, 1, "is for the device"),
    ],
)
def test_a_dfuse_file_for_something_else_is_refused(at: int, value: int, expected: str) -> None:
    data = bytearray(dfuse_file(image_bytes(900), address=ADDRESSES["flash"], title="x"))
    data[at] = value
    with pytest.raises(DfuseError, match=expected):
        read_dfuse(signed(bytes(data)))


def test_a_dfuse_file_for_another_address_than_its_vectors_is_refused(tmp_path: Path) -> None:
    data = dfuse_file(image_bytes(900, "sram"), address=ADDRESSES["flash"], title="x")
    text = said(written(tmp_path, data, "my.dfu"))
    assert "goes to 0x08000000, and its vectors are those of --boot sram" in text


def test_a_dfuse_file_gives_back_what_was_put_in() -> None:
    data = image_bytes(1234)
    found = read_dfuse(dfuse_file(data, address=0x90040000, title="x"))
    assert (found.address, found.data) == (0x90040000, data)


def test_a_larger_board_has_its_own_limit(built: Path, tmp_path: Path) -> None:
    """An STM32H743 has 2 MB, which its report says and no device does."""
    folder = tmp_path / "nucleo"
    namgen.build(built / "tweed.nam", out_dir=folder, board="nucleo-h743")
    image = read_image(folder)
    assert image.boot.limit_bytes == 2_097_152
    assert image.boots_for("daisy") == ()


def test_the_ways_to_start_that_a_bootloader_takes_have_room_for_the_image(tmp_path: Path) -> None:
    def ways(image: FlashImage) -> tuple[str, ...]:
        return image.boots_for("daisy")

    assert ways(read_image(write_file(tmp_path, 9000, "flash"))) == ("sram", "qspi")
    assert ways(read_image(write_file(tmp_path, 500_000, "qspi"))) == ("qspi",)
