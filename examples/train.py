"""Trains the example models on the simulated circuit and writes the `.nam` files.

    python examples/train.py                 # all three, one thread, tens of minutes
    python examples/train.py --only lite     # only this; `full` is kept from the existing file

Needs PyTorch (`pip install torch==2.13.0`). A fixed number of steps and fixed seeds: the same
machine and the same PyTorch give the same weights.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import circuit
import guitar
import numpy as np
import torch
from recipes import RECIPES, ArrayShape, Recipe
from torch import Tensor, nn
from torch.nn import functional

HERE = Path(__file__).parent
TRAIN_SEEDS = range(100, 106)
TRAIN_SECONDS = 20.0
HELD_OUT_SEED = 7
HELD_OUT_SECONDS = 10.0
DATE = {"year": 2026, "month": 6, "day": 1, "hour": 12, "minute": 0, "second": 0}
LEAKY_SLOPE = 0.01
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "Tanh": torch.tanh,
    "LeakyReLU": partial(functional.leaky_relu, negative_slope=LEAKY_SLOPE),
}
NO_FILM = {"active": False, "shift": True, "groups": 1}
FILMS = (
    "conv_pre_film",
    "conv_post_film",
    "input_mixin_pre_film",
    "input_mixin_post_film",
    "activation_pre_film",
    "activation_post_film",
    "layer1x1_post_film",
    "head1x1_post_film",
)


class Layer(nn.Module):
    """One dilated layer: `z = act(conv(x) + mixin(c))`, then `x + 1x1(z)`."""

    def __init__(self, channels: int, kernel: int, dilation: int, activation: str) -> None:
        super().__init__()
        self.conv = nn.Conv1d(channels, channels, kernel, dilation=dilation)
        self.mixin = nn.Conv1d(1, channels, 1, bias=False)
        self.layer1x1 = nn.Conv1d(channels, channels, 1)
        self.activation = ACTIVATIONS[activation]

    def forward(self, x: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """(residual, contribution to the head), both shorter than x by the lookback."""
        z = self.conv(x)
        frames = z.shape[2]
        z = self.activation(z + self.mixin(condition[:, :, -frames:]))
        return x[:, :, -frames:] + self.layer1x1(z), z


class LayerArray(nn.Module):
    """A rechannel, the layers, and the head over their sum."""

    def __init__(self, shape: ArrayShape, activation: str) -> None:
        super().__init__()
        self.rechannel = nn.Conv1d(shape.inputs, shape.channels, 1, bias=False)
        pairs = zip(shape.kernels, shape.dilations, strict=True)
        self.layers = nn.ModuleList(Layer(shape.channels, k, d, activation) for k, d in pairs)
        self.head = nn.Conv1d(
            shape.channels, shape.head_outputs, shape.head_kernel, bias=shape.head_bias
        )

    def forward(self, x: Tensor, condition: Tensor, skip: Tensor) -> tuple[Tensor, Tensor]:
        """(residual, head output); `skip` is what the array before sends to this one's head."""
        x = self.rechannel(x)
        for layer in self.layers:
            x, z = layer(x, condition)
            skip = skip[:, :, -z.shape[2] :] + z
        return x, self.head(skip)


class Net(nn.Module):
    """A WaveNet over whole crops: no padding, so `frames - receptive_field + 1` come out.

    Modules are registered in the order the weight list wants, each weight before its bias, so
    `parameters()` is that order.
    """

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.arrays = nn.ModuleList(LayerArray(a, recipe.activation) for a in recipe.arrays)
        self.scale = recipe.head_scale

    def forward(self, audio: Tensor) -> Tensor:
        """(batch, frames) in; (batch, frames - receptive_field + 1) out."""
        condition = x = audio[:, None]
        skip = torch.zeros_like(x)
        for array in self.arrays:
            x, skip = array(x, condition, skip)
        return self.scale * skip[:, 0]

    def weights(self) -> list[float]:
        """Every parameter in export order, without the final head scale."""
        return [float(v) for p in self.parameters() for v in p.detach().flatten()]


@dataclass(frozen=True, slots=True)
class Audio:
    """A dry signal and what the circuit makes of it, both (frames,)."""

    dry: Tensor
    wet: Tensor


