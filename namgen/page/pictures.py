"""Draws what is no plot: a network, how far it looks back, cycles, memories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from namgen.inspection import Stack
from namgen.page.costs import Cost, Memory, Part
from namgen.page.facts import CaptureFacts
from namgen.page.marks import Anchor, Label, Mark, Numbers, Path, Picture, Rect, shortened, spelled
from namgen.page.palette import SERIES
from namgen.page.plots import SIZE_PX, WIDTH, Axis, even_axis
from namgen.prediction import Prediction

_MIDDLE = WIDTH / 2
_LEFT, _RIGHT = 8.0, WIDTH - 8.0
_MOST_TAPS = 64
"""That are drawn one by one."""


def network_picture(key: str, capture: CaptureFacts) -> Picture:
    """Draw runs of layers below each other, a square for each layer, in the order of the signal."""
    marks: list[Mark] = [Label(_MIDDLE, 16, "guitar", "t", "middle")]
    y = 22.0
    for stack in capture.stacks:
        marks += [_arrow(y), *_stack(stack, y + 18)]
        y += 18 + _HEIGHT
    marks += [_arrow(y), Label(_MIDDLE, y + 34, "output", "t", "middle")]
    rows = tuple(
        (f"{n + 1}", f"{s.channels}", _one(s.kernel_sizes, i), _one(s.dilations, i))
        for n, (s, i) in enumerate((s, i) for s in capture.stacks for i in range(s.layers))
    )
    text = f"{capture.architecture}: {'; '.join(_words(stack) for stack in capture.stacks)}."
    numbers = Numbers(("layer", "channels", "kernel", "dilation"), rows)
    return Picture(f"{key}-network", "Architecture", text, WIDTH, y + 44, tuple(marks), numbers)


_HEIGHT = 88.0


def _stack(stack: Stack, y: float) -> Iterator[Mark]:
    yield Rect(_LEFT, y, _RIGHT - _LEFT, _HEIGHT - 4, "card", 8)
    yield Label(_LEFT + 12, y + 22, f"{stack.kind}: {_layers(stack)}", "t b")
    yield Label(_LEFT + 12, y + 42, _rest(stack), "t n")
    step = min(20.0, (_RIGHT - _LEFT - 24) / stack.layers)
    for number in range(stack.layers):
        yield Rect(_LEFT + 12 + number * step, y + 54, max(step - 4, 1), 18, "f0", 2)


def _layers(stack: Stack) -> str:
    return f"{stack.layers} layer{'s' if stack.layers > 1 else ''} of {stack.channels}"


def _rest(stack: Stack) -> str:
    parts = [f"kernel {_span(stack.kernel_sizes)}"] if stack.kernel_sizes else []
    parts += [f"dilation {_span(stack.dilations)}"] if stack.dilations else []
    return ", ".join([*parts, *stack.activations])


def _words(stack: Stack) -> str:
    rest = _rest(stack)
    return f"{_layers(stack)}{f', {rest}' if rest else ''}"


def _span(numbers: Sequence[int]) -> str:
    low, high = min(numbers), max(numbers)
    return f"{low}" if low == high else f"{low} to {high}"


def _one(numbers: Sequence[int], index: int) -> str:
    return f"{numbers[index]}" if index < len(numbers) else ""


def _arrow(y: float) -> Path:
    return Path(f"M{_MIDDLE:g} {spelled(y)}v14m-4 -5l4 5l4 -5", "a")


def field_picture(key: str, capture: CaptureFacts) -> Picture:
    """Draw how far back each layer looks, with its taps, on an axis of time."""
    if capture.receptive_field is None:
        return _endless(key, capture)
    reaches = list(_reaches(capture))
    rate, total = capture.sample_rate_hz, capture.receptive_field
    span_ms = max(1000 * total / rate, 0.1)
    row = min(max(220 / max(len(reaches), 1), 5), 16)
    bottom = 14 + row * len(reaches)
    axis = even_axis("ms before now", 0, span_ms, _step(span_ms))
    scale = (_RIGHT - _LEFT - 40) / (axis.high * rate / 1000)
    marks = list(_times(axis, bottom))
    for number, reach in enumerate(reaches):
        marks += _reach(reach, scale, 12 + row * (len(reaches) - 1 - number), max(row - 2, 2))
    marks.append(Label(_MIDDLE, bottom + 38, axis.title, "t", "middle"))
    text = (
        f"Receptive field: {total:,} samples, {span_ms:.1f} ms. Each row is a convolution with a "
        "line for each of its taps, the first one below: one above looks at what those below made."
    )
    rows = tuple(reach.told(n, rate) for n, reach in enumerate(reaches))
    numbers = Numbers(("layer", "taps", "dilation", "own, ms", "in all, ms"), rows)
    title, height = "Receptive field", bottom + 46
    return Picture(f"{key}-field", title, text, WIDTH, height, tuple(marks), numbers)


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far back a convolution looks, in frames."""

    begin: int  # what those before it look back
    taps: int
    dilation: int

    @property
    def own(self) -> int:
        """What it adds."""
        return (self.taps - 1) * self.dilation

    def told(self, number: int, rate_hz: int) -> tuple[str, ...]:
        """Return its row of the table."""
        own, whole = (1000 * frames / rate_hz for frames in (self.own, self.begin + self.own))
        named = f"{number + 1}", f"{self.taps}", f"{self.dilation}"
        return (*named, f"{own:.2f}", f"{whole:.2f}")


