"""What a self-test has told: from the bytes of its message to numbers with names."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from namgen.errors import NamgenError, UnsupportedError
from namgen.measured import LADDER
from namgen.selftest.ladder import NOTHING, RUNGS
from namgen.selftest.layout import (
    CHANNELS,
    DIRECTIONS,
    ENTRY_NAMES,
    ERRORS,
    INPUT_WORDS,
    MAGIC,
    VERSION,
    places,
    text_of_words,
    total_words,
)
from namgen.selftest.rules import COPIES, load_rules
from namgen.selftest.spelling import Span

NEVER = 0xFFFFFFFF
SAMPLE_RATE_HZ = 48_000
_SIGN = 1 << 31
_HALF = 16
_LONG = 32
_FULL_SCALE = 1 << 23
_REVISION_SHIFT = 16
_DEVICE_MASK = 0xFFF
CHIPS = {0x450: "STM32H742, H743, H750 or H753"}
CHIP_REVISIONS = {0x1001: "Z", 0x1003: "Y", 0x2001: "X", 0x2003: "V"}
RESETS = {
    17: "processor",
    21: "brown-out",
    22: "NRST",
    23: "power-on",
    24: "software",
    26: "watchdog",
    28: "window watchdog",
}
"""Bits of RCC_RSR (RM0433, 8.7.39)."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A rung as it was predicted and as it was measured, both for the call alone."""

    name: str
    predicted: int
    measured: Span
    kind: str | None  # of code whose margin it tells: "float" or "integer"

    @property
    def ratio(self) -> float:
        """The board's worst run against the model's."""
        return self.measured.most / max(1, self.predicted)


@dataclass(frozen=True, slots=True)
class RuleFound:
    """A sequence of instructions, in cycles per repetition."""

    name: str
    published: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class InputFound:
    """A channel of the input while nothing was played, in parts of full scale."""

    mean: float
    rms: float
    with_blocks: float  # RMS of what is the same in every block: a whine at the blocks' rate


@dataclass(frozen=True, slots=True)
class Results:
    """All of it."""

    board: str
    clock_hz: int
    block_frames: int
    boot: str
    toolchain: str
    build: int
    ladder: int
    revision: int  # of the board, as its image counts them
    entry: Mapping[str, int]
    checks: tuple[bool, ...]  # the output of each model, the first in its chain
    rules: tuple[RuleFound, ...]
    rungs: tuple[Measurement, ...]
    loop: tuple[tuple[int | None, int | None], ...]  # frames, from left and right, to each input
    inputs: Mapping[str, tuple[InputFound, ...]]  # by what the processor did meanwhile
    words_left: tuple[Span, ...]  # of DMA streams 0 and 1, at the beginning of a block
    errors_forced: Mapping[str, int]
    errors_counted: Mapping[str, int]
    overrun: Mapping[str, float | None]  # frames without DMA until it was noticed; None: never
    blocks_counted: int

    @property
    def silicon(self) -> str:
        """The chip's revision, by the letter that is printed on it."""
        found = self.entry["DBGMCU_IDCODE"] >> _REVISION_SHIFT
        return CHIP_REVISIONS.get(found, f"{found:#06x}")

    @property
    def chip(self) -> str:
        """What the chip says it is."""
        device = self.entry["DBGMCU_IDCODE"] & _DEVICE_MASK
        return CHIPS.get(device, f"device {device:#05x}")

    @property
    def resets(self) -> tuple[str, ...]:
        """What has reset the chip, as far as it knows."""
        flags = self.entry["RCC_RSR"]
        return tuple(name for bit, name in RESETS.items() if flags >> bit & 1)

    @property
    def seconds_counted(self) -> float:
        """For how long errors were counted."""
        return self.blocks_counted * self.block_frames / SAMPLE_RATE_HZ

    @property
    def has_passed(self) -> bool:
        """Whether everything computed what it has to, in time, and what was forced was noticed."""
        noticed = self.noticed_late and self.noticed_overrun
        return all(self.checks) and not any(self.errors_counted.values()) and noticed

    @property
    def noticed_late(self) -> bool:
        """Whether the block that was made late was counted as such."""
        return self.errors_forced["late"] > 0

    @property
    def noticed_overrun(self) -> bool:
        """Whether both directions of the audio interface were counted that had no DMA."""
        return self.errors_forced["slips"] >= len(DIRECTIONS)


