"""What a block's size costs a pedal, size by size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from namgen.errors import BudgetError, UnsupportedError
from namgen.nam_file.types import NamFile
from namgen.order import Order
from namgen.pedal.sound import plan_sound
from namgen.pedal.wanted import PedalWanted
from namgen.prediction import Prediction

SIZES = (8, 16, 24, 32, 48, 64, 96)
"""That are looked at; in each of them the chain and every cabinet can work."""

_DELAYING_BLOCKS = 2
"""What comes in goes out two blocks later."""


@dataclass(frozen=True, slots=True)
class BlockSize:
    """A pedal in blocks of one size."""

    frames: int
    sample_rate_hz: int
    prediction: Prediction | None  # of the slowest capture in its chain; None: it is not known
    refused: str = ""  # why it cannot be built

    @property
    def latency_ms(self) -> float:
        """From codec to codec."""
        return 1000 * _DELAYING_BLOCKS * self.frames / self.sample_rate_hz

    @property
    def rhythm_hz(self) -> float:
        """How often a block begins: the pitch of a whine that leaks into the sound."""
        return self.sample_rate_hz / self.frames


def block_sizes(
    wanted: PedalWanted, order: Order, files: Mapping[Path, NamFile]
) -> Iterator[BlockSize]:
    """Yield the sizes of `SIZES` and the order's own, as `plan_sound` estimates them."""
    rate_hz = order.budget.sample_rate_hz
    for frames in sorted({*SIZES, order.block_frames}):
        try:
            sound = plan_sound(wanted, replace(order, block_frames=frames), files)
        except (BudgetError, UnsupportedError) as error:
            yield BlockSize(frames, rate_hz, None, error.lines[0])
            continue
        costs = [capture.selection.prediction for capture in sound.captures]
        known = [cost for cost in costs if cost is not None]
        slowest = max(known, key=lambda cost: cost.cycles_per_block, default=None)
        yield BlockSize(frames, rate_hz, slowest)
