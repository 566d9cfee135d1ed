"""`namgen check`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import click

from namgen.c_text import counted
from namgen.checking import Checked, Earlier, Limits, Null, check, earlier
from namgen.cli.command import command, json_option
from namgen.cli.common import FileOut, check_output
from namgen.cli.junit import is_junit, to_junit
from namgen.cli.options import (
    Purpose,
    block_option,
    clock_option,
    cpu_option,
    file_path,
    gathers,
    mpy_arch_option,
    precision_option,
    submodel_option,
    target_option,
)
from namgen.cli.progress import progress_lines
from namgen.cli.terminal import Facts, Item, Line, Table, json_text, note, print_json, show
from namgen.errors import OutputError, ToolError, UnsupportedError
from namgen.fitting import Fit
from namgen.output_dir import write_whole
from namgen.progress import Stage
from namgen.selection.wanted import Wanted

_BEFORE = "HEAD^"
_HEADINGS = ("", "taken", "load", "cycles", "loudness", "null", "")


@dataclass(frozen=True, slots=True)
class _Shown:
    """What captures are compared with, and where it is written."""

    since: str | None
    junit: Path | None
    results: Path | None


@command("check")
@click.argument("places", type=file_path, metavar="DIR|MODEL...", nargs=-1, required=True)
@target_option
@cpu_option
@mpy_arch_option
@block_option
@clock_option
@submodel_option
@precision_option
@click.option(
    "--max-load",
    "load_percent",
    type=click.FloatRange(min=0.0, min_open=True),
    metavar="PERCENT",
    help="Fail what is predicted to take more of the target's processor.",
)
@click.option(
    "--least-null",
    "null_db",
    type=click.FloatRange(min=0.0),
    metavar="DB",
    help="Fail what sounds otherwise than before: what is left when one is taken from the other "
    "is not this far below.",
)
@click.option(
    "--since",
    metavar="REVISION",
    help=f"Of git: the state to compare with.  [default: {_BEFORE}, where there is one]",
)
@click.option("--junit", type=FileOut(".xml"), help="Write the results as JUnit's XML too.")
@click.option("--results", type=FileOut(".json"), help="Write what --json prints to a file too.")
@json_option
@gathers(Purpose, "purpose")
@gathers(Wanted, "wanted")
@gathers(Limits, "limits")
@gathers(_Shown, "shown")
def check_command(
    *,
    places: tuple[Path, ...],
    purpose: Purpose,
    wanted: Wanted,
    limits: Limits,
    shown: _Shown,
    as_json: bool,
) -> None:
    """Check all captures of a folder: what is refused, what fits, how each sounds.

    \b
    Examples:
        namgen check captures/
        namgen check captures/ --target daisy --max-load 85 --junit report.xml
        namgen check captures/ --since v1.0 --least-null 60

    DIR is searched with the folders in it. What a capture costs is predicted and nothing is
    compiled; `namgen verify` and `build` go further. In a git repository each is played beside
    what it was: null is how far what is left of both is below the sound. Exit code 1 when a file
    is refused, does not suit the target, or is beyond a limit; docs/ci.md has a workflow.
    """  # noqa: D301
    paths = list(_captures(places))
    _check_outputs(shown, paths)
    order, before = purpose.order(), _before(paths, shown.since)
    if limits.null_db is not None:
        _check_states(before)
    found = []
    with progress_lines() as progress:
        for number, path in enumerate(paths):
            progress(Stage(f"checking {path.name}", number / len(paths)))
            found.append(
                check(path, order, wanted=wanted, limits=limits, before=before[path.parent])
            )
    told = [asdict(one) | {"passes": one.passes} for one in found]
    if shown.junit is not None:
        write_whole(shown.junit, to_junit(found, order.target.spoken))
    if shown.results is not None:
        write_whole(shown.results, json_text(told) + "\n")
    if as_json:
        print_json(told)
    else:
        show(_items(found, order.target.spoken))
    if not all(one.passes for one in found):
        click.get_current_context().exit(1)


def _check_outputs(shown: _Shown, paths: Sequence[Path]) -> None:
    """Refuse, before any work, files that cannot be written, or that somebody would miss."""
    if shown.junit is not None:
        check_output(shown.junit, paths, option="--junit", kind="a report", is_kind=is_junit)
    if shown.results is not None:
        check_output(shown.results, paths, option="--results", kind="results", is_kind=_is_results)


def _is_results(path: Path) -> bool:
    """Whether a file is a list of what was found of captures, as `--results` writes it."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False
    keys = {field.name for field in fields(Checked)}
    return isinstance(told, list) and all(
        isinstance(one, dict) and keys <= set(one) for one in told
    )


