"""How many zero frames NAM Core feeds a fresh model: what defines the start of an LSTM."""

from __future__ import annotations

from namgen.nam_file.shapes import wavenet_lookback
from namgen.nam_file.types import (
    ContainerConfig,
    ConvNetConfig,
    LinearConfig,
    LstmConfig,
    NamModel,
    SequentialConfig,
    WaveNetConfig,
)

BLOCK_FRAMES = 64
"""NAM Core prewarms in whole blocks; this size is part of the definition of an LSTM's start."""


def prewarm_frames(model: NamModel) -> int:
    """Count the frames one model asks for; a model of several asks for their sum.

    A Linear asks for none, an LSTM for half a second and at least one frame (one without a sample
    rate), the others for their receptive field.
    """
    config = model.config
    match config:
        case WaveNetConfig():
            inner = prewarm_frames(config.condition) if config.condition else 1
            return inner + wavenet_lookback(config)
        case LstmConfig():
            rate_hz = model.sample_rate_hz
            return 1 if rate_hz is None else max(1, int(0.5 * rate_hz))
        case ConvNetConfig():
            return 1 + sum(config.dilations)
        case LinearConfig():
            return 0
        case SequentialConfig():
            return sum(map(prewarm_frames, config.models))
        case ContainerConfig():
            return prewarm_frames(config.submodels[-1].model)


def whole_blocks(frames: int) -> int:
    """Round up to what NAM Core really feeds."""
    return -(-frames // BLOCK_FRAMES) * BLOCK_FRAMES
