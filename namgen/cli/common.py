"""What several commands share: what they tell, work on several files, files to write."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import click

from namgen.cli.terminal import note, problem
from namgen.errors import ChoiceError, NamgenError, ToolError, nearest
from namgen.ir import Model
from namgen.nam_file import read
from namgen.nam_file.types import NamFile
from namgen.output_dir import check_writable
from namgen.output_file import check_output_file, is_same_file
from namgen.prediction import Instrument

if TYPE_CHECKING:
    from namgen.selection.choosing import Chosen
    from namgen.selection.found import Choice, Selection

_EMULATOR = ("unicorn", "capstone")

T = TypeVar("T")
R = TypeVar("R")


def tell_chosen(found: Chosen | Selection) -> None:
    """Say on stderr what was taken of a file, and what became of it on the way."""
    tell_choices(found.choices)
    tell_resampling(found.model)
    if found.unheard:
        note(found.unheard)


def tell_choices(choices: Sequence[Choice]) -> None:
    """Say on stderr what was taken of a file and why, where there was a choice."""
    for choice in choices:
        note(str(choice))


def tell_resampling(model: Model) -> None:
    """Say on stderr that a model's taps were resampled for the target, where they were."""
    if model.resampled_from_hz is not None:
        rates = f"from {model.resampled_from_hz} to {model.sample_rate_hz} Hz"
        note(f"{model.source}: taps resampled {rates}")


@dataclass(slots=True)
class Several(Generic[T]):
    """Work on several files, where one that fails loses no result of the others."""

    paths: Sequence[Path]
    done: list[T] = field(default_factory=list)
    failed: dict[Path, NamgenError] = field(default_factory=dict)

    def run(self, work: Callable[[Path, NamFile], T]) -> None:
        """Read all files, then do the work on each; what fails is told at once.

        Raises:
            NamgenError: the failure of the only file.

        """
        files = {path: self._try(path, partial(read, path)) for path in dict.fromkeys(self.paths)}
        for path, file in files.items():
            result = None if file is None else self._try(path, partial(work, path, file))
            self.done += [] if result is None else [result]

    def _try(self, path: Path, work: Callable[[], R]) -> R | None:
        try:
            return work()
        except NamgenError as error:
            if len(self.paths) == 1:
                raise
            self.failed[path] = error
            problem(error.lines)
            return None

    def to_json(self, values: Sequence[Any]) -> Any:
        """The results as plain values, one alone or a list; the failures come last."""
        if len(self.paths) == 1:
            return values[0]
        return [*values, *(self._error(path) for path in self.failed)]

    def _error(self, path: Path) -> dict[str, Any]:
        error = self.failed[path]
        return {"file": str(path), "error": {"kind": error.category, "lines": list(error.lines)}}

    def exit(self) -> None:
        """End with exit code 1 when a file failed, 2 when an option has no meaning for one."""
        if self.failed:
            is_usage = any(isinstance(error, ChoiceError) for error in self.failed.values())
            click.get_current_context().exit(2 if is_usage else 1)


class FileOut(click.Path):
    """A file to write, of one of some kinds by the ending of its name."""

    def __init__(self, *endings: str) -> None:
        self.endings = endings
        super().__init__(path_type=Path, dir_okay=False)

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Path:
        """Refuse another ending, and what is no regular file."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if self.endings and path.suffix.lower() not in self.endings:
            hint = nearest(path.suffix, self.endings)
            told = " or ".join(self.endings)
            self.fail(f"expected a name ending in {told}, found {path.name!r}{hint}", param, ctx)
        if path.exists() and not path.is_file():
            self.fail(f"expected a file or nothing, found another thing: {path}", param, ctx)
        return path


def check_output(
    output: Path, inputs: Iterable[Path], *, option: str, kind: str, is_kind: Callable[[Path], bool]
) -> None:
    """Refuse, before any work, a file that cannot be written, or that somebody would miss.

    `kind` and `is_kind` are as for `check_output_file`.

    Raises:
        click.BadParameter: `output` is one of `inputs`, by whatever name.
        OutputError: it cannot be written, or something else is there.

    """
    refuse_inputs(output, inputs, option=option)
    check_writable(output)
    check_output_file(output, kind=kind, is_kind=is_kind)


def refuse_inputs(output: Path, inputs: Iterable[Path], *, option: str) -> None:
    """Refuse, before any work, to write over a file that is read.

    Raises:
        click.BadParameter: `output` is one of `inputs`, by whatever name.

    """
    for path in inputs:
        if is_same_file(output, path):
            raise click.BadParameter(
                f"{output} is read by this command and would be lost", param_hint=f"'{option}'"
            )


def has_mark(path: Path, mark: str) -> bool:
    """Whether a text begins, somewhere in its first lines, with what tells that namgen wrote it.

    Raises:
        OSError: it cannot be read.

    """
    try:
        with path.open(encoding="utf-8") as file:
            return mark in file.read(1000)
    except ValueError:
        return False


def check_packages() -> None:
    """Refuse, before any work, to emulate and time without the packages for it.

    Raises:
        ToolError: one is missing.

    """
    missing = [name for name in _EMULATOR if not _is_there(name)]
    if missing:
        raise ToolError(
            f"the emulated pedal needs {' and '.join(missing)}: pip install {' '.join(missing)}"
        )


def _is_there(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ValueError:  # it was made unavailable
        return False


def find_instrument() -> Instrument | None:
    """Return what times images, where the emulator is installed."""
    if not all(map(_is_there, _EMULATOR)):
        return None
    from host_sim.m7.pedal_profile import quick_instrument

    return quick_instrument
