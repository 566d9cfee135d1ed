"""The host benchmark measures what it says, and notices an engine that plays something else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import host
from benchmarks.host import Row, best_peer, measure, table
from benchmarks.host_engines import PEDAL, load_peer
from benchmarks.host_models import Case, cases, default_files, guitar
from benchmarks.host_timer import Timer
from namgen.errors import ToolError, UnsupportedError
from namgen.measures import lstm_cells
from namgen.toolchain import find_host

GAIN = 0.5

PEER_C = """
void *peer_create(const char *nam_path, int max_block);
void peer_process(void *peer, const float *in, float *out, int frames);
void peer_reset(void *peer);
static int something;
void *peer_create(const char *nam_path, int max_block)
{
    return nam_path[0] != 0 && max_block > 0 ? &something : 0;
}
void peer_process(void *peer, const float *in, float *out, int frames)
{
    (void)peer;
    for (int i = 0; i < frames; i++) {
        out[i] = GAIN * in[i];
    }
}
void peer_reset(void *peer)
{
    (void)peer;
}
"""


@pytest.fixture
def gain_model(tmp_path: Path) -> Path:
    """A `.nam` file that multiplies by `GAIN`."""
    path = tmp_path / "gain.nam"
    config = {"receptive_field": 1, "bias": False}
    said = {"version": "0.5.4", "architecture": "Linear", "config": config, "weights": [GAIN]}
    path.write_text(json.dumps({**said, "sample_rate": 48000}))
    return path


def built_peer(folder: Path, gain: float) -> str:
    """Compile a peer that multiplies by `gain`; returns its NAME=LIBRARY."""
    source, library = folder / f"peer{gain}.c", folder / f"peer{gain}.so"
    source.write_text(PEER_C)
    find_host().shared_library([source], library, defines={"GAIN": f"{gain}f"})
    return f"x{gain}={library}"


def measured(model: Path, folder: Path, *gains: float) -> list[Row]:
    peers = [load_peer(built_peer(folder, gain)) for gain in gains]
    (case,) = cases({"gain": model}, folder)
    return measure(case, [peer for peer in peers if peer], (16, 48), turns=1)


def test_an_lstm_of_two_layers_is_played_by_default(tmp_path: Path) -> None:
    """No preset has two; of this one every machine has the same weights."""
    label = "LSTM 2x8"
    (case,) = cases({label: default_files(tmp_path)[label]}, tmp_path)
    assert [cell.hidden_size for cell in lstm_cells(case.model.network)] == [8, 8]


def our_names() -> list[str]:
    """The engines of namgen on this machine; one that is the same code as another is none."""
    found = [PEDAL, "namgen host"]
    have_two = shutil.which("gcc") and shutil.which("clang")
    return [*found, "namgen host, clang"] if have_two else found


def test_a_peer_that_plays_the_same_has_no_difference(gain_model: Path, tmp_path: Path) -> None:
    rows = {row.engine: row for row in measured(gain_model, tmp_path, GAIN)}
    assert rows[f"x{GAIN}"].difference.max_abs == 0.0
    assert all(time > 0 for row in rows.values() for time in row.nanoseconds.values())


def test_a_peer_that_plays_something_else_is_marked_and_never_the_best(
    gain_model: Path, tmp_path: Path
) -> None:
    rows = measured(gain_model, tmp_path, 2 * GAIN)
    wrong = next(row for row in rows if not row.is_ours)
    assert wrong.difference.esr == pytest.approx(1.0)
    assert best_peer(rows, 48) is None
    assert table(rows, (16, 48)).count("WRONG") == 1


def test_the_first_row_of_a_model_is_the_pedals_layout(gain_model: Path, tmp_path: Path) -> None:
    assert measured(gain_model, tmp_path, GAIN)[0].engine == PEDAL


def test_submodels_of_a_container_are_timed_as_networks_of_their_own(tmp_path: Path) -> None:
    inner = {"architecture": "Linear", "version": "0.7.0", "sample_rate": 48000, "weights": [1.0]}
    inner["config"] = {"receptive_field": 1, "bias": False}
    entries = [{"max_value": 0.5, "model": inner}, {"max_value": 1.0, "model": inner}]
    said = {"version": "0.7.0", "architecture": "SlimmableContainer", "weights": []}
    path = tmp_path / "both.nam"
    path.write_text(json.dumps({**said, "sample_rate": 48000, "config": {"submodels": entries}}))
    parts = tmp_path / "parts"
    parts.mkdir()
    found: list[Case] = list(cases({"both": path}, parts))
    assert [case.label for case in found] == ["both full", "both lite"]
    assert len({case.file for case in found}) == 2


def test_the_command_leaves_out_an_absent_peer_and_writes_its_numbers(
    gain_model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "numbers.json"
    arguments = [str(gain_model), "--peer", "gone=/nowhere.so", "--block", "48", "--turns", "1"]
    result = CliRunner().invoke(host.main, [*arguments, "--json", str(out)])
    assert result.exit_code == 0, result.output
    assert "gone=/nowhere.so" in result.output
    assert [row["engine"] for row in json.loads(out.read_text())] == our_names()


def test_a_library_without_the_interface_is_refused_by_name(tmp_path: Path) -> None:
    source, library = tmp_path / "other.c", tmp_path / "other.so"
    source.write_text("int other(void);\nint other(void) { return 0; }\n")
    find_host().shared_library([source], library)
    with pytest.raises(ToolError, match="peer other: expected a library with peer_create"):
        load_peer(f"other={library}")


def test_a_peer_without_a_name_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="NAME=LIBRARY"):
        load_peer("/lib/engine.so")


def test_the_measured_peak_is_at_least_one_multiply_add_per_nanosecond() -> None:
    assert Timer().fma_per_nanosecond() > 1.0


def test_the_signal_is_never_silent_and_stays_below_full_scale() -> None:
    signal = guitar(frames=48000, sample_rate_hz=48000)
    assert 0.1 < abs(signal).max() < 1.5
    assert abs(signal).reshape(-1, 480).max(axis=1).min() > 1e-5
