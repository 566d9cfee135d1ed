"""The integer reference: the same numbers as a processor that takes one instruction at a time."""

from __future__ import annotations

import random as stdlib_random
from dataclasses import replace

import numpy as np
import pytest
from integer_networks import A2, FORMS, LayerForm, random_network

from namgen.arithmetic import F32
from namgen.fixed.ir import (
    IntegerActivation,
    IntegerLayer,
    IntegerNetwork,
    LongTanh,
    ShortTanh,
    Slopes,
    Word,
)
from namgen.fixed.operations import I64, checked, clip, enter, high, wrapped
from namgen.fixed.reference import FixedReference, settled


def s32(v: int) -> int:
    return ((v + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)


def smmlar(a: int, b: int, c: int) -> int:
    return s32(c + ((a * b + (1 << 31)) >> 32))


def smlad(a: int, b: int, c: int) -> int:
    """One of the two products at a time."""
    assert max(abs(a), abs(b)) <= 32768
    return s32(c + a * b)


def half(v: int) -> int:
    return ((v + (1 << 15)) & 0xFFFF) - (1 << 15)


def ssat(v: int, bits: int) -> int:
    return max(-(1 << (bits - 1)), min((1 << (bits - 1)) - 1, v))


class Processor:
    """The network one frame after the other, one instruction after the other."""

    def __init__(self, network: IntegerNetwork) -> None:
        self.network = network
        self.rests = settled(network)
        self.past = {
            (a, i): [rest.layers[i].tolist()] * (layer.lookback + 1)
            for a, rest in enumerate(self.rests)
            for i, layer in enumerate(network.arrays[a].layers)
        }
        self.heads = {
            a: [rest.head.tolist()] * network.arrays[a].head.kernel_size
            for a, rest in enumerate(self.rests)
        }
        self.remainders: dict[tuple[int, int, str, int], int] = {}

    def frame(self, x: int) -> int:
        residual, head = [x], [0] * self.network.arrays[0].layers[0].rows
        for a, array in enumerate(self.network.arrays):
            if array.rechannel is not None:
                residual = [self.long(row.tolist(), residual, 0) for row in array.rechannel]
            for i, layer in enumerate(array.layers):
                residual, head = self.layer(a, i, layer, x, residual, head)
            read = [s32(h << array.head.shift) for h in head]
            self.heads[a] = [*self.heads[a][1:], read]
            head = [
                self.taps(array.head.weight[o], 1, self.heads[a], int(array.head.bias[o]), False)
                for o in range(array.head.weight.shape[0])
            ]
        return head[0]

    def layer(
        self,
        a: int,
        i: int,
        layer: IntegerLayer,
        x: int,
        residual: list[int],
        head: list[int],
    ) -> tuple[list[int], list[int]]:
        word = layer.word
        read = [x] if word is None else self.words((a, i, "r"), word, residual)
        self.past[a, i] = [*self.past[a, i][1:], read]
        short = word is not None and word.bits == 16
        residual, head, activated = list(residual), list(head), []
        for o in range(layer.rows):
            z = smmlar(int(layer.mixin[o]), x, int(layer.bias[o]))
            z = self.taps(layer.weight[o], layer.dilation, self.past[a, i], z, short)
            t = activation(layer.activation, o, z)
            more = t >> layer.drop if layer.skip is None else smmlar(t, int(layer.skip[o]), 0)
            head[o] = s32(head[o] + more)
            activated.append(t)
        if layer.dense is None:
            return residual, head
        a_words = self.words((a, i, "a"), layer.dense.word, activated)
        made = []
        for c in range(layer.dense.weight.shape[0]):
            if word is None and layer.carry is not None:
                r = smmlar(int(layer.carry[c]), x, 0)
            elif layer.carry is not None:
                r = smmlar(int(layer.carry[c]), residual[c], residual[c])
            else:
                r = residual[c]
            weights = layer.dense.weight[c].tolist()
            if layer.dense.word.bits == 16:
                products = 0
                for w, v in zip(weights, a_words, strict=True):
                    products = smlad(w, v, products)
                r = s32(r + (products >> layer.dense.drop))
            else:
                r = self.long(weights, a_words, r)
            made.append(r)
        return made, head

    def words(self, place: tuple[int, int, str], word: Word, values: list[int]) -> list[int]:
        out = []
        for c, v in enumerate(values):
            if word.bits != 16:
                out.append(s32(ssat(v, word.bits) << word.left))
                continue
            if word.masks is not None:
                total = s32(v + self.remainders.get((*place, c), 0))
                self.remainders[(*place, c)] = total & int(word.masks[c])
                out.append(ssat(total >> word.shift, 16))
                continue
            out.append(ssat(v >> word.shift, 16))
        return out

    @staticmethod
    def taps(weight: I64, dilation: int, past: list[list[int]], start: int, short: bool) -> int:
        inputs, kernel_size = weight.shape
        for k in range(kernel_size):
            read = past[-1 - (kernel_size - 1 - k) * dilation]
            for i in range(inputs):
                start = (smlad if short else smmlar)(int(weight[i, k]), read[i], start)
        return start

    @staticmethod
    def long(weights: list[int], values: list[int], start: int) -> int:
        for w, v in zip(weights, values, strict=True):
            start = smmlar(w, v, start)
        return start


def activation(curve: IntegerActivation, o: int, z: int) -> int:
    match curve:
        case Slopes():
            scaled = smmlar(z, int(curve.scale[o]), 0)
            return smmlar(z & (z >> 31), int(curve.bend[o]), scaled)
        case LongTanh():
            bits = curve.fraction_bits
            u = ssat(z, bits + 4)
            row = ((u + (1 << (bits - 8))) >> (bits - 7)) + 1024
            return smmlar(int(curve.slopes[row]), s32(u << (39 - bits)), int(curve.values[row]))
        case ShortTanh():
            u = ssat(z >> max(curve.shift, 0), 25 + min(curve.shift, 0)) << max(-curve.shift, 0)
            row = int(curve.rows[(u >> 15) + 512])
            return smlad(half(row), half(u), row)


def noise(frames: int, seed: int = 3, size: float = 1.0) -> F32:
    return (size * np.random.default_rng(seed).uniform(-1, 1, (1, frames))).astype(np.float32)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [1.0, 1e-4, 40.0])
