"""Fixture models with the outputs NeuralAmpModelerCore gave for them, next to the repository."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import compiled_once
import numpy as np
import numpy.typing as npt
import pytest

from namgen.arithmetic import F32

FIXTURES = Path(__file__).resolve().parents[2] / "shared" / "fixtures"
NO_FIXTURES = f"no fixture models: {FIXTURES.relative_to(FIXTURES.parents[2])} is not there"

SAMPLE = (
    "OpenSauce__a2_blended",
    "OpenSauce__a2_film",
    "OpenSauce__condition_dsp_mono",
    "joshburgess__upstream_packed_a2_export@slim0.49",
    "sdatkinson__linear_10",
    "act_LeakyHardtanh_p",
    "act_PReLU_multi",
    "act_list_mixed",
    "arr2_conv_heads",
    "arr2_gated_blended",
    "cond_nested",
    "container_of_slimmable@slim0.2",
    "container_of_slimmable@slim0.9",
    "conv_bottleneck_small",
    "convnet_bn_2in_2out",
    "convnet_groups_2in",
    "film_all_blended",
    "film_all_none",
    "film_groups2_cond2_gated",
    "film_layer1x1_post_film_scale_none",
    "film_layer1x1_post_film_shift_gated",
    "gate_legacy_bool",
    "grp_layer1x1_depthwise",
    "head_conv4_dil3",
    "linear_1in_2out",
    "linear_2in_2out",
    "linear_rf257_bias",
    "lstm_44k",
    "post_head_3_1_5",
    "preset_A2_lite",
    "seq_convnet_linear_fft",
    "seq_in_container@slim0.2",
    "seq_linear_linear",
    "seq_nested",
    "seq_two_channel_link",
    "seq_wavenet_linear",
    "seq_with_container",
    "slim_layer1x1_off@slim0.3",
)
"""The cases of a default run: short, and every architecture and feature at least once."""


@dataclass(frozen=True, slots=True)
class FixtureCase:
    """One model at one width, with what NAM Core made of an input signal."""

    entry: dict[str, Any]  # as in manifest.json

    @property
    def name(self) -> str:
        """File stem, with the slim ratio where there is one."""
        return Path(self.entry["expected_cold"]).name.removesuffix(".cold.npy")

    @property
    def model(self) -> Path:
        """The `.nam` file."""
        return FIXTURES / str(self.entry["model"])

    @property
    def slim(self) -> float | None:
        """Ratio for `lower`; None for the default width."""
        ratio: float | None = self.entry["slim"]
        return ratio

    @property
    def architecture(self) -> str:
        """As the file says."""
        return str(self.entry["architecture"])

    def signal(self) -> F32:
        """The input, (in_channels, frames)."""
        samples = np.fromfile(FIXTURES / self.entry["input"], "<f4")
        return np.ascontiguousarray(samples.reshape(-1, self.entry["channels_in"]).T)

    def expected(self, start: Literal["settled", "cold"]) -> npt.NDArray[np.float64]:
        """NAM Core's output, (out_channels, frames).

        Settled means endless silence before: where NAM Core's own prewarm ends earlier, what it
        gives after a long run of zeros (`expected_steady`).
        """
        warm = "expected_steady" if "expected_steady" in self.entry else "expected_prewarm"
        key = {"settled": warm, "cold": "expected_cold"}[start]
        samples = np.load(FIXTURES / self.entry[key]).astype(np.float64)
        return np.ascontiguousarray(samples.reshape(-1, self.entry["channels_out"]).T)


def all_cases() -> list[Any]:
    """Every case as a pytest parameter; one skipped parameter when there are no fixtures."""
    if not FIXTURES.is_dir():
        return [pytest.param(None, id="none", marks=pytest.mark.skip(reason=NO_FIXTURES))]
    manifest = json.loads((FIXTURES / "manifest.json").read_text(encoding="utf-8"))
    cases = map(FixtureCase, manifest["cases"])
    return [pytest.param(case, id=case.name) for case in cases]


def sample_cases() -> list[Any]:
    """The cases of `SAMPLE` as pytest parameters, for the default run."""
    cases = all_cases()
    return [case for case in cases if case.id in SAMPLE] if FIXTURES.is_dir() else cases


@pytest.fixture(scope="session")
def fixtures_dir() -> Path:
    """The folder of fixture models and expected outputs; skips the test when it is absent."""
    if not FIXTURES.is_dir():
        pytest.skip(NO_FIXTURES)
    return FIXTURES


@pytest.fixture(scope="session")
def fixture_manifest(fixtures_dir: Path) -> dict[str, Any]:
    """The contents of manifest.json."""
    text = (fixtures_dir / "manifest.json").read_text(encoding="utf-8")
    manifest: dict[str, Any] = json.loads(text)
    return manifest


@pytest.fixture(scope="session", autouse=True)
def compiled(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Path]:
    """Share what is compiled among all tests of a run, also of several workers: the folder."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if hasattr(request.config, "workerinput") else base) / "compiled"
    folder.mkdir(exist_ok=True)
    with compiled_once.shared(folder):
        yield folder


@pytest.fixture(autouse=True)
def _compiles(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let tests of the compilers themselves have them."""
    if request.node.get_closest_marker("compiles") is None:
        yield
        return
    with compiled_once.unshared():
        yield
