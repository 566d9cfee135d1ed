"""A pedal.toml with every key in it, and the files that it names."""

from __future__ import annotations

from pathlib import Path

import make_nam
import numpy as np

from namgen.pedal.deciding import Pedal, pedal_of
from namgen.pedal.said import PedalSaid

GOOD = """\
name = "mine"
board = "hothouse"
block = 16
clock = 400
boot = "sram"
idle = "sleep"
normalize = false
calibrate = false
bypass_idle = true
ir = "cab.wav"
ir_length = 512
minimum_phase = true
submodel = "lite"
tanh = "fast"

[[capture]]
file = "clean.nam"
name = "Clean"
trim_db = -1.5
ir = false
bank = 2
submodel = 2

[[capture]]
file = "sub/lead.nam"
slim = 0.5
tanh = "exact"

[[capture]]
file = "fuzz.nam"
ir = "sub/other.wav"

[set]
bass = 0.25
gate = "-65 dB"

[knobs]
1 = "level"
6 = "none"

[footswitches]
left = "previous-capture"

[toggles]
1 = { up = "ir-off", down = "ir-on" }

[leds]
left = "capture-3"
"""


NOTHING = PedalSaid()


def files_of_a_pedal(folder: Path) -> Path:
    """Make the files; return the folder."""
    (folder / "sub").mkdir()
    for name in ("clean.nam", "sub/lead.nam", "fuzz.nam"):
        make_nam.write(folder, make_nam.a1(), name)
    for name in ("cab.wav", "sub/other.wav"):
        (folder / name).write_bytes(make_nam.wav(np.array([1.0, 0.5], np.float32)))
    return folder


def written(folder: Path, text: str) -> Path:
    """Write the description."""
    path = folder / "pedal.toml"
    path.write_text(text, encoding="utf-8")
    return path


def described(folder: Path, text: str = GOOD, said: PedalSaid = NOTHING) -> Pedal:
    """Decide on the pedal that a text describes."""
    return pedal_of([written(folder, text)], said)
