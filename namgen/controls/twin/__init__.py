"""The controls in Python: the same outputs and the same calls into the sound as the C."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from namgen.controls.emit import times
from namgen.controls.plan import ControlsPlan
from namgen.controls.switches import NOTHING
from namgen.controls.twin.outputs import Chosen, LightsTwin, Relay
from namgen.controls.twin.potentiometer import Potentiometer
from namgen.controls.twin.switches import Debounce, Encoder, Presses, Toggle

Event: TypeAlias = tuple[str | float, ...]
"""A call into the sound: the function, and what it is given."""


@dataclass(frozen=True, slots=True)
class PanelInputs:
    """`struct panel_inputs`."""

    closed: int = 0
    codes: Sequence[int] = ()
    late: bool = False


@dataclass(frozen=True, slots=True)
class PanelOutputs:
    """`struct panel_outputs`, and what the sound was told on the way."""

    lit: int
    effect: bool
    mute: bool
    update: bool
    capture: int
    events: tuple[Event, ...] = ()


class ControlsTwin:
    """The generated `controls.c`; `capture` is the one that was chosen last, counted from 0."""

    def __init__(self, plan: ControlsPlan, capture: int = 0) -> None:
        self.plan = plan
        self._ticks = times(plan)
        self._events: list[Event] = []
        self._is_bypassed = False
        self._chosen = Chosen(plan.choice, capture)
        self._relay = Relay(self._ticks) if plan.relay else None
        self._panel: _Panel | None = None

    def tick(self, inputs: PanelInputs) -> PanelOutputs:
        """Do what `controls_tick` does."""
        self._events = []
        if self._panel is None:
            self._panel = self._begin(inputs)
        else:
            self._go_on(self._panel, inputs)
        is_heard, capture = not self._is_bypassed, self._chosen.capture
        effect, mute = is_heard, False
        if self._relay is not None:
            effect, mute = self._relay.tick(effect=is_heard)
        return PanelOutputs(
            self._panel.lights.tick(capture, is_heard=is_heard, is_late=inputs.late),
            effect,
            mute,
            self._panel.presses.want_update,
            capture,
            tuple(self._events),
        )

    def _begin(self, inputs: PanelInputs) -> _Panel:
        if self.plan.has_bypass:
            self._events.append(("sound_bypass", False))
        panel = _Panel(self.plan, self._ticks, inputs, self._chosen.capture)
        self._set(range(len(panel.knobs)), panel)
        for number, toggle in enumerate(panel.toggles):
            if toggle.position is not None:
                self._stand(number, toggle.position)
        self._playing = self._chosen.capture
        if self.plan.has_several_captures:
            self._events.append(("sound_choose", self._playing))
        return panel

    def _go_on(self, panel: _Panel, inputs: PanelInputs) -> None:
        moved = [n for n, knob in enumerate(panel.knobs) if knob.tick(inputs.codes[n])]
        self._set(moved, panel)
        closed = panel.switches.tick(inputs.closed)
        acting = panel.presses.tick(closed)
        for press in self.plan.switches.presses:
            if acting & press.bit:
                self._act(press.does)
        for number, toggle in enumerate(panel.toggles):
            if toggle.tick(closed) and toggle.position is not None:
                self._stand(number, toggle.position)
        for encoder in panel.encoders:
            self._chosen.move(encoder.tick(inputs.closed))
        if self._chosen.capture != self._playing:
            self._playing = self._chosen.capture
            self._events.append(("sound_choose", self._playing))

    def _set(self, knobs: Iterable[int], panel: _Panel) -> None:
        for number in knobs:
            parameter = self.plan.knobs[number].parameter
            self._events.append(("sound_set", parameter, panel.knobs[number].position))

    def _stand(self, toggle: int, position: int) -> None:
        self._act(self.plan.switches.toggles[toggle].stands[position].does)

    def _act(self, does: str) -> None:
        what, _, how = does.partition("-")
        if does == "bypass":
            self._is_bypassed = not self._is_bypassed
            self._events.append(("sound_bypass", self._is_bypassed))
            if self._relay is not None:
                self._relay.begin()
        elif what in _SWITCHED:
            self._events.append((_SWITCHED[what], how == "on"))
        elif what == "bank":
            self._chosen.take_bank(int(how))
        elif what == "capture":
            self._chosen.take(int(how) - 1)
        elif does != NOTHING:
            self._chosen.move({"next-capture": 1, "previous-capture": -1}[does])


_SWITCHED = {"ir": "sound_use_cabinet", "gate": "sound_use_gate"}


class _Panel:
    """Every control, as it stands at the first tick."""

    def __init__(
        self, plan: ControlsPlan, ticks: Mapping[str, int], inputs: PanelInputs, capture: int
    ) -> None:
        closed, read = inputs.closed, plan.switches
        shift = plan.ticks.average_shift
        self.knobs = [Potentiometer(k, shift, inputs.codes[n]) for n, k in enumerate(plan.knobs)]
        self.switches = Debounce(closed, ticks)
        self.presses = Presses(closed, read.combination, ticks)
        self.toggles = [Toggle(toggle, ticks, closed) for toggle in read.toggles]
        self.encoders = [Encoder(encoder, closed) for encoder in read.encoders]
        self.lights = LightsTwin(plan.lights, ticks, capture)
