"""The numbers of layers in the order in which kernels read them, and their settled memories."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from namgen.fixed.ir import I32, IntegerHead, IntegerLayer, Slopes, Word
from namgen.plan.fixed.builder import Weight
from namgen.plan.fixed.shapes import Record, WordShape, even

BIAS: Weight = ("bias", 0, 0, 0)
"""Of a head."""


def layer_weights(layer: IntegerLayer, following: Word | None, order: Iterable[Weight]) -> I32:
    """Return the weights of a layer as its kernel reads them."""
    tables = _tables(layer, following)
    return np.array([tables[name][row, tap, word] for name, row, tap, word in order], np.int32)


def head_weights(head: IntegerHead, order: Iterable[Weight]) -> I32:
    """Return the weights of a head as its kernel reads them."""
    (rows,) = head.weight
    tables = {"bias": _each(head.bias), "head": _padded(rows.T)[None]}
    return np.array([tables[name][row, tap, word] for name, row, tap, word in order], np.int32)


def entrance_weights(head: IntegerHead, rechannel: I32 | None, before: Record) -> I32:
    """Return a head between arrays, row by row bias and taps, then the residual's weights."""
    if rechannel is None:
        raise ValueError("an array behind another enters through its rechannel")
    taps = [_wide(head.weight[:, :, tap], before.rows) for tap in range(head.kernel_size)]
    rows = np.concatenate((head.bias[:, None], *taps), axis=1)
    found = (_even_rows(rows).ravel(), _even_rows(_wide(rechannel, before.channels)).ravel())
    return np.concatenate(found).astype(np.int32)


def _wide(values: I32, width: int) -> I32:
    found = np.zeros((len(values), width), np.int32)
    found[:, : values.shape[1]] = values
    return found


def _even_rows(values: I32) -> I32:
    found = np.zeros((even(len(values)), values.shape[1]), np.int32)
    found[: len(values)] = values
    return found


def packed(values: I32, words: WordShape) -> I32:
    """Return a frame's channels as the words that lie in memory."""
    return _pairs(values) if words.kind == "short" else _padded(values)


def _tables(layer: IntegerLayer, following: Word | None) -> dict[str, I32]:
    """Return (row, tap, word) of every kind of weight."""
    found = {
        "bias": _each(layer.bias),
        "mixin": _each(layer.mixin),
        "weight": _convolution(layer.weight, WordShape.of(layer.word)),
    }
    if isinstance(layer.activation, Slopes):
        found |= {"scale": _each(layer.activation.scale), "bend": _each(layer.activation.bend)}
    if layer.skip is not None:
        found["skip"] = _each(layer.skip)
    if layer.carry is not None:
        found["carry"] = _each(layer.carry)
    if layer.dense is not None:
        dense = layer.dense
        found["dense"] = _convolution(dense.weight[:, :, None], WordShape.of(dense.word))
        found["mask ea"] = _masks(dense.word, layer.rows)
        found["mask eq"] = _masks(following, len(dense.weight))
    return found


def _masks(word: Word | None, channels: int) -> I32:
    """Return the masks of a word; those of a word without feedback keep nothing."""
    masks = None if word is None else word.masks
    return _each(np.zeros(channels, np.int32) if masks is None else masks)


def _each(values: I32) -> I32:
    """One number per row."""
    return _padded(values)[:, None, None]


def _convolution(weight: I32, words: WordShape) -> I32:
    """Turn (out, in, kernel) into (row, tap, word)."""
    rows = np.zeros((even(len(weight)), *weight.shape[1:]), np.int32)
    rows[: len(weight)] = weight
    by_tap: I32 = rows.transpose(0, 2, 1)
    if words.kind == "input":
        return by_tap
    return _pairs(by_tap) if words.kind == "short" else _padded(by_tap)


def _padded(values: I32) -> I32:
    """Make the last axis even."""
    width = values.shape[-1]
    found = np.zeros((*values.shape[:-1], even(width)), np.int32)
    found[..., :width] = values
    return found


def _pairs(values: I32) -> I32:
    """Put two 16-bit numbers into a word, the first into its lower half."""
    whole = _padded(values).astype(np.int64)
    low, high = whole[..., ::2] & 0xFFFF, whole[..., 1::2] & 0xFFFF
    return (low | high << 16).astype(np.uint32).view(np.int32)
