"""Plans a convolution that is a stage of its own: heads, ConvNet blocks, Linear, copies."""

from __future__ import annotations

from namgen.arithmetic import Elements
from namgen.ir import Activation, Conv1d
from namgen.plan.builder import Builder
from namgen.plan.draft import Draft
from namgen.plan.layouts import Layout
from namgen.plan.memory import History, OldestRun, Run, TapPointers
from namgen.plan.operands import BiasOf, DenseOf, Operand, TapsOf, WindowOf
from namgen.plan.stages import Label, Name
from namgen.plan.steps import Store


def input_history(builder: Builder, part: Name, conv: Conv1d, start: Elements) -> History:
    """Make the history that `conv` reads; it computes `part`."""
    contiguous = builder.layout.reads_window(conv)
    return builder.parts.history(part, conv.lookback, start, contiguous=contiguous)


def remembered(builder: Builder, source: Run, conv: Conv1d, start: Elements, part: Name) -> Run:
    """Return a run of `source` that keeps the past `conv` needs, copied if it does not itself."""
    if conv.kernel_size == 1:
        return source
    if isinstance(source, History) and _serves(builder.layout, source, conv):
        return source
    past = input_history(builder, part, conv, start)
    plan_copy(builder, source, past, Label.of(part, "its input", "out = x"))
    return past


def _serves(layout: Layout, history: History, conv: Conv1d) -> bool:
    """Whether `conv` can read a history that was perhaps made for another reader."""
    if layout.reads_window(conv):
        return history.lookback == conv.lookback and layout.is_contiguous(history)
    return history.lookback >= conv.lookback


def plan_convolution(
    builder: Builder,
    conv: Conv1d,
    source: Run,
    target: Run,
    label: Label,
    *,
    scale: float | None = None,
    activation: Activation | None = None,
) -> None:
    """Plan ``target = activation(scale * conv(source))``; `source` is the newest run of its input.

    A convolution of several taps needs a `History` as its source.
    """
    draft = builder.draft(conv)
    products, runs, taps = _products(builder.layout, draft, conv, source)
    out = draft.port("out", conv.out_channels, writable=True)
    draft.sum(
        label.formula[0],
        conv.out_channels,
        (BiasOf(conv), products),
        (Store(out),),
        scale=scale,
        activation=activation,
    )
    name = f"conv_{conv.in_channels}to{conv.out_channels}_k{conv.kernel_size}"
    builder.call(draft, name, label, runs={**runs, "out": target}, taps=taps)
    builder.publish(target)


def _products(
    layout: Layout, draft: Draft, conv: Conv1d, source: Run
) -> tuple[Operand, dict[str, Run | OldestRun], TapPointers | None]:
    """Return what the sum adds up, and what it reads: through a port or through tap pointers."""
    if conv.kernel_size == 1:
        return DenseOf(conv, draft.port("x", conv.in_channels)), {"x": source}, None
    if layout.reads_window(conv) and isinstance(source, History):
        window = WindowOf(conv, draft.port("x", conv.in_channels))
        return window, {"x": OldestRun(source)}, None
    return TapsOf(conv), {}, tap_pointers(conv, source)


def plan_copy(builder: Builder, source: Run, target: Run, label: Label) -> None:
    """Plan ``target = source``."""
    draft = builder.plain_draft()
    x = draft.port("x", source.channels)
    out = draft.port("out", source.channels, writable=True)
    draft.copy("out = x", out, x)
    builder.call(draft, f"copy_{source.channels}", label, runs={"x": source, "out": target})
    builder.publish(target)


def tap_pointers(conv: Conv1d, source: Run) -> TapPointers:
    """Describe the tap runs of `conv` in the history it reads."""
    if not isinstance(source, History):
        raise TypeError(f"a convolution of {conv.kernel_size} taps reads a history")
    return TapPointers(source, conv.kernel_size, conv.dilation)
