"""Prints the cost of the presets on the pedal as Markdown: `python -m benchmarks.targets`.

Every number is the cycle model's (docs/m7-model.md), for the image that would be flashed: whole
audio interrupts, code in internal flash, caches modelled. Nothing here was measured on a board.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.models import presets
from host_sim.m7.pedal_profile import BLOCKS, PedalProfile, profile_pedal
from host_sim.pedal import Pedal
from namgen.errors import ToolError
from namgen.firmware import Image, build_image
from namgen.ir import Model
from namgen.packages import alone
from namgen.plan.any_plan import AnyPlan
from namgen.scratch import write_files
from namgen.selection.plans import plan_model
from namgen.targets import Target, load_target
from namgen.toolchain import CROSS_NAMES, CrossToolchain, find_cross

GOALS = {
    "A2-Lite": 2700,
    "A1 nano": 2500,
    "A1 feather": 6800,
    "LSTM 1x16": 3000,
    "LSTM 2x8": 2600,
}
"""Cycles per sample at 48 frames per block, default toolchain."""

GCC_GOALS = {"A2-Lite": 3000, "LSTM 2x8": 3000}
"""The same for arm-none-eabi-gcc, where it is close."""

FLASH_GOAL_BYTES = 32 << 10
RAM_GOAL_BYTES = 100 << 10
STACK_GOAL_BYTES = 2 << 10
BLOCK_SIZES = (4, 8, 16, 24, 32, 48, 64)
BLOCK_GOALS = {8: 1.35}
"""Cost of a block size relative to 48 frames."""

BLOCK = 48
MODEL_MEMORIES = ("dtcm", "axi_sram")


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """An image with its plan and its cost."""

    planned: AnyPlan
    image: Image
    profile: PedalProfile
    stack_used_bytes: int

    @property
    def per_sample(self) -> float:
        """Cycles per sample, mean over the blocks."""
        return self.profile.interrupt.average_cycles / self.planned.block_frames


def build(
    model: Model, target: Target, cross: CrossToolchain, block: int, *, blocks: int = BLOCKS
) -> Built:
    board = target.pedal
    planned = plan_model(model, target=target, block_frames=block)
    with tempfile.TemporaryDirectory(prefix="namgen-") as name:
        folder = Path(name)
        write_files(alone(planned).files, folder)
        image = build_image(
            folder,
            planned.name,
            board=board,
            boot="flash",
            clock_hz=board.clock.default_hz,
            block_frames=block,
            toolchain=cross,
            buffers=planned.buffers,
            code=planned.code,
            out_dir=folder,
        )
        pedal = Pedal(image.elf)
        pedal.boot()
        pedal.play([0] * 4 * block)
        return Built(
            planned, image, profile_pedal(image.elf, planned, blocks=blocks), pedal.stack_used_bytes
        )


def model_table(target: Target, tools: dict[str, CrossToolchain]) -> Iterator[str]:
    board = target.pedal
    cycles_there = board.clock.default_hz / board.audio.sample_rate_hz
    heads = "".join(f" {tool} |" for tool in tools)
    yield f"| model | goal |{heads} of it the model | instructions per cycle | of 480 MHz |"
    yield "|---|---|" + "---|" * (len(tools) + 3)
    for candidate in presets():
        goal = GOALS[candidate.name]
        built = {
            name: build(candidate.load(), target, cross, BLOCK) for name, cross in tools.items()
        }
        default = built[CROSS_NAMES[0]]
        costs = "".join(f" {spelled(b.per_sample)} |" for b in built.values())
        yield (
            f"| {candidate.name} | {spelled(goal)} |{costs} "
            f"{spelled(default.profile.model_cycles / BLOCK)} | "
            f"{default.profile.interrupt.instructions_per_cycle:.2f} | "
            f"{default.per_sample / (cycles_there):.1%} |"
        )


def budget_table(built: Built, target: Target) -> Iterator[str]:
    used = dict(built.image.used_bytes)
    ram = sum(used.get(region, 0) for region in MODEL_MEMORIES)
    yield "| A2-Lite | goal | bytes |"
    yield "|---|---|---|"
    yield _budget("flash: engine and one capture", FLASH_GOAL_BYTES, built.image.size_bytes)
    yield _budget("DTCM and AXI SRAM, without the stack", RAM_GOAL_BYTES, ram)
    yield _budget("the same with the stack's reserve", 0, ram + target.pedal.stack.size_bytes)
    yield _budget("stack, the deepest possible", STACK_GOAL_BYTES, built.image.stack_worst_bytes)
    yield _budget("stack, the deepest seen", STACK_GOAL_BYTES, built.stack_used_bytes)


def block_table(target: Target, cross: CrossToolchain) -> Iterator[str]:
    lite = presets()[0]
    built = {block: build(lite.load(), target, cross, block) for block in BLOCK_SIZES}
    yield "| frames per block | cycles per sample | relative to 48 | goal | worst block |"
    yield "|---|---|---|---|---|"
    for block, one in built.items():
        ratio = one.per_sample / built[BLOCK].per_sample
        goal = f"{BLOCK_GOALS[block]:.2f}" if block in BLOCK_GOALS else ""
        worst = one.profile.interrupt.worst_cycles / block
        yield f"| {block} | {spelled(one.per_sample)} | {ratio:.2f} | {goal} | {spelled(worst)} |"


def spelled(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ")


def _budget(what: str, goal: int, found: int) -> str:
    return f"| {what} | {spelled(goal) if goal else ''} | {spelled(found)} |"


def _tools() -> dict[str, CrossToolchain]:
    """The toolchains that are installed, the default first."""
    found = {}
    for name in CROSS_NAMES:
        try:
            found[name] = find_cross(name)
        except ToolError as error:
            if name == CROSS_NAMES[0]:
                raise
            print(f"{name} is left out: {error}")
    return found


def main() -> None:
    target, tools = load_target("daisy"), _tools()
    default = tools[CROSS_NAMES[0]]
    print(
        f"Cycles per sample at {BLOCK} frames per block: "
        + ", ".join(f"{name}: {cross.version}" for name, cross in tools.items())
    )
    tables = (
        model_table(target, tools),
        budget_table(build(presets()[0].load(), target, default, BLOCK), target),
        block_table(target, default),
    )
    for table in tables:
        print()
        for line in table:
            print(line, flush=True)


if __name__ == "__main__":
    main()
