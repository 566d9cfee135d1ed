"""Plans a WaveNet: layer arrays, their layers as fused kernels, their heads."""

from __future__ import annotations

from dataclasses import dataclass

from namgen.arithmetic import F32
from namgen.ir import Activation, Film, Gating, Layer, LayerArray, WaveNet
from namgen.plan.builder import Builder
from namgen.plan.convolution import input_history, plan_convolution, remembered, tap_pointers
from namgen.plan.draft import Draft
from namgen.plan.memory import OldestRun, Run
from namgen.plan.operands import BiasOf, CarryOf, DenseOf, Operand, TapsOf
from namgen.plan.steps import Accumulate, Rows, Sink, Store
from namgen.start_state import WaveNetStart


@dataclass(frozen=True, slots=True)
class Role:
    """Where a layer stands, and so which of its outputs exist."""

    starts_head: bool  # nothing to add to yet
    feeds_next: bool  # somebody reads its residual path


def activation_text(activation: Activation) -> str:
    """Spell an activation for a comment."""
    if activation.per_channel or not activation.params:
        return activation.name
    return f"{activation.name}({', '.join(f'{p:g}' for p in activation.params)})"


def layer_formula(layer: Layer, role: Role) -> tuple[str, ...]:
    """Spell what a layer computes."""
    mix = _wrap(layer.input_mixin_post_film, "mixin(condition)")
    act = activation_text(layer.activation)
    inner = _wrap(layer.activation_pre_film, f"{_wrap(layer.conv_post_film, 'conv(x)')} + {mix}")
    if layer.gating is Gating.NONE:
        lines = [f"z    = {act}({inner})"]
    else:
        secondary = activation_text(layer.secondary) if layer.secondary else ""
        blend = layer.gating is Gating.BLENDED
        lines = [f"a, b = {inner}"]
        gate = f"{secondary}(b)"
        lines += [f"z    = a + {gate} * ({act}(a) - a)" if blend else f"z    = {act}(a) * {gate}"]
    if layer.activation_post_film:
        lines.append("z    = film(z)")
    skip = _wrap(layer.head1x1_post_film, "head1x1(z)") if layer.head1x1 else "z"
    lines.append(f"head = {skip}" if role.starts_head else f"head = head + {skip}")
    if role.feeds_next:
        rest = f" + {_wrap(layer.layer1x1_post_film, '1x1(z)')}" if layer.layer1x1 else ""
        lines.append(f"out  = {'rechannel(x)' if layer.carry else 'x'}{rest}")
    return tuple(lines)


def _wrap(film: Film | None, text: str) -> str:
    return f"film({text})" if film else text


def plan_wavenet(
    builder: Builder,
    net: WaveNet,
    state: WaveNetStart,
    source: Run,
    condition: Run,
    target: Run,
    prefix: str,
) -> None:
    """Plan `net` from `source` to `target`, its layers mixing in `condition`."""
    heads: list[Run] = [
        input_history(builder, f"{prefix}head{index}", array.head, start.head)
        for index, (array, start) in enumerate(zip(net.arrays, state.arrays, strict=True))
    ]
    x = source
    for index, array in enumerate(net.arrays):
        tag = f"{prefix}array{index}_"
        is_last = index == len(net.arrays) - 1
        x = _plan_layers(
            builder,
            array,
            state.arrays[index].layers,
            x,
            condition,
            heads[index],
            tag,
            starts_head=index == 0,
            feeds_next=not is_last,
        )
        builder.publish(heads[index])
        if not is_last:
            _plan_head(builder, array, heads[index], heads[index + 1], tag)
    _plan_last_head(builder, net, state, heads[-1], target, prefix)


def _plan_layers(
    builder: Builder,
    array: LayerArray,
    states: tuple[F32, ...],
    source: Run,
    condition: Run,
    head: Run,
    tag: str,
    *,
    starts_head: bool,
    feeds_next: bool,
) -> Run:
    """Plan one array's rechannel and layers; return where its last residual lies."""
    inputs: list[Run] = [
        remembered(builder, source, layer.conv, start, f"{tag}layer{i}")
        if i == 0 and array.rechannel is None
        else input_history(builder, f"{tag}layer{i}", layer.conv, start)
        for i, (layer, start) in enumerate(zip(array.layers, states, strict=True))
    ]
    block = builder.parts.block
    places: list[Run] = [
        block(f"{tag}layer{i}_x", layer.channels) if layer.conv_pre_film else inputs[i]
        for i, layer in enumerate(array.layers)
    ]
    if feeds_next:
        places.append(block(f"{tag}out", residual_width(array.layers[-1])))
    if array.rechannel:
        plan_convolution(
            builder,
            array.rechannel,
            source,
            places[0],
            symbol=f"{tag}rechannel",
            title=f"{tag}rechannel: to {array.rechannel.out_channels} channels",
            formula=("out = rechannel(x)",),
        )
    for i, layer in enumerate(array.layers):
        role = Role(starts_head and i == 0, i + 1 < len(places))
        symbol = f"{tag}layer{i}"
        if layer.conv_pre_film:
            _plan_pre_film(builder, layer.conv_pre_film, places[i], inputs[i], condition, symbol)
        runs: dict[str, Run | OldestRun] = {"x": places[i], "condition": condition, "head": head}
        if role.feeds_next:
            runs["out"] = places[i + 1]
        _plan_layer(builder, layer, role, inputs[i], runs, symbol)
        if role.feeds_next:
            builder.publish(places[i + 1])
    return places[-1]


