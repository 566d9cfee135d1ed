"""The five pages that tests look at, each made once in a run, whichever worker asks first."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import make_nam
from click.testing import CliRunner, Result
from compiled_once import text_once

from namgen.cli import main

EXAMPLES = Path(__file__).parents[1] / "examples"
NAMES = ("nano", "a2-lite", "a2-full", "lstm", "three")


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, ["page", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@cache
def folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory()


def lstm() -> Path:
    """The LSTM of the pages: as wide as the largest preset of trainers."""
    place = Path(folder().name) / "lstm.nam"
    return (
        place if place.exists() else make_nam.write(place.parent, make_nam.lstm(16, 1), "lstm.nam")
    )


def asked(name: str) -> list[object]:
    """What the command is told of a page."""
    nano, a2 = EXAMPLES / "tweed-nano.nam", EXAMPLES / "tweed-a2.nam"
    return {
        "nano": [nano, "--board", "hothouse"],
        "a2-lite": [a2, "--submodel", "lite", "--compare", nano, "--board", "125b"],
        "a2-full": [a2, "--board", "terrarium"],
        "lstm": [lstm()],
        "three": [nano, lstm(), a2, "--submodel", "largest-that-fits", "--board", "terrarium"],
        "played": [nano, "--board", "terrarium", "--no-image"],
    }[name]


@cache
def page(name: str) -> Path:
    """Return one of the pages of `NAMES`, or the one that tests play."""
    place = Path(folder().name) / f"{name}.html"
    text = text_once(("a page", name), lambda: made(name))
    place.write_text(text, encoding="utf-8", newline="\n")
    return place


def made(name: str) -> str:
    place = Path(folder().name) / f"{name}-made.html"
    result = run(*asked(name), "-o", place)
    assert result.exit_code == 0, result.output
    return place.read_text(encoding="utf-8")
