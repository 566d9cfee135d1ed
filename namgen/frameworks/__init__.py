"""Frameworks as data: somebody else's firmware for a board, and what it leaves a model of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from namgen.boards import Board, Boot, Clock, Region, board_names, load_board
from namgen.boards.regions import Sections
from namgen.errors import Problem, nearest, one_of
from namgen.toml_data import load_toml, toml_names

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of one region of the board."""

    region: str
    macro: str
    state: str = ""  # section of arrays that reset fills
    constants: str = ""  # of those that are copied, or stay where the code is
    reserved_bytes: int = 0
    reserved_for: str = ""

    def problems(self) -> Iterator[Problem]:
        """Yield a region that is of no use."""
        if not (self.state or self.constants):
            yield Problem("state", "expected a section for state, for constants, or both")

    def of(self, region: Region) -> Region:
        """Return the region of the board as it is left."""
        return replace(
            region,
            macro=self.macro,
            section="",
            sections=Sections(self.state, self.constants),
            reserved_bytes=self.reserved_bytes,
            reserved_for=self.reserved_for,
            code_section="",
        )


@dataclass(frozen=True, slots=True)
class More:
    """Cycles beside those of the same sound in namgen's own firmware."""

    frame_cycles: int
    block_cycles: int


@dataclass(frozen=True, slots=True)
class App:
    """A way in which the framework's programs are started, and its memories then."""

    name: str
    title: str
    word: str  # what the framework calls it
    region: str  # where code runs
    origin: int
    limit_bytes: int
    download_address: int
    own_bytes: int  # of the framework in the image
    more: More  # time than namgen's own firmware takes
    regions: tuple[Left, ...]  # for a model's data, the best first
    steps: tuple[str, ...] = ()
    note: str = ""  # what to say of it

    @property
    def boot(self) -> Boot:
        """The way to start, as a board has it."""
        return Boot(
            self.name,
            self.title,
            self.region,
            self.origin,
            self.limit_bytes,
            self.download_address,
            self.steps,
        )


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework on one board."""

    name: str
    title: str
    board: str  # as `load_board` knows it
    clock: Clock
    stack_bytes: int  # kept free for it, in the board's region for the stack
    apps: tuple[App, ...]  # the default first
    clock_notes: Mapping[str, str] = field(default_factory=dict)  # by MHz

    def problems(self) -> Iterator[Problem]:
        """Yield what leads nowhere."""
        if self.board not in board_names():
            known = ", ".join(board_names())
            hint = nearest(self.board, board_names())
            yield Problem("board", f"expected one of {known}, found {self.board!r}{hint}")
            return
        there = [region.name for region in load_board(self.board).regions]
        for number, app in enumerate(self.apps):
            for name in (app.region, *(left.region for left in app.regions)):
                if name not in there:
                    yield Problem(f"apps[{number}]", f"expected one of {', '.join(there)}")
        if not self.apps:
            yield Problem("apps", "expected at least one")

    def app(self, name: str) -> App:
        """Return a way to start.

        Raises:
            ChoiceError: there is no such way.

        """
        offered = {app.name: app for app in self.apps}
        return offered[one_of(f"target {self.name}: app", name, offered)]

    def notes(self, clock_hz: int, boot: Boot | None) -> Iterator[str]:
        """Yield what to say of a clock and of a way to start."""
        megahertz = str(clock_hz // 1_000_000)
        yield from (note for mhz, note in self.clock_notes.items() if mhz == megahertz)
        yield from (app.note for app in self.apps if boot and app.name == boot.name and app.note)

    def board_for(self, app: App) -> Board:
        """Return the board as the framework leaves it to a program that is started so."""
        whole = load_board(self.board)
        left = {each.region: each for each in app.regions}
        others = {r.name: replace(r, code_section="") for r in whole.regions if r.name not in left}
        regions = (others.get(r.name) or left[r.name].of(r) for r in whole.regions)
        return replace(
            whole,
            name=self.name,
            title=self.title,
            clock=self.clock,
            model_regions=tuple(left),
            regions=tuple(regions),
            boots=tuple(each.boot for each in self.apps),
        )


@cache
def framework_names() -> tuple[str, ...]:
    """Names that `load_framework` knows, in alphabetical order."""
    return toml_names(_FOLDER)


@cache
def load_framework(name: str) -> Framework:
    """Read the framework `name`.

    Raises:
        ChoiceError: there is no such framework.

    """
    return load_toml(_FOLDER / f"{one_of('framework', name, framework_names())}.toml", Framework)
