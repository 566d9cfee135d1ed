"""Processors, boards and targets are consistent data; what is wrong in a file is said at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from board_files import changed
from generated_c import small_model

from namgen import processors
from namgen.boards import board_names, load_board, read_board
from namgen.errors import FileError, UnsupportedError
from namgen.order import make_order
from namgen.processors import load_processor, processor_names
from namgen.selection.plans import planned
from namgen.targets import Target, load_target, target_names


def test_daisy_and_host_are_known() -> None:
    assert {"daisy", "host"} <= set(target_names())


def test_an_unknown_target_is_refused_with_the_names_that_are_known() -> None:
    with pytest.raises(
        UnsupportedError,
        match=r"expected one of daisy, nucleo-h743, petal-125b-sm, weact-h743, .* found 'teensy'",
    ):
        load_target("teensy")


def test_unknown_regions_and_boot_modes_are_refused_with_the_names_that_are_known() -> None:
    daisy = load_board("daisy")
    with pytest.raises(UnsupportedError, match=r"region: expected one of itcm, dtcm,.* 'sdram'"):
        daisy.region("sdram")
    with pytest.raises(UnsupportedError, match="boot: expected one of flash, sram, qspi, found"):
        daisy.boot("usb")


def test_a_computer_is_no_pedal() -> None:
    with pytest.raises(UnsupportedError, match=r"target .*: no image can be made for it, only C"):
        _ = load_target("host").pedal


def test_what_a_target_gives_is_said_where_it_gives_no_image() -> None:
    assert load_target("micropython").only_gives == "only a module"
    assert load_target("c").only_gives == "only a library"
    assert load_target("libdaisy").only_gives == "only a project"
    assert load_target("daisy").gives == "image"


def test_host_is_a_variant_of_c_too() -> None:
    assert load_target("c", "host").processor == load_target("host").processor


@pytest.mark.parametrize(
    ("machine", "name"),
    [("x86_64", "x86-64"), ("AMD64", "x86-64"), ("arm64", "aarch64"), ("riscv64", "x86-64")],
)
def test_host_is_another_name_for_what_most_computers_of_a_kind_are(
    machine: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert load_target.__wrapped__("host") == load_target(name)


@pytest.mark.parametrize("name", processor_names())
def test_every_processor_can_be_read(name: str) -> None:
    processor = load_processor(name)
    assert processor.name == name
    assert processor.gcc.program
    assert processor.zig.flags


@pytest.mark.parametrize("name", board_names())
def test_every_board_can_be_read_and_has_its_processor(name: str) -> None:
    board = load_board(name)
    assert load_processor(board.processor).layout == "frame_major"
    assert load_target(name).board == board


def test_the_images_a_bootloader_starts_leave_its_memory_alone() -> None:
    daisy = load_board("daisy")
    axi = daisy.region("axi_sram")
    assert axi.reserved_bytes >= 32 * 1024
    assert daisy.boot("sram").limit_bytes == axi.free_bytes


def test_all_problems_of_a_board_are_told_at_once_with_their_place(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        ("default_hz", "defautl_hz"),
        ("block_frames = 48\n", 'block_frames = "48"\n'),
        ("size_bytes = 131_072", "size_bytes = -1"),
        ('kind = "ram"', 'kind = "rom"'),
        ('title = "AXI SRAM', 'titel = "AXI SRAM'),
        ("is_cached = true", "is_cached = 1"),
        ("[dma]", "[[dma]]"),
        count=1,
    )
    with pytest.raises(FileError) as caught:
        read_board(path)
    assert set(caught.value.lines) == {
        "mine.toml: clock.defautl_hz: unknown key; did you mean default_hz?",
        "mine.toml: audio.block_frames: expected a whole number from 0, found '48'",
        "mine.toml: regions[1].size_bytes: expected a whole number from 0, found -1",
        "mine.toml: regions[0].kind: expected one of 'ram', 'flash', found 'rom'"
        "; did you mean ram?",
        "mine.toml: regions[2].titel: unknown key; did you mean title?",
        "mine.toml: regions[2].is_cached: expected true or false, found 1",
        "mine.toml: dma: expected a table, found [{'origin': 805306368, 'size_bytes': 32768}]",
    }


RULES = {
    "processor": (
        ('processor = "cortex-m7"', 'processor = "cortex-m8"'),
        "processor: expected one of .* found 'cortex-m8'; did you mean cortex-m7?",
    ),
    "stack": (('region = "dtcm"', 'region = "dtcmm"'), "stack.region: .*did you mean dtcm?"),
    "model region": (
        ('["dtcm", "axi_sram"]', '["dtcm", "itcm"]'),
        r"model_regions\[1\]: expected ram with a macro and a section, found itcm",
    ),
    "boot": (("limit_bytes = 131_072", "limit_bytes = 131_073"), r"boots\[0\]: .*inside of flash"),
    "overlap": (("origin = 0x2400_0000", "origin = 0x2001_0000"), "dtcm and axi_sram overlap"),
    "clock": (("default_hz = 480", "default_hz = 481"), "clock.default_hz: expected one of"),
    "reserve": (("reserved_bytes = 8192", "reserved_bytes = 131_072"), r"regions\[1\].reserved"),
    "reserve for nothing": (("reserved_bytes = 8192", ""), r"regions\[1\].reserved_for"),
    "section": (('section = ".axi"', ""), r"regions\[2\].section: expected beside a macro"),
    "dma": (("origin = 0x3000_0000", "origin = 0x4000_0000"), "dma: expected inside of one region"),
}


@pytest.mark.parametrize(("change", "message"), RULES.values(), ids=RULES.keys())
def test_a_board_that_cannot_be_is_refused(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    with pytest.raises(FileError, match=message):
        read_board(changed(tmp_path, change, count=1))


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("title =", encoding="utf-8")
    with pytest.raises(FileError, match=r"mine.toml: expected TOML, found: "):
        read_board(path)


def test_a_processor_without_vectors_has_no_blocks_too_short_for_them() -> None:
    odd = replace(load_processor("cortex-m7"), frame_major_frames=2)
    (problem,) = odd.problems()
    assert str(problem) == "frame_major_frames: expected none where every block is, found 2"


def test_of_a_board_with_an_unmeasured_processor_no_time_is_guessed(tmp_path: Path) -> None:
    board = read_board(changed(tmp_path, ('processor = "cortex-m7"', 'processor = "cortex-m4f"')))
    mine = Target("mine", board.title, load_processor("cortex-m4f"), board)
    order = make_order(mine, clock=None, block_frames=None)
    assert order.warnings == (
        "speed: nobody has fitted an estimate for Arm Cortex-M4 with FPv4-SP-D16; whether the "
        "model keeps up is not known",
    )
    assert planned(small_model("linear"), order).prediction is None


def test_two_processors_with_one_vector_unit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    kin = replace(load_processor("x86-64"), name="kin")
    both = (load_processor("x86-64"), kin)
    monkeypatch.setattr(processors, "vector_processors", lambda: both)
    with pytest.raises(UnsupportedError, match="x86-64 and kin: expected a vector unit each, both"):
        processors.processor_with("avx2")


def test_every_board_with_an_image_has_a_place_for_the_code_of_integers() -> None:
    for target in map(load_target, target_names()):
        if target.makes_image:
            assert target.pedal.code_region is not None, target.name
