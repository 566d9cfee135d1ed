"""From a path to a checked `NamFile`: a `.nam` file, or a WAV impulse response."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from pathlib import Path

from namgen.errors import FileError, Problem
from namgen.nam_file.json_text import Document, load, parse, printable
from namgen.nam_file.models import read_model
from namgen.nam_file.node import Node, Report, StopReadingError
from namgen.nam_file.types import NamFile, NamModel
from namgen.nam_file.wav import BadWaveError, is_wav, response_model

_NAMED = 4
"""So many numbers that are none are spelt in a message."""


def read(path: Path | str) -> NamFile:
    """Read a `.nam` file of any architecture and spelling, or a mono WAV impulse response.

    What the file is, its bytes say, not its name. Raises FileError with every problem of the
    file, each as `JSON path: expected, found`, and in one line for a file of another kind.
    """
    path = Path(path)
    data = load(path)
    report = Report()
    is_response = is_wav(data)
    read_content = _read_response if is_response else _read_text
    model = read_content(data, path, report)
    if model is None or report.problems:
        raise FileError(printable(str(path)), report.problems)
    return NamFile(
        name=printable(path.name),
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        model=model,
        warnings=tuple(report.warnings),
        kind="wav" if is_response else "nam",
    )


def _read_response(data: bytes, path: Path, report: Report) -> NamModel | None:
    try:
        model = response_model(data)
    except BadWaveError as error:
        report.problem("", str(error))
        return None
    if not model.weights.any():
        report.warn("", f"all {model.weights.size} samples are zero: it will be silent")
    return model


def _read_text(data: bytes, path: Path, report: Report) -> NamModel | None:
    return _read_document(parse(data, path), report)


def _read_document(document: Document, report: Report) -> NamModel | None:
    if document.trailing_bytes:
        report.warn("", f"{document.trailing_bytes} bytes after the JSON object are ignored")
    try:
        model = read_model(Node(document.value, "", report))
    except StopReadingError as stop:
        report.problems.append(Problem("", str(stop)))
        return None
    if document.not_finite and not report.problems:
        _tell_not_finite(document, report)
    return model


def _tell_not_finite(document: Document, report: Report) -> None:
    """In metadata, which stops nothing, such a number is a remark; anywhere else a problem."""
    names = ", ".join(document.not_finite[:_NAMED])
    if all(map(math.isfinite, _numbers(document.value))):
        report.warn(
            "",
            f"found {names} in metadata: NAM Core, and what is made with it, cannot read this file",
        )
    else:
        report.problem("", f"expected numbers that NAM Core can read, found {names}")


def _numbers(value: object) -> Iterator[float]:
    """Every number with a point or an exponent, but for those in metadata."""
    if isinstance(value, float):
        yield value
    elif isinstance(value, list):
        for entry in value:
            yield from _numbers(entry)
    elif isinstance(value, dict):
        for key, entry in value.items():
            if key != "metadata":
                yield from _numbers(entry)
