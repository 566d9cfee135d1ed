"""The page's DfuSe in a browser: the same devices as the command's, the same requests and words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pytest
from browser import Browser, Page, browser
from dfu_device import TRANSITIONS
from dfu_pages import AGAIN, digest_of, image_of, opened, page_with, plug_in, press
from dfu_scenarios import REFUSED, SIZE, WORKS, Scenario
from flash_setups import played

pytest.importorskip("usb")

DETAIL = "A transfer error has occurred."
Pages: TypeAlias = "cache[Page]"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found
        assert found.said == []


@pytest.fixture(scope="module")
def pages(chromium: Browser) -> object:
    return cache(lambda size, boot: opened(chromium, page_with(size, boot)))


def page_for(pages: object, scenario: Scenario) -> Page:
    assert callable(pages)
    page = pages(scenario.size, scenario.boot)
    assert isinstance(page, Page)
    return page


@pytest.mark.parametrize("scenario", WORKS, ids=str)
def test_what_a_device_may_do_ends_in_a_pedal_that_plays(
    scenario: Scenario, pages: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_for(pages, scenario)
    plug_in(page, scenario)
    found = press(page)
    (line,) = found.lines
    started = "the pedal starts" if scenario.has_left else "press RESET to start it"
    assert line.endswith(f" erased, written, read back and equal; {started}")
    assert found.is_good
    assert found.digest == digest_of(image_of(scenario.size, scenario.boot), scenario)
    assert (found.started, found.left) == (scenario.kind.base, 1)
    twin = played(scenario, tmp_path, monkeypatch).board
    assert found.log == twin.log, "the command asks for the same"
    if scenario.has_left and "leave_error" not in scenario.settings:
        assert found.seconds == pytest.approx(twin.clock.now())


@pytest.mark.parametrize("scenario", REFUSED, ids=str)
def test_what_cannot_be_helped_is_told_as_the_command_does(
    scenario: Scenario, pages: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_for(pages, scenario)
    plug_in(page, scenario)
    found = press(page)
    words = {"place": "on USB", "again": AGAIN, "name": "firmware.bin", "detail": DETAIL}
    assert list(found.lines) == [line.format(**words) for line in scenario.said]
    assert not found.is_good
    twin = played(scenario, tmp_path, monkeypatch).board
    assert found.log == twin.log, "the command asks for the same"
    assert found.digest == hashlib.sha256(twin.memory).hexdigest()
    assert found.left == twin.left


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (131_073, "firmware.bin: 131,073 bytes are 1 too many for --boot flash (131,072)"),
        (0, "firmware.bin: expected an image, found an empty file"),
    ],
)
def test_an_image_that_no_pedal_takes_is_refused_before_any_is_asked(
    size: int, said: str, pages: object
) -> None:
    page = page_for(pages, Scenario("", size=size))
    plug_in(page, Scenario(""))
    found = press(page)
    assert found.lines == (said,)
    assert (found.log, found.transfers) == ([], 0)


@pytest.mark.parametrize("is_configured", [True, False])
@pytest.mark.parametrize("names", [True, False])
def test_a_browser_may_know_no_names_and_no_configuration(
    names: bool, is_configured: bool, pages: object
) -> None:
    scenario = Scenario("")
    page = page_for(pages, scenario)
    plug_in(page, scenario, names=names, is_configured=is_configured)
    found = press(page)
    assert found.is_good
    assert found.transfers - len(found.log) == (2 if names else 4), "of descriptors"


def test_a_device_that_refuses_its_descriptors_is_written_block_by_block(pages: object) -> None:
    scenario = Scenario("")
    page = page_for(pages, scenario)
    plug_in(page, scenario, has_descriptors=False)
    found = press(page)
    assert found.is_good
    assert {value for _, value in found.log} == {0, 2}
    plug_in(page, scenario, has_descriptors=False, names=False)
    assert "expected a map of its flash" in press(page).lines[0]


def test_a_device_that_does_not_close_ends_the_run_all_the_same(pages: object) -> None:
    scenario = Scenario("", {"closes": False})
    page = page_for(pages, scenario)
    plug_in(page, scenario)
    assert press(page).is_good


_STATES = {"IDLE": 2, "DNLOAD-IDLE": 5, "UPLOAD-IDLE": 9, "ERROR": 10}
_EVENTS = {4: "clear", 2: "upload", 1: "command", 6: "abort"}
_STRAY = """(async () => {{
    const wire = new UsbWire(simulation.usb.chosen, wordsSaid, null);
    await wire.open();
    const asked = {request} === UPLOAD ? wire.ask({request}, 2, 64)
        : wire.send({request}, 0, Uint8Array.from([0x21, 0, 0, 0, 8]));
    const trouble = await asked.then(() => "", (error) => error.trouble);
    const state = simulation.board.state;
    await new Dfu(wire, wordsSaid).makeIdle();
    await wire.close();
    return [trouble, state, simulation.board.state];
}})()"""


@pytest.mark.parametrize("state", _STATES)
@pytest.mark.parametrize("request_", [*_EVENTS, 5, 0])
def test_what_a_state_does_not_have_stalls_and_the_way_back_leads_to_idle(
    state: str, request_: int, pages: object
) -> None:
    scenario = Scenario("", {"state": _STATES[state]})
    page = page_for(pages, scenario)
    page.value(
        "unpacked('flash-words').then((data) => "
        "{ globalThis.wordsSaid = JSON.parse(new TextDecoder().decode(data)).said; })"
    )
    plug_in(page, scenario)
    is_allowed = (_STATES[state], _EVENTS.get(request_, "")) in TRANSITIONS
    trouble, then, last = page.value(_STRAY.format(request=request_))
    assert (trouble == "", then == _STATES["ERROR"]) == (is_allowed, not is_allowed)
    assert last == _STATES["IDLE"]


def test_every_transition_of_the_device_is_taken(chromium: Browser) -> None:
    taken: set[str] = set()
    for size, boot in dict.fromkeys((one.size, one.boot) for one in (*WORKS, *REFUSED)):
        page = opened(chromium, page_with(size, boot))
        for scenario in (*WORKS, *REFUSED):
            if (scenario.size, scenario.boot) == (size, boot):
                plug_in(page, scenario)
                press(page)
        if (size, boot) == (SIZE, "flash"):  # what nobody sends who is idle already
            plug_in(page, Scenario(""))
            page.value("simulation.board.abort()")
        taken |= set(page.value("[...simulation.taken]"))
    assert taken == {f"{state}, {event}" for state, event in TRANSITIONS}
