"""What goes across the tables of a board's file: pins, labels, and who sets what.

These look at the values of the file and not at its tables, so that they tell what they find
whatever else is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import partial
from typing import Any

from namgen.boards import load_board, no_bus
from namgen.codecs import CodecTable
from namgen.errors import Problem, nearest
from namgen.modules import Module, load_module, module_names
from namgen.pedal_boards.controls import (
    AnalogPin,
    DigitalPin,
    Encoder,
    Footswitch,
    FootswitchName,
    Knob,
    Led,
    ModuleName,
    Sets,
    Toggle,
    twice,
)
from namgen.toml_data import MISSPELT, UNKNOWN, Leaf, each_of, leaves, spelled

_LABELLED: dict[str, type[Any]] = {
    "knob": Knob,
    "expression": Knob,
    "footswitch": Footswitch,
    "toggle": Toggle,
    "encoder": Encoder,
    "led": Led,
}


def cross_problems(schema: type[Any], data: dict[str, Any], made: Any) -> Iterator[Problem]:
    """Yield what is wrong between the tables of a file, read for the dataclass `schema`."""
    found = [leaf for leaf in leaves(schema, data) if isinstance(leaf.value, str)]
    labels = {kind: list(_labels(schema, data, kind)) for kind in _LABELLED}
    named = next((leaf for leaf in found if leaf.kind is ModuleName), None)
    module = _module_meant(named)
    pins = [leaf for leaf in found if leaf.kind in (AnalogPin, DigitalPin)]
    yield from _module_problems(named)
    yield from _pin_problems(module, pins)
    yield from each_of(partial(_codec_problems, module, made.codec, pins))
    yield from _update_problems(
        module, [place for place, _ in spelled(schema, data, "update_mode")]
    )
    yield from _setting_problems(found)
    yield from _label_problems(labels)
    yield from _hold_problems(found, labels["footswitch"])


def _module_problems(named: Leaf | None) -> Iterator[Problem]:
    if named is not None and named.value not in module_names():
        known, name = ", ".join(module_names()), str(named.value)
        said = f"expected one of {known}, found {name!r}{nearest(name, module_names())}"
        yield Problem(named.path, said)


def _module_meant(named: Leaf | None) -> Module | None:
    """Return the module of a name, or that of the one name that it is very like."""
    name = "" if named is None else str(named.value).lower()
    close = get_close_matches(name, module_names(), 1, MISSPELT)
    return load_module(close[0]) if close else None


def _pin_problems(module: Module | None, pins: list[Leaf]) -> Iterator[Problem]:
    """Yield pins that are there twice, and what a module has not; None: nobody knows which."""
    used: dict[str, str] = {}
    for leaf in pins:
        name = str(leaf.value)
        pin = module and module.find(name)
        chip = pin.chip if pin else name.upper()
        if module and not pin:
            yield Problem(leaf.path, _no_pin(module, name))
        elif chip in used:
            yield Problem(leaf.path, f"expected a free pin, found {name}, which {used[chip]} uses")
        used.setdefault(chip, leaf.path)
        if module and pin and leaf.kind is AnalogPin and pin.adc1 is None:
            yield Problem(leaf.path, f"{_expected_adc(module)}, found {name}, which has none")


def _codec_problems(
    module: Module | None, codec: CodecTable | None, pins: list[Leaf]
) -> Iterator[Problem]:
    """Yield a codec that the module does not take, and pins that it is set by."""
    if module is None or codec is None:
        return
    board = load_board(module.target)
    if board.codec_bus is None:
        yield Problem("codec", no_bus(board))
        return
    if codec is not UNKNOWN:
        for found in each_of(partial(board.sai.problems_with, codec)):
            yield Problem(f"codec.{found.path}", found.message)
    lines = {board.codec_bus.clock.chip: "SCL", board.codec_bus.data.chip: "SDA"}
    for leaf in pins:
        pin = module.find(str(leaf.value))
        if pin and pin.chip in lines:
            told = f"which is {lines[pin.chip]} of the codec's I2C"
            yield Problem(leaf.path, f"expected a free pin, found {leaf.value}, {told}")


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


def _update_problems(module: Module | None, places: list[str]) -> Iterator[Problem]:
    """Yield an update mode that no firmware for the module can enter."""
    if module and not module.has_update_mode:
        said = f"expected none, for the {module.title} is not known to have a way into it"
        yield from (Problem(place, said) for place in places)


def _setting_problems(found: list[Leaf]) -> Iterator[Problem]:
    """Yield what two knobs set; each would undo the other."""
    first: dict[str, str] = {}
    for leaf in found:
        value = str(leaf.value)
        if leaf.kind == Sets and value != "none":
            if value in first:
                yield Problem(leaf.path, f"{value} is set by {first[value].split('.')[0]} already")
            first.setdefault(value, leaf.path)


def _label_problems(labels: dict[str, list[str]]) -> Iterator[Problem]:
    for kind, found in labels.items():
        yield from twice(kind, found)
        if "" in found:
            yield Problem(kind, "expected a label of at least one letter, found ''")


def _labels(schema: type[Any], data: dict[str, Any], kind: str) -> Iterator[str]:
    """Yield the labels of controls of a kind, whatever else is wrong with them."""
    for _, tables in spelled(schema, data, kind):
        for item in tables if isinstance(tables, list) else ():
            found = spelled(_LABELLED[kind], item, "label") if isinstance(item, dict) else []
            yield from (label for _, label in found[:1] if isinstance(label, str))


def _hold_problems(found: list[Leaf], footswitches: list[str]) -> Iterator[Problem]:
    held = [leaf for leaf in found if leaf.kind is FootswitchName]
    for leaf in held:
        name = str(leaf.value)
        if name not in footswitches:
            known = ", ".join(footswitches) or "of which there is none"
            said = f"expected the label of a footswitch, {known}, found {name!r}"
            yield Problem(leaf.path, said + nearest(name, footswitches))
    yield from twice("update_mode.hold", [str(leaf.value) for leaf in held])
