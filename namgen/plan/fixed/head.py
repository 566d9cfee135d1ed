"""The instructions of the head's kernel: a convolution over the head sum, to one row."""

from __future__ import annotations

from dataclasses import dataclass

from namgen.plan.fixed.builder import POINTERS, REACH_BYTES, Builder, Weight
from namgen.plan.fixed.packing import BIAS
from namgen.plan.fixed.parts import PART_ROWS, WHOLE_CHANNELS
from namgen.schedule import thumb
from namgen.schedule.instruction import Access, Place, Value

HEAD_FRAMES = 4


@dataclass(frozen=True, slots=True)
class HeadShape:
    """A head without its numbers."""

    width: int  # even; of a call
    kernel_size: int
    whole: int  # words of a frame

    @property
    def is_part(self) -> bool:
        """Whether a call adds onto what the calls before it have written."""
        return self.width < self.whole

    @property
    def title(self) -> str:
        """What its kernel is called."""
        return "head_sum"


def along_frames(shape: HeadShape) -> tuple[Weight, ...]:
    """Return the weights of a whole head in the order in which what it reads lies."""
    taps, channels = range(shape.kernel_size), range(shape.width)
    return (BIAS, *(("head", 0, tap, channel) for tap in taps for channel in channels))


def head_program(shape: HeadShape) -> Builder:
    """Write the program of one turn: four frames, channel by channel, taps oldest first.

    Each word is loaded once per channel: a tap of a frame is the tap before it of the next frame.
    """
    build = Builder()
    build.homes.add(*POINTERS, "tap 0")
    if shape.is_part:
        sums = _before(build)
        pointer = build.fetch("tap 0")
    else:
        bias, pointer = build.weight("bias", 0), build.fetch("tap 0")
        sums = [bias] * HEAD_FRAMES
    for channel in range(shape.width):
        sums = _channel(build, shape, channel, pointer, sums)
    out = build.fetch("out")
    for frame, value in enumerate(sums):
        build.store([value], out, 4 * frame, "out")
    build.advance("tap 0", pointer, HEAD_FRAMES * 4 * shape.whole)
    build.advance("out", out, HEAD_FRAMES * 4)
    build.count_down()
    return build


def head_width(width: int) -> int:
    """Return the channels that a call takes: as many as a kernel may, in calls of one width."""
    whole = range(min(width, WHOLE_CHANNELS), 0, -PART_ROWS)
    return next(channels for channels in whole if width % channels == 0)


def _before(build: Builder) -> list[Value]:
    """Load what the calls before have written."""
    out = build.fetch("out")
    return [build.load(f"y.{frame}", out, 4 * frame, "out") for frame in range(HEAD_FRAMES)]


def _channel(
    build: Builder, shape: HeadShape, channel: int, pointer: Value, sums: list[Value]
) -> list[Value]:
    """Add the products of one channel."""
    bases: dict[int, Place] = {}

    def word(frame: int) -> Value:
        at = 4 * (frame * shape.whole + channel)
        far = at - at % REACH_BYTES
        if far not in bases:
            bases[far] = build.behind(pointer, far, "head sums")
        return _word(build, f"h{channel}.{frame}", at, bases[far])

    words = [word(frame) for frame in range(HEAD_FRAMES - 1)]
    for tap in range(shape.kernel_size):
        words.append(word(tap + HEAD_FRAMES - 1))
        weight = build.weight("head", 0, tap, channel)
        sums = [
            build.onto("smmlar", f"y.{frame}", (weight, x), before, f"{weight.name} * {x.name}")
            for frame, (before, x) in enumerate(zip(sums, words[-HEAD_FRAMES:], strict=True))
        ]
    return sums


def _word(build: Builder, name: str, at: int, base: Place) -> Value:
    value, access = Value(name), Access("tap 0", at, constant=True, bank=(at >> 2) & 1)
    build.put(thumb.load(value, base, at % REACH_BYTES, access, value.name))
    return value
