"""A walk over a pedal's panel: every control is used once, and all that it can do is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from namgen.controls.emit import times

if TYPE_CHECKING:
    from host_sim.panel import Panel
    from namgen.controls import ControlsPlan
    from namgen.pedal_boards.controls import Toggle

Move: TypeAlias = Callable[[], None]

BOUNCE_S = 0.001

_PLACES = (0.3, 0.7)
"""Where knobs are turned to, one after the other: not where they stand at power-on."""

_TURNING_S = 0.02
_SPARE_TICKS = 2
"""A contact changes between two ticks, and what it does is done at the one after."""


@dataclass(frozen=True, slots=True)
class Step:
    """What hands do at one moment, and how long nothing follows."""

    moves: tuple[Move, ...]
    seconds: float

    def frames(self, block_frames: int, controls: ControlsPlan) -> int:
        """Return how long it lasts, in whole blocks."""
        exact = round(self.seconds * controls.ticks.sample_rate_hz)
        return -(-exact // block_frames) * block_frames


def walk(panel: Panel, controls: ControlsPlan) -> Iterator[Step]:
    """Yield the steps: knobs, then presses and turns one by one, then toggles side by side.

    No switch is held beside another, and none for long.
    """
    waits, circle = _Waits(controls), _largest_circle(controls)
    yield Step(tuple(_knobs(panel)), _TURNING_S)
    for label, does in _presses(panel):
        times_pressed = max(2, circle) if does in _MOVING else 2
        for _ in range(times_pressed):
            yield from _press(panel, label, waits)
    for encoder in panel.board.encoders:
        for detents in (circle, -1):
            turn = partial(panel.rotate, encoder.label, detents, detent_s=waits.detent_s)
            yield Step((turn,), abs(detents) * waits.detent_s + waits.tick_s)
    moving = [label for label, does in _presses(panel) if does in _MOVING][:1]
    for group in _groups(panel.board.toggles):
        beside = circle - 1 if any(_chooses(toggle) for toggle in group) else 0
        for moves in _stands(panel, group):
            yield Step(moves, waits.toggle_s)
            for label in moving * beside:
                yield from _press(panel, label, waits)


def let_go(panel: Panel, controls: ControlsPlan) -> Step:
    """Return the step after which nothing is held."""
    moves = tuple(partial(panel.release, label) for label, _ in _presses(panel))
    return Step(moves, _Waits(controls).release_s)


_MOVING = ("next-capture", "previous-capture")


class _Waits:
    """How long each control needs to be believed, whatever the block."""

    def __init__(self, controls: ControlsPlan) -> None:
        needed = times(controls)
        self.tick_s = controls.ticks.frames / controls.ticks.sample_rate_hz
        self.press_s = self._seconds(needed["CLOSE"])
        self.release_s = self._seconds(max(needed["OPEN"], needed.get("UNMUTE", 0)))
        self.toggle_s = self._seconds(needed["OPEN"] + needed["TOGGLE"])
        self.detent_s = 4 * max(0.002, 1.5 * self.tick_s)  # four contacts change in a detent

    def _seconds(self, ticks: int) -> float:
        return BOUNCE_S + (ticks + _SPARE_TICKS) * self.tick_s


def _largest_circle(controls: ControlsPlan) -> int:
    """Return the number of captures that one switch reaches."""
    return max(Counter(place.bank for place in controls.choice.places).values())


def _knobs(panel: Panel) -> Iterator[Move]:
    for number, knob in enumerate(panel.board.knobs):
        yield partial(panel.turn, knob.label, _PLACES[number % len(_PLACES)])


def _presses(panel: Panel) -> list[tuple[str, str]]:
    """Return all that can be pressed, by the panel's names, and what that does."""
    board = panel.board
    presses = [(each.label, str(each.does)) for each in board.footswitches]
    return presses + [
        (f"encoder {e.label}", str(e.does)) for e in board.encoders if e.press is not None
    ]


def _press(panel: Panel, label: str, waits: _Waits) -> Iterator[Step]:
    yield Step((partial(panel.press, label, bounce_s=BOUNCE_S),), waits.press_s)
    yield Step((partial(panel.release, label, bounce_s=BOUNCE_S),), waits.release_s)


def _groups(toggles: Sequence[Toggle]) -> Iterator[list[Toggle]]:
    """Yield toggles that may move together: at most one of them chooses captures."""
    choosing = [toggle for toggle in toggles if _chooses(toggle)]
    others = [toggle for toggle in toggles if not _chooses(toggle)]
    if toggles:
        yield others + choosing[:1]
    yield from ([toggle] for toggle in choosing[1:])


def _chooses(toggle: Toggle) -> bool:
    return any(place.does.startswith(("bank-", "capture-")) for place in toggle.positions)


def _stands(panel: Panel, toggles: Sequence[Toggle]) -> Iterator[tuple[Move, ...]]:
    """Yield the moves that put toggles into every position; the one they stood in is the last."""
    orders = [(toggle.label, _order(panel, toggle)) for toggle in toggles]
    for number in range(max(len(order) for _, order in orders)):
        yield tuple(
            partial(panel.put, label, order[number], bounce_s=BOUNCE_S)
            for label, order in orders
            if number < len(order)
        )


def _order(panel: Panel, toggle: Toggle) -> list[str]:
    labels = [place.label for place in toggle.positions]
    first = labels.index(panel.positions[toggle.label]) + 1
    return labels[first:] + labels[:first]


# ---- what can be done


def actions_of(controls: ControlsPlan) -> set[tuple[str | float, ...]]:
    """Return every call into the sound that these controls make when all of them are used."""
    board_knobs = {knob.label for knob in controls.board.knobs}
    found: set[tuple[str | float, ...]] = {
        ("sound_set", knob.parameter) for knob in controls.knobs if knob.label in board_knobs
    }
    done = _done(controls)
    if "bypass" in done:
        found |= {("sound_bypass", False), ("sound_bypass", True)}
    for what, call in (("ir", "sound_use_cabinet"), ("gate", "sound_use_gate")):
        found |= {(call, how == "on") for how in ("on", "off") if f"{what}-{how}" in done}
    reached = _reached(controls, done)
    return found | ({("sound_choose", n) for n in reached} if len(reached) > 1 else set())


def _done(controls: ControlsPlan) -> set[str]:
    switches = controls.switches
    stands = (stand.does for toggle in switches.toggles for stand in toggle.stands)
    return {*(press.does for press in switches.presses), *stands}


def _reached(controls: ControlsPlan, done: set[str]) -> set[int]:
    """Return the captures that can be chosen."""
    choice = controls.choice
    moves = bool(controls.switches.encoders) or not done.isdisjoint(_MOVING)
    banks = [n for n, bank in enumerate(choice.banks) if f"bank-{bank}" in done]
    starts = {first for bank in banks if (first := choice.first(bank)) is not None}
    starts |= {n for n in range(controls.captures) if f"capture-{n + 1}" in done}
    starts = starts or {0}
    reached_banks = {choice.places[start].bank for start in starts}
    beside = {n for n, place in enumerate(choice.places) if place.bank in reached_banks}
    return beside if moves else starts
