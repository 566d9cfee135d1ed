"""Drafts the kernel of one WaveNet layer: its steps, its formula."""

from __future__ import annotations

from dataclasses import dataclass

from namgen.ir import Activation, Film, Gating, Layer
from namgen.plan.draft import Draft
from namgen.plan.operands import BiasOf, CarryOf, DenseOf, Operand, TapsOf
from namgen.plan.steps import Accumulate, Rows, Sink, Store


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


def draft_layer(draft: Draft, layer: Layer, role: Role) -> None:
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
