"""A small valve guitar circuit: two triodes, a coupling capacitor that blocks, a tone network.

    guitar -> input filter -> triode -> coupling capacitor and grid -> triode -> tone -> out

Everything runs at four times the sample rate. Linear parts are applied as their complex frequency
response, so their shape is that of the analogue network; the triodes are static curves solved once
from the load line; only the coupling capacitor is stepped in time, because the grid current that
charges it depends on the voltage it lets through.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

F64: TypeAlias = npt.NDArray[np.float64]
Complex: TypeAlias = npt.NDArray[np.complexfloating[Any, Any]]

SAMPLE_RATE_HZ = 48000
OVERSAMPLING = 4
MARGIN_FRAMES = 9600  # silence around the signal: settles the circuit, keeps the FFT from wrapping

INPUT_CUTOFF_HZ = 9000.0  # grid stopper and Miller capacitance
DIVIDER = 0.5  # volume control between the stages
OUTPUT_VOLTS = 60.0  # what full scale at the output stands for


@dataclass(frozen=True, slots=True)
class Triode:
    """A common-cathode stage: Koren's 1996 triode equation with his constants for a 12AX7."""

    supply_v: float = 300.0
    plate_ohm: float = 100e3
    cathode_ohm: float = 1500.0
    mu: float = 100.0
    exponent: float = 1.4
    kg1: float = 1060.0
    kp: float = 600.0
    kvb: float = 300.0

    def current(self, grid_cathode_v: F64, plate_cathode_v: F64) -> F64:
        """Plate current in ampere, never negative."""
        reach = 1 / self.mu + grid_cathode_v / np.sqrt(self.kvb + plate_cathode_v**2)
        drive = plate_cathode_v / self.kp * np.logaddexp(0.0, self.kp * reach)
        return 2 * np.maximum(drive, 0.0) ** self.exponent / self.kg1

    def plate(self, grid_v: F64) -> F64:
        """Plate voltage per grid voltage (both against ground), by bisection on the current."""
        low = np.zeros_like(grid_v)
        high = np.full_like(grid_v, self.supply_v / (self.plate_ohm + self.cathode_ohm))
        for _ in range(60):
            middle = (low + high) / 2
            cathode = middle * self.cathode_ohm
            plate = self.supply_v - middle * self.plate_ohm
            wants_more = self.current(grid_v - cathode, plate - cathode) > middle
            low, high = np.where(wants_more, middle, low), np.where(wants_more, high, middle)
        return self.supply_v - low * self.plate_ohm


@dataclass(frozen=True, slots=True)
class Coupling:
    """The capacitor between the stages and the grid it drives.

    The grid leaks through `leak_ohm` and conducts above `knee_v` through `grid_ohm`; `softness_v`
    rounds the knee. Conduction charges the capacitor, so a loud note shifts the bias behind it.
    """

    farad: float = 10e-9
    source_ohm: float = 47e3
    leak_ohm: float = 220e3
    grid_ohm: float = 6e3
    knee_v: float = 0.5
    softness_v: float = 0.25

    def grid(self, source_v: F64, rate_hz: float) -> F64:
        """Grid voltage for a source voltage, both (frames,).

        Per frame the current balance at the grid, `(e - v)/source = v/leak + u/grid` with the
        rounded knee `v - knee = u - softness**2/u`, is a quadratic in u.
        """
        slope = 1 / self.source_ohm + 1 / self.leak_ohm
        total = slope + 1 / self.grid_ohm
        rounding = 4 * total * slope * self.softness_v**2
        per_volt = 1 / (rate_hz * self.farad * self.source_ohm)
        charge = 0.0
        out = []
        for volts in source_v.tolist():
            drop = volts - charge
            a = drop / self.source_ohm - slope * self.knee_v
            u = (a + math.sqrt(a * a + rounding)) / (2 * total)
            grid = self.knee_v + (a - u / self.grid_ohm) / slope
            charge += (drop - grid) * per_volt
            out.append(grid)
        return np.array(out)


def input_filter(s: Complex) -> Complex:
    """One pole at `INPUT_CUTOFF_HZ`."""
    return 1 / (1 + s / (2 * math.pi * INPUT_CUTOFF_HZ))


def tone_network(s: Complex) -> Complex:
    """Output capacitor, a treble-bleed tone control, and the roll-off of a small loudspeaker.

    The control is a divider: 100 kohm bridged by 470 pF above; 220 kohm beside 22 kohm in series
    with 4.7 nF below.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        above = 1 / (1 / 100e3 + s * 470e-12)
        below = 1 / (1 / 220e3 + 1 / (22e3 + 1 / (s * 4.7e-9)))
        divider = below / (above + below)
    divider[s == 0] = 220e3 / 320e3
    blocking = s / (s + 2 * math.pi * 60.0)
    corner = 2 * math.pi * 5000.0
    speaker = 1 / (1 + s / (0.8 * corner) + (s / corner) ** 2)
    return blocking * divider * speaker


@cache
def transfer_curve() -> tuple[F64, F64]:
    """The plate's swing around its idle voltage, tabulated against grid volts."""
    grid = np.linspace(-40.0, 10.0, 20001)
    plate = Triode().plate(grid)
    return grid, plate - np.interp(0.0, grid, plate)


def stage(grid_v: F64) -> F64:
    """Plate volts around idle; the stage inverts."""
    return np.interp(grid_v, *transfer_curve())


def filtered(x: F64, rate_hz: float, response: Callable[[Complex], Complex]) -> F64:
    """`x` through an analogue frequency response given as a function of s = j*omega."""
    s = 2j * np.pi * np.fft.rfftfreq(x.size, 1 / rate_hz)
    return np.fft.irfft(np.fft.rfft(x) * response(s), x.size)


def oversample(x: F64) -> F64:
    """Band-limited interpolation to `OVERSAMPLING` times the rate."""
    size = x.size * OVERSAMPLING
    return np.fft.irfft(np.fft.rfft(x) * OVERSAMPLING, size)


def decimate(x: F64) -> F64:
    """Back to the base rate, everything above its Nyquist frequency removed."""
    size = x.size // OVERSAMPLING
    return np.fft.irfft(np.fft.rfft(x)[: size // 2 + 1], size) / OVERSAMPLING


def simulate(guitar: F64) -> F64:
    """The circuit's output for a mono signal at 48 kHz, shape (frames,) in and out.

    Full scale at the input is 1 V at the jack; at the output it is `OUTPUT_VOLTS`. The circuit has
    been idle long before the first frame.
    """
    rate_hz = SAMPLE_RATE_HZ * OVERSAMPLING
    even = guitar.size % 2
    padded = np.pad(np.asarray(guitar, np.float64), (MARGIN_FRAMES, MARGIN_FRAMES + even))
    first = stage(filtered(oversample(padded), rate_hz, input_filter))
    second = stage(Coupling().grid(DIVIDER * first, rate_hz))
    volts = decimate(filtered(second, rate_hz, tone_network))
    return volts[MARGIN_FRAMES : MARGIN_FRAMES + guitar.size] / OUTPUT_VOLTS
