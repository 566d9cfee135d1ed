"""A project of libDaisy's plays and shows what its twin does, to the bit, whoever touches it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import libdaisy_program as program
import numpy as np
import pedal_captures
import pytest

from host_sim.codec import fade_in
from host_sim.verify_pedal import BuiltPedal, built_pedal
from namgen.arithmetic import F32
from namgen.build import build
from namgen.build_record import read_record
from namgen.controls import ControlsPlan
from namgen.controls.twin import PanelInputs
from namgen.pedal.pedal_twin import PedalTwin

BLOCKS = 260
FRAMES = 48


@dataclass(frozen=True, slots=True)
class Project:
    """A project, and what it is of."""

    folder: Path
    built: BuiltPedal
    program: Path

    @property
    def controls(self) -> ControlsPlan:
        assert self.built.controls is not None
        return self.built.controls


@cache
def project(folder: Path, board: str, app: str, several: bool) -> Project:
    """Build a project of small captures, and compile it."""
    work = folder / f"{board}-{app}"
    (work / "objects").mkdir(parents=True)
    clean, _, lead = pedal_captures.files(work)
    cabinet = pedal_captures.cabinet(work, 1)
    captures = (clean, lead) if several else (clean,)
    choices = {"ir": str(cabinet), "ir_length": 300} if several else {}
    made = build(
        *captures, target="libdaisy", board=board, boot=app, **choices, out_dir=work / "project"
    )
    built = built_pedal(read_record(made.out_dir))
    macros = [] if app == "none" else ["BOOT_APP"]
    return Project(
        made.out_dir, built, program.compiled(made.out_dir, work / "objects", macros=macros)
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program.compiler()
    return tmp_path_factory.mktemp("libdaisy")


def guitar(blocks: int = BLOCKS) -> F32:
    heard = pedal_captures.guitar(blocks * FRAMES).reshape(blocks, FRAMES)
    heard[-1, :4] = [np.nan, np.inf, -np.inf, 1e-42]
    return heard


def hands(controls: ControlsPlan, blocks: int = BLOCKS) -> list[PanelInputs]:
    """Touch everything; no combination is held as long as the update mode asks for."""
    random, found = np.random.default_rng(3), []
    closed = 0
    codes = [int(random.integers(65536)) for _ in controls.knobs]
    for block in range(blocks + 1):
        if block % 20 == 7 and controls.switches.pins:
            closed ^= 1 << int(random.integers(len(controls.switches.pins)))
        if block % 9 == 4 and codes:
            codes[int(random.integers(len(codes)))] = int(random.integers(65536))
        found.append(PanelInputs(closed, tuple(codes), late=block % 100 == 50))
    return found


def twin_of(
    project: Project, heard: F32, inputs: Sequence[PanelInputs]
) -> tuple[F32, list[int], list[bool], list[bool]]:
    """Return what the twin plays, and after each block its lamps, relay and mute."""
    twin = PedalTwin(project.built.sound, project.built.controls, inputs[0])
    out, shown = [], []
    for block, there in zip(heard, inputs[1:], strict=True):
        out.append(twin.block(block, there))
        shown.append(twin.shown)
    known = [each for each in shown if each is not None]
    lit, effect, mute = ([getattr(e, n) for e in known] for n in ("lit", "effect", "mute"))
    return fade_in(np.concatenate(out)), lit, effect, mute


CASES = [("terrarium", False), ("125b", False), ("hothouse", True)]


@pytest.mark.parametrize(("board", "several"), CASES)
def test_callback_and_panel_are_the_twins(folder: Path, board: str, *, several: bool) -> None:
    made = project(folder, board, "none", several)
    heard, inputs = guitar(), hands(made.controls)
    found = program.run(made.program, made.controls, heard, inputs)
    out, lit, effect, mute = twin_of(made, heard, inputs)
    np.testing.assert_array_equal(found.left.view(np.uint32), out.view(np.uint32))
    np.testing.assert_array_equal(found.left.view(np.uint32), found.right.view(np.uint32))
    assert found.lit(made.controls).tolist() == lit
    assert len(set(lit)) >= 2
    relay = made.controls.relay
    if relay:
        pin = found.pins[:, program.place(relay.relay.pin.port, relay.relay.pin.number)]
        assert (pin == (relay.relay.active == "high")).tolist() == effect
        assert relay.mute is not None
        pin = found.pins[:, program.place(relay.mute.pin.port, relay.mute.pin.number)]
        assert (pin == (relay.mute.active == "high")).tolist() == mute
        assert len(set(effect)) == len(set(mute)) == 2
    assert not found.boosted
    assert found.ended == 0


def test_a_bare_seed_plays_without_a_panel(folder: Path) -> None:
    made = project(folder, "seed", "none", False)
    assert made.built.controls is None
    heard = guitar(60)
    found = program.run(made.program, None, heard, [PanelInputs()] * 61)
    out = twin_of(made, heard, [PanelInputs()] * 61)[0]
    np.testing.assert_array_equal(found.left.view(np.uint32), out.view(np.uint32))
    assert set(found.pins.flat) == {program.NOTHING}
    assert not (made.folder / "panel.cpp").exists()


def test_switches_have_the_pulls_of_the_board(folder: Path) -> None:
    made = project(folder, "terrarium", "none", False)
    found = program.run(made.program, made.controls, guitar(2), hands(made.controls, 2))
    kinds = {"none": 0, "up": 1, "down": 2}
    for switch in made.controls.switches.pins:
        assert found.pulls[program.place(switch.pin.port, switch.pin.number)] == kinds[switch.pull]


def test_the_seeds_led_is_dark_after_a_late_block(folder: Path) -> None:
    made = project(folder, "seed", "none", False)
    inputs = [PanelInputs(late=block == 20) for block in range(301)]
    found = program.run(made.program, None, guitar(300), inputs)
    dark = np.flatnonzero(found.led == 0)
    assert dark[0] == 20
    assert 240 <= len(dark) <= 260
    assert np.all(np.diff(dark) == 1)


@pytest.mark.parametrize(("app", "loader"), [("none", program.STM), ("sram", program.DAISY)])
def test_a_combination_leads_to_what_takes_an_image(folder: Path, app: str, loader: int) -> None:
    made = project(folder, "terrarium", app, False)
    switches = made.controls.switches
    held = PanelInputs(switches.combination, tuple(0 for _ in made.controls.knobs))
    still = PanelInputs(0, held.codes)
    blocks = 2200
    pressed = [still] * 100 + [held] * (blocks - 99)
    found = program.run(made.program, made.controls, guitar(blocks), pressed)
    assert found.ended == loader
    assert 2000 + 100 <= len(found.led) <= 2000 + 130  # two seconds of blocks of a millisecond
    found = program.run(made.program, made.controls, guitar(1), [held] * 2)
    assert (found.ended, len(found.led)) == (loader, 0)
