"""How far a smaller network of a file is from the largest, with a guitar."""

from __future__ import annotations

import pickle

import numpy as np

from namgen.arithmetic import F32
from namgen.fixed import signals
from namgen.fixed.model import code_behind
from namgen.fixed.quality import Measured, compare
from namgen.fixed.real import F64
from namgen.ir import Model
from namgen.kept import kept_value
from namgen.reference.networks import Reference

FRAMES = 12000


def null(full: Model, other: Model) -> Measured:
    """Return how deep the two null: what is left when one is taken from the other.

    Both have one input and one output, and are computed in float32; the guitar is that of
    `quality`. Kept on this machine.
    """
    networks = pickle.dumps((full.network, other.network))
    return kept_value("fixed", [b"null", code_behind(), networks], lambda: _null(full, other))


def _null(full: Model, other: Model) -> Measured:
    guitar = signals.held_out(2 * FRAMES)[FRAMES:]
    wanted, found = (_played(model, guitar) for model in (full, other))
    rest = float(_played(full, np.zeros(1, np.float32))[0])
    return compare("guitar", wanted, found, rest)


def _played(model: Model, x: F32) -> F64:
    return np.asarray(Reference(model).process(x[None, :])[0], np.float64)
