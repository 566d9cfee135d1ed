"""The Flash part of a page: its buttons, what is told meanwhile, the file, and no image at all."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, Page, browser
from dfu_device import DAISY
from dfu_pages import AGAIN, facts, image_of, opened, page_with, plug_in, press, simulation
from dfu_scenarios import SIZE, Scenario
from pages import EXAMPLES, run

import namgen
from namgen.errors import ToolError
from namgen.page import page_of
from namgen.page.flashing import flash_part, no_flash_part

NANO = EXAMPLES / "tweed-nano.nam"
ROM = Scenario("rom")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found
        assert found.said == []


@pytest.fixture
def page(chromium: Browser) -> Page:
    return opened(chromium, page_with(SIZE, "flash"))


def data_of(text: str, name: str) -> bytes:
    """What a page has packed."""
    found = re.search(rf'<script type="application/octet-stream" id="{name}">(.*?)</script>', text)
    assert found
    return zlib.decompress(base64.b64decode(found[1]))


def test_a_click_asks_for_bootloaders_and_no_other_devices(page: Page) -> None:
    plug_in(page, ROM)
    box = page.value(
        "(flashPlace('go').scrollIntoView(), flashPlace('go').getBoundingClientRect().toJSON())"
    )
    at = {"x": box["x"] + 9, "y": box["y"] + 9, "button": "left", "clickCount": 1}
    for kind in ("mousePressed", "mouseReleased"):
        page.ask("Input.dispatchMouseEvent", {"type": kind, **at})
    for _ in range(200):
        if page.value("flashPlace('said').className"):
            break
        time.sleep(0.02)
    assert page.value("simulation.asked") == {
        "filters": [{"vendorId": 0x0483, "productId": 0xDF11}],
        "isActive": True,
    }
    assert "the pedal starts" in page.value("flashPlace('said').textContent")


def test_of_two_pedals_the_one_that_is_chosen_is_flashed(page: Page) -> None:
    plug_in(page, ROM)
    page.value("globalThis.other = simulation.board")
    plug_in(page, ROM)
    assert press(page).is_good
    assert page.value("[other.transfers, simulation.board.left]") == [0, 1]


def test_who_chooses_none_is_told_the_buttons(page: Page) -> None:
    plug_in(page, ROM)
    page.value("simulation.usb.chosen = null")
    found = press(page)
    assert found.lines[:2] == (
        "no pedal was chosen",
        "hold BOOT on the Daisy Seed, press and release RESET, let go of BOOT",
    )
    assert "charges" in found.lines[-1]


_WATCH = """
globalThis.heard = {lines: [], shares: [], during: null};
new MutationObserver(() => heard.lines.push(flashPlace("now").textContent))
    .observe(flashPlace("now"), {childList: true});
new MutationObserver(() => heard.shares.push(flashPlace("bar").value))
    .observe(flashPlace("bar"), {attributes: true, attributeFilter: ["value"]});
