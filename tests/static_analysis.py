"""What cppcheck, GCC's analyzer and clang-tidy find in generated C and in the firmware.

    python tests/static_analysis.py [--misra] FOLDER ...

A folder is one that `namgen build` made; `firmware` is the pedal's own C, `chain` its signal chain.
Exit code 1: something was found. How a finding is excused: docs/analysis.md.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import chain_setups
import compiled_once
import firmware_stand_in as stand_in
import panel_images

from namgen.boards import board_names, load_board
from namgen.build_record import read_record
from namgen.chain.emit import emit_chain
from namgen.chain.plan import ChainPlan
from namgen.codecs import load_codec
from namgen.controls.wiring import HEADER as PANEL_HEADER
from namgen.controls.wiring import panel_wiring
from namgen.emit import emit
from namgen.firmware import PLACED
from namgen.firmware.wiring_header import HEADER, wiring_header
from namgen.mpy.archs import arch_of
from namgen.mpy.glue import buffers_header, native_files
from namgen.pedal_boards import PedalBoard
from namgen.plan.any_plan import AnyPlan
from namgen.processors import load_processor
from namgen.resources import firmware_dir, firmware_sources, templates_dir
from namgen.scratch import write_files
from namgen.targets import load_target
from namgen.toolchain import WARNINGS

PROGRAMS = {"cppcheck": "cppcheck", "clang-tidy": "clang-tidy", "gcc": "gcc"}
LEFT_OUT = {
    "bugprone-easily-swappable-parameters": "finds memcpy's own parameters; no defect, an opinion",
    "bugprone-implicit-widening-of-multiplication-result": "an index within one block is an int",
}
"""Checks of clang-tidy that are not made, and why."""

CHECKS = ",".join(["-*", "bugprone-*", "cert-*", "clang-analyzer-*", *(f"-{c}" for c in LEFT_OUT)])
_LINE = re.compile(r"(?P<file>[^\s:]+):(?P<line>\d+):(?:\d+:)? (?P<text>.*)")
_RULE = re.compile(r"misra-c2012-(\d+\.\d+)")


@dataclass(frozen=True, slots=True)
class Processor:
    """What the tools are told about the machine the C is for."""

    gcc: tuple[str, ...]  # program and flags
    clang: tuple[str, ...]
    platform: str  # of cppcheck
    macros: tuple[str, ...]  # the compiler would define, for cppcheck


_M7, _X86 = load_processor("cortex-m7"), load_processor("x86-64")
CORTEX_M7 = Processor(
    gcc=(_M7.gcc.program, *_M7.gcc.flags),
    clang=("--target=arm-none-eabi", *_M7.gcc.flags),
    platform="arm32-wchar_t4",
    macros=("__ARM_ARCH_7EM__=1", "__ARM_FP=14"),
)
AVX2 = Processor(
    gcc=("gcc", *_X86.gcc.flags),
    clang=("--target=x86_64-linux-gnu", *_X86.gcc.flags),
    platform="unix64",
    macros=("__AVX__=1", "__AVX2__=1", "__FMA__=1", "__x86_64__=1"),
)
PROCESSORS = {_M7.name: CORTEX_M7, _X86.name: AVX2}
_ANY_COMPILER = ("__GNUC__=12", "FLT_EVAL_METHOD=0")


@dataclass(frozen=True, slots=True)
class Unit:
    """C files that are analysed together, and how they are compiled."""

    sources: tuple[Path, ...]
    include_dirs: tuple[Path, ...]
    processor: Processor
    macros: tuple[str, ...] = ()

    @property
    def flags(self) -> list[str]:
        """Options that mean the same to every tool."""
        dirs = [f"-I{folder}" for folder in self.include_dirs]
        return [*(f"-D{macro}" for macro in self.macros), *dirs]


def generated(folder: Path, target: str) -> Unit:
    """The generated C in a folder, for a target whose processor is among `PROCESSORS`."""
    chosen = load_target(target)
    macros = [*chosen.processor.macros, *([PLACED] if chosen.board else [])]
    sources = tuple(sorted({*folder.glob("nam_*.c"), *folder.glob("captures.c")}))
    processor = PROCESSORS[chosen.processor.name]
    return Unit(sources, (folder,), processor, tuple(f"{macro}=1" for macro in macros))


def firmware(
    model_dir: Path,
    *,
    name: str = stand_in.NAME,
    options: Sequence[str],
    target: str = "daisy",
    codec: str = "",
) -> Unit:
    """The pedal around the model `nam_<name>.h` in `model_dir`; `options` are its macros."""
    macros = (
        f'NAM_HEADER="nam_{name}.h"',
        f"NAM_SYMBOL=nam_{name}",
        f"NAM_CONSTANT=NAM_{name.upper()}",
        *(f"{macro}=1" for macro in (*_M7.macros, PLACED)),
        "PEDAL_BLOCK_FRAMES=48",
        *options,
    )
    board, wiring = load_board(target), model_dir / f"{target}{codec}"
    board = board.with_codec(load_codec(codec)) if codec else board
    wiring.mkdir(exist_ok=True)
    (wiring / HEADER).write_text(wiring_header(board), encoding="utf-8")
    dirs = (firmware_dir(), wiring, model_dir)
    return Unit(firmware_sources(board.sources), dirs, CORTEX_M7, macros)


def panel(folder: Path, board: PedalBoard) -> Unit:
    """The controls of a board, its panel, and the firmware that changes where there is one."""
    plan = panel_images.plan_of_panel(board)
    whole = firmware(stand_in.write_c(folder), options=(*FIRMWARE_OPTIONS[0], "PEDAL_HAS_PANEL=1"))
    panel_images.write_panel(board, folder)
    (folder / PANEL_HEADER).write_text(panel_wiring(plan), encoding="utf-8")
    changed = tuple(s for s in whole.sources if {"PEDAL_HAS_PANEL", "control"} & _words(s))
    own = (*firmware_sources(plan.sources), folder / "controls.c")
    return replace(whole, sources=(*own, *changed))


def libdaisy(folder: Path, board: PedalBoard) -> Unit:
    """What a project of libDaisy's has in C between the audio callback and the sound."""
    panel(folder, board)
    program = templates_dir() / "packages" / "libdaisy" / "program"
    for name in ("pedal.c", "pedal.h"):
        (folder / name).write_bytes((program / name).read_bytes())
    (folder / "project.h").write_text("#define PROJECT_HAS_PANEL 1\n", encoding="utf-8")
    return around(folder, (folder / "pedal.c",))


