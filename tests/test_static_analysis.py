"""Generated C and firmware are clean under cppcheck, GCC's analyzer and clang-tidy."""

from __future__ import annotations

import re
import tempfile
from functools import cache
from itertools import product
from pathlib import Path

import firmware_stand_in as stand_in
import pytest
import static_analysis as analysis
from capture_sets import three_shapes
from chain_setups import changed_over
from controls_setups import whole_board
from fixed_networks import model_of, self_test_of
from generated_c import small_model
from integer_networks import MIXED, SMALL_A1, TAPS, WIDE, random_network
from pedal_captures import planned

from namgen.captures import emit_captures
from namgen.emit import emit
from namgen.lower import lower
from namgen.nam_file import read
from namgen.pedal.emit import emit_sound
from namgen.plan.fixed import plan_fixed
from namgen.resources import firmware_dir, firmware_sources, templates_dir
from namgen.selection.plans import plan_model
from namgen.targets import load_target

_FOLDER = tempfile.TemporaryDirectory(prefix="namgen-")
EXAMPLES = Path(__file__).parent.parent / "examples"
MODELS = ("A2-Lite", "lstm")
"""The one most people build, and what has no convolution."""

TARGETS = ("daisy", "x86-64")
INTEGERS = {"slopes": MIXED, "long_tanh": SMALL_A1, "short_tanh": TAPS, "wide": WIDE}
"""Fixed point: slopes with words of both kinds and feedback, tanh in 32 bits and in 16."""

SLOWEST = ("A2-Lite", "x86-64", "gcc")
"""A quarter of all analysis: gcc follows every path through vectors."""

CHAIN_PARTS = (("two_levels", ""), ("direct", "cabinet"), ("parts", "cabinet"))
"""One whole chain, and of the others what that one has not."""

WITH_A_REASON = re.compile(r"cppcheck-suppress \S+ ; \w+|NOLINT(NEXTLINE|BEGIN)?\([\w.-]+\): \w+")


@cache
def generated(model: str, target: str) -> analysis.Unit:
    """The generated C of one of `MODELS`."""
    if model == "A2-Lite":
        lowered = lower(read(EXAMPLES / "tweed-a2.nam"), submodel="lite")
    else:
        lowered = small_model(model)
    planned = plan_model(lowered, target=load_target(target), block_frames=48)
    folder = Path(_FOLDER.name) / f"{model}-{target}"
    folder.mkdir()
    for name, text in emit(planned).items():
        (folder / name).write_text(text, encoding="utf-8")
    return analysis.generated(folder, target)


@cache
def integers(target: str) -> analysis.Unit:
    """The C of `INTEGERS`, as a pedal has several engines."""
    folder = Path(_FOLDER.name) / f"integers-{target}"
    folder.mkdir()
    for name, form in INTEGERS.items():
        network = random_network(form)
        test, chosen = self_test_of(network), load_target(target)
        made = plan_fixed(model_of(name), network, test, target=chosen)
        for file, text in emit(made).items():
            (folder / file).write_text(text, encoding="utf-8")
    return analysis.generated(folder, target)


@cache
def firmware() -> tuple[analysis.Unit, ...]:
    """Every line of the firmware."""
    return tuple(analysis.firmware_units(stand_in.write_c(Path(_FOLDER.name) / "firmware")))


@cache
def chain(method: str, part: str) -> analysis.Unit:
    """One of `CHAIN_PARTS`."""
    folder = Path(_FOLDER.name) / f"chain-{method}"
    folder.mkdir()
    return analysis.chain(folder, changed_over(method), part=part)


@cache
def captures() -> analysis.Unit:
    """Engines of every kind, and what chooses among them."""
    folder = Path(_FOLDER.name) / "captures"
    folder.mkdir()
    for name, text in emit_captures(three_shapes()).items():
        (folder / name).write_text(text, encoding="utf-8")
    return analysis.generated(folder, "daisy")


@cache
def panel() -> analysis.Unit:
    """The controls and the panel of a board that has some of everything."""
    folder = Path(_FOLDER.name) / "panel"
    folder.mkdir()
    return analysis.panel(folder, whole_board())


@cache
def libdaisy() -> analysis.Unit:
    """The C of a program of libDaisy's around the same panel."""
    folder = Path(_FOLDER.name) / "libdaisy"
    folder.mkdir()
    return analysis.libdaisy(folder, whole_board())


@cache
def sound() -> analysis.Unit:
    """What changes captures and cabinets, in the sound of a pedal that has all of it."""
    folder = Path(_FOLDER.name) / "sound"
    folder.mkdir()
    made = planned(folder, 48, cabinets=True, bypass_idle=True)
    assert made.engines is not None
    for name, text in {**emit_captures(made.engines), **emit_sound(made)}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return analysis.around(folder, (folder / "sound.c",))