def material(seconds: float, seed: int) -> Audio:
    dry = guitar.improvise(seconds, seed)
    return Audio(torch.tensor(dry).float(), torch.tensor(circuit.simulate(dry)).float())


def training_audio() -> Audio:
    parts = [material(TRAIN_SECONDS, seed) for seed in TRAIN_SEEDS]
    return Audio(torch.cat([p.dry for p in parts]), torch.cat([p.wet for p in parts]))


def esr(output: Tensor, target: Tensor) -> float:
    """Error-to-signal ratio: energy of the difference over energy of the target."""
    return float((output - target).square().sum() / target.square().sum())


@torch.no_grad()
def held_out_esr(net: Net, recipe: Recipe, audio: Audio, level: float) -> float:
    """ESR over `audio` from silence, the network's output times `level`."""
    padded = functional.pad(audio.dry, (recipe.receptive_field - 1, 0))
    return esr(level * net(padded[None])[0], audio.wet)


def loss_of(output: Tensor, target: Tensor) -> Tensor:
    """Squared error per crop over its energy (floored, so silence weighs little)."""
    error = (output - target).square().mean(1)
    return (error / (target.square().mean(1) + 0.1)).mean()


def train(recipe: Recipe, audio: Audio, held_out: Audio) -> tuple[Net, float, float]:
    """A trained network, the factor that turns its output into the circuit's, and its ESR.

    The target is brought to an RMS of one for training; the exported head scale takes it back.
    """
    torch.manual_seed(recipe.seed)
    net = Net(recipe)
    level = float(audio.wet.square().mean().sqrt())
    context = recipe.receptive_field - 1
    optimizer = torch.optim.Adam(net.parameters(), lr=recipe.rate)
    start = time.monotonic()
    for step in range(recipe.steps):
        decay = (recipe.final_rate / recipe.rate) ** (step / recipe.steps)
        optimizer.param_groups[0]["lr"] = recipe.rate * decay * min(1.0, (step + 1) / 50)
        length = context + recipe.crop_frames
        at = torch.randint(0, audio.dry.numel() - length, (recipe.batch,)).tolist()
        crops = torch.stack([audio.dry[i : i + length] for i in at])
        target = torch.stack([audio.wet[i + context : i + length] for i in at]) / level
        loss = loss_of(net(crops), target)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        if (step + 1) % 200 == 0:
            score = held_out_esr(net, recipe, held_out, level)
            elapsed = time.monotonic() - start
            print(f"  step {step + 1:5d}  {elapsed:6.1f} s  held-out ESR {score:.5f}", flush=True)
    return net, level, held_out_esr(net, recipe, held_out, level)


def shortest(values: list[float]) -> list[float]:
    """Float32 numbers as the shortest decimals that read back to them."""
    return [float(np.format_float_scientific(np.float32(v), unique=True)) for v in values]


def a1_layers(recipe: Recipe) -> list[dict[str, Any]]:
    """`config.layers` in the spelling of 0.5.4."""
    return [
        {
            "input_size": shape.inputs,
            "condition_size": 1,
            "head_size": shape.head_outputs,
            "channels": shape.channels,
            "kernel_size": shape.kernels[0],
            "dilations": list(shape.dilations),
            "activation": recipe.activation,
            "gated": False,
            "head_bias": shape.head_bias,
        }
        for shape in recipe.arrays
    ]


def a2_layers(recipe: Recipe) -> list[dict[str, Any]]:
    """`config.layers` in the spelling of 0.7.0, with every inactive feature spelled out."""
    return [
        {
            "input_size": shape.inputs,
            "condition_size": 1,
            "head": {
                "out_channels": shape.head_outputs,
                "kernel_size": shape.head_kernel,
                "bias": shape.head_bias,
            },
            "channels": shape.channels,
            "kernel_sizes": list(shape.kernels),
            "dilations": list(shape.dilations),
            "activation": [
                {"type": recipe.activation, "negative_slope": LEAKY_SLOPE} for _ in shape.kernels
            ],
            "bottleneck": shape.channels,
            "head1x1": {"active": False, "out_channels": 1, "groups": 1},
            "layer1x1": {"active": True, "groups": 1},
            "groups_input": 1,
            "groups_input_mixin": 1,
            **{name: dict(NO_FILM) for name in FILMS},
            "gating_mode": ["none"] * len(shape.kernels),
            "secondary_activation": [None] * len(shape.kernels),
            "slimmable": None,
        }
        for shape in recipe.arrays
    ]


