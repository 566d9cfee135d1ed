"""The protocol of packages, and what they share."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from namgen.estimate import least
from namgen.firmware import Image, Surroundings
from namgen.ir import Model
from namgen.mpy.make import MadeModule
from namgen.order import Order
from namgen.plan.any_plan import AnyPlan
from namgen.prediction import Prediction
from namgen.progress import Progress
from namgen.toolchain import CrossToolchain

Memory = Mapping[str, Mapping[str, int]]
"""Bytes per region: of the model's arrays, of the rest of the firmware, of the stack's reserve."""

Product: TypeAlias = Image | MadeModule
"""Machine code that is delivered."""


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """The generated C that a package is made of."""

    planned: AnyPlan  # of a model
    files: Mapping[str, str]  # its text, and that of what is around, by file name
    surroundings: Surroundings | None = None  # None: the model alone


@dataclass(frozen=True, slots=True)
class Shop:
    """Where a package is made, and with what."""

    folder: Path
    toolchain: CrossToolchain | None  # None: nothing is compiled
    progress: Progress


class Package(Protocol):
    """What a model is delivered as; `package_of` chooses by the target."""

    @property
    def is_compiled(self) -> bool:
        """Whether making it needs a compiler for the target's processor."""

    def check(self, model: Model, planned: AnyPlan) -> None:
        """Refuse what cannot be delivered in this way.

        Raises:
            UnsupportedError: the model has several inputs or outputs, or another sample rate.

        """

    def predict(self, model: Model, planned: AnyPlan, order: Order) -> Prediction | None:
        """Estimate what the model costs; None where nothing is known of its time."""

    def make(self, contents: Contents, order: Order, shop: Shop) -> Product | None:
        """Write all files; None where there is no machine code among them.

        Raises:
            BudgetError: the image does not fit.
            ToolError: the toolchain failed.

        """

    def memory(self, plans: Sequence[AnyPlan], product: Product | None) -> Memory:
        """Say what is taken of each memory by models of which one plays at a time."""

    def next_steps(self, name: str, order: Order, folder: Path) -> Iterator[str]:
        """Say what a person does with the files of the model `name`, lines for a shell among it."""


def alone(planned: AnyPlan) -> Contents:
    """Return the C of a model with nothing around it."""
    from namgen.emit import emit  # templates are slow to load, and most commands write no C

    return Contents(planned, emit(planned))


def too_slow(planned: AnyPlan, order: Order) -> Prediction | None:
    """Say what products alone take where no chip with such a processor has the time; else None."""
    found = least(planned, order.target.processor)
    return None if found is None or found.keeps_up else found


def bytes_in(region: str, planned: AnyPlan) -> int:
    """Count what arrays and code of a model take of a region."""
    placed = (*planned.buffers, *planned.code)
    return sum(buffer.size_bytes for buffer in placed if buffer.region == region)


def shell_word(path: Path) -> str:
    """Spell a path as one word of a shell that no program takes for an option."""
    text = str(path)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)