def test_it_is_what_a_processor_computes_one_instruction_at_a_time(form: str, size: float) -> None:
    network = random_network(FORMS[form])
    x, processor = noise(150, size=size), Processor(network)
    heads = np.array([processor.frame(int(v)) for v in enter(x)[0]])
    expected = heads.astype(np.float32) * network.gain
    assert np.array_equal(FixedReference(network).process(x)[0], expected)
    assert np.ptp(expected) > 0


@pytest.mark.parametrize("form", FORMS)
def test_the_partition_into_calls_changes_nothing(form: str) -> None:
    network = random_network(FORMS[form], seed=2)
    x, parts = noise(5000, seed=4), FixedReference(network)
    cuts = stdlib_random.Random(1)
    out, at = [], 0
    while at < x.shape[1]:
        frames = cuts.choice([0, 1, 2, 47, 48, 300])
        out.append(parts.process(x[:, at : at + frames]))
        at += frames
    assert np.array_equal(np.concatenate(out, axis=1), FixedReference(network).process(x))


@pytest.mark.parametrize("form", FORMS)
def test_a_reset_goes_back_to_the_start(form: str) -> None:
    reference = FixedReference(random_network(FORMS[form]))
    first = reference.process(noise(400))
    reference.reset()
    assert np.array_equal(reference.process(noise(400)), first)


def test_it_starts_as_silence_leaves_it() -> None:
    network = random_network(FORMS["a1"])
    silent = FixedReference(network).process(np.zeros((1, 300), np.float32))
    assert np.ptp(silent) == 0
    assert silent[0, 0] != 0


