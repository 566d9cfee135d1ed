"""How each revision of each board wires its codec, and how firmware can tell them apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from namgen.errors import NamgenError

Board = Literal[
    "seed_rev4",
    "seed_1_1",
    "seed2_dfm",
    "seed_1_2",
    "seed3",
    "petal_125b_sm",
    "nucleo_h743",
    "weact_h743",
    "weact_h750",
]
Place: TypeAlias = tuple[str, int]
"""A pin: the letter of its port, its number."""


@dataclass(frozen=True, slots=True)
class Bus:
    """The I2C that a codec is set over: which of the chip's, its lines, the codec's address."""

    number: int
    clock: Place
    data: Place
    address: int


@dataclass(frozen=True, slots=True)
class Oscillator:
    """What hangs at the chip's OSC_IN: a crystal, or a clock that another chip gives."""

    hz: int = 16_000_000
    is_crystal: bool = True
    runs: bool = True


@dataclass(frozen=True, slots=True)
class Lines:
    """The audio interface that a codec is wired to: which of the chip's, by which pins.

    The block whose clocks are wired is the `master`. `is_i2s`: frames as the I2S bus has them;
    else the left word begins with the rising edge of the frame's clock.
    """

    sai: int = 1
    master: Literal["A", "B"] = "A"
    pins: tuple[Place, ...] = (("E", 2), ("E", 3), ("E", 4), ("E", 5), ("E", 6))
    is_i2s: bool = False


@dataclass(frozen=True, slots=True)
class Mute:
    """A pin that silences a codec while it is low, and for how long its clocks must run before."""

    pin: Place
    settles_s: float


@dataclass(frozen=True, slots=True)
class Wiring:
    """A board: its strap, its codec and the words that codec exchanges.

    `strap` is the pin tied to ground. `reset_pin` is a codec's reset, active low. The codec sends
    to block B unless `sends_to_a`. Words are 24 bits right-aligned, or 32 bits left-aligned.
    """

    codec: str
    strap: Place | None = None
    reset_pin: Place | None = None
    sends_to_a: bool = False
    data_bits: int = 24
    right_first: bool = False
    bus: Bus | None = None
    led: Place | None = ("C", 7)
    boot0: Place | None = ("G", 3)
    target: str = "daisy"  # what images for it are built for
    oscillator: Oscillator = Oscillator()
    lines: Lines = Lines()
    mute: Mute | None = None
    codec_bus: Bus | None = None  # where a codec goes in place of this one, at any address
    flash_bytes: int = 128 << 10  # inside the chip
    flash_lines: Mapping[Place, int] | None = field(default_factory=lambda: _SEED_FLASH)
    # of a chip at QUADSPI, with their alternate functions; None: there is none


CONVERTERS_SETTLE_S = 0.187
"""A PCM1808's words are valid so long after its clocks have begun; a PCM5102A is faster."""

_SEED_FLASH: Mapping[Place, int] = {
    ("F", 6): 9,
    ("F", 7): 9,
    ("F", 8): 10,
    ("F", 9): 10,
    ("F", 10): 9,
    ("G", 6): 10,
}
_WEACT_FLASH: Mapping[Place, int] = {
    ("B", 2): 9,
    ("B", 6): 10,
    ("D", 11): 9,
    ("D", 12): 9,
    ("D", 13): 9,
    ("E", 2): 9,
}
_WEACT_SAI = Lines(
    sai=3,
    master="B",
    pins=(("D", 14), ("D", 9), ("D", 10), ("D", 8), ("D", 1)),
    is_i2s=True,
)

_SPARE_BUS = Bus(1, clock=("B", 8), data=("B", 9), address=0)
"""Of the Nucleo and of WeAct's boards."""

SEED_BUS = Bus(2, clock=("H", 4), data=("B", 11), address=0x1A)


def _weact(target: str, *, flash_bytes: int) -> Wiring:
    """Return a WeAct MiniSTM32H7xx, which comes with two chips."""
    return Wiring(
        "PCM1808 and PCM5102A",
        led=("E", 3),
        boot0=None,
        target=target,
        oscillator=Oscillator(25_000_000),
        lines=_WEACT_SAI,
        mute=Mute(("D", 15), CONVERTERS_SETTLE_S),
        codec_bus=_SPARE_BUS,
        flash_bytes=flash_bytes,
        flash_lines=_WEACT_FLASH,
    )


WIRING: dict[Board, Wiring] = {
    "seed_rev4": Wiring("AK4556", reset_pin=("B", 11)),
    "seed_1_1": Wiring("WM8731", strap=("D", 3), sends_to_a=True, bus=SEED_BUS),
    "seed2_dfm": Wiring("PCM3060", strap=("D", 4)),
    "seed_1_2": Wiring("PCM3060", strap=("D", 5), reset_pin=("B", 11)),
    "seed3": Wiring("TAC5242", strap=("H", 6), data_bits=32, right_first=True),
    "petal_125b_sm": Wiring(
        "PCM3060",
        sends_to_a=True,
        bus=Bus(1, clock=("B", 8), data=("B", 9), address=0x46),
        led=None,
        boot0=None,
        target="petal-125b-sm",
    ),
    "nucleo_h743": Wiring(
        "PCM1808 and PCM5102A",
        led=("B", 0),
        boot0=None,
        target="nucleo-h743",
        oscillator=Oscillator(8_000_000, is_crystal=False),
        lines=Lines(is_i2s=True),
        mute=Mute(("F", 8), CONVERTERS_SETTLE_S),
        codec_bus=_SPARE_BUS,
        flash_bytes=2 << 20,
        flash_lines=None,
    ),
    "weact_h743": _weact("weact-h743", flash_bytes=2 << 20),
    "weact_h750": _weact("weact-h750", flash_bytes=128 << 10),
}


def with_codec(wiring: Wiring, name: str, address: int) -> Wiring:
    """Return a board with another codec on its I2C.

    Raises:
        NamgenError: it has no place for one.

    """
    if wiring.codec_bus is None:
        raise NamgenError(f"pedal: expected a board that takes another codec, found {wiring.codec}")
    bus = replace(wiring.codec_bus, address=address)
    return replace(wiring, codec=name, mute=None, bus=bus)


def usual_board(target: str) -> Board:
    """Return the revision that an image for a target is started on where nobody says which.

    Raises:
        NamgenError: no board of that target is emulated.

    """
    for board, wiring in WIRING.items():
        if wiring.target == target:
            return board
    known = ", ".join(dict.fromkeys(wiring.target for wiring in WIRING.values()))
    raise NamgenError(f"pedal: expected an image for one of {known}, found one for {target}")
