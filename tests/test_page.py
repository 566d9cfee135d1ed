"""`namgen page`: one file that needs nothing else, with every picture told in words and numbers."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import make_nam
import pages
import pytest
from pages import EXAMPLES, run

import namgen
from host_sim.m7.pedal_profile import quick_instrument
from namgen.errors import ToolError
from namgen.estimate import cost_parts, estimate
from namgen.inspection import inspect
from namgen.nam_file import read
from namgen.order import make_order
from namgen.page import MARK
from namgen.page.flashing import SCRIPTS
from namgen.page.working import Working, scripts_of
from namgen.selection.choosing import select
from namgen.targets import load_target

MOST_BYTES = 250_000
"""Of a page without what flashes it."""

MOST_FLASHING_BYTES = 30_000
"""Of scripts and words; beside them there is the image, as long as the pedal's code is."""

MOST_IMAGE_BYTES = 131_072 * 4 // 3
"""Of an image in the chip's own flash, deflated and in base 64."""

SOUNDS = {"curve", "response", "harmonics", "intermodulation", "aliasing", "decay"}
NANO = EXAMPLES / "tweed-nano.nam"
HOTHOUSE = ("--board", "hothouse", "--no-image")


@pytest.fixture(params=pages.NAMES)
def text(request: pytest.FixtureRequest) -> str:
    return pages.page(request.param).read_text(encoding="utf-8")


def figures(text: str) -> dict[str, str]:
    return dict(re.findall(r'<figure id="([\w-]+)">(.*?)</figure>', text, re.S))


