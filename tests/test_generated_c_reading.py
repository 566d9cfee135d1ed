"""The generated C is for people: no long function, no long line, nothing spelled twice or oddly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import make_nam
import pytest
import small_networks
from conftest import FIXTURES, NO_FIXTURES
from generated_c import small_model

from namgen.c_text import COLUMNS
from namgen.emit import emit
from namgen.ir import Model
from namgen.lower import lower
from namgen.nam_file import read
from namgen.plan import Plan
from namgen.selection.plans import plan_model
from namgen.targets import load_target

MOST_LINES = 80
MOST_BYTES = 32 * 1024
A2 = Path(__file__).parents[1] / "examples" / "tweed-a2.nam"
TARGETS = ("daisy", "x86-64")
LONG_NAME = "everything_under_a_name_as_long_as_those_that_people_give_to_files"
NAMES = (*small_networks.TO_READ, LONG_NAME)
FIXTURE_MODELS = (
    "act_LeakyHardtanh_p",
    "cond_nested",
    "film_groups2_cond2_gated",
    "film_groups2_cond2_none",
    "gate_blended_prim_PReLU_multi",
    "grp_head1x1_depthwise",
    "linear_rf300_nobias",
    "sdatkinson__linear_1",
    "sdatkinson__wavenet_a2_max",
    "sdatkinson__wavenet_minimal",
)
"""What once had a long function, a wide line or an odd expression."""
ODD = {
    "a division by one": r"/ 1\b",
    "a factor of one": r"[\w)] \* 1\b(?!\.)|\(1 \*",
    "one of several": r"\b1 (?:rows|frames|vectors|taps|channels|units|histories)\b|_1_TAPS",
    "a sum with nothing": r"\+ 0\b(?!\.)",
    "a loop of one turn over channels": r"channel < 1;",
}


def a1_of_twenty_layers() -> make_nam.Json:
    """The shape of the A1 presets."""
    dilations = [2**n for n in range(10)]
    first = make_nam.a1_array(8, outputs=4, dilations=dilations)
    second = make_nam.a1_array(4, inputs=8, dilations=dilations, head_bias=True)
    return make_nam.a1(first, second)


@dataclass(frozen=True)
class Function:
    """A function of the C: where it begins and how many lines it has."""

    name: str
    lines: int


def functions(text: str) -> Iterator[Function]:
    """Every function that a text defines, from its first line to its brace."""
    first, name = 0, ""
    for number, line in enumerate(text.splitlines()):
        opened = re.match(r"(?:NAM_\w+|static|void|int)[^;=\[]*?(\w+)\(", line)
        if not name and opened and not line.endswith(";"):
            first, name = number, opened[1]
        elif name and line == "}":
            yield Function(name, number + 1 - first)
            name = ""


def long_functions(text: str) -> list[Function]:
    """Those that no reader keeps in mind."""
    return [function for function in functions(text) if function.lines > MOST_LINES]


@cache
def plan_of(name: str, target: str) -> Plan:
    """The plan of a small network or of a fixture."""
    return plan_model(model_of(name), target=load_target(target))


def model_of(name: str) -> Model:
    """A small network, one under a long name, or a fixture."""
    if name in FIXTURE_MODELS:
        return lower(read(next((FIXTURES / "models").rglob(f"{name}.nam"))))
    if name == LONG_NAME:
        return replace(small_model("everything"), name=name)
    return small_model(name)


@cache
def texts_of(name: str, target: str) -> dict[str, str]:
    """What is generated for a model; the kernel headers are not."""
    plan = plan_of(name, target)
    return {file: text for file, text in emit(plan).items() if file.startswith(f"nam_{plan.name}")}


def kernel_functions(plan: Plan) -> list[str]:
    """The C functions that compute layers or step cells."""
    kernels = [kernel.name for kernel in plan.kernels]
    return kernels + [kernel.name for kernel in plan.cell_kernels]


def fixture(name: str) -> object:
    """Look at a fixture where there are any."""
    skip = pytest.mark.skipif(not FIXTURES.is_dir(), reason=NO_FIXTURES)
    return pytest.param(name, marks=skip)


every_text = pytest.mark.parametrize("name", [*NAMES, *map(fixture, FIXTURE_MODELS)])
every_target = pytest.mark.parametrize("target", TARGETS)


@every_target
@every_text
def test_no_function_is_long(name: str, target: str) -> None:
    (text,) = (text for file, text in texts_of(name, target).items() if file.endswith(".c"))
    assert len(list(functions(text))) > 4
    assert long_functions(text) == []


@every_target
@every_text
def test_no_line_is_wide(name: str, target: str) -> None:
    for file, text in texts_of(name, target).items():
        assert [line for line in text.splitlines() if len(line) > COLUMNS] == [], file


@every_target
@every_text
def test_nothing_is_spelled_oddly(name: str, target: str) -> None:
    for file, text in texts_of(name, target).items():
        for what, pattern in ODD.items():
            found = [line for line in text.splitlines() if re.search(pattern, line)]
            assert found == [], f"{file}: {what}"


@every_target
@every_text
def test_the_comment_above_a_kernel_says_whom_it_serves(name: str, target: str) -> None:
    plan, texts = plan_of(name, target), texts_of(name, target)
    main = texts[f"nam_{plan.name}.c"]
    for kernel in kernel_functions(plan):
        assert re.search(rf"^ \* {kernel}: [\w ,]+\.$", main, re.MULTILINE), kernel


def test_the_comment_above_a_cell_counts_layers() -> None:
    text = texts_of("lstm", "daisy")["nam_lstm.c"]
    assert " * cell_5to5: LSTM layer 1.\n" in text


@every_target
@pytest.mark.parametrize("submodel", ["lite", "full"])
def test_no_function_of_an_a2_is_long_and_its_main_file_is_short(
    submodel: str, target: str
) -> None:
    model = lower(read(A2), submodel=submodel)
    text = emit(plan_model(model, target=load_target(target)))[f"nam_{model.name}.c"]
    assert long_functions(text) == []
    if submodel == "lite" and target == "daisy":
        assert len(text) < MOST_BYTES


@every_target
def test_no_function_of_an_a1_is_long(target: str, tmp_path: Path) -> None:
    model = lower(read(make_nam.write(tmp_path, a1_of_twenty_layers(), "a1.nam")))
    text = emit(plan_model(model, target=load_target(target)))["nam_a1.c"]
    assert long_functions(text) == []


@every_target
@every_text
def test_every_tile_operation_is_spelled_once_and_used(name: str, target: str) -> None:
    plan, files = plan_of(name, target), texts_of(name, target)
    header = files[f"nam_{plan.name}_tiles.h"]
    made = re.findall(r"^#define (NAM_\w+)\(", header, re.MULTILINE)
    of_rows = [name for name in made if name.startswith("NAM_FMA_")]  # with and without FMA
    once = [name for name in made if name not in of_rows]
    assert len(once) == len(set(once))
    assert len(of_rows) == 2 * len(set(of_rows))
    text = header + files[f"nam_{plan.name}.c"]
    assert [op for op in set(made) if len(re.findall(rf"\b{op}\(", text)) < 2] == []