globalThis.leaving = () => !window.dispatchEvent(new Event("beforeunload", {cancelable: true}));
simulation.interrupt = () => {
    heard.during = {
        busy: flashPlace("go").disabled && !flashPlace("stop").hidden && !flashPlace("bar").hidden,
        stays: leaving(), now: flashPlace("now").textContent,
        found: flashPlace("found").textContent,
    };
    flashPlace("stop").click();
};
"""


def test_what_is_done_is_told_step_by_step(page: Page) -> None:
    page.value(_WATCH)
    plug_in(page, ROM)
    assert press(page).is_good
    heard = page.value("heard")
    said = list(dict.fromkeys(filter(None, heard["lines"])))
    assert said[-1] == "starting the pedal", "others come and go without a pause"
    assert heard["shares"][-1] == 0
    assert page.value("[flashPlace('go').disabled, flashPlace('stop').hidden, leaving()]") == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("k", "now", "told"),
    [
        (4, "erasing 1 sector", "the pedal, erasing: it was stopped"),
        (20, "writing 9,001 bytes", "the pedal, writing: it was stopped"),
        (43, "reading 9,001 bytes back", "the pedal, reading: it was stopped"),
    ],
)
def test_a_stop_is_heard_at_once_and_leaving_the_page_is_warned_of(
    k: int, now: str, told: str, page: Page
) -> None:
    page.value(_WATCH)
    plug_in(page, Scenario("", {"at": k, "how": "INTERRUPT"}))
    found = press(page)
    assert found.lines[0] == told
    assert found.lines[1].endswith(AGAIN)
    assert found.seconds < 2
    during = page.value("heard.during")
    assert during == {
        "busy": True,
        "stays": True,
        "now": now,
        "found": "Found: the ROM bootloader, serial 200364500000",
    }
    assert page.value("leaving()") is False


@pytest.mark.parametrize(
    ("navigator", "told"),
    [
        ('{platform: "Win32"}', "Zadig"),
        ('{platform: "", userAgentData: {platform: "Windows"}}', "Zadig"),
        ('{platform: "Linux x86_64", userAgentData: {platform: "Linux"}}', "udev needs one line"),
        ('{platform: "MacIntel"}', "close what else may have it"),
    ],
)
def test_who_may_not_open_it_is_told_the_way_of_the_system(
    navigator: str, told: str, page: Page
) -> None:
    words = "unpacked('flash-words').then((data) => JSON.parse(new TextDecoder().decode(data)))"
    said = page.value(f"{words}.then((words) => words.systems[systemOf({navigator})].access[0])")
    assert told in said


def test_keys_go_from_one_button_to_the_other(page: Page) -> None:
    focus = "document.activeElement.id"
    page.value(f"simulation.interrupt = () => {{ globalThis.during = {focus}; stopIt(); }}")
    page.value("globalThis.stopIt = () => flashPlace('stop').click()")
    page.value("flashPlace('go').focus()")
    plug_in(page, Scenario("", {"at": 9, "how": "INTERRUPT"}))
    press(page)
    assert page.value(f"[during, {focus}]") == ["flash-stop", "flash-go"]


def test_a_damaged_image_goes_onto_no_pedal(chromium: Browser, tmp_path: Path) -> None:
    whole = page_with(SIZE, "flash").read_text("utf-8")
    other = flash_part(image_of(SIZE + 1, "flash")).data["flash-image"]
    packed = base64.b64encode(zlib.compress(other)).decode()
    place = tmp_path / "damaged.html"
    place.write_text(re.sub(r'(id="flash-image">)[^<]*', rf"\g<1>{packed}", whole), "utf-8")
    page = opened(chromium, place)
    plug_in(page, ROM)
    found = press(page)
    sha256 = hashlib.sha256(other).hexdigest()
    assert found.lines == (f"the image in this page is damaged: its SHA-256 is {sha256}",)
    assert found.transfers == 0


def test_without_webusb_there_is_the_file_and_the_command(
    chromium: Browser, tmp_path: Path
) -> None:
    page = chromium.open(
        page_with(SIZE, "flash"), "Object.defineProperty(navigator, 'usb', {value: undefined})"
    )
    chromium.ask(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    for _ in range(200):
        if not page.value("flashPlace('save').disabled"):
            break
        time.sleep(0.02)
    assert page.value("[flashPlace('usb').hidden, flashPlace('without').hidden]") == [True, False]
    page.value("flashPlace('save').click()")
    place = tmp_path / "firmware.bin"
    for _ in range(200):
        if place.exists() and place.stat().st_size == SIZE:
            break
        time.sleep(0.02)
    assert place.read_bytes() == image_of(SIZE, "flash").data
    text = page.value("document.getElementById('flash').innerText")
    assert "namgen flash firmware.bin" in text
    assert "dfu-util -a 0 -s 0x08000000:leave -D firmware.bin -d ,0483:df11" in text


@pytest.mark.parametrize("boot", ["flash", "sram"])
def test_the_image_of_a_page_is_that_of_a_build_and_reaches_the_pedal(
    boot: str, chromium: Browser, tmp_path: Path
) -> None:
    options = ("--board", "terrarium", "--boot", boot, "--block", "32", "--set", "gate=-60 dB")
    place = tmp_path / "page.html"
    told = run(NANO, *options, "--no-profile", "-o", place, "--json")
    positions = {"gate": "-60 dB"}
    report = namgen.build(
        NANO, out_dir=tmp_path / "out", boot=boot, board="terrarium", block=32, positions=positions
    )
    assert report.firmware
    built = report.firmware.read_bytes()
    text = place.read_text("utf-8")
    assert data_of(text, "flash-image") == built
    found = json.loads(told.stdout)["image"]
    address = {"flash": 0x08000000, "sram": 0x90040000}[boot]
    assert found == {
        "size_bytes": len(built),
        "sha256": hashlib.sha256(built).hexdigest(),
        "boot": boot,
        "address": address,
    }
    page = opened(chromium, place)
    plug_in(page, ROM if boot == "flash" else Scenario("", {}, DAISY))
    assert press(page).is_good
    origin = f"simulation.board.kind.base - {address}"
    length = f"simulation.board.memory.slice({origin}, {origin} + {len(built)})"
    digest = page.value(
        f"crypto.subtle.digest('SHA-256', {length}).then((d) => [...new Uint8Array(d)])"
    )
    assert bytes(digest) == hashlib.sha256(built).digest()


def test_without_an_image_the_page_says_why(tmp_path: Path) -> None:
    """As `build` refuses it: too many cycles at this clock."""
    place = tmp_path / "page.html"
    options = ("--submodel", "full", "--precision", "float32", "--clock", "400", "--block", "8")
    told = run(EXAMPLES / "tweed-a2.nam", *options, "--no-profile", "-o", place, "--json")
    assert told.exit_code == 0
    found = json.loads(told.stdout)["image"]
    said = {"submodel": "full", "precision": "float32", "clock": "400", "block": 8}
    with pytest.raises(namgen.errors.BudgetError) as caught:
        namgen.build(EXAMPLES / "tweed-a2.nam", out_dir=tmp_path / "out", **said)
    assert found == {"why": list(caught.value.lines)}
    text = place.read_text("utf-8")
    section = re.search(r'<section id="flash".*?</section>', text, re.S)
    assert section
    assert "There is no image of this pedal to flash; <code>namgen build</code> says:" in section[0]
    assert "flash-image" not in text
    assert "button" not in section[0]
    assert "not keep up" in told.stderr


def test_a_compiler_that_is_missing_leaves_a_page_without_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def firmware_of(*_: object) -> bytes:
        raise ToolError("zig: expected ziglang, found none: pip install ziglang")

    monkeypatch.setattr("namgen.cli.page_image.firmware_of", firmware_of)
    told = run(NANO, "-o", tmp_path / "page.html")
    assert told.exit_code == 0
    assert "the page has no image, for `namgen build` says: zig: expected ziglang" in told.stderr
    assert "pip install ziglang</p>" in (tmp_path / "page.html").read_text("utf-8")


def test_a_board_with_another_loader_has_no_buttons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None has one yet."""
    monkeypatch.setattr("namgen.flashing.image._MODES", {})
    told = run(NANO, "-o", tmp_path / "page.html", "--json")
    (why,) = json.loads(told.stdout)["image"]["why"]
    assert why.startswith("firmware.bin: daisy has no bootloader that namgen flashes by: hold BOOT")


def test_a_page_may_be_made_without_its_image(tmp_path: Path) -> None:
    place = tmp_path / "page.html"
    assert run(NANO, "--no-image", "-o", place).exit_code == 0
    text = place.read_text("utf-8")
    assert "--no-image" in text
    assert 'id="flash-image"' not in text


def test_what_is_said_in_a_page_is_no_markup() -> None:
    text = page_of(facts(), [no_flash_part(("<b>&", "two"), is_refused=True)])
    assert "<p>&lt;b&gt;&amp;</p>" in text
    assert simulation().count("TRANSITIONS") == 0, "the table comes from Python"
