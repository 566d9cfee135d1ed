"""A project's machine code: its flags win over libDaisy's, its arrays lie where they were planned.

And whatever was in DTCM before, which libDaisy's start-up does not clear, it plays the same bits.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import libdaisy_program as program
import numpy as np
import pedal_captures
import pytest

from host_sim.codec import fade_in
from host_sim.verify_pedal import BuiltPedal, built_pedal
from namgen.build import build
from namgen.build_record import read_record
from namgen.firmware.elf import Elf, read_elf
from namgen.packages.libdaisy import flags_of
from namgen.pedal.pedal_twin import PedalTwin
from namgen.processors import load_processor
from namgen.targets import load_target
from namgen.toolchain import CrossToolchain, find_cross

pytest.importorskip("unicorn")

APPS = ("none", "sram", "qspi")
FRAMES = 48
_CODE = {"none": "FLASH", "sram": "SRAM", "qspi": "QSPIFLASH"}
_DATA = {"none": "SRAM", "sram": "DTCMRAM", "qspi": "SRAM"}
_SCRIPT = """\
ENTRY(pedal_start)
MEMORY
{{
    FLASH (RX) : ORIGIN = 0x08000000, LENGTH = 128K
    DTCMRAM (RWX) : ORIGIN = 0x20000000, LENGTH = 128K
    SRAM (RWX) : ORIGIN = 0x24000000, LENGTH = 480K
    QSPIFLASH (RX) : ORIGIN = 0x90040000, LENGTH = 7936K
}}
SECTIONS
{{
    .text : {{ KEEP(*(.text.pedal_*)) *(.text*) *(.rodata*) }} > {code}
    .data : {{ *(.data*) }} > {data}
    .bss (NOLOAD) : {{ *(.bss*) *(COMMON) }} > {data}
    .dtcmram_bss (NOLOAD) : {{ *(.dtcmram_bss*) }} > DTCMRAM
    /DISCARD/ : {{ *(.ARM.*) *(.eh_frame) }}
}}
"""
"""The sections of libDaisy's three scripts, as far as a project uses them."""


@dataclass(frozen=True, slots=True)
class Project:
    folder: Path
    built: BuiltPedal


