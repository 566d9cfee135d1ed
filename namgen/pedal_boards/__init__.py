"""A pedal's boards as data: what carries a Daisy and has the knobs, one TOML file each.

`controls` is the schema, `rules` are the laws that go across tables, `wires` tells pin by pin.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

from namgen.codecs import CodecTable, FullScale
from namgen.errors import FileError, Problem, one_of
from namgen.modules import Module, load_module, why_not
from namgen.pedal_boards.controls import (
    Bypass,
    Encoder,
    Footswitch,
    Knob,
    Led,
    ModuleName,
    Other,
    Toggle,
    UpdateMode,
)
from namgen.pedal_boards.reading import BoardData, board_data
from namgen.pedal_boards.rules import cross_problems
from namgen.pedal_boards.wires import (
    Wire,
    Wired,
    bypass_wires,
    codec_wires,
    encoder_wires,
    footswitch_wires,
    knob_wires,
    led_wires,
    toggle_wires,
)
from namgen.toml_data import called, read_table, toml_names

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class PedalBoard:
    """A board with a Daisy, its controls, and what each of them does."""

    name: str  # as `--board` calls it: that of its file
    title: str
    module: ModuleName
    input: Literal["left", "right"] = "left"  # the channel that the guitar comes in by
    full_scale: FullScale | None = field(default=None, metadata=called("full_scale_dbu"))
    codec: CodecTable | None = None  # that is set over I2C, in place of the module's own
    knobs: tuple[Knob, ...] = field(default=(), metadata=called("knob"))
    expressions: tuple[Knob, ...] = field(default=(), metadata=called("expression"))
    footswitches: tuple[Footswitch, ...] = field(default=(), metadata=called("footswitch"))
    toggles: tuple[Toggle, ...] = field(default=(), metadata=called("toggle"))
    encoders: tuple[Encoder, ...] = field(default=(), metadata=called("encoder"))
    leds: tuple[Led, ...] = field(default=(), metadata=called("led"))
    others: tuple[Other, ...] = field(default=(), metadata=called("other"))
    bypass: Bypass = field(default_factory=Bypass)
    update_mode: UpdateMode | None = None  # None: no switch starts it

    def problems(self) -> Iterator[Problem]:
        """Yield a name that no file could have."""
        if not self.name or Path(str(self.name)).name != self.name:
            yield Problem("name", f"expected the name of a file, found {self.name!r}")

    @property
    def carried(self) -> Module:
        """The module on it."""
        return load_module(self.module)

    def wired(self) -> tuple[Wired, ...]:
        """Every pin that is used, in the module's order of pins."""
        module = self.carried
        found = {pin: wire for wire in self._wires() if (pin := module.find(wire.name))}
        return tuple(Wired(pin, found[pin]) for pin in module.pins if pin in found)

    def _wires(self) -> Iterator[Wire]:
        for knob in self.knobs:
            yield from knob_wires("knob", knob)
        for pedal in self.expressions:
            yield from knob_wires("expression", pedal)
        for footswitch in self.footswitches:
            yield from footswitch_wires(footswitch)
        for toggle in self.toggles:
            yield from toggle_wires(toggle)
        for encoder in self.encoders:
            yield from encoder_wires(encoder)
        for led in self.leds:
            yield from led_wires(led)
        yield from bypass_wires(self.bypass)
        if self.codec and self.carried.codec_bus:
            yield from codec_wires(self.codec, self.carried.codec_bus)
        for other in self.others:
            yield Wire(other.pin, "other", other.to, "", "", "none")


@cache
def pedal_board_names() -> tuple[str, ...]:
    """Names that `load_pedal_board` knows, in alphabetical order."""
    return toml_names(_FOLDER)


def is_file_name(name_or_path: str) -> bool:
    """Whether `load_pedal_board` takes this for a file."""
    path = Path(name_or_path)
    return path.suffix.lower() == ".toml" or path.name != name_or_path


def load_pedal_board(name_or_path: str) -> PedalBoard:
    """Read a board that namgen has, by its name, or any other, by its file's.

    A file is meant by what ends in .toml or names a folder.

    Raises:
        ChoiceError: namgen has no such board.
        FileError: all that is wrong in the file.

    """
    if is_file_name(name_or_path):
        return read_pedal_board(Path(name_or_path))
    return _own(one_of("board", name_or_path, pedal_board_names(), why_not=why_not))


@cache
def _own(name: str) -> PedalBoard:
    return read_pedal_board(_FOLDER / f"{name}.toml")


def read_pedal_board(path: Path) -> PedalBoard:
    """Read a board from a file.

    Raises:
        FileError: all that is wrong in it.

    """
    data = board_data(path, _FOLDER)
    if "capture" in data.plain and "module" not in data.plain:
        told = "expected the description of a board, found that of a pedal; `namgen build` takes it"
        raise FileError(path.name, [Problem("", told)])
    board = read_table(path, data.plain, PedalBoard, partial(_across, data))
    if board.codec and board.full_scale is None:
        return replace(board, full_scale=board.codec.full_scale)
    return board


def _across(data: BoardData, values: dict[str, Any], made: PedalBoard) -> Iterator[Problem]:
    yield from data.problems
    yield from cross_problems(PedalBoard, values, made)
