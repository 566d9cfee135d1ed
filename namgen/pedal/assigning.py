"""What a pedal wants the controls of its board to do, in place of what the board's file says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol, TypeVar, cast

from namgen.errors import Problem, nearest
from namgen.pedal.said import EncoderUse, Lit, PedalSaid
from namgen.pedal_boards import PedalBoard
from namgen.pedal_boards.controls import Encoder, Footswitch, Knob, Led, Selects, Shows, Toggle
from namgen.toml_data import UNKNOWN, each_of, spelled

TABLES: Mapping[str, str] = {
    "knobs": "knobs",
    "expressions": "expression pedals",
    "footswitches": "footswitches",
    "toggles": "toggles",
    "encoders": "encoders",
    "leds": "LEDs",
}
"""Of a `pedal.toml`, and fields of a board of the same names; what is in them, in words."""


class Control(Protocol):
    """What a board has several of."""

    @property
    def label(self) -> str:
        """What tells it from others of its kind."""


C = TypeVar("C", bound=Control)
U = TypeVar("U")


def label_problems(board: PedalBoard, data: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield names in the tables of a file that no control of the board has."""
    for table, words in TABLES.items():
        controls: tuple[Control, ...] = getattr(board, table)
        labels = [control.label for control in controls]
        for key, named in spelled(PedalSaid, data, table):
            for label in named if isinstance(named, dict) else ():
                if label not in labels:
                    yield Problem(f"{key}.{label}", _no_control(board, words, label, labels))
    for key, named in spelled(PedalSaid, data, "toggles"):
        yield from _position_problems(board, key, named)


def _position_problems(board: PedalBoard, key: str, named: object) -> Iterator[Problem]:
    uses = named if isinstance(named, dict) else {}
    for toggle in board.toggles:
        found = uses.get(toggle.label)
        places = [place.label for place in toggle.positions]
        for place in found if isinstance(found, dict) else ():
            if place not in places:
                said = f"expected one of {', '.join(places)}, found {place!r}"
                path = f"{key}.{toggle.label}.{place}"
                yield Problem(path, said + nearest(place, places))


def _no_control(board: PedalBoard, words: str, label: str, labels: Collection[str]) -> str:
    if not labels:
        return f"expected nothing, for {board.name} has no {words}"
    known = f"one of the {words} of {board.name}, {', '.join(labels)}"
    return f"expected {known}, found {label!r}{nearest(label, labels)}"


def assigned(board: PedalBoard, said: PedalSaid) -> PedalBoard:
    """Return the board with its controls doing what the pedal wants; it may have problems.

    A control of which nobody knows what the pedal wants does nothing.
    """
    return replace(
        board,
        knobs=_each(board.knobs, said.knobs, _knob),
        expressions=_each(board.expressions, said.expressions, _knob),
        footswitches=_each(board.footswitches, said.footswitches, _footswitch),
        toggles=_each(board.toggles, said.toggles, _toggle),
        encoders=_each(board.encoders, said.encoders, _encoder),
        leds=_each(board.leds, said.leds, _led),
    )


def is_known(board: PedalBoard, said: PedalSaid, *tables: str) -> bool:
    """Whether it is known of every control in some tables what the pedal wants of it."""
    labels = {table: [control.label for control in getattr(board, table)] for table in tables}
    uses = [
        use
        for table in tables
        for label, use in getattr(said, table).items()
        if label in labels[table]
    ]
    return not any(inner is UNKNOWN for use in uses for inner in (use, *_parts(use)))


def _parts(use: object) -> tuple[object, ...]:
    """What a toggle or an encoder does; nothing of what does one thing."""
    match use:
        case Mapping():
            return tuple(use.values())
        case EncoderUse():
            return (use.turns, use.does)
    return ()


def assignment_problems(board: PedalBoard, said: PedalSaid) -> Iterator[Problem]:
    """Yield what an assigned board may not do: the rules that its own file is held to."""
    for table in ("toggles", "encoders"):
        for control in getattr(board, table):
            if control.label in getattr(said, table):
                for found in each_of(control.problems):
                    yield Problem(f"{table}.{control.label}", found.message)
    yield from _twice(board, said)


def _twice(board: PedalBoard, said: PedalSaid) -> Iterator[Problem]:
    """Yield what two knobs set; only the pedal's own wishes can make it so."""
    first: dict[str, str] = {}
    wished = {f"knob {label}": f"knobs.{label}" for label in said.knobs}
    wished |= {f"expression {label}": f"expressions.{label}" for label in said.expressions}
    named = [(f"knob {knob.label}", knob.sets) for knob in board.knobs]
    named += [(f"expression {pedal.label}", pedal.sets) for pedal in board.expressions]
    for who, sets in named:
        other = first.get(sets)
        if sets != "none" and other is not None:
            told, sure = (who, other) if who in wished else (other, who)
            said_so = f'{sets} is set by {sure} already; "none" there leaves it free'
            yield Problem(wished[told], said_so)
        first.setdefault(sets, who)


def _each(
    controls: tuple[C, ...], uses: Mapping[str, U], use: Callable[[C, U], C]
) -> tuple[C, ...]:
    return tuple(use(c, uses[c.label]) if c.label in uses else c for c in controls)


def _sure(use: Any) -> Any:
    return "none" if use is UNKNOWN else use


def _knob(knob: Knob, sets: Any) -> Knob:
    return replace(knob, sets=_sure(sets))


def _footswitch(footswitch: Footswitch, does: Any) -> Footswitch:
    return replace(footswitch, does=_sure(does))


def _toggle(toggle: Toggle, does: Mapping[str, Selects]) -> Toggle:
    wanted = {place.label: _sure(does.get(place.label, place.does)) for place in toggle.positions}
    places = (replace(place, does=wanted[place.label]) for place in toggle.positions)
    return replace(toggle, positions=tuple(places))


def _encoder(encoder: Encoder, use: EncoderUse) -> Encoder:
    if use is UNKNOWN:
        return encoder
    turns, does = _sure(use.turns), _sure(use.does)
    return replace(encoder, turns=turns or encoder.turns, does=does or encoder.does)


def _led(led: Led, lit: Lit) -> Led:
    shows, _, capture = _sure(lit).partition("-")
    return replace(led, shows=cast("Shows", shows), capture=int(capture or 0))
