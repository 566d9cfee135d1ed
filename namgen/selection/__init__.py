"""What to take of a file for a target, and its plan."""

from __future__ import annotations

from namgen.fixed.precision import AUTO, FLOAT32, PRECISIONS, Precision
from namgen.selection.choosing import Chosen, choose, in_precision, select
from namgen.selection.found import Choice, Selection
from namgen.selection.plans import (
    Start,
    check_weights,
    plan_floats,
    plan_integers,
    plan_model,
    planned,
    self_test,
    sketched,
)
from namgen.selection.wanted import (
    ANYTHING,
    LARGEST_THAT_FITS,
    Wanted,
)

__all__ = [
    "ANYTHING",
    "AUTO",
    "FLOAT32",
    "LARGEST_THAT_FITS",
    "PRECISIONS",
    "Choice",
    "Chosen",
    "Precision",
    "Selection",
    "Start",
    "Wanted",
    "check_weights",
    "choose",
    "in_precision",
    "plan_floats",
    "plan_integers",
    "plan_model",
    "planned",
    "select",
    "self_test",
    "sketched",
]
