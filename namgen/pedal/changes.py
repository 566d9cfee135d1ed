"""How captures and cabinets are changed: the part of `sound.c` that does it in silence."""

from __future__ import annotations

import numpy as np

from namgen.arithmetic import F32
from namgen.captures.plan import WORDS_PER_FRAME
from namgen.captures.twin import CapturesTwin
from namgen.chain.twin import ChainTwin
from namgen.fixed.play import reference_of
from namgen.pedal.sound import QUIET_FRAMES, SoundPlan


class Changes:
    """What plays, and what is wanted instead; functions go by their names in `sound.c`."""

    def __init__(self, sound: SoundPlan, chain: ChainTwin) -> None:
        self._sound, self._chain = sound, chain
        self._captures = CapturesTwin(sound.engines) if sound.engines else None
        self._model = reference_of(sound.captures[0].selection.model)

    def start(self) -> None:
        """See `start`."""
        self.wanted_capture = self._playing = 0
        self._is_there = self._plays = True
        self._wants_cabinet = self._has_cabinet = True
        self._quiet_frames = 0
        self._silence(False)
        self._take_on()
        if self._captures is not None:
            self._captures.reset()
        else:
            self._model.reset()

    def choose(self, capture: int) -> None:
        """See `sound_choose`."""
        if capture < len(self._sound.captures):
            self.wanted_capture = capture
            self._silence(not self.is_as_wanted)

    def use_cabinet(self, used: bool) -> None:
        """See `sound_use_cabinet`."""
        self._wants_cabinet = used
        self._silence(not self.is_as_wanted)

    def play(self, samples: F32) -> F32:
        """See `play`."""
        if self._captures is not None:
            return self._captures.process(samples) if self._plays else np.zeros_like(samples)
        heard: F32 = self._model.process(samples[None, :])[0]
        return heard

    def forget(self) -> None:
        """See `forget`."""
        if self._captures is None:
            raise ValueError("a pedal that rests loads its capture")
        self._captures.choose(self._playing)
        self._is_there = False
        self._silence(True)
        self._chain.reset_changeover()

    def change_over(self, frames: int) -> None:
        """See `change_over`."""
        if not self._sound.changes_over:
            return
        self._silence(not self.is_as_wanted)
        self._plays = self._is_there
        if self.is_as_wanted or not self._chain.is_silent:
            return
        if self._differs:
            self._begin()
        else:
            self._quiet_frames -= min(frames, self._quiet_frames)
        if self._captures is not None and not self._is_there:
            self._plays = False
            self._is_there = self._captures.load(frames * WORDS_PER_FRAME)

    @property
    def _differs(self) -> bool:
        other_cabinet = self._has_cabinet != self._wants_cabinet
        return self._playing != self.wanted_capture or other_cabinet

    @property
    def is_as_wanted(self) -> bool:
        """See `is_as_wanted`."""
        return not self._differs and self._is_there and self._quiet_frames == 0

    def _begin(self) -> None:
        if self._captures is not None and self._playing != self.wanted_capture:
            self._playing = self.wanted_capture
            self._captures.choose(self._playing)
            self._is_there = False
        self._has_cabinet = self._wants_cabinet
        self._quiet_frames = QUIET_FRAMES if self._sound.chain.cabinet else 0
        self._take_on()

    def _take_on(self) -> None:
        """See `take_on`, and where there is one capture, `sound_reset`."""
        capture, names = self._sound.captures[self._playing], self._sound.chain.names
        if "input_trim" in names:
            self._chain.call("input_trim_calibrate", capture.gains.before)
        if "level" in names:
            self._chain.call("level_normalise", capture.gains.behind)
        if self._captures is not None:
            self._chain.reset_gains()
        if self._sound.chain.switches_cabinet:
            self._chain.call("cabinet_use", capture.response or 0)
            self._chain.use_cabinet(self._has_cabinet and capture.response is not None)

    def _silence(self, wanted: bool) -> None:
        if self._sound.changes_over:
            self._chain.call("changeover_silence", wanted)
