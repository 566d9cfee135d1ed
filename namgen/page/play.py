"""The pedal as a part of the page that plays: its WebAssembly module, and what hands can do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

from namgen.chain.blocks import BLOCKS
from namgen.controls.curves import CODES_OF_ROW, END_CODES, ROWS
from namgen.errors import NamgenError
from namgen.naming import c_name
from namgen.page.faceplate import faceplate
from namgen.page.facts import PageFacts
from namgen.page.hands import Hands, Offered, hands_of
from namgen.page.working import Working
from namgen.pedal.panel import controls_of
from namgen.pedal.sound import SoundPlan
from namgen.pedal.web_module import pedal_module
from namgen.progress import Progress
from namgen.resources import templates_dir

MOST_MODULE_BYTES = 150_000
"""That a module is meant to take; a larger one is said."""

MOST_MINUTES = 5
"""That the page records."""

_OWN = ("wav", "tape", "riff", "guitar", "controls", "panel", "pedal", "play")
_SCRIPTS = ("packages/wasm/player_node.js", *(f"page/{name}.js" for name in _OWN))
_WORKLETS = ("packages/wasm/worklet.js", "page/recorder.js")
_SOURCES = ("'wasm-unsafe-eval'", "data:")
"""WebAssembly, and a worklet: from disk, only a data: URL brings it."""


@dataclass(frozen=True, slots=True)
class Play:
    """What can be played, or why nothing can."""

    hands: Hands
    module: bytes  # of WebAssembly; empty: there is none
    missing: str = ""  # why

    @property
    def notes(self) -> Iterator[str]:
        """Yield what is said of it, on the page and beside it."""
        if self.missing:
            yield f"nothing can be played here: {self.missing}"
        elif len(self.module) > MOST_MODULE_BYTES:
            yield (
                f"the module takes {len(self.module):,} bytes, more than the "
                f"{MOST_MODULE_BYTES:,} that are meant for one: it is slow to load"
            )

    def to_json(self) -> dict[str, object]:
        """Plain values for a program."""
        return {"module_bytes": len(self.module), "notes": list(self.notes)}


@dataclass(frozen=True, slots=True)
class PlayView:
    """What the template is told."""

    play: Play
    offered: Offered
    captures: tuple[str, ...]
    block_frames: int
    sample_rate_hz: int
    minutes: int = MOST_MINUTES


def play_of(facts: PageFacts, progress: Progress) -> Play:
    """Compile the pedal for the page; where that cannot be done, keep the reason."""
    controls = controls_of(facts.wanted, facts.sound)
    sound = switched(facts.sound)
    hands = hands_of(sound, controls)
    try:
        return Play(hands, pedal_module(sound, controls, progress=progress))
    except NamgenError as error:
        return Play(hands, b"", "; ".join(error.lines))


def switched(sound: SoundPlan) -> SoundPlan:
    """Let a cabinet be left out also where the pedal has no switch for it; it sounds the same."""
    chain = sound.chain
    if chain.cabinet is None or chain.switches_cabinet:
        return sound
    built = {block.name: block for block in chain.blocks}
    known = (built.get(block.name, block) for block in BLOCKS)
    blocks = tuple(block for block in known if block.name in {*built, "changeover"})
    return replace(sound, chain=replace(chain, blocks=blocks))


def playing_part(facts: PageFacts, play: Play) -> Working:
    """Return the part of the page; without a module it only says why."""
    drawn = faceplate(facts.wanted, facts.sound)
    pictures = () if drawn is None else (drawn,)
    view = PlayView(
        play,
        play.hands.offered,
        tuple(capture.title for capture in facts.captures),
        facts.sound.chain.block_frames,
        facts.sound.chain.sample_rate_hz,
    )
    if not play.module:
        return Working("play", "Play", view, (), pictures=pictures)
    data = {
        "play-module": play.module,
        "play-worklet": "\n".join(map(_text, _WORKLETS)).encode(),
        "play-facts": json.dumps(_told(facts, play)).encode(),
    }
    return Working("play", "Play", view, _SCRIPTS, data, _SOURCES, pictures)


def _text(name: str) -> str:
    return (templates_dir() / name).read_text(encoding="utf-8")


def _told(facts: PageFacts, play: Play) -> dict[str, object]:
    """Return what the scripts know of the pedal."""
    return {
        "name": c_name(facts.title),
        "rateHz": facts.sound.chain.sample_rate_hz,
        "captures": [capture.title for capture in facts.captures],
        "recordSeconds": MOST_MINUTES * 60,
        "codes": {"end": END_CODES, "travel": (ROWS - 1) * CODES_OF_ROW},
        "hands": asdict(play.hands),
    }
