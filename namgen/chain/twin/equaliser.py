"""Bass, middle, treble: `firmware/chain/equaliser.c`."""

from __future__ import annotations

import numpy as np

from namgen.arithmetic import F32
from namgen.chain.equaliser import BANDS, POSITIONS, Band, table
from namgen.chain.step import STEP_FRAMES, knob_travel_per_step
from namgen.chain.twin.knob import Knob, Place, between, place_of
from namgen.chain.twin.scalar import fma, single

FLAT = 0.5


class Filter:
    """One band, with its knob."""

    def __init__(self, band: Band, sample_rate_hz: int) -> None:
        self.knob = Knob(FLAT, knob_travel_per_step(sample_rate_hz))
        self._rows = table(band, sample_rate_hz).tolist()
        self._is_bell = band.shape == "bell"
        self.reset()

    def reset(self) -> None:
        """To silence, the knob where it was set."""
        self.knob.jump()
        self._s1 = self._s2 = 0.0
        self._turn_knob()

    def process(self, samples: F32) -> F32:
        """Filter whole steps, (frames,)."""
        out: list[float] = []
        filtered = self._ring if self._is_bell else self._shelve
        for step in samples.reshape(-1, STEP_FRAMES).tolist():
            if self.knob.moves:
                self.knob.follow()
                self._turn_knob()
            out += map(filtered, step)
        return np.array(out, np.float32)

    def _turn_knob(self) -> None:
        place = _row_of(self.knob)
        pairs = zip(self._rows[place.row], self._rows[place.row + 1], strict=True)
        self.coefficients = [between(before, after, place.fraction) for before, after in pairs]

    def _shelve(self, x: float) -> float:
        a11, b1, b2, direct, first, second = self.coefficients
        y = fma(second, self._s2, fma(first, self._s1, single(direct * x)))
        self._advance(x, a11, b1, b2)
        return y

    def _ring(self, x: float) -> float:
        a11, b1, b2, band = self.coefficients
        half = fma(band, self._s1, x)
        self._advance(x, a11, b1, b2)
        return fma(band, self._s1, half)

    def _advance(self, x: float, a11: float, b1: float, b2: float) -> None:
        e = single(x - self._s2)
        s2 = fma(b2, e, fma(b1, self._s1, self._s2))
        self._s1 = fma(b1, e, fma(a11, self._s1, self._s1))
        self._s2 = s2


def _row_of(knob: Knob) -> Place:
    """See `row_of`: flat stands in the table twice."""
    place = place_of(knob.position, POSITIONS)
    return Place(place.row + (place.row >= POSITIONS // 2), place.fraction)


class Equaliser:
    """The three filters, one behind the other."""

    def __init__(self, sample_rate_hz: int) -> None:
        self.filters = {band.name: Filter(band, sample_rate_hz) for band in BANDS}

    def reset(self) -> None:
        """See `equaliser_reset`."""
        for band in self.filters.values():
            band.reset()

    def process(self, samples: F32) -> F32:
        """See `equaliser_process`."""
        for band in self.filters.values():
            samples = band.process(samples)
        return samples
