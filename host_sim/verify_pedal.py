"""Shows that a whole pedal, built and in somebody's hands, plays and shows what its twin does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from host_sim.boards import usual_board
from host_sim.pedal_hands import Performance, least_frames, perform
from host_sim.pedal_run import PedalImage, Played, varied_codes
from host_sim.pedal_walk import actions_of
from host_sim.verify import PEDAL_BLOCKS, Check, pedal_check
from namgen.build_record import BuildRecord
from namgen.c_text import counted
from namgen.controls import ControlsPlan
from namgen.order import Order
from namgen.output_dir import REPORT_NAME
from namgen.pedal.deciding import pedal_again
from namgen.pedal.files import read_captures
from namgen.pedal.panel import controls_of
from namgen.pedal.sound import SoundPlan, plan_sound
from namgen.pedal_boards import PedalBoard
from namgen.progress import Progress, Stage

if TYPE_CHECKING:
    from host_sim.pedal import Pedal

RESTLESS_FRAMES = 2400
"""50 ms, after the walk over all controls, in which hands do anything."""


@dataclass(frozen=True, slots=True, eq=False)
class BuiltPedal:
    """What a build was made of, decided anew."""

    board: PedalBoard
    sound: SoundPlan
    controls: ControlsPlan | None


def built_pedal(record: BuildRecord) -> BuiltPedal:
    """Decide anew on the pedal of a build, from the files that lie there.

    Raises:
        NamgenError: a file is missing or another, or the report is damaged.

    """
    report, said = record.folder / REPORT_NAME, dict(record.pedal or {})
    pedal = pedal_again(report, said, target=record.target)
    files = read_captures(pedal.wanted.captures)
    sound = plan_sound(pedal.wanted, pedal.order, files)
    return BuiltPedal(pedal.wanted.board, sound, controls_of(pedal.wanted, sound))


def check_built_pedal(
    built: BuiltPedal, image: PedalImage, order: Order, progress: Progress
) -> tuple[Check, Played, Iterator[str]]:
    """Start the image on its emulated board, use its controls while it plays, and compare.

    Returns:
        The check, what was played, and what is wrong of lights and relay.

    """
    from host_sim.pedal import Pedal

    progress(Stage("pedal: playing", 0.5))
    panel = built.board if built.controls else None
    pedal = Pedal(image.elf, board=usual_board(image.target), panel=panel, codec=built.board.codec)
    pedal.boot()
    touched = least_frames(pedal, built.controls) + RESTLESS_FRAMES if built.controls else 0
    blocks = max(PEDAL_BLOCKS, -(-touched // pedal.block_frames))
    codes = varied_codes(blocks * pedal.block_frames)
    found = perform(pedal, built.sound, built.controls, codes)
    played = Played(
        expected=np.stack([found.expected] * 2, axis=1),
        found=np.ascontiguousarray(found.played.T, np.int32),
        latency_frames=pedal.latency_frames,
        worst_block_instructions=max(pedal.block_instructions, default=0),
        block_frames=pedal.block_frames,
        clock_hz=pedal.cpu_hz,
    )
    check = pedal_check(played, image, order, "24-bit noise")
    check = replace(check, what=f"{check.what}{_used(pedal, built.controls)}")
    return check, played, _wrong(pedal, built, found)


def _used(pedal: Pedal, controls: ControlsPlan | None) -> str:
    """Say what hands have done; that all of it was done, `_wrong` sees to."""
    if controls is None:
        return ""
    board = pedal.panel.board
    kinds = {
        "knob": board.knobs,
        "footswitch": board.footswitches,
        "encoder": board.encoders,
        "toggle": board.toggles,
    }
    plural = {"footswitch": "footswitches"}
    told = [counted(len(f), kind, plural.get(kind, "")) for kind, f in kinds.items() if f]
    return f", every control used: {', '.join(told)}" if told else ""


def _wrong(pedal: Pedal, built: BuiltPedal, found: Performance) -> Iterator[str]:
    """Say what was not told, and what the panel showed at any time and should not."""
    missed = actions_of(built.controls) - found.told if built.controls else set()
    for call, *what in sorted(missed, key=str):
        yield f"controls: expected {call}({', '.join(map(str, what))}) to be told, found it never"
    yield from found.wrong
    if found.shown is not None:
        yield from (f"panel: {violation}" for violation in pedal.panel.violations)
