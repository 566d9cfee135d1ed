"""Plans any network: one function per architecture, composed where networks nest."""

from __future__ import annotations

from namgen.ir import Conv1d, ConvNet, Linear, Lstm, Network, Sequential, WaveNet
from namgen.plan.builder import Builder
from namgen.plan.convolution import input_history, plan_convolution, remembered
from namgen.plan.memory import Run
from namgen.plan.stages import Label, Name
from namgen.plan.wavenet import plan_wavenet
from namgen.start_state import (
    ConvNetStart,
    LinearStart,
    LstmStart,
    SequentialStart,
    Settled,
    WaveNetStart,
)


def plan_network(
    builder: Builder, net: Network, start: Settled, source: Run, target: Run, of: str
) -> None:
    """Plan `net` from `source` to `target`; `of` names the whole that `net` is part of."""
    match net, start:
        case WaveNet(), WaveNetStart():
            condition = _plan_condition(builder, net, start, source, of)
            plan_wavenet(builder, net, start, source, condition, target, of)
        case Lstm(), LstmStart():
            _plan_lstm(builder, net, start, source, target, of)
        case ConvNet(), ConvNetStart():
            _plan_convnet(builder, net, start, source, target, of)
        case Linear(), LinearStart():
            _plan_linear(builder, net, start, source, target, of)
        case Sequential(), SequentialStart():
            _plan_sequential(builder, net, start, source, target, of)
        case _:
            raise TypeError(f"{type(start).__name__} does not start a {type(net).__name__}")


def _plan_condition(
    builder: Builder, net: WaveNet, start: WaveNetStart, source: Run, of: str
) -> Run:
    """Plan the network that a WaveNet is conditioned on, if any; return where its output lies."""
    if net.condition is None or start.condition is None:
        return source
    signal = builder.parts.block(Name(of, "condition_signal"), net.condition.out_channels)
    plan_network(
        builder, net.condition, start.condition, source, signal, Name(of, "condition").symbol
    )
    return signal


def _plan_lstm(
    builder: Builder, net: Lstm, start: LstmStart, source: Run, target: Run, of: str
) -> None:
    hidden = builder.layout.plan_lstm(builder.parts, net, start, source, of)
    label = Label.of(Name(of, "head"), "from the last hidden state", "out = head(hidden)")
    plan_convolution(builder, net.head, hidden, target, label)


def _plan_convnet(
    builder: Builder, net: ConvNet, start: ConvNetStart, source: Run, target: Run, of: str
) -> None:
    places = [
        remembered(builder, source, net.blocks[0].conv, start.blocks[0], Name(of, "block", 0)),
        *(
            input_history(builder, Name(of, "block", i), block.conv, past)
            for i, (block, past) in enumerate(zip(net.blocks[1:], start.blocks[1:], strict=True), 1)
        ),
        builder.parts.block(Name(of, "features"), net.blocks[-1].conv.out_channels),
    ]
    for i, block in enumerate(net.blocks):
        label = Label.of(
            Name(of, "block", i),
            f"kernel 2, dilation {block.conv.dilation}",
            "out = activation(conv(x))",
        )
        plan_convolution(
            builder, block.conv, places[i], places[i + 1], label, activation=block.activation
        )
    label = Label.of(Name(of, "head"), "dense", "out = head(x)")
    plan_convolution(builder, net.head, places[-1], target, label)


def _plan_linear(
    builder: Builder, net: Linear, start: LinearStart, source: Run, target: Run, of: str
) -> None:
    past = remembered(builder, source, net.conv, start.conv, Name(of, "linear"))
    label = Label.of(
        Name(of, "linear"), f"impulse response, kernel {net.conv.kernel_size}", "out = conv(x)"
    )
    plan_convolution(builder, net.conv, past, target, label)


def _plan_sequential(
    builder: Builder, net: Sequential, start: SequentialStart, source: Run, target: Run, of: str
) -> None:
    place = source
    for i, (part, state) in enumerate(zip(net.networks, start.networks, strict=True)):
        is_last = i == len(net.networks) - 1
        following: Run = target
        if not is_last:
            following = builder.parts.block(Name(of, "between", i), part.out_channels)
        plan_network(builder, part, state, place, following, Name(of, "part", i).symbol)
        place = following


def input_conv(net: Network) -> Conv1d | None:
    """Return the convolution that reads the network's input with a past of its own, if one does."""
    match net:
        case ConvNet():
            return net.blocks[0].conv
        case Linear():
            return net.conv
        case WaveNet():
            return None if net.arrays[0].rechannel else net.arrays[0].layers[0].conv
        case Sequential():
            return input_conv(net.networks[0])
        case Lstm():
            return None
