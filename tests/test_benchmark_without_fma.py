"""The benchmark of the emulated multiply-add times every way, and compares what they play."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks import without_fma
from benchmarks.without_fma import Played, Way, measure, ways
from namgen.errors import ToolError


@pytest.mark.slow
def test_every_way_plays_the_same_and_takes_time() -> None:
    pytest.importorskip("ziglang")
    times = measure(["LSTM 1x16"], list(ways()), {}, 1)
    assert times
    assert all(row["LSTM 1x16"] > 1.0 for row in times.values())


def test_a_way_that_plays_other_bits_is_an_error() -> None:
    def sound(value: float) -> Way:
        out = np.full(4, value, np.float32).tobytes()
        return Way(str(value), lambda *_: Played(1.0, out))

    with pytest.raises(ToolError, match="LSTM 1x16: expected the same sound in every way"):
        measure(["LSTM 1x16"], [sound(0.5), sound(0.25)], {}, 1)


def test_another_header_takes_the_place_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nam_math.h").write_text("/* other */")
    seen = []

    def play(files: dict[str, str], *_: object) -> Played:
        seen.append(files["nam_math.h"])
        return Played(1.0, b"\0\0\x80\x3f")

    monkeypatch.setattr(without_fma, "ways", lambda: iter([Way("one", play)]))
    arguments = ["LSTM 1x16", "--header", str(tmp_path / "nam_math.h")]
    result = CliRunner().invoke(without_fma.main, arguments)
    assert result.exit_code == 0, result.output
    assert seen == ["/* other */"]
    assert "| one | 1 |" in result.output
