"""The integer network: what a fixed-point model computes, with no C and no target.

Every number is an int32 and every step one instruction of a Cortex-M7. What they are called here:

    high(a, b)      = (a * b + 2^31) >> 32          SMMULR; added to a sum it is SMMLAR
    clip(v, bits)   = v held within a signed number of so many bits        SSAT
    short products  = two 16-bit products added to a sum                    SMLAD

A sum of integers is the same in any order, so no order is written down. No sum wraps, whatever
the input is: `namgen.fixed.bounds` proves it of every network that is made.

One frame, `x` being the input with `INPUT_BITS` fractional bits:

    x = trunc(sample * 2^30), held within 32 bits; NaN and infinities are 0

    for every array, for every layer in it, per channel:
        q = word(r)                                        what the convolution reads; x itself
                                                           where the layer has no word
        z = bias + high(mixin, x) + sum over taps and inputs of weight * q   (short words)
                                  + sum over taps and inputs of high(weight, q)    (long words, x)
        t = activation(z)
        h = h + high(skip, t)                              h + (t >> drop) where skip is None
        a = dense.word(t)
        r = r + high(carry, r) + (sum of dense.weight * a >> dense.drop)            (short words)
                               + sum of high(dense.weight, a)                       (long words)
    head = head.bias + sum over taps and channels of high(head.weight, h << head.shift)

    sample out = float32(head) * gain

The head's output of an array begins the sum `h` of the next one, and its residual `r` enters the
next one as the sum of high(rechannel, r). In the first layer of all `r` begins as high(carry, x).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

I32: TypeAlias = npt.NDArray[np.int32]

INPUT_BITS = 30
"""Fractional bits of the input: samples from -2 up to 2."""

SHORT_BITS = 16

MOST_CHANNELS = 126
"""Of a layer: what is kept of four frames lies within the reach of an instruction."""


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """What products read of a 32-bit number.

    Short (16 bits or less): `clip((v + e) >> shift, bits)`; two channels share a register. Long
    (more bits): `clip(v, bits) << left`, which is v itself at 32; it has no feedback. A coefficient
    of long words is less than 1/2: a word that is moved to the left is read as finely as sums are.

    Feedback, per channel: what the shift cuts off, as far as the mask keeps it, comes back in the
    next frame: `e = (v + e) & mask`. A mask is 0 or has all bits from some bit up to `shift`. The
    remainder of a resting network is 0 under its masks, so that e is 0 at reset and in silence.
    """

    bits: int = 32
    shift: int = 0
    masks: I32 | None = None  # (channels,); None: no feedback in any channel
    left: int = 0  # of a long word: bits and left are 32 together

    @property
    def is_short(self) -> bool:
        """Whether two of them share a register."""
        return self.bits <= SHORT_BITS


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """LeakyReLU, ReLU, PReLU, and a new step: `t = high(z, scale) + high(min(z, 0), bend)`.

    scale = step of z / step of t * 2^32; bend = (slope below 0 - 1) * scale.
    """

    scale: I32  # (out,)
    bend: I32  # (out,)


@dataclass(frozen=True, slots=True, eq=False)
class LongTanh:
    """The hyperbolic tangent, from 32 bits to 32 bits, by straight lines about multiples of 1/128.

    u = clip(z, fraction_bits + 4), so from -8 up to 8
    row = (u + 2^(fraction_bits - 8)) >> (fraction_bits - 7)
    t = values[row + 1024] + high(slopes[row + 1024], u << (39 - fraction_bits))

    The shift to the left drops what is above the fraction; what remains is the signed distance
    from the row.
    """

    fraction_bits: int  # of z; 8 to 28
    values: I32  # (2049,)
    slopes: I32  # (2049,) rise per row, from row to row


@dataclass(frozen=True, slots=True, eq=False)
class ShortTanh:
    """The hyperbolic tangent by straight lines between multiples of 1/64, of 16 bits.

    u = clip(z >> shift, 25), which has 21 fractional bits; where shift is below 0
        clip(z, 25 + shift) << -shift
    word = rows[(u >> 15) + 512], a value in its upper half, a slope in its lower one
    t = word + low(word) * low(u)

    low(v) is the lower half of v as a signed number; the last line is one SMLABB. From an even row
    low(u) is the distance from its beginning, from an odd one that from its end, below 0: the value
    is that of the place where two such rows meet. t has 31 fractional bits, so its upper half is a
    word of 16 bits already.
    """

    shift: int
    rows: I32  # (1024,)


IntegerActivation: TypeAlias = Slopes | LongTanh | ShortTanh


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    """The layer's 1x1 onto the residual."""

    word: Word
    weight: I32  # (channels, bottleneck); 16 bits where words are short
    drop: int = 0  # of the sum of short products to the right: the weights are finer than r


@dataclass(frozen=True, slots=True, eq=False)
class IntegerLayer:
    """One layer; the formula is at the top of the module."""

    word: Word | None  # of the residual; None: the convolution reads x itself
    weight: I32  # (out, in, kernel), tap 0 oldest; 16 bits where words are short
    dilation: int
    bias: I32  # (out,)
    mixin: I32  # (out,)
    activation: IntegerActivation
    skip: I32 | None  # (out,); None: t enters the head sum as it is, or shifted
    carry: I32 | None  # (channels,); None: r stays as it is
    dense: Dense | None  # None: nobody reads the residual behind this layer
    drop: int = 0  # of t to the right, where skip is None

    @property
    def rows(self) -> int:
        """Channels of z, t and the head sum."""
        return int(self.weight.shape[0])

    @property
    def inputs(self) -> int:
        """Channels the convolution reads."""
        return int(self.weight.shape[1])

    @property
    def kernel_size(self) -> int:
        """Number of taps."""
        return int(self.weight.shape[2])

    @property
    def lookback(self) -> int:
        """Frames of history needed before the current one."""
        return (self.kernel_size - 1) * self.dilation

    @property
    def reads_input(self) -> bool:
        """Whether the convolution reads x itself: the first layer of all."""
        return self.word is None


@dataclass(frozen=True, slots=True, eq=False)
class IntegerHead:
    """The convolution over the head sum, of long words."""

    weight: I32  # (out, width, kernel), tap 0 oldest
    bias: I32  # (out,)
    shift: int  # of the head sum to the left, before the products

    @property
    def kernel_size(self) -> int:
        """Number of taps."""
        return int(self.weight.shape[2])


@dataclass(frozen=True, slots=True, eq=False)
class IntegerArray:
    """A run of layers of one width, and the head over their sum."""

    rechannel: I32 | None  # (channels, channels before), long; None: the first array
    layers: tuple[IntegerLayer, ...]
    head: IntegerHead


@dataclass(frozen=True, slots=True, eq=False)
class IntegerNetwork:
    """Arrays in series, one sample in, one sample out."""

    arrays: tuple[IntegerArray, ...]
    gain: np.float32  # of one unit of the last head
