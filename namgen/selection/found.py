"""What is found for a file and a target."""

from __future__ import annotations

from dataclasses import dataclass

from namgen.fixed.model import FixedModel, precision_of
from namgen.fixed.precision import Precision
from namgen.ir import Model
from namgen.plan.any_plan import AnyPlan
from namgen.prediction import Prediction


@dataclass(frozen=True, slots=True)
class Choice:
    """What became of one way to play a file."""

    submodel: str | None  # None: the file is no container
    precision: Precision
    taken: bool
    reason: str

    @property
    def way(self) -> str:
        """What it is called."""
        of = "" if self.submodel is None else f"submodel {self.submodel}, "
        return f"{of}{self.precision}"

    def __str__(self) -> str:
        return f"{self.way}: {'taken' if self.taken else 'not taken'}: {self.reason}"


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The model to build, its plan, and how it was found."""

    model: Model
    plan: AnyPlan
    prediction: Prediction | None  # None: the target has no budget of cycles
    submodel: str = "full"  # as `lower` takes it
    choices: tuple[Choice, ...] = ()  # empty where there was no choice
    unheard: str = ""  # why a recording changes nothing; empty: it does, or there is none

    @property
    def fixed(self) -> FixedModel | None:
        """The model, where it is in fixed point."""
        return self.model if isinstance(self.model, FixedModel) else None

    @property
    def precision(self) -> Precision:
        """How its numbers are held; never "auto"."""
        return precision_of(self.model)

    @property
    def keeps_up(self) -> bool:
        """Whether the model is expected to run in real time."""
        return self.prediction is None or self.prediction.keeps_up

    @property
    def is_hopeless(self) -> bool:
        """Whether the model is far over the budget."""
        return self.prediction is not None and self.prediction.is_hopeless
