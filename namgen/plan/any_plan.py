"""The plan of a model, in whichever arithmetic; what both kinds have is what packages use."""

from __future__ import annotations

from typing import TypeAlias

from namgen.plan.fixed import FixedPlan
from namgen.plan.program import Plan

AnyPlan: TypeAlias = Plan | FixedPlan
"""Named alike in both: provenance, sizes, stages in order, static arrays and where they lie."""
