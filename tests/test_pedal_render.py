"""`namgen render` plays a whole pedal, with what a player does meanwhile, to the bit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import make_nam
import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from host_sim.sound_render import SoundEngine
from namgen.arithmetic import F32
from namgen.chain.blocks import PARAMETERS
from namgen.cli import main
from namgen.errors import FileError
from namgen.nam_file import read
from namgen.pedal.deciding import pedal_of
from namgen.pedal.moves import Choose, Move, Throw, Turn, read_moves
from namgen.pedal.said import PedalSaid
from namgen.pedal.sound import SoundPlan, plan_sound
from namgen.pedal.twin import SoundTwin

RATE = 48_000
TITLES = ("clean", "Lead 2")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, taps in (("clean.nam", [0.5]), ("lead.nam", [0.25, 0.25])):
        document = make_nam.put(make_nam.linear(len(taps), bias=False), "weights", taps)
        make_nam.write(tmp_path, document, name)
    (tmp_path / "cab.wav").write_bytes(make_nam.wav(np.array([1.0, 0.5], np.float32)))
    monkeypatch.chdir(tmp_path)
    soundfile.write("in.wav", guitar(), RATE, subtype="FLOAT")
    return tmp_path


def guitar(frames: int = 5000) -> F32:
    random = np.random.default_rng(3)
    return (0.2 * random.standard_normal(frames)).astype(np.float32)


def render(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["render", *arguments])


def heard(*arguments: str) -> F32:
    done = render(*arguments)
    assert done.exit_code == 0, done.output
    samples: F32 = soundfile.read("out.wav", dtype="float32")[0]
    return samples


def planned(*captures: str, said: PedalSaid) -> SoundPlan:
    pedal = pedal_of([Path(name) for name in captures], said)
    return plan_sound(
        pedal.wanted, pedal.order, {Path(name): read(Path(name)) for name in captures}
    )


def by_blocks(plan: SoundPlan, samples: F32, moves: dict[int, Sequence[tuple[str, object]]]) -> F32:
    """Play the twin block by block; `moves` by the number of a block are made before it."""
    twin, size = SoundTwin(plan), plan.chain.block_frames
    padded = np.concatenate([samples, np.zeros(-len(samples) % size, np.float32)])
    parts = []
    for number in range(len(padded) // size):
        for function, *arguments in moves.get(number, ()):
            getattr(twin, function)(*arguments)
        parts.append(twin.process(padded[number * size : (number + 1) * size]))
    return np.concatenate(parts)[: len(samples)]


@pytest.mark.parametrize("engine", ["host", "reference"])
def test_it_is_the_whole_chain_to_the_bit(folder: Path, engine: str) -> None:
    options = "--board terrarium --ir cab.wav --set bass=0.9 --block 16 --engine"
    found = heard("clean.nam", "in.wav", "out.wav", *options.split(), engine)
    said = PedalSaid(board="terrarium", ir="cab.wav", positions={"bass": 0.9}, block=16)
    assert np.array_equal(found, by_blocks(planned("clean.nam", said=said), guitar(), {}))


def test_moves_are_made_when_a_block_begins(folder: Path) -> None:
    Path("moves.csv").write_text(
        "time, knob, value\n0.01, bass, 0.2\n0, treble, +10 dB\n\n0.0505, gate, off\n"
        "0.02, bypass, on\n0.04, bypass, off\n0.06, gate, 1\n0.061, gate, on\n9, level, 0\n",
        encoding="utf-8",
    )
    found = heard(
        "clean.nam", "in.wav", "out.wav", "--board", "terrarium", "--automation", "moves.csv"
    )
    expected = by_blocks(
        planned("clean.nam", said=PedalSaid(board="terrarium")),
        guitar(),
        {
            0: [("set", "treble", 1.0)],
            10: [("set", "bass", 0.2)],
            20: [("bypass", True)],
            40: [("bypass", False)],
            51: [("use_gate", False)],
            60: [("set", "gate", 1.0)],
            61: [("use_gate", True)],
        },
    )
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("chunk", [1, 47, 48, 49, 5000])
def test_no_sample_depends_on_how_a_file_is_read(folder: Path, chunk: int) -> None:
    plan = planned("clean.nam", said=PedalSaid(board="terrarium"))
    moves = [Move(0.0101, Turn("bass", 1.0)), Move(0.0101, Throw("bypass", on=True))]
    engine = SoundEngine(SoundTwin(plan), plan, moves)
    parts = [engine.process(guitar()[at : at + chunk, None]) for at in range(0, 5000, chunk)]
    played = np.concatenate([*parts, engine.finish()]).ravel()
    moved = {11: [("set", "bass", 1.0), ("bypass", True)]}
    assert np.array_equal(played, by_blocks(plan, guitar(), moved))
    assert len(engine.finish()) == 0


def test_a_reset_makes_all_moves_again(folder: Path) -> None:
    plan = planned("clean.nam", said=PedalSaid(board="seed", positions={"bass": 0.5}))
    engine = SoundEngine(SoundTwin(plan), plan, [Move(0.001, Turn("level", 1.0))])
    first = engine.process(guitar()[:480, None])
    engine.reset()
    assert np.array_equal(engine.process(guitar()[:480, None]), first)


def test_a_knob_that_is_turned_is_built_in(folder: Path) -> None:
    Path("moves.csv").write_text("0.02, bass, 1\n", encoding="utf-8")
    plain = heard("clean.nam", "in.wav", "out.wav", "--board", "seed")
    moved = heard("clean.nam", "in.wav", "out.wav", "--automation", "moves.csv")
    assert np.array_equal(moved[:960], plain[:960])
    assert not np.array_equal(moved[960:], plain[960:])


def test_a_capture_of_a_description_is_chosen(folder: Path) -> None:
    assert (
        CliRunner().invoke(main, ["new-pedal", "clean.nam", "lead.nam", "--board", "pod"]).exit_code
        == 0
    )
    first = heard("pedal.toml", "in.wav", "out.wav")
    assert np.array_equal(first, heard("pedal.toml", "in.wav", "out.wav", "--capture", "CLEAN"))
    lead = heard("pedal.toml", "in.wav", "out.wav", "--capture", "lead")
    assert np.array_equal(lead, heard("pedal.toml", "in.wav", "out.wav", "--capture", "2"))
    alone = heard("lead.nam", "in.wav", "out.wav", "--board", "pod")
    assert np.allclose(lead, alone, atol=1e-6)
    assert not np.array_equal(first, lead)


def test_captures_and_cabinet_change_as_in_the_pedal(folder: Path) -> None:
    Path("moves.csv").write_text(
        "0.02, capture, lead\n0.04, ir, off\n0.07, capture, 1\n0.075, ir, on\n", encoding="utf-8"
    )
    options = ("--board", "terrarium", "--ir", "cab.wav", "--set", "bass=0.5")
    assert CliRunner().invoke(main, ["new-pedal", "clean.nam", "lead.nam", *options]).exit_code == 0
    played = [
        heard("pedal.toml", "in.wav", "out.wav", "--automation", "moves.csv", "--engine", engine)
        for engine in ("host", "reference")
    ]
    assert np.array_equal(*played)
    said = PedalSaid(board="terrarium", ir="cab.wav")
    moved = {20: [("choose", 1)], 40: [("use_cabinet", False)], 70: [("choose", 0)]}
    moved |= {75: [("use_cabinet", True)]}
    expected = by_blocks(planned("clean.nam", "lead.nam", said=said), guitar(), moved)
    assert np.array_equal(played[0], expected)
    assert not np.array_equal(played[0], heard("pedal.toml", "in.wav", "out.wav"))


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ([], "there is no impulse response"),
        (["--ir", "cab.wav"], "no control of pod is for the cabinet"),
    ],
)
def test_a_cabinet_that_nothing_switches_is_not_switched(
    folder: Path, options: list[str], why: str
) -> None:
    Path("moves.csv").write_text("0.02, ir, off\n", encoding="utf-8")
    arguments = ["clean.nam", "in.wav", "out.wav", "--board", "pod", "--automation", "moves.csv"]
    done = render(*arguments, *options)
    assert done.exit_code == 1
    assert f"ir: it is not built in, for {why}" in done.stderr


def test_bypassed_it_is_the_guitar(folder: Path) -> None:
    found = heard("clean.nam", "in.wav", "out.wav", "--board", "pod", "--bypass")
    assert np.array_equal(found[1200:], guitar()[1200:])


def test_without_options_of_a_pedal_the_model_plays_alone(folder: Path) -> None:
    found = heard("clean.nam", "in.wav", "out.wav")
    assert np.array_equal(found, guitar() * np.float32(0.5))


def test_another_rate_is_converted(folder: Path) -> None:
    soundfile.write("in.wav", np.tile(guitar()[:, None], 2), 96_000, subtype="FLOAT")
    arguments = ("clean.nam", "in.wav", "out.wav", "--board", "pod", "--channel", "2")
    refused = render(*arguments)
    assert refused.exit_code == 1
    assert "--resample" in refused.stderr
    assert (
        len(
            heard(
                "clean.nam", "in.wav", "out.wav", "--board", "pod", "--channel", "2", "--resample"
            )
        )
        == 5000
    )


def test_programs_read_the_result(folder: Path) -> None:
    told = json.loads(render("clean.nam", "in.wav", "out.wav", "--board", "pod", "--json").stdout)
    assert told["file"] == "out.wav"
    assert told["frames"] == 5000


MISTAKES = {
    "0.5, bas, 1": (
        "knob: expected one of input, gate, bass, middle, treble, level, capture, bypass, ir, "
        "found 'bas'; did you mean bass?"
    ),
    "x, bass, 1": "time: expected seconds from the beginning, found 'x'",
    "-1, bass, 1": "time: expected seconds from the beginning, found '-1'",
    "nan, bass, 1": "time: expected seconds from the beginning, found 'nan'",
    "1, bass": "expected time, knob and value with commas between them, found 2 cells",
    "1, bass, on": (
        'value: expected a position from 0 to 1, or a level from "-20 dB" to "+20 dB", found \'on\''
    ),
    "1, gate, of": (
        'value: expected a position from 0 to 1, or a level from "-100 dB" to "0 dB", found \'of\''
    ),
    "1, bypass, 1": "value: expected on or off, found '1'",
    "1, capture, lead": (
        "value: expected a capture, clean, Lead 2, found 'lead'; did you mean Lead 2?"
    ),
    "1, capture, 3": "value: expected a capture, clean, Lead 2, found '3'",
}


def test_all_lines_that_are_no_moves_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "moves.csv"
    path.write_text("Time,Knob,Value\n" + "\n".join(MISTAKES) + "\n", encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read_moves(path, TITLES)
    expected = [f"moves.csv: line {n}: {told}" for n, told in enumerate(MISTAKES.values(), 2)]
    assert list(caught.value.lines) == expected


def test_moves_come_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "moves.csv"
    path.write_text(
        '\ufeff2,capture,"lead 2"\r\n1,IR,OFF\r\n 1 , Gate , 0.25\r\n0,gate,on\r\n3,capture,1\r\n',
        encoding="utf-8",
    )
    assert read_moves(path, TITLES) == (
        Move(0.0, Throw("gate", on=True)),
        Move(1.0, Throw("ir", on=False)),
        Move(1.0, Turn("gate", 0.25)),
        Move(2.0, Choose(1)),
        Move(3.0, Choose(0)),
    )


@pytest.mark.parametrize("data", [b"\xff\xfe1", b"1,bass,\x001\n", b'"1'])
def test_what_is_no_csv_is_told_so(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "moves.csv"
    path.write_bytes(data)
    with pytest.raises(FileError, match=r"moves\.csv: "):
        read_moves(path, TITLES)


def test_every_knob_can_be_turned(tmp_path: Path) -> None:
    path = tmp_path / "moves.csv"
    path.write_text("".join(f"1, {name}, 0.5\n" for name in PARAMETERS), encoding="utf-8")
    turned = [move.action for move in read_moves(path, TITLES)]
    assert turned == [Turn(name, 0.5) for name in PARAMETERS]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--bypass"], 1, "bypass: it is not built in, for no control of seed bypasses"),
        (["--automation", "none.csv"], 1, "none.csv"),
        (["--automation", "cab.wav"], 1, "cab.wav: "),
        (["--capture", "lead"], 2, "capture: expected one of clean, found 'lead'"),
        (["--board", "teranium"], 2, "did you mean terrarium?"),
        (["--ir", "clean.nam"], 1, "clean.nam: expected an impulse response (WAV)"),
        (["--ir", "."], 1, "."),
        (["--board", "pod", "--engine", "emulator"], 1, "which plays bare models"),
        (["--board", "pod", "--target", "cortex-m7"], 2, "expected target daisy"),
        (["--board", "pod", "--block", "20"], 1, "multiple of 8 frames"),
    ],
)
def test_what_cannot_be_played_is_told(
    folder: Path, options: list[str], code: int, said: str
) -> None:
    done = render("clean.nam", "in.wav", "out.wav", *options)
    assert done.exit_code == code, done.output
    assert said in done.stderr
    assert not Path("out.wav").exists()


@pytest.mark.parametrize("option", ["--ir", "--automation", "--board"])
def test_what_is_read_is_not_written_over(folder: Path, option: str) -> None:
    Path("cab.wav").rename("out.toml")
    done = render("clean.nam", "in.wav", "out.toml", option, "out.toml")
    assert done.exit_code == 2
    assert "would be lost" in done.stderr
