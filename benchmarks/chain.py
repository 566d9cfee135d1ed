"""What the signal chain costs on a Cortex-M7: `python -m benchmarks.chain [--gcc]`.

Predicted cycles per sample of the worst block, above the model: code in ITCM, arrays where the plan
puts them. Everything that can move moves: all knobs travel, the gate never rests, the bypass fades.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from host_sim.chain_engines import EmulatedChain, machine_code
from host_sim.m7.meter import profile
from host_sim.m7.profile import Profile
from namgen.boards import load_board
from namgen.chain.blocks import BLOCKS as BLOCKS_OF_CHAIN
from namgen.chain.plan import ChainPlan, Response, plan_chain
from namgen.firmware.elf import read_elf
from namgen.resources import firmware_dir
from namgen.scratch import scratch_folder
from namgen.toolchain import CrossToolchain, find_cross

BLOCKS = (48, 16, 8)
CHAIN_GOALS = (120, 135, 150)
CABINET_GOALS = {
    256: (150, 200, 320),
    512: (180, 320, 560),
    1024: (260, 480, 620),
    2048: (420, 570, 710),
    4096: (1000, 1000, 1270),
}
WARM_UP, MEASURED = 4, 12
DTCM = load_board("daisy").region("dtcm")


@dataclass(frozen=True, slots=True)
class Cost:
    """Cycles per sample."""

    worst: float
    average: float
    by_function: dict[str, float]


def chain_cost(chain: EmulatedChain) -> Cost:
    """All blocks, both sides of the model together."""
    sides = ("chain_before_model", "chain_after_model")
    found = [measured(chain, side, everything_moves) for side in sides]
    functions = {name: cycles for cost in found for name, cycles in cost.by_function.items()}
    worst, average = sum(c.worst for c in found), sum(c.average for c in found)
    return Cost(worst, average, functions)


def cabinet_cost(chain: EmulatedChain) -> Cost:
    """The cabinet alone."""
    assert chain.plan.cabinet is not None
    return measured(chain, f"cabinet_{chain.plan.cabinet.method}_process", nothing_moves)


def cabinet_plan(block_frames: int, taps: int) -> ChainPlan:
    """A chain of a cabinet alone, by the method that the plan prefers."""
    noise = np.random.default_rng(1).standard_normal(taps)
    response = Response("noise", 0.1 * noise * np.exp(-np.arange(taps) * 6 / taps))
    return plan_chain(block_frames=block_frames, names=(), responses=[response])


def everything_moves(chain: EmulatedChain, block: int) -> None:
    """Turn every knob, most from end to end; fade into bypass; never let the gate rest."""
    for parameter in chain.plan.parameters:
        chain.turn(parameter.name, float(block > 0))
    chain.turn("gate", 1.0 if block == 0 else 0.8)
    chain.call("bypass_set", int(block > 0))


def nothing_moves(_chain: EmulatedChain, _block: int) -> None:
    """Leave everything as it is."""


def measured(
    chain: EmulatedChain, function: str, before: Callable[[EmulatedChain, int], None]
) -> Cost:
    """Time a function that works in place; `before` is told the block's number each time."""
    before(chain, 0)
    chain.reset()
    frames, block = chain.plan.block_frames, 0
    turns = 2 * chain.plan.cabinet.turns if chain.plan.cabinet else 0
    noise = np.random.default_rng(7).standard_normal(frames).astype(np.float32)

    def run() -> None:
        nonlocal block
        block += 1
        before(chain, block)
        chain.block(function, 0.1 * noise)

    found = profile(
        chain.core, run, block_symbol=function, blocks=MEASURED + turns, warm_up=WARM_UP + turns
    )
    return _per_sample(found, frames)


def _per_sample(found: Profile, frames: int) -> Cost:
    functions = {share.name: share.cycles_per_block / frames for share in found.functions}
    return Cost(found.worst_cycles / frames, found.average_cycles / frames, functions)


def row(title: str, costs: list[str]) -> str:
    return f"| {title} | {' | '.join(costs)} |"