@cache
def project(folder: Path, app: str, board: str) -> Project:
    work = folder / f"{app}-{board}"
    work.mkdir()
    capture, cabinet = pedal_captures.files(work)[0], pedal_captures.cabinet(work, 1)
    made = build(
        capture,
        target="libdaisy",
        board=board,
        boot=app,
        ir=str(cabinet),
        ir_length=300,
        positions={"gate": 0.4, "treble": 0.6},
        out_dir=work / "project",
    )
    return Project(made.out_dir, built_pedal(read_record(made.out_dir)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("libdaisy")


def made(folder: Path, *words: str) -> str:
    """Run libDaisy's users' command with the stand-in of its Makefile."""
    if shutil.which("make") is None:
        pytest.skip("needs make")
    command = ["make", "-C", str(folder), f"LIBDAISY_DIR={program.STAND_IN}", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def compilations(text: str) -> dict[str, list[str]]:
    """The words of each compilation, by its source."""
    lines = (line.split() for line in text.splitlines() if " -c " in line)
    return {words[words.index("-o") - 1]: words for words in lines}


@pytest.mark.parametrize("board", ["seed", "terrarium"])
def test_make_compiles_every_file_and_nothing_else(folder: Path, board: str) -> None:
    there = project(folder, "none", board).folder
    found = compilations(made(there, "-n", "-B"))
    sources = [path for path in there.rglob("*.c*") if path.suffix in (".c", ".cpp")]
    expected = {path.relative_to(there).as_posix() for path in sources}
    assert {name.removeprefix("./") for name in found} == expected
    objects = [words[words.index("-o") + 1] for words in found.values()]
    assert len(set(objects)) == len(objects)


@pytest.mark.parametrize("opt", ["-O2", "-Ofast", "-O3 -ffast-math"])
def test_the_flags_of_the_c_are_the_last(folder: Path, opt: str) -> None:
    found = compilations(made(project(folder, "none", "seed").folder, "-n", "-B", f"OPT={opt}"))
    for source, words in found.items():
        if source.endswith(".c"):
            own = words[words.index(opt.rsplit(maxsplit=1)[-1]) + 1 :]
            assert [word for word in own if word.startswith("-O")] == ["-O2"]
            assert not [word for word in own if word == "-ffast-math"]
            assert {*flags_of(load_processor("cortex-m7"))} <= {*own}
            assert [word for word in words if word.startswith("-std=")] == ["-std=c99"]
            assert ("-DNAM_PLACED=1" in words) == source.startswith("nam_")
        else:
            assert "-ffp-contract=off" not in words


def linked(there: Path, app: str, toolchain: str, work: Path, opt: str = "-O2") -> Path:
    """Compile the C of a bare board's project and link it as libDaisy's script for the app does."""
    cross = _cross(toolchain)
    sources = sorted(there.rglob("*.c"))
    if toolchain == "gcc":
        names = [f"build/{source.stem}.o" for source in sources]
        made(there, f"OPT={opt}", *names)
        objects = [there / name for name in names]
    else:
        objects = [work / f"{source.stem}.o" for source in sources]
        for source, out in zip(sources, objects, strict=True):
            placed = {"NAM_PLACED": "1"} if source.name.startswith("nam_") else {}
            told = {"NAM_TARGET_CORTEX_M7": "1", **placed}
            cross.compile(source, out, include_dirs=[there], defines=told)
    script = work / "app.lds"
    script.write_text(_SCRIPT.format(code=_CODE[app], data=_DATA[app]))
    cross.link(objects, script, work / "app.elf")
    return work / "app.elf"


def _cross(name: str) -> CrossToolchain:
    if name == "gcc" and shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("needs arm-none-eabi-gcc")
    return find_cross(name)


def misplaced(elf: Elf, there: Project, app: str) -> Iterator[str]:
    """Yield arrays that are not where the plan has them."""
    target = load_target("libdaisy")
    board = target.started(target.pedal.boot(app)).pedal
    for buffer in there.built.sound.captures[0].plan.buffers:
        (symbol,) = [s for s in elf.symbols if s.name == buffer.symbol and s.size_bytes]
        assert buffer.region is not None
        if not board.region(buffer.region).holds(symbol.address, symbol.size_bytes):
            yield f"{buffer.symbol} at {symbol.address:#x}, expected in {buffer.region}"


@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
@pytest.mark.parametrize("app", APPS)
def test_arrays_lie_where_they_were_planned_and_play_over_garbage(
    folder: Path, tmp_path: Path, app: str, toolchain: str
) -> None:
    from host_sim.emulator.core import Core
    from host_sim.emulator.memory import SCRATCH

    there = project(folder, app, "seed")
    path = linked(there.folder, app, toolchain, tmp_path)
    elf = read_elf(path)
    assert list(misplaced(elf, there, app)) == []
    core = Core()
    core.load(path)
    (dtcm,) = [section for section in elf.sections if section.name == ".dtcmram_bss"]
    assert dtcm.size_bytes > 1000
    core.memory.write(dtcm.address, np.random.default_rng(1).bytes(dtcm.size_bytes))
    core.call("pedal_start")
    heard = pedal_captures.guitar(40 * FRAMES).reshape(-1, FRAMES)
    twin = PedalTwin(there.built.sound, None)
    expected = fade_in(np.concatenate([twin.block(block) for block in heard]))
    found = []
    for block in heard:
        core.memory.write_floats(SCRATCH, block)
        core.call("pedal_process", SCRATCH, SCRATCH + 1024, SCRATCH + 2048, FRAMES)
        core.call("pedal_control", FRAMES, 0)
        found.append(core.memory.read_floats(SCRATCH + 2048, FRAMES))
    np.testing.assert_array_equal(np.concatenate(found).view(np.uint32), expected.view(np.uint32))


def test_fast_mathematics_of_others_changes_no_bit(folder: Path, tmp_path: Path) -> None:
    _cross("gcc")
    there = project(folder, "none", "seed").folder
    images = []
    for opt in ("-O2", "-Ofast", "-O3 -ffast-math"):
        shutil.rmtree(there / "build", ignore_errors=True)
        images.append(read_elf(linked(there, "none", "gcc", tmp_path, opt)).segments)
    assert images[0] == images[1] == images[2]


def test_program_and_panel_compile_for_the_pedal(folder: Path) -> None:
    if shutil.which("arm-none-eabi-g++") is None:
        pytest.skip("needs arm-none-eabi-g++")
    there = project(folder, "sram", "terrarium").folder
    found = compilations(made(there, "-n", "-B", "APP_TYPE=BOOT_SRAM"))
    assert "-DBOOT_APP" in found["main.cpp"]
    assert "APP_TYPE ?= BOOT_SRAM\n" in (there / "Makefile").read_text()
    assert {"main.cpp", "panel.cpp"} <= {*found}
