"""The generated text of three small models, as stored in `golden/`; a change of it is seen here.

After a wanted change run the tests once with NAMGEN_UPDATE_GOLDEN=1 and read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import make_nam
import pytest
from make_nam import Json

from namgen.emit import emit
from namgen.lower import lower
from namgen.nam_file import read
from namgen.selection import plan_model

GOLDEN = Path(__file__).with_name("golden")
MODELS: dict[str, Callable[[], Json]] = {
    "a1_tanh": lambda: make_nam.a1(make_nam.a1_array(2, head_bias=True)),
    "a2_leaky": lambda: make_nam.a2(3),
    "lstm_1x3": lambda: make_nam.lstm(3, 1),
}


def generated(name: str, folder: Path) -> dict[str, str]:
    """Text of the four files of a model; the kernel headers are not generated."""
    path = make_nam.write(folder, MODELS[name](), f"{name}.nam")
    files = emit(plan_model(lower(read(path))))
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
