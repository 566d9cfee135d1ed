"""Hypothesis strategies for small `.nam` documents of every architecture, with weight counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from make_nam import Json, model, weights

FILMS = ("conv_pre", "conv_post", "input_mixin_pre", "input_mixin_post")
FILMS += ("activation_pre", "activation_post", "layer1x1_post", "head1x1_post")
WIDTHS = st.integers(1, 6)
Odds = st.SearchStrategy[bool]
NEVER = st.just(False)
SOMETIMES = st.sampled_from([False, False, True])


def conv_count(
    inputs: int, outputs: int, *, kernel: int = 1, groups: int = 1, bias: int = 1
) -> int:
    """Numbers of one convolution."""
    return inputs // groups * outputs * kernel + bias * outputs


def groups_of(*sizes: int) -> st.SearchStrategy[int]:
    """Group counts that divide all sizes."""
    return st.sampled_from([n for n in range(1, min(sizes) + 1) if all(s % n == 0 for s in sizes)])


@st.composite
def activations(draw: st.DrawFn, channels: int) -> Any:
    """An activation in one of its spellings; a PReLU has one slope, or one per channel."""
    plain = ["Tanh", "Hardtanh", "Fasttanh", "ReLU", "LeakyReLU", "Sigmoid", "SiLU", "Hardswish"]
    name = draw(st.sampled_from([*plain, "Softsign", "LeakyHardtanh", "PReLU"]))
    slopes = st.floats(-1.5, 1.5, width=32)
    if name == "PReLU":
        count = draw(st.sampled_from([1, channels]))
        return {"type": name, "negative_slopes": [draw(slopes) for _ in range(count)]}
    if name == "LeakyReLU" and draw(st.booleans()):
        return {"type": name, "negative_slope": draw(slopes)}
    if name == "LeakyHardtanh" and draw(st.booleans()):
        return {"type": name, "min_val": -0.5, "max_val": 0.75, "min_slope": draw(slopes)}
    return name if draw(st.booleans()) else {"type": name}


@st.composite
def arrays(
    draw: st.DrawFn, *, inputs: int, condition: int, head_in: int | None, plain: bool
) -> tuple[Json, int, int]:
    """A layer array, its weight count and the channels of its head's output.

    `head_in` is the width it and its head must have, or None; `plain` leaves out what cannot be
    slimmed.
    """
    odd = NEVER if plain else SOMETIMES
    channels = head_in or draw(WIDTHS)
    has_1x1 = draw(st.booleans()) or plain
    bottleneck = draw(WIDTHS) if has_1x1 and not plain else channels
    needs_head1x1 = head_in is not None and bottleneck != head_in
    head1x1 = (head_in or draw(WIDTHS)) if needs_head1x1 or draw(odd) else None
    layers = draw(st.integers(1, 3))
    modes = draw(gating_modes(layers=layers, odd=odd))
    all_rows = [bottleneck * (1 if mode == "none" else 2) for mode in modes]
    groups_in = draw(groups_of(channels, *all_rows)) if draw(odd) else 1
    groups_mixin = draw(groups_of(condition, *all_rows)) if draw(odd) else 1
    groups_1x1 = draw(groups_of(bottleneck, channels)) if draw(odd) else 1

    array: Json = {
        "input_size": inputs,
        "condition_size": condition,
        "channels": channels,
        "bottleneck": bottleneck,
        "kernel_sizes": [draw(st.integers(1, 5)) for _ in range(layers)],
        "dilations": [draw(st.integers(1, 9)) for _ in range(layers)],
        "activation": ["Tanh" if plain else draw(activations(bottleneck)) for _ in range(layers)],
        "gating_mode": modes,
        "secondary_activation": [
            None if mode == "none" else draw(activations(bottleneck)) for mode in modes
        ],
        "groups_input": groups_in,
        "groups_input_mixin": groups_mixin,
        "layer1x1": {"active": has_1x1, "groups": groups_1x1},
    }
    count = sum(layers_counts(array, all_rows))
    if head1x1 is not None:
        groups = draw(groups_of(bottleneck, head1x1)) if draw(odd) else 1
        array["head1x1"] = {"active": True, "out_channels": head1x1, "groups": groups}
        count += layers * conv_count(bottleneck, head1x1, groups=groups)

    found, more = draw(films(rows_of=modulated(array, all_rows), condition=condition, odd=odd))
    head, head_count = draw(heads(inputs=head1x1 or bottleneck, plain=plain))
    array |= found | {"head": head}
    return array, count + more + head_count, head["out_channels"]


def layers_counts(array: Json, all_rows: list[int]) -> Iterator[int]:
    """Numbers of the rechannel, and of each layer without FiLM and head1x1."""
    channels, layer1x1 = array["channels"], array["layer1x1"]
    yield conv_count(array["input_size"], channels, bias=0)
    for kernel, rows in zip(array["kernel_sizes"], all_rows, strict=True):
        yield conv_count(channels, rows, kernel=kernel, groups=array["groups_input"])
        yield conv_count(array["condition_size"], rows, groups=array["groups_input_mixin"], bias=0)
        if layer1x1["active"]:
            yield conv_count(array["bottleneck"], channels, groups=layer1x1["groups"])


def modulated(array: Json, all_rows: list[int]) -> dict[str, list[int]]:
    """What each FiLM can modulate, layer by layer; nothing where it cannot be."""
    head1x1 = array.get("head1x1")
    widths = {
        "conv_pre": array["channels"],
        "input_mixin_pre": array["condition_size"],
        "activation_post": array["bottleneck"],
        "layer1x1_post": array["channels"] if array["layer1x1"]["active"] else None,
        "head1x1_post": head1x1["out_channels"] if head1x1 else None,
    }
    constant = {n: [w] * len(all_rows) if w else [] for n, w in widths.items()}
    return {name: constant.get(name, all_rows) for name in FILMS}


@st.composite
def gating_modes(draw: st.DrawFn, *, layers: int, odd: Odds) -> list[str]:
    """A gating mode per layer, often one for all."""
    gatings = st.sampled_from(["none", "gated", "blended"])
    modes = [draw(gatings) if draw(odd) else "none" for _ in range(layers)]
    if len({mode == "none" for mode in modes}) > 1 and draw(st.booleans()):
        modes = [modes[0]] * layers
    return modes


@st.composite
def films(
    draw: st.DrawFn, *, rows_of: dict[str, list[int]], condition: int, odd: Odds
) -> tuple[Json, int]:
    """Some FiLM entries of a layer array, `rows_of` as `modulated`, and their weight count."""
    found: Json = {}
    count = 0
    for name, dims in rows_of.items():
        if dims and draw(odd):
            shift = draw(st.booleans())
            outputs = [dim * (2 if shift else 1) for dim in dims]
            groups = draw(groups_of(condition, *outputs)) if draw(odd) else 1
            found[f"{name}_film"] = {"shift": shift, "groups": groups}
            count += sum(conv_count(condition, rows, groups=groups) for rows in outputs)
    return found, count


@st.composite
def heads(draw: st.DrawFn, *, inputs: int, plain: bool) -> tuple[Json, int]:
    """The head of a layer array and its weight count."""
    head_out = draw(st.integers(1, 4))
    kernel = 1 if plain else draw(st.integers(1, 4))
    bias = draw(st.booleans())
    head: Json = {"out_channels": head_out, "kernel_size": kernel, "bias": bias}
    if kernel > 1 and draw(st.booleans()):
        head["head_dilation"] = draw(st.integers(1, 4))
    return head, conv_count(inputs, head_out, kernel=kernel, bias=bias)


@st.composite
def wavenets(draw: st.DrawFn, *, inputs: int = 1, depth: int = 0, plain: bool = False) -> Json:
    """A WaveNet; `depth` bounds condition networks inside; `plain` ones are slimmable."""
    config: Json = {"in_channels": inputs, "head_scale": 0.5, "head": None, "layers": []}
    condition = inputs
    if depth and draw(st.booleans()):
        config["condition_dsp"] = draw(networks(inputs=inputs, depth=depth - 1))
        condition = outputs_of(config["condition_dsp"])
    total, width, head_in = 1, inputs, None
    for _ in range(draw(st.integers(1, 3))):
        array, count, head_out = draw(
            arrays(inputs=width, condition=condition, head_in=head_in, plain=plain)
        )
        config["layers"].append(array)
        total, width, head_in = total + count, array["channels"], head_out
    if not plain and draw(SOMETIMES):
        kernels = [draw(st.integers(1, 4)) for _ in range(draw(st.integers(1, 3)))]
        channels, out = draw(WIDTHS), draw(st.integers(1, 2))
        activation = draw(st.sampled_from(["Tanh", "ReLU", {"type": "LeakyReLU"}]))
        config["head"] = {"channels": channels, "out_channels": out, "kernel_sizes": kernels}
        config["head"]["activation"] = activation
        widths = [head_in or 1, *[channels] * (len(kernels) - 1), out]
        pairs = zip(widths, widths[1:], kernels, strict=False)
        total += sum(conv_count(a, b, kernel=kernel) for a, b, kernel in pairs)
    return model("WaveNet", config, total)


@st.composite
def slimmables(draw: st.DrawFn) -> Json:
    """A slimmable WaveNet of one array, with every width allowed or only some."""
    channels = draw(st.integers(2, 6))
    array, total, _ = draw(arrays(inputs=1, condition=1, head_in=channels, plain=True))
    some = sorted({*draw(st.lists(st.integers(1, channels), max_size=3)), channels})
    array["slimmable"] = {"method": "slice_channels_uniform"}
    if draw(st.booleans()):
        array["slimmable"]["kwargs"] = {"allowed_channels": some}
    config = {"in_channels": 1, "head_scale": 0.5, "head": None, "layers": [array]}
    return model("WaveNet", config, total + 1)


@st.composite
def lstms(draw: st.DrawFn, *, inputs: int = 1) -> Json:
    """An LSTM of one to three layers; without a sample rate its prewarm is one block."""
    hidden, layers, outputs = draw(st.integers(1, 9)), draw(st.integers(1, 3)), draw(WIDTHS)
    config = {"input_size": inputs, "hidden_size": hidden, "num_layers": layers}
    config |= {"in_channels": inputs, "out_channels": outputs}
    sizes = [inputs, *[hidden] * (layers - 1)]
    count = sum(4 * hidden * (size + hidden) + 6 * hidden for size in sizes)
    return model("LSTM", config, count + conv_count(hidden, outputs), sample_rate=None)


@st.composite
def convnets(draw: st.DrawFn, *, inputs: int = 1) -> Json:
    """A ConvNet with or without batch norm."""
    channels, outputs, batchnorm = draw(WIDTHS), draw(st.integers(1, 2)), draw(st.booleans())
    groups = draw(groups_of(inputs, channels))
    dilations = [draw(st.integers(1, 9)) for _ in range(draw(st.integers(1, 3)))]
    config = {"channels": channels, "dilations": dilations, "batchnorm": batchnorm}
    config |= {"groups": groups, "in_channels": inputs, "out_channels": outputs}
    config["activation"] = draw(st.sampled_from(["Tanh", "ReLU", "Sigmoid", {"type": "SiLU"}]))
    count = conv_count(channels, outputs)
    for index in range(len(dilations)):
        width = channels if index else inputs
        count += conv_count(width, channels, kernel=2, groups=groups, bias=not batchnorm)
        count += 4 * channels + 1 if batchnorm else 0
    document = model("ConvNet", config, count, sample_rate=None)
    document["weights"] = [abs(value) + 0.01 for value in document["weights"]]  # variances too
    return document


@st.composite
def linears(draw: st.DrawFn, *, inputs: int = 1) -> Json:
    """A Linear: as many outputs as inputs, or one of the two is one."""
    taps, bias = draw(st.integers(1, 40)), draw(st.booleans())
    config = {"receptive_field": taps, "bias": bias, "in_channels": inputs}
    outputs = draw(st.sampled_from([1, inputs] if inputs > 1 else [1, 2, 3]))
    config["out_channels"] = outputs
    paths, biases = (1, 1) if inputs == outputs else (max(inputs, outputs), outputs)
    return model("Linear", config, taps * paths + bias * biases, sample_rate=None)


@st.composite
def sequentials(draw: st.DrawFn, *, inputs: int = 1, nested: bool = True) -> Json:
    """Two or three networks in series, perhaps in a series of their own."""
    parts: list[Json] = []
    for _ in range(draw(st.integers(2, 3))):
        width = outputs_of(parts[-1]) if parts else inputs
        kinds = [networks(inputs=width, depth=0)] * 3
        kinds += [sequentials(inputs=width, nested=False)] if nested else []
        parts.append(draw(st.one_of(*kinds)))
    return model("Sequential", {"models": parts}, 0, sample_rate=None)


@st.composite
def networks(draw: st.DrawFn, *, inputs: int, depth: int) -> Json:
    """Any architecture with this many inputs, and weights that differ from draw to draw."""
    kinds = [wavenets(inputs=inputs, depth=depth), lstms(inputs=inputs)]
    kinds += [convnets(inputs=inputs), linears(inputs=inputs)]
    document = draw(st.one_of(*kinds))
    document.pop("sample_rate", None)
    if document["architecture"] != "ConvNet":
        seed = draw(st.integers(0, 1 << 30))
        document["weights"] = weights(len(document["weights"]), seed=seed)
    return document


def documents() -> st.SearchStrategy[Json]:
    """A small file of any kind."""
    width = st.sampled_from([1, 1, 2, 3])
    return width.flatmap(
        lambda inputs: st.one_of(networks(inputs=inputs, depth=2), sequentials(inputs=inputs))
    )


def outputs_of(document: Json) -> int:
    """Output channels of a document made here."""
    config = document["config"]
    if document["architecture"] == "Sequential":
        return outputs_of(config["models"][-1])
    if document["architecture"] != "WaveNet":
        return int(config["out_channels"])
    head = config["head"] or config["layers"][-1]["head"]
    return int(head["out_channels"])
