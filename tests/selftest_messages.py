"""Results as a pedal might tell them, without one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from afsk_channel import played

from namgen.measured import LADDER
from namgen.selftest.ladder import MODELS, NOTHING, RUNGS
from namgen.selftest.layout import (
    MAGIC,
    NAME_WORDS,
    SHORT_WORDS,
    places,
    total_words,
    words_of_text,
)
from namgen.selftest.layout import VERSION as LAYOUT
from namgen.selftest.results import NEVER
from namgen.selftest.rules import load_rules

AROUND, OWN = 18, 2
"""What a measurement costs by itself; what a call of nothing takes."""
REVISION_V = 0x20036450


def message(factor: float = 1.08, **changes: object) -> bytes:
    """All rungs take `factor` of their prediction; `changes` are fields' words."""
    predicted = [OWN if rung == NOTHING else 1000 * (n + 1) for n, rung in enumerate(RUNGS)]
    measured = [AROUND + (c if c == OWN else round(factor * c)) for c in predicted]
    words: dict[str, list[int]] = {
        "magic": [MAGIC],
        "version": [LAYOUT],
        "ladder": [LADDER],
        "build": [0x1234ABCD],
        "board": words_of_text("daisy", NAME_WORDS),
        "clock_hz": [480_000_000],
        "block_frames": [48],
        "boot": words_of_text("flash", SHORT_WORDS),
        "toolchain": words_of_text("zig", SHORT_WORDS),
        "expected": [*range(1, len(MODELS) + 1)],
        "checks": [*range(1, len(MODELS) + 1)],
        "rules": [round(10 * r.cycles) * 0x10001 for r in load_rules()],
        "measured": [cycles for cycles in measured for _ in range(2)],
        "predicted": predicted,
        "loop": [NEVER] * 4,
        "errors_forced": [1, 2, 0],
        "overrun": [40_000, NEVER],
        "blocks_counted": [60_000],
    }
    words |= changes  # type: ignore[arg-type]
    flat = [0] * total_words()
    for name, (at, count) in places().items():
        flat[at : at + len(words.get(name, []))] = words.get(name, [])
        assert len(words.get(name, [])) in (0, count), name
    flat[places()["entry"][0] + 5] = int(changes.get("idcode", REVISION_V))  # type: ignore[call-overload]
    return b"".join(word.to_bytes(4, "little") for word in flat)


def record(path: Path, told: bytes, *, rate_hz: int = 48_000, subtype: str = "PCM_16") -> Path:
    """Write a recording of it, its left channel empty."""
    import soxr

    sound = soxr.resample(0.5 * played(told), 48_000, rate_hz)
    soundfile.write(path, np.stack([np.zeros_like(sound), sound], axis=1), rate_hz, subtype)
    return path
