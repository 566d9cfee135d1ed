"""How each revision of the Daisy Seed wires its codec, and how firmware can tell them apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Board = Literal["seed_rev4", "seed_1_1", "seed2_dfm", "seed_1_2", "seed3"]


@dataclass(frozen=True, slots=True)
class Wiring:
    """A board: its strap, its codec and the words that codec exchanges.

    `strap` is the pin tied to ground. `reset_pin` is a codec's reset, active low. The codec sends
    to SAI1 B unless `sends_to_a`. Words are 24 bits right-aligned, or 32 bits left-aligned.
    """

    codec: str
    strap: tuple[str, int] | None = None
    reset_pin: tuple[str, int] | None = None
    sends_to_a: bool = False
    data_bits: int = 24
    right_first: bool = False
    i2c_address: int | None = None


WIRING: dict[Board, Wiring] = {
    "seed_rev4": Wiring("AK4556", reset_pin=("B", 11)),
    "seed_1_1": Wiring("WM8731", strap=("D", 3), sends_to_a=True, i2c_address=0x1A),
    "seed2_dfm": Wiring("PCM3060", strap=("D", 4)),
    "seed_1_2": Wiring("PCM3060", strap=("D", 5), reset_pin=("B", 11)),
    "seed3": Wiring("TAC5242", strap=("H", 6), data_bits=32, right_first=True),
}
