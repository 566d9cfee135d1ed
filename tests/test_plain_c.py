"""C alone, for a processor by itself: laid out for it, clean and fused; no more is promised."""

from __future__ import annotations

import itertools
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import make_nam
import pytest
from click.testing import CliRunner
from elftools.elf.elffile import ELFFile
from generated_c import small_model, undefined_symbols

import namgen
from namgen.boards import load_board
from namgen.cli import main
from namgen.emit import emit
from namgen.firmware import PLACED
from namgen.processors import load_processor, processor_names
from namgen.selection.plans import plan_model
from namgen.targets import Target, load_target
from namgen.toolchain import CROSS_NAMES, find_cross

CORTEX = ("cortex-m7", "cortex-m4f", "cortex-m33")
NETWORKS = ("everything", "two_arrays", "lstm")


def compiled(target: Target, network: str, toolchain: str, folder: Path, *macros: str) -> Path:
    processor = target.processor
    if toolchain == "gcc" and shutil.which(processor.gcc.program) is None:
        pytest.skip("arm-none-eabi-gcc is not on PATH")
    planned = plan_model(small_model(network), target=target, block_frames=48)
    for file, text in emit(planned).items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    out = folder / "out.o"
    cross = find_cross(toolchain, processor=processor.name)
    defines = dict.fromkeys((*processor.macros, *macros), "1")
    cross.compile(folder / f"nam_{network}.c", out, defines=defines, extra=("-Werror",))
    return out


def fused(path: Path) -> int:
    """Count VFMA.F32, by its encoding (Armv7-M architecture reference manual, A7.7.229)."""
    with path.open("rb") as file:
        code = b"".join(s.data() for s in ELFFile(file).iter_sections() if s["sh_flags"] & 4)
    halves = [int.from_bytes(code[i : i + 2], "little") for i in range(0, len(code), 2)]
    pairs = itertools.pairwise(halves)
    return sum(low & 0xFFB0 == 0xEEA0 and high & 0x0F50 == 0x0A00 for low, high in pairs)


def placed_sections(path: Path) -> list[str]:
    """Name the sections that only a board's linker script knows."""
    known = [region.section for region in load_board("daisy").regions if region.section]
    with path.open("rb") as file:
        found = [section.name for section in ELFFile(file).iter_sections()]
    return [name for name in found if name.startswith(tuple(known))]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("toolchain", CROSS_NAMES)
@pytest.mark.parametrize("processor", CORTEX)
def test_the_c_for_a_cortex_m_is_clean_alone_and_fused(
    processor: str, toolchain: str, network: str, tmp_path: Path
) -> None:
    out = compiled(load_target(processor), network, toolchain, tmp_path)
    assert undefined_symbols(out) == set()
    assert (fused(out) > 20) == load_processor(processor).has_fma
    assert not placed_sections(out), "nothing is placed"


def test_on_a_board_with_another_processor_the_arrays_are_placed_too(tmp_path: Path) -> None:
    daisy = load_target("daisy")
    board = replace(daisy.pedal, name="mine", processor="cortex-m33")
    mine = Target("mine", "My board", load_processor("cortex-m33"), board)
    assert placed_sections(compiled(mine, "lstm", "zig", tmp_path, PLACED))
    assert not placed_sections(compiled(mine, "lstm", "zig", tmp_path)), "without the macro"


@pytest.mark.parametrize("name", processor_names())
def test_the_layout_follows_from_the_processor_and_nothing_is_placed(name: str) -> None:
    processor = load_processor(name)
    planned = plan_model(small_model("two_arrays"), target=load_target(name), block_frames=48)
    assert planned.layout.name == processor.layout
    assert {buffer.region for buffer in planned.buffers} == {None}
    assert ("nam_vector.h" in emit(planned)) == (processor.layout == "planar")


def test_a_board_says_which_sections_its_memories_are() -> None:
    pedal = load_target("daisy").pedal
    mine = replace(pedal.region("dtcm"), macro="MY_FAST", section=".mine")
    regions = (mine if region.name == "dtcm" else region for region in pedal.regions)
    board = replace(pedal, regions=tuple(regions))
    target = replace(load_target("daisy"), board=board)
    files = emit(plan_model(small_model("lstm"), target=target, block_frames=48))
    text = files["nam_lstm.c"]
    assert '#define MY_FAST_BSS NAM_SECTION(".mine_bss")' in text
    assert '#define NAM_TABLE_SECTION NAM_SECTION(".mine_data.tables")' in text
    assert "] MY_FAST_DATA = {" in files["nam_lstm_weights.h"]
    assert not any("NAM_DTCM" in text or "NAM_AXI" in text for text in files.values())


