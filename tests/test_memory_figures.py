"""What is said of memory is what the linked image takes, each byte once."""

from __future__ import annotations

from pathlib import Path

import make_nam

import namgen
from benchmarks.targets import RAM_GOAL_BYTES
from namgen.boards import load_board
from namgen.firmware.elf import read_elf

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def test_model_firmware_and_stack_add_up_to_the_image(tmp_path: Path) -> None:
    nam = make_nam.write(tmp_path, make_nam.a2(4))
    report = namgen.build(nam, out_dir=tmp_path / "out")
    said = report.contents["memory"]
    elf, board = read_elf(tmp_path / "out" / "firmware.elf"), load_board("daisy")
    for region in board.regions:
        linked = [s.size_bytes for s in elf.sections if region.holds(s.address, s.size_bytes)]
        sizes = said.get(region.name, {"model": 0, "firmware": 0, "stack": 0})
        assert sizes["model"] + sizes["firmware"] == sum(linked)
    arrays = sum(b["size_bytes"] for b in report.contents["buffers"])
    assert sum(sizes["model"] for sizes in said.values()) == arrays
    assert [n for n, sizes in said.items() if sizes["stack"]] == ["dtcm"]
    assert said["dtcm"]["stack"] == board.stack.size_bytes
    assert sum(said["dtcm"].values()) <= board.region("dtcm").size_bytes


def test_a2_lite_leaves_the_goal_of_100_kib_of_fast_memory_unbroken(tmp_path: Path) -> None:
    namgen.build(EXAMPLES / "tweed-a2.nam", submodel="lite", out_dir=tmp_path / "out")
    elf, board = read_elf(tmp_path / "out" / "firmware.elf"), load_board("daisy")
    regions = [board.region(name) for name in board.model_regions]
    linked = [
        section.size_bytes
        for section in elf.sections
        if any(region.holds(section.address, section.size_bytes) for region in regions)
    ]
    assert 90_000 < sum(linked) < RAM_GOAL_BYTES


def test_a_computer_has_no_memory_figures(tmp_path: Path) -> None:
    nam = make_nam.write(tmp_path, make_nam.a2(2))
    report = namgen.build(nam, target="host", out_dir=tmp_path / "out")
    assert report.contents["memory"] == {}
