"""`architecture: SlimmableContainer`: one sound at several sizes."""

from __future__ import annotations

from namgen.nam_file import shapes
from namgen.nam_file.limits import MAX_MODELS
from namgen.nam_file.nesting import UNKNOWN_RATE, Context
from namgen.nam_file.node import Node
from namgen.nam_file.types import ContainerConfig, Submodel


def read_container(node: Node, context: Context) -> ContainerConfig | None:
    """Read and check a container with its submodels; None after problems."""
    mark = len(node.report.problems)
    entries = node["submodels"].items("submodels", limit=MAX_MODELS)
    read = [_read_submodel(entry, context) for entry in entries]
    submodels = tuple(submodel for submodel in read if submodel)
    if not node.report.clean_since(mark):
        return None
    for entry, before, after in zip(entries[1:], submodels, submodels[1:], strict=False):
        if after.max_value <= before.max_value:
            entry["max_value"].fail(f"more than the one before ({before.max_value:g})")
    if submodels[-1].max_value < 1:
        entries[-1]["max_value"].fail("at least 1 (the last submodel)")
    return ContainerConfig(submodels)


def _read_submodel(node: Node, context: Context) -> Submodel | None:
    if not node.is_object():
        return None
    max_value = node["max_value"].number()
    model = context.read_inside(node["model"], rate_hz=context.rate_hz)
    if model is None:
        return None
    inner_hz, outer_hz = shapes.stated_rate_hz(model), context.rate_hz or UNKNOWN_RATE
    if inner_hz and outer_hz > 0 and inner_hz != outer_hz:
        expected = f"{outer_hz:g}, as in the model around it"
        node["model"]["sample_rate"].fail(expected, found=f"{inner_hz:g}")
    channels = (shapes.in_channels(model.config), shapes.out_channels(model.config))
    if channels != (1, 1):
        found = f"{channels[0]} in and {channels[1]} out"
        node["model"].fail("a mono model (1 in, 1 out)", found=found)
    return Submodel(max_value, model)