def _times(axis: Axis, bottom: float) -> Iterator[Mark]:
    """Draw lines of time, now to the right."""
    for value, said in axis.ticks:
        x = _RIGHT - 16 - axis.share(value) * (_RIGHT - _LEFT - 40)
        yield Path(f"M{spelled(x)} 8V{spelled(bottom)}", "g")
        yield Label(x, bottom + 18, said, "t n", "middle")


def _reach(reach: _Reach, scale: float, y: float, height: float) -> Iterator[Mark]:
    right, length = _RIGHT - 16 - reach.begin * scale, reach.own * scale
    yield Rect(right - length, y, max(length, 1), height, "f0 soft")
    if reach.taps <= _MOST_TAPS:
        at = (right - tap * reach.dilation * scale for tap in range(reach.taps))
        lines = (f"M{spelled(x)} {spelled(y)}v{spelled(height)}" for x in at)
        yield Path("".join(lines), "s0 thin")


def _step(span_ms: float) -> float:
    """A round step that gives at most eight numbers."""
    steps = (10.0**power * digit for power in range(-3, 5) for digit in (1, 2, 5))
    return next(step for step in steps if span_ms / step <= 7)


def _reaches(capture: CaptureFacts) -> Iterator[_Reach]:
    """Yield the convolutions, those of the heads as one."""
    before = 0
    for stack in capture.stacks:
        for taps, dilation in zip(stack.kernel_sizes, stack.dilations, strict=True):
            yield _Reach(before, taps, dilation)
            before += (taps - 1) * dilation
    rest = (capture.receptive_field or 1) - 1 - before
    if rest > 0:
        yield _Reach(before, rest + 1, 1)


def _endless(key: str, capture: CaptureFacts) -> Picture:
    gone = capture.sounding.decay.gone_ms
    told = "more than 400 ms" if gone is None else f"{gone:g} ms"
    marks: tuple[Mark, ...] = (
        Rect(60, 22, _RIGHT - 76, 20, "f0 soft", 2),
        Path("M60 22l-22 10l22 10M38 32h-24", "a"),
        Label(_RIGHT - 16, 62, "now", "t n", "end"),
        Label(20, 62, "without end", "t n"),
    )
    text = (
        "Receptive field: without end. The state of a recurrent network keeps something of all "
        f"that it ever heard; a tone that stops is 60 dB down after {told}."
    )
    return Picture(f"{key}-field", "Receptive field", text, WIDTH, 76, marks)


