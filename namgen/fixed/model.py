"""A model in fixed point: its integers, and how near they come to it."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from namgen.arithmetic import F32
from namgen.errors import about
from namgen.fixed.ir import IntegerNetwork
from namgen.fixed.precision import FLOAT32, FixedPrecision, Precision
from namgen.fixed.quality import LEAST_SNR_DB, Quality, measure
from namgen.fixed.quantise import Quantised, quantise
from namgen.ir import Model
from namgen.kept import kept_value, sources_of


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FixedModel(Model):
    """A model whose integers are computed; its network is what they stand for."""

    precision: FixedPrecision
    quantised: Quantised
    quality: Quality

    @property
    def integers(self) -> IntegerNetwork:
        """What is computed."""
        return self.quantised.network

    @property
    def is_true(self) -> bool:
        """Whether it is as near to the real numbers as a build asks for."""
        return self.quality.normal.snr_db >= LEAST_SNR_DB

    @property
    def listens(self) -> bool:
        """Whether its integers depend on what was played for them."""
        return self.quantised.setting is not None


def precision_of(model: Model) -> Precision:
    """Return how a model's numbers are held; never "auto"."""
    return model.precision if isinstance(model, FixedModel) else FLOAT32


def in_fixed_point(
    model: Model, precision: FixedPrecision, *, calibration: F32 | None = None
) -> FixedModel:
    """Return a model's integers; kept on this machine, for they take seconds.

    `calibration` is what their steps come from, (frames,); None: namgen's own guitar.

    Raises:
        UnsupportedError: its network has what fixed point has not; a line per layer and feature.

    """

    def make() -> tuple[Quantised, Quality]:
        with about(model.source):
            made = quantise(model.network, precision=precision, calibration=calibration)
        return made, measure(made.network, made.real, calibration)

    played = b"" if calibration is None else calibration.tobytes()
    parts = [code_behind(), pickle.dumps(model.network), precision.encode(), played]
    made, quality = kept_value("fixed", parts, make)
    known: dict[str, Any] = {item.name: getattr(model, item.name) for item in fields(Model)}
    known["options"] = (*model.options, precision)
    return FixedModel(**known, precision=precision, quantised=made, quality=quality)


@cache
def code_behind() -> bytes:
    """Return what tells the code and the library that results depend on, beside a network."""
    here = Path(__file__).parent
    rooms = (here, *(here.parent / name for name in ("passes", "reference")))
    return sources_of(*rooms) + str(np.__version__).encode()
