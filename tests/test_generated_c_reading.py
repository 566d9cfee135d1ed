"""The generated C is for people: no long function, no long file, nothing spelled twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import make_nam
import pytest
import small_networks
from generated_c import small_model

from namgen.emit import emit
from namgen.lower import lower
from namgen.nam_file import read
from namgen.selection import plan_model
from namgen.targets import load_target

MOST_LINES = 80
MOST_BYTES = 32 * 1024
A2 = Path(__file__).parents[1] / "examples" / "tweed-a2.nam"
TARGETS = ("daisy", "x86-64")


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


@cache
def texts_of(name: str, target: str) -> dict[str, str]:
    """The files of a small network."""
    return emit(plan_model(small_model(name), target=load_target(target)))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", small_networks.EVERY_NETWORK)
def test_no_function_of_a_small_network_is_long(name: str, target: str) -> None:
    found = list(functions(texts_of(name, target)[f"nam_{name}.c"]))
    assert len(found) > 4
    assert [function for function in found if function.lines > MOST_LINES] == []


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("submodel", ["lite", "full"])
def test_no_function_of_an_a2_is_long_and_its_main_file_is_short(
    submodel: str, target: str
) -> None:
    model = lower(read(A2), submodel=submodel)
    text = emit(plan_model(model, target=load_target(target)))[f"nam_{model.name}.c"]
    assert [function for function in functions(text) if function.lines > MOST_LINES] == []
    if submodel == "lite" and target == "daisy":
        assert len(text) < MOST_BYTES


@pytest.mark.parametrize("target", TARGETS)
def test_no_function_of_an_a1_is_long(target: str, tmp_path: Path) -> None:
    model = lower(read(make_nam.write(tmp_path, a1_of_twenty_layers(), "a1.nam")))
    text = emit(plan_model(model, target=load_target(target)))["nam_a1.c"]
    assert [function for function in functions(text) if function.lines > MOST_LINES] == []


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", small_networks.EVERY_NETWORK)
def test_every_tile_operation_is_spelled_once_and_used(name: str, target: str) -> None:
    files = texts_of(name, target)
    header = files[f"nam_{name}_tiles.h"]
    made = re.findall(r"^#define (NAM_\w+)\(", header, re.MULTILINE)
    of_rows = [name for name in made if name.startswith("NAM_FMA_")]  # with and without FMA
    once = [name for name in made if name not in of_rows]
    assert len(once) == len(set(once))
    assert len(of_rows) == 2 * len(set(of_rows))
    text = header + files[f"nam_{name}.c"]
    assert [op for op in set(made) if len(re.findall(rf"\b{op}\(", text)) < 2] == []
