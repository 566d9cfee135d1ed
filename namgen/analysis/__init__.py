"""What a capture does to a signal, in numbers: each way to look at it is a file here.

Whoever asks brings a `Player`: the generated C, the reference, or anything else that sounds.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from namgen.analysis.bench import Bench, Player
from namgen.analysis.decay import Decay, decay_of
from namgen.analysis.distortion import (
    Alias,
    Harmonics,
    Product,
    aliases_of,
    harmonics_of,
    products_of,
)
from namgen.analysis.gain import Reach, Response, reaches_of, responses_of
from namgen.analysis.noise import Noise, noise_of

__all__ = ["Bench", "Player", "Sounding", "sounding_of"]


@dataclass(frozen=True, slots=True)
class Sounding:
    """How one capture sounds; levels in dB are those of a sine, 0 dB reaching full scale."""

    curve: tuple[Reach, ...]
    responses: tuple[Response, ...]
    harmonics: tuple[Harmonics, ...]
    intermodulation: tuple[Product, ...]
    aliases: tuple[Alias, ...]
    noise: Noise
    decay: Decay

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values."""
        return asdict(self)


def sounding_of(player: Player, rate_hz: int) -> Sounding:
    """Play sines, noise and silence to a player, and look at what comes back.

    `player` takes and gives (frames,) float32, from the start state on every time.
    """
    bench = Bench(player, rate_hz)
    return Sounding(
        reaches_of(bench),
        responses_of(bench),
        harmonics_of(bench),
        products_of(bench),
        aliases_of(bench),
        noise_of(bench),
        decay_of(bench),
    )
