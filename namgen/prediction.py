"""What a model is expected to cost on a target's processor, and whether it keeps up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from namgen.processors.margin import Margin

if TYPE_CHECKING:
    from namgen.codecs import CodecTable
    from namgen.pedal_boards import PedalBoard

Method: TypeAlias = Literal["cycle model", "estimate", "least"]
"""What ran, what was fitted to runs, or products alone: a board will need more."""

HOPELESS = 1.5
"""An estimate this many times over the budget needs no closer look."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Cycles per audio block as an instrument found them."""

    average_cycles: float
    worst_cycles: int
    margin: Margin


@dataclass(frozen=True, slots=True)
class InUse:
    """A pedal that is played: what its image is for, the board around it, and which capture."""

    target: str
    board: PedalBoard | None = None  # None: there is no control on it
    capture: int | None = None  # None: there is no other
    rests: bool = False  # once it is bypassed
    codec: CodecTable | None = None  # in place of the target's own


Instrument: TypeAlias = Callable[[Path, InUse], Measured]
"""Runs a firmware image, an ELF file, on an emulated pedal and times its audio blocks."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The time of one audio block in processor cycles, and how much of it a model may take."""

    clock_hz: int
    block_frames: int
    sample_rate_hz: int
    lookahead_frames: int = 0  # that the transmitter takes before the block's time is over

    @property
    def block_cycles(self) -> int:
        """Cycles from one block to the next."""
        return self.clock_hz * self.block_frames // self.sample_rate_hz

    @property
    def cycles(self) -> int:
        """Cycles until the block must be there; 0 where the transmitter takes it at once."""
        return budget_cycles(
            clock_hz=self.clock_hz,
            block_frames=self.block_frames,
            sample_rate_hz=self.sample_rate_hz,
            lookahead_frames=self.lookahead_frames,
        )


@dataclass(frozen=True, slots=True)
class Prediction:
    """Processor cycles of one audio block beside those there are; nobody measured a board."""

    method: Method
    cycles_per_block: int  # of the worst block
    budget: Budget
    margin: Margin
    clock: str = "faster than any is"  # of "least": which one it is
    told: str = ""  # of "least": what is needed, in numbers
    condition: str = ""  # that it depends on; empty: the board is the one that was modelled
    corrected: float | None = None  # by what a pedal has measured: its factor

    @property
    def share(self) -> float:
        """Part of the processor, 1.0 being all of it."""
        return self.cycles_per_block / self.budget.block_cycles

    @property
    def most_cycles(self) -> int:
        """Cycles of the worst block when the whole margin is needed."""
        return round(self.cycles_per_block * (1 + self.margin.high))

    @property
    def keeps_up(self) -> bool:
        """Whether the model runs in real time even when the margin is needed."""
        return self.most_cycles <= self.budget.cycles

    @property
    def is_hopeless(self) -> bool:
        """Whether the model is far over the budget."""
        return self.cycles_per_block > HOPELESS * self.budget.cycles

    def __str__(self) -> str:
        if self.method == "least":
            return f"{self._share}: its products alone take {self.cycles_per_block:,} cycles"
        verb = "predicted" if self.method == "cycle model" else "estimated"
        said = f"{verb} {self._share}, {self.margin}"
        if self.condition:
            said = f"{said}, {self.condition}"
        if self.corrected is not None:
            said += f", as measured on that pedal: x {self.corrected:.2f}"
        return said if self.method == "cycle model" else f"{said} (an estimate: nothing was run)"

    @property
    def _share(self) -> str:
        budget = self.budget
        said = f"{100 * self.share:.0f} % of {budget.clock_hz // 1_000_000} MHz"
        if self.method == "least":
            said = f"at least {said}, {self.clock},"
        return f"{said} at {budget.block_frames}-sample blocks"

    @property
    def in_numbers(self) -> str:
        """Cycles needed and there, with the margin."""
        budget = self.budget
        left = f"{budget.cycles:,} are there"
        if not budget.cycles:
            left = (
                f"none are there: the audio output takes {budget.lookahead_frames} frames ahead, "
                f"a block has {budget.block_frames}"
            )
        if self.method == "least":
            return f"{left}{self.told}"
        return (
            f"{self.cycles_per_block:,} cycles per block, up to {self.most_cycles:,} with the "
            f"margin; {left}"
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values for a report."""
        frames = self.budget.block_frames
        return {
            "method": self.method,
            "cycles_per_sample": round(self.cycles_per_block / frames),
            "cycles_per_block": self.cycles_per_block,
            "most_cycles_per_block": self.most_cycles,
            "block_cycles": self.budget.block_cycles,
            "budget_cycles_per_sample": self.budget.cycles // frames,
            "budget_cycles_per_block": self.budget.cycles,
            "block_frames": frames,
            "transmit_lookahead_frames": self.budget.lookahead_frames,
            "clock_hz": self.budget.clock_hz,
            "share": round(self.share, 4),
            "margin_low": self.margin.low,
            "margin_high": self.margin.high,
            "keeps_up": self.keeps_up,
            **({"condition": self.condition} if self.condition else {}),
            **({} if self.corrected is None else {"corrected": self.corrected}),
        }


def budget_cycles(
    *, clock_hz: int, block_frames: int, sample_rate_hz: int, lookahead_frames: int = 0
) -> int:
    """Processor cycles until a block must be there: its time, less what the transmitter has ahead.

    0 where the transmitter takes a whole block, or more, ahead.
    """
    return clock_hz * max(0, block_frames - lookahead_frames) // sample_rate_hz
