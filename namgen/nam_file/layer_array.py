"""One layer array of a WaveNet: its old and new spellings, and the widths in it."""

from __future__ import annotations

from itertools import pairwise

from namgen.nam_file import shapes
from namgen.nam_file.activations import SIGMOID, read_activation
from namgen.nam_file.limits import MAX_CHANNELS, MAX_DILATION, MAX_KERNEL_SIZE
from namgen.nam_file.node import Node
from namgen.nam_file.types import (
    FILM_NAMES,
    ActivationConfig,
    FilmConfig,
    Head1x1Config,
    HeadConfig,
    LayerArrayConfig,
    LayerConfig,
)

GATINGS = ("none", "gated", "blended")

SLIM_METHOD = "slice_channels_uniform"

PRE_RELEASE_KEYS = ("groups_1x1", "head_1x1", "1x1_post_film")


def read_array(node: Node) -> LayerArrayConfig | None:
    """Read and check one entry of `config.layers`; None after problems."""
    if not node.is_object():
        return None
    mark = len(node.report.problems)
    channels = node["channels"].integer(1, MAX_CHANNELS)
    bottleneck = node["bottleneck"].integer(1, MAX_CHANNELS, default=channels)
    array = LayerArrayConfig(
        input_size=node["input_size"].integer(1, MAX_CHANNELS),
        condition_size=node["condition_size"].integer(1, MAX_CHANNELS),
        channels=channels,
        bottleneck=bottleneck,
        layers=_read_layers(node, bottleneck if node.report.clean_since(mark) else None),
        head=_read_head(node),
        groups_input=node["groups_input"].integer(1, MAX_CHANNELS, default=1),
        groups_input_mixin=node["groups_input_mixin"].integer(1, MAX_CHANNELS, default=1),
        layer1x1_groups=_read_layer1x1(node["layer1x1"]),
        head1x1=_read_head1x1(node["head1x1"]),
        films=tuple(_read_film(node[name]) for name in FILM_NAMES),
        allowed_channels=_read_allowed_channels(node["slimmable"], channels),
    )
    if node.report.clean_since(mark):
        _check_array(node, array)
    if not node.report.clean_since(mark):
        return None
    _warn_about_array(node, array)
    return array


def _read_layers(node: Node, bottleneck: int | None) -> tuple[LayerConfig, ...]:
    dilations = [item.integer(0, MAX_DILATION) for item in node["dilations"].items("dilations")]
    count = len(dilations)
    if not node.report.spend_layers(node["dilations"], count):
        return ()
    widths = () if bottleneck is None else (bottleneck,)
    kernel_sizes = _read_kernel_sizes(node, count)
    activations = node["activation"].per_layer(
        count, "activations", lambda item: read_activation(item, widths)
    )
    gatings = _read_gatings(node, count)
    secondaries = _read_secondaries(node, gatings, widths)
    columns = (kernel_sizes, dilations, activations, gatings, secondaries)
    return tuple(LayerConfig(*row) for row in zip(*columns, strict=False))


def _read_kernel_sizes(node: Node, count: int) -> list[int]:
    one, many = node["kernel_size"], node["kernel_sizes"]
    if not one.missing and not many.missing:
        node.fail("either kernel_size or kernel_sizes", found="both")
    elif many.missing:
        return [one.integer(1, MAX_KERNEL_SIZE)] * count
    elif not isinstance(many.value, list):
        many.fail("a list of kernel sizes")
    else:
        return many.per_layer(count, "kernel sizes", lambda item: item.integer(1, MAX_KERNEL_SIZE))
    return []


def _read_gatings(node: Node, count: int) -> list[str]:
    mode, old = node["gating_mode"], node["gated"]
    if not mode.missing:
        return mode.per_layer(count, "gating modes", lambda item: item.choice(GATINGS))
    return ["gated" if old.boolean(default=False) else "none"] * count


def _read_secondaries(
    node: Node, gatings: list[str], widths: tuple[int, ...]
) -> list[ActivationConfig | None]:
    mode, secondary = node["gating_mode"], node["secondary_activation"]
    if set(gatings) <= {"none"} and not isinstance(mode.value, list):
        return [None] * len(gatings)
    if mode.missing or secondary.missing:
        return [None if gating == "none" else SIGMOID for gating in gatings]
    if isinstance(secondary.value, list) and isinstance(mode.value, list):
        entries = secondary.items("activations", length=len(gatings) or None)
        return [
            None if gating == "none" else read_activation(entry, widths)
            for gating, entry in zip(gatings, entries, strict=False)
        ]
    if set(gatings) <= {"none"}:
        return [None] * len(gatings)
    shared = read_activation(secondary, widths)
    return [None if gating == "none" else shared for gating in gatings]


def _read_head(node: Node) -> HeadConfig:
    head = node["head"]
    if isinstance(head.value, dict):
        return HeadConfig(
            out_channels=head["out_channels"].integer(1, MAX_CHANNELS),
            kernel_size=head["kernel_size"].integer(1, MAX_KERNEL_SIZE),
            bias=head["bias"].boolean(),
            dilation=head["head_dilation"].integer(0, MAX_DILATION, default=1),
        )
    if not head.absent or node["head_size"].missing:
        head.fail("an object with out_channels, kernel_size and bias (or head_size and head_bias)")
        return HeadConfig(1, 1, bias=False, dilation=1)
    return HeadConfig(
        out_channels=node["head_size"].integer(1, MAX_CHANNELS),
        kernel_size=1,
        bias=node["head_bias"].boolean(),
        dilation=1,
    )


