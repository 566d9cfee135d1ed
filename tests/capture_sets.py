"""Captures of few shapes, small enough to run in a test."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import small_networks
from small_networks import Weights

from namgen import ir
from namgen.captures import Captures, plan_captures
from namgen.captures.twin import CapturesTwin
from namgen.ir import Model
from namgen.targets import load_target


def model(name: str, network: ir.Network) -> Model:
    return Model(name, f"{name}.nam", "0" * 64, 48000, network)


def wavenet(seed: int) -> ir.WaveNet:
    """One of a shape with a ring, a head scale of its own, and settled states that are not 0."""
    w = Weights(seed)
    layers = tuple(w.layer(3, kernel=3, dilation=d) for d in (1, 70, 90))
    array = ir.LayerArray(w.conv(1, 3, bias=False), layers, w.conv(3, 1, kernel=4))
    return ir.WaveNet(1, (array,), 0.5 + seed / 16)


def lstm(seed: int) -> ir.Lstm:
    w = Weights(seed)
    weight, bias = w.array(20, 6), w.array(20, scale=0.1)
    cell = ir.LstmCell(weight, bias, w.array(5, scale=0.2), w.array(5, scale=0.2))
    return ir.Lstm(1, (cell,), w.conv(5, 1), prewarm_frames=640)


def linear(seed: int) -> ir.Linear:
    return ir.Linear(Weights(seed).conv(1, 1, kernel=40))


@cache
def three_shapes(target: str = "daisy") -> Captures:
    """Five captures: WaveNets share an engine, and so do LSTMs."""
    models = [
        model("clean", wavenet(1)),
        model("dark", lstm(2)),
        model("crunch", wavenet(3)),
        model("flat", linear(4)),
        model("lead", lstm(5)),
    ]
    return plan_captures(models, target=load_target(target), block_frames=48)


def twin() -> CapturesTwin:
    return CapturesTwin(three_shapes())


def every_network() -> list[Model]:
    """Two captures of every small network that has one output."""
    found = []
    for name, make in small_networks.EVERY_NETWORK.items():
        network = make()
        if network.out_channels == 1:
            found += [model(name, network), model(f"{name}_again", network)]
    return found


def noise(frames: int, seed: int = 1) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return Weights(seed).array(frames, scale=0.3)


def louder(network: ir.WaveNet, by: float) -> ir.WaveNet:
    return replace(network, head_scale=network.head_scale * by)
