"""Plans a WaveNet: layer arrays, their layers as fused kernels, their heads."""

from __future__ import annotations

from dataclasses import dataclass, replace

from namgen.ir import Conv1d, Film, Gating, Layer, LayerArray, PostHead, WaveNet
from namgen.plan.builder import Builder
from namgen.plan.convolution import input_history, plan_convolution, remembered, tap_pointers
from namgen.plan.layer import (
    Role,
    activation_text,
    draft_layer,
    layer_formula,
    residual_width,
)
from namgen.plan.memory import OldestRun, Run
from namgen.plan.stages import Label, Name
from namgen.start_state import ArrayStart, WaveNetStart


@dataclass(frozen=True, slots=True)
class _Array:
    """An array in its network: what its layers share."""

    layers: LayerArray
    start: ArrayStart
    of: str  # its name
    condition: Run
    head: Run  # the skip sum
    starts_head: bool  # nothing to add to yet
    feeds_next: bool  # another array reads its last residual


def plan_wavenet(
    builder: Builder,
    net: WaveNet,
    state: WaveNetStart,
    source: Run,
    condition: Run,
    target: Run,
    of: str,
) -> None:
    """Plan `net` from `source` to `target`, its layers mixing in `condition`."""
    heads: list[Run] = [
        input_history(builder, Name(of, "head", index), array.head, start.head)
        for index, (array, start) in enumerate(zip(net.arrays, state.arrays, strict=True))
    ]
    x, last = source, len(net.arrays) - 1
    for index, (layers, start) in enumerate(zip(net.arrays, state.arrays, strict=True)):
        whole = Name(of, "array", index).symbol
        head = heads[index]
        array = _Array(layers, start, whole, condition, head, index == 0, index < last)
        x = _plan_layers(builder, array, x)
        builder.publish(head)
        if array.feeds_next:
            _plan_head(builder, layers, head, heads[index + 1], whole)
    _plan_last_head(builder, net, state, heads[-1], target, of)


def _plan_layers(builder: Builder, array: _Array, source: Run) -> Run:
    """Plan one array's rechannel and layers; return where its last residual lies."""
    inputs = _layer_inputs(builder, array, source)
    places = _layer_places(builder, array, inputs)
    if array.layers.rechannel:
        _plan_rechannel(builder, array.layers.rechannel, source, places[0], array.of)
    for i, layer in enumerate(array.layers.layers):
        role = Role(array.starts_head and i == 0, i + 1 < len(places))
        part = Name(array.of, "layer", i)
        condition = array.condition
        if layer.conv_pre_film:
            _plan_pre_film(builder, layer.conv_pre_film, places[i], inputs[i], condition, part)
        runs: dict[str, Run | OldestRun]
        runs = {"x": places[i], "condition": condition, "head": array.head}
        if role.feeds_next:
            runs["out"] = places[i + 1]
        _plan_layer(builder, layer, role, inputs[i], runs, part)
        if role.feeds_next:
            builder.publish(places[i + 1])
    return places[-1]


def _plan_rechannel(builder: Builder, conv: Conv1d, source: Run, target: Run, of: str) -> None:
    label = Label.of(
        Name(of, "rechannel"),
        f"channels from {conv.in_channels} to {conv.out_channels}",
        "out = rechannel(x)",
    )
    plan_convolution(builder, conv, source, target, label)


def _layer_inputs(builder: Builder, array: _Array, source: Run) -> list[Run]:
    """Make the history of every layer's convolution; the first may read the array's own input."""
    layers = zip(array.layers.layers, array.start.layers, strict=True)
    return [
        remembered(builder, source, layer.conv, start, Name(array.of, "layer", i))
        if i == 0 and array.layers.rechannel is None
        else input_history(builder, Name(array.of, "layer", i), layer.conv, start)
        for i, (layer, start) in enumerate(layers)
    ]


