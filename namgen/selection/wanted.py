"""What somebody wants of a file."""

from __future__ import annotations

from dataclasses import dataclass

from namgen.fixed.precision import AUTO, Precision
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
