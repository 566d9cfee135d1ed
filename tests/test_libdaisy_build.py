"""What a project of libDaisy's is made of and made for, what is refused, and what is said."""

from __future__ import annotations

import json
import re
from pathlib import Path

import make_nam
import numpy as np
import pedal_captures
import pytest
from click.testing import CliRunner, Result

from namgen.build import build
from namgen.cli import main
from namgen.errors import BudgetError, FileError, UnsupportedError
from namgen.frameworks import App, Framework, load_framework
from namgen.order import make_order
from namgen.targets import load_target
from namgen.toml_data import parse_toml, read_table

LIBDAISY = load_framework("libdaisy")
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
FILE = Path(__file__).resolve().parents[1] / "namgen" / "frameworks" / "libdaisy.toml"


def run(*words: str) -> Result:
    result = CliRunner().invoke(main, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("libdaisy")
    capture = pedal_captures.files(folder)[0]
    return build(capture, target="libdaisy", board="terrarium", out_dir=folder / "out").out_dir


def test_400_mhz_are_the_default_and_480_a_warning(tmp_path: Path) -> None:
    capture = pedal_captures.files(tmp_path)[0]
    for clock, boosts, warnings in ((None, "false", 0), (480, "true", 1)):
        choices = {} if clock is None else {"clock": clock}
        made = build(capture, target="libdaisy", out_dir=tmp_path / "out", **choices)
        text = (made.out_dir / "project.h").read_text()
        assert f"#define PROJECT_BOOST {boosts}\n" in text
        told = [w for w in made.contents["warnings"] if "voltage" in w]
        assert len(told) == warnings
        assert made.order.clock_hz == (clock or 400) * 1_000_000


def test_the_same_project_is_the_same_bytes(built: Path, tmp_path: Path) -> None:
    capture = next(built.glob("*.nam"))
    again = build(capture, target="libdaisy", board="terrarium", out_dir=tmp_path / "again").out_dir
    names = sorted(path.relative_to(built) for path in built.rglob("*") if path.is_file())
    assert names == sorted(p.relative_to(again) for p in again.rglob("*") if p.is_file())
    assert [n for n in names if (built / n).read_bytes() != (again / n).read_bytes()] == []


def test_every_header_that_is_included_is_there(built: Path) -> None:
    for path in (p for p in built.rglob("*") if p.suffix in (".c", ".h", ".cpp")):
        for name in re.findall(r'#include "([^"]+)"', path.read_text()):
            beside = path.parent / name
            assert name == "daisy_seed.h" or beside.exists() or (built / name).exists(), name


def test_verify_repeats_the_bits_of_the_folder(built: Path) -> None:
    result = run("verify", str(built), "--on", "host")
    assert result.exit_code == 0, result.output
    assert "bit-exact" in result.stdout
    assert "firmware" not in result.output


def test_verify_says_what_was_changed(built: Path, tmp_path: Path) -> None:
    text = (built / "chain" / "gate.c").read_text()
    (built / "chain" / "gate.c").write_text(text + "\n")
    result = run("verify", str(built), "--on", "host")
    (built / "chain" / "gate.c").write_text(text)
    assert "chain/gate.c: changed since the build" in result.output


def test_what_the_stack_has_no_room_beside_is_refused_with_the_way_that_holds_it(
    tmp_path: Path,
) -> None:
    array = make_nam.a1_array(4, dilations=[512] * 7, head_bias=True)
    capture = make_nam.write(tmp_path, make_nam.a1(array))
    first, last = refusal(capture, tmp_path / "out")
    assert re.fullmatch(r"memory: the whole model needs \d+ of \d+ bytes \(dtcm \d+\)", first)
    assert last == "--app none or --app qspi holds it"


def test_a_way_that_holds_it_and_is_too_slow_is_not_named(tmp_path: Path) -> None:
    _, last = refusal(EXAMPLES / "tweed-a2.nam", tmp_path / "out", submodel="full")
    assert last == "without --submodel what fits and keeps up is taken, where anything does"


def refusal(capture: Path, out: Path, **choices: str) -> tuple[str, ...]:
    """What is said of a capture that DTCM does not hold under --app sram."""
    with pytest.raises(BudgetError) as caught:
        build(capture, target="libdaisy", boot="sram", out_dir=out, **choices)
    assert not out.exists()
    return caught.value.lines


@pytest.mark.parametrize("app", LIBDAISY.apps, ids=lambda app: app.name)
def test_dtcm_is_never_filled_into_the_stack(app: App) -> None:
    target = load_target("libdaisy")
    order = make_order(target, clock=None, block_frames=None, boot=app.name)
    dtcm = order.target.pedal.region("dtcm")
    assert dtcm.free_bytes + LIBDAISY.stack_bytes <= dtcm.size_bytes == 128 << 10


def test_the_plan_follows_the_way_to_start(tmp_path: Path) -> None:
    capture = EXAMPLES / "tweed-nano.nam"
    for app, kinds in (
        ("none", {("dtcm", False), ("axi_sram", True)}),
        ("sram", {("dtcm", False), ("dtcm", True)}),
        ("qspi", {("dtcm", False), ("axi_sram", True)}),
    ):
        made = build(capture, target="libdaisy", boot=app, out_dir=tmp_path / "out")
        plan = made.sound.captures[0].plan
        assert {(b.region, b.constant) for b in plan.buffers} == kinds
        word = LIBDAISY.app(app).word
        assert f"APP_TYPE ?= {word}\n" in (made.out_dir / "Makefile").read_text()
        assert made.contents["options"]["boot"] == app


def test_code_in_a_slow_chip_is_dearer_and_said(tmp_path: Path) -> None:
    found = {}
    for app in ("none", "sram", "qspi"):
        made = build(
            EXAMPLES / "tweed-nano.nam", target="libdaisy", boot=app, out_dir=tmp_path / "out"
        )
        assert made.prediction is not None
        found[app] = made.prediction.cycles_per_block
        assert (app == "qspi") == any("QSPI" in w for w in made.contents["warnings"])
    assert found["sram"] < found["none"] < found["qspi"] - 100_000


REFUSED = [
    (["--board", "petal-125b-sm"], "found 'libdaisy', which is for boards of target daisy"),
    (["--app", "flash"], "expected one of none, sram, qspi, found 'flash'"),
    (["--idle", "sleep"], "no image can be made for it that could sleep, only a project"),
    (["--precision", "fixed16"], "expected float32, found fixed16; kernels of integers run from"),
]


@pytest.mark.parametrize(("words", "said"), REFUSED, ids=lambda case: str(case[0])[:12])
def test_what_cannot_be_is_refused(tmp_path: Path, words: list[str], said: str) -> None:
    capture, out = str(EXAMPLES / "tweed-nano.nam"), str(tmp_path / "out")
    result = run("build", capture, "--target", "libdaisy", *words, "-o", out)
    assert result.exit_code in (1, 2)
    assert said in result.stderr
    assert not (tmp_path / "out").exists()


def test_captures_of_two_shapes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="expected captures of one shape, found 2 shapes"):
        build(
            *pedal_captures.files(tmp_path),
            target="libdaisy",
            board="hothouse",
            out_dir=tmp_path / "out",
        )


