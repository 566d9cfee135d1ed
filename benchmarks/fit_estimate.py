"""Fits the static estimate to the cycle model: `python -m benchmarks.fit_estimate [--save]`.

Builds models of many shapes at several block sizes, profiles each image on the emulated pedal, and
finds the cycles per feature (`namgen.estimate.FEATURES`, none negative) with the smallest relative
errors. Prints the residuals; `--save` writes namgen/processors/cortex-m7-estimate.toml.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.models import Candidate, candidates
from host_sim.m7.pedal_profile import profile_pedal
from host_sim.pedal_run import pedal_image
from namgen.errors import BudgetError
from namgen.estimate import FEATURES, features
from namgen.processors import measured_path
from namgen.processors.pipeline import load_parameters
from namgen.selection.plans import plan_model
from namgen.targets import load_target
from namgen.toolchain import find_cross

BLOCKS = (8, 48)
SAFETY = 1.25
"""Other models differ from these: the error that most stay below is multiplied by this."""
MOST = 0.95

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Point:
    """One image: what the plan counts, and what the cycle model says."""

    name: str
    counts: tuple[float, ...]
    cycles: float


def points(models: Sequence[Candidate]) -> Iterator[Point]:
    target, cross = load_target("daisy"), find_cross()
    for model in models:
        for block in BLOCKS:
            try:
                planned = plan_model(model.load(), target=target, block_frames=block)
                image = pedal_image(planned, target.pedal, toolchain=cross, boot="flash")
            except BudgetError as error:
                print(f"{model.name}, {block} frames: left out: {error}", file=sys.stderr)
                continue
            result = profile_pedal(image.elf, planned, blocks=4, warm_up=3).interrupt
            counted = features(planned)
            counts = tuple(counted[name] for name in FEATURES)
            point = Point(f"{model.name}, {block} frames", counts, result.average_cycles)
            print(f"{point.name}: {point.cycles / block:,.0f} cycles per sample", file=sys.stderr)
            yield point


def fit(found: Sequence[Point]) -> F64:
    """Cycles per feature, none negative, with the least squares of the relative errors."""
    cycles = np.array([point.cycles for point in found])
    matrix = np.array([point.counts for point in found]) / cycles[:, None]
    return non_negative_least_squares(matrix, np.ones(len(found)))


def non_negative_least_squares(matrix: F64, wanted: F64) -> F64:
    """Minimise ``|matrix x - wanted|`` over x >= 0 by coordinate descent, to convergence."""
    scale = np.linalg.norm(matrix, axis=0)
    scale[scale == 0] = 1.0
    scaled = matrix / scale
    gram, target = scaled.T @ scaled, scaled.T @ wanted
    x = np.zeros(matrix.shape[1])
    for _ in range(200_000):
        before = x.copy()
        for k in range(len(x)):
            if gram[k, k] > 0:
                x[k] = max(0.0, x[k] + (target[k] - gram[k] @ x) / gram[k, k])
        if np.abs(x - before).max() < 1e-12:
            break
    return x / scale


def residuals(found: Sequence[Point], cycles: F64) -> F64:
    """Relative errors of the estimate against the cycle model."""
    counts = np.array([point.counts for point in found])
    modelled = np.array([point.cycles for point in found])
    return counts @ cycles / modelled - 1


def text(found: Sequence[Point], cycles: F64, errors: F64) -> str:
    """The data file."""
    worst = float(np.abs(errors).max())
    usual = float(np.quantile(np.abs(errors), MOST))
    model = load_parameters().margins["float"]
    low = 1 - (1 - model.low) / (1 + SAFETY * usual)
    high = (1 + model.high) / (1 - SAFETY * usual) - 1
    rms = float(np.sqrt((errors**2).mean()))
    lines = [
        "# The static estimate of an audio interrupt: cycles per unit of each feature of a plan",
        "# (namgen/estimate.py). Written by `python -m benchmarks.fit_estimate --save`.",
        f"# Fitted to the cycle model at {len(found)} images; relative errors:",
        f"# worst {worst:.1%}, nineteen of twenty below {usual:.1%}, root mean square {rms:.1%}.",
        f"# The margins are the cycle model's own ({model}), and {SAFETY} times what nineteen of",
        "# twenty stay below.",
        "",
        f"margin_low = {math.ceil(100 * low) / 100}",
        f"margin_high = {math.ceil(100 * high) / 100}",
        "",
        "[cycles]",
        *(f"{name} = {float(value):.4g}" for name, value in zip(FEATURES, cycles, strict=True)),
    ]
    named = sorted(zip((p.name for p in found), errors, strict=True))
    lines += ["", "[residuals]", *(f'"{name}" = {error:.3f}' for name, error in named)]
    return "\n".join(lines) + "\n"


def main() -> None:
    found = list(points(candidates()))
    cycles = fit(found)
    written = text(found, cycles, residuals(found, cycles))
    print(written, end="")
    if "--save" in sys.argv[1:]:
        path = measured_path("cortex-m7", "estimate")
        path.write_text(written, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
