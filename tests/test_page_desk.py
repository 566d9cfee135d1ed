"""What Play of a page offers beside the board, its panel by pointer, and what it is told live."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pages
import pytest
from browser import Browser, browser
from desk import Desk
from generated_c import assert_same_bits
from test_page_play import cabinet, wav, with_file
from test_wasm_pedal import NANO, planned
from test_worklet import music
from twin_hands import QUANTUM, heard

from namgen.arithmetic import F32
from namgen.controls.twin.potentiometer import Potentiometer
from namgen.pedal.deciding import pedal_of
from namgen.pedal.files import read_captures
from namgen.pedal.pedal_twin import PedalTwin
from namgen.pedal.said import CabinetName, PedalSaid
from namgen.pedal.sound import SoundPlan, plan_sound
from namgen.pedal_boards.controls import Curve

FRAMES = QUANTUM * 240
AT = QUANTUM * 60


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    devices = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    with browser(*devices) as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("desk")


@pytest.fixture(scope="module")
def bare(folder: Path) -> Path:
    """A page of a Daisy Seed alone with a cabinet, whose board has no control."""
    place = folder / "bare.html"
    asked = (NANO, "--no-image", "--ir", cabinet(folder), "--set", "gate=-10 dB", "-o", place)
    assert pages.run(*asked).exit_code == 0
    return place


@pytest.fixture(scope="module")
def two(folder: Path) -> Path:
    """A page of two captures behind a relay, and an encoder that chooses one."""
    place = folder / "two.html"
    assert pages.run(NANO, NANO, "--board", "125b", "--no-image", "-o", place).exit_code == 0
    return place


def bare_sound(folder: Path) -> SoundPlan:
    said = PedalSaid(ir=CabinetName(str(folder / "cab.wav")), positions={"gate": "-10 dB"})
    pedal = pedal_of([NANO], said)
    return plan_sound(pedal.wanted, pedal.order, read_captures(pedal.wanted.captures))


def told(sound: SoundPlan, samples: F32, tell: Callable[[PedalTwin], None]) -> F32:
    """What is heard of a pedal without controls that is told something before frame `AT`."""
    twin, size = PedalTwin(sound, None), sound.chain.block_frames
    parts, is_told = [np.zeros(size - 1, np.float32)], False
    for start in range(0, len(samples) // size * size, size):
        if not is_told and start + size > AT:
            tell(twin)
            is_told = True
        parts.append(twin.block(samples[start : start + size]))
    return np.concatenate(parts)[: len(samples)]


def changed(name: str, value: float) -> Callable[[Desk], None]:
    """Put a part of the form onto a value, as hands would."""
    part = f"document.getElementById('play-{name}')"
    event = f"{part}.dispatchEvent(new Event('input'))"
    return lambda desk: desk.page.value(f"{part}.value = {value}; {event}")


FORMS: dict[str, tuple[Callable[[Desk], None], Callable[[PedalTwin], None]]] = {
    "cabinet": (lambda desk: desk.click("cabinet"), lambda twin: twin.sound.use_cabinet(False)),
    "gate": (lambda desk: desk.click("gate"), lambda twin: twin.sound.use_gate(False)),
    "level": (changed("set-1", -20.0), lambda twin: twin.sound.set("level", 0.25)),
}


@pytest.mark.parametrize("name", FORMS)
def test_what_no_control_of_the_board_does_a_form_does(
    chromium: Browser, folder: Path, bare: Path, tmp_path: Path, name: str
) -> None:
    from namgen.page.play import switched

    act, tell = FORMS[name]
    sound = bare_sound(folder)
    assert [parameter.name for parameter in sound.chain.parameters] == ["gate", "level"]
    desk = Desk(chromium, bare, tmp_path)
    samples = music(FRAMES)
    with_file(desk, samples[:, None])
    played, _ = desk.record(FRAMES, {AT: act})
    plain = told(sound, samples, lambda _: None)
    assert_same_bits(played[:AT], plain[:AT])
    assert_same_bits(played, told(switched(sound), samples, tell))
    assert not np.array_equal(played, plain), "it has done nothing"
    assert desk.part("said-1") == ("-20.0 dB" if name == "level" else "0.0 dB")


def test_past_the_pedal_is_the_guitar_as_late_as_the_pedal(
    chromium: Browser, bare: Path, tmp_path: Path
) -> None:
    desk = Desk(chromium, bare, tmp_path)
    samples = music(FRAMES)
    with_file(desk, samples[:, None])
    desk.click("bypass")
    played, _ = desk.record(FRAMES)
    assert_same_bits(played, np.concatenate([np.zeros(47, np.float32), samples[:-47]]))


def test_captures_and_the_relay_follow_the_feet(
    chromium: Browser, two: Path, tmp_path: Path
) -> None:
    sound, controls = planned((NANO, NANO), "125b")
    desk = Desk(chromium, two, tmp_path)
    samples = music(FRAMES)
    with_file(desk, samples[:, None])
    shown = []

    def step(label: str, bit: int, *, kind: str) -> Callable[[Desk], None]:
        def act(desk: Desk) -> None:
            shown.append(desk.part("capture"))
            desk.focus("footswitch", label)
            desk.key(" ", kinds=(kind,))
            desk.until(f"(now.panel.closed >> {bit} & 1) === {int(kind != 'keyUp')}")

        return act

    down, up = "rawKeyDown", "keyUp"
    feet = [step("2", 1, kind=down), step("2", 1, kind=up)]
    feet += [step("1", 0, kind=down), step("1", 0, kind=up)]
    acts = {QUANTUM * at: act for at, act in zip((10, 50, 90, 150), feet, strict=True)}
    played, hands = desk.record(FRAMES, acts)
    assert_same_bits(played, heard(sound, controls, samples, hands))
    assert shown[1] == "the effect, tweed-nano 2"
    assert shown[3] == "the guitar past the effect, tweed-nano 2"


def centre(desk: Desk, control: str, label: str) -> tuple[float, float]:
    group = f'#panel [data-control="{control}"][data-label="{label}"] [data-part]'
    box = f"document.querySelector('{group}').getBoundingClientRect()"
    desk.page.value(f"document.querySelector('{group}').scrollIntoView({{ block: 'center' }})")
    x, y = desk.page.value(f"[{box}.x + {box}.width / 2, {box}.y + {box}.height / 2]")
    return x, y


def mouse(desk: Desk, kind: str, x: float, y: float, **more: object) -> None:
    asked = {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1}
    desk.page.ask("Input.dispatchMouseEvent", {**asked, **more})


def test_a_pointer_turns_presses_and_throws(chromium: Browser, page: Path, tmp_path: Path) -> None:
    desk = Desk(chromium, page, tmp_path)
    x, y = centre(desk, "knob", "3")
    before = desk.hands.codes[2]
    mouse(desk, "mousePressed", x, y)
    mouse(desk, "mouseMoved", x, y - 55)
    mouse(desk, "mouseReleased", x, y - 55)
    assert desk.hands.codes[2] == before + round(0.25 * 64512)
    mouse(desk, "mouseMoved", x, y - 110)
    mouse(desk, "mouseWheel", x, y, button="none", deltaX=0, deltaY=100)
    assert desk.hands.codes[2] == before + round(0.23 * 64512)
    x, y = centre(desk, "footswitch", "left")
    mouse(desk, "mousePressed", x, y, button="right")
    mouse(desk, "mouseReleased", x, y, button="right")
    assert desk.hands.closed & 1 == 0
    mouse(desk, "mousePressed", x, y)
    desk.until("(now.panel.closed & 1) === 1")
    mouse(desk, "mouseReleased", x, y)
    desk.until("(now.panel.closed & 1) === 0")
    closed = desk.hands.closed
    x, y = centre(desk, "toggle", "2")
    mouse(desk, "mousePressed", x, y)
    mouse(desk, "mouseReleased", x, y)
    assert desk.hands.closed != closed


def test_a_finger_turns_a_knob_and_moves_the_page_beside_it(
    chromium: Browser, page: Path, tmp_path: Path
) -> None:
    desk = Desk(chromium, page, tmp_path)
    phone = {"width": 360, "height": 640, "deviceScaleFactor": 1, "mobile": True}
    desk.page.ask("Emulation.setDeviceMetricsOverride", phone)
    desk.page.ask("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def swiped(below: float) -> tuple[int, float]:
        """Move a finger upwards that begins so far below the knob; its code, and the page's way."""
        x, y = centre(desk, "knob", "3")
        before = desk.page.value("scrollY")
        for kind, way in (("touchStart", 0), *(("touchMove", 10 * n) for n in range(1, 7))):
            points = [{"x": x, "y": y + below - way}]
            desk.page.ask("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        desk.page.ask("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        return desk.hands.codes[2], desk.page.value("scrollY") - before

    code, scrolled = swiped(0)
    assert code > 40_000
    assert scrolled == 0
    again, scrolled = swiped(45)
    assert scrolled > 20
    assert again == code


@pytest.fixture(scope="module")
def page() -> Path:
    return pages.page("played")


CODE = """Object.getOwnPropertyDescriptor(PanelKnob.prototype, "code").get.call({{
    panel: now.panel, position: {position}, facts: {{ curve: "{curve}", flipped: {flipped} }},
}})"""


@pytest.mark.parametrize("is_flipped", [False, True])
@pytest.mark.parametrize("curve", ["linear", "log", "reverse"])
def test_the_firmware_reads_a_knob_where_it_stands_whatever_its_part(
    chromium: Browser, page: Path, tmp_path: Path, curve: Curve, is_flipped: bool
) -> None:
    desk = Desk(chromium, page, tmp_path)
    _, controls = planned((NANO,), "terrarium")
    knob = replace(controls.knobs[0], curve=curve, is_flipped=is_flipped)
    for position in (0, 0.05, 0.31, 0.5, 0.87, 1):
        told = {"position": position, "curve": curve, "flipped": str(is_flipped).lower()}
        code = desk.page.value(CODE.format(**told))
        found = Potentiometer(knob, controls.ticks.average_shift, code).position
        assert found == pytest.approx(position, abs=2e-3), position


def test_an_encoder_goes_from_capture_to_capture_while_it_plays(
    chromium: Browser, two: Path, tmp_path: Path
) -> None:
    desk = Desk(chromium, two, tmp_path)
    desk.click("start")
    for key, capture in (("ArrowUp", "tweed-nano 2"), ("ArrowDown", "tweed-nano")):
        desk.until("document.getElementById('play-told').textContent === 'The riff plays.'")
        desk.focus("encoder", "1")
        desk.key(key)
        desk.until(f"document.activeElement.getAttribute('aria-valuetext') === '{capture}'")
        desk.until(f"document.getElementById('play-capture').textContent.endsWith('{capture}')")
    desk.until("document.getElementById('play-load').textContent.includes('% of the time')")
    assert desk.part("dropouts").split(";")[0].isdigit() or desk.part("dropouts").startswith("none")
    desk.click("stop")
    desk.until("now.pedal === null")
    assert desk.page.value("document.querySelectorAll('.lit').length") == 0


def test_the_sound_card_is_opened_without_what_changes_a_guitar(
    chromium: Browser, page: Path, tmp_path: Path
) -> None:
    desk = Desk(chromium, page, tmp_path)
    desk.page.value(
        """(() => {
            const own = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            navigator.mediaDevices.getUserMedia = async (asked) => {
                globalThis.asked = asked;
                return own(asked);
            };
        })()"""
    )
    desk.page.value("document.querySelector('[value=card]').click()")
    desk.click("record")
    desk.until("document.getElementById('play-told').textContent === 'The sound card plays.'")
    asked = desk.page.value("globalThis.asked.audio")
    off = ("echoCancellation", "noiseSuppression", "autoGainControl")
    assert [asked[name] for name in off] == [False] * 3
    desk.until("now.tape.chunks.length > 5")
    desk.click("stop")
    played = desk.saved()
    assert np.abs(played).max() > 0.01, "Chromium's simulated input beeps once a second"
    assert np.isfinite(played).all()


def test_a_chosen_file_is_taken_and_a_blinking_lamp_is_calm_where_it_is_asked_to(
    chromium: Browser, two: Path, tmp_path: Path
) -> None:
    desk = Desk(chromium, two, tmp_path)
    reduced = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    desk.page.ask("Emulation.setEmulatedMedia", {"features": reduced})
    guitar = tmp_path / "guitar"
    guitar.write_bytes(wav(music(48000)[:, None]))
    document = desk.page.ask("DOM.getDocument")["root"]["nodeId"]
    found = {"nodeId": document, "selector": "#play-file"}
    node = desk.page.ask("DOM.querySelector", found)["nodeId"]
    desk.page.ask("DOM.setFileInputFiles", {"nodeId": node, "files": [str(guitar)]})
    desk.until("document.getElementById('play-told').textContent === 'guitar: 1.0 s.'")
    desk.click("start")
    desk.until("document.getElementById('play-told').textContent === 'The file plays.'")
    lamp = (
        "document.querySelector('[data-control=led][data-label=\"2\"]').classList.contains('lit')"
    )
    desk.until(lamp)
    dark = desk.page.value(
        f"""new Promise((done) => {{
            let dark = 0;
            const look = setInterval(() => {{ dark += {lamp} ? 0 : 1; }}, 20);
            setTimeout(() => {{ clearInterval(look); done(dark); }}, 2500);
        }})"""
    )
    assert dark == 0
    desk.click("stop")


def test_the_page_says_how_it_stands_in_words_a_program_reads(two: Path) -> None:
    text = two.read_text(encoding="utf-8")
    assert 'role="status"' in text
    assert 'role="alert"' in text
    assert json.dumps("tweed-nano 2") not in text, "what is packed is no markup"


def test_paper_has_the_board_and_nothing_to_play_it_with(
    chromium: Browser, page: Path, tmp_path: Path
) -> None:
    desk = Desk(chromium, page, tmp_path)
    desk.page.ask("Emulation.setEmulatedMedia", {"media": "print"})
    seen = "(selector) => document.querySelector(selector).checkVisibility()"
    for selector, is_printed in {
        "#panel svg": True,
        "#play-h": False,
        "#play-start": False,
        "#play-desk": False,
    }.items():
        assert desk.page.value(f"({seen})('{selector}')") == is_printed, selector
