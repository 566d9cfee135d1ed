"""What the generated `sound.c` computes, in NumPy, bit for bit."""

from __future__ import annotations

import numpy as np

from namgen.arithmetic import F32
from namgen.chain.twin import ChainTwin
from namgen.chain.twin.rest import guard_output
from namgen.pedal.changes import Changes
from namgen.pedal.sound import SoundPlan

GATE_UNUSED = 0.0


class SoundTwin:
    """Plays whole blocks; functions go by their names in `sound.h`."""

    def __init__(self, sound: SoundPlan) -> None:
        self.plan = sound
        self._chain = ChainTwin(sound.chain)
        self._changes = Changes(sound, self._chain)
        self.reset()

    def reset(self) -> None:
        """See `sound_reset`."""
        names = self.plan.chain.names
        self._gate_is_used = True
        self._gate = self.plan.position("gate") if "gate" in names else 0.0
        self._is_idle, self._ringing_frames = False, 0
        for parameter in self.plan.chain.parameters:
            self._chain.turn(parameter.name, self.plan.position(parameter.name))
        self._chain.call("bypass_set", False)
        self._changes.start()
        self._chain.reset()

    def settle(self) -> None:
        """Let what was set before the first block count from the beginning: see `chain_reset`."""
        self._chain.reset()

    def set(self, parameter: str, position: float) -> None:
        """See `sound_set`."""
        if parameter == "gate":
            self._gate = position
            if not self._gate_is_used:
                return
        self._chain.turn(parameter, position)

    def use_gate(self, used: bool) -> None:
        """See `sound_use_gate`."""
        self._gate_is_used = used
        self._chain.turn("gate", self._gate if used else GATE_UNUSED)

    def bypass(self, bypassed: bool) -> None:
        """See `sound_bypass`."""
        self._chain.call("bypass_set", bypassed)

    def choose(self, capture: int) -> None:
        """See `sound_choose`."""
        self._changes.choose(capture)

    def use_cabinet(self, used: bool) -> None:
        """See `sound_use_cabinet`."""
        self._changes.use_cabinet(used)

    def process(self, samples: F32) -> F32:
        """See `sound_process`: whole blocks, (frames,)."""
        parts = [samples[:0]]
        while len(samples):
            frames = len(samples) if self._stays_as_it_is else self.plan.chain.block_frames
            parts.append(self._block(samples[:frames]))
            samples = samples[frames:]
        return np.concatenate(parts)

    @property
    def _stays_as_it_is(self) -> bool:
        """Whether any number of blocks would be played alike, and so can be at once."""
        rests = self.plan.bypass_idle and self._chain.bypass_is_wanted
        return not rests and (not self.plan.changes_over or self._changes.is_as_wanted)

    def _block(self, samples: F32) -> F32:
        if not (self.plan.bypass_idle and self._chain.bypass_is_complete):
            self._is_idle = False
            self._changes.change_over(len(samples))
            return self._play(samples)
        if not self._is_idle:
            self._go_to_rest()
        self._ring_out(len(samples))
        self._changes.change_over(len(samples))
        return guard_output(samples)

    def _go_to_rest(self) -> None:
        """See `go_to_rest`."""
        self._chain.forget()
        self._changes.forget()
        self._ringing_frames = self.plan.ringing_frames
        self._is_idle = True

    def _ring_out(self, frames: int) -> None:
        """See `ring_out`."""
        if self._ringing_frames > 0:
            self._chain.ring(frames)
            self._ringing_frames -= min(frames, self._ringing_frames)

    def _play(self, samples: F32) -> F32:
        heard = self._chain.before_model(samples)
        return self._chain.after_model(self._changes.play(heard))
