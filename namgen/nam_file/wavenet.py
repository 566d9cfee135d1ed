"""`architecture: WaveNet`: layer arrays, what lies between them, and the models beside them."""

from __future__ import annotations

from namgen.nam_file import shapes
from namgen.nam_file.activations import read_activation
from namgen.nam_file.layer_array import SLIM_METHOD, read_array
from namgen.nam_file.limits import (
    MAX_AUDIO_CHANNELS,
    MAX_CHANNELS,
    MAX_HISTORY_BYTES,
    MAX_KERNEL_SIZE,
)
from namgen.nam_file.nesting import Context
from namgen.nam_file.node import Node
from namgen.nam_file.types import (
    LayerArrayConfig,
    NamModel,
    PostHeadConfig,
    SequentialConfig,
    WaveNetConfig,
)


def read_wavenet(node: Node, context: Context) -> WaveNetConfig | None:
    """Read and check a WaveNet config; None after problems."""
    mark = len(node.report.problems)
    inputs = node["in_channels"].integer(1, MAX_AUDIO_CHANNELS, default=1)
    node["head_scale"].number()
    array_nodes = node["layers"].items("layer arrays")
    read = [read_array(item) for item in array_nodes]
    arrays = tuple(array for array in read if array)
    condition = None
    if not node["condition_dsp"].absent:
        condition = _read_condition(node["condition_dsp"], context, inputs=inputs)
    post_head = _read_post_head(node, arrays[-1] if arrays else None)
    if not node.report.clean_since(mark):
        return None
    config = WaveNetConfig(inputs, arrays, post_head, condition)
    for index in range(len(arrays)):
        _check_widths(array_nodes, config, index)
    _check_slimmable(node, array_nodes, config)
    node.check_at_most(shapes.history_bytes(config), MAX_HISTORY_BYTES, "bytes of past samples")
    return config if node.report.clean_since(mark) else None


def _read_condition(node: Node, context: Context, *, inputs: int) -> NamModel | None:
    """Read the model that makes the condition from as many inputs; None after problems."""
    model = context.read_inside(node, rate_hz=context.rate_hz, same_unknown=True)
    if model is None:
        return None
    if isinstance(model.config, SequentialConfig):
        node.fail("a model that is no Sequential (NAM Core crashes on one here)")
    elif shapes.is_slimmable(model.config):
        node.fail("a model of one width", found=f"a slimmable {model.architecture}")
    elif shapes.in_channels(model.config) != inputs:
        found = f"{shapes.in_channels(model.config)} inputs"
        node.fail(f"{inputs} inputs (in_channels of the model)", found=found)
    return model


def _read_post_head(node: Node, last: LayerArrayConfig | None) -> PostHeadConfig | None:
    head = node["head"]
    if head.absent or not head.is_object():
        return None
    channels = head["channels"].integer(1, MAX_CHANNELS)
    kernel_sizes = [
        item.integer(1, MAX_KERNEL_SIZE) for item in head["kernel_sizes"].items("kernel sizes")
    ]
    widths: tuple[int, ...] = ()
    if last:
        widths = (last.head.out_channels, *([channels] if len(kernel_sizes) > 1 else []))
        if not head["in_channels"].absent:
            reason = "outputs of the last layer array"
            head["in_channels"].exactly(last.head.out_channels, reason)
    node.report.spend_layers(head["kernel_sizes"], len(kernel_sizes))
    return PostHeadConfig(
        channels=channels,
        out_channels=head["out_channels"].integer(1, MAX_AUDIO_CHANNELS),
        kernel_sizes=tuple(kernel_sizes),
        activation=read_activation(head["activation"], widths),
    )


def _check_widths(nodes: list[Node], config: WaveNetConfig, index: int) -> None:
    node, array = nodes[index], config.arrays[index]
    if index == 0:
        node["input_size"].exactly(config.in_channels, "in_channels of the model")
    else:
        previous = config.arrays[index - 1]
        node["input_size"].exactly(previous.channels, f"channels of layers[{index - 1}]")
        outputs = previous.head.out_channels
        node["channels"].exactly(outputs, f"head outputs of layers[{index - 1}]")
        if shapes.head_width(array) != outputs:
            wide = node["head1x1"]["out_channels"] if array.head1x1 else node["bottleneck"]
            wide.fail(
                f"{outputs} (head outputs of layers[{index - 1}])",
                found=str(shapes.head_width(array)),
            )
    if config.condition:
        outputs = shapes.out_channels(config.condition.config)
        node["condition_size"].exactly(outputs, "outputs of condition_dsp")
    else:
        node["condition_size"].exactly(config.in_channels, "in_channels of the model")


def _check_slimmable(node: Node, nodes: list[Node], config: WaveNetConfig) -> None:
    if not shapes.is_slimmable(config):
        return
    if config.post_head:
        node["head"].fail("null, because the model is slimmable")
    for item, array in zip(nodes, config.arrays, strict=True):
        if isinstance(item["slimmable"].value, dict) and array.allowed_channels is None:
            item["slimmable"]["method"].choice((SLIM_METHOD,))
