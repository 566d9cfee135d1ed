"""`namgen board`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from namgen.c_text import counted
from namgen.cli.command import command, json_option
from namgen.cli.common import FileOut, has_mark, refuse_inputs
from namgen.cli.pedal_options import BoardName
from namgen.cli.terminal import Facts, Item, Line, print_json, show
from namgen.output_dir import write_whole
from namgen.output_file import check_output_file
from namgen.pedal_boards import PedalBoard, is_file_name, load_pedal_board, pedal_board_names
from namgen.pedal_boards.cards import cards_of
from namgen.pedal_boards.drawing import MARK, draw
from namgen.pedal_boards.wires import Wired

_OWN_NAME = "NAME.svg"
"""Where a drawing goes whose place nobody says."""


class _Drawing(FileOut):
    """A drawing to write; without a name, one that is like the board's."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Refuse another ending than .svg."""
        return Path(_OWN_NAME) if value == _OWN_NAME else super().convert(value, param, ctx)


@command("board")
@click.argument("board", type=BoardName(), metavar="[NAME|FILE]", required=False)
@click.option(
    "--draw",
    "drawing",
    type=_Drawing(".svg"),
    is_flag=False,
    flag_value=_OWN_NAME,
    metavar="[OUT.svg]",
    help="Draw its pins with what each is wired to.  [without a name: NAME.svg, in this folder]",
)
@click.option("--force", is_flag=True, help="Replace OUT.svg also where namgen did not draw it.")
@json_option
def board_command(*, board: str | None, drawing: Path | None, force: bool, as_json: bool) -> None:
    """List the boards a pedal is built on, or show one and its pins.

    \b
    Examples:
        namgen board                              which there are
        namgen board terrarium                    its pins
        namgen board terrarium --draw             a picture, terrarium.svg
        namgen board my_pedal.toml                a board of your own: docs/boards.md

    All that is wrong in a file is said at once.
    """  # noqa: D301
    if board is None:
        _list(drawing, as_json=as_json)
        return
    found = load_pedal_board(board)
    place = None if drawing is None else _draw(found, drawing, board, force=force)
    if as_json:
        print_json(_to_json(found) | ({"drawing": str(place)} if place else {}))
        return
    show([f"{place}: {found.title}"] if place else _lines(found))


def _list(drawing: Path | None, *, as_json: bool) -> None:
    if drawing is not None:
        raise click.UsageError("--draw: expected a board to draw; `namgen board` lists them")
    boards = [load_pedal_board(name) for name in pedal_board_names()]
    if as_json:
        print_json([_to_json(board) for board in boards])
        return
    show([Facts([(board.name, f"{board.title}: {_counted(board)}") for board in boards], indent=0)])


def _draw(board: PedalBoard, drawing: Path, named: str, *, force: bool) -> Path:
    """Write the picture of a board; return where it is."""
    place = Path(f"{board.name}.svg") if str(drawing) == _OWN_NAME else drawing
    inputs = [Path(named)] if is_file_name(named) else []
    refuse_inputs(place, inputs, option="--draw")
    check_output_file(place, kind="a drawing of namgen's", is_kind=_is_drawing, force=force)
    write_whole(place, draw(board))
    return place


def _is_drawing(path: Path) -> bool:
    return has_mark(path, MARK)


def _to_json(board: PedalBoard) -> dict[str, Any]:
    return asdict(board) | {"pins": [_pin_to_json(item) for item in board.wired()]}


def _pin_to_json(item: Wired) -> dict[str, Any]:
    pin = asdict(item.pin)
    return {"pin": item.pin.label} | pin | asdict(item.wire) | {"name": item.pin.name}


def _counted(board: PedalBoard) -> str:
    """Say how much of what a board has."""
    groups = [
        (board.knobs, "knob", ""),
        (board.expressions, "expression pedal", ""),
        (board.encoders, "encoder", ""),
        (board.footswitches, "footswitch", "footswitches"),
        (board.toggles, "toggle", ""),
        (board.leds, "LED", ""),
    ]
    said = [counted(len(parts), one, several) for parts, one, several in groups if parts]
    return ", ".join([*said, *(["relay"] if board.bypass.kind == "relay" else [])]) or "no controls"


def _lines(board: PedalBoard) -> Iterator[Item]:
    module = board.carried
    yield Line(f"{board.name}: {board.title}", "bold")
    facts = [
        ("module", f"{module.title} (--target {module.target})"),
        ("guitar", f"{board.input} input"),
        ("full scale", _full_scale(board)),
        ("bypass", _bypass(board)),
    ]
    if board.codec:
        facts.insert(
            1, ("codec", f"{board.codec.title}, set over I2C at {board.codec.address:#04x}")
        )
    if board.update_mode:
        held, seconds = " and ".join(board.update_mode.hold), board.update_mode.seconds
        facts.append(("update mode", f"hold footswitch {held} for {seconds:g} s"))
    yield Facts(facts)
    cards = [card for group in cards_of(board) for card in group]
    yield from _part("Controls", [(card.title, card.told) for card in cards])
    yield from _part("Pins", [(item.pin.label, _pin(item)) for item in board.wired()])


def _part(heading: str, rows: list[tuple[str, str]]) -> Iterator[Item]:
    if rows:
        yield ""
        yield Line(heading, "bold")
        yield Facts(rows)


def _full_scale(board: PedalBoard) -> str:
    level = board.full_scale
    if level is None:
        return "not known"
    note = ", the codec's own: nobody has measured it" if level.unmeasured else ""
    return f"{level.input_dbu:+g} dBu in, {level.output_dbu:+g} dBu out{note}"


def _bypass(board: PedalBoard) -> str:
    bypass = board.bypass
    if bypass.kind == "dsp":
        return "by the processor, a crossfade"
    first = "mute at once, relay" if bypass.mute else "relay"
    last = f", mute ends after {bypass.unmute_ms:g} ms" if bypass.mute else ""
    return f"{first} after {bypass.relay_ms:g} ms{last}"


def _pin(item: Wired) -> str:
    """Say what a pin is wired to, and how it is read or driven."""
    pin, wire = item.pin, item.wire
    names = [name for name in pin.names if name != pin.label]
    names += [f"contact {pin.header}"] if pin.header else []
    way = {
        "analog": [f"ADC1 channel {pin.adc1}"],
        "input": [f"{wire.active} when active", f"pull-{wire.pull}"],
        "output": [f"{wire.active} when lit" if wire.kind == "led" else wire.does],
        "none": [],
    }[wire.direction]
    ways = [word for word in way if word != "pull-none"]
    told = ", ".join([*names, *ways, *([pin.note] if pin.note else [])])
    return f"{wire.title} ({told})" if told else wire.title
