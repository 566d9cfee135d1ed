"""What a model is expected to cost on a target's processor, and whether it keeps up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from namgen.plan import Plan

Method: TypeAlias = Literal["cycle model", "estimate"]

HOPELESS = 1.5
"""An estimate this many times over the budget needs no closer look."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Cycles per audio block as an instrument found them."""

    average_cycles: float
    worst_cycles: int
    margin: float  # relative


Instrument: TypeAlias = "Callable[[Path, Plan], Measured]"
"""Runs a firmware image, an ELF file, on an emulated pedal and times its audio blocks."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """Processor cycles of one audio block beside those there are; nobody measured a board."""

    method: Method
    cycles_per_block: int  # of the worst block
    budget_cycles_per_block: int
    block_frames: int
    clock_hz: int
    margin: float  # relative error to reckon with

    @property
    def share(self) -> float:
        """Part of the processor, 1.0 being all of it."""
        return self.cycles_per_block / self.budget_cycles_per_block

    @property
    def keeps_up(self) -> bool:
        """Whether the model runs in real time even when the margin is needed."""
        return self.share * (1 + self.margin) <= 1

    @property
    def is_hopeless(self) -> bool:
        """Whether the model is far over the budget."""
        return self.share > HOPELESS

    def __str__(self) -> str:
        verb = "predicted" if self.method == "cycle model" else "estimated"
        said = (
            f"{verb} {100 * self.share:.0f} % of {self.clock_hz // 1_000_000} MHz at "
            f"{self.block_frames}-sample blocks, margin ±{100 * self.margin:.0f} %"
        )
        return said if self.method == "cycle model" else f"{said} (an estimate: nothing was run)"

    @property
    def in_numbers(self) -> str:
        """Cycles needed and there, with the margin."""
        most = round(self.cycles_per_block * (1 + self.margin))
        return (
            f"{self.cycles_per_block:,} cycles per block, up to {most:,} with the margin; "
            f"{self.budget_cycles_per_block:,} are there"
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values for a report."""
        return {
            "method": self.method,
            "cycles_per_sample": round(self.cycles_per_block / self.block_frames),
            "budget_cycles_per_sample": self.budget_cycles_per_block // self.block_frames,
            "cycles_per_block": self.cycles_per_block,
            "budget_cycles_per_block": self.budget_cycles_per_block,
            "block_frames": self.block_frames,
            "clock_hz": self.clock_hz,
            "share": round(self.share, 4),
            "margin": self.margin,
            "keeps_up": self.keeps_up,
        }


def budget_cycles(*, clock_hz: int, block_frames: int, sample_rate_hz: int) -> int:
    """Processor cycles in the time of one block."""
    return clock_hz * block_frames // sample_rate_hz
