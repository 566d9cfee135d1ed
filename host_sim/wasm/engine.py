"""A model as WebAssembly that node plays, behind the interface of engines."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from host_sim.wasm.node import NodeModule
from namgen.arithmetic import F32
from namgen.emit import emit
from namgen.plan.any_plan import AnyPlan
from namgen.toolchain import find_cross
from namgen.wasm import PROCESSOR, make_module, player


class WasmEngine:
    """See `Engine`: the module that a page plays."""

    def __init__(self, module: NodeModule, *, channels: tuple[int, int] = (1, 1)) -> None:
        self._module = module
        self._ins, self._outs = channels
        self._places = (module.call("player_input"), module.call("player_output"))
        self._most = module.call("player_block_frames")
        self.reset()

    def reset(self) -> None:
        """See `Engine.reset`."""
        self._module.call("player_reset", 0)

    def process(self, samples: F32) -> F32:
        """See `Engine.process`."""
        rows = np.asarray(samples, np.float32).reshape(-1, self._ins)
        starts = range(0, len(rows), self._most)
        parts = [self._block(rows[start : start + self._most]) for start in starts]
        return np.concatenate([np.zeros((0, self._outs), np.float32), *parts])

    def _block(self, rows: F32) -> F32:
        self._module.write(self._places[0], rows)
        self._module.call("player_process", len(rows))
        found = self._module.read(self._places[1], np.float32, len(rows) * self._outs)
        return found.reshape(-1, self._outs)


def wasm_engine(planned: AnyPlan, *, defines: Mapping[str, str] | None = None) -> WasmEngine:
    """Compile a model by itself, and start it.

    Raises:
        ToolError: there is no node, or the compiler refused.

    """
    data = module_of(planned, defines=defines)
    return WasmEngine(NodeModule(data), channels=(planned.in_channels, planned.out_channels))


def module_of(planned: AnyPlan, *, defines: Mapping[str, str] | None = None) -> bytes:
    """Compile a model by itself.

    Raises:
        ToolError: the compiler refused.

    """
    glue = player(planned, title=planned.source, block_frames=planned.block_frames)
    return make_module(
        {**emit(planned), **glue.files},
        find_cross(processor=PROCESSOR),
        exports=glue.exports,
        opt=glue.opt,
        defines={**(glue.defines or {}), **(defines or {})},
    )
