"""`namgen join` writes a Sequential that is the chain of its files, and never writes over them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import make_nam
import numpy as np
import pytest
from click.testing import CliRunner
from make_nam import a1, a2

from namgen.cli import main
from namgen.errors import ChoiceError, NamgenError, OutputError, UnsupportedError
from namgen.joining import default_out, join
from namgen.lower import lower
from namgen.nam_file import read
from namgen.nam_file.types import SequentialConfig
from namgen.passes.resample import resample_taps
from namgen.reference import Reference

Json = make_nam.Json
CAB = np.float32([0.5, -0.25, 0.125, 0.3])


def stored(folder: Path, content: Json | bytes, name: str) -> Path:
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        make_nam.write(folder, content, name)
    return path


def parts(path: Path) -> list[str]:
    config = read(path).model.config
    assert isinstance(config, SequentialConfig)
    return [model.architecture for model in config.models]


def one_by_one(paths: list[Path], x: np.ndarray) -> np.ndarray:
    for path in paths:
        x = Reference(lower(read(path)), start="cold").process(x)
    return x


@pytest.mark.parametrize("last", ["lstm", "convnet", "linear", "container", "sequential", "wav"])
def test_the_result_is_the_chain_of_its_files_in_every_bit(tmp_path: Path, last: str) -> None:
    kinds: dict[str, Json | bytes] = {**make_nam.all_kinds(), "wav": make_nam.wav(CAB)}
    files = [stored(tmp_path, a1(), "pedal.nam"), stored(tmp_path, a2(), "amp.nam")]
    files.append(stored(tmp_path, kinds[last], "last.nam"))
    made = join(files, tmp_path / "rig.nam")
    x = np.random.default_rng(1).standard_normal((1, 200)).astype(np.float32) * 0.3
    found = Reference(lower(read(made.out)), start="cold").process(x)
    np.testing.assert_array_equal(found, one_by_one(files, x))
    assert read(made.out).warnings == ()


def test_a_sequential_among_the_files_is_taken_apart(tmp_path: Path) -> None:
    chain = make_nam.sequential(make_nam.linear(), make_nam.sequential(a1(), make_nam.linear()))
    files = [stored(tmp_path, chain, "a.nam"), stored(tmp_path, a1(), "b.nam")]
    out = join(files, tmp_path / "rig.nam").out
    assert parts(out) == ["Linear", "WaveNet", "Linear", "WaveNet"]
    assert parts(join([out, out], tmp_path / "two.nam").out) == parts(out) * 2


def test_only_what_holds_for_the_whole_is_said_of_it(tmp_path: Path) -> None:
    first = a1(metadata={"name": "Screamer", "loudness": -12, "input_level_dbu": 11})
    last = a1(metadata={"loudness": -20, "input_level_dbu": 3, "output_level_dbu": 7})
    files = [stored(tmp_path, first, "pedal.nam"), stored(tmp_path, last, "amp.nam")]
    document = json.loads(join(files, tmp_path / "rig.nam").out.read_text())
    assert document["metadata"] == {
        "name": "Screamer + amp",
        "input_level_dbu": 11.0,
        "output_level_dbu": 7.0,
    }
    assert [m["metadata"]["loudness"] for m in document["config"]["models"]] == [-12, -20]
    assert (document["weights"], document["sample_rate"]) == ([], 48000)


def test_an_impulse_response_of_another_rate_is_resampled_and_it_is_said(tmp_path: Path) -> None:
    amp = stored(tmp_path, a1(), "amp.nam")
    cab = stored(tmp_path, make_nam.wav(CAB, rate_hz=44100), "cab.wav")
    made = join([cab, amp], tmp_path / "rig.nam")
    assert made.notes == ("cab.wav: taps resampled from 44100 to 48000 Hz",)
    config = read(made.out).model.config
    assert isinstance(config, SequentialConfig)
    expected = resample_taps(CAB, from_hz=44100, to_hz=48000)
    np.testing.assert_array_equal(config.models[0].weights, expected)
    assert made.sample_rate_hz == read(made.out).model.sample_rate_hz == 48000


def test_a_linear_with_paths_and_biases_is_resampled_path_by_path(tmp_path: Path) -> None:
    spread = make_nam.linear(4, outputs=2, sample_rate=96000)
    collect = make_nam.linear(3, inputs=2, outputs=1)
    files = [stored(tmp_path, a1(), "a.nam"), stored(tmp_path, spread, "b.nam")]
    files.append(stored(tmp_path, collect, "c.nam"))
    config = read(join(files, tmp_path / "rig.nam").out).model.config
    assert isinstance(config, SequentialConfig)
    values = np.float32(make_nam.weights(10))
    taps = resample_taps(values[:8].reshape(2, 4), from_hz=96000, to_hz=48000)
    np.testing.assert_array_equal(config.models[1].weights, [*taps.ravel(), *values[8:]])


def test_a_file_without_a_rate_is_taken_for_48000_where_that_matters(tmp_path: Path) -> None:
    amp = stored(tmp_path, a1(sample_rate=None), "amp.nam")
    cab = stored(tmp_path, make_nam.wav(CAB, rate_hz=44100), "cab.wav")
    made = join([amp, cab], tmp_path / "rig.nam")
    assert "to 48000 Hz, which is assumed" in made.notes[0]
    again = join([amp, amp], tmp_path / "two.nam")
    assert (again.sample_rate_hz, read(again.out).model.sample_rate_hz) == (None, None)
    assert "sample_rate" not in json.loads(again.out.read_text())


@pytest.mark.parametrize(("submodel", "channels"), [("lite", 2), ("1", 2), ("full", 3), (None, 3)])
def test_a_container_gives_the_model_asked_for_or_stays_one(
    tmp_path: Path, submodel: str | None, channels: int
) -> None:
    box = stored(tmp_path, make_nam.container(), "a2.nam")
    made = join(
        [box, stored(tmp_path, make_nam.wav(CAB), "cab.wav")],
        tmp_path / "rig.nam",
        submodel=submodel,
    )
    kept = "WaveNet" if submodel else "SlimmableContainer"
    assert parts(made.out) == [kept, "Linear"]
    network = lower(read(made.out)).network
    assert network.networks[0].arrays[0].layers[0].channels == channels
    assert any("plays at full width" in note for note in made.notes) is (submodel is None)


REFUSED: dict[str, tuple[list[Json | bytes], dict[str, str], str]] = {
    "one file": ([a1()], {}, "expected two files or more"),
    "other rate": (
        [a1(), a1(sample_rate=44100)],
        {},
        "1.nam: expected 48000 Hz, as 0.nam has, found 44100 Hz; the models of a chain share one",
    ),
    "channels": (
        [make_nam.linear(outputs=2), a1()],
        {},
        "1.nam: expected 2 inputs (outputs of 0.nam), found 1",
    ),
    "no container": ([a1(), a1()], {"submodel": "lite"}, "expected a container among the files"),
    "no such submodel": (
        [make_nam.container(), a1()],
        {"submodel": "3"},
        '0.nam: submodel "3": this file offers 1, lite, 2, full',
    ),
    "too large": ([make_nam.linear(500_000), make_nam.linear(500_000)], {}, "expected at most"),
    "no model": ([a1(), b"PK\3\4"], {}, "found a ZIP archive"),
    "stereo": ([a1(), make_nam.wav(np.zeros((4, 2)))], {}, "found 2 channels; keep one of them"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_together_is_refused_and_nothing_is_written(
    tmp_path: Path, name: str
) -> None:
    contents, options, expected = REFUSED[name]
    files = [stored(tmp_path, content, f"{i}.nam") for i, content in enumerate(contents)]
    before = sorted(tmp_path.iterdir())
    with pytest.raises(NamgenError) as caught:
        join(files, tmp_path / "rig.nam", **options)
    assert expected in str(caught.value)
    assert sorted(tmp_path.iterdir()) == before


def test_an_input_is_never_written_over(tmp_path: Path) -> None:
    amp, cab = stored(tmp_path, a1(), "amp.nam"), stored(tmp_path, make_nam.wav(CAB), "cab.nam")
    link = tmp_path / "link.nam"
    link.symlink_to(cab)
    hard = tmp_path / "hard.nam"
    hard.hardlink_to(amp)
    before = (amp.read_bytes(), cab.read_bytes())
    for place in (amp, cab, link, hard, tmp_path / "." / "amp.nam"):
        with pytest.raises(OutputError, match=r"is read by this command .* would be lost"):
            join([amp, cab], place, force=True)
    assert (amp.read_bytes(), cab.read_bytes()) == before


def test_a_file_that_is_there_needs_force(tmp_path: Path) -> None:
    files = [stored(tmp_path, a1(), "a.nam"), stored(tmp_path, a2(), "b.nam")]
    other = stored(tmp_path, b"mine", "rig.nam")
    with pytest.raises(OutputError, match="is there already; --force replaces it"):
        join(files, other)
    assert other.read_bytes() == b"mine"
    join(files, other, force=True)
    assert parts(other) == ["WaveNet", "WaveNet"]


def test_the_place_must_be_a_nam_file(tmp_path: Path) -> None:
    files = [stored(tmp_path, a1(), "a.nam"), stored(tmp_path, a2(), "b.nam")]
    (tmp_path / "folder.nam").mkdir()
    (tmp_path / "null.nam").symlink_to(os.devnull)
    with pytest.raises(ChoiceError, match="a name that ends in"):
        join(files, tmp_path / "rig.json", force=True)
    refused = {"folder.nam": "a folder", "null.nam": "a device"}
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.nam")
        refused["pipe.nam"] = "a pipe"
    for place, expected in refused.items():
        with pytest.raises(OutputError, match=expected):
            join(files, tmp_path / place, force=True)
    assert (tmp_path / "null.nam").is_symlink()
    with pytest.raises(OutputError, match="cannot be written"):
        join(files, tmp_path / "no" / "rig.nam")


def test_a_model_that_is_there_needs_force_too_and_a_link_stays_one(tmp_path: Path) -> None:
    files = [stored(tmp_path, a1(), "a.nam"), stored(tmp_path, a2(), "b.nam")]
    precious, link = stored(tmp_path, a1(), "precious.nam"), tmp_path / "link.nam"
    link.symlink_to(precious)
    before = precious.read_bytes()
    with pytest.raises(OutputError, match="is there already; --force replaces it"):
        join(files, link)
    assert precious.read_bytes() == before
    join(files, link, force=True)
    assert link.is_symlink()
    assert parts(precious) == ["WaveNet", "WaveNet"]


def test_what_cannot_be_read_is_told_before_anything_is_written(tmp_path: Path) -> None:
    files = [stored(tmp_path, a1(), "a.nam"), stored(tmp_path, b"{}", "b.nam")]
    there = stored(tmp_path, b"mine", "rig.nam")
    with pytest.raises(NamgenError, match="an empty JSON object"):
        join(files, there, force=True)
    assert there.read_bytes() == b"mine"


def test_the_file_is_named_after_those_in_it() -> None:
    assert default_out([Path("x/pedal.nam"), Path("cab.wav")]) == Path("pedal+cab.nam")
    assert len(default_out([Path("ü" * 90 + ".nam")] * 3).name.encode()) <= 204


def test_joining_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    files = [stored(tmp_path, a1(), "a.nam"), stored(tmp_path, make_nam.wav(CAB), "cab.wav")]
    first = join(files, tmp_path / "one.nam").out.read_bytes()
    assert join(files, tmp_path / "two.nam").out.read_bytes() == first


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(["join", *arguments])
    return int(ended.value.code or 0), capsys.readouterr().out


def test_the_command_joins_here_and_says_what_it_did(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stored(tmp_path, a1(), "amp.nam")
    stored(tmp_path, make_nam.wav(CAB), "cab.wav")
    code, said = run(capsys, "amp.nam", "cab.wav")
    assert code == 0
    assert "amp+cab.nam: Sequential of 2, 48000 Hz" in said
    assert parts(tmp_path / "amp+cab.nam") == ["WaveNet", "Linear"]
    code, said = run(capsys, "amp.nam", "cab.wav", "--force", "--json")
    found = json.loads(said)
    assert (code, found["out"], found["sample_rate_hz"]) == (0, "amp+cab.nam", 48000)
    assert [part["architecture"] for part in found["parts"]] == ["WaveNet", "Linear"]
    assert run(capsys, "amp.nam", "cab.wav")[0] == 1
    assert run(capsys)[0] == 2
    with pytest.raises(UnsupportedError):
        join([tmp_path / "amp.nam"])


@pytest.mark.parametrize("name", ["a.nam", "rig.wav"])
def test_a_place_that_can_never_be_is_wrong_usage(name: str, tmp_path: Path) -> None:
    files = [str(stored(tmp_path, a1(), "a.nam")), str(stored(tmp_path, a2(), "b.nam"))]
    result = CliRunner().invoke(main, ["join", *files, "-o", str(tmp_path / name)])
    assert result.exit_code == 2, result.output