def _layer_places(builder: Builder, array: _Array, inputs: list[Run]) -> list[Run]:
    """Return where each layer's input goes: to its convolution, or first through a FiLM.

    The last residual has a place where another array reads it.
    """
    layers = array.layers.layers
    places = [
        builder.parts.block(Name(array.of, "layer", i, "x"), layer.channels)
        if layer.conv_pre_film
        else source
        for i, (layer, source) in enumerate(zip(layers, inputs, strict=True))
    ]
    if array.feeds_next:
        places.append(builder.parts.block(Name(array.of, "out"), residual_width(layers[-1])))
    return places


def _plan_pre_film(
    builder: Builder, film: Film, source: Run, target: Run, condition: Run, part: Name
) -> None:
    draft = builder.draft(film.modulator)
    x = draft.port("x", film.dim)
    c = draft.port("condition", film.modulator.in_channels)
    out = draft.port("out", film.dim, writable=True)
    draft.modulate("conv_pre", film, out, x, c)
    label = Label(
        replace(part, detail="conv_pre_film"), f"{part.symbol}: conv_pre_film", ("out = film(x)",)
    )
    runs = {"x": source, "condition": condition, "out": target}
    builder.call(draft, f"pre_film_{film.dim}", label, runs=runs)
    builder.publish(target)


def _plan_layer(
    builder: Builder,
    layer: Layer,
    role: Role,
    source: Run,
    runs: dict[str, Run | OldestRun],
    part: Name,
) -> None:
    conv = layer.conv
    draft = builder.draft(conv)
    draft_layer(draft, layer, role)
    taps = tap_pointers(conv, source) if draft.tap_rows else None
    size = f"kernel {conv.kernel_size}, dilation {conv.dilation}"
    remark = f"{size}, {activation_text(layer.activation)}"
    label = Label.of(part, remark, *layer_formula(layer, role))
    builder.call(draft, _kernel_name(layer, role), label, runs=runs, taps=taps)


def _kernel_name(layer: Layer, role: Role) -> str:
    """Name a layer's kernel: its size, and what it has that not every layer has."""
    told = [f"layer_{layer.channels}ch_k{layer.conv.kernel_size}"]
    told += [] if layer.gating is Gating.NONE else [layer.gating.value]
    told += ["first"] if role.starts_head else []
    told += [] if role.feeds_next else ["last"]
    return "_".join(told)


def _plan_head(builder: Builder, array: LayerArray, source: Run, target: Run, of: str) -> None:
    label = Label.of(
        Name(of, "head"), "rechannel the skip sum for the next array", "out = head_conv(head)"
    )
    plan_convolution(builder, array.head, source, target, label)


def _plan_last_head(
    builder: Builder, net: WaveNet, state: WaveNetStart, source: Run, target: Run, of: str
) -> None:
    """Plan the last head and its scale, and what comes after the stack."""
    post = net.post_head
    places = _post_places(builder, post, state, of)
    places.append(target)
    label = Label.of(
        Name(of, "head"),
        "rechannel the skip sum, times the head scale",
        "out = head_scale * head_conv(head)",
    )
    plan_convolution(
        builder,
        net.arrays[-1].head,
        source,
        places[0],
        label,
        scale=net.head_scale,
        activation=post.activation if post else None,
    )
    if post:
        _plan_post_head(builder, post, places, of)


def _post_places(
    builder: Builder, post: PostHead | None, state: WaveNetStart, of: str
) -> list[Run]:
    """Make the history of every convolution of a post-stack head."""
    convs = post.convs if post else ()
    return [
        input_history(builder, Name(of, "post", i), conv, start)
        for i, (conv, start) in enumerate(zip(convs, state.post_head, strict=True))
    ]


def _plan_post_head(builder: Builder, post: PostHead, places: list[Run], of: str) -> None:
    """Plan a post-stack head from place to place; an activation is between any two."""
    for i, conv in enumerate(post.convs):
        label = Label.of(Name(of, "post", i), "convolution after the stack", "out = conv(x)")
        follows = i + 1 < len(post.convs)
        activation = post.activation if follows else None
        plan_convolution(builder, conv, places[i], places[i + 1], label, activation=activation)
