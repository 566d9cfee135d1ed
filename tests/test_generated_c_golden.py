"""The generated text of what users build, small models of it, as stored in `golden/`.

After a wanted change run the tests once with NAMGEN_UPDATE_GOLDEN=1 and read the difference.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import make_nam
import pytest
from make_nam import Json

from namgen.emit import emit
from namgen.lower import lower
from namgen.nam_file import read
from namgen.selection.plans import plan_model
from namgen.targets import load_target

GOLDEN = Path(__file__).with_name("golden")


@dataclass(frozen=True)
class Golden:
    """A model, and what its C is for."""

    document: Callable[[], Json]
    target: str = "daisy"


def a2_lite() -> Json:
    """Three layers of an A2-Lite: its tilings, and two pasts that are long enough for a ring."""
    layers = {
        "kernel_sizes": [6, 15, 6],
        "dilations": [1, 7, 101],
        "activation": [{"type": "LeakyReLU", "negative_slope": 0.01}] * 3,
        "gating_mode": ["none"] * 3,
        "secondary_activation": [None] * 3,
    }
    return make_nam.a2(3, array=layers, extra=72)


def gated_film() -> Json:
    """A gated layer with two FiLMs, one without a shift, behind a plain one."""
    layers = {
        "gating_mode": ["none", "gated"],
        "secondary_activation": [None, {"type": "Sigmoid"}],
        "conv_post_film": {"active": True, "shift": True, "groups": 1},
        "activation_post_film": {"active": True, "shift": False, "groups": 1},
    }
    return make_nam.a2(2, array=layers, extra=96)


MODELS = {
    "a2_lite": Golden(a2_lite),
    "a2_planar": Golden(make_nam.a2, "x86-64"),
    "gated_film": Golden(gated_film),
    "lstm_1x3": Golden(lambda: make_nam.lstm(3, 1)),
}


def generated(name: str, folder: Path) -> dict[str, str]:
    """Text of the four files of a model; the kernel headers are not generated."""
    golden = MODELS[name]
    path = make_nam.write(folder, golden.document(), f"{name}.nam")
    files = emit(plan_model(lower(read(path)), target=load_target(golden.target)))
    return {file: text for file, text in files.items() if file.startswith(f"nam_{name}")}


@pytest.mark.parametrize("name", MODELS)
def test_the_generated_text_is_the_stored_one(name: str, tmp_path: Path) -> None:
    texts = generated(name, tmp_path)
    if os.environ.get("NAMGEN_UPDATE_GOLDEN") == "1":
        store(GOLDEN / name, texts)
    stored = {path.name: path.read_text("utf-8") for path in (GOLDEN / name).iterdir()}
    assert texts.keys() == stored.keys()
    for file, text in texts.items():
        assert text.splitlines() == stored[file].splitlines(), f"golden/{name}/{file}"
        assert text == stored[file]


def test_the_golden_files_have_every_way_to_keep_a_history() -> None:
    text = (GOLDEN / "a2_lite" / "nam_a2_lite.c").read_text("utf-8")
    assert re.search(r"^/\* A ring for 2 histories of 3 channels", text, re.MULTILINE)
    assert "    int first_3ch = ARRAY0_LAYER1_PAST + BLOCK;\n" in text
    assert "    flat_taps(taps, " in text
    assert "    flat_advance(" in text


def store(folder: Path, texts: dict[str, str]) -> None:
    """Replace the stored files of a model."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")


@pytest.mark.parametrize("name", MODELS)
def test_the_text_does_not_depend_on_the_folder(name: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "somewhere else"
    elsewhere.mkdir()
    assert generated(name, tmp_path) == generated(name, elsewhere)


@pytest.mark.parametrize("name", MODELS)
def test_no_line_is_wider_than_100_columns(name: str, tmp_path: Path) -> None:
    for file, text in generated(name, tmp_path).items():
        wide = [line for line in text.splitlines() if len(line) > 100]
        assert wide == [], f"{file}: {wide[0]}"


@pytest.mark.parametrize("name", MODELS)
def test_the_text_is_plain_ascii_ends_with_a_newline_and_has_no_trailing_space(
    name: str, tmp_path: Path
) -> None:
    for file, text in generated(name, tmp_path).items():
        assert text.isascii(), file
        assert text.endswith("\n"), file
        assert [line for line in text.splitlines() if line != line.rstrip()] == [], file
        assert "\n\n\n" not in text, file
