"""What goes across the tables of a board's file: pins, labels, and who sets what.

These look at the values of the file and not at its tables, so that they tell what they find
whatever else is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from namgen.errors import Problem, nearest
from namgen.modules import Module, load_module, module_names
from namgen.pedal_boards.controls import AnalogPin, DigitalPin, FootswitchName, Sets, twice
from namgen.toml_data import Leaf, leaves

_LABELLED = ("knob", "expression", "footswitch", "toggle", "encoder", "led")


def cross_problems(schema: type[Any], data: dict[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong between the tables of a file, read for the dataclass `schema`."""
    found = [leaf for leaf in leaves(schema, data) if isinstance(leaf.value, str)]
    yield from _module_problems(data.get("module"))
    if data.get("module") in module_names():
        yield from _pin_problems(load_module(data["module"]), found)
    yield from _setting_problems(found)
    yield from _label_problems(data)
    yield from _hold_problems(found, _labels(data, "footswitch"))


def _module_problems(name: object) -> Iterator[Problem]:
    if isinstance(name, str) and name not in module_names():
        known = ", ".join(module_names())
        hint = nearest(name, module_names())
        yield Problem("module", f"expected one of {known}, found {name!r}{hint}")


def _pin_problems(module: Module, found: list[Leaf]) -> Iterator[Problem]:
    used: dict[str, str] = {}
    for leaf in found:
        if leaf.kind not in (AnalogPin, DigitalPin):
            continue
        name = str(leaf.value)
        pin = module.find(name)
        if pin is None:
            yield Problem(leaf.path, _no_pin(module, name))
            continue
        if pin.chip in used:
            said = f"expected a free pin, found {name}, which {used[pin.chip]} uses"
            yield Problem(leaf.path, said)
        used.setdefault(pin.chip, leaf.path)
        if leaf.kind is AnalogPin and pin.adc1 is None:
            yield Problem(leaf.path, f"{_expected_adc(module)}, found {name}, which has none")


def _no_pin(module: Module, name: str) -> str:
    use = module.use_of(name)
    if use:
        return f"expected a free pin, found {name}, which the module needs: {use}"
    names = [known for pin in module.pins for known in pin.names]
    ends = f"{module.pins[0].label} to {module.pins[-1].label}"
    return f"expected a pin of the {module.title}, {ends}, found {name!r}{nearest(name, names)}"


def _expected_adc(module: Module) -> str:
    names = ", ".join(pin.label for pin in module.pins if pin.adc1 is not None)
    return f"expected a pin with a channel of the ADC ({names})"


def _setting_problems(found: list[Leaf]) -> Iterator[Problem]:
    """Yield what two knobs set; each would undo the other."""
    first: dict[str, str] = {}
    for leaf in found:
        value = str(leaf.value)
        if leaf.kind == Sets and value != "none":
            if value in first:
                yield Problem(leaf.path, f"{value} is set by {first[value].split('.')[0]} already")
            first.setdefault(value, leaf.path)


def _label_problems(data: dict[str, Any]) -> Iterator[Problem]:
    for kind in _LABELLED:
        labels = _labels(data, kind)
        yield from twice(kind, labels)
        if "" in labels:
            yield Problem(kind, "expected a label of at least one letter, found ''")


def _labels(data: dict[str, Any], kind: str) -> list[str]:
    tables = data.get(kind)
    items = tables if isinstance(tables, list) else []
    found = [item.get("label") for item in items if isinstance(item, dict)]
    return [label for label in found if isinstance(label, str)]


def _hold_problems(found: list[Leaf], footswitches: list[str]) -> Iterator[Problem]:
    held = [leaf for leaf in found if leaf.kind is FootswitchName]
    for leaf in held:
        name = str(leaf.value)
        if name not in footswitches:
            known = ", ".join(footswitches) or "of which there is none"
            said = f"expected the label of a footswitch, {known}, found {name!r}"
            yield Problem(leaf.path, said + nearest(name, footswitches))
    yield from twice("update_mode.hold", [str(leaf.value) for leaf in held])