def _read_layer1x1(node: Node) -> int | None:
    if node.missing:
        return 1
    if not node.is_object():
        return None
    active = node["active"].boolean()
    groups = node["groups"].integer(1 if active else 0, MAX_CHANNELS)
    return groups if active else None


def _read_head1x1(node: Node) -> Head1x1Config | None:
    if node.missing or not node.is_object():
        return None
    active = node["active"].boolean()
    low = 1 if active else 0
    config = Head1x1Config(
        out_channels=node["out_channels"].integer(low, MAX_CHANNELS),
        groups=node["groups"].integer(low, MAX_CHANNELS),
    )
    return config if active else None


def _read_film(node: Node) -> FilmConfig | None:
    if node.missing or node.value is False:
        return None
    if not isinstance(node.value, dict):
        node.fail("false or an object")
        return None
    active = node["active"].boolean(default=True)
    config = FilmConfig(
        shift=node["shift"].boolean(default=True),
        groups=node["groups"].integer(1 if active else 0, 2 * MAX_CHANNELS, default=1),
    )
    return config if active else None


def _read_allowed_channels(node: Node, channels: int) -> tuple[int, ...] | None:
    if not isinstance(node.value, dict):
        return None
    method = node["method"]
    if method.missing or method.value == "":
        return None
    method.choice((SLIM_METHOD,))
    allowed = node["kwargs"]["allowed_channels"]
    if allowed.missing:
        return tuple(range(1, channels + 1))
    widths = tuple(
        item.integer(1, MAX_CHANNELS) for item in allowed.items("widths", limit=MAX_CHANNELS)
    )
    ascending = all(low < high for low, high in pairwise(widths))
    if widths and not (ascending and widths[-1] == channels):
        allowed.fail(f"ascending widths that end at channels ({channels})", found=_short(widths))
    return widths


def _short(numbers: tuple[int, ...]) -> str:
    shown = ", ".join(str(number) for number in numbers[:8])
    return f"[{shown}{', ...' if len(numbers) > 8 else ''}]"


def _check_array(node: Node, array: LayerArrayConfig) -> None:
    rows = {shapes.layer_rows(array, layer) for layer in array.layers}
    _check_groups(node["groups_input"], array.groups_input, {array.channels, *rows})
    mixin_widths = {array.condition_size, *rows}
    _check_groups(node["groups_input_mixin"], array.groups_input_mixin, mixin_widths)
    if array.layer1x1_groups is not None:
        widths = {array.bottleneck, array.channels}
        _check_groups(node["layer1x1"]["groups"], array.layer1x1_groups, widths)
    elif array.bottleneck != array.channels:
        node["bottleneck"].exactly(array.channels, "channels, because layer1x1 is off")
    if array.head1x1:
        widths = {array.bottleneck, array.head1x1.out_channels}
        _check_groups(node["head1x1"]["groups"], array.head1x1.groups, widths)
    _check_films(node, array)


def _check_films(node: Node, array: LayerArrayConfig) -> None:
    dims = [shapes.film_dims(array, layer) for layer in array.layers]
    for index, (name, film) in enumerate(zip(FILM_NAMES, array.films, strict=True)):
        if film:
            outputs = {dim[index] * (2 if film.shift else 1) for dim in dims}
            _check_groups(node[name]["groups"], film.groups, {array.condition_size, *outputs})
    for name, needed in (("layer1x1_post_film", "layer1x1"), ("head1x1_post_film", "head1x1")):
        active = array.head1x1 if needed == "head1x1" else array.layer1x1_groups
        if array.films[FILM_NAMES.index(name)] and active is None:
            node[name].fail(f"false, because {needed} is off")


def _check_groups(node: Node, groups: int, widths: set[int]) -> None:
    for width in sorted(widths):
        if width % groups:
            node.fail(f"a divisor of {width} (channels on one of its sides)")
            return


def _warn_about_array(node: Node, array: LayerArrayConfig) -> None:
    for key in PRE_RELEASE_KEYS:
        if not node[key].missing:
            node[key].report.warn(node[key].path, "a pre-release key that NAM Core ignores")
    if array.layer1x1_groups is None:
        node["layer1x1"].report.warn(
            node["layer1x1"].path,
            "without layer1x1 NAM Core passes the layer's input on, the trainer adds the activation"
            " to it; namgen follows NAM Core",
        )
    if array.bottleneck > 1 and any(_has_one_slope(layer) for layer in array.layers):
        node.report.warn(
            node["activation"].path,
            "a gated PReLU with one slope for all channels is undefined in NAM Core;"
            " namgen uses the slope for every channel, as the trainer does",
        )


def _has_one_slope(layer: LayerConfig) -> bool:
    return layer.secondary is not None and any(
        activation.name == "PReLU" and len(activation.params) == 1
        for activation in (layer.activation, layer.secondary)
    )