def test_a_long_cabinet_has_no_place_where_axi_has_no_section(tmp_path: Path) -> None:
    cabinet = tmp_path / "long.wav"
    noise = 0.1 * np.random.default_rng(1).standard_normal(8192)
    cabinet.write_bytes(make_nam.wav(noise))
    clean = pedal_captures.files(tmp_path)[0]
    nano = EXAMPLES / "tweed-nano.nam"
    words = {"target": "libdaisy", "ir": str(cabinet), "ir_length": 8192}
    with pytest.raises(BudgetError, match=r"bytes, .* are left of dtcm, .*--ir-length"):
        build(nano, boot="sram", out_dir=tmp_path / "out", **words)
    assert build(clean, boot="none", out_dir=tmp_path / "out", force=True, **words).out_dir


def test_a_pedal_file_names_its_way_to_start(tmp_path: Path) -> None:
    pedal_captures.files(tmp_path)
    (tmp_path / "pedal.toml").write_text(
        'board = "terrarium"\nboot = "qspi"\n[[capture]]\nfile = "clean.nam"\n'
    )
    made = build(tmp_path / "pedal.toml", target="libdaisy", out_dir=tmp_path / "out")
    assert made.order.boot is not None
    assert made.order.boot.name == "qspi"
    (tmp_path / "pedal.toml").write_text('boot = "none"\n[[capture]]\nfile = "clean.nam"\n')
    assert build(tmp_path / "pedal.toml", target="libdaisy", out_dir=tmp_path / "out").out_dir
    with pytest.raises(FileError, match="boot: expected one of flash, sram, qspi, found 'none'"):
        build(tmp_path / "pedal.toml", out_dir=tmp_path / "out")


def test_it_is_listed_with_its_ways_and_memories() -> None:
    found = json.loads(run("targets", "--json").stdout)
    (target,) = [each for each in found if each["name"] == "libdaisy"]
    assert target["gives"] == "project"
    text = run("targets").stdout
    assert "--app sram" in text
    assert "8,192 for stack" in text


def test_what_needs_an_image_refuses_it(tmp_path: Path) -> None:
    result = run("profile", str(EXAMPLES / "tweed-nano.nam"), "--target", "libdaisy")
    assert result.exit_code == 2
    assert "no image can be made for libdaisy" in result.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"board": "dayzee"}, "board: expected one of daisy, "),
        ({"apps": []}, "apps: expected at least one"),
    ],
    ids=["board", "apps"],
)
def test_a_framework_that_cannot_be_is_refused(change: dict[str, object], said: str) -> None:
    data = {"name": "libdaisy", **parse_toml(FILE), **change}
    with pytest.raises(FileError, match=re.escape(said)):
        read_table(FILE, data, Framework)


def test_a_region_without_a_section_is_refused() -> None:
    data = {"name": "libdaisy", **parse_toml(FILE)}
    del data["apps"][1]["regions"][1]["constants"]
    with pytest.raises(FileError, match=r"apps\[1\]\.regions\[1\]\.state: expected a section"):
        read_table(FILE, data, Framework)