def against(cycles: float, goal: int) -> str:
    return f"{cycles:.0f} (≤ {goal}{'' if cycles <= goal else ', MISSED'})"


def chain_rows(toolchain: CrossToolchain) -> Iterator[str]:
    """What each function takes, and all of them."""
    chains = [EmulatedChain(plan_chain(block_frames=n), toolchain=toolchain) for n in BLOCKS]
    costs = [chain_cost(chain) for chain in chains]
    for name in sorted(costs[0].by_function, key=lambda name: -costs[0].by_function[name]):
        yield row(f"`{name}`", [f"{cost.by_function.get(name, 0):.1f}" for cost in costs])
    goals = zip(costs, CHAIN_GOALS, strict=True)
    yield row("all, worst block", [against(cost.worst, goal) for cost, goal in goals])


def size_rows(toolchain: CrossToolchain) -> Iterator[str]:
    """The bytes of every block of the chain: code, tables and state; a cabinet by its plan."""
    names = frozenset(block.name for block in BLOCKS_OF_CHAIN)
    plan = plan_chain(names=names, responses=cabinet_plan(48, 1024).responses)
    with scratch_folder() as folder:
        (folder / "chain.elf").write_bytes(machine_code(plan, toolchain))
        symbols = read_elf(folder / "chain.elf").symbols
    for block in plan.blocks:
        files = [f"{block.prefix}.c"]
        files += ["partitioned.c", "skew_transform.c"] if block.name == "cabinet" else []
        said = " ".join((firmware_dir() / "chain" / file).read_text("utf-8") for file in files)
        words = set(re.findall(r"\w+", said))
        own = [
            s
            for s in symbols
            if s.name.partition(".")[0] in words and s.file in ("", *files) and s.size_bytes
        ]
        code = sum(s.size_bytes for s in own if s.kind == "func" and is_defined(s.name, said))
        data = sum(s.size_bytes for s in own if s.kind == "object" and DTCM.holds(s.address, 1))
        cycles = [f"{block.cycles(frames):.1f}" for frames in BLOCKS]
        if block.name == "cabinet":
            cycles = [f"{cabinet_plan(n, 1024).cabinet.cycles_per_frame:.0f}" for n in BLOCKS]
        yield row(block.title, [f"{code:,}", f"{data:,}", *cycles])


def is_defined(function: str, text: str) -> bool:
    """Whether a function of the C is in the text of a file, and not only called there."""
    return re.search(rf"^[\w *]*\b{function}\([^;]*?\)\n?\{{", text, re.MULTILINE) is not None


def cabinet_cell(block_frames: int, taps: int, goal: int, toolchain: CrossToolchain) -> str:
    """The worst block of a cabinet, and what its plan says."""
    chain = EmulatedChain(cabinet_plan(block_frames, taps), toolchain=toolchain)
    cabinet = chain.plan.cabinet
    assert cabinet is not None
    place = "" if cabinet.response_place == "dtcm" else ", response in AXI SRAM"
    method = cabinet.method.replace("_", " ")
    predicted = f"{cabinet.cycles_per_frame:.0f} in the plan"
    return f"{against(cabinet_cost(chain).worst, goal)}: {method}{place}; {predicted}"


def main() -> None:
    toolchain = find_cross("gcc" if "--gcc" in sys.argv[1:] else "zig")
    print(f"Cycles per sample; {toolchain.name}: {toolchain.version}\n")
    print(row("frames per block", [str(frames) for frames in BLOCKS]))
    print(row("---", ["---"] * len(BLOCKS)))
    for line in chain_rows(toolchain):
        print(line)
    for taps, goals in CABINET_GOALS.items():
        pairs = zip(BLOCKS, goals, strict=True)
        cells = [cabinet_cell(frames, taps, goal, toolchain) for frames, goal in pairs]
        print(row(f"cabinet of {taps} taps", cells))
    print()
    print(row("block", ["code", "DTCM", *(f"cycles at {frames}" for frames in BLOCKS)]))
    print(row("---", ["---"] * 5))
    for line in size_rows(toolchain):
        print(line)


if __name__ == "__main__":
    main()
