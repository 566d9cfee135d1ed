"""The sound of a pedal, as this machine computes it: the C of its chain and of its captures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from host_sim.generated_library import Loaded, generated_library
from host_sim.host_plan import compiler_for, plan_here
from namgen.arithmetic import F32
from namgen.captures import emit_captures
from namgen.emit import emit
from namgen.pedal.emit import emit_sound
from namgen.pedal.sound import SoundPlan

_ALWAYS = """
void sound_reset(void);
void sound_process(float *in, float *out, size_t frames);
"""


class HostSound:
    """Plays whole blocks; functions go by their names in `sound.h`."""

    def __init__(self, sound: SoundPlan) -> None:
        """Compile it; a capture by itself is laid out for this machine, several as for a pedal.

        Raises:
            ToolError: there is no compiler.

        """
        self.plan = sound if sound.engines else _laid_out_here(sound)
        planned = self.plan.captures[0].plan
        model = emit_captures(sound.engines) if sound.engines else emit(planned)
        files = {**emit_sound(self.plan), **model}
        compiler, patterns = compiler_for(planned), self.plan.chain.sources
        library = generated_library("sound", files, compiler, patterns=patterns)
        self._loaded = Loaded(library, "".join(_declarations(self.plan)))
        self._number = {p.name: n for n, p in enumerate(sound.chain.parameters)}
        self.reset()

    def reset(self) -> None:
        """See `sound_reset`."""
        self._loaded.code.sound_reset()

    def set(self, parameter: str, position: float) -> None:
        """See `sound_set`."""
        self._loaded.code.sound_set(self._number[parameter], position)

    def use_gate(self, used: bool) -> None:
        """See `sound_use_gate`."""
        self._loaded.code.sound_use_gate(used)

    def bypass(self, bypassed: bool) -> None:
        """See `sound_bypass`."""
        self._loaded.code.sound_bypass(bypassed)

    def choose(self, capture: int) -> None:
        """See `sound_choose`."""
        self._loaded.code.sound_choose(capture)

    def use_cabinet(self, used: bool) -> None:
        """See `sound_use_cabinet`."""
        self._loaded.code.sound_use_cabinet(used)

    def process(self, samples: F32) -> F32:
        """See `sound_process`: whole blocks, (frames,)."""
        out = np.array(samples, np.float32)
        size = self.plan.chain.block_frames
        for start in range(0, len(out), size):
            block = self._loaded.ffi.from_buffer("float[]", out[start : start + size])
            self._loaded.code.sound_process(block, block, len(block))
        return out


def _laid_out_here(sound: SoundPlan) -> SoundPlan:
    (capture,) = sound.captures
    planned = plan_here(capture.selection.model)
    laid_out = replace(capture, selection=replace(capture.selection, plan=planned))
    return replace(sound, captures=(laid_out,))


def _declarations(sound: SoundPlan) -> Iterator[str]:
    names = sound.chain.names
    yield _ALWAYS
    if sound.chain.parameters:
        yield "void sound_set(int parameter, float position);\n"
    if "gate" in names:
        yield "void sound_use_gate(bool used);\n"
    if sound.engines:
        yield "void sound_choose(size_t capture);\n"
    if sound.chain.switches_cabinet:
        yield "void sound_use_cabinet(bool used);\n"
    if "bypass" in names:
        yield "void sound_bypass(bool bypassed);\n"