@cache
def module() -> analysis.Unit:
    """A native module of MicroPython around a small model."""
    folder = Path(_FOLDER.name) / "module"
    folder.mkdir()
    chosen = load_target("micropython", "armv7emdp")
    return analysis.module(folder, plan_model(small_model("lstm"), target=chosen, block_frames=48))


def check(tool: str, unit: analysis.Unit) -> None:
    program = analysis.missing(tool, unit)
    if program is not None:
        pytest.skip(f"{program} is not on PATH")
    assert unit.sources
    assert [str(finding) for finding in sorted(analysis.TOOLS[tool](unit))] == []


@pytest.mark.parametrize("tool", analysis.TOOLS)
def test_the_firmware_is_clean(tool: str) -> None:
    for unit in firmware():
        check(tool, unit)


def test_other_options_are_looked_at_where_they_change_something() -> None:
    whole, *others = firmware()
    assert {path.name for path in whole.sources} > {"reset.c", "clock.c", "main.c"}
    assert {path.name for path in others[0].sources} >= {"clock.c", "memory.c", "main.c"}
    names = [{path.name for path in unit.sources} for unit in others[1:]]
    for alone in ({"pcm3060_i2c.c", "i2c.c", "fault.c"}, {"strapped.c", "clock.c", "sai.c"}):
        assert any(found >= alone for found in names)


@pytest.mark.parametrize(
    ("model", "target", "tool"),
    [
        pytest.param(*case, marks=pytest.mark.slow if case == SLOWEST else ())
        for case in product(MODELS, TARGETS, analysis.TOOLS)
    ],
)
def test_generated_c_is_clean(model: str, target: str, tool: str) -> None:
    check(tool, generated(model, target))


@pytest.mark.parametrize("tool", analysis.TOOLS)
@pytest.mark.parametrize("target", TARGETS)
def test_fixed_point_is_clean(target: str, tool: str) -> None:
    assert len(integers(target).sources) == len(INTEGERS)
    check(tool, integers(target))


@pytest.mark.parametrize("tool", analysis.TOOLS)
def test_several_captures_are_clean(tool: str) -> None:
    assert len(captures().sources) == 4
    check(tool, captures())


@pytest.mark.parametrize("tool", analysis.TOOLS)
def test_what_changes_captures_is_clean(tool: str) -> None:
    check(tool, sound())


@pytest.mark.parametrize("tool", analysis.TOOLS)
@pytest.mark.parametrize(("method", "part"), CHAIN_PARTS)
def test_the_signal_chain_is_clean(method: str, part: str, tool: str) -> None:
    check(tool, chain(method, part))


@pytest.mark.parametrize("tool", analysis.TOOLS)
def test_controls_and_panel_are_clean(tool: str) -> None:
    check(tool, panel())


@pytest.mark.parametrize("tool", analysis.TOOLS)
def test_the_program_of_libdaisys_is_clean(tool: str) -> None:
    check(tool, libdaisy())


@pytest.mark.parametrize("tool", analysis.TOOLS)
def test_a_native_module_is_clean(tool: str) -> None:
    check(tool, module())


def test_every_file_of_controls_and_panel_is_looked_at() -> None:
    rooms = ("controls/*.c", "panel/*.c", "pedal/control.c", "board/fault.c", "board/audio.c")
    assert {*firmware_sources(rooms)} <= {*panel().sources}


WRONG = """\
#include <stddef.h>
int nam_wrong(int a);
int nam_wrong(int a)
{
    const int *none = NULL;
    int unread = a;
    unread = 3;
    return a > 0 ? *none : a;
}
"""


@pytest.mark.parametrize("tool", analysis.TOOLS)
def test_every_tool_finds_a_null_pointer(tool: str, tmp_path: Path) -> None:
    (tmp_path / "nam_wrong.c").write_text(WRONG, encoding="utf-8")
    unit = analysis.generated(tmp_path, "daisy")
    program = analysis.missing(tool, unit)
    if program is not None:
        pytest.skip(f"{program} is not on PATH")
    found = sorted(analysis.TOOLS[tool](unit))
    assert {(finding.file, finding.line) for finding in found} >= {("nam_wrong.c", 8)}


def test_what_is_excused_has_a_reason_beside_it() -> None:
    folders = (firmware_dir(), templates_dir())
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    excuses = [
        (path.name, line.strip())
        for path in files
        for line in path.read_text(encoding="utf-8").splitlines()
        if "NOLINT" in line or "cppcheck-suppress" in line
    ]
    assert [excuse for excuse in excuses if not WITH_A_REASON.search(excuse[1])] == []
