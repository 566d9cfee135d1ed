"""A sequence of conversions that ADC1 has been started with: when each begins, what each gives."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from host_sim.stm32h750.bus import Bus
from host_sim.stm32h750.outside import ChipPin, Outside
from host_sim.stm32h750.registers import ADC1

CFGR, CFGR2, SMPR1, PCSEL, SQR1 = 0x0C, 0x10, 0x14, 0x1C, 0x30
CHANNEL_PINS: dict[int, ChipPin] = {
    2: ChipPin("F", 11),
    3: ChipPin("A", 6),
    4: ChipPin("C", 4),
    5: ChipPin("B", 1),
    6: ChipPin("F", 12),
    7: ChipPin("A", 7),
    8: ChipPin("C", 5),
    9: ChipPin("B", 0),
    10: ChipPin("C", 0),
    11: ChipPin("C", 1),
    12: ChipPin("C", 2),
    13: ChipPin("C", 3),
    14: ChipPin("A", 2),
    15: ChipPin("A", 3),
    16: ChipPin("A", 0),
    17: ChipPin("A", 1),
    18: ChipPin("A", 4),
    19: ChipPin("A", 5),
}
"""Inputs of ADC1 that are pins of their own; channels 0 and 1 have pads that this chip's lacks."""

_SAMPLING_CYCLES = (1.5, 2.5, 8.5, 16.5, 32.5, 64.5, 387.5, 810.5)
_BITS = {0: 16, 1: 14, 2: 12, 3: 10, 5: 14, 6: 12, 7: 8}
_MOST_RANKS = 16
_OVERSAMPLED, _CONTINUOUS = 1 << 0, 1 << 13


def channels_of(bus: Bus) -> tuple[int, ...]:
    """Channels of the regular sequence, first rank first."""
    length = (bus[ADC1 + SQR1] & 15) + 1
    return tuple(_channel(bus, rank) for rank in range(1, min(length, _MOST_RANKS) + 1))


def bits_of(bus: Bus) -> int:
    """Bits of a single conversion; 0 for a code that is reserved."""
    return _BITS.get(bus[ADC1 + CFGR] >> 2 & 7, 0)


def widest_result(bus: Bus) -> int:
    """The largest number that a conversion can give."""
    samples, right, left = _oversampling(bus)
    return ((1 << bits_of(bus)) - 1) * samples >> right << left


@dataclass(frozen=True, slots=True)
class Scan:
    """What the registers said when it was started, at a moment outside in seconds."""

    channels: tuple[int, ...]
    ends: tuple[float, ...]  # of each rank, in seconds since the start of its sequence
    start: float
    first: int  # conversions before it
    is_continuous: bool
    bits: int
    samples: int
    right_shift: int
    left_shift: int

    @property
    def sequence_s(self) -> float:
        """Seconds from one sequence to the next."""
        return self.ends[-1]

    def finished(self, moment: float) -> int:
        """Count the conversions that are over at a moment."""
        elapsed = moment - self.start
        if elapsed < 0:
            return 0
        if not self.is_continuous:
            return sum(end <= elapsed for end in self.ends)
        sequences, rest = divmod(elapsed, self.sequence_s)
        return int(sequences) * len(self.ends) + sum(end <= rest for end in self.ends)

    def end_of(self, number: int) -> float:
        """The moment at which the n-th conversion is over, from 0."""
        sequence, rank = divmod(number, len(self.ends))
        return self.start + sequence * self.sequence_s + self.ends[rank]

    def code(self, number: int, outside: Outside) -> int:
        """Result of the n-th conversion, of the voltage that was there when it began."""
        sequence, rank = divmod(number, len(self.ends))
        begin = self.start + sequence * self.sequence_s + (self.ends[rank - 1] if rank else 0.0)
        codes = 1 << self.bits
        level = outside.voltage(CHANNEL_PINS[self.channels[rank]], begin)
        total = self.samples * round(level * codes)
        if noise := outside.noise_of(self.first + number, self.samples):
            total = round((level + noise) * codes * self.samples)
        most = self.samples * (codes - 1)
        return min(max(total, 0), most) >> self.right_shift << self.left_shift


def scan_of(bus: Bus, hz: float, start: float, first: int) -> Scan:
    """Read the registers at the start of a scan, `first` conversions after the first of all."""
    channels = channels_of(bus)
    samples, right, left = _oversampling(bus)
    converting = bits_of(bus) / 2 + 0.5
    seconds = [samples * (_sampling(bus, c) + converting) / hz for c in channels]
    return Scan(
        channels=channels,
        ends=tuple(accumulate(seconds)),
        start=start,
        first=first,
        is_continuous=bool(bus[ADC1 + CFGR] & _CONTINUOUS),
        bits=bits_of(bus),
        samples=samples,
        right_shift=right,
        left_shift=left,
    )


def _oversampling(bus: Bus) -> tuple[int, int, int]:
    """Samples that are added up, and by how much the sum is shifted right and left."""
    control = bus[ADC1 + CFGR2]
    left = control >> 28 & 15
    if not control & _OVERSAMPLED:
        return 1, 0, left
    return (control >> 16 & 0x3FF) + 1, control >> 5 & 15, left


def _sampling(bus: Bus, channel: int) -> float:
    register, place = divmod(channel, 10)
    return _SAMPLING_CYCLES[bus[ADC1 + SMPR1 + 4 * register] >> 3 * place & 7]


def _channel(bus: Bus, rank: int) -> int:
    """SQR1 holds the length and four ranks, the others five each."""
    register, place = divmod(rank, 5)
    return bus[ADC1 + SQR1 + 4 * register] >> 6 * place & 31
