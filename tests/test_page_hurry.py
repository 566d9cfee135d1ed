"""Play of a page for who is in a hurry: what is asked for while something else is on its way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pages
import pytest
from browser import Browser, Page, browser
from click.testing import CliRunner
from desk import Desk
from test_page_play import wav
from test_wasm_pedal import NANO
from test_worklet import music

from namgen.cli import main
from namgen.targets import WEB

PLAYS = "document.getElementById('play-told').textContent === 'The riff plays.'"
CAN = "['start', 'stop', 'record'].map((one) => !now.part(one).disabled)"
LATE_CARD = """
navigator.mediaDevices.getUserMedia = () => new Promise((give, refuse) => {
    globalThis.card = { give, refuse };
});
now.part("desk").elements["play-source"].value = "card";
"""
GIVEN = """(async () => {
    const silent = new AudioContext();
    globalThis.stream = new MediaStreamAudioDestinationNode(silent).stream;
    card.give(stream);
})()"""
REFUSED = "card.refuse(new DOMException('no', 'NotAllowedError'))"
ENDED = "globalThis.stream.getTracks().every((one) => one.readyState === 'ended')"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def page() -> Path:
    return pages.page("played")


@pytest.fixture
def desk(chromium: Browser, page: Path, tmp_path: Path) -> Iterator[Desk]:
    chromium.said.clear()
    yield Desk(chromium, page, tmp_path)
    assert chromium.said == []


def run(desk: Desk, script: str) -> None:
    desk.page.value(f"(() => {{ {script} }})()")


def has_asked(desk: Desk) -> None:
    desk.until("!!globalThis.card")


def without_power(desk: Desk) -> None:
    """Press Stop, and wait until Play can be pressed again."""
    desk.click("stop")
    desk.until("now.pedal === null && !now.part('start').disabled")


def test_a_card_given_after_stop_is_given_back_and_nothing_is_said(desk: Desk) -> None:
    run(desk, LATE_CARD)
    desk.click("start")
    has_asked(desk)
    without_power(desk)
    desk.page.value(GIVEN)
    desk.until(ENDED)
    desk.page.value("new Promise((done) => setTimeout(done, 50))")
    assert desk.part("error") == ""


def test_a_card_refused_after_stop_leaves_the_next_pedal_its_power(desk: Desk) -> None:
    run(desk, LATE_CARD)
    desk.click("start")
    has_asked(desk)
    without_power(desk)
    run(desk, 'now.part("desk").elements["play-source"].value = "riff"')
    desk.click("start")
    desk.until(PLAYS)
    run(desk, REFUSED)
    desk.page.value("new Promise((done) => setTimeout(done, 200))")
    assert desk.page.value("now.pedal?.context.state === 'running'")
    assert desk.part("error") == ""
    without_power(desk)


def test_what_goes_wrong_behind_the_power_is_said_and_takes_it_away(desk: Desk) -> None:
    run(desk, "now.sendAll = () => { throw new Error('no form'); };")
    desk.click("start")
    desk.until("now.pedal === null && !now.part('start').disabled")
    assert desk.part("error") == "no form"


def test_play_waits_until_stop_has_ended(desk: Desk) -> None:
    desk.click("start")
    desk.until(PLAYS)
    run(
        desk,
        """const { context } = now.pedal, close = context.close.bind(context);
        context.close = () => new Promise((done) => setTimeout(() => done(close()), 300));""",
    )
    desk.click("stop")
    desk.until("now.pedal === null")
    assert desk.page.value(CAN) == [False] * 3
    desk.click("start")
    desk.until("!now.part('start').disabled")
    assert desk.page.value(f"now.pedal === null && {CAN}") == [True, False, True]
    desk.click("start")
    desk.until(PLAYS)
    assert desk.page.value(CAN) == [True] * 3
    without_power(desk)


def test_a_recording_is_saved_where_the_recorder_does_not_answer(desk: Desk) -> None:
    desk.click("record")
    desk.until("now.tape.chunks?.length > 1")
    run(desk, "now.pedal.recorder.port.postMessage = () => {}")
    desk.click("stop")
    assert desk.page.value(CAN) == [False] * 3
    assert len(desk.saved()) >= 2 * 16384
    desk.until("now.pedal === null && !now.part('start').disabled")
    assert desk.part("record") == "Record"


BREAKS = """
const own = unpacked, was = "this.filled = 0;\\n    }";
unpacked = async (id) => {
    const text = new TextDecoder().decode(await own(id));
    const broken = text.replace(was, `${was.slice(0, -1)} throw new Error("broken"); }`);
    return id === "play-worklet" ? new TextEncoder().encode(broken) : own(id);
};
"""


def test_a_recorder_that_has_stopped_is_said(chromium: Browser, desk: Desk) -> None:
    run(desk, BREAKS)
    desk.click("record")
    desk.until("!now.part('error').hidden")
    assert desk.part("error") == "the recorder has stopped, and with it what is heard"
    assert len(desk.saved()) == 16384
    desk.until("now.pedal === null && !now.part('start').disabled")
    chromium.said.clear()


def test_text_that_is_dropped_is_no_file(desk: Desk) -> None:
    run(
        desk,
        """const dataTransfer = new DataTransfer();
        dataTransfer.setData("text/plain", "a link");
        document.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));""",
    )
    desk.until("!now.part('error').hidden")
    assert desk.part("error") == "expected a file, found something else that was dropped"


def test_a_file_that_is_not_there_is_asked_for_and_the_riff_goes_on(desk: Desk) -> None:
    desk.click("start")
    desk.until(PLAYS)
    run(desk, "document.querySelector('[value=file]').click()")
    desk.until("!now.part('error').hidden")
    assert desk.part("error") == "choose a file first, or drop one onto the page"
    assert desk.page.value("now.pedal.context.state") == "running"
    without_power(desk)


def test_nothing_is_no_recording(desk: Desk, tmp_path: Path) -> None:
    run(desk, "document.querySelector('[value=file]').click()")
    desk.click("record")
    desk.until("now.pedal === null && !now.part('error').hidden && !now.part('start').disabled")
    assert desk.part("error") == "choose a file first, or drop one onto the page"
    assert desk.part("record") == "Record"
    assert desk.page.value("now.part('saved').hidden")
    assert not list(tmp_path.glob("*"))


CHANGED = """
globalThis.messages = [];
const ask = PoweredPedal.prototype.ask;
PoweredPedal.prototype.ask = async function (message) {
    await ask.call(this, message);
    messages.push(message);
};
const { suspend } = AudioContext.prototype;
AudioContext.prototype.suspend = function () {
    return new Promise((done) => { globalThis.goOn = () => done(suspend.call(this)); });
};
"""


def test_what_hands_do_while_the_sound_card_is_opened_holds(desk: Desk) -> None:
    run(desk, CHANGED)
    desk.click("start")
    desk.until("!!globalThis.goOn")
    desk.focus("knob", "2")
    desk.key("PageUp")
    desk.focus("footswitch", "left")
    desk.key(" ", kinds=("rawKeyDown",))
    run(desk, "goOn()")
    desk.until(PLAYS)
    desk.until("messages.length === 2")
    turned = {"knob": 1, "code": desk.hands.codes[1]}
    assert desk.page.value("messages") == [turned, {"bit": 0, "closed": True}]
    desk.key(" ", kinds=("keyUp",))
    desk.until("messages.length === 3")
    without_power(desk)


def test_of_two_files_the_one_asked_for_last_is_taken(desk: Desk) -> None:
    run(
        desk,
        """const own = samplesOf;
        globalThis.taken = [];
        samplesOf = async (file, rate) => {
            const samples = await own(file, rate);
            await waited(file.name === "slow.wav" ? 300 : 0);
            setTimeout(() => taken.push(file.name));
            return samples;
        };""",
    )
    for name, seconds in (("slow.wav", 2), ("quick.wav", 1)):
        desk.drop(name, wav(music(48000 * seconds)[:, None]))
    desk.until("taken.join() === 'quick.wav,slow.wav'")
    assert desk.part("told") == "quick.wav: 1.0 s."
    assert desk.page.value("now.samples.file.length") == 48000


def test_a_sound_that_the_browser_stops_is_said_and_play_goes_on(desk: Desk) -> None:
    desk.click("start")
    desk.until(PLAYS)
    desk.until("now.pedal.runs")
    run(desk, "now.pedal.context.suspend()")
    desk.until("now.pedal.context.state === 'suspended'")
    told = "document.getElementById('play-told').textContent"
    desk.until(f"{told} === 'The browser has stopped the sound: Play goes on.'")
    desk.click("start")
    desk.until(f"{PLAYS} && now.pedal.context.state === 'running'")
    without_power(desk)
    assert desk.part("told") == "The pedal has no power: Play gives it some."


def test_a_sound_card_that_is_unplugged_is_said(desk: Desk) -> None:
    run(desk, LATE_CARD)
    desk.click("start")
    has_asked(desk)
    desk.page.value(GIVEN)
    desk.until("document.getElementById('play-told').textContent === 'The sound card plays.'")
    run(desk, "stream.getTracks().forEach((one) => one.dispatchEvent(new Event('ended')))")
    assert desk.part("told") == "The sound card has ended; the pedal still has power."
    without_power(desk)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example") / "tweed"
    done = CliRunner().invoke(main, ["build", str(NANO), "--target", WEB, "-o", str(folder)])
    assert done.exit_code == 0, done.output
    return folder / "example.html"


def opened_example(chromium: Browser, example: Path) -> Page:
    """The page of a package that has asked for the card once, and does not have it yet."""
    page = chromium.open(example)
    page.value(f"(() => {{ {LATE_CARDS} }})()")
    page.value("of('card').click()")
    reached(page, "cards.length === 1")
    return page


LATE_CARDS = """
globalThis.cards = [];
navigator.mediaDevices.getUserMedia = () => new Promise((give, refuse) => {
    const silent = new AudioContext();
    const { stream } = new MediaStreamAudioDestinationNode(silent);
    cards.push({ give, refuse, stream });
});
"""


def reached(page: Page, expression: str) -> None:
    until = time.monotonic() + 20
    while not page.value(expression):
        assert time.monotonic() < until, expression
        time.sleep(0.02)


def test_the_example_gives_a_card_back_that_comes_after_stop(
    chromium: Browser, example: Path
) -> None:
    page = opened_example(chromium, example)
    page.value("stop()")
    page.value("cards[0].give(cards[0].stream)")
    reached(page, "cards[0].stream.getTracks().every((one) => one.readyState === 'ended')")
    page.value("new Promise((done) => setTimeout(done, 100))")
    assert page.value("of('said').textContent") == "Nothing plays."


def test_the_example_plays_what_was_asked_for_last(chromium: Browser, example: Path) -> None:
    page = opened_example(chromium, example)
    page.value("of('card').click()")
    reached(page, "cards.length === 2")
    page.value("cards[0].refuse(new DOMException('no', 'NotAllowedError'))")
    page.value("cards[1].give(cards[1].stream)")
    page.value("new Promise((done) => setTimeout(done, 200))")
    assert page.value("playing?.context.state") == "running"
    assert page.value("cards[1].stream.getTracks().every((one) => one.readyState === 'live')")
    assert "NotAllowed" not in page.value("of('said').textContent")
    page.value("stop()")