def cycles_picture(costs: Sequence[Cost], prediction: Prediction | None) -> Picture:
    """Draw the cycles of a sample as a stacked bar for each capture, beside what clocks give."""
    names = list(dict.fromkeys(part.name for cost in costs for part in cost.parts))
    clocks = costs[0].clocks
    reach = max([*(c.total * (1 + c.margin_high) for c in costs), *(c.size for c in clocks)]) * 1.08
    scale = (_RIGHT - _LEFT) / reach
    marks: list[Mark] = list(_keys(names))
    y = 46.0 + 22 * ((len(names) + 1) // 2 - 1)
    top = y - 14
    for cost in costs:
        marks += _stacked(cost.title, cost.parts, names, scale, y)
        low = _LEFT + cost.total * (1 - cost.margin_low) * scale
        high = _LEFT + cost.total * (1 + cost.margin_high) * scale
        marks.append(Path(f"M{spelled(low)} {y + 40:g}v8m0 -4H{spelled(high)}m0 -4v8", "a"))
        y += 66
    marks += _clocks(clocks, scale, top, y)
    rows = tuple(
        (c.title, *(f"{_size(c.parts, name):,.0f}" for name in names), f"{c.total:,.0f}")
        for c in costs
    )
    there = " and ".join(f"{clock.size:,.0f} at {clock.name}" for clock in clocks)
    margin = f"-{100 * costs[0].margin_low:.0f} % / +{100 * costs[0].margin_high:.0f} %"
    text = (
        f"Estimated cycles of a sample, by what they are for; {there} are there. The bracket below "
        f"a bar is the estimate's margin, {margin.replace('-', '−')}. {_run(prediction)}"
    )
    numbers = Numbers(("capture", *names, "all"), rows)
    return Picture("cycles", "Cycles", text, WIDTH, y + 24, tuple(marks), numbers)


def _run(prediction: Prediction | None) -> str:
    if prediction is None or prediction.method != "cycle model":
        return "Nothing was run."
    cycles = prediction.cycles_per_block / prediction.budget.block_frames
    return f"The image took {cycles:,.0f} in the emulator, in the slowest capture's worst block."


def _clocks(clocks: Sequence[Part], scale: float, top: float, bottom: float) -> Iterator[Mark]:
    """Draw what each clock has; the names of two do not meet."""
    for number, clock in enumerate(sorted(clocks, key=lambda clock: clock.size)):
        x = _LEFT + clock.size * scale
        yield Path(f"M{spelled(x)} {spelled(top)}V{spelled(bottom)}", "limit")
        side: Anchor = "start" if number else "end"
        is_near = side == "start" and x + 60 > WIDTH
        at: tuple[float, Anchor] = (WIDTH - 4, "end") if is_near else (x, side)
        yield Label(at[0], bottom + 16, clock.name, "t", at[1])


def memory_picture(memories: Sequence[Memory]) -> Picture:
    """Draw each memory as a bar that is filled."""
    names = list(dict.fromkeys(part.name for each in memories for part in each.parts))
    names = [n for n in names if not n.startswith("kept")] + ["kept for firmware"]
    marks: list[Mark] = list(_keys(names))
    y = 46.0 + 22 * ((len(names) + 1) // 2 - 1)
    for memory in memories:
        parts = [Part(_kept(part.name), part.size) for part in memory.parts]
        used = f"{memory.size_bytes - memory.free_bytes:,} of {memory.size_bytes:,} bytes"
        title = f"{memory.region.upper().replace('_', ' ')}: {used}"
        scale = (_RIGHT - _LEFT) / memory.size_bytes
        marks.append(Rect(_LEFT, y + 12, _RIGHT - _LEFT, 26, "card"))
        marks += _stacked(title, parts, names, scale, y)
        y += 58
    rows = tuple(
        (f"{m.region}: {m.title}", part.name, f"{part.size:,.0f}")
        for m in memories
        for part in m.parts
    )
    free = tuple((f"{m.region}: {m.title}", "free", f"{m.free_bytes:,}") for m in memories)
    text = "What is planned in each memory, each bar as long as it is, before anything is compiled."
    numbers = Numbers(("memory", "for", "bytes"), tuple(sorted((*rows, *free))))
    return Picture("memory", "Memory", text, WIDTH, y + 2, tuple(marks), numbers)


def _kept(name: str) -> str:
    return "kept for firmware" if name.startswith("kept") else name


def _stacked(
    title: str, parts: Sequence[Part], names: Sequence[str], scale: float, y: float
) -> Iterator[Mark]:
    yield Label(_LEFT, y + 5, shortened(title, _RIGHT - _LEFT, SIZE_PX), "t")
    x = _LEFT
    for part in parts:
        width = part.size * scale
        yield Rect(x, y + 12, max(width, 0.5), 26, f"f{names.index(part.name) % SERIES}")
        x += width


def _keys(names: Sequence[str]) -> Iterator[Mark]:
    """Name the colours, two in a row."""
    for number, name in enumerate(names):
        x, y = _LEFT + (number % 2) * _MIDDLE, 16.0 + 22 * (number // 2)
        yield Rect(x, y - 11, 14, 14, f"f{number % SERIES}", 2)
        yield Label(x + 20, y, name, "t")


def _size(parts: Sequence[Part], name: str) -> float:
    return sum(part.size for part in parts if part.name == name)
