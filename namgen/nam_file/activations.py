"""An activation's name or object, with its parameters."""

from __future__ import annotations

from namgen.nam_file.node import Node
from namgen.nam_file.types import ActivationConfig

PARAMETERS: dict[str, tuple[tuple[str, float], ...]] = {
    "Tanh": (),
    "Fasttanh": (),
    "Hardtanh": (),
    "ReLU": (),
    "LeakyReLU": (("negative_slope", 0.01),),
    "PReLU": (),
    "Sigmoid": (),
    "SiLU": (),
    "Hardswish": (),
    "LeakyHardtanh": (
        ("min_val", -1.0),
        ("max_val", 1.0),
        ("min_slope", 0.01),
        ("max_slope", 0.01),
    ),
    "Softsign": (),
}
"""Every activation NAM Core knows; its parameters and their defaults."""

SPELLINGS = {name: name for name in PARAMETERS} | {"LeakyHardTanh": "LeakyHardtanh"}
SIGMOID = ActivationConfig("Sigmoid")
_PRELU_SLOPE = 0.01


def read_activation(node: Node, widths: tuple[int, ...] = ()) -> ActivationConfig:
    """Read `"Name"` or `{"type": "Name", ...}`.

    `widths`: the channels it is applied to, for the slopes of a PReLU; () when they are unknown.
    """
    if isinstance(node.value, str):
        name = SPELLINGS[node.choice(SPELLINGS)]
        node = Node({}, node.path, node.report)
    elif isinstance(node.value, dict):
        name = SPELLINGS[node["type"].choice(SPELLINGS)]
    else:
        node.fail("an activation: a name, or an object with the key type")
        return SIGMOID
    if name == "PReLU":
        return ActivationConfig(name, _slopes(node, widths))
    if name == "Hardtanh":
        _warn_about_limits(node)
    return ActivationConfig(name, tuple(node[k].float32(default=d) for k, d in PARAMETERS[name]))


def _slopes(node: Node, widths: tuple[int, ...]) -> tuple[float, ...]:
    listed = node["negative_slopes"]
    if not node["negative_slope"].missing or listed.missing:
        return (node["negative_slope"].float32(default=_PRELU_SLOPE),)
    slopes = tuple(item.float32() for item in listed.items("slopes"))
    wrong = [width for width in widths if len(slopes) not in {1, width}]
    if slopes and wrong:
        listed.fail(f"1 slope, or one for each of the {wrong[0]} channels")
    return slopes


def _warn_about_limits(node: Node) -> None:
    limits = (node["min_val"].value, node["max_val"].value)
    if any(not node[key].missing for key in ("min_val", "max_val")) and limits != (-1, 1):
        node.report.warn(
            node.path,
            "the trainer applies min_val and max_val of a Hardtanh, NAM Core clamps to -1..1;"
            " namgen follows NAM Core",
        )
