"""A file that is accepted but may not sound as its maker expects says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import make_nam
import pytest
from make_nam import a1, a2, put

from namgen.nam_file import read

Json = dict[str, Any]
L0 = "config.layers[0]"

OFF = {"layer1x1": {"active": False, "groups": 1}}
PRELU = {"type": "PReLU", "negative_slope": 0.2}
GATED = {"gating_mode": "gated", "secondary_activation": "Sigmoid", "activation": PRELU}
GATED_EXTRA = (6 + 15) * 3 * 3 + 6 + 6

CASES: dict[str, tuple[Json, str]] = {
    "a version that is only partly supported": (
        put(a1(), "version", "0.7.3"),
        "version: 0.7.3 is newer than 0.7.0; NAM Core supports it only partly",
    ),
    "a sample rate of zero": (
        put(a1(), "sample_rate", 0),
        "sample_rate: 0 Hz means unknown; 48000 Hz is assumed",
    ),
    "metadata text": (
        put(a1(), "metadata", "x"),
        'metadata: expected an object, found "x"; ignored',
    ),
    "metadata list": (
        put(a1(), "metadata", []),
        "metadata: expected an object, found an empty list; ignored",
    ),
    "loudness text": (
        a1(metadata={"loudness": "-18"}),
        'metadata.loudness: expected a number, found "-18"; ignored',
    ),
    "input level bool": (
        a1(metadata={"input_level_dbu": True}),
        "metadata.input_level_dbu: expected a number, found true; ignored",
    ),
    "output level huge": (
        a1(metadata={"output_level_dbu": 1e39}),
        "metadata.output_level_dbu: expected a number, found 1e+39; ignored",
    ),
    "metadata of a submodel": (
        make_nam.container(a2(2, metadata=7), a2(3)),
        "config.submodels[0].model.metadata: expected an object, found 7; ignored",
    ),
    "limits of a Hardtanh": (
        put(a1(), f"{L0}.activation", {"type": "Hardtanh", "max_val": 2}),
        f"{L0}.activation: the trainer applies min_val and max_val of a Hardtanh, NAM Core clamps"
        " to -1..1; namgen follows NAM Core",
    ),
    "layer1x1 off": (
        a2(array=OFF, extra=-2 * 12),
        f"{L0}.layer1x1: without layer1x1 NAM Core passes the layer's input on, the trainer adds"
        " the activation to it; namgen follows NAM Core",
    ),
    "one PReLU slope in a gated layer": (
        a2(array=GATED, extra=GATED_EXTRA),
        f"{L0}.activation: a gated PReLU with one slope for all channels is undefined in NAM Core;"
        " namgen uses the slope for every channel, as the trainer does",
    ),
    "a key of a pre-release": (
        put(a1(), f"{L0}.head_1x1", {}),
        f"{L0}.head_1x1: a pre-release key that NAM Core ignores",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_audible_disagreement_is_a_warning(tmp_path: Path, name: str) -> None:
    document, expected = CASES[name]
    assert read(make_nam.write(tmp_path, document)).warnings == (expected,)


def test_what_sounds_alike_everywhere_passes_silently(tmp_path: Path) -> None:
    film = a2(array={"layer1x1_post_film": {}}, extra=2 * 12)
    limits = {"type": "Hardtanh", "min_val": -1.0, "max_val": 1}
    for document in (make_nam.linear(), film, put(a1(), f"{L0}.activation", limits)):
        assert read(make_nam.write(tmp_path, document)).warnings == ()
