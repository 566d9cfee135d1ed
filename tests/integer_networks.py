"""Small integer networks of every form, with random numbers in them that no sum wraps for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from namgen.fixed.ir import (
    I32,
    Dense,
    IntegerActivation,
    IntegerArray,
    IntegerHead,
    IntegerLayer,
    IntegerNetwork,
    LongTanh,
    Slopes,
    Word,
)
from namgen.fixed.quantise.tanh_tables import short_tanh


@dataclass(frozen=True, slots=True)
class LayerForm:
    """What one layer is made of."""

    short: bool = True
    dense_short: bool = True
    feedback: bool = True
    activation: str = "slopes"  # long tanh, short tanh
    kernel_size: int = 3
    dilation: int = 2
    carry: bool = True
    skip: bool = True
    drop: int = 0  # of t onto the head sum, and of the 1x1's sum onto the residual


@dataclass(frozen=True, slots=True)
class Form:
    """What a network is made of: per array its width and its layers."""

    widths: tuple[int, ...]
    layers: tuple[tuple[LayerForm, ...], ...]
    head_kernel: int = 1
    head_shift: int = 0
    taps: bool = False  # of the heads between arrays too


A2 = Form((4,), ((LayerForm(dense_short=False),) + (LayerForm(kernel_size=6),) * 3,), 5, 3)
MIXED = Form((5,), ((LayerForm(short=False), LayerForm(), LayerForm(short=False)),), 2, 1)
_TANH = LayerForm(short=False, dense_short=False, activation="long tanh", carry=False, skip=False)
A1 = Form((4, 2), ((_TANH,) * 3, (_TANH,) * 2))
_SHORT = LayerForm(activation="short tanh", feedback=False, carry=False, skip=False, drop=5)
SHORT_TANH = Form((4, 3), ((_SHORT,) * 3, (_SHORT,) * 2))
TAPS = Form((4, 2), ((_SHORT,) * 2, (_SHORT,) * 2), head_kernel=3, taps=True)
_NARROW = LayerForm(kernel_size=1)
WIDE = Form((18,), ((_NARROW,) * 3,), head_kernel=2, head_shift=1)
WIDE_TANH = Form((18, 20), ((_SHORT,) * 2, (_SHORT,) * 2), head_kernel=3, taps=True)
SMALL_A1 = Form((2, 1), ((_TANH,) * 2, (_TANH,)))
FORMS = {"a2": A2, "mixed": MIXED, "a1": A1, "short tanh": SHORT_TANH}


def random_network(form: Form, seed: int = 1) -> IntegerNetwork:
    """Numbers at random, of sizes that keep every sum within 32 bits."""
    random = np.random.default_rng(seed)
    arrays = []
    for index, (width, layers) in enumerate(zip(form.widths, form.layers, strict=True)):
        last = index == len(form.widths) - 1
        out = 1 if last else form.widths[index + 1]
        before = form.widths[index - 1] if index else None
        made = tuple(
            _layer(
                random, layer, width, first=index == at == 0, last=last and at == len(layers) - 1
            )
            for at, layer in enumerate(layers)
        )
        head = IntegerHead(
            _numbers(random, (out, width, form.head_kernel if last or form.taps else 1), 27),
            _numbers(random, (out,), 20),
            form.head_shift if last else 0,
        )
        rechannel = None if before is None else _numbers(random, (width, before), 29)
        arrays.append(IntegerArray(rechannel, made, head))
    return IntegerNetwork(tuple(arrays), np.float32(2.0**-24))


def _layer(
    random: np.random.Generator, form: LayerForm, width: int, *, first: bool, last: bool
) -> IntegerLayer:
    word = None if first else _word(random, form, width, short=form.short, shift=9)
    long = first or not form.short
    inputs = 1 if first else width
    dense = Dense(
        _word(random, form, width, short=form.dense_short, shift=16 if form.drop else 6),
        _numbers(random, (width, width), 12 if form.dense_short else 28),
        form.drop,
    )
    return IntegerLayer(
        word=word,
        weight=_numbers(random, (width, inputs, form.kernel_size), 28 if long else 10),
        dilation=form.dilation,
        bias=_numbers(random, (width,), 24),
        mixin=_numbers(random, (width,), 28),
        activation=_activation(random, form.activation, width),
        skip=_numbers(random, (width,), 30) if form.skip else None,
        carry=_numbers(random, (width,), 27) if form.carry or first else None,
        dense=None if last else dense,
        drop=form.drop,
    )


def _word(
    random: np.random.Generator, form: LayerForm, width: int, *, short: bool, shift: int
) -> Word:
    if not short:
        return Word(bits=28, left=4 if shift == 9 else 0)
    whole = (1 << shift) - (1 << max(shift - 8, 0))
    masks = np.where(random.random(width) < 0.75, whole, 0).astype(np.int32)
    return Word(bits=16, shift=shift, masks=masks if form.feedback else None)


def _activation(random: np.random.Generator, kind: str, width: int) -> IntegerActivation:
    if kind == "slopes":
        scale = random.integers(1 << 28, 1 << 30, width)
        return Slopes(scale.astype(np.int32), (-0.99 * scale).astype(np.int32))
    if kind == "long tanh":
        nodes = np.arange(-1024, 1026) / 128
        values = np.round(np.tanh(nodes) * 2.0**24).astype(np.int32)
        return LongTanh(24, values[:-1], np.diff(values))
    return short_tanh(26 if width % 2 else 19)


def _numbers(random: np.random.Generator, shape: tuple[int, ...], bits: int) -> I32:
    """Numbers of both signs with so many bits, some of them 0 or at an end."""
    limit = (1 << (bits - 1)) - 1
    numbers = random.integers(-limit, limit + 1, shape)
    return np.where(random.random(shape) < 0.1, 0, numbers).astype(np.int32)