def module(folder: Path, planned: AnyPlan) -> Unit:
    """What a native module of MicroPython has beside the model's C."""
    texts = {
        **emit(planned),
        **buffers_header(planned),
        **native_files(planned, arch_of("armv7emdp")),
    }
    write_files(texts, folder)
    macros = tuple(f"{macro}=1" for macro in _M7.macros)
    sources = (folder / f"nam_{planned.name}_native.c", folder / "python_table.c")
    return Unit(sources, (folder,), CORTEX_M7, macros)


def chain(folder: Path, planned: ChainPlan, *, part: str = "") -> Unit:
    """The signal chain of a plan, or its files with a name like `part`; `folder` gets some."""
    for name, text in emit_chain(planned).items():
        (folder / name).write_text(text, encoding="utf-8")
    every = (*firmware_sources(planned.sources), *sorted(folder.glob("chain*.c")))
    return around(folder, tuple(source for source in every if part in source.name))


def around(folder: Path, sources: tuple[Path, ...]) -> Unit:
    """C that is around a model and knows no board; the headers generated for it are in `folder`."""
    dirs = (folder, firmware_dir(), templates_dir() / "kernels")
    macros = tuple(f"{macro}=1" for macro in (*_M7.macros, PLACED))
    return Unit(sources, dirs, CORTEX_M7, macros)


FIRMWARE_OPTIONS = (
    ("CPU_CLOCK_HZ=480000000", "BOOT_FLASH=1", "PEDAL_KEEPS_CAPTURE=1u"),
    ("CPU_CLOCK_HZ=400000000", "BOOT_QSPI=1", "PEDAL_KEEPS_CAPTURE=1u", "PEDAL_IDLE_SLEEP=1"),
)
"""Builds of the firmware that together have every line in them."""
WIRED = {
    "BOARD_REVISIONS",
    "I2C_NUMBER",
    "board_update_mode",
    "led_init",
    "led_set",
    *("CRYSTAL_IS_BYPASSED", "SAI_HAS_I2S_FRAMES", "SAI_NUMBER", "SAI_MASTER", "PLL3_HAS_FRACTION"),
    *("CODEC_MUTE_PIN", "codec_unmute"),
}
"""In the files that are other C for a board with another wiring."""


def firmware_units(model_dir: Path) -> Iterator[Unit]:
    """Every line of the firmware: all of it once, then what options and other boards change."""
    whole = firmware(model_dir, options=FIRMWARE_OPTIONS[0])
    yield whole
    for options in FIRMWARE_OPTIONS[1:]:
        macros = {option.partition("=")[0] for option in (*FIRMWARE_OPTIONS[0], *options)}
        other = firmware(model_dir, options=options)
        yield replace(other, sources=tuple(s for s in other.sources if macros & _words(s)))
    for target in (name for name in board_names() if name != "daisy"):
        other = firmware(model_dir, options=FIRMWARE_OPTIONS[0], target=target)
        own = {*other.sources} - {*whole.sources}
        changed = tuple(s for s in other.sources if s in own or WIRED & _words(s))
        yield replace(other, sources=changed)
    for codec in ("sgtl5000", "wm8731"):  # one that needs its clock and is read back, one that not
        board = "nucleo-h743"
        other = firmware(model_dir, options=FIRMWARE_OPTIONS[0], target=board, codec=codec)
        changed = tuple(s for s in other.sources if s.name in ("table.c", "i2c.c", "codec.c"))
        yield replace(other, sources=changed)


