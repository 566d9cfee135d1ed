"""One model to its network: an architecture each, and the models that hold others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from namgen import ir
from namgen.errors import UnsupportedError
from namgen.lower.pieces import activation_of, take_conv
from namgen.lower.wavenet import lowered_wavenet
from namgen.nam_file.counts import BATCHNORM_ROWS, CONVNET_KERNEL_SIZE
from namgen.nam_file.shapes import linear_biases, linear_paths, wavenet_lookback
from namgen.nam_file.types import (
    ContainerConfig,
    ConvNetConfig,
    LinearConfig,
    LstmConfig,
    NamModel,
    SequentialConfig,
    WaveNetConfig,
)
from namgen.prewarm import prewarm_frames, whole_blocks
from namgen.weights import WeightStream


def lowered(model: NamModel, *, extra_prewarm_frames: int = 0) -> ir.Network:
    """Lower one model as the file has it, at full width.

    extra_prewarm_frames: what the networks around it add to the prewarm of its LSTMs.
    """
    config = model.config
    match config:
        case WaveNetConfig():
            return _wavenet(model, config, extra_prewarm_frames=extra_prewarm_frames)
        case LstmConfig():
            return _lstm(model, config, extra_prewarm_frames=extra_prewarm_frames)
        case ConvNetConfig():
            return _convnet(model, config)
        case LinearConfig():
            return _linear(model, config)
        case SequentialConfig():
            return _sequential(config, extra_prewarm_frames=extra_prewarm_frames)
        case ContainerConfig():
            widest = config.submodels[-1].model
            return lowered(widest, extra_prewarm_frames=extra_prewarm_frames)


def _sequential(config: SequentialConfig, *, extra_prewarm_frames: int) -> ir.Sequential:
    """Lower a chain, every part at full width; each is prewarmed as long as all together."""
    together = extra_prewarm_frames + sum(map(prewarm_frames, config.models))
    parts = (
        lowered(part, extra_prewarm_frames=together - prewarm_frames(part))
        for part in config.models
    )
    return ir.Sequential(tuple(parts))


def _wavenet(model: NamModel, config: WaveNetConfig, *, extra_prewarm_frames: int) -> ir.WaveNet:
    """Lower a WaveNet and the network that makes its condition, which is prewarmed with it."""
    network = lowered_wavenet(model.weights, config)
    if config.condition is None:
        return network
    extra = extra_prewarm_frames + wavenet_lookback(config)
    return replace(network, condition=lowered(config.condition, extra_prewarm_frames=extra))


def _lstm(model: NamModel, config: LstmConfig, *, extra_prewarm_frames: int) -> ir.Lstm | ir.Linear:
    """Lower an LSTM; without layers it passes its input through, as NAM Core does."""
    if config.num_layers == 0:
        return _passing_through(config.in_channels, config.out_channels)
    stream, hidden = WeightStream(model.weights), config.hidden_size
    sizes = [config.in_channels] + [hidden] * (config.num_layers - 1)
    cells = tuple(_cell(stream, inputs, hidden) for inputs in sizes)
    head = take_conv(stream, hidden, config.out_channels)
    assert stream.remaining == 0
    frames = whole_blocks(prewarm_frames(model) + extra_prewarm_frames)
    return ir.Lstm(config.in_channels, cells, head, frames)


def _cell(stream: WeightStream, inputs: int, hidden: int) -> ir.LstmCell:
    return ir.LstmCell(
        weight=stream.take(4 * hidden, inputs + hidden),
        bias=stream.take(4 * hidden),
        hidden=stream.take(hidden),
        cell=stream.take(hidden),
    )


def _passing_through(inputs: int, outputs: int) -> ir.Linear:
    return ir.Linear(ir.Conv1d(np.eye(outputs, inputs, dtype=np.float32)[:, :, None]))


def _convnet(model: NamModel, config: ConvNetConfig) -> ir.ConvNet:
    stream = WeightStream(model.weights)
    inputs = [config.in_channels] + [config.channels] * (len(config.dilations) - 1)
    blocks = tuple(
        ir.ConvBlock(_block(stream, config, width, dilation), activation_of(config.activation))
        for width, dilation in zip(inputs, config.dilations, strict=True)
    )
    head = take_conv(stream, config.channels, config.out_channels)
    assert stream.remaining == 0
    return ir.ConvNet(blocks, head)


def _block(stream: WeightStream, config: ConvNetConfig, inputs: int, dilation: int) -> ir.Conv1d:
    conv = take_conv(
        stream,
        inputs,
        config.channels,
        kernel_size=CONVNET_KERNEL_SIZE,
        dilation=dilation,
        groups=config.groups,
        bias=not config.batchnorm,
    )
    return _with_batch_norm(stream, conv) if config.batchnorm else conv


def _with_batch_norm(stream: WeightStream, conv: ir.Conv1d) -> ir.Conv1d:
    """Fold a batch norm into a convolution, in float64 and rounded once."""
    pieces = (stream.take(conv.out_channels).astype(np.float64) for _ in range(BATCHNORM_ROWS))
    mean, variance, weight, bias = pieces
    epsilon = np.float64(stream.take(1)[0])
    with np.errstate(all="ignore"):
        scale = weight / np.sqrt(epsilon + variance)
        folded = (conv.weight * scale[:, None, None]).astype(np.float32)
        shift = (bias - scale * mean).astype(np.float32)
    if not (np.isfinite(folded).all() and np.isfinite(shift).all()):
        raise UnsupportedError(
            "weights: a batch norm does not give finite numbers; "
            "expected variance + epsilon above 0 in every channel"
        )
    return replace(conv, weight=folded, bias=shift)


def _linear(model: NamModel, config: LinearConfig) -> ir.Linear:
    """Lower impulse responses, newest frame first in the file.

    Equal channels share one, from each input to the output of the same number. One input to many
    outputs, or many to one: every path has its own, and every output its own bias.
    """
    stream = WeightStream(model.weights)
    responses = stream.take(linear_paths(config), config.receptive_field)[:, ::-1]
    biases = stream.take(linear_biases(config))
    assert stream.remaining == 0
    outputs, inputs = config.out_channels, config.in_channels
    if outputs == inputs:
        taps = np.zeros((outputs, inputs, config.receptive_field), np.float32)
        taps[range(outputs), range(inputs)] = responses[0]
        biases = np.repeat(biases, outputs)
    else:
        taps = np.ascontiguousarray(responses.reshape(outputs, inputs, -1))
    return ir.Linear(ir.Conv1d(taps, biases if config.bias else None))
