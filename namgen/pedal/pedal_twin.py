"""A whole pedal in NumPy: its sound, and the controls that a player has his hands on."""

from __future__ import annotations

from typing import Any

from namgen.arithmetic import F32
from namgen.controls import ControlsPlan
from namgen.controls.twin import ControlsTwin, Event, PanelInputs, PanelOutputs
from namgen.pedal.sound import SoundPlan
from namgen.pedal.twin import SoundTwin


class PedalTwin:
    """Plays block by block what `firmware/pedal/` plays, with what it reads of the panel."""

    def __init__(
        self,
        sound: SoundPlan,
        controls: ControlsPlan | None,
        first: PanelInputs | None = None,
        *,
        capture: int = 0,
    ) -> None:
        """Power it on; `first` is what is read before the first block, `capture` what was kept."""
        self.sound = SoundTwin(sound)
        self.shown: PanelOutputs | None = None  # what the panel was told last
        self._controls = None if controls is None else ControlsTwin(controls, capture)
        self._tick_frames = 0 if controls is None else controls.ticks.frames
        self._passed = 0
        if self._controls is not None:
            self._tick(self._controls, first or PanelInputs())
            self.sound.settle()

    def block(self, samples: F32, inputs: PanelInputs | None = None) -> F32:
        """Play one block, (frames,); then, once in a tick, `inputs` count."""
        out = self.sound.process(samples)
        self._passed += len(samples)
        if self._controls is not None and self._passed >= self._tick_frames:
            self._passed = 0
            self._tick(self._controls, inputs or PanelInputs())
        return out

    def _tick(self, controls: ControlsTwin, inputs: PanelInputs) -> None:
        self.shown = controls.tick(inputs)
        for event in self.shown.events:
            self._tell(event)

    def _tell(self, event: Event) -> None:
        name, *arguments = event
        told: Any = getattr(self.sound, str(name).removeprefix("sound_"))
        told(*arguments)
