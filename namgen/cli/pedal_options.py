"""Options that say what is around the model, and all of a command's as what is said of a pedal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from namgen.chain.blocks import PARAMETERS
from namgen.chain.cabinet import MOST_TAPS
from namgen.chain.impulse import read_impulse
from namgen.cli.options import Purpose, all_of, is_given
from namgen.cli.recording_option import Calibrate
from namgen.pedal.moves import as_position
from namgen.pedal.said import CabinetName, PedalSaid, RecordingName, position_problems
from namgen.pedal_boards import is_file_name, load_pedal_board, pedal_board_names
from namgen.selection.wanted import Wanted
from namgen.toml_data import Signed


class BoardName(click.ParamType):  # type: ignore[type-arg]
    """A board's name or file; which there are, the command says."""

    name = "board"

    def convert(self, value: Any, _: click.Parameter | None, __: click.Context | None) -> str:
        """Take anything."""
        return str(value)

    def examine(self, value: str) -> object:
        """Read it.

        Raises:
            NamgenError: there is no such board, or all that is wrong in its file.

        """
        return load_pedal_board(value)

    def shell_complete(
        self, _: click.Context, __: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Offer the names that begin like this."""
        names = pedal_board_names()
        return [CompletionItem(name) for name in names if name.startswith(incomplete.lower())]


class CabinetFile(click.Path):
    """An impulse response."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, readable=False)

    def examine(self, value: Path) -> object:
        """Read it.

        Raises:
            NamgenError: it is none.

        """
        return read_impulse(value)


class Setting(click.ParamType):  # type: ignore[type-arg]
    """A knob and where it stands: bass=0.3, or gate="-65 dB"."""

    name = "setting"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Signed | str]:
        """Refuse what is no knob or no position."""
        name, sign, position = str(value).partition("=")
        if not sign:
            self.fail(f"expected NAME=POSITION, such as bass=0.3, found {value!r}", param, ctx)
        where = as_position(position)
        for told in position_problems(name.strip().lower(), where):
            self.fail(told, param, ctx)
        return name.strip().lower(), where

    def shell_complete(
        self, _: click.Context, __: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Offer the knobs that begin like this."""
        return [CompletionItem(f"{name}=") for name in PARAMETERS if name.startswith(incomplete)]


@dataclass(frozen=True, slots=True)
class Around:
    """What is around the model; None: nothing is said of it."""

    board: str | None = None
    ir: Path | None = None
    ir_length: int | None = None
    minimum_phase: bool | None = None
    normalize: bool | None = None
    calibrate: bool | Path | None = None
    bypass_idle: bool | None = None
    settings: Sequence[tuple[str, Signed | str]] = ()

    @property
    def is_said(self) -> bool:
        """Whether any of it is; a recording is about the model."""
        return self.without_recording != Around()

    @property
    def recording(self) -> Path | None:
        """What integers are made for."""
        return self.calibrate if isinstance(self.calibrate, Path) else None

    @property
    def calibrate_said(self) -> RecordingName | bool | None:
        """As a `pedal.toml` says it."""
        said = self.calibrate
        return RecordingName(str(said)) if isinstance(said, Path) else said

    @property
    def without_recording(self) -> Around:
        """The same without what is about the model."""
        return self if self.recording is None else replace(self, calibrate=None)

    @property
    def files(self) -> tuple[Path, ...]:
        """Files that are read for it."""
        board = [] if self.board is None or not is_file_name(self.board) else [Path(self.board)]
        return (*(path for path in (self.ir, self.recording) if path is not None), *board)


around_options = all_of(
    click.option(
        "--board",
        type=BoardName(),
        metavar="NAME|FILE",
        help="The board it is built on, one that `namgen board` lists or a file.  [default: seed]",
    ),
    click.option(
        "--ir",
        type=CabinetFile(),
        metavar="CAB.wav",
        help="A cabinet's impulse response, of any rate and number of channels.",
    ),
    click.option(
        "--ir-length",
        type=click.IntRange(1, MOST_TAPS),
        metavar="TAPS",
        help="How much of it is played, at 48 kHz.  [default: what can be heard]",
    ),
    click.option(
        "--minimum-phase/--no-minimum-phase",
        default=None,
        help="Move its energy to the beginning; the tone stays.",
    ),
    click.option(
        "--normalize/--no-normalize",
        default=None,
        help="Bring captures to one loudness.  [default: yes]",
    ),
    click.option(
        "--calibrate",
        cls=Calibrate,
        help="Drive captures as hard as they were captured; with a recording of your guitar, make "
        "integers for it.  [default: yes]",
    ),
    click.option(
        "--bypass-idle/--no-bypass-idle",
        default=None,
        help="While bypassed, the model rests, and forgets.  [default: no]",
    ),
    click.option(
        "--set",
        "settings",
        type=Setting(),
        multiple=True,
        metavar="NAME=POSITION",
        help=f"Where a knob stands at first: {', '.join(PARAMETERS)}, from 0 to 1 or in dB.",
    ),
)
"""All options of `Around`, beside `gathers(Around, ...)`."""


def said_of(around: Around, purpose: Purpose, wanted: Wanted) -> PedalSaid:
    """Return what the options of the command that runs say, without its defaults."""
    return PedalSaid(
        name=wanted.name,
        board=around.board,
        block=purpose.block_frames,
        clock=None if purpose.clock is None else int(purpose.clock),
        boot=purpose.boot,
        idle=purpose.idle if is_given("idle") else None,
        normalize=around.normalize,
        calibrate=around.calibrate_said,
        bypass_idle=around.bypass_idle,
        ir=None if around.ir is None else CabinetName(str(around.ir)),
        ir_length=around.ir_length,
        minimum_phase=around.minimum_phase,
        submodel=wanted.submodel if is_given("submodel") else None,
        slim=wanted.slim,
        precision=wanted.precision if is_given("precision") else None,
        tanh="fast" if wanted.tanh == "fast" else "exact" if is_given("tanh") else None,
        positions=dict(around.settings),
    )
