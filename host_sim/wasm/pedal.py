"""A whole pedal as WebAssembly that node plays: captures, chain, and the panel's controls."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from host_sim.wasm.node import NodeModule
from namgen.arithmetic import F32
from namgen.controls import ControlsPlan
from namgen.controls.twin import PanelInputs
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


class WasmPedal:
    """A pedal with a panel, powered on with hands on it; it plays whole blocks."""

    def __init__(self, module: NodeModule, first: PanelInputs) -> None:
        self._module, self._seen = module, PanelInputs()
        self._places = (module.call("player_input"), module.call("player_output"))
        self._hands(first)
        module.call("player_reset", 0)

    def block(self, samples: F32, inputs: PanelInputs) -> F32:
        """Play one block, (frames,); after it `inputs` count, once in a tick."""
        self._hands(inputs)
        self._module.write(self._places[0], samples)
        self._module.call("player_process", len(samples))
        return np.asarray(self._module.read(self._places[1], np.float32, len(samples)))

    @property
    def shown(self) -> tuple[int, bool, bool, int]:
        """Lamps as bits, whether the effect is heard, or nothing, and the capture."""
        told = [
            self._module.call(f"player_{what}") for what in ("lit", "effect", "mute", "capture")
        ]
        return told[0] & 0xFFFFFFFF, bool(told[1]), bool(told[2]), told[3]

    def _hands(self, inputs: PanelInputs) -> None:
        for knob, code in enumerate(inputs.codes):
            self._module.call("player_set_knob", knob, code)
        for bit in range(32):
            if (inputs.closed ^ self._seen.closed) >> bit & 1:
                self._module.call("player_set_switch", bit, inputs.closed >> bit & 1)
        self._seen = inputs
