"""What a reader says of a malformed document, for the tests of all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import make_nam
import pytest

from namgen.errors import FileError
from namgen.nam_file import read

Json = dict[str, Any]
Cases = dict[str, tuple[Json, list[str]]]

ACTIVATIONS = (
    "one of Tanh, Fasttanh, Hardtanh, ReLU, LeakyReLU, PReLU, Sigmoid, SiLU, Hardswish,"
    " LeakyHardtanh, Softsign, LeakyHardTanh"
)
ARCHITECTURES = "one of WaveNet, LSTM, ConvNet, Linear, SlimmableContainer, Sequential"
VERSIONS = "expected a version from 0.5.0 to 0.7.x"
L0 = "config.layers[0]"
CHILD = "config.submodels[0].model"


def problems(folder: Path, document: object) -> list[str]:
    """The lines the reader prints, without the file name."""
    path = make_nam.write(folder, document)
    with pytest.raises(FileError) as caught:
        read(path)
    prefix = f"{path}: "
    assert all(line.startswith(prefix) for line in caught.value.lines)
    return [line.removeprefix(prefix) for line in caught.value.lines]


def only(path: str, expected: str, found: str) -> list[str]:
    return [f"{path}: expected {expected}, found {found}"]
