"""From a path to a checked `NamFile`."""

from __future__ import annotations

from pathlib import Path

from namgen.errors import FileError, Problem
from namgen.nam_file.json_text import Document, load, printable
from namgen.nam_file.models import read_model
from namgen.nam_file.node import Node, Report, StopReadingError
from namgen.nam_file.types import NamFile, NamModel


def read(path: Path | str) -> NamFile:
    """Read a `.nam` file of any architecture and spelling.

    Raises FileError with every problem of the file, each as `JSON path: expected, found`.
    """
    path = Path(path)
    document = load(path)
    report = Report()
    model = _read_document(document, report)
    if model is None or report.problems:
        raise FileError(printable(str(path)), report.problems)
    return NamFile(
        name=printable(path.name),
        sha256=document.sha256,
        size_bytes=document.size_bytes,
        model=model,
        warnings=tuple(report.warnings),
    )


def _read_document(document: Document, report: Report) -> NamModel | None:
    if document.trailing_bytes:
        report.warn("", f"{document.trailing_bytes} bytes after the JSON object are ignored")
    try:
        model = read_model(Node(document.value, "", report))
    except StopReadingError as stop:
        report.problems.append(Problem("", str(stop)))
        return None
    if document.constants and not report.problems:
        names = ", ".join(document.constants)
        report.problem("", f"expected JSON, found {names}, which JSON does not have")
    return model
