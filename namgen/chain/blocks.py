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
    lowest_db: int  # what position 0 means; decibels between are evenly spread
    highest_db: int
    default: float

    @property
    def lowest(self) -> str:
        """What position 0 means, for people."""
        return _signed(self.lowest_db)

    @property
    def highest(self) -> str:
        """What position 1 means, for people."""
        return _signed(self.highest_db)


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


def _signed(level_db: int) -> str:
    return f"{level_db:+d} dB" if level_db else "0 dB"


def _decibels(name: str, setter: str, knob: gains.GainKnob) -> Parameter:
    return Parameter(name, setter, knob.lowest_db, knob.highest_db, knob.default)


def _tone(band: equaliser.Band) -> Parameter:
    setter = f"equaliser_set_{band.name}"
    return Parameter(band.name, setter, -band.most_db, band.most_db, default=0.5)


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
                gate.LOWEST_DB,
                gate.HIGHEST_DB,
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

PARAMETERS: dict[str, Parameter] = {p.name: p for block in BLOCKS for p in block.parameters}
"""All that knobs can be put on, by their names."""

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
