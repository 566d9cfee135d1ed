"""A cursor over parsed JSON that knows its path and collects every problem it meets."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from namgen.errors import Problem
from namgen.nam_file.limits import MAX_LAYERS, MAX_MODELS, MAX_PROBLEMS

T = TypeVar("T")

FLOAT32_LIMIT = float(np.finfo(np.float32).max) * (1 + 2.0**-25)
"""Magnitudes from here on round to infinity in float32."""


class _Missing:
    """The type of the value of a key that is not there."""


MISSING = _Missing()


class StopReadingError(Exception):
    """Raised inside the reader to stop it, with the last line to print; never leaves it."""


def describe(value: object) -> str:
    """What was found, in a few words, whatever it is.

    >>> describe("16"), describe([1, 2]), describe(None), describe(MISSING)
    ('"16"', 'a list of 2', 'null', 'nothing')
    """
    match value:
        case _Missing():
            return "nothing"
        case dict():
            return "an object"
        case list():
            return f"a list of {len(value)}" if value else "an empty list"
        case str():
            text = value if len(value) <= 40 else value[:37] + "..."
            return json.dumps(text)
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "an infinite number"
        case _:
            return json.dumps(value)


@dataclass(slots=True)
class Report:
    """Everything found while reading one file."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    models: int = 0
    layers: int = 0

    def problem(self, path: str, message: str) -> None:
        """Note a problem; raises StopReadingError after the last one worth printing."""
        self.problems.append(Problem(path, message))
        if len(self.problems) >= MAX_PROBLEMS:
            raise StopReadingError(f"stopped after {MAX_PROBLEMS} problems")

    def clean_since(self, mark: int) -> bool:
        """Whether nothing was reported since there were `mark` problems."""
        return len(self.problems) == mark

    def warn(self, path: str, message: str) -> None:
        """Note something the user should know about a file that is accepted."""
        self.warnings.append(f"{path}: {message}" if path else message)

    def spend_layers(self, node: Node, count: int) -> bool:
        """Count layers against MAX_LAYERS of the whole file; false when there are too many."""
        self.layers += count
        if self.layers <= MAX_LAYERS:
            return True
        node.fail(f"at most {MAX_LAYERS} layers in the file", found=f"at least {self.layers}")
        return False

    def spend_model(self, node: Node) -> None:
        """Count a model object against MAX_MODELS; stops the reading when there are too many."""
        self.models += 1
        if self.models > MAX_MODELS:
            node.fail(f"at most {MAX_MODELS} models in the file", found="more")
            raise StopReadingError("stopped there")


@dataclass(frozen=True, slots=True)
class Node:
    """One JSON value and where it is.

    The readers of numbers and texts report a wrong value and return a harmless stand-in, so that
    the rest of the file is still looked at; nothing is built from a file with problems.
    """

    value: object
    path: str
    report: Report

    def __getitem__(self, key: str) -> Node:
        """The value of a key, or MISSING; also of something that is not an object."""
        value = self.value.get(key, MISSING) if isinstance(self.value, dict) else MISSING
        return Node(value, f"{self.path}.{key}" if self.path else key, self.report)

    @property
    def missing(self) -> bool:
        """Whether the key is not in the file."""
        return self.value is MISSING

    @property
    def absent(self) -> bool:
        """Whether the key is not in the file, or null."""
        return self.missing or self.value is None

    def fail(self, expected: str, *, found: str | None = None) -> None:
        """Report this value."""
        what = describe(self.value) if found is None else found
        self.report.problem(self.path, f"expected {expected}, found {what}")

    def is_object(self) -> bool:
        """Report anything but an object."""
        if isinstance(self.value, dict):
            return True
        self.fail("an object")
        return False

    def items(self, what: str, *, length: int | None = None, limit: int = MAX_LAYERS) -> list[Node]:
        """The entries of a list that may not be empty; [] after a problem."""
        if not isinstance(self.value, list) or not self.value:
            self.fail(f"a list of {what}")
        elif length is not None and len(self.value) != length:
            self.fail(f"a list of {length} {what}, one per dilation")
        elif len(self.value) > limit:
            self.fail(f"a list of at most {limit} {what}")
        else:
            return [
                Node(value, f"{self.path}[{index}]", self.report)
                for index, value in enumerate(self.value)
            ]
        return []

    def integer(self, low: int, high: int, *, default: int | None = None) -> int:
        """An integer from `low` to `high`; 3.0 counts as one, true does not."""
        if self.missing and default is not None:
            return default
        value = self.value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        too_high = type(value) is int and value > high
        limit = f"<= {high}" if too_high else f">= {low}"
        self.fail(f"an integer {limit}")
        return max(low, 1)

    def exactly(self, value: int, reason: str) -> None:
        """Report an integer that differs from the one the rest of the file implies."""
        if self.value != value:
            self.fail(f"{value} ({reason})")

    def check_at_most(self, found: int, limit: int, what: str) -> None:
        """Report this value when it implies more than `limit` of something."""
        if found > limit:
            self.fail(f"at most {limit} {what}", found=str(found))

    def number(self, *, default: float | None = None, limit: float = math.inf) -> float:
        """A finite number, with a magnitude below `limit`."""
        if self.missing and default is not None:
            return default
        value = self.value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if math.isfinite(value) and abs(value) < limit:
                return float(value)
            self.fail("a finite number" if limit == math.inf else "a number that fits a float32")
            return 1.0
        self.fail("a number")
        return 1.0

    def float32(self, *, default: float | None = None) -> float:
        """A number that is finite in float32."""
        return self.number(default=default, limit=FLOAT32_LIMIT)

    def boolean(self, *, default: bool | None = None) -> bool:
        """Whether `true`; a number is not a truth value."""
        if self.missing and default is not None:
            return default
        if not isinstance(self.value, bool):
            self.fail("true or false")
        return self.value is True

    def choice(self, names: Iterable[str]) -> str:
        """One of the given texts."""
        names = tuple(names)
        if isinstance(self.value, str) and self.value in names:
            return self.value
        self.fail("one of " + ", ".join(names) if len(names) > 1 else names[0])
        return names[0]

    def per_layer(self, count: int, what: str, read: Callable[[Node], T]) -> list[T]:
        """A list with one entry per layer, or one value for all of them."""
        if isinstance(self.value, list):
            return [read(node) for node in self.items(what, length=count or None)]
        return [read(self)] * count
