"""Finds the sums that are an operation of their own: those of a FiLM, and those of groups.

The scale and shift of a FiLM are read by the step behind. A grouped map beside the main sum has
rows that read inputs of their own.
"""

from __future__ import annotations

from dataclasses import replace

from namgen.plan.steps import Bias, Dense, Kernel, Modulate, Store, Sum, Term, Zero

SOURCE = "from"
TARGET = "to"
"""What a sum reads and writes where it is an operation of its own."""


def feeds_film(kernel: Kernel, step: int) -> bool:
    """Whether the sum `step` only makes what the next step modulates with."""
    return step + 1 < len(kernel.steps) and isinstance(kernel.steps[step + 1], Modulate)


def is_grouped_map(kernel: Kernel, step: int) -> bool:
    """Whether the sum `step` is no more than a grouped map, and is not the kernel's main sum."""
    one = kernel.steps[step]
    if not isinstance(one, Sum) or one.tail or len(one.sinks) > 1 or step == _main(kernel):
        return False
    start, *products = one.terms
    is_map = isinstance(start, Bias | Zero) and isinstance(one.sinks[0], Store)
    grouped = (isinstance(term, Dense) and term.grouped for term in products)
    return is_map and len(products) == 1 and all(grouped)


def is_whole(kernel: Kernel, step: int) -> bool:
    """Whether the sum `step` is an operation of its own."""
    return feeds_film(kernel, step) or is_grouped_map(kernel, step)


def film_verb(step: Sum) -> str:
    """Name what the sum of a FiLM does."""
    return _with_start("FILM", step)


def groups_verb(step: Sum) -> str:
    """Name what the sum of a grouped map does."""
    return _with_start("GROUPS", step)


def anonymous(step: Sum) -> Sum:
    """Return a sum without the names of what it reads and writes."""
    (sink,) = step.sinks
    if not isinstance(sink, Store):
        raise TypeError("a sum that is an operation of its own stores its rows")
    target = replace(sink.target, name=TARGET)
    terms = tuple(map(_anonymous, step.terms))
    return replace(step, title="", terms=terms, sinks=(Store(target),))


def dense(step: Sum) -> Dense:
    """Return the products of the sum."""
    return next(term for term in step.terms if isinstance(term, Dense))


def _main(kernel: Kernel) -> int:
    """Return the number of the sum that a kernel is for: the first that feeds no FiLM."""
    sums = (n for n, step in enumerate(kernel.steps) if isinstance(step, Sum))
    return next((n for n in sums if not feeds_film(kernel, n)), -1)


def _with_start(verb: str, step: Sum) -> str:
    """Tell sums that start at zero from those that start with a bias."""
    return f"UNBIASED_{verb}" if isinstance(step.terms[0], Zero) else verb


def _anonymous(term: Term) -> Term:
    if isinstance(term, Bias | Zero):
        return term
    if not isinstance(term, Dense):
        raise TypeError(f"{type(term).__name__} is no part of such a sum")
    return replace(term, source=replace(term.source, name=SOURCE))
