"""A fast guess at what a model costs on the Cortex-M7, from its operation counts alone."""

from __future__ import annotations

from dataclasses import dataclass

from namgen.ir import Network
from namgen.measures import activations_per_frame, macs

CYCLES_PER_MAC = 1.9
CYCLES_PER_ACTIVATION = 20.0
CYCLES_PER_FRAME = 100.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """Cycles against the budget; an estimate, not a measurement."""

    cycles_per_sample: int
    budget_cycles_per_sample: int

    @property
    def share(self) -> float:
        """Part of the processor, 1.0 being all of it."""
        return self.cycles_per_sample / self.budget_cycles_per_sample

    @property
    def keeps_up(self) -> bool:
        """Whether the model is expected to run in real time."""
        return self.cycles_per_sample <= self.budget_cycles_per_sample

    def __str__(self) -> str:
        return (
            f"about {self.cycles_per_sample} of {self.budget_cycles_per_sample} cycles per sample "
            f"({self.share:.0%}, estimated from operation counts)"
        )


def estimate_cycles(network: Network) -> int:
    """Estimate cycles per sample of the float32 code in zero-wait memory.

    1.9 cycles per multiply-add (a fused multiply-add does not issue together with a load), 20 per
    activation (tanh; cheaper ones are overestimated), 100 for the rest of a frame's share of
    loops and calls.
    """
    return round(
        CYCLES_PER_MAC * macs(network)
        + CYCLES_PER_ACTIVATION * activations_per_frame(network)
        + CYCLES_PER_FRAME
    )


def estimate(network: Network, *, clock_hz: int, sample_rate_hz: int) -> Estimate:
    """Compare `estimate_cycles` with the cycles between two samples."""
    return Estimate(estimate_cycles(network), clock_hz // sample_rate_hz)
