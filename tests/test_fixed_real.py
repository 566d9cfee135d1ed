"""The network of real numbers is the network: constants, groups and heads in another form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_networks import LEAKY, Weights, signal

from namgen import ir
from namgen.fixed.evaluate import evaluate
from namgen.fixed.real import real
from namgen.reference import Reference


def network(
    *, width: int = 4, bias: bool = False, groups: int = 1, dilation: int = 1, dense: bool = True
) -> ir.WaveNet:
    w = Weights(5)
    layers = []
    for i in range(3):
        layer = replace(w.layer(width, kernel=3, dilation=i + 1), activation=LEAKY)
        conv = w.conv(width, width, kernel=3, dilation=i + 1, groups=groups)
        layers.append(replace(layer, conv=conv, layer1x1=layer.layer1x1 if dense else None))
    entry, many = w.conv(1, width, bias=bias), tuple(layers)
    if not bias:
        head = w.conv(width, 1, kernel=4, dilation=dilation)
        return ir.WaveNet(1, (ir.LayerArray(entry, many, head),), 0.02)
    first = ir.LayerArray(entry, many, w.conv(width, 2, kernel=2))
    again = replace(w.layer(2, kernel=3, dilation=2), activation=LEAKY)
    second = ir.LayerArray(w.conv(width, 2), (again, again), w.conv(2, 1))
    return ir.WaveNet(1, (first, second), 0.02)


NETWORKS = {
    "plain": network,
    "bias before the arrays": lambda: network(bias=True),
    "one channel": lambda: network(width=1),
    "groups": lambda: network(groups=2),
    "head with dilation": lambda: network(dilation=3),
    "no 1x1": lambda: network(dense=False),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_it_plays_what_the_network_plays(name: str) -> None:
    x = signal(600, seed=5)
    wanted = Reference(NETWORKS[name]()).process(x)[0].astype(np.float64)
    found = evaluate(real(NETWORKS[name]()), x[0].astype(np.float64))
    assert np.abs(found - wanted).max() < 1e-5 * np.abs(wanted).max()