def told(*arguments: str, exit_code: int = 0) -> Any:
    done = CliRunner().invoke(main, [*arguments, "--json"])
    assert done.exit_code == exit_code, done.output
    return json.loads(done.stdout)


def test_a_build_for_a_processor_is_c_and_can_be_verified(tmp_path: Path) -> None:
    out = tmp_path / "out"
    report = namgen.build(make_nam.write(tmp_path, make_nam.a1()), target="cortex-m4f", out_dir=out)
    assert report.firmware is None
    assert report.contents["target"] == {"name": "cortex-m4f", "clock_hz": 0, "block_frames": 48}
    assert report.contents["prediction"] is None
    assert report.contents["warnings"] == [
        "speed: the clock and the memories around Arm Cortex-M4 with FPv4-SP-D16 are not known; "
        "whether the model keeps up is not either"
    ]
    assert {path.suffix for path in out.iterdir()} == {".c", ".h", ".json", ".nam"}
    found = told("verify", str(out), "--on", "host")
    assert found["bit_exact"] is True
    assert [check["engine"] for check in found["checks"]] == ["host"]
    assert found["left_out"] == ["machine code: not run: --on leaves the emulator out"]


def test_machine_code_of_what_nothing_emulates_is_said_to_be_left_out(tmp_path: Path) -> None:
    nam = make_nam.write(tmp_path, make_nam.a1())
    found = told("verify", str(nam), "--target", "cortex-m55")
    assert [check["engine"] for check in found["checks"]] == ["host"]
    (line,) = found["left_out"]
    assert line == (
        "machine code for Arm Cortex-M55 with FPU and Helium: not run: no emulator here knows it"
    )


@pytest.mark.parametrize("target", CORTEX)
def test_the_machine_code_of_a_processor_alone_is_run_too(target: str, tmp_path: Path) -> None:
    pytest.importorskip("unicorn")
    nam = make_nam.write(tmp_path, make_nam.a1())
    found = told("verify", str(nam), "--target", target)
    assert [check["engine"] for check in found["checks"]] == ["host", "emulator"]
    assert found["bit_exact"] is True
    assert not found["left_out"]


@pytest.mark.parametrize("command", ["profile", "tune"])
def test_what_needs_a_pedal_refuses_a_processor_with_the_reason(
    command: str, tmp_path: Path
) -> None:
    nam = make_nam.write(tmp_path, make_nam.a1())
    done = CliRunner().invoke(main, [command, str(nam), "--target", "cortex-m33"])
    assert done.exit_code == 2
    assert "no image can be made for cortex-m33, only C; expected daisy" in done.stderr


def test_what_an_image_alone_has_is_refused_for_a_processor(tmp_path: Path) -> None:
    nam = make_nam.write(tmp_path, make_nam.a1())
    for option, value in (("--boot", "flash"), ("--clock", "480")):
        arguments = ["build", str(nam), "--target", "cortex-m33", option, value]
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 2
        assert f"target cortex-m33: expected none, found '{value}'" in done.stderr


def test_inspect_says_that_nothing_is_known_of_a_processor_alone(tmp_path: Path) -> None:
    nam = make_nam.write(tmp_path, make_nam.a1())
    (network,) = told("inspect", str(nam), "--target", "cortex-m33")["networks"]
    by_name = {fit["target"]: fit for fit in network["fits"]}
    assert list(by_name) == ["daisy", load_target("host").name, "cortex-m33"]
    assert by_name["cortex-m33"]["reason"] == "no limits are known"


@pytest.mark.parametrize(("target", "most"), [("cortex-m4f", "300 MHz"), ("cortex-m33", "350 MHz")])
def test_what_no_such_processor_can_play_in_time_is_refused_as_the_library_refuses_it(
    target: str, most: str, tmp_path: Path
) -> None:
    full = make_nam.write(tmp_path, make_nam.a2(16), "full.nam")
    arguments = ["build", str(full), "--target", target, "-o", str(tmp_path / "out")]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1
    assert f"% of {most}, faster than any is" in done.stderr
    assert done.stderr.endswith("--force builds it all the same; --target cortex-m7 may do\n")
    assert CliRunner().invoke(main, [*arguments, "--force"]).exit_code == 0
    fit = CliRunner().invoke(main, ["inspect", str(full), "--target", target])
    assert f"target {target}" in fit.stdout
    assert "no: at least" in fit.stdout
