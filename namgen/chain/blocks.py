"""The blocks of the signal chain: their C, their order, what a player sets.

Order and curves are those of the NAM plug-in: the gate listens to the guitar and acts behind the
model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from namgen.chain import equaliser, gains, gate

BlockName: TypeAlias = Literal[
    "input_trim",
    "gate",
    "guard",
    "equaliser",
    "cabinet",
    "high_pass",
    "level",
    "changeover",
    "bypass",
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
    cycles_per_frame: float = 0.0  # predicted at most, on a Cortex-M7; of a cabinet, its plan's
    cycles_per_call: float = 0.0
    dtcm_bytes: int = 0  # of tables and state, but for a cabinet's
    dtcm_bytes_per_frame: int = 0  # of a block

    def cycles(self, block_frames: int) -> float:
        """Return the cycles of a frame in blocks of this size."""
        return self.cycles_per_frame + self.cycles_per_call / block_frames


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
    Block(
        "bypass",
        "bypass crossfade",
        "bypass",
        others=(Function("set", "bool"),),
        cycles_per_frame=11.0,
        cycles_per_call=35.0,
        dtcm_bytes=32,
        dtcm_bytes_per_frame=4,
    ),
    Block(
        "input_trim",
        "input trim",
        "input_trim",
        (_decibels("input", "input_trim_set", gains.INPUT_TRIM),),
        others=(Function("calibrate", "float"),),
        cycles_per_frame=6.3,
        cycles_per_call=7.0,
        dtcm_bytes=32,
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
        cycles_per_frame=30.0,
        cycles_per_call=44.0,
        dtcm_bytes=256,
    ),
    Block(
        "guard",
        "guard against what is no sound",
        "guard",
        has_state=False,
        cycles_per_frame=10.0,
        cycles_per_call=10.0,
    ),
    Block(
        "equaliser",
        "bass, middle, treble",
        "equaliser",
        tuple(map(_tone, equaliser.BANDS)),
        cycles_per_frame=47.3,
        cycles_per_call=29.0,
        dtcm_bytes=2944,
    ),
    Block("cabinet", "cabinet impulse response", "cabinet", others=(Function("use", "size_t"),)),
    Block(
        "high_pass",
        "high-pass of 5 Hz",
        "high_pass",
        cycles_per_frame=7.5,
        cycles_per_call=9.0,
        dtcm_bytes=32,
    ),
    Block(
        "level",
        "output level",
        "level",
        (_decibels("level", "level_set", gains.LEVEL),),
        others=(Function("normalise", "float"),),
        cycles_per_frame=6.3,
        cycles_per_call=7.0,
        dtcm_bytes=32,
    ),
    Block(
        "changeover",
        "silence for what cannot be ramped",
        "changeover",
        others=(Function("silence", "bool"),),
        cycles_per_frame=6.3,
        cycles_per_call=20.0,
        dtcm_bytes=16,
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
    Call("changeover", "process"),
    Call("bypass", "process"),
    Call("guard", "output"),
)
