"""What is built for: a processor, by itself or on a board."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from namgen.boards import Board, board_names, load_board
from namgen.errors import UnsupportedError, one_of
from namgen.processors import Processor, common_processor, load_processor, processor_names

HOST = "host"
"""Another name for the processor that most computers of this kind have; see `load_target`."""

DEFAULT_TARGET = "daisy"
"""What is built for where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Target:
    """A processor, and the board it is on where there is one."""

    name: str
    title: str
    processor: Processor
    board: Board | None = None  # None: C only, and nothing is known of clocks and memories

    @property
    def block_frames(self) -> int:
        """Frames of a block where nobody says otherwise."""
        return self.board.audio.block_frames if self.board else self.processor.block_frames

    @property
    def only_rate_hz(self) -> int | None:
        """The sample rate of a pedal; None: C alone runs at any."""
        return self.board.audio.sample_rate_hz if self.board else None

    @property
    def pedal(self) -> Board:
        """The board.

        Raises:
            UnsupportedError: there is none.

        """
        if self.board is None:
            raise UnsupportedError(f"target {self.name}: no image can be made for it, only C")
        return self.board

    def reserve(self, region: str, size_bytes: int) -> Target:
        """Return the target with so much more of a region of its board kept from the model."""
        return replace(self, board=self.pedal.reserve(region, size_bytes))


@cache
def target_names() -> tuple[str, ...]:
    """Names that `load_target` knows: boards, another name for a computer, processors."""
    return (*board_names(), HOST, *processor_names())


@cache
def load_target(name: str) -> Target:
    """Return the target `name`; "host" is x86-64 or aarch64, whichever this computer is like.

    Nothing after this knows the word: what is written names the processor, and asking for that one
    gives the same on any machine.

    Raises:
        ChoiceError: there is no such target.

    """
    known = one_of("target", name, target_names())
    if known == HOST:
        return load_target(common_processor().name)
    if known in processor_names():
        processor = load_processor(known)
        return Target(known, f"{processor.title} (C only)", processor)
    board = load_board(known)
    return Target(known, board.title, load_processor(board.processor), board)