def read_results(message: bytes) -> Results:
    """Read a message.

    Raises:
        NamgenError: it is none of a self-test's.
        UnsupportedError: it is another version's.

    """
    words = [int.from_bytes(message[i : i + 4], "little") for i in range(0, len(message), 4)]
    _check(words)
    fields = {name: words[at : at + count] for name, (at, count) in places().items()}
    return Results(
        board=text_of_words(fields["board"]),
        clock_hz=fields["clock_hz"][0],
        block_frames=fields["block_frames"][0],
        boot=text_of_words(fields["boot"]),
        toolchain=text_of_words(fields["toolchain"]),
        build=fields["build"][0],
        ladder=fields["ladder"][0],
        revision=fields["revision"][0],
        entry=dict(zip(ENTRY_NAMES, fields["entry"], strict=True)),
        checks=tuple(map(operator.eq, fields["checks"], fields["expected"])),
        rules=_rules(fields["rules"]),
        rungs=tuple(_rungs(_spans(fields["measured"]), fields["predicted"])),
        loop=_loop(fields["loop"]),
        inputs=_inputs(fields["noise"], fields["block_frames"][0]),
        words_left=tuple(_spans(fields["words_left"])),
        errors_forced=dict(zip(ERRORS, fields["errors_forced"], strict=True)),
        errors_counted=dict(zip(ERRORS, fields["errors_counted"], strict=True)),
        overrun=_overrun(fields["overrun"], fields["clock_hz"][0]),
        blocks_counted=fields["blocks_counted"][0],
    )


def _check(words: Sequence[int]) -> None:
    if len(words) < 3 or words[0] != MAGIC:
        raise NamgenError("recording: expected results of a self-test, found another message")
    found, known = (words[1], words[2]), (VERSION, LADDER)
    if found != known:
        raise UnsupportedError(
            f"recording: expected results in version {known[0]} of ladder {known[1]}, found "
            f"version {found[0]} of ladder {found[1]}; make the image anew: namgen selftest -o DIR"
        )
    if len(words) != total_words():
        raise NamgenError(f"recording: expected {total_words()} words, found {len(words)}")


def _spans(words: Sequence[int]) -> list[Span]:
    return [Span(words[i], words[i + 1]) for i in range(0, len(words), 2)]


def _rules(words: Sequence[int]) -> tuple[RuleFound, ...]:
    low = (1 << _HALF) - 1
    return tuple(
        RuleFound(rule.name, rule.cycles, (word & low) / COPIES, (word >> _HALF) / COPIES)
        for rule, word in zip(load_rules(), words, strict=True)
    )


def _rungs(measured: Sequence[Span], predicted: Sequence[int]) -> Iterator[Measurement]:
    """Take off what a measurement costs by itself.

    A call of nothing is predicted at what that function takes; the rest of what it was measured at
    is spent around every call.
    """
    nothing = RUNGS.index(NOTHING)
    around = measured[nothing].least - predicted[nothing]
    for rung, told, found in zip(RUNGS, predicted, measured, strict=True):
        if rung != NOTHING:
            own = Span(max(0, found.least - around), max(0, found.most - around))
            yield Measurement(rung.name, told, own, rung.margin)


def _loop(words: Sequence[int]) -> tuple[tuple[int | None, int | None], ...]:
    frames = [None if word == NEVER else word for word in words]
    return tuple((frames[CHANNELS * n], frames[CHANNELS * n + 1]) for n in range(CHANNELS))


def _overrun(words: Sequence[int], clock_hz: int) -> dict[str, float | None]:
    frames = (None if word == NEVER else word * SAMPLE_RATE_HZ / clock_hz for word in words)
    return dict(zip(DIRECTIONS, frames, strict=True))


def _inputs(words: Sequence[int], frames: int) -> dict[str, tuple[InputFound, ...]]:
    size = CHANNELS * INPUT_WORDS
    return {
        name: tuple(
            _input(words[turn * size + n * INPUT_WORDS :][:INPUT_WORDS], frames)
            for n in range(CHANNELS)
        )
        for turn, name in enumerate(("spin", "sleep"))
    }


def _input(words: Sequence[int], frames: int) -> InputFound:
    mean = (words[0] - (words[0] >= _SIGN) * 2 * _SIGN) / frames
    power, repeated = (words[n] + (words[n + 1] << _LONG) for n in (1, 3))
    rms = math.sqrt(max(0.0, power / frames - mean**2))
    with_blocks = math.sqrt(max(0.0, repeated / frames - mean**2))
    return InputFound(mean / _FULL_SCALE, rms / _FULL_SCALE, with_blocks / _FULL_SCALE)
