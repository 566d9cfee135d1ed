"""Runs the generated C on this machine: compiled once, cached by content, loaded with cffi."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from host_sim.host_library import LoadedCode, host_library
from host_sim.host_plan import compiler_for, plan_here
from namgen.arithmetic import F32
from namgen.blocks import DEFAULT_BLOCK_FRAMES
from namgen.emit import emit
from namgen.ir import Model
from namgen.lower import lower
from namgen.nam_file import read
from namgen.plan.any_plan import AnyPlan
from namgen.selection.plans import Start, plan_model
from namgen.toolchain import HostCc

Layout: TypeAlias = Literal["pedal", "host"]


class HostModel:
    """A model as the host's processor runs it, by default from exactly the C that a pedal gets.

    Every instance has a state of its own, also of the same model.
    """

    def __init__(
        self,
        model: Path | str | Model,
        *,
        submodel: str = "full",
        slim: float | None = None,
        layout: Layout = "pedal",
        block_frames: int | None = None,
        start: Start = "settled",
        compiler: HostCc | None = None,
        opt: str = "-O2",
    ) -> None:
        """Load a `.nam` file, or a model already lowered (then `submodel` and `slim` are unused).

        Args:
            model: path of a `.nam` file, or a model.
            submodel: which width of a container: "lite", "full" or its number from "1".
            slim: the ratio 0 to 1 that selects in containers and slimmable WaveNets.
            layout: "pedal", the C of a pedal, or "host", the faster C for this machine's vector
                unit; both give the same bits.
            block_frames: the size of block the C is laid out for, by default 48 for a pedal and
                the target's own for a host; any call works all the same.
            start: the state after `reset`.
            compiler: as `find_host` returns it; the default is that, for a host with the flags
                of its vector unit.
            opt: the optimisation flag; it changes no bit of the output.

        Raises:
            NamgenError: the file cannot be compiled, or there is no compiler.

        """
        if not isinstance(model, Model):
            model = lower(read(model), submodel=submodel, slim=slim)
        if layout == "host":
            planned = plan_here(model, block_frames=block_frames, start=start)
        else:
            frames = block_frames or DEFAULT_BLOCK_FRAMES
            planned = plan_model(model, start=start, block_frames=frames)
        self._load(planned, compiler, opt)

    @classmethod
    def of_plan(
        cls, planned: AnyPlan, *, compiler: HostCc | None = None, opt: str = "-O2"
    ) -> HostModel:
        """Load a model already planned."""
        self = cls.__new__(cls)
        self._load(planned, compiler, opt)
        return self

    def _load(self, planned: AnyPlan, compiler: HostCc | None, opt: str) -> None:
        compiler = compiler or compiler_for(planned)
        library = host_library(emit(planned), planned.name, compiler=compiler, opt=opt)
        self.name = planned.name
        self.in_channels = planned.in_channels
        self.out_channels = planned.out_channels
        self.sample_rate_hz = planned.sample_rate_hz
        self._code = LoadedCode(library, planned.name)
        self.reset()

    def reset(self) -> None:
        """Return to the start state."""
        self._code.reset()

    def process(self, block: npt.ArrayLike) -> F32:
        """Run any number of frames and keep the state.

        Args:
            block: float32, (frames,) for a model with one input, else (frames, channels).

        Returns:
            float32, (frames,) for a model with one output, else (frames, channels).

        Raises:
            ValueError: the shape does not fit the model's inputs.

        """
        samples = np.ascontiguousarray(block, dtype=np.float32)
        frames = _frames(samples, self.in_channels)
        out = np.empty((frames, self.out_channels), np.float32)
        self._code.process(samples, out, frames)
        return out[:, 0] if self.out_channels == 1 else out


def _frames(samples: F32, channels: int) -> int:
    if samples.ndim == 1 and channels == 1:
        return len(samples)
    if samples.ndim == 2 and samples.shape[1] == channels:
        return len(samples)
    raise ValueError(f"block: expected (frames, {channels}) samples, found shape {samples.shape}")
