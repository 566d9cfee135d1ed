"""No deviation from MISRA C:2012 but those `docs/misra.md` lists, and none listed that is gone."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import product
from pathlib import Path

import pytest
import static_analysis as analysis
from test_static_analysis import (
    CHAIN_PARTS,
    MODELS,
    TARGETS,
    captures,
    chain,
    firmware,
    generated,
    integers,
    panel,
    sound,
)

from namgen.resources import firmware_dir

DOCUMENT = Path(__file__).parent.parent / "docs" / "misra.md"
GENERATED = "generated C"
ADVISORY = {
    *("1.2", "2.3", "2.4", "2.5", "2.6", "2.7", "4.2", "5.9", "8.7", "8.9", "8.11", "8.13"),
    *("10.5", "11.4", "11.5", "12.1", "12.3", "12.4", "13.3", "13.4", "15.1", "15.4", "15.5"),
    *("17.5", "17.8", "18.4", "18.5", "19.2", "20.1", "20.5", "20.10", "21.12"),
}
"""The rules whose category is advisory; the others are required, or mandatory."""

MANDATORY = {
    *("9.1", "12.5", "13.6", "17.3", "17.4", "17.6", "19.1", "21.13"),
    *("22.2", "22.4", "22.5", "22.6"),
}


def rows(title: str) -> list[list[str]]:
    """The cells of the table under a title."""
    text = DOCUMENT.read_text(encoding="utf-8").partition(f"## {title}")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def listed() -> dict[str, set[str]]:
    """Where each required rule may be deviated from."""
    return {rule: set(where.replace("`", "").split(", ")) for rule, where, _ in rows("Required")}


@pytest.fixture(scope="module")
def deviations() -> dict[str, set[str]]:
    """Where each rule is deviated from: files of the firmware, or the generated C."""
    units = [*firmware(), *(generated(*pair) for pair in product(MODELS, TARGETS))]
    units += (
        *map(integers, TARGETS),
        captures(),
        sound(),
        panel(),
        *(chain(*pair) for pair in CHAIN_PARTS),
    )
    program = analysis.missing("cppcheck", units[0])
    if program is not None:
        pytest.skip(f"{program} is not on PATH")
    own = {path.name for path in firmware_dir().rglob("*.[ch]")}
    places = defaultdict(set)
    for unit in units:
        for finding in analysis.misra(unit):
            places[finding.text].add(finding.file if finding.file in own else GENERATED)
    return dict(places)


def test_the_deviations_from_required_rules_are_those_listed(
    deviations: dict[str, set[str]],
) -> None:
    assert {rule: where for rule, where in deviations.items() if rule not in ADVISORY} == listed()


def test_the_advisory_rules_decided_on_are_those_deviated_from(
    deviations: dict[str, set[str]],
) -> None:
    decided = {rule for cells in rows("Advisory") for rule in cells[0].split(", ")}
    assert decided == {rule for rule in deviations if rule in ADVISORY}


def test_every_deviation_has_a_reason_and_none_is_from_a_mandatory_rule() -> None:
    assert all(len(why) > 20 for _, _, why in rows("Required"))
    assert not set(listed()) & (MANDATORY | ADVISORY)
    assert all(re.fullmatch(r"\d+\.\d+", rule) for rule in listed())