def cells(figure: str) -> list[list[str]]:
    """The numbers of a figure's table, row by row."""
    return [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", figure)][1:]


def flashing_bytes(text: str) -> tuple[int, int]:
    """Bytes of the image in a page, and of the scripts and words that flash it."""
    image, words = (
        sum(map(len, re.findall(rf'id="flash-{name}">([^<]*)', text)))
        for name in ("image", "words")
    )
    scripts = scripts_of([Working("", "", None, SCRIPTS)])
    assert all(script in text for script in scripts)
    return image, words + sum(len(script.encode()) for script in scripts)


def test_a_page_is_one_small_file_that_asks_for_nothing(text: str) -> None:
    image, flashing = flashing_bytes(text)
    assert 20_000 < image < MOST_IMAGE_BYTES
    assert 20_000 < flashing < MOST_FLASHING_BYTES
    assert len(text.encode()) - image - flashing < MOST_BYTES
    assert not re.search(r"(?:src|href)=\"(?!#)|url\(|@import|<script src|<link", text)
    assert not re.search(r"\sstyle=|\son\w+=", text), "the policy would not let it"


def test_the_policy_lets_its_own_style_be_and_nothing_else(text: str) -> None:
    style = re.search(r"<style>(.*?)</style>", text, re.S)
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', text)
    assert style
    assert policy
    found = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    allowed = policy[1].replace("&#39;", "'")
    assert allowed.startswith(f"default-src 'none'; style-src 'sha256-{found}';")
    assert "'unsafe-" not in allowed
    scripts = re.findall(r"<script>(.*?)</script>", text, re.S)
    assert len(scripts) == text.count("<script>") == allowed.count("'sha256-") - 1
    for script in scripts:
        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in allowed


def test_every_picture_has_a_title_words_and_numbers(text: str) -> None:
    found = figures(text)
    for key, figure in found.items():
        drawing = re.search(r"<svg.*?</svg>", figure, re.S)
        assert drawing, key
        root = ElementTree.fromstring(drawing[0])
        ids = [f"{key}-t", f"{key}-d"]
        assert root.get("aria-labelledby") == " ".join(ids)
        assert [child.get("id") for child in root[:2]] == ids
        assert all(child.text for child in root[:2])
        is_endless = key.endswith("field") and "without end" in figure
        assert is_endless or figure.count("<tr>") > 1, key


def test_identifiers_are_there_once(text: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("name", "captures"), [("nano", 1), ("three", 3)])
def test_every_capture_has_all_plots_and_the_pedal_its_own(name: str, captures: int) -> None:
    keys = set(figures(pages.page(name).read_text(encoding="utf-8")))
    wanted = {
        f"c{n}-{plot}" for n in range(1, captures + 1) for plot in (*SOUNDS, "network", "field")
    }
    assert keys == wanted | {"panel", "cycles", "memory"}


def test_a_capture_beside_another_is_in_every_plot_and_table() -> None:
    text = pages.page("a2-lite").read_text(encoding="utf-8")
    for plot in SOUNDS:
        figure = figures(text)[f"c1-{plot}"]
        assert re.search(r'class="[sf]\d o"', figure), plot
        assert "tweed-nano.nam, " in figure, plot
    assert re.search(r"the two null 1\d\.\d dB deep", text)
    own = figures(pages.page("nano").read_text(encoding="utf-8"))["c1-harmonics"]
    assert [row[-3:] for row in cells(figures(text)["c1-harmonics"])] == cells(own)


def test_the_same_gives_the_same_bytes(tmp_path: Path) -> None:
    again = tmp_path / "again.html"
    assert run(*pages.asked("nano"), "-o", again).exit_code == 0
    assert again.read_bytes() == pages.page("nano").read_bytes()


def test_json_has_the_numbers_of_the_page(tmp_path: Path) -> None:
    place = tmp_path / "page.html"
    found = json.loads(run(NANO, *HOTHOUSE, "-o", place, "--json").stdout)
    (capture,) = found["captures"]
    assert capture["receptive_field"] == 4093
    distortion = capture["sounding"]["harmonics"][2]["thd_percent"]
    assert f"<td>{distortion:.1f} %</td>" in place.read_text(encoding="utf-8")
    assert capture["truth"]["snr_db"] > 120
    assert (found["file"], found["pictures"]) == (str(place), [])
    (cost,) = found["cycles"]
    sample = sum(part["size"] for part in cost["parts"])
    assert sample == pytest.approx(found["prediction"]["cycles_per_sample"], abs=1)
    (fit,) = (fit for fit in inspect(NANO).networks[0].fits if fit.target == "daisy")
    kept = {use.region: use.model_bytes + use.reserved_bytes for use in fit.memory}
    for memory in found["memory"]:
        whole = sum(p["size"] for p in memory["parts"] if p["name"] != "rest of the chain")
        assert memory["region"] not in kept or whole == kept[memory["region"]]
    assert found["bytes"] == place.stat().st_size
    assert found["play"]["module_bytes"] > 20_000
    assert found["play"]["notes"] == []


@pytest.mark.parametrize("submodel", ["lite", "full"])
def test_the_bar_of_cycles_adds_up_to_the_estimate(submodel: str) -> None:
    order = make_order(load_target("daisy"), clock=None, block_frames=None)
    file = read(EXAMPLES / "tweed-a2.nam")
    plan = select(file, order).plan if submodel == "full" else select(read(NANO), order).plan
    parts = cost_parts(plan, order.target.pedal.processor)
    whole = estimate(plan, order.target.pedal.processor, order.budget).cycles_per_block
    assert sum(parts.values()) == pytest.approx(whole, abs=1)
    assert parts["multiply-adds"] > whole / 3


def without_module(*_: object, **__: object) -> bytes:
    raise ToolError("zig: expected ziglang, found none: pip install ziglang")


def test_the_cycles_are_those_of_the_image_that_is_in_the_page(tmp_path: Path) -> None:
    options = {"board": "hothouse", "out_dir": tmp_path / "out"}
    found = namgen.build(NANO, instrument=quick_instrument, **options).prediction
    assert found
    text = pages.page("nano").read_text(encoding="utf-8")
    assert text.count(str(found)) == 2
    assert f"The image took {found.cycles_per_block / 48:,.0f} in the emulator" in text
    assert "nothing was run" not in text


def test_a_page_whose_pedal_cannot_be_compiled_says_why_and_has_no_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("namgen.page.play.pedal_module", without_module)
    place = tmp_path / "page.html"
    done = run(NANO, *HOTHOUSE, "-o", place)
    assert done.exit_code == 0
    told = "othing can be played here: zig: expected ziglang, found none: pip install ziglang"
    assert f"n{told}" in done.stdout
    text = place.read_text(encoding="utf-8")
    assert f"N{told}" in text
    assert "<script" not in text
    assert "script-src" not in text
    assert set(figures(text)) >= {"panel", "cycles", "memory"}


def test_a_module_that_is_too_large_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("namgen.page.play.pedal_module", lambda *_, **__: bytes(160_000))
    place = tmp_path / "page.html"
    told = "he module takes 160,000 bytes, more than the 150,000 that are meant for one"
    assert f"t{told}" in run(NANO, "--no-image", "-o", place).stdout
    assert f"T{told}" in place.read_text(encoding="utf-8")


def test_what_a_file_says_is_words_and_no_markup(tmp_path: Path) -> None:
    evil = '<script>alert("&")</script>\u202e'
    document = {**make_nam.a1(), "metadata": {"name": evil, "gear_make": "\x01</style>"}}
    place = make_nam.write(tmp_path, document, "<b>&'.nam")
    board = tmp_path / "board.toml"
    board.write_text('title = "Mine \\u0001 </svg><script>"\nlike = "hothouse"\n')
    assert run(place, "--board", board, "--no-image", "-o", tmp_path / "out.html").exit_code == 0
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert "<b>" not in text
    assert "\x01" not in text
    assert text.count("</style>") == 1


def test_pictures_are_written_one_by_one(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py", reason="no resvg_py: pip install resvg-py")
    folder = tmp_path / "pictures"
    asked = (NANO, *HOTHOUSE, "-o", tmp_path / "page.html", "--png", folder)
    assert run(*asked).exit_code == 0
    names = {path.stem for path in folder.iterdir()}
    assert names >= {"panel", "cycles", "memory", *(f"c1-{plot}" for plot in SOUNDS)}
    for path in folder.iterdir():
        assert path.read_bytes().startswith(b"\x89PNG")
        assert path.stat().st_size > 3000, path
    (folder / "panel.png").write_text("mine")
    assert run(*asked).exit_code == 1
    assert (folder / "panel.png").read_text() == "mine"


def test_what_cannot_be_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "page.html"
    lstm = pages.lstm()
    two = run(NANO, lstm, "--board", "terrarium", "--compare", NANO, "-o", out)
    assert (two.exit_code, "expected one capture" in two.stderr) == (2, True)
    assert run(NANO, "-o", tmp_path / "page.pdf").exit_code == 2
    assert run(NANO, "-o", tmp_path / "nowhere" / "page.html").exit_code == 1
    taken = run(NANO, "-o", out, "--png", NANO)
    assert "expected a folder or nothing, found a file" in taken.stderr
    fast = make_nam.write(tmp_path, make_nam.a1(sample_rate=96000), "fast.nam")
    other = run(NANO, "--compare", fast, "-o", out)
    assert "expected one input, one output and 48000 Hz, found 1, 1 and 96000 Hz" in other.stderr
    assert "playing" not in other.stderr
    stereo = make_nam.write(tmp_path, make_nam.lstm(3, 1, channels=2), "stereo.nam")
    assert "1 input" in run(stereo, "-o", out).stderr
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    missing = run(NANO, "-o", out, "--png", tmp_path / "pictures")
    assert missing.exit_code == 1
    assert 'pip install "namgen[page]"' in missing.stderr
    assert not out.exists()


def test_a_page_of_somebody_else_stays(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    out.write_text("<!DOCTYPE html>\nmine\n")
    refused = run(NANO, "-o", out)
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert "mine" in out.read_text()
    assert run(NANO, "--no-image", "-o", out, "--force").exit_code == 0
    assert MARK in out.read_text(encoding="utf-8")
    assert run(NANO, "--no-image", "-o", out).exit_code == 0
