"""A whole pedal as WebAssembly that node plays, with hands on its panel."""

from __future__ import annotations

import numpy as np

from host_sim.wasm.node import NodeModule
from namgen.arithmetic import F32
from namgen.controls.twin import PanelInputs


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
