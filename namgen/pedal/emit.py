"""Spells the sound of a pedal as C: its chain, and the order in which captures and chain play."""

from __future__ import annotations

from namgen.c_text import tidy
from namgen.chain.emit import emit_chain
from namgen.controls import ControlsPlan
from namgen.controls.emit import emit_controls
from namgen.controls.wiring import HEADER, panel_wiring
from namgen.emit import emit, template_environment
from namgen.firmware import Surroundings
from namgen.packages import Contents, alone
from namgen.pedal.sound import SoundPlan
from namgen.version import VERSION

FILES = ("sound.h", "sound.c")
HAS_PANEL = "PEDAL_HAS_PANEL"
PREFIX = "sound"
"""Of the functions in them: a pedal plays them as it plays a model by itself."""


def emit_sound(sound: SoundPlan) -> dict[str, str]:
    """Return the text of every generated file around the captures' own, by file name."""
    environment = template_environment()
    names = sound.chain.names
    called = {"input_trim", "level", "bypass", *(["guard"] if sound.bypass_idle else [])}
    environment.globals |= {
        "sound": sound,
        "chain": sound.chain,
        "capture": sound.captures[0],
        "engine": f"nam_{sound.captures[0].plan.name}",
        "has_gate": "gate" in names,
        "has_bypass": "bypass" in names,
        "called": [block for block in sound.chain.blocks if block.name in called],
        "version": VERSION,
    }
    own = {file: tidy(environment.get_template(f"pedal/{file}.j2").render()) for file in FILES}
    return {**own, **emit_chain(sound.chain)}


def contents_of(sound: SoundPlan, controls: ControlsPlan | None = None) -> Contents:
    """Return all of the pedal's C: the captures', what is around, and the firmware it needs."""
    planned = sound.captures[0].plan
    if sound.is_alone:
        return alone(planned)
    around = emit_sound(sound)
    if controls is not None:
        around |= emit_controls(controls)
    surroundings = Surroundings(
        PREFIX,
        tuple(name for name in around if name.endswith(".c")),
        (*sound.chain.sources, *(controls.sources if controls else ())),
        {HEADER: panel_wiring(controls)} if controls else {},
        {HAS_PANEL: "1"} if controls else {},
    )
    return Contents(planned, {**emit(planned), **around}, surroundings)
