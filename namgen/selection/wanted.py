"""What somebody wants of a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from namgen.fixed.precision import AUTO, FLOAT32, Precision
from namgen.ir import Model
from namgen.lower import lower
from namgen.nam_file.types import NamFile
from namgen.order import Order
from namgen.selection.recording import Recording

LARGEST_THAT_FITS = "largest-that-fits"
"""The default choice among a container's submodels."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants of a file."""

    submodel: str = LARGEST_THAT_FITS  # or as `lower` takes it
    slim: float | None = None  # instead of `submodel`, the ratio by which NAM selects a width
    tanh: str = "exact"  # or "fast"
    name: str | None = None  # of the model in C; None: made from the file's name
    precision: Precision = AUTO
    recording: Recording | None = None  # that integers are made for; None: namgen's own guitar

    def lower(self, file: NamFile, submodel: str, order: Order) -> Model:
        """Lower a submodel in this way, at the rate it will run at; in float32."""
        return lower(
            file,
            submodel=submodel,
            slim=self.slim,
            name=self.name,
            tanh=self.tanh,
            rate_hz=order.target.only_rate_hz,
        )


ANYTHING = Wanted()
"""What is taken where nobody says what."""


def less_asked(models: Iterable[tuple[Wanted, Model]]) -> str:
    """Name the options without which something smaller might be taken; empty where none did."""
    options = {option for wanted, model in models for option in _narrowed(wanted, model)}
    named = " and ".join(sorted(options, reverse=True))
    return f"without {named} what fits and keeps up is taken, where anything does" if named else ""


def _narrowed(wanted: Wanted, model: Model) -> Iterator[str]:
    """Yield the options by which `model` was taken where there is something smaller."""
    of_container = [o for o in model.options if re.match("submodel (?!1 of)", o)]
    if wanted.slim is not None and wanted.slim > 0.0:
        yield "--slim"
    elif wanted.submodel != LARGEST_THAT_FITS and of_container:
        yield "--submodel"
    if wanted.precision == FLOAT32:
        yield "--precision"
