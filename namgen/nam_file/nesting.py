"""What a model inside another one has to agree with, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from namgen.arithmetic import F32
from namgen.nam_file.limits import MAX_NESTING
from namgen.nam_file.node import Node
from namgen.nam_file.types import NamModel

UNKNOWN_RATE = -1.0
"""Stands for a sample rate that the file does not give."""


@dataclass(frozen=True, slots=True)
class Parent:
    """What the model around a nested one asks of it."""

    rate_hz: float | None  # as in the file, or UNKNOWN_RATE; None after a problem
    depth: int
    same_unknown: bool = False  # a missing sample rate must be missing on both sides


ModelReader: TypeAlias = Callable[[Node, Parent], NamModel | None]


@dataclass(frozen=True, slots=True)
class Context:
    """What the config of a model needs to know about the model."""

    rate_hz: float | None  # as in the file, or UNKNOWN_RATE; None after a problem
    depth: int
    weights: F32 | None  # None after a problem
    read_model: ModelReader  # reads a complete model object

    def read_inside(
        self, node: Node, *, rate_hz: float | None, same_unknown: bool = False
    ) -> NamModel | None:
        """Read a model inside this one; None after problems."""
        depth = self.depth + 1
        if depth > MAX_NESTING:
            node.fail(f"models nested at most {MAX_NESTING} deep", found="deeper")
            return None
        return self.read_model(node, Parent(rate_hz, depth, same_unknown))
