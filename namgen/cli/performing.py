"""How `namgen render` plays: a model alone, or the whole sound of a pedal with a player's moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from namgen.cli.common import tell_chosen
from namgen.cli.options import Purpose, is_given
from namgen.cli.pedal_lines import tell_captures
from namgen.cli.pedal_options import Around, said_of
from namgen.errors import ChoiceError, nearest
from namgen.nam_file import read
from namgen.pedal.deciding import pedal_of
from namgen.pedal.file import is_pedal_file
from namgen.pedal.files import read_captures
from namgen.pedal.moves import Move, Throw, find_capture, read_moves
from namgen.pedal.sound import plan_sound
from namgen.pedal.wanted import Capture, PedalWanted
from namgen.selection.choosing import choose
from namgen.selection.plans import plan_model
from namgen.selection.wanted import Wanted

if TYPE_CHECKING:
    from host_sim.engines import Engine
    from host_sim.render import Format


@dataclass(frozen=True, slots=True)
class Player:
    """What somebody does while a sound is played."""

    capture: str | None = None
    bypass: bool = False
    automation: Path | None = None

    @property
    def is_there(self) -> bool:
        """Whether somebody does anything."""
        return self != Player()

    @property
    def files(self) -> tuple[Path, ...]:
        """Files that are read for it."""
        return () if self.automation is None else (self.automation,)

    def moves(self, wanted: PedalWanted) -> tuple[Move, ...]:
        """Everything that is done, in order.

        Raises:
            FileError: the file has lines that are no moves.

        """
        first = (Move(0.0, Throw("bypass", on=True)),) if self.bypass else ()
        titles = [capture.title for capture in wanted.captures]
        return first if self.automation is None else first + read_moves(self.automation, titles)


@dataclass(frozen=True, slots=True)
class Performance:
    """An engine in its start state, and what it takes and gives."""

    engine: Engine
    form: Format


def is_pedal(model: Path, around: Around, player: Player) -> bool:
    """Whether a whole pedal is to be heard, and not a model alone."""
    return is_pedal_file(model) or around.is_said or player.is_there


def bare(engine: str, model: Path, purpose: Purpose, wanted: Wanted) -> Performance:
    """Prepare a model with nothing around it."""
    from host_sim.engines import make_engine
    from host_sim.host_plan import plan_here
    from host_sim.render import Format

    chosen = choose(read(model), purpose.order(), wanted)
    tell_chosen(chosen)
    planned = plan_here(chosen.model) if engine == "host" else plan_model(chosen.model)
    network = chosen.model.network
    form = Format(network.in_channels, network.out_channels, chosen.model.sample_rate_hz)
    return Performance(make_engine(engine, chosen.model, planned), form)


def whole(
    engine: str, model: Path, purpose: Purpose, wanted: Wanted, around: Around, player: Player
) -> Performance:
    """Prepare the sound of a pedal."""
    from host_sim.render import Format
    from host_sim.sound_render import (
        SoundEngine,
        beginning_with,
        check_moves,
        make_sound,
        seen_from,
        with_moves,
    )

    target = purpose.target if is_given("target") else None
    pedal = pedal_of([model], said_of(around, purpose, wanted), target=target)
    first = _chosen(player.capture, pedal.wanted.captures)
    moves = [seen_from(first, move) for move in player.moves(pedal.wanted)]
    asked = with_moves(beginning_with(pedal.wanted, first), moves)
    files = read_captures(asked.captures)
    plan = plan_sound(asked, pedal.order, files)
    tell_captures(asked, plan, files)
    sound = make_sound(engine, plan)
    check_moves(moves, plan, asked.board)
    return Performance(SoundEngine(sound, plan, moves), Format(1, 1, plan.chain.sample_rate_hz))


def _chosen(name: str | None, captures: Sequence[Capture]) -> int:
    if name is None:
        return 0
    titles = [capture.title for capture in captures]
    found = find_capture(name, titles)
    if found is None:
        known = ", ".join(titles)
        raise ChoiceError(
            f"capture: expected one of {known}, found {name!r}{nearest(name, titles)}"
        )
    return found
