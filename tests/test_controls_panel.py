"""A board's panel on the emulated pedal: every control does what its twin does."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("unicorn", reason="the emulated pedal needs unicorn: pip install .[emulator]")
from controls_setups import whole_board
from panel_images import build_panel, plan_of_panel
from test_firmware_faults import BUS, CFSR, stop

from host_sim.control_engines import TOLD, event_of
from host_sim.panel import Light
from host_sim.pedal import Pedal
from host_sim.stm32h750 import machine
from host_sim.stm32h750.audio_clock import RealTime
from namgen.controls import ControlsPlan
from namgen.controls.twin import ControlsTwin, Event, PanelInputs, PanelOutputs
from namgen.firmware import Image
from namgen.modules import load_module
from namgen.pedal_boards import PedalBoard, load_pedal_board, pedal_board_names

BOARDS = [name for name in pedal_board_names() if name != "seed"]
"""All with controls."""

FRAMES_OF_MS = 48
STATUS_LED, MODULE_LED = ("A", 5), ("C", 7)
"""Of the whole board, which is a 125B, and of its Daisy."""

_FOLDER = tempfile.TemporaryDirectory(prefix="namgen-")


def board_called(name: str) -> PedalBoard:
    return whole_board() if name == "whole" else load_pedal_board(name)


@cache
def image_of(board: str, block_frames: int) -> Image:
    """The image of a board, built once."""
    folder = Path(_FOLDER.name) / f"{board}-{block_frames}"
    return build_panel(folder, board_called(board), block_frames=block_frames)


@dataclass(slots=True)
class Stage:
    """A pedal, and the twin of its controls beside it."""

    board: str = "whole"
    block_frames: int = 48
    real_time: RealTime | None = None
    pedal: Pedal = field(init=False)
    plan: ControlsPlan = field(init=False)
    twin: ControlsTwin = field(init=False)
    interrupts: int = 0
    out: PanelOutputs = field(init=False)

    def __post_init__(self) -> None:
        board = board_called(self.board)
        self.plan = plan_of_panel(board, self.block_frames)
        self.twin = ControlsTwin(self.plan)
        image = image_of(self.board, self.block_frames)
        self.pedal = Pedal(image.elf, panel=board, real_time=self.real_time)

    def boot(self) -> None:
        """From power-on to audio; the first tick is before it."""
        self.pedal.boot()
        self.pedal.panel.note_interrupt()  # nothing has moved since the first tick
        self.out, self.interrupts = self.twin.tick(self._inputs(0)), 1
        assert self._told() == self.out.events
        self.check()

    def play(self, milliseconds: int) -> list[Event]:
        """Play silence; hold every tick against the twin, and return what the sound was told."""
        found: list[Event] = []
        for _ in range(milliseconds):
            late_before = self.late_blocks
            self.pedal.play(np.zeros(FRAMES_OF_MS, np.int32))
            events: list[Event] = []
            for number in self._ticks():
                late = self.late_blocks != late_before
                self.out = self.twin.tick(replace(self._inputs(number), late=late))
                events += self.out.events
            assert self._told() == tuple(events)
            found += events
            self.check()
        return found

    def _ticks(self) -> Iterator[int]:
        """Interrupts since this was asked in which the controls did something."""
        first, self.interrupts = self.interrupts, len(self.pedal.codes_at_interrupts)
        blocks = self.plan.ticks.frames // self.block_frames
        return (number for number in range(first, self.interrupts) if number % blocks == 0)

    @property
    def late_blocks(self) -> int:
        """Blocks that the firmware has counted as late."""
        core = self.pedal.core
        return core.memory.read_word(core.image.address("late_blocks"))

    def check(self) -> None:
        """What is seen is what the twin shows."""
        shown, plan = self.pedal.lights, self.plan
        titles = [lamp.title for lamp in plan.lights.lamps]
        for bit, title in enumerate(titles):
            label, _, colour = title.partition(", ")
            assert _is_lit(shown[label], colour) == bool(self.out.lit >> bit & 1), title
        if plan.relay is not None:
            assert (self.pedal.relay_on, self.pedal.muted) == (self.out.effect, self.out.mute)

    def _inputs(self, interrupt: int) -> PanelInputs:
        panel, module = self.pedal.panel, load_module(self.plan.board.module)
        levels = {
            pin.chip: level
            for name, level in panel.levels_at_interrupts[interrupt].items()
            if (pin := module.find(name))
        }
        closed = sum(
            1 << bit
            for bit, switch in enumerate(self.plan.switches.pins)
            if levels[switch.pin.chip] == (switch.active == "high")
        )
        return PanelInputs(closed, panel.codes_at_interrupts[interrupt])

    def _told(self) -> tuple[Event, ...]:
        core = self.pedal.core
        address = core.image.address("told_count")
        (count,) = struct.unpack("<i", core.memory.read(address, 4))
        core.memory.write(address, bytes(4))
        raw = core.memory.read(core.image.address("told"), count * struct.calcsize(TOLD))
        return tuple(event_of(self.plan, *each) for each in struct.iter_unpack(TOLD, raw))


def _is_lit(light: Light, colour: str) -> bool:
    if isinstance(light, tuple):
        return light[("red", "green", "blue").index(colour)]
    return light


def hands(stage: Stage) -> Iterator[None]:
    """Turn all knobs, then press and put everything on the panel, one after the other."""
    pedal, board = stage.pedal, stage.plan.board
    for first, step in ((1.0, 0.0), (0.2, 0.1)):
        for number, knob in enumerate(board.knobs):
            pedal.turn(knob.label, first + step * number)
        yield
    for footswitch in board.footswitches:
        pedal.press(footswitch.label, bounce_s=0.004)
        yield
        pedal.release(footswitch.label, bounce_s=0.004)
        yield
    for toggle in board.toggles:
        for place in toggle.positions:
            pedal.put(toggle.label, place.label, bounce_s=0.004)
            yield
    for encoder in board.encoders:
        if encoder.press is not None:
            pedal.press(f"encoder {encoder.label}", bounce_s=0.004)
            yield
            pedal.release(f"encoder {encoder.label}", bounce_s=0.004)
            yield
        for detents in (2, -1):
            pedal.rotate(encoder.label, detents)
            yield


@pytest.mark.parametrize(
    "board", ["whole", *(pytest.param(name, marks=pytest.mark.slow) for name in BOARDS)]
)
def test_every_control_of_a_board(board: str) -> None:
    stage = Stage(board)
    stage.boot()
    told = []
    for _ in hands(stage):
        told += stage.play(60)
    functions = {event[0] for event in told}
    assert {event[1] for event in told if event[0] == "sound_set"} == {
        knob.parameter for knob in stage.plan.knobs
    }
    assert "sound_bypass" in functions
    assert stage.pedal.panel.violations == []


def test_short_blocks_share_a_tick() -> None:
    stage = Stage(block_frames=8)
    stage.boot()
    stage.pedal.turn("2", 0.9)
    stage.pedal.press("1", bounce_s=0.003)
    told = stage.play(20)
    assert ("sound_bypass", True) in told
    assert len(told) > 10


def test_noise_of_the_converter_does_not_move_a_knob() -> None:
    stage = Stage()
    stage.boot()
    stage.pedal.panel.set_noise(0.001)
    stage.play(100)
    assert stage.play(100) == []


def test_a_footswitch_held_at_power_on_starts_the_update_mode() -> None:
    stage = Stage()
    stage.pedal.press("2")
    with pytest.raises(Exception, match="reset"):
        stage.pedal.boot()
    assert stage.pedal.update_mode_requested


def test_a_switch_that_only_bounces_at_power_on_does_not() -> None:
    stage = Stage()
    stage.pedal.press("2")
    stage.pedal.release("2", bounce_s=0.010)
    stage.boot()
    assert not stage.pedal.update_mode_requested


def test_a_late_block_is_shown_for_a_quarter_of_a_second() -> None:
    stage = Stage(real_time=RealTime(pace=lambda number: 250.0 if number == 100 else 1.0))
    stage.boot()
    stage.play(99)
    assert stage.late_blocks == 0
    shown = []
    for _ in range(300):
        stage.play(1)
        shown.append(stage.pedal.lights["1"])
    assert stage.late_blocks == 1
    assert shown.count(False) > 100
    assert all(shown[260:])


def test_a_fault_lets_the_guitar_past_and_blinks(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    stage.boot()
    stage.play(30)
    assert (stage.pedal.relay_on, stage.pedal.muted) == (True, False)
    monkeypatch.setattr(machine, "BLOCK_LIMIT_INSTRUCTIONS", 3_000_000)
    edges_before = len(stage.pedal.gpio_edges)
    stop(stage.pedal, BUS, {CFSR: 1 << 15})
    assert (stage.pedal.relay_on, stage.pedal.muted) == (False, False)
    edges = stage.pedal.gpio_edges[edges_before:]
    blinks = [
        [edge.is_high for edge in edges if (edge.port, edge.pin) == place]
        for place in (STATUS_LED, MODULE_LED)
    ]
    assert sum(blinks[0]) == sum(blinks[1]) > 1
