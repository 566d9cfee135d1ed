"""A project of libDaisy's on this computer: compiled with the stand-in of libDaisy beside this."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from namgen.arithmetic import F32
from namgen.controls import ControlsPlan
from namgen.controls.twin import PanelInputs
from namgen.toolchain import find_host

STAND_IN = Path(__file__).parent / "libdaisy"
CPP_FLAGS = ("-std=gnu++17", "-O1", "-Wall", "-Wextra", "-Werror", "-Wno-register")
NOTHING = 9
"""In the stand-in: a pin that nobody drives."""
STM, DAISY = 10, 13
"""In the stand-in: the boot ROM was asked for, or the Daisy bootloader."""

_PINS = 11 * 16
_PANEL = np.dtype([("high", "u1", _PINS), ("volts", "<u2", _PINS), ("ticks", "<u4")])
_LATE_TICKS = 1 << 24


def compiler() -> str:
    """Name a C++ compiler, or skip."""
    for name in ("g++", "clang++"):
        if shutil.which(name):
            return name
    pytest.skip("needs g++ or clang++")


def compiled(project: Path, work: Path, *, macros: Sequence[str] = ()) -> Path:
    """Compile a project's folder, whose bytes stay as they are, to a program of this computer's."""
    host, cpp = find_host(), compiler()
    include = [f"-I{project}", f"-I{STAND_IN}"]
    told = [f"-D{macro}" for macro in macros]
    for words, ending in (((*host.command, *host.flags("-O1")), "c"), ((cpp, *CPP_FLAGS), "cpp")):
        sources = map(str, sorted(project.rglob(f"*.{ending}")))
        subprocess.run([*words, *told, *include, "-c", *sources], cwd=work, check=True)
    objects = map(str, sorted(work.glob("*.o")))
    program = work / "pedal"
    subprocess.run([cpp, *objects, "-o", str(program)], check=True)
    return program


@dataclass(frozen=True, slots=True)
class Run:
    """What a program played and showed."""

    left: F32  # (frames,)
    right: F32
    pins: npt.NDArray[np.uint8]  # (blocks, pins): driven low, high or not at all
    led: npt.NDArray[np.uint8]  # (blocks,), before each
    pulls: npt.NDArray[np.uint8]  # (pins,)
    boosted: bool
    ended: int  # 0: there was no more to play

    def lit(self, controls: ControlsPlan) -> npt.NDArray[np.int64]:
        """Return the lamps that are lit after each block, as bits."""
        found = np.zeros(len(self.pins), np.int64)
        for bit, lamp in enumerate(controls.lights.lamps):
            level = self.pins[:, place(lamp.pin.port, lamp.pin.number)]
            found |= (level == (lamp.active == "high")).astype(np.int64) << bit
        return found


def place(port: str, number: int) -> int:
    """Number a pin."""
    return (ord(port) - ord("A")) * 16 + number


def panel(controls: ControlsPlan | None, inputs: PanelInputs) -> bytes:
    """Spell what a board's pins carry, for the controls to be read as these inputs."""
    record = np.zeros((), _PANEL)
    record["ticks"] = _LATE_TICKS if inputs.late else 1
    if controls is not None:
        for bit, switch in enumerate(controls.switches.pins):
            is_closed = bool(inputs.closed >> bit & 1)
            level = is_closed == (switch.active == "high")
            record["high"][place(switch.pin.port, switch.pin.number)] = level
        for knob, code in zip(controls.knobs, inputs.codes, strict=True):
            record["volts"][place(knob.pin.port, knob.pin.number)] = code
    return record.tobytes()


def run(
    program: Path, controls: ControlsPlan | None, heard: F32, inputs: Iterable[PanelInputs]
) -> Run:
    """Play (blocks, frames); of the inputs the first is there before the first block."""
    first, *others = inputs
    parts = [panel(controls, first)]
    for block, there in zip(heard, others, strict=True):
        parts += [panel(controls, there), block.tobytes(), np.full_like(block, 0.5).tobytes()]
    done = subprocess.run([program], input=b"".join(parts), stdout=subprocess.PIPE, check=True)
    frames = heard.shape[1]
    block = np.dtype(
        [("left", "<f4", frames), ("right", "<f4", frames), ("pins", "u1", _PINS), ("led", "u1")]
    )
    whole, rest = np.split(np.frombuffer(done.stdout, np.uint8), [-(_PINS + 2)])
    found = whole.view(block)
    return Run(
        found["left"].reshape(-1),
        found["right"].reshape(-1),
        found["pins"],
        found["led"],
        rest[:_PINS],
        bool(rest[_PINS]),
        int(rest[_PINS + 1]),
    )
