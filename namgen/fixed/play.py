"""What plays a model in NumPy, in whichever arithmetic it is."""

from __future__ import annotations

from typing import TypeAlias

from namgen.fixed.model import FixedModel
from namgen.fixed.reference import FixedReference
from namgen.ir import Model
from namgen.reference.networks import Reference

AnyReference: TypeAlias = Reference | FixedReference


def reference_of(model: Model) -> AnyReference:
    """Return the definition of correct for a model, in its start state."""
    return FixedReference(model.integers) if isinstance(model, FixedModel) else Reference(model)