def _words(source: Path) -> set[str]:
    return set(re.findall(r"\w+", source.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One line of one tool."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


def _run(command: Sequence[str]) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.stdout + ran.stderr


def _findings(output: str, wanted: Callable[[str], bool]) -> set[Finding]:
    matches = (_LINE.match(line) for line in output.splitlines())
    return {
        Finding(Path(m["file"]).name, int(m["line"]), m["text"])
        for m in matches
        if m is not None and wanted(m["text"])
    }


def _is_complaint(text: str) -> bool:
    return text.startswith(("warning:", "error:", "fatal error:"))


@cache
def _cppcheck(unit: Unit) -> str:
    """Run cppcheck with all that is asked of it, once: it takes a minute for all units.

    What it says depends on no folder's name but in the places it tells, which nobody reads.
    """
    defines = [f"-D{macro}" for macro in (*_ANY_COMPILER, *unit.processor.macros)]
    platform = f"--platform={unit.processor.platform}"
    template = "--template={file}:{line}: {id}: {message}"
    common = ["cppcheck", "--quiet", "--std=c99", "--inline-suppr", platform, template]
    checks = ["--enable=warning,style,performance,portability", "--addon=misra"]

    def say() -> str:
        with tempfile.TemporaryDirectory(prefix="namgen-") as dumps:  # else beside the sources
            own = [f"--cppcheck-build-dir={dumps}", *checks, *unit.flags, *defines]
            return _run([*common, *own, *map(str, unit.sources)])

    return compiled_once.text_once([*common, *checks, *defines, *unit.macros, *_texts(unit)], say)


def _texts(unit: Unit) -> Iterator[str]:
    """Yield all that a tool may read of a unit, by its names within the folders of headers."""
    for source in unit.sources:
        yield f"{source.name}\0{source.read_text(encoding='utf-8')}"
    for folder in unit.include_dirs:
        for header in sorted(folder.rglob("*.h")):
            yield f"{header.relative_to(folder)}\0{header.read_text(encoding='utf-8')}"


def cppcheck(unit: Unit) -> set[Finding]:
    """Findings of cppcheck: warnings, style, performance, portability."""
    return _findings(_cppcheck(unit), lambda text: _RULE.search(text) is None)


def misra(unit: Unit) -> set[Finding]:
    """Deviations from MISRA C:2012 that cppcheck's add-on sees; the text is the rule's number."""
    found = _findings(_cppcheck(unit), lambda text: _RULE.search(text) is not None)
    return {Finding(f.file, f.line, _RULE.findall(f.text)[0]) for f in found}


def gcc_analyzer(unit: Unit) -> set[Finding]:
    """Findings of GCC's -fanalyzer, and its warnings."""
    how = ["-std=c99", "-O1", "-ffreestanding", "-fanalyzer", *WARNINGS]
    command = [*unit.processor.gcc, *how, *unit.flags]
    outputs = (_run([*command, "-c", str(source), "-o", "/dev/null"]) for source in unit.sources)
    return _findings("\n".join(outputs), _is_complaint)


def clang_tidy(unit: Unit) -> set[Finding]:
    """Findings of clang-tidy: bugprone, CERT, and clang's analyzer."""
    tool = ["clang-tidy", "--quiet", "--header-filter=.*", f"--checks={CHECKS}"]
    compiler = ["--", *unit.processor.clang, "-std=c99", "-ffreestanding", *unit.flags]
    return _findings(_run([*tool, *map(str, unit.sources), *compiler]), _is_complaint)


TOOLS = {"cppcheck": cppcheck, "gcc": gcc_analyzer, "clang-tidy": clang_tidy}


def missing(tool: str, unit: Unit) -> str | None:
    """The program that is not on PATH; None when all is there."""
    program = unit.processor.gcc[0] if tool == "gcc" else PROGRAMS[tool]
    return None if shutil.which(program) else program


def _units(places: Sequence[str], scratch: Path) -> Iterator[Unit]:
    for place in map(Path, places):
        if place.name == "chain":
            yield chain(scratch, chain_setups.changed_over("two_levels"))
        elif place.name == "firmware":
            model = stand_in.write_c(scratch)
            yield from firmware_units(model)
        else:
            yield generated(place, read_record(place).target)


def main(arguments: list[str]) -> int:
    """Analyse what the command line names; 1 when something was found."""
    tools: dict[str, Callable[[Unit], set[Finding]]] = dict(TOOLS)
    if "--misra" in arguments:
        tools = {"cppcheck": misra}
    found = False
    with tempfile.TemporaryDirectory() as scratch:
        for unit in _units([a for a in arguments if a != "--misra"], Path(scratch)):
            for name, tool in tools.items():
                for finding in sorted(tool(unit)):
                    found = True
                    print(f"{name}: {finding}")
    return int(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
