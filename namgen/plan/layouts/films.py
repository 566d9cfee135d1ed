"""Finds the sums of FiLM: a scale and a shift from the condition, read by the step behind."""

from __future__ import annotations

from dataclasses import replace

from namgen.plan.steps import Bias, Dense, Kernel, Modulate, Store, Sum, Term, Zero

SOURCE = "from"
TARGET = "to"
"""What a sum reads and writes where it is an operation of its own."""


def feeds_film(kernel: Kernel, step: int) -> bool:
    """Whether the sum `step` only makes what the next step modulates with."""
    return step + 1 < len(kernel.steps) and isinstance(kernel.steps[step + 1], Modulate)


def anonymous(step: Sum) -> Sum:
    """Return the sum of a FiLM without the names of what it reads and writes."""
    (sink,) = step.sinks
    if not isinstance(sink, Store):
        raise TypeError("a FiLM stores its scale and shift")
    target = replace(sink.target, name=TARGET)
    terms = tuple(map(_anonymous, step.terms))
    return replace(step, title="", terms=terms, sinks=(Store(target),))


def dense(step: Sum) -> Dense:
    """Return the products of a FiLM's sum."""
    return next(term for term in step.terms if isinstance(term, Dense))


def _anonymous(term: Term) -> Term:
    if isinstance(term, Bias | Zero):
        return term
    if not isinstance(term, Dense):
        raise TypeError(f"{type(term).__name__} is no part of a FiLM")
    return replace(term, source=replace(term.source, name=SOURCE))
