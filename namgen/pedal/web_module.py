"""A whole pedal as a WebAssembly module: captures, chain, and the panel's controls."""

from __future__ import annotations

from dataclasses import replace

from namgen.controls import ControlsPlan
from namgen.pedal.emit import contents_of
from namgen.pedal.sound import SoundPlan
from namgen.selection.plans import plan_model
from namgen.targets import load_target
from namgen.toolchain import find_cross
from namgen.wasm import PROCESSOR, make_module, player


def pedal_module(sound: SoundPlan, controls: ControlsPlan | None) -> bytes:
    """Compile all that the firmware plays, in its block; what is loaded keeps the pedal's layout.

    Raises:
        ToolError: the compiler refused.

    """
    contents = contents_of(sound if sound.engines else _laid_out(sound), controls)
    glue = player(
        contents.planned,
        title=", ".join(capture.title for capture in sound.captures),
        block_frames=sound.chain.block_frames,
        surroundings=contents.surroundings,
        sound_header=contents.files["sound.h"],
    )
    return make_module(
        {**contents.files, **glue.files},
        find_cross(processor=PROCESSOR),
        exports=glue.exports,
        patterns=glue.patterns,
        defines=glue.defines,
    )


def _laid_out(sound: SoundPlan) -> SoundPlan:
    """Lay the only capture out for WebAssembly's vectors."""
    (capture,) = sound.captures
    frames = sound.chain.block_frames
    model = capture.selection.model
    planned = plan_model(model, target=load_target(PROCESSOR), block_frames=frames)
    return replace(
        sound, captures=(replace(capture, selection=replace(capture.selection, plan=planned)),)
    )
