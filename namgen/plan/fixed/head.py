"""The instructions of the head's kernel: a convolution over the head sum, to one row."""

from __future__ import annotations

from dataclasses import dataclass

from namgen.plan.fixed.builder import POINTERS, Builder
from namgen.schedule import thumb
from namgen.schedule.instruction import Access, Value

HEAD_FRAMES = 4


@dataclass(frozen=True, slots=True)
class HeadShape:
    """A head without its numbers."""

    width: int  # even
    kernel_size: int

    @property
    def title(self) -> str:
        """What its kernel is called."""
        return "head_sum"


def head_program(shape: HeadShape) -> Builder:
    """Write the program of one turn: four frames, channel by channel, taps oldest first.

    Each word is loaded once per channel: a tap of a frame is the tap before it of the next frame.
    """
    build = Builder()
    build.homes.add(*POINTERS, "tap 0")
    bias, pointer = build.weight("bias", 0), build.fetch("tap 0")
    sums = [bias] * HEAD_FRAMES
    for channel in range(shape.width):
        sums = _channel(build, shape, channel, pointer, sums)
    out = build.fetch("out")
    for frame, value in enumerate(sums):
        build.store([value], out, 4 * frame, "out")
    build.advance("tap 0", pointer, HEAD_FRAMES * 4 * shape.width)
    build.advance("out", out, HEAD_FRAMES * 4)
    build.count_down()
    return build


def _channel(
    build: Builder, shape: HeadShape, channel: int, pointer: Value, sums: list[Value]
) -> list[Value]:
    """Add the products of one channel."""
    words = [_word(build, shape, channel, frame, pointer) for frame in range(HEAD_FRAMES - 1)]
    for tap in range(shape.kernel_size):
        words.append(_word(build, shape, channel, tap + HEAD_FRAMES - 1, pointer))
        weight = build.weight("head", 0, tap, channel)
        sums = [
            build.onto("smmlar", f"y.{frame}", (weight, x), before, f"{weight.name} * {x.name}")
            for frame, (before, x) in enumerate(zip(sums, words[-HEAD_FRAMES:], strict=True))
        ]
    return sums


def _word(build: Builder, shape: HeadShape, channel: int, frame: int, pointer: Value) -> Value:
    offset = 4 * (frame * shape.width + channel)
    value = Value(f"h{channel}.{frame}")
    access = Access("tap 0", offset, constant=True, bank=(offset >> 2) & 1)
    build.put(thumb.load(value, pointer, offset, access, value.name))
    return value
