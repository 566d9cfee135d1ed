"""What is chosen for one capture: the words of every layer, and where remainders come back."""

from __future__ import annotations

from dataclasses import dataclass

RESIDUAL_SHIFT = 12
"""Bits below the short words of the residual; the same everywhere, for kernels are shared."""

ACTIVATION_SHIFT = 6
HEAD_SHIFT = 5
HEADROOM = 1.25
"""How far short words reach beyond what the calibration makes of them."""

LONG_HEADROOM = 4.0
"""The same of long words, which have bits to spare for playing four times as loud."""

LONG_ACTIVATION_BITS = 26
"""What activations have beyond is the worst case alone; coefficients are the finer for it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Which layers have what; layers are counted through all arrays, from 0."""

    long_convs: frozenset[int] = frozenset()  # the convolution reads 32 bits
    long_denses: frozenset[int] = frozenset((0, 1))  # the 1x1 reads 32 bits
    fed_convs: frozenset[int] = frozenset(range(1, 9))  # what the convolution reads, with feedback
    fed_denses: frozenset[int] = frozenset(range(2, 8))  # what the 1x1 reads, with feedback
    headroom: float = HEADROOM
    residual_shift: int = RESIDUAL_SHIFT
    long_activation_bits: int = 32  # of the long words the 1x1 reads
    activation_shift: int = ACTIVATION_SHIFT
    activation_bits: int = 16  # of the short words the 1x1 reads
    head_shift: int = HEAD_SHIFT

    @property
    def long_residual_bits(self) -> int:
        """Bits of the long words a convolution reads: it saturates where short ones do."""
        return 16 + self.residual_shift

    @property
    def is_long_everywhere(self) -> bool:
        """Whether it is `long_everywhere`."""
        return bool(self.long_convs) and self.long_convs == self.long_denses

    def held_bits(self, layer: int) -> int:
        """Bits of t within which the words of the 1x1 are held."""
        if layer in self.long_denses:
            return self.long_activation_bits
        return self.activation_bits + self.activation_shift

    def feeds_conv(self, layer: int) -> bool:
        """Whether remainders of the residual come back in the next frame."""
        return layer in self.fed_convs and layer not in self.long_convs

    def feeds_dense(self, layer: int) -> bool:
        """Whether remainders of the activation come back in the next frame."""
        return layer in self.fed_denses and layer not in self.long_denses


def long_everywhere(layers: int) -> Setting:
    """Return the setting in which every word is long."""
    everywhere = frozenset(range(layers))
    return Setting(
        long_convs=everywhere,
        long_denses=everywhere,
        fed_convs=frozenset(),
        fed_denses=frozenset(),
        headroom=LONG_HEADROOM,
        long_activation_bits=LONG_ACTIVATION_BITS,
    )
