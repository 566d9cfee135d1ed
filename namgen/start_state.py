"""What a network's memories hold at reset: one constant per convolution input, one state per cell.

Silence keeps every signal of a feed-forward network constant, so a whole convolution history is
one number per input channel. The trees below mirror the IR node by node; all vectors are elements
of the arithmetic they were found in. A vector that belongs to a convolution without lookback is
there for symmetry and holds zeros.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from namgen.arithmetic import Elements


@dataclass(frozen=True, slots=True, eq=False)
class ArrayStart:
    """Histories of one `ir.LayerArray`."""

    layers: tuple[
        Elements, ...
    ]  # per layer (channels,): the input of `Layer.conv`, conv_pre_film applied
    head: Elements  # (head width,): the skip sum that `LayerArray.head` reads


@dataclass(frozen=True, slots=True, eq=False)
class WaveNetStart:
    """Histories of an `ir.WaveNet`."""

    arrays: tuple[ArrayStart, ...]
    condition: Settled | None = None  # present exactly when the network has a condition network
    post_head: tuple[Elements, ...] = ()  # per conv (in,): its input, activation applied


@dataclass(frozen=True, slots=True, eq=False)
class LstmStart:
    """States of an `ir.Lstm`."""

    cells: tuple[
        tuple[Elements, Elements], ...
    ]  # per layer (hidden state, cell state), each (hidden,)


@dataclass(frozen=True, slots=True, eq=False)
class ConvNetStart:
    """Histories of an `ir.ConvNet`."""

    blocks: tuple[Elements, ...]  # per block (in,): the input of its conv


@dataclass(frozen=True, slots=True, eq=False)
class LinearStart:
    """History of an `ir.Linear`."""

    conv: Elements  # (in,)


@dataclass(frozen=True, slots=True, eq=False)
class SequentialStart:
    """States of an `ir.Sequential`."""

    networks: tuple[Settled, ...]


Settled: TypeAlias = WaveNetStart | LstmStart | ConvNetStart | LinearStart | SequentialStart
