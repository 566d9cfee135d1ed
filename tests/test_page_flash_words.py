"""The scripts that flash a pedal, alone in node: they spell every sentence as Python does."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import asdict

import pytest

from namgen.flashing.layout import LayoutError, parse_layout
from namgen.flashing.sentences import SAID
from namgen.page.flashing import SCRIPTS
from namgen.resources import templates_dir

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="no node")

_FIELD = re.compile(r"\{(\w+)(![r])?(?::([^}]*))?\}")
_WORDS = ("", "a", "it's", 'two "words"', 'it\'s "it"', "\n\t\\\x00\x7f", "16*128Kg", "§…")


def in_node(expression: str) -> object:
    """What an expression comes to, where the scripts without the page's own are loaded."""
    texts = [(templates_dir() / name).read_text("utf-8") for name in SCRIPTS[:-1]]
    program = "\n".join([*texts, f"process.stdout.write(JSON.stringify({expression}));"])
    done = subprocess.run(
        ["node", "-"], input=program, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def sentences() -> Iterator[str]:
    for value in asdict(SAID).values():
        yield from value.values() if isinstance(value, Mapping) else [value]


def values_for(template: str, rng: random.Random) -> dict[str, object]:
    numbers = {",": 8_000_000, "08x": 2**32 - 1, "02x": 255, "g": 99}
    return {
        name: rng.randint(0, numbers[form]) if form else rng.choice(_WORDS)
        for name, _, form in _FIELD.findall(template)
    }


@needs_node
def test_every_sentence_is_spelled_as_python_does() -> None:
    rng = random.Random(12)
    asked = [(each, values_for(each, rng)) for each in sentences() for _ in range(20)]
    found = in_node(f"{json.dumps(asked)}.map(([template, values]) => spelled(template, values))")
    assert found == [template.format(**values) for template, values in asked]
    assert len(asked) > 60 * 20


@needs_node
def test_a_value_that_is_missing_is_no_sentence() -> None:
    told = in_node(
        "(() => { try { spelled('{a}', {}); } catch (error) { return error.message; } })()"
    )
    assert told == "{a}: no a"


def layouts() -> Iterator[str]:
    """Maps as devices spell them, and what becomes of one in which letters are changed."""
    whole = "@Flash /0x90000000/64*4Kg/0x90040000/60*64Kg,2*16 a/0x90400000/60*64Kg"
    rng = random.Random(3)
    yield whole
    for _ in range(400):
        at = rng.randrange(len(whole))
        yield whole[:at] + rng.choice("0/*,gaKM@x 9'") + whole[at + rng.choice((0, 1)) :]


@needs_node
def test_a_map_is_read_as_python_does() -> None:
    texts = list(layouts())
    read = """((text) => {
        try {
            const map = parseLayout(text, said);
            return [map.name, String(map), map.roomAt(0x90040000)];
        } catch (error) { return [error.message]; }
    })"""
    said = f"const said = {json.dumps(asdict(SAID))};"
    found = in_node(f"(() => {{ {said} return {json.dumps(texts)}.map({read}); }})()")
    expected = []
    for text in texts:
        try:
            flash = parse_layout(text)
            expected.append([flash.name, str(flash), flash.room_at(0x90040000)])
        except LayoutError as error:
            expected.append([str(error)])
    assert found == expected
    assert {len(one) for one in expected} == {1, 3}
