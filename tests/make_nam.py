"""Builds valid `.nam` documents by hand, with a weight count of its own, for tests to bend."""

from __future__ import annotations

import json
import random
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Json = dict[str, Any]


def weights(count: int, *, seed: int = 1) -> list[float]:
    """`count` small numbers, the same for the same seed."""
    source = random.Random(seed)
    return [round(source.uniform(-0.5, 0.5), 6) for _ in range(count)]


def model(architecture: str, config: Json, count: int, **keys: Any) -> Json:
    """A complete model object; keys given as None are left out."""
    document = {
        "version": "0.7.0",
        "architecture": architecture,
        "config": config,
        "weights": weights(count),
        "sample_rate": 48000,
        **keys,
    }
    return {key: value for key, value in document.items() if value is not None}


def a1_array(
    channels: int, *, inputs: int = 1, outputs: int = 1, condition: int = 1, **keys: Any
) -> Json:
    """A layer array in the old spelling, kernel size 3."""
    return {
        "input_size": inputs,
        "condition_size": condition,
        "head_size": outputs,
        "channels": channels,
        "kernel_size": 3,
        "dilations": [1, 2],
        "activation": "Tanh",
        "gated": False,
        "head_bias": False,
        **keys,
    }


def a1_count(arrays: list[Json]) -> int:
    """Weights of ungated old-spelling arrays and the head scale."""
    total = 1
    for array in arrays:
        channels, condition = array["channels"], array["condition_size"]
        layer = 3 * channels**2 + channels + condition * channels + channels**2 + channels
        total += array["input_size"] * channels + layer * len(array["dilations"])
        total += array["head_size"] * (channels + array["head_bias"])
    return total


def a1(*arrays: Json, **keys: Any) -> Json:
    """An A1 WaveNet, by default two arrays of 4 and 2 channels."""
    chosen = list(arrays) or [
        a1_array(4, outputs=2),
        a1_array(2, inputs=4, head_bias=True),
    ]
    config = {"layers": chosen, "head": None, "head_scale": 0.02}
    return model("WaveNet", config, a1_count(chosen), **keys)


def a2_array(channels: int, **keys: Any) -> Json:
    """A layer array in the new spelling, as the trainer spells out every switched-off part."""
    off = {"active": False, "shift": True, "groups": 1}
    names = ("conv_pre", "conv_post", "input_mixin_pre", "input_mixin_post")
    names += ("activation_pre", "activation_post", "layer1x1_post", "head1x1_post")
    return {
        "input_size": 1,
        "condition_size": 1,
        "channels": channels,
        "bottleneck": channels,
        "kernel_sizes": [6, 15],
        "dilations": [1, 3],
        "activation": [{"type": "LeakyReLU", "negative_slope": 0.01}] * 2,
        "gating_mode": ["none"] * 2,
        "secondary_activation": [None] * 2,
        "head": {"out_channels": 1, "kernel_size": 16, "bias": True},
        "groups_input": 1,
        "groups_input_mixin": 1,
        "layer1x1": {"active": True, "groups": 1},
        "head1x1": {"active": False, "out_channels": channels, "groups": 1},
        **{f"{name}_film": dict(off) for name in names},
        "slimmable": None,
        **keys,
    }


def a2(channels: int = 3, *, array: Json | None = None, extra: int = 0, **keys: Any) -> Json:
    """An A2 WaveNet of two layers; `extra` weights for what `array` switches on."""
    rows = channels
    convs = (6 + 15) * channels * rows + 2 * rows + 2 * rows
    count = channels + convs + 2 * (channels**2 + channels) + 16 * channels + 1 + 1
    config = {"layers": [a2_array(channels, **(array or {}))], "head": None, "head_scale": 0.1}
    return model("WaveNet", config, count + extra, **keys)


def lstm(hidden: int = 3, layers: int = 2, *, channels: int = 1, **keys: Any) -> Json:
    """An LSTM with as many outputs as inputs."""
    first = 4 * hidden * (channels + hidden) + 6 * hidden
    rest = (layers - 1) * (4 * hidden * 2 * hidden + 6 * hidden)
    config = {"input_size": channels, "hidden_size": hidden, "num_layers": layers}
    if channels > 1:
        config |= {"in_channels": channels, "out_channels": channels}
    return model("LSTM", config, first + rest + channels * (hidden + 1), **keys)


def convnet(channels: int = 4, *, batchnorm: bool = True, **keys: Any) -> Json:
    """A ConvNet of three blocks."""
    per_block = 4 * channels + 1 if batchnorm else channels
    count = 2 * channels + 2 * (2 * channels**2) + 3 * per_block + channels + 1
    config = {
        "channels": channels,
        "dilations": [1, 2, 4],
        "batchnorm": batchnorm,
        "activation": "ReLU",
    }
    document = model("ConvNet", config, count, **keys)
    document["weights"] = [abs(value) + 0.01 for value in document["weights"]]  # variances too
    return document


