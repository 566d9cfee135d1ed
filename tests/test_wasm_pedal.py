"""In WebAssembly a whole pedal plays and shows what its twin does, whatever hands do."""

from __future__ import annotations

import zlib
from pathlib import Path

import make_nam
import numpy as np
import pytest
from wasm_programs import need_node

from host_sim.wasm import NodeModule
from host_sim.wasm.pedal import WasmPedal
from namgen.controls import ControlsPlan
from namgen.controls.twin import PanelInputs
from namgen.errors import NamgenError
from namgen.pedal.deciding import pedal_for
from namgen.pedal.files import read_captures
from namgen.pedal.panel import controls_of
from namgen.pedal.pedal_twin import PedalTwin
from namgen.pedal.said import PedalSaid
from namgen.pedal.sound import SoundPlan, plan_sound
from namgen.pedal.web_module import pedal_module

PAGE_BYTES = 150_000
"""Of a module, at the most."""
NANO, A2 = Path("examples/tweed-nano.nam"), Path("examples/tweed-a2.nam")
PEDALS = {"one capture": (NANO,), "A2-Full in integers": (A2,), "three captures": (NANO, A2, NANO)}


def planned(
    paths: tuple[Path, ...], board: str = "terrarium", submodel: str | None = None
) -> tuple[SoundPlan, ControlsPlan]:
    pedal = pedal_for(list(paths), PedalSaid(board=board, submodel=submodel), target=None)
    files = read_captures(pedal.wanted.captures, lambda _: None)
    sound = plan_sound(pedal.wanted, pedal.order, files)
    controls = controls_of(pedal.wanted, sound)
    assert controls is not None
    return sound, controls


@pytest.mark.parametrize("name", PEDALS)
def test_whatever_hands_do_it_plays_and_shows_what_the_twin_does(name: str) -> None:
    need_node()
    sound, controls = planned(PEDALS[name])
    random, frames = np.random.default_rng(1), sound.chain.block_frames
    codes = [int(code) for code in random.integers(0, 65536, len(controls.knobs))]
    closed, shown = 0, set()
    first = PanelInputs(0, tuple(codes))
    pedal = WasmPedal(NodeModule(pedal_module(sound, controls)), first)
    twin = PedalTwin(sound, controls, first)
    for block in range(240):
        if block % 7 == 0:
            codes[int(random.integers(len(codes)))] = int(random.integers(65536))
        if block % 40 == 20:
            closed ^= 1 << int(random.integers(len(controls.switches.pins)))
        hands = PanelInputs(closed, tuple(codes))
        samples = (random.standard_normal(frames) * 0.2).astype(np.float32)
        assert pedal.block(samples, hands).tobytes() == twin.block(samples, hands).tobytes(), block
        assert twin.shown is not None
        told = (twin.shown.lit, twin.shown.effect, twin.shown.mute, twin.shown.capture)
        assert pedal.shown == told
        shown.add(told)
    assert len(shown) > 1, "no hand has changed anything that is shown"


def test_a_pedal_of_three_captures_fits_into_a_page(tmp_path: Path) -> None:
    lstm = make_nam.write(tmp_path, make_nam.lstm(16, 1, metadata={"loudness": -18.0}), "lstm.nam")
    module = pedal_module(*planned((NANO, lstm, A2), submodel="largest-that-fits"))
    assert len(module) <= PAGE_BYTES
    assert len(zlib.compress(module, 9)) <= PAGE_BYTES * 2 / 5  # in text, a third more


def test_a_further_capture_of_a_shape_takes_little_more_than_its_numbers() -> None:
    sound, controls = planned((NANO, A2))
    more, more_controls = planned((NANO, A2, A2))
    assert more.engines is not None
    further = len(pedal_module(more, more_controls)) - len(pedal_module(sound, controls))
    assert further < more.engines.captures[2].data_bytes + 200


def test_what_stops_a_module_is_said() -> None:
    need_node()
    sound, controls = planned((NANO,))
    module = NodeModule(pedal_module(sound, controls))
    with pytest.raises(NamgenError, match=r"WebAssembly: .*memory access out of bounds"):
        module.call("player_process", -1)
    with pytest.raises(NamgenError, match="is not a function"):
        module.call("player_nothing")