def test_feedback_keeps_the_mean_of_what_is_cut_off() -> None:
    """A constant between two steps comes out as that constant, on the average."""
    network = random_network(A2)
    layer = network.arrays[0].layers[1]
    word = Word(16, 9, np.full(4, 511 & ~1, np.int32))
    plain = replace(layer, word=replace(word, masks=None))
    without = with_layer(network, 1, plain)
    fed = with_layer(network, 1, replace(layer, word=word))
    x = np.full((1, 4000), 1e-3, np.float32)
    a, b = (FixedReference(n).process(x)[0, 1000:] for n in (without, fed))
    assert len(np.unique(a)) < len(np.unique(b))


def with_layer(network: IntegerNetwork, index: int, layer: IntegerLayer) -> IntegerNetwork:
    array = network.arrays[0]
    layers = (*array.layers[:index], layer, *array.layers[index + 1 :])
    return replace(network, arrays=(replace(array, layers=layers),))


def test_a_sum_that_wraps_is_found() -> None:
    network = random_network(A2)
    layer = network.arrays[0].layers[1]
    bias = np.full(layer.rows, (1 << 31) - 1, np.int32)
    reference = FixedReference(with_layer(network, 1, replace(layer, bias=bias)))
    assert np.all(np.isfinite(reference.process(noise(300))))
    with pytest.raises(OverflowError, match="wraps"):
        FixedReference(with_layer(network, 1, replace(layer, bias=bias)), check=True).process(
            noise(300)
        )


def test_nothing_wraps_in_the_networks_of_these_tests() -> None:
    for form in FORMS.values():
        FixedReference(random_network(form), check=True).process(noise(3000, size=3.0))


def test_a_mask_of_zero_is_no_feedback() -> None:
    network = random_network(A2)
    layer = network.arrays[0].layers[1]
    none = replace(layer, word=Word(16, 9, np.zeros(4, np.int32)))
    plain = replace(layer, word=Word(16, 9))
    outputs = [
        FixedReference(with_layer(network, 1, made)).process(noise(500)) for made in (none, plain)
    ]
    assert np.array_equal(*outputs)


def test_the_input_is_held_within_two_and_what_is_no_number_is_silence() -> None:
    x = np.array(
        [0.0, 1.0, -1.0, 2.0, 3e38, -2.0, -3e38, np.nan, np.inf, -np.inf, 2.0**-30, -(2.0**-31)],
        np.float32,
    )
    one = 1 << 30
    top, bottom = 2 * one - 1, -2 * one
    assert enter(x).tolist() == [0, one, -one, top, top, bottom, bottom, 0, 0, 0, 1, 0]


def test_the_upper_half_of_a_product_is_rounded() -> None:
    a = np.array([1 << 31, -(1 << 31), -(1 << 31), 3, -3], np.int64)
    b = np.array([1, 1, -1, 1 << 31, 1 << 31], np.int64)
    assert high(a, b).tolist() == [1, 0, 1, 2, -1]


def test_registers_wrap_and_words_do_not() -> None:
    v = np.array([(1 << 31) + 5, -(1 << 31) - 5, 7], np.int64)
    assert wrapped(v).tolist() == [-(1 << 31) + 5, (1 << 31) - 5, 7]
    assert clip(v, 16).tolist() == [32767, -32768, 7]
    with pytest.raises(OverflowError):
        checked(v)


def test_only_one_channel_goes_in() -> None:
    with pytest.raises(ValueError, match="expected shape"):
        FixedReference(random_network(A2)).process(np.zeros((2, 4), np.float32))


def test_the_forms_are_not_all_alike() -> None:
    assert LayerForm() != LayerForm(short=False)
    assert (
        len(
            {FixedReference(random_network(f)).process(noise(50)).tobytes() for f in FORMS.values()}
        )
        == 4
    )
