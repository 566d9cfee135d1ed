"""The blocks of the signal chain: their C, their order, what a player sets.

Order and curves are those of the NAM plug-in: the gate listens to the guitar and acts behind the
model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from namgen.chain import equaliser, gains, gate

BlockName: TypeAlias = Literal[
    "input_trim", "gate", "guard", "equaliser", "cabinet", "high_pass", "level", "bypass"
]


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a knob can be put on; its position goes from 0 to 1."""

    name: str
    setter: str  # of the C: void setter(float position)
    lowest: str  # what position 0 means, for people
    highest: str
    default: float


@dataclass(frozen=True, slots=True)
class Function:
    """What else a block can be told; of the C: void <prefix>_<verb>(argument)."""

    verb: str
    argument: Literal["bool", "size_t", "float"]


@dataclass(frozen=True, slots=True)
class Block:
    """One block: `firmware/chain/<prefix>.h`."""

    name: BlockName
    title: str
    prefix: str  # of its C functions
    parameters: tuple[Parameter, ...] = ()
    has_state: bool = True  # and so a reset
    others: tuple[Function, ...] = ()  # what else it can be asked


@dataclass(frozen=True, slots=True)
class Call:
    """One step on the way of samples; of the C: void <prefix>_<verb>(float *, size_t)."""

    block: BlockName
    verb: str


def _decibels(name: str, setter: str, knob: gains.GainKnob) -> Parameter:
    lowest, highest = f"{knob.lowest_db:+d} dB", f"{knob.highest_db:+d} dB"
    return Parameter(name, setter, lowest, highest, knob.default)


def _tone(band: equaliser.Band) -> Parameter:
    ends = f"{-band.most_db:+d} dB", f"{band.most_db:+d} dB"
    return Parameter(band.name, f"equaliser_set_{band.name}", *ends, default=0.5)


BLOCKS: tuple[Block, ...] = (
    Block("bypass", "bypass crossfade", "bypass", others=(Function("set", "bool"),)),
    Block(
        "input_trim",
        "input trim",
        "input_trim",
        (_decibels("input", "input_trim_set", gains.INPUT_TRIM),),
        others=(Function("calibrate", "float"),),
    ),
    Block(
        "gate",
        "noise gate",
        "gate",
        (
            Parameter(
                "gate",
                "gate_set",
                f"{gate.LOWEST_DB} dB",
                f"{gate.HIGHEST_DB} dB",
                gate.DEFAULT_POSITION,
            ),
        ),
    ),
    Block("guard", "guard against what is no sound", "guard", has_state=False),
    Block("equaliser", "bass, middle, treble", "equaliser", tuple(map(_tone, equaliser.BANDS))),
    Block("cabinet", "cabinet impulse response", "cabinet", others=(Function("use", "size_t"),)),
    Block(
        "high_pass",
        "high-pass of 5 Hz",
        "high_pass",
    ),
    Block(
        "level",
        "output level",
        "level",
        (_decibels("level", "level_set", gains.LEVEL),),
        others=(Function("normalise", "float"),),
    ),
)
"""In the order in which a block of samples meets them first."""

BEFORE_MODEL = (
    Call("bypass", "listen"),
    Call("input_trim", "process"),
    Call("gate", "listen"),
)

AFTER_MODEL = (
    Call("guard", "model"),
    Call("gate", "process"),
    Call("equaliser", "process"),
    Call("cabinet", "process"),
    Call("high_pass", "process"),
    Call("level", "process"),
    Call("bypass", "process"),
    Call("guard", "output"),
)