def _plan_pre_film(
    builder: Builder, film: Film, source: Run, target: Run, condition: Run, symbol: str
) -> None:
    draft = builder.draft(film.modulator)
    x = draft.port("x", film.dim)
    c = draft.port("condition", film.modulator.in_channels)
    out = draft.port("out", film.dim, writable=True)
    draft.modulate("conv_pre", film, out, x, c)
    builder.call(
        draft,
        symbol=f"{symbol}_conv_pre_film",
        kernel_name=f"pre_film_{film.dim}",
        title=f"{symbol}: conv_pre_film",
        formula=("out = film(x)",),
        runs={"x": source, "condition": condition, "out": target},
    )
    builder.publish(target)


def _plan_layer(
    builder: Builder,
    layer: Layer,
    role: Role,
    source: Run,
    runs: dict[str, Run | OldestRun],
    symbol: str,
) -> None:
    conv = layer.conv
    draft = builder.draft(conv)
    _draft_layer(draft, layer, role)
    taps = tap_pointers(conv, source) if draft.tap_rows else None
    kernel_name = f"layer_{layer.channels}ch_k{conv.kernel_size}"
    title = f"{symbol}: kernel {conv.kernel_size}, dilation {conv.dilation}"
    if "x" in runs and not layer.conv_pre_film:
        runs["x"] = source
    builder.call(
        draft,
        symbol=symbol,
        kernel_name=kernel_name,
        title=f"{title}, {activation_text(layer.activation)}",
        formula=layer_formula(layer, role),
        runs=runs,
        taps=taps,
    )


def _draft_layer(draft: Draft, layer: Layer, role: Role) -> None:
    """Write the steps of one layer; the order is the arithmetic contract's."""
    condition = draft.port("condition", layer.mixin.in_channels)
    z = draft.local("z", layer.bottleneck)
    head = draft.port("head", layer.head_width, writable=True)
    skip: Sink = Store(head) if role.starts_head else Accumulate(head)
    if _is_plain(layer):
        direct = () if layer.head1x1 else (skip,)
        keep = (Store(z),) if layer.head1x1 or (role.feeds_next and layer.layer1x1) else ()
        draft.sum(
            "z = activation(conv(x) + mixin(condition))",
            layer.bottleneck,
            (BiasOf(layer.conv), DenseOf(layer.mixin, condition), _conv(draft, layer)),
            (*direct, *keep),
            activation=layer.activation,
        )
    else:
        _draft_preactivation(draft, layer, condition)
        _draft_activation(draft, layer, z, condition)
    _draft_skip(draft, layer, z, head, skip, condition)
    if role.feeds_next:
        _draft_residual(draft, layer, z, condition)


def residual_width(layer: Layer) -> int:
    """Channels the layer hands on; a layer that reads the array's own input widens it."""
    return layer.carry.out_channels if layer.carry else layer.channels


def _is_plain(layer: Layer) -> bool:
    """Whether conv, mixin, activation and skip are one sum."""
    films = (
        layer.conv_post_film,
        layer.input_mixin_pre_film,
        layer.input_mixin_post_film,
        layer.activation_pre_film,
        layer.activation_post_film,
    )
    return layer.gating is Gating.NONE and not any(films)


def _conv(draft: Draft, layer: Layer) -> Operand:
    """Return the products of the layer's conv: through taps, or dense when it has only one."""
    if layer.conv.kernel_size == 1 and not layer.conv_pre_film:
        return DenseOf(layer.conv, draft.port("x", layer.channels))
    return TapsOf(layer.conv)


def _draft_preactivation(draft: Draft, layer: Layer, condition: Rows) -> None:
    """Write ``pre = conv(x) + mixin(condition)`` with the films around it."""
    rows = layer.conv.out_channels
    pre = draft.local("pre", rows)
    mixed = condition
    if layer.input_mixin_pre_film:
        mixed = draft.local("mixed", condition.channels)
        draft.modulate("mixin_pre", layer.input_mixin_pre_film, mixed, condition, condition)
    mixin = DenseOf(layer.mixin, mixed)
    conv = _conv(draft, layer)
    if layer.conv_post_film or layer.input_mixin_post_film:
        draft.sum("pre = conv(x)", rows, (BiasOf(layer.conv), conv), (Store(pre),))
        if layer.conv_post_film:
            draft.modulate("conv_post", layer.conv_post_film, pre, pre, condition)
        mix = draft.local("mix", rows)
        draft.sum("mix = mixin(condition)", rows, (BiasOf(layer.mixin), mixin), (Store(mix),))
        if layer.input_mixin_post_film:
            draft.modulate("mixin_post", layer.input_mixin_post_film, mix, mix, condition)
        draft.add("pre = pre + mix", pre, mix)
    else:
        title = "pre = conv(x) + mixin(condition)"
        draft.sum(title, rows, (BiasOf(layer.conv), mixin, conv), (Store(pre),))
    if layer.activation_pre_film:
        draft.modulate("activation_pre", layer.activation_pre_film, pre, pre, condition)


