"""Integer networks of chance, in every form that kernels have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from namgen.arithmetic import F32
from namgen.fixed.ir import (
    I32,
    Dense,
    IntegerArray,
    IntegerHead,
    IntegerLayer,
    IntegerNetwork,
    Slopes,
    Word,
)
from namgen.fixed.quantise.tanh_tables import long_tanh
from namgen.fixed.reference import FixedReference
from namgen.ir import Conv1d, Linear, Model
from namgen.plan.program import SelfTest

A2_KERNELS = (6,) * 14 + (15, 15) + (6,) * 7
A2_DILATIONS = (1, 3, 7, 17, 41, 101, 239) * 2 + (1, 13) + (1, 3, 7, 17, 41, 101, 239)

SHORT_RESIDUAL = Word(16, 12)
SHORT_ACTIVATION = Word(16, 6)
LONG = Word(32)


def chance_network(
    kernels: Sequence[int],
    dilations: Sequence[int],
    *,
    channels: int = 8,
    long_dense: Sequence[int] = (0, 1),
    long_reads: Sequence[int] = (),
    long_word: Word = LONG,
    fed_back: Sequence[int] = (),
    carries: bool = True,
    head_kernel: int = 16,
    seed: int = 1,
) -> IntegerNetwork:
    """Return a network like an A2; layers by number have long words or feedback."""
    chance = np.random.default_rng(seed)

    def numbers(limit: float, *shape: int) -> I32:
        return chance.integers(-int(limit), int(limit), shape).astype(np.int32)

    def word(number: int, plain: Word, long: Sequence[int]) -> Word:
        if number in long or number not in fed_back:
            return long_word if number in long else plain
        return replace(plain, masks=_masks(chance, plain, channels))

    def layer(number: int) -> IntegerLayer:
        kernel, last = kernels[number], number == len(kernels) - 1
        reads = word(number, SHORT_RESIDUAL, long_reads) if number else None
        inputs = channels if number else 1
        limit = 2**29 / kernel / inputs / (32768 if reads and reads.is_short else 4)
        dense_word = word(number, SHORT_ACTIVATION, long_dense)
        dense_limit = 800 if dense_word.is_short else 2**30
        return IntegerLayer(
            word=reads,
            weight=numbers(limit, channels, inputs, kernel),
            dilation=dilations[number],
            bias=numbers(2**20, channels),
            mixin=numbers(2**28, channels),
            activation=Slopes(numbers(2**25, channels) + 2**25, numbers(2**25, channels)),
            skip=numbers(2**27, channels),
            carry=numbers(2**28, channels) if carries or not number else None,
            dense=None if last else Dense(dense_word, numbers(dense_limit, channels, channels)),
        )

    layers = tuple(layer(number) for number in range(len(kernels)))
    head = _head(chance, channels, head_kernel)
    return IntegerNetwork((IntegerArray(None, layers, head),), np.float32(2.0**-24))


def _head(chance: np.random.Generator, channels: int, kernel_size: int) -> IntegerHead:
    weight = chance.integers(-(2**27), 2**27, (1, channels, kernel_size)).astype(np.int32)
    return IntegerHead(weight, chance.integers(-(2**20), 2**20, 1).astype(np.int32), 3)


def _masks(chance: np.random.Generator, word: Word, channels: int) -> I32:
    return np.where(chance.random(channels) < 0.2, 0, (1 << word.shift) - 1).astype(np.int32)


def a2_network(*, seed: int = 1) -> IntegerNetwork:
    """Return a network with the shapes of A2-Full in the recommended setting."""
    network = chance_network(A2_KERNELS, A2_DILATIONS, seed=seed)
    (array,) = network.arrays
    layers = tuple(_recommended(number, layer) for number, layer in enumerate(array.layers))
    return replace(network, arrays=(replace(array, layers=layers),))


def _recommended(number: int, layer: IntegerLayer) -> IntegerLayer:
    """Feed the words of layers 1 to 8 back, and the activations of 2 to 7."""
    if layer.word and 1 <= number <= 8:
        layer = replace(layer, word=replace(layer.word, masks=np.full(8, 0xFF0, np.int32)))
    if layer.dense and 2 <= number <= 7:
        word = replace(layer.dense.word, masks=np.full(8, 63, np.int32))
        layer = replace(layer, dense=replace(layer.dense, word=word))
    return layer


def tanh_network(*, seed: int = 9) -> IntegerNetwork:
    """Return a network like a small A1: two arrays of four and two channels, tanh, long words."""
    chance = np.random.default_rng(seed)
    curve = long_tanh(24, 26)

    def numbers(limit: float, *shape: int) -> I32:
        return chance.integers(-int(limit), int(limit), shape).astype(np.int32)

    def layer(channels: int, number: int, *, first: bool, last: bool) -> IntegerLayer:
        return IntegerLayer(
            word=None if first else Word(),
            weight=numbers(2**27, channels, 1 if first else channels, 3),
            dilation=2**number,
            bias=numbers(2**22, channels),
            mixin=numbers(2**27, channels),
            activation=curve,
            skip=None,
            carry=numbers(2**30, channels) if first else None,
            dense=None if last else Dense(Word(), numbers(2**30, channels, channels)),
        )

    four = tuple(layer(4, number, first=number == 0, last=False) for number in range(4))
    two = tuple(layer(2, number, first=False, last=number == 2) for number in range(3))
    inner = IntegerHead(numbers(2**29, 2, 4, 1), numbers(2**20, 2), 1)
    outer = IntegerHead(numbers(2**29, 1, 2, 1), numbers(2**20, 1), 2)
    arrays = (
        IntegerArray(None, four, inner),
        IntegerArray(numbers(2**30, 2, 4), two, outer),
    )
    return IntegerNetwork(arrays, np.float32(2.0**-26))


def self_test_of(network: IntegerNetwork, frames: int = 16) -> SelfTest:
    """Return the first frames of noise and what comes out of them."""
    samples = np.random.default_rng(7).uniform(-1, 1, frames).astype(np.float32)
    out = FixedReference(network).process(samples[None])[0]
    return SelfTest(samples, out.view(np.uint32), frames)


def model_of(name: str = "chance") -> Model:
    """Return the model that a network is said to be of; only its provenance is used."""
    return Model(
        name=name,
        source=f"{name}.nam",
        sha256="0" * 64,
        sample_rate_hz=48_000,
        network=Linear(Conv1d(np.ones((1, 1, 1), np.float32))),
    )


def noise(frames: int, seed: int = 3, level: float = 0.9) -> F32:
    """Return white noise."""
    return np.random.default_rng(seed).uniform(-level, level, frames).astype(np.float32)
