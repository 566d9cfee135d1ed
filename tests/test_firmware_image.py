"""An image is what was planned, fits, and is the same bytes anywhere."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import firmware_stand_in as stand_in
import pytest

from namgen.boards import load_board
from namgen.build import build as namgen_build
from namgen.errors import BudgetError, NamgenError, ToolError, UnsupportedError
from namgen.firmware import Image, build_image
from namgen.firmware.elf import check_image, read_elf
from namgen.firmware.wiring_header import HEADER, wiring_header
from namgen.resources import firmware_dir, firmware_sources
from namgen.toolchain import CROSS_NAMES, CrossToolchain, find_cross

DAISY = load_board("daisy")
BOOTS = tuple(boot.name for boot in DAISY.boots)
A2_LITE_FLASH_BYTES = 32_768  # the goal for the engine and one capture


def toolchain(name: str) -> CrossToolchain:
    try:
        return find_cross(name)
    except ToolError as error:
        pytest.skip(str(error))


def build(folder: Path, source: str = stand_in.SOURCE, **changes: Any) -> Image:
    c_dir = stand_in.write_c(folder / "c")
    (c_dir / "nam_echo.c").write_text(source, encoding="utf-8")
    arguments: dict[str, Any] = {
        "board": DAISY,
        "boot": "flash",
        "clock_hz": 480_000_000,
        "block_frames": 48,
        "toolchain": toolchain("zig"),
        "buffers": stand_in.BUFFERS,
        "out_dir": folder / "out",
    }
    return build_image(c_dir, stand_in.NAME, **{**arguments, **changes})


@pytest.mark.parametrize("boot", BOOTS)
@pytest.mark.parametrize("compiler", CROSS_NAMES)
def test_the_size_of_the_weights_does_not_move_the_image(
    tmp_path: Path, boot: str, compiler: str
) -> None:
    source = stand_in.SOURCE.replace("gains[2]", "gains[300]", 1)
    buffers = (stand_in.Buffer("gains", 1200, "dtcm"), *stand_in.BUFFERS[1:])
    small = build(tmp_path / "small", boot=boot, toolchain=toolchain(compiler))
    large = build(
        tmp_path / "large", source, boot=boot, toolchain=toolchain(compiler), buffers=buffers
    )
    growth = large.bin.stat().st_size - small.bin.stat().st_size
    assert abs(growth - (1200 - 8)) <= 32  # sections begin at multiples of up to 32


@pytest.mark.parametrize("boot", BOOTS)
@pytest.mark.parametrize("compiler", CROSS_NAMES)
def test_every_boot_mode_links_with_every_toolchain(
    tmp_path: Path, boot: str, compiler: str
) -> None:
    image = build(tmp_path, boot=boot, toolchain=toolchain(compiler))
    binary = image.bin.read_bytes()
    stack_top, reset = struct.unpack("<II", binary[:8])
    origin = DAISY.boot(boot).origin
    assert stack_top == DAISY.region("dtcm").end
    assert origin < reset < origin + image.size_bytes
    assert reset & 1, "the reset vector has no Thumb bit"
    assert len(binary) == image.size_bytes <= image.limit_bytes


def test_two_builds_in_different_folders_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = build(tmp_path / "here"), build(tmp_path / "yonder" / "there")
    for kind in ("elf", "bin", "dfu"):
        a, b = getattr(first, kind).read_bytes(), getattr(second, kind).read_bytes()
        assert a == b, f"firmware.{kind} differs"
        assert b"yonder" not in b, f"firmware.{kind} has a folder's name in it"


@pytest.mark.parametrize("block_frames", [1, 7, 256])
def test_every_block_size_links(tmp_path: Path, block_frames: int) -> None:
    image = build(tmp_path, block_frames=block_frames)
    dma_bytes = 4 * 2 * 2 * 2 * block_frames
    assert dma_bytes <= image.used_bytes["d2_sram"] <= dma_bytes + 64


def test_the_dfuse_file_carries_the_image_and_where_it_goes(tmp_path: Path) -> None:
    image = build(tmp_path, boot="qspi")
    file, binary = image.dfu.read_bytes(), image.bin.read_bytes()
    assert file[:5] == b"DfuSe"
    assert struct.unpack_from("<I", file, 6)[0] == len(file) - 16
    assert struct.unpack_from("<II", file, 11 + 274) == (0x90040000, len(binary))
    assert file[11 + 274 + 8 : -16] == binary
    assert struct.unpack_from("<HHHH3sB", file, len(file) - 16) == (
        0xFFFF,
        0xDF11,
        0x0483,
        0x011A,
        b"UFD",
        16,
    )
    assert struct.unpack("<I", file[-4:])[0] == zlib.crc32(file[:-4]) ^ 0xFFFFFFFF


def test_the_binary_is_what_objcopy_makes(tmp_path: Path) -> None:
    objcopy = shutil.which("arm-none-eabi-objcopy")
    if objcopy is None:
        pytest.skip("needs arm-none-eabi-objcopy on PATH")
    image = build(tmp_path, boot="sram")
    other = tmp_path / "other.bin"
    command = [objcopy, "-O", "binary", "--gap-fill", "0xff", str(image.elf), str(other)]
    subprocess.run(command, check=True)
    assert other.read_bytes() == image.bin.read_bytes()


@pytest.mark.parametrize("compiler", CROSS_NAMES)
def test_a_model_too_large_is_refused_with_the_numbers(tmp_path: Path, compiler: str) -> None:
    source = stand_in.SOURCE.replace("history[1024]", "history[40000]", 1)
    with pytest.raises(BudgetError, match=r"dtcm: \d+ bytes are needed, 126976 are there"):
        build(tmp_path, source, toolchain=toolchain(compiler))


def test_a_program_too_large_for_the_flash_is_refused_with_the_numbers(tmp_path: Path) -> None:
    source = stand_in.SOURCE.replace("weights[4]", "weights[40000]", 1)
    expected = r"image, internal flash, no bootloader: \d+ bytes are needed, 131072 are there"
    with pytest.raises(BudgetError, match=expected):
        build(tmp_path, source)


@pytest.mark.parametrize(
    ("buffer", "message"),
    [
        (stand_in.Buffer("history", 4096, "axi_sram"), r"history: expected in axi_sram.*dtcm"),
        (stand_in.Buffer("history", 4092, "dtcm"), "history: expected 4092 bytes, found 4096"),
        (
            stand_in.Buffer("nowhere", 4, "dtcm"),
            "nowhere: expected in dtcm, found nowhere in the C",
        ),
    ],
)
def test_a_buffer_that_is_not_as_planned_is_refused(
    tmp_path: Path, buffer: stand_in.Buffer, message: str
) -> None:
    with pytest.raises(ToolError, match=message):
        build(tmp_path, buffers=[buffer])


@pytest.mark.parametrize("compiler", CROSS_NAMES)
def test_statics_of_the_firmware_are_not_taken_for_the_models(
    tmp_path: Path, compiler: str
) -> None:
    source = stand_in.SOURCE.replace("more_history", "pedal_input")
    buffer = stand_in.Buffer("pedal_input", 4096, "axi_sram")
    image = build(tmp_path, source, buffers=[buffer], toolchain=toolchain(compiler))
    found = [symbol for symbol in read_elf(image.elf).symbols if symbol.name == "pedal_input"]
    assert {symbol.file for symbol in found} == {"nam_echo.c", "pedal.c"}


def test_dma_buffers_the_cache_could_hold_are_refused(tmp_path: Path) -> None:
    shifted = replace(DAISY, dma=replace(DAISY.dma, origin=0x30008000))
    ordinary = build(tmp_path / "good")
    assert ordinary.used_bytes["d2_sram"] > 0
    with pytest.raises(ToolError, match="audio_received: expected in the memory the data cache"):
        check_image(
            read_elf(ordinary.elf),
            board=shifted,
            boot=DAISY.boot("flash"),
            buffers=(),
            c_file="nam_echo.c",
            c_text="",
            image_bytes=ordinary.size_bytes,
        )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"clock_hz": 216_000_000}, "clock: expected 480000000, 400000000, found 216000000"),
        ({"block_frames": 0}, "block: expected 1 to 256 frames, found 0"),
        ({"block_frames": 257}, "block: expected 1 to 256 frames, found 257"),
        ({"boot": "usb"}, "boot: expected one of flash, sram, qspi, found 'usb'"),
    ],
)
def test_what_the_board_cannot_do_is_refused_before_compiling(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnsupportedError, match=message):
        build(tmp_path, **changes)
    assert not (tmp_path / "out").exists()


def test_a_model_at_another_rate_does_not_compile(tmp_path: Path) -> None:
    c_dir = stand_in.write_c(tmp_path / "c")
    header = stand_in.HEADER.replace("48000", "44100")
    (c_dir / "nam_echo.h").write_text(header, encoding="utf-8")
    with pytest.raises(NamgenError, match="model_must_run_at_48_khz"):
        build_image(
            c_dir,
            stand_in.NAME,
            board=DAISY,
            boot="flash",
            clock_hz=480_000_000,
            block_frames=48,
            toolchain=toolchain("zig"),
            buffers=(),
            out_dir=tmp_path / "out",
        )


@pytest.mark.parametrize("compiler", CROSS_NAMES)
@pytest.mark.parametrize("boot", BOOTS)
def test_the_firmware_compiles_without_a_warning(tmp_path: Path, compiler: str, boot: str) -> None:
    tool = toolchain(compiler)
    c_dir = stand_in.write_c(tmp_path / "c")
    defines = {
        "NAM_HEADER": '"nam_echo.h"',
        "NAM_SYMBOL": "nam_echo",
        "NAM_CONSTANT": "NAM_ECHO",
        "PEDAL_BLOCK_FRAMES": "48",
        "CPU_CLOCK_HZ": "400000000",
        f"BOOT_{boot.upper()}": "1",
    }
    (c_dir / HEADER).write_text(wiring_header(load_board("daisy")), encoding="utf-8")
    for source in firmware_sources(DAISY.sources):
        out = tmp_path / f"{source.stem}.o"
        include_dirs = (firmware_dir(), c_dir)
        tool.compile(source, out, include_dirs=include_dirs, defines=defines, extra=("-Werror",))


@pytest.mark.parametrize(("idle", "sleeps"), [("spin", False), ("sleep", True)])
def test_the_main_loop_sleeps_only_in_a_build_that_asks_for_it(
    tmp_path: Path, idle: str, *, sleeps: bool
) -> None:
    example = Path(__file__).parent.parent / "examples" / "tweed-a2.nam"
    namgen_build(example, out_dir=tmp_path / "out", submodel="lite", idle=idle)
    elf = read_elf(tmp_path / "out" / "firmware.elf")
    main = next(symbol for symbol in elf.symbols if symbol.name == "main")
    start = main.address & ~1
    section = next(s for s in elf.sections if s.address <= start < s.address + s.size_bytes)
    code = section.data[start - section.address :][: main.size_bytes]
    wait_for_interrupt = struct.pack("<H", 0xBF30)
    assert (wait_for_interrupt in code) == sleeps
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert report["options"]["idle"] == idle


def test_a2_lite_fits_its_share_of_the_flash_without_the_self_test(tmp_path: Path) -> None:
    example = Path(__file__).parent.parent / "examples" / "tweed-a2.nam"
    report = namgen_build(example, out_dir=tmp_path / "out", submodel="lite")
    assert (tmp_path / "out" / "firmware.bin").stat().st_size <= A2_LITE_FLASH_BYTES
    names = {symbol.name for symbol in read_elf(tmp_path / "out" / "firmware.elf").symbols}
    model = f"nam_{report.model.name}"
    assert f"{model}_process" in names
    assert not {f"{model}_self_test", "test_samples", "test_bits"} & names


def test_there_is_nothing_to_idle_without_an_image(tmp_path: Path) -> None:
    example = Path(__file__).parent.parent / "examples" / "tweed-a2.nam"
    with pytest.raises(UnsupportedError, match=r"target .*: no image can be made for it"):
        namgen_build(example, out_dir=tmp_path / "out", target="host", idle="sleep")