def _draft_activation(draft: Draft, layer: Layer, z: Rows, condition: Rows) -> None:
    """Write ``z``: the activation of ``pre``, gated or blended with its second half."""
    pre = draft.local("pre", layer.conv.out_channels)
    if layer.gating is Gating.NONE:
        draft.apply("pre = activation(pre)", pre, layer.activation)
        draft.copy("z = pre", z, pre)
    elif layer.secondary is not None:
        draft.gate(
            "z = gate(pre)",
            z,
            pre,
            layer.activation,
            layer.secondary,
            blended=layer.gating is Gating.BLENDED,
        )
    if layer.activation_post_film:
        draft.modulate("activation_post", layer.activation_post_film, z, z, condition)


def _draft_skip(
    draft: Draft, layer: Layer, z: Rows, head: Rows, skip: Sink, condition: Rows
) -> None:
    """Write what the layer adds to the head, unless the plain sum already did."""
    h = z
    if layer.head1x1:
        film = layer.head1x1_post_film
        h = draft.local("h", layer.head_width)
        operands = (BiasOf(layer.head1x1), DenseOf(layer.head1x1, z))
        sinks = (Store(h),) if film else (skip,)
        draft.sum("h = head1x1(z)", layer.head_width, operands, sinks)
        if not film:
            return
        draft.modulate("head1x1_post", film, h, h, condition)
    elif _is_plain(layer):
        return
    if isinstance(skip, Store):
        draft.copy("head = skip", head, h)
    else:
        draft.add("head = head + skip", head, h)


def _draft_residual(draft: Draft, layer: Layer, z: Rows, condition: Rows) -> None:
    """Write the residual path."""
    x = draft.port("x", layer.channels)
    width = residual_width(layer)
    out = draft.port("out", width, writable=True)
    dense = layer.layer1x1
    if dense is None:
        draft.copy("out = x", out, x)
    elif layer.layer1x1_post_film:
        r = draft.local("r", layer.channels)
        draft.sum("r = 1x1(z)", layer.channels, (BiasOf(dense), DenseOf(dense, z)), (Store(r),))
        draft.modulate("layer1x1_post", layer.layer1x1_post_film, r, r, condition)
        draft.add("r = r + x", r, x)
        draft.copy("out = r", out, r)
    else:
        seed: tuple[Operand, ...] = (CarryOf(x),)
        if layer.carry:
            seed = (BiasOf(layer.carry), DenseOf(layer.carry, x))
        elif dense.bias is not None:
            seed = (*seed, BiasOf(dense))
        title = "out = rechannel(x) + 1x1(z)" if layer.carry else "out = x + 1x1(z)"
        draft.sum(title, width, (*seed, DenseOf(dense, z)), (Store(out),))


def _plan_head(builder: Builder, array: LayerArray, source: Run, target: Run, tag: str) -> None:
    plan_convolution(
        builder,
        array.head,
        source,
        target,
        symbol=f"{tag}head",
        title=f"{tag}head: rechannel the skip sum for the next array",
        formula=("out = head_conv(head)",),
    )


def _plan_last_head(
    builder: Builder, net: WaveNet, state: WaveNetStart, source: Run, target: Run, prefix: str
) -> None:
    """Plan the last head, its scale, and the post-stack head if there is one."""
    post = net.post_head
    convs = post.convs if post else ()
    places: list[Run] = [
        input_history(builder, f"{prefix}post{i}", conv, start)
        for i, (conv, start) in enumerate(zip(convs, state.post_head, strict=True))
    ]
    places.append(target)
    plan_convolution(
        builder,
        net.arrays[-1].head,
        source,
        places[0],
        symbol=f"{prefix}head",
        title=f"{prefix}head: rechannel the skip sum, times the head scale",
        formula=("out = head_scale * head_conv(head)",),
        scale=net.head_scale,
        activation=post.activation if post else None,
    )
    for i, conv in enumerate(convs):
        is_last = i == len(convs) - 1
        plan_convolution(
            builder,
            conv,
            places[i],
            places[i + 1],
            symbol=f"{prefix}post{i}",
            title=f"{prefix}post{i}: convolution after the stack",
            formula=("out = conv(x)",),
            activation=None if is_last or post is None else post.activation,
        )
