"""Paths that are no file and text that is no JSON give one clear line, quickly."""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import time
from pathlib import Path

import make_nam
import numpy as np
import pytest

from namgen.errors import FileError
from namgen.nam_file import read

LIMIT = 8 * 1024 * 1024
CUT = "; the file ends there, cut off or empty"
READS = "a .nam file (JSON) or an impulse response (mono WAV)"


def line(path: Path) -> str:
    """The one line the reader says about a file, without its name."""
    start = time.perf_counter()
    with pytest.raises(FileError) as caught:
        read(path)
    assert time.perf_counter() - start < 5
    (only,) = caught.value.lines
    return only.removeprefix(f"{path}: ")


def stored(folder: Path, data: bytes | str) -> Path:
    path = folder / "tweed.nam"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_a_missing_file(tmp_path: Path) -> None:
    assert line(tmp_path / "no.nam") == f"expected {READS}, found no such file"


def test_a_directory(tmp_path: Path) -> None:
    assert line(tmp_path) == f"expected {READS}, found a directory"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.nam")
    assert line(tmp_path / "pipe.nam") == f"expected {READS}, found a device or pipe"


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    assert line(tmp_path / ("x" * 300)).startswith("expected a readable file, found: file name")


def test_a_path_through_a_file(tmp_path: Path) -> None:
    inside = stored(tmp_path, "{}") / "tweed.nam"
    assert line(inside) == "expected a readable file, found: not a directory"


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stored(tmp_path, "{}")
    path.chmod(0)
    if os.access(path, os.R_OK):  # as root

        def refuse(*_: object) -> None:
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(Path, "open", refuse)
    assert line(path) == "expected a readable file, found: permission denied"


def test_a_name_with_a_null_character() -> None:
    with pytest.raises(FileError, match="found one with a null character"):
        read("tweed\0.nam")


def test_a_name_that_is_not_text_is_printed_escaped(tmp_path: Path) -> None:
    path = tmp_path / "a\nb\udcff.nam"
    with pytest.raises(FileError) as caught:
        read(path)
    (only,) = caught.value.lines
    assert only == f"{tmp_path}/a\\nb\\udcff.nam: expected {READS}, found no such file"


def test_an_empty_file(tmp_path: Path) -> None:
    assert line(stored(tmp_path, "")) == f"expected {READS}, found an empty file"


def test_a_hundred_megabytes_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "big.nam"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    assert line(path) == (
        f"expected {READS}, found nothing but zero bytes; copy or download it again"
        f" ({100 * 2**20} bytes)"
    )
    path.write_bytes(b"[" + b" " * LIMIT)
    assert line(path) == f"expected at most {LIMIT} bytes, found {LIMIT + 1}"


def test_binary_garbage(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).bytes(10000)
    assert line(stored(tmp_path, noise)).startswith("expected ")


