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
    """What else a block can be told; of the C: void name(argument)."""

    name: str
    argument: Literal["int", "float"]


@dataclass(frozen=True, slots=True)
class Block:
    """One block: `firmware/chain/<name>.h`."""

    name: BlockName
    title: str
    parameters: tuple[Parameter, ...] = ()
    has_state: bool = True  # and so a reset
    others: tuple[Function, ...] = ()  # what else it can be asked


@dataclass(frozen=True, slots=True)
class Call:
    """One step on the way of a block of samples; of the C: void function(float *, size_t)."""

    block: BlockName
    function: str


def _decibels(name: str, setter: str, knob: gains.GainKnob) -> Parameter:
    lowest, highest = f"{knob.lowest_db:+d} dB", f"{knob.highest_db:+d} dB"
    return Parameter(name, setter, lowest, highest, knob.default)


def _tone(band: equaliser.Band) -> Parameter:
    ends = f"{-band.most_db:+d} dB", f"{band.most_db:+d} dB"
    return Parameter(band.name, f"equaliser_set_{band.name}", *ends, default=0.5)


BLOCKS: tuple[Block, ...] = (
    Block("bypass", "bypass crossfade", others=(Function("bypass_set", "int"),)),
    Block(
        "input_trim",
        "input trim",
        (_decibels("input", "input_trim_set", gains.INPUT_TRIM),),
        others=(Function("input_trim_calibrate", "float"),),
    ),
    Block(
        "gate",
        "noise gate",
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
    Block("guard", "guard against what is no sound", has_state=False),
    Block("equaliser", "bass, middle, treble", tuple(map(_tone, equaliser.BANDS))),
    Block("cabinet", "cabinet impulse response", others=(Function("cabinet_use", "int"),)),
    Block("high_pass", "high-pass of 5 Hz"),
    Block(
        "level",
        "output level",
        (_decibels("level", "level_set", gains.LEVEL),),
        others=(Function("level_normalise", "float"),),
    ),
)
"""In the order in which a block of samples meets them first."""

BEFORE_MODEL = (
    Call("bypass", "bypass_listen"),
    Call("input_trim", "input_trim_process"),
    Call("gate", "gate_listen"),
)

AFTER_MODEL = (
    Call("guard", "guard_model"),
    Call("gate", "gate_process"),
    Call("equaliser", "equaliser_process"),
    Call("cabinet", "cabinet_process"),
    Call("high_pass", "high_pass_process"),
    Call("level", "level_process"),
    Call("bypass", "bypass_process"),
    Call("guard", "guard_output"),
)
