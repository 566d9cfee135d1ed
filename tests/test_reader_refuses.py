"""Every malformed document is refused with the path, what was expected and what was found."""

from __future__ import annotations

from pathlib import Path

import make_nam
import pytest
from make_nam import DELETE, a1, put
from refusals import ARCHITECTURES, CHILD, L0, VERSIONS, Cases, only, problems

CASES: Cases = {
    "root key missing": (
        put(a1(), "weights", DELETE),
        only("weights", "a list of numbers", "nothing"),
    ),
    "architecture unknown": (
        put(a1(), "architecture", "CatLSTM"),
        only("architecture", ARCHITECTURES, '"CatLSTM"'),
    ),
    "architecture in other case": (
        put(a1(), "architecture", "wavenet"),
        only("architecture", ARCHITECTURES, '"wavenet"'),
    ),
    "architecture not text": (
        put(a1(), "architecture", 3),
        only("architecture", ARCHITECTURES, "3"),
    ),
    "config null": (put(a1(), "config", None), only("config", "an object", "null")),
    "config list": (put(a1(), "config", []), only("config", "an object", "an empty list")),
    "sample rate null": (
        put(a1(), "sample_rate", None),
        only("sample_rate", "a number", "null"),
    ),
    "sample rate text": (
        put(a1(), "sample_rate", "48000"),
        only("sample_rate", "a number", '"48000"'),
    ),
    "sample rate bool": (put(a1(), "sample_rate", True), only("sample_rate", "a number", "true")),
    "sample rate huge": (
        put(a1(), "sample_rate", 1e30),
        only("sample_rate", "a sample rate of at most 768000 Hz", "1e+30"),
    ),
    "sample rate fraction": (
        put(a1(), "sample_rate", 44100.5),
        only("sample_rate", "a whole number of Hz", "44100.5"),
    ),
    "weights object": (
        put(a1(), "weights", {}),
        only("weights", "a list of numbers", "an object"),
    ),
    "weight null": (put(a1(), "weights[7]", None), only("weights[7]", "a number", "null")),
    "weight bool": (put(a1(), "weights[7]", True), only("weights[7]", "a number", "true")),
    "weight text": (put(a1(), "weights[7]", "1"), only("weights[7]", "a number", '"1"')),
    "weight list": (put(a1(), "weights[7]", [1]), only("weights[7]", "a number", "a list of 1")),
    "weight beyond float32": (
        put(a1(), "weights[7]", -3.5e38),
        only("weights[7]", "a number that fits a float32", "-3.5e+38"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_malformed_document_is_refused_with_expected_and_found(tmp_path: Path, name: str) -> None:
    document, expected = CASES[name]
    assert problems(tmp_path, document) == expected


@pytest.mark.parametrize(
    "version",
    [
        *["0.5", "v0.7.0", "0.7.0-rc1", "0.5.2.1", "", "0.4.99", "0.8.0", "1.0.0"],
        *["0.7.2147483648", "0.7.0\n", " 0.7.0", "0.-7.0", "0.٧.0", "0.7.1e1"],
        *[0.7, None, ["0.7.0"]],
    ],
)
def test_an_unsupported_version_is_refused(tmp_path: Path, version: object) -> None:
    (line,) = problems(tmp_path, put(a1(), "version", version))
    assert line.startswith(f"version: {VERSIONS}")


@pytest.mark.parametrize("kind", make_nam.all_kinds())
@pytest.mark.parametrize("change", [-1, 1])
def test_a_weight_too_many_or_too_few_is_refused_in_every_architecture(
    tmp_path: Path, kind: str, change: int
) -> None:
    document = make_nam.all_kinds()[kind]
    inner = {
        "container": "config.submodels[1].model.",
        "sequential": "config.models[1].",
        "sequential_nested": "config.models[1].config.models[0].",
    }
    where = f"{inner.get(kind, '')}weights"
    values = make_nam.get(document, where)
    count = len(values)
    bent = put(document, where, [*values, 0.5][: count + change])
    expected = f"{where}: config implies {count} values, the file has {count + change}"
    assert problems(tmp_path, bent) == [expected]


def test_all_problems_of_a_file_are_reported_in_one_run(tmp_path: Path) -> None:
    document = put(make_nam.container(), f"{CHILD}.config.layers[0].channels", "16")
    document = put(document, f"{CHILD}.config.layers[0].dilations[1]", -3)
    document = put(document, "config.submodels[1].model.weights[5]", None)
    document = put(document, "version", "0.9.0")
    assert problems(tmp_path, document) == [
        f'version: {VERSIONS}, found "0.9.0"',
        f'{CHILD}.config.layers[0].channels: expected an integer >= 1, found "16"',
        f"{CHILD}.config.layers[0].dilations[1]: expected an integer >= 0, found -3",
        "config.submodels[1].model.weights[5]: expected a number, found null",
    ]


def test_a_flood_of_problems_is_cut_short(tmp_path: Path) -> None:
    document = put(a1(), f"{L0}.dilations", ["x"] * 1000)
    lines = problems(tmp_path, document)
    assert len(lines) == 101
    assert lines[-1] == "stopped after 100 problems"


def test_a_flood_of_models_layers_or_nesting_is_cut_short(tmp_path: Path) -> None:
    many = make_nam.container(*[make_nam.linear(1)] * 257)
    assert problems(tmp_path, many) == only(
        "config.submodels", "a list of at most 256 submodels", "a list of 257"
    )
    layers = put(make_nam.lstm(), "config.num_layers", 800)
    both = make_nam.sequential(layers, layers)
    assert "config.models[1].config.num_layers: expected at most 1024 layers in the file" in str(
        problems(tmp_path, both)
    )
    deep = make_nam.linear(1)
    for _ in range(10):
        deep = make_nam.container(deep)
    (line,) = problems(tmp_path, deep)
    assert line.endswith("expected models nested at most 8 deep, found deeper")
