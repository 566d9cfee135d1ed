"""What suits what, as `namgen inspect --fits` shows it: a table, the same as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from namgen.cli.terminal import Facts, Item, Line, Table
from namgen.fitting import FileFits, Fit

_CSV = (
    *("file", "target", "fits", "submodel", "precision", "load_percent", "clock_mhz"),
    *("arrays_bytes", "reason"),
)


def fits_items(found: Sequence[FileFits]) -> Iterator[Item]:
    """Yield a table of captures and targets, and why something does not suit.

    Targets that say the same of every capture share a column; #2 is the second submodel.
    """
    columns = _columns(found)
    names = [", ".join(fit.target for fit in column) for column in columns]
    numbers = [str(number) for number in range(1, len(columns) + 1)]
    yield Facts(list(zip(numbers, names, strict=True)), indent=0)
    yield ""
    rows = [[file.file, *(_cell(file, column[0]) for column in columns)] for file in found]
    yield Table(["", *numbers], rows)
    reasons = [
        (f"{file.file}, {number}", fit.reason)
        for file in found
        for number, column in zip(numbers, columns, strict=True)
        if not (fit := _of(file, column[0].target)).fits
    ]
    if reasons:
        yield ""
        yield Line("why not", "bold")
        yield Facts(reasons)


def _columns(found: Sequence[FileFits]) -> list[list[Fit]]:
    """Bring targets together that every capture suits alike; the fits are the first capture's."""
    columns: dict[tuple[str, ...], list[Fit]] = {}
    for place, fit in enumerate(found[0].fits):
        said = tuple(_said(file.fits[place]) for file in found)
        columns.setdefault(said, []).append(fit)
    return list(columns.values())


def _said(fit: Fit) -> str:
    return f"{_spelled(fit)} of {fit.clock_hz}" if fit.fits else fit.reason


def _of(file: FileFits, target: str) -> Fit:
    return next(fit for fit in file.fits if fit.target == target)


def _cell(file: FileFits, like: Fit) -> str:
    return _spelled(_of(file, like.target))


def _spelled(fit: Fit) -> str:
    """Spell in few words what is taken, and what of the processor it takes."""
    if not fit.fits:
        return "no"
    words = [] if fit.submodel is None else [f"#{fit.submodel}"]
    words += [fit.precision] if fit.precision else []
    words += [] if fit.share is None else [f"{100 * fit.share:.0f} %"]
    return " ".join(words)


def fits_to_csv(found: Sequence[FileFits]) -> list[str]:
    """Spell a row for every capture and target, below their headings."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_CSV)
    rows.writerows(_row(file, fit) for file in found for fit in file.fits)
    return text.getvalue().splitlines()


def _row(file: FileFits, fit: Fit) -> list[str]:
    return [
        file.file,
        fit.target,
        "yes" if fit.fits else "no",
        fit.submodel or "",
        fit.precision or "",
        "" if fit.share is None else f"{100 * fit.share:.1f}",
        f"{fit.clock_hz // 1_000_000}" if fit.clock_hz else "",
        f"{fit.arrays_bytes}" if fit.arrays_bytes else "",
        fit.reason,
    ]
