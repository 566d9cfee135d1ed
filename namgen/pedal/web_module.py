"""A whole pedal as a WebAssembly module: captures, chain, and the panel's controls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from namgen.captures import laid_out_for
from namgen.controls import ControlsPlan
from namgen.pedal.emit import contents_of
from namgen.pedal.sound import SoundPlan
from namgen.plan.any_plan import AnyPlan
from namgen.progress import Progress, silent
from namgen.selection.plans import plan_model
from namgen.targets import load_target
from namgen.toolchain import find_cross
from namgen.wasm import PROCESSOR, make_module, player


def pedal_module(
    sound: SoundPlan, controls: ControlsPlan | None, *, progress: Progress = silent
) -> bytes:
    """Compile all that the firmware plays, in its block, laid out for WebAssembly's vectors.

    Raises:
        ToolError: the compiler refused.

    """
    contents = contents_of(_laid_out(sound), controls)
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
        opt=glue.opt,
        patterns=glue.patterns,
        defines=glue.defines,
        progress=progress,
    )


def _laid_out(sound: SoundPlan) -> SoundPlan:
    """Lay captures out for WebAssembly; what is loaded comes up when it does in the pedal."""
    target, frames = load_target(PROCESSOR), sound.chain.block_frames
    models = [capture.selection.model for capture in sound.captures]
    if sound.engines is None:
        plans = [plan_model(model, target=target, block_frames=frames) for model in models]
        return _with_plans(sound, plans)
    engines = laid_out_for(sound.engines, target)
    plans = [engines.engine_of(number).plan for number in range(len(models))]
    return replace(_with_plans(sound, plans), engines=engines)


def _with_plans(sound: SoundPlan, plans: Sequence[AnyPlan]) -> SoundPlan:
    captures = (
        replace(capture, selection=replace(capture.selection, plan=plan))
        for capture, plan in zip(sound.captures, plans, strict=True)
    )
    return replace(sound, captures=tuple(captures))
