"""Pages with an image to flash, opened in a browser with a simulated pedal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from browser import Browser, Page
from dfu_device import TRANSITIONS, Device
from dfu_scenarios import Scenario
from flash_setups import image, image_bytes
from pages import EXAMPLES

from namgen.cli.page import _bring
from namgen.flashing.image import FlashImage
from namgen.page import gather, page_of
from namgen.page.facts import PageFacts
from namgen.page.flashing import flash_part
from namgen.pedal.deciding import pedal_of
from namgen.pedal.files import read_captures
from namgen.pedal.said import PedalSaid
from namgen.pedal.sound import plan_sound
from namgen.progress import silent

HERE = Path(__file__).parent
AGAIN = "press the button on this page again"
_TABLE = {f"{state}, {event}": then for (state, event), then in TRANSITIONS.items()}


@dataclass(frozen=True)
class Flashed:
    """What a page has done to a board."""

    lines: tuple[str, ...]  # that are read
    is_good: bool
    digest: str
    log: list[tuple[int, int]]
    transfers: int
    started: int | None
    left: int
    seconds: float  # of the board's time


@cache
def facts() -> PageFacts:
    """Of a pedal, for any image."""
    pedal = pedal_of([EXAMPLES / "tweed-nano.nam"], PedalSaid(board="hothouse"))
    files = read_captures(pedal.wanted.captures)
    sound = plan_sound(pedal.wanted, pedal.order, files, progress=silent)
    return gather(pedal, sound, files, _bring, other=None, progress=silent)


@cache
def folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory()


def image_of(size: int, boot: str) -> FlashImage:
    """An image as a build of a page has it."""
    found = image(Path(folder().name), 16, boot)
    data = image_bytes(size, boot)
    return replace(found, path=Path("firmware.bin"), data=data, is_reported=True)


@cache
def page_with(size: int, boot: str) -> Path:
    """A whole page, with an image that is as long."""
    place = Path(folder().name) / f"{boot}-{size}.html"
    place.write_text(page_of(facts(), [flash_part(image_of(size, boot))]), encoding="utf-8")
    return place


def simulation() -> str:
    """What goes before a page: a board, and its time."""
    files = ("dfu_device.js", "dfu_board.js")
    text = "\n".join((HERE / name).read_text(encoding="utf-8") for name in files)
    return f"(() => {{\n{text}\n}})();"


def opened(browser: Browser, place: Path) -> Page:
    """Open a page whose time is that of the board, ready to flash."""
    page = browser.open(place, simulation())
    page.value("new Promise((go) => { const look = () => flashPlace('go').disabled ? "
               "setTimeout(look, 5) : go(true); look(); })")  # fmt: skip
    page.value("simulation.ownTime()")
    return page


def plug_in(page: Page, scenario: Scenario, **more: Any) -> None:
    """Plug in the board of a scenario."""
    page.value(f"simulation.plugIn({json.dumps(_asked(scenario) | more)}, {json.dumps(_TABLE)})")


def _asked(scenario: Scenario) -> Mapping[str, Any]:
    own = {k: v for k, v in scenario.settings.items() if k in Device.__dataclass_fields__}
    faults = {k: v for k, v in scenario.settings.items() if k not in own}
    if "functional" in own:
        own["functional"] = list(own["functional"])
    return {"kind": asdict(scenario.kind), "faults": faults, **own}


PRESS = """(async () => {
    const usb = flashPlace("usb");
    const over = new Promise((resolve) => new MutationObserver(() =>
        usb.getAttribute("aria-busy") === "false" && resolve()).observe(usb, {attributes: true}));
    flashPlace("go").click();
    await over;
    const {board, clock} = simulation;
    return {
        lines: [...flashPlace("said").children].map((one) => one.textContent),
        is_good: flashPlace("said").className === "good",
        digest: await simulation.digest(),
        log: board.log, transfers: board.transfers, started: board.started, left: board.left,
        seconds: clock.ms / 1000,
    };
})()"""


def press(page: Page) -> Flashed:
    """Press the button, and wait until the page has an end to tell."""
    found = page.value(PRESS)
    assert page.value("simulation.wrong") == []
    assert not page.value("simulation.usb.chosen?.opened"), "it is closed whatever happens"
    log = [tuple(one) for one in found.pop("log")]
    return Flashed(**found | {"lines": tuple(found["lines"]), "log": log})


def digest_of(wanted: FlashImage, scenario: Scenario) -> str:
    """SHA-256 of a flash that has exactly an image: the rest of its sectors blank."""
    size, sector = len(wanted.data), scenario.kind.sector
    end = -(-size // sector) * sector
    rest = b"\x5a" * (scenario.kind.size - end)
    return hashlib.sha256(wanted.data + b"\xff" * (end - size) + rest).hexdigest()