def loudness_db(net: Net, recipe: Recipe, level: float) -> float:
    """20 log10 of the output's RMS for the riff of `guitar.wav`."""
    dry = torch.tensor(guitar.play(guitar.RIFF, np.random.default_rng(guitar.RIFF_SEED))).float()
    with torch.no_grad():
        out = level * net(functional.pad(dry, (recipe.receptive_field - 1, 0))[None])
    return round(float(20 * out.square().mean().sqrt().log10()), 4)


def metadata(name: str, loudness: float, score: float) -> dict[str, Any]:
    return {
        "date": dict(DATE),
        "loudness": loudness,
        "name": name,
        "modeled_by": "namgen examples",
        "gear_type": "amp_cab",
        "gear_make": "namgen",
        "gear_model": "Simulated two-triode circuit",
        "tone_type": "crunch",
        "training": {"validation_esr": round(score, 6)},
    }


def wavenet(kind: str, net: Net, level: float, score: float) -> dict[str, Any]:
    """The `.nam` object of one trained network."""
    recipe = RECIPES[kind]
    old = kind == "nano"
    scale = shortest([recipe.head_scale * level])
    return {
        "version": "0.5.4" if old else "0.7.0",
        "metadata": metadata(f"Tweed {kind}", loudness_db(net, recipe, level), score),
        "architecture": "WaveNet",
        "config": {
            "layers": a1_layers(recipe) if old else a2_layers(recipe),
            "head": None,
            "head_scale": scale[0],
        },
        "weights": shortest(net.weights()) + scale,
        "sample_rate": circuit.SAMPLE_RATE_HZ,
    }


def container(lite: dict[str, Any], full: dict[str, Any]) -> dict[str, Any]:
    """The A2 file: both sizes, with the full one's figures on the outside."""
    inner = full["metadata"]
    score = inner["training"]["validation_esr"]
    return {
        "version": "0.7.0",
        "metadata": metadata("Tweed A2", inner["loudness"], score),
        "architecture": "SlimmableContainer",
        "config": {
            "submodels": [
                {"max_value": 0.5, "model": lite},
                {"max_value": 1.0, "model": full},
            ]
        },
        "weights": [],
        "sample_rate": circuit.SAMPLE_RATE_HZ,
    }


def write(path: Path, model: dict[str, Any]) -> None:
    path.write_text(json.dumps(model) + "\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size} bytes")


def existing_submodels(path: Path) -> dict[str, dict[str, Any]]:
    """The container's submodels by kind, or nothing when there is no file yet."""
    if not path.exists():
        return {}
    entries = json.loads(path.read_text(encoding="utf-8"))["config"]["submodels"]
    return dict(zip(("lite", "full"), (entry["model"] for entry in entries), strict=True))


def save(made: dict[str, dict[str, Any]], folder: Path) -> None:
    """Write what can be written from the networks made so far."""
    if "nano" in made:
        write(folder / "tweed-nano.nam", made["nano"])
    path = folder / "tweed-a2.nam"
    both = existing_submodels(path) | {k: v for k, v in made.items() if k != "nano"}
    if both.keys() == {"lite", "full"}:
        write(path, container(both["lite"], both["full"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=list(RECIPES), help="may be repeated")
    parser.add_argument("-o", "--output", type=Path, default=HERE, help="folder for the files")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.use_deterministic_algorithms(True)
    audio, held_out = training_audio(), material(HELD_OUT_SECONDS, HELD_OUT_SEED)
    made: dict[str, dict[str, Any]] = {}
    rows = []
    for kind in options.only or RECIPES:
        print(kind, flush=True)
        net, level, score = train(RECIPES[kind], audio, held_out)
        made[kind] = wavenet(kind, net, level, score)
        rows.append(f"| {kind} | {len(made[kind]['weights'])} | {score:.5f} |")
        save(made, options.output)
    print("| model | weights | held-out ESR |", "|---|---|---|", *rows, sep="\n")


if __name__ == "__main__":
    main()
