"""What the controls of each board cost on a Cortex-M7: `python -m benchmarks.controls [--gcc]`.

Predicted cycles of a tick: code in ITCM, tables in flash behind warm caches. At rest nobody
touches anything; busy, every knob turns and every switch bounces in every tick. In an image the
pins and the ADC are read besides.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

import namgen
from host_sim.control_engines import EmulatedControls
from host_sim.m7.meter import profile
from host_sim.m7.pedal_profile import time_interrupts
from host_sim.m7.profile import Profile
from host_sim.pedal import Pedal
from namgen.chain.plan import Response, plan_chain
from namgen.controls import ControlsPlan, plan_controls
from namgen.controls.twin import PanelInputs
from namgen.pedal_boards import load_pedal_board, pedal_board_names
from namgen.scratch import scratch_folder
from namgen.toolchain import CrossToolchain, find_cross

CAPTURES = 4
WARM_UP, MEASURED = 60, 60
MODEL = Path(__file__).parents[1] / "examples" / "tweed-nano.nam"
FRAMES = 48
FUNCTIONS = {
    *("pedal_control", "tick", "panel_read", "closed_switches", "adc_read", "panel_show"),
    *("controls_tick", "potentiometer_tick", "debounce_tick", "presses_tick", "toggle_tick"),
    *("encoder_tick", "choice_take", "choice_move", "choice_bank", "relay_tick", "lights_tick"),
}
GOAL_PER_SAMPLE, GOAL_WORST = 100, 4800


def controls_of(name: str) -> ControlsPlan:
    """The controls of a board around a chain with all blocks."""
    chain = plan_chain(responses=[Response("one", np.ones(8))])
    return plan_controls(load_pedal_board(name), chain, banks=[None] * CAPTURES)


def measured(engine: EmulatedControls, hands: Callable[[int], PanelInputs]) -> Profile:
    """Time ticks in which `hands`, told the number of the tick, do something."""
    number = 0

    def run() -> None:
        nonlocal number
        number += 1
        engine.tick(hands(number))

    engine.reset()
    return profile(engine.core, run, block_symbol="controls_tick", blocks=MEASURED, warm_up=WARM_UP)


def row(name: str, toolchain: CrossToolchain) -> str:
    """One board: at rest and busy, and what is needed at most."""
    plan = controls_of(name)
    engine = EmulatedControls(plan, toolchain=toolchain)
    knobs, switches = len(plan.knobs), (1 << len(plan.switches.pins)) - 1
    rng = np.random.default_rng(1)

    def rest(_number: int) -> PanelInputs:
        return PanelInputs(0, (32_768,) * knobs)

    def busy(number: int) -> PanelInputs:
        codes = rng.integers(0, 65_536, knobs).tolist()
        return PanelInputs(switches if number // 3 % 2 else 0, tuple(codes), late=True)

    still, moving = measured(engine, rest), measured(engine, busy)
    share = still.average_cycles / plan.ticks.frames
    return (
        f"| `{name}` | {still.average_cycles:.0f} ({share:.0f} per sample) "
        f"| {moving.average_cycles:.0f} | {moving.worst_cycles:.0f} |"
    )


def in_image(name: str) -> int:
    """Cycles of the functions that read, decide and show in each block of an image, at rest."""
    board = load_pedal_board(name)
    with scratch_folder() as folder:
        namgen.build(MODEL, board=name, out_dir=folder / "out")
        pedal = Pedal(folder / "out" / "firmware.elf", panel=board)
    pedal.boot()
    found = time_interrupts(pedal, np.zeros(FRAMES * 16, np.int32), warm_up=8)
    return round(sum(f.cycles_per_block for f in found.functions if f.name in FUNCTIONS))


def main() -> None:
    toolchain = find_cross("gcc" if "--gcc" in sys.argv[1:] else "zig")
    print(f"Cycles of a tick, once in 48 frames; {toolchain.name}: {toolchain.version}\n")
    print("| board | at rest | busy | busiest | at rest, with the pins, in an image |")
    print("|---|---|---|---|---|")
    for name in pedal_board_names():
        if not controls_of(name).is_empty:
            print(f"{row(name, toolchain)} {in_image(name)} |")
    print(f"\nGoals: {GOAL_PER_SAMPLE} per sample, {GOAL_WORST} in a tick.")


if __name__ == "__main__":
    main()