def linear(
    taps: int = 5, *, bias: bool = True, inputs: int = 1, outputs: int = 1, **keys: Any
) -> Json:
    """A Linear: one response for equal channels, else one for every path."""
    config = {"receptive_field": taps, "bias": bias}
    if inputs == outputs == 1:
        return model("Linear", config, taps + bias, **keys)
    config |= {"in_channels": inputs, "out_channels": outputs}
    paths, biases = (1, 1) if inputs == outputs else (max(inputs, outputs), outputs)
    return model("Linear", config, taps * paths + bias * biases, **keys)


def container(*models: Json, **keys: Any) -> Json:
    """A SlimmableContainer, by default of two A2 widths."""
    chosen = models or (a2(2), a2(3))
    submodels = [
        {"max_value": (index + 1) / len(chosen), "model": entry}
        for index, entry in enumerate(chosen)
    ]
    return model("SlimmableContainer", {"submodels": submodels}, 0, **keys)


def sequential(*models: Json, **keys: Any) -> Json:
    """A Sequential of complete models."""
    return model("Sequential", {"models": list(models) or [linear(), a1()]}, 0, **keys)


def sequential_nested() -> Json:
    """A Sequential with another one and a container in it, and two channels between."""
    inner = sequential(linear(4, inputs=2, outputs=1), container(), lstm())
    return sequential(linear(3, outputs=2), inner)


def sequential_bare(*models: Json, **keys: Any) -> Json:
    """A Sequential as the trainer wrote it before 23 August 2026: bare configs, one weight list."""
    document = model("Sequential", {"models": [entry["config"] for entry in models]}, 0, **keys)
    document["weights"] = [value for entry in models for value in entry["weights"]]
    return document


def conditioned(condition: Json | None = None, **keys: Any) -> Json:
    """A WaveNet with a condition_dsp."""
    document = a1(**keys)
    document["config"]["condition_dsp"] = condition or lstm()
    return document


def all_kinds() -> dict[str, Json]:
    """One valid document of every kind."""
    return {
        "a1": a1(),
        "a2": a2(),
        "lstm": lstm(),
        "convnet": convnet(),
        "linear": linear(),
        "container": container(),
        "sequential": sequential(),
        "linear_2to1": linear(inputs=2, outputs=1),
        "sequential_nested": sequential_nested(),
        "conditioned": conditioned(),
    }


def write(folder: Path, document: object, name: str = "tweed.nam") -> Path:
    """Write a document into a folder."""
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def wav(
    samples: npt.ArrayLike,
    *,
    sample: str = "f4",
    rate_hz: int = 48000,
    extensible: bool = False,
    extra: tuple[bytes, bytes] | None = None,
) -> bytes:
    """A WAV file of (frames,) or (frames, channels); `sample`: u1, i2, i3, i4, f4 or f8."""
    values = np.asarray(samples, np.float64)
    channels = values.shape[1] if values.ndim > 1 else 1
    size, tag = int(sample[1]), 3 if sample[0] == "f" else 1
    if tag == 3:
        body = values.astype(f"<{sample}").tobytes()
    elif size == 1:
        body = (np.clip(values * 128, -128, 127) + 128).astype(np.uint8).tobytes()
    else:
        full = 2 ** (8 * size - 1)
        whole = np.clip(np.round(values * full), -full, full - 1).astype("<i4")
        body = whole.view(np.uint8).reshape(-1, 4)[:, :size].tobytes()
    frame = size * channels
    form = struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * frame, frame, 8 * size)
    if extensible:
        rest = (
            struct.pack("<HHIH", 22, 8 * size, 4, tag) + b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"
        )
        form = struct.pack("<H", 0xFFFE) + form[2:] + rest
    chunks = [*([extra] if extra else []), (b"fmt ", form), (b"data", body)]
    chunks += [extra] if extra else []
    data = b"".join(n + struct.pack("<I", len(d)) + d + bytes(len(d) % 2) for n, d in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(data)) + b"WAVE" + data


DELETE = object()
"""As a value for `put`: take the key away."""


def put(document: Json, path: str, value: object) -> Json:
    """A copy of the document with one value replaced, added or deleted.

    `path` is a JSON path as namgen prints it: `config.layers[0].channels`.
    """
    copy: Json = json.loads(json.dumps(document))
    steps = _steps(path)
    target: Any = copy
    for step in steps[:-1]:
        target = target[step]
    if value is DELETE:
        del target[steps[-1]]
    else:
        target[steps[-1]] = value
    return copy


def get(document: Json, path: str) -> Any:
    """The value at a JSON path."""
    value: Any = document
    for step in _steps(path):
        value = value[step]
    return value


def _steps(path: str) -> list[Any]:
    return [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", path)]
