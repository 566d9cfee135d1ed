"""Play of a page, in a browser: a recording has the bits of the pedal's twin; errors are told."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pages
import pytest
from browser import Browser, browser
from desk import RATE_HZ, Desk
from generated_c import assert_same_bits
from test_wasm_pedal import NANO, planned
from test_worklet import music
from twin_hands import QUANTUM, heard
from worklet_modules import trapping

from namgen.arithmetic import F32


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def page() -> Path:
    return pages.page("played")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of a Daisy Seed alone, with a cabinet: no control does anything."""
    folder = tmp_path_factory.mktemp("bare")
    place = folder / "bare.html"
    assert pages.run(NANO, "--ir", cabinet(folder), "--no-image", "-o", place).exit_code == 0
    return place


def cabinet(folder: Path) -> Path:
    place = folder / "cab.wav"
    place.write_bytes(wav(music(700)[:, None]))
    return place


@pytest.fixture
def desk(chromium: Browser, page: Path, tmp_path: Path) -> Iterator[Desk]:
    chromium.said.clear()
    yield Desk(chromium, page, tmp_path)
    assert chromium.said == []


def wav(samples: F32) -> bytes:
    """Frames of as many channels as there are columns, as a file of floats."""
    data = samples.astype("<f4").tobytes()
    channels = samples.shape[1]
    form = (3, channels, RATE_HZ, 4 * channels * RATE_HZ, 4 * channels, 32)
    head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, *form) + b"data" + struct.pack("<I", len(data))
    return b"RIFF" + struct.pack("<I", len(head) + len(data)) + head + data


def with_file(desk: Desk, samples: F32) -> None:
    desk.drop("guitar.wav", wav(samples))
    desk.until("!!now.samples.file")
    desk.page.value("document.getElementById('play-loop').click()")


def turned(desk: Desk) -> None:
    desk.focus("knob", "2")
    for key in ("PageUp", "PageUp", "ArrowLeft"):
        desk.key(key)
    desk.focus("knob", "6")
    desk.key("Home")
    desk.key("PageUp")


def pressed(desk: Desk) -> None:
    desk.focus("footswitch", "left")
    desk.key(" ", kinds=("rawKeyDown",))
    desk.until("(now.panel.closed & 1) === 1")


def released(desk: Desk) -> None:
    desk.key(" ", kinds=("keyUp",))
    desk.until("(now.panel.closed & 1) === 0")


def thrown(desk: Desk) -> None:
    desk.focus("toggle", "2")
    desk.key("Enter")


def test_what_hands_do_by_keys_is_recorded_with_the_bits_of_the_twin(desk: Desk) -> None:
    sound, controls = planned((NANO,))
    frames = QUANTUM * 400
    samples = music(frames)
    with_file(desk, samples[:, None])
    lit = []

    def look(desk: Desk) -> None:
        lit.append(desk.page.value("document.querySelectorAll('#panel .lit').length"))

    acts = {20: turned, 60: look, 100: pressed, 170: released, 200: look, 250: thrown}
    played, hands = desk.record(frames, {QUANTUM * at: act for at, act in acts.items()})
    assert len({inputs.codes for inputs in hands.values()}) == 2
    assert len({inputs.closed for inputs in hands.values()}) == 3
    assert_same_bits(played, heard(sound, controls, samples, hands))
    assert lit == [2, 1]
    assert desk.part("error") == ""


def test_a_stereo_file_is_mixed_to_one(desk: Desk) -> None:
    sound, controls = planned((NANO,))
    frames = QUANTUM * 50
    both = np.stack([music(frames), music(frames)[::-1]], 1)
    with_file(desk, both)
    played, hands = desk.record(frames)
    mixed = (both.astype(np.float64).sum(1) / 2).astype(np.float32)
    assert_same_bits(played, heard(sound, controls, mixed, hands))


