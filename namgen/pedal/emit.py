"""Spells the sound of a pedal as C: its chain, and the order in which captures and chain play."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from namgen.c_text import in_comment, literal, tidy
from namgen.captures import emit_captures
from namgen.chain.emit import emit_chain
from namgen.controls import ControlsPlan
from namgen.controls.emit import emit_controls
from namgen.controls.wiring import HEADER, panel_wiring
from namgen.emit import emit, template_environment
from namgen.firmware import Surroundings
from namgen.packages import Contents, alone
from namgen.pedal.keeping import MACRO as KEEPS_CAPTURE
from namgen.pedal.keeping import number_of
from namgen.pedal.sound import QUIET_FRAMES, Played, SoundPlan
from namgen.version import VERSION

FILES = ("sound.h", "sound.c")
HAS_PANEL = "PEDAL_HAS_PANEL"
PREFIX = "sound"
"""Of the functions in them: a pedal plays them as it plays a model by itself."""


def emit_sound(sound: SoundPlan) -> dict[str, str]:
    """Return the text of every generated file around the captures' own, by file name."""
    environment = template_environment()
    names = sound.chain.names
    forgetting = [b for b in sound.chain.blocks if b.has_state and b.name != "cabinet"]
    called = {"input_trim", "level", "bypass"}
    called |= {"guard", *(b.name for b in forgetting)} if sound.bypass_idle else set()
    called |= {"changeover", "cabinet"} if sound.changes_over else set()
    environment.filters |= {"in_comment": in_comment}
    environment.globals |= {
        **_changes(sound),
        "sound": sound,
        "chain": sound.chain,
        "capture": sound.captures[0],
        "engine": "captures" if sound.engines else f"nam_{sound.captures[0].plan.name}",
        "own_gains": () if sound.engines else names,
        "has_gate": "gate" in names,
        "has_bypass": "bypass" in names,
        "forgetting": forgetting,
        "called": [block for block in sound.chain.blocks if block.name in called],
        "version": VERSION,
    }
    own = {file: tidy(environment.get_template(f"pedal/{file}.j2").render()) for file in FILES}
    return {**own, **emit_chain(sound.chain)}


def _changes(sound: SoundPlan) -> Mapping[str, object]:
    """Return what the part of the C knows that changes captures and cabinets."""
    names, cabinet = sound.chain.names, sound.chain.cabinet
    of_captures: dict[str, tuple[str, Callable[[Played], str]]] = {
        "float before": ("input_trim", lambda capture: literal(capture.gains.before)),
        "float behind": ("level", lambda capture: literal(capture.gains.behind)),
        "bool has_cabinet": ("cabinet", lambda capture: str(capture.response is not None).lower()),
        "size_t response": ("cabinet", lambda capture: f"{capture.response or 0}u"),
    }
    parts = {name: spell for name, (block, spell) in of_captures.items() if block in names}
    differences = ["playing != wanted_capture"] if sound.engines else []
    differences += ["has_cabinet != wanted_cabinet"] if cabinet else []
    return {
        "parts": tuple(parts),
        "part_values": lambda capture: [spell(capture) for spell in parts.values()],
        "cabinet": f"cabinet_{cabinet.method}" if cabinet else None,
        "quiet_frames": QUIET_FRAMES,
        "differences": differences,
    }


def contents_of(sound: SoundPlan, controls: ControlsPlan | None = None) -> Contents:
    """Return all of the pedal's C: the captures', what is around, and the firmware it needs."""
    planned = sound.captures[0].plan
    if sound.is_alone:
        return alone(planned)
    model = emit_captures(sound.engines) if sound.engines else emit(planned)
    around = emit_sound(sound)
    if controls is not None:
        around |= emit_controls(controls)
    surroundings = Surroundings(
        PREFIX,
        tuple(n for n in {**model, **around} if n.endswith(".c") and n != f"nam_{planned.name}.c"),
        (*sound.chain.sources, *(controls.sources if controls else ())),
        {HEADER: panel_wiring(controls)} if controls else {},
        _options(sound, controls) if controls else {},
        sound.engines.memories if sound.engines else (),
    )
    return Contents(planned, {**model, **around}, surroundings)


def _options(sound: SoundPlan, controls: ControlsPlan) -> dict[str, str]:
    """Macros of a firmware with a panel; where it chooses among captures, it keeps which."""
    keeps = {KEEPS_CAPTURE: f"{number_of(sound.captures)}u"}
    return {HAS_PANEL: "1", **(keeps if controls.has_several_captures else {})}
