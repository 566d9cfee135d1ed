"""Play of a page in a browser, for tests: keys are pressed at a frame, recordings are downloaded.

The page is as it is. `AudioContext` is one that computes as fast as it can, and stops where hands
are to do something.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from browser import Browser, Page

from namgen.arithmetic import F32
from namgen.controls.twin import PanelInputs
from namgen.nam_file.wav import WaveKind, read_wave

RATE_HZ = 48000
_SECONDS = 20.0

_CONTEXT = """
globalThis.stops = new Map();
globalThis.AudioContext = class extends OfflineAudioContext {
    constructor({ sampleRate }) {
        super(1, %(frames)d, sampleRate);
        globalThis.context = this;
        for (const frame of %(stops)s) {
            stops.set(frame, super.suspend(frame / sampleRate));
        }
    }
    async suspend() {}
    async resume() {
        this.whole ??= this.startRendering();
    }
    async close() {}
};
desk.then((found) => { globalThis.now = found; });
"""
_GOES_ON = "OfflineAudioContext.prototype.resume.call(context)"
_HEARD = "now.pedal.ask({ resumed: true })"  # an answer: whatever was asked before holds


class Desk:
    """A page whose pedal has no power yet, and what its hands have done."""

    def __init__(self, chromium: Browser, page: Path, folder: Path) -> None:
        self._folder = folder
        self.page: Page = chromium.open(page)
        where = {"behavior": "allow", "downloadPath": str(folder)}
        chromium.ask("Browser.setDownloadBehavior", where)
        self.page.value("desk.then((found) => { globalThis.now = found; })")

    def part(self, name: str) -> str:
        """The text of a part of the desk; empty where it is hidden."""
        of = f"document.getElementById('play-{name}')"
        return str(self.page.value(f"{of}.hidden ? '' : {of}.textContent"))

    def click(self, name: str) -> None:
        self.page.value(f"document.getElementById('play-{name}').click()")

    def until(self, expression: str) -> None:
        """Wait until something is true in the page."""
        end = time.monotonic() + _SECONDS
        while not self.page.value(expression):
            assert time.monotonic() < end, f"{expression}; {self.part('error')}"
            time.sleep(0.02)

    def key(self, key: str, *, kinds: tuple[str, ...] = ("rawKeyDown", "keyUp")) -> None:
        """Press a key, or hold or release it."""
        text = {"text": " "} if key == " " else {}
        for kind in kinds:
            asked = {"type": "keyDown" if text and kind != "keyUp" else kind, "key": key, **text}
            self.page.ask("Input.dispatchKeyEvent", asked)

    def focus(self, control: str, label: str) -> None:
        group = f'#panel [data-control="{control}"][data-label="{label}"]'
        self.page.value(f"document.querySelector('{group}').focus()")
        assert self.page.value(f"document.activeElement === document.querySelector('{group}')")

    @property
    def hands(self) -> PanelInputs:
        """How the controls stand; of a board without any, as where nothing is pressed."""
        stands = self.page.value("now.panel?.stands ?? { closed: 0, knobs: [] }")
        return PanelInputs(stands["closed"], tuple(stands["knobs"]))

    def record(
        self, frames: int, doing: Mapping[int, Callable[[Desk], None]] | None = None
    ) -> tuple[F32, dict[int, PanelInputs]]:
        """Record from the first frame on, doing something at some; what the panel was from when.

        At a frame, a multiple of 128, the pedal waits until it has been done.
        """
        acts = dict(doing or {})
        stops = [*acts, frames]
        told = _CONTEXT % {"frames": frames + 128, "stops": stops}
        self.page.value(f"(() => {{ {told} }})()")
        found = {0: self.hands}
        self.click("record")
        for frame, act in acts.items():
            self._reach(frame)
            act(self)
            self.page.value(_HEARD)
            found[frame] = self.hands
            self.page.value(_GOES_ON)
        self._reach(frames)
        self.click("record")
        samples = self.saved()
        self.page.value(_GOES_ON)
        self.click("stop")
        self.until("now.pedal === null")
        return samples, found

    def _reach(self, frame: int) -> None:
        self.until(f"globalThis.stops.has({frame}) && !!now.pedal")
        self.page.value(f"stops.get({frame})")

    def saved(self) -> F32:
        """Samples of the file that was downloaded last."""
        self.until("!document.getElementById('play-saved').hidden")
        end = time.monotonic() + _SECONDS
        while not (files := list(self._folder.glob("*.wav"))):
            assert time.monotonic() < end, "nothing was downloaded"
            time.sleep(0.02)
        (file,) = files
        time.sleep(0.1)
        data = file.read_bytes()
        file.unlink()
        wave = read_wave(data, WaveKind("a recording", 1))
        assert wave.rate_hz == RATE_HZ
        (samples,) = wave.samples
        return np.ascontiguousarray(samples, np.float32)

    def drop(self, name: str, data: bytes) -> None:
        """Drop a file onto the page."""
        text = base64.b64encode(data).decode()
        self.page.value(
            f"""(() => {{
                const bytes = Uint8Array.from(atob("{text}"), (one) => one.charCodeAt(0));
                const dataTransfer = new DataTransfer();
                dataTransfer.items.add(new File([bytes], "{name}"));
                const event = {{ dataTransfer, bubbles: true, cancelable: true }};
                document.getElementById("play-drop").dispatchEvent(new DragEvent("drop", event));
            }})()"""
        )