def test_the_riff_is_the_same_sound_every_time_and_plays(desk: Desk) -> None:
    told = desk.page.value(
        """(() => {
            const [one, other] = [riff(48000), riff(48000)];
            const most = one.reduce((found, sample) => Math.max(found, Math.abs(sample)), 0);
            const same = one.every((sample, at) => Number.isFinite(sample) && sample === other[at]);
            const power = one.reduce((sum, sample) => sum + sample * sample, 0) / one.length;
            return [one.length / 48000, most, same, Math.sqrt(power)];
        })()"""
    )
    seconds, most, same, rms = told
    assert 6 < seconds < 12
    assert most == pytest.approx(0.35, abs=1e-6)
    assert same
    assert rms > 0.02
    played, _ = desk.record(RATE_HZ // QUANTUM * QUANTUM)
    assert np.isfinite(played).all()
    assert np.sqrt(np.mean(np.square(played, dtype=np.float64))) > 0.01


def test_a_knob_says_where_it_stands_and_stays_there_without_power(desk: Desk) -> None:
    group = 'document.querySelector(\'[data-control="knob"][data-label="2"]\')'
    assert desk.page.value(f"{group}.getAttribute('aria-label')") == "bass knob 2"
    desk.focus("knob", "2")
    for key, value in (
        ("End", "20.0"),
        ("Home", "-20.0"),
        ("PageUp", "-16.0"),
        ("ArrowUp", "-15.6"),
    ):
        desk.key(key)
        assert desk.page.value(f"{group}.getAttribute('aria-valuetext')") == f"{value} dB"
    assert desk.page.value(f"{group}.getAttribute('role')") == "slider"
    assert desk.hands.codes[1] == round(512 + 0.11 * 64512)


def test_a_pedal_without_power_says_so(desk: Desk) -> None:
    desk.focus("footswitch", "left")
    desk.key("Enter")
    desk.until("document.getElementById('play-told').textContent.includes('no power')")
    desk.until("(now.panel.closed & 1) === 0")


@pytest.mark.parametrize(
    ("name", "data"),
    [("song.wav", b"RIFF....WAVEnothing"), ("notes.txt", b"A minor"), ("no.wav", b"")],
)
def test_a_file_that_is_no_sound_is_refused_by_its_name(desk: Desk, name: str, data: bytes) -> None:
    desk.drop(name, data)
    desk.until("!document.getElementById('play-error').hidden")
    assert f"{name}: expected a sound that this browser can play" in desk.part("error")


BROKEN = {
    "no worklet": ("delete globalThis.AudioWorkletNode", "this browser has no AudioWorklet"),
    "no WebAssembly": ("delete globalThis.WebAssembly", "this browser has no WebAssembly"),
    "another rate": (
        "AudioContext = class extends OfflineAudioContext {"
        "constructor() { super(1, 128, 44100); } async close() {} async suspend() {} }",
        "expected a sound card at 48000 Hz, for which the model is made, found 44100 Hz",
    ),
    "no module": (
        "const own = unpacked; "
        "unpacked = async (id) => id === 'play-module' ? new Uint8Array(8) : own(id)",
        "this browser's WebAssembly does not take the module: it needs SIMD of 128 bits",
    ),
    "no file": (
        "document.querySelector('[value=file]').click()",
        "choose a file first, or drop one onto the page",
    ),
    "no sound card": (
        "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', "
        "'NotAllowedError'); }; document.querySelector('[value=card]').click()",
        "the sound card was not allowed to this page (NotAllowedError); some browsers give one "
        "only to pages from http://127.0.0.1, as `namgen page … --serve` has it",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_a_browser_has_not_is_one_line(desk: Desk, name: str) -> None:
    script, text = BROKEN[name]
    desk.page.value(f"(() => {{ {script} }})()")
    desk.click("start")
    desk.until("!document.getElementById('play-error').hidden")
    assert text in desk.part("error")
    desk.until("now.pedal === null && !document.getElementById('play-start').disabled")


def test_a_module_that_stops_is_said_and_what_was_recorded_is_kept(
    chromium: Browser, bare: Path, tmp_path: Path
) -> None:
    desk = Desk(chromium, bare, tmp_path)
    text = base64.b64encode(trapping()).decode()
    module = f"Uint8Array.from(atob('{text}'), (one) => one.charCodeAt(0))"
    own = (
        f"const own = unpacked; unpacked = async (id) => id === 'play-module' ? {module} : own(id)"
    )
    desk.page.value(f"(() => {{ {own} }})()")
    desk.click("record")
    desk.until("!document.getElementById('play-error').hidden")
    assert desk.part("error") == "RuntimeError: unreachable"
    desk.until("now.pedal === null")
    assert len(desk.saved()) % QUANTUM == 0
