"""The models that are timed, and the signal they play."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from namgen import measures
from namgen.arithmetic import F32
from namgen.errors import UnsupportedError
from namgen.ir import Model
from namgen.lower import lower
from namgen.nam_file import read

_ROOT = Path(__file__).resolve().parent.parent
_FIXTURES = _ROOT.parent / "shared" / "fixtures" / "models"
_PRESETS = {
    "A2": "real/sdatkinson__A2.nam",
    "A1 standard": "synthetic/preset_A1_standard.nam",
    "A1 feather": "synthetic/preset_A1_feather.nam",
    "A1 nano": "synthetic/preset_A1_nano.nam",
    "LSTM 1x16": "synthetic/preset_LSTM_1x16_feather.nam",
}
_LSTM_OF_NOISE = {"LSTM 2x8": (8, 2)}  # hidden size, layers; there is no preset of it
_LOWEST_HZ = (82.41, 110.0, 146.83, 196.0, 246.94, 329.63)  # a guitar's open strings
_PARTIALS = 16
_NOISE = 1e-4  # never silence, so that nobody's subnormals are timed


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One network to time; `file` holds nothing else, so every engine plays the same."""

    label: str
    file: Path
    model: Model

    @property
    def macs(self) -> int:
        """Multiply-adds per frame."""
        return measures.macs(self.model.network)


def default_files(folder: Path) -> dict[str, Path]:
    """Label to path: the presets that are on this machine, an LSTM in `folder`, the examples."""
    files = {label: _FIXTURES / path for label, path in _PRESETS.items()}
    for label, (hidden_size, layers) in _LSTM_OF_NOISE.items():
        files[label] = folder / f"{label}.nam"
        said = json.dumps(lstm_of_noise(hidden_size, layers))
        files[label].write_text(said, encoding="utf-8")
    files |= {path.stem: path for path in sorted((_ROOT / "examples").glob("*.nam"))}
    return {label: path for label, path in files.items() if path.is_file()}


def lstm_of_noise(hidden_size: int, layers: int) -> dict[str, object]:
    """Return what the file of an LSTM with random weights says."""
    inputs = [1, *[hidden_size] * (layers - 1)]
    counts = (4 * hidden_size * (n + hidden_size + 1) + 2 * hidden_size for n in inputs)
    count = sum(counts) + hidden_size + 1
    weights = np.random.default_rng(2).uniform(-1, 1, count) * hidden_size**-0.5
    config = {"input_size": 1, "hidden_size": hidden_size, "num_layers": layers}
    return {
        "version": "0.5.4",
        "architecture": "LSTM",
        "config": config,
        "weights": [float(weight) for weight in weights.astype(np.float32)],
        "sample_rate": 48_000,
    }


def cases(files: dict[str, Path], folder: Path) -> Iterator[Case]:
    """Read every file; the submodels of a container become files of their own in `folder`.

    Raises:
        NamgenError: a file cannot be compiled, or has several inputs or outputs.

    """
    for label, path in files.items():
        for own_label, own_path in _parts(label, path, folder):
            model = lower(read(own_path), name="timed")
            if (model.network.in_channels, model.network.out_channels) != (1, 1):
                raise UnsupportedError(f"{path}: expected 1 input and 1 output to time")
            yield Case(own_label, own_path, model)


def _parts(label: str, path: Path, folder: Path) -> Sequence[tuple[str, Path]]:
    """Split a container into its submodels, the widest first."""
    read(path)  # every problem of the file, as the user knows it
    said = json.loads(path.read_text(encoding="utf-8"))
    if said["architecture"] != "SlimmableContainer":
        return ((label, path),)
    entries = [entry["model"] for entry in said["config"]["submodels"]]
    parts = []
    for index, entry in reversed(list(enumerate(entries, start=1))):
        part = folder / f"{len(list(folder.iterdir()))}-{index}.nam"
        part.write_text(json.dumps(entry), encoding="utf-8")
        name = {1: "lite", len(entries): "full"}.get(index, str(index))
        parts.append((f"{label} {name}", part))
    return parts


def guitar(*, frames: int, sample_rate_hz: int) -> F32:
    """Plucked strings over a floor of noise: partials that fade the faster the higher they are."""
    time = np.arange(frames) / sample_rate_hz
    out = np.random.default_rng(1).uniform(-_NOISE, _NOISE, frames)
    step = frames // (2 * len(_LOWEST_HZ))
    for pluck in range(2 * len(_LOWEST_HZ)):
        begin = pluck * step
        own = time[: frames - begin]
        pitch = _LOWEST_HZ[pluck % len(_LOWEST_HZ)]
        for partial in range(1, _PARTIALS + 1):
            level = 0.2 / partial * np.exp(-own * (2.0 + partial))
            out[begin:] += level * np.sin(2 * np.pi * pitch * partial * own)
    return out.astype(np.float32)