def _captures(places: Iterable[Path]) -> Iterator[Path]:
    """Yield the captures that are meant, those of a folder in the order of their names.

    Raises:
        UnsupportedError: a folder has none.
        OutputError: a folder cannot be read.

    """
    for place in dict.fromkeys(places):
        if not place.is_dir():
            yield place
            continue
        inside = sorted(_in_folder(place))
        if not inside:
            raise UnsupportedError(f"{place}: expected captures (.nam) in the folder, found none")
        yield from inside


def _in_folder(place: Path) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        raise OutputError(f"{error.filename}: {error.strerror}")

    for folder, folders, files in os.walk(place, onerror=fail):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(folder, n) for n in files if n.lower().endswith(".nam") and n[0] != ".")


def _before(paths: Iterable[Path], revision: str | None) -> dict[Path, Earlier | None]:
    """Find the earlier state of every folder; where none is asked for, say once of what is missing.

    Raises:
        ToolError: there is no state that is asked for.

    """
    found: dict[Path, Earlier | None] = {}
    missing = []
    for folder in dict.fromkeys(path.parent for path in paths):
        try:
            found[folder] = earlier(folder, revision or _BEFORE)
        except ToolError as error:
            if revision is not None:
                raise
            found[folder] = None
            missing.append(error.lines[0])
    if missing:
        note(f"no null: {missing[0]}")
    return found


def _check_states(found: Mapping[Path, Earlier | None]) -> None:
    """Refuse a limit for what nothing is compared with."""
    for folder, state in found.items():
        if state is None:
            raise ToolError(f"{folder}: --least-null: there is no earlier state to compare with")


def _items(found: Sequence[Checked], target: str) -> Iterator[Item]:
    yield Table(_HEADINGS, [_row(one) for one in found])
    wrong = [(one.file, told) for one in found for told in (*one.problems, *one.failures)]
    if wrong:
        yield ""
        yield Line("what is wrong", "bold")
        yield Facts(wrong)
    warned = [(one.file, told) for one in found for told in one.warnings]
    if warned:
        yield ""
        yield Line("worth a look", "bold")
        yield Facts(warned)
    yield ""
    good = sum(one.passes for one in found)
    yield f"{good} of {counted(len(found), 'capture')} pass, for {target}"


def _row(one: Checked) -> list[str]:
    if one.fit is None:
        return [one.file, *[""] * (len(_HEADINGS) - 2), "refused"]
    verdict = "passes" if one.passes else "fails"
    cycles = "" if one.cycles_per_sample is None else f"{one.cycles_per_sample:,}"
    return [one.file, *_cost(one.fit), cycles, _loudness(one), _null(one.null), verdict]


def _cost(fit: Fit) -> tuple[str, str]:
    taken = [f"#{fit.submodel}"] if fit.submodel else []
    taken += [fit.precision] if fit.precision else []
    return " ".join(taken), "" if fit.share is None else f"{100 * fit.share:.0f} %"


def _loudness(one: Checked) -> str:
    if one.loudness_db is None:
        return "not measured"
    return f"{one.loudness_db:.1f} dB{'' if one.loudness_is_stated else ' measured'}"


def _null(found: Null | None) -> str:
    if found is None:
        return ""
    return found.change if found.depth_db is None else f"{found.depth_db:.1f} dB"