def test_latin_1_text_is_refused_where_it_starts(tmp_path: Path) -> None:
    text = json.dumps(make_nam.a1(metadata={"name": "cafe"})).replace("cafe", "café")
    data = text.encode("latin-1")
    at = data.index(b"\xe9")
    assert line(stored(tmp_path, data)) == f"expected UTF-8 text, found byte 0xe9 at {at}"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("   ", f"line 1 column 4 (expecting value{CUT})"),
        ('{"version": }', "line 1 column 13 (expecting value)"),
        ('{"version": "0.7.0"', f"line 1 column 20 (expecting ',' delimiter{CUT})"),
        ('{"version": "0.7', f"line 1 column 13 (unterminated string starting at{CUT})"),
        ("{\n// comment\n}", "line 2 column 1 (expecting property name enclosed in double quotes)"),
        ('{"a": 01}', "line 1 column 8 (expecting ',' delimiter)"),
        ('{"a": "\x01"}', "line 1 column 8 (invalid control character at)"),
    ],
)
def test_text_that_is_not_json_is_refused_with_its_place(
    tmp_path: Path, text: str, place: str
) -> None:
    assert line(stored(tmp_path, text)) == f"expected JSON, found an error at {place}"


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"config":['])
def test_deeply_nested_json(tmp_path: Path, opening: str) -> None:
    path = stored(tmp_path, opening * 100_000)
    assert line(path) in {
        "expected a JSON object, found lists or objects nested too deep",
        "expected at most 100000 lists and objects, found up to 200000",
    }


def test_a_number_of_millions_of_digits(tmp_path: Path) -> None:
    text = json.dumps(make_nam.linear(3, bias=False, weights=["N", 0.5, 0.5]))
    for digits in ("1" * 7_000_000, "0." + "3" * 7_000_000, "1e" + "9" * 100_000):
        path = stored(tmp_path, text.replace('"N"', digits))
        if digits.startswith("0."):
            assert read(path).model.weights[0] == np.float32(1 / 3)
        else:
            expected = "expected a number that fits a float32, found an infinite number"
            assert line(path) == f"weights[0]: {expected}"


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_constants_that_json_does_not_have_are_refused(tmp_path: Path, constant: str) -> None:
    found = "NaN" if constant == "NaN" else "an infinite number"
    text = json.dumps(make_nam.linear(3, bias=False, weights=["N", 0.5, 0.5]))
    path = stored(tmp_path, text.replace('"N"', constant))
    assert line(path) == f"weights[0]: expected a number that fits a float32, found {found}"


NOT_FINITE = ["NaN", "Infinity", "-Infinity", "1e999", "-2.5E+400", "9" * 400]


def spelt(number: str) -> str:
    return number if len(number) <= 20 else number[:20] + "..."


@pytest.mark.parametrize("number", NOT_FINITE)
@pytest.mark.parametrize(
    "document",
    [
        make_nam.a1(unread="N"),
        make_nam.a1(unread=[{"deep": "N"}]),
        make_nam.a1(unread="N", metadata={"gain": "N"}),
        make_nam.container(make_nam.a1(unread="N")),
    ],
    ids=["key", "inside", "metadata too", "submodel"],
)
def test_a_number_that_nam_core_cannot_read_is_refused_even_where_nobody_reads_it(
    tmp_path: Path, document: dict[str, object], number: str
) -> None:
    path = stored(tmp_path, json.dumps(document).replace('"N"', number))
    assert line(path) == f"expected numbers that NAM Core can read, found {spelt(number)}"


@pytest.mark.parametrize("number", NOT_FINITE)
@pytest.mark.parametrize(
    "document",
    [
        make_nam.a1(metadata="N"),
        make_nam.a1(metadata={"loudness": "N", "gain": "N"}),
        make_nam.a1(metadata={"training": {"validation_esr": "N", "losses": ["N"]}}),
        make_nam.container(make_nam.a1(metadata={"input_level_dbu": "N"})),
    ],
    ids=["metadata", "level", "inside", "submodel"],
)
def test_a_number_that_nam_core_cannot_read_stops_nothing_in_metadata(
    tmp_path: Path, document: dict[str, object], number: str
) -> None:
    file = read(stored(tmp_path, json.dumps(document).replace('"N"', number)))
    assert file.warnings[-1] == (
        f"found {spelt(number)} in metadata: NAM Core, and what is made with it, cannot read this"
        " file"
    )
    assert file.model.metadata.gain is None
    assert file.model.metadata.loudness_db is None


def test_a_lone_surrogate_can_be_printed(tmp_path: Path) -> None:
    path = stored(tmp_path, json.dumps(make_nam.a1(version="\ud800")))
    assert line(path).endswith('found "\\ud800"')


@pytest.mark.parametrize("unit", ["[],", "{},", "0,", '"",', "1.5,", '"a",', "\\u0041"])
def test_a_file_at_the_size_limit_is_refused_in_time(tmp_path: Path, unit: str) -> None:
    quote = '"' if unit.startswith("\\") else ""
    text = '{"weights": [' + quote
    text += unit * ((LIMIT - len(text) - 10) // len(unit)) + (quote or "0") + "]}"
    path = stored(tmp_path, text)
    start = time.process_time()
    with pytest.raises(FileError):
        read(path)
    assert time.process_time() - start < 5


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    data = codecs.BOM_UTF8 + b" \r\n\t" + json.dumps(make_nam.a1()).encode()
    assert read(stored(tmp_path, data)).warnings == ()


@pytest.mark.parametrize("tail", [b"garbage", b"\xff\xfe", b"{}", b"\0"])
def test_text_after_the_object_is_ignored_with_a_warning(tmp_path: Path, tail: bytes) -> None:
    data = json.dumps(make_nam.a1()).encode() + b"\n" + tail
    expected = (f"{len(tail)} bytes after the JSON object are ignored",)
    assert read(stored(tmp_path, data)).warnings == expected


def test_of_duplicate_keys_the_last_counts(tmp_path: Path) -> None:
    text = json.dumps(make_nam.a1(version="0.7.0")).replace("{", '{"version": "9.9.9", ', 1)
    assert read(stored(tmp_path, text)).model.version == "0.7.0"


def test_a_file_is_known_by_its_name_and_its_bytes(tmp_path: Path) -> None:
    path = stored(tmp_path, json.dumps(make_nam.a1()))
    file = read(str(path))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (file.name, file.sha256, file.size_bytes) == (
        "tweed.nam",
        digest,
        path.stat().st_size,
    )
