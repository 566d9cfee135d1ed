"""Finds how to cut up the sums of a model: builds images with other tilings and times them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from host_sim.m7.pedal_profile import QUICK_BLOCKS, QUICK_WARM_UP, profile_pedal
from namgen.errors import BudgetError
from namgen.firmware import build_image
from namgen.packages import alone
from namgen.plan.layouts.divisors import divisors
from namgen.plan.layouts.frame_major import FrameMajor, frame_major
from namgen.plan.layouts.frame_major.cut import ScalarUnit
from namgen.plan.layouts.tilings import SumShape, Tiling, measured_tilings
from namgen.progress import Progress, Stage, silent
from namgen.scratch import scratch_folder, write_files
from namgen.selection.plans import plan_floats

if TYPE_CHECKING:
    from namgen.ir import Model
    from namgen.plan import Plan
    from namgen.targets import Target
    from namgen.toolchain import CrossToolchain


CANDIDATES = 12
SMALLEST_PART = 0.02
"""Shapes with a smaller part of a model's products keep the plan's choice."""
SMALLEST_GAIN = 0.001
"""A choice must save this part of a block to replace the one it is compared with."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What images are made for, and with what."""

    target: Target
    block_frames: int
    toolchain: CrossToolchain

    @property
    def layout(self) -> FrameMajor:
        """How the plan lays models out by itself, nothing measured."""
        processor = self.target.processor
        unit = ScalarUnit(processor.registers, processor.paired_loads)
        return frame_major(self.block_frames, unit, tilings={})


@dataclass(frozen=True, slots=True)
class Trial:
    """One tiling of one shape, and the cycles per block of the whole model with it."""

    shape: SumShape
    tiling: Tiling
    cycles: float


@dataclass(frozen=True, slots=True)
class Tuning:
    """What was found for one model; cycles per block of the model's process function."""

    model: str
    before: float  # with what the plan estimates
    after: float
    choices: Mapping[SumShape, Tiling]  # those that are better than the plan's own
    trials: tuple[Trial, ...]


class ShapesSeen(dict[SumShape, Tiling]):
    """Tilings that note the shapes a plan asks for, the most frequent products first."""

    def __init__(self, known: Mapping[SumShape, Tiling]) -> None:
        super().__init__(known)
        self.asked: list[SumShape] = []

    def get(self, key: SumShape, default: Tiling | None = None) -> Tiling | None:  # type: ignore[override]
        """Note the question and answer it."""
        self.asked.append(key)
        return super().get(key, default)


def tune(
    model: Model,
    workshop: Workshop,
    *,
    known: Mapping[SumShape, Tiling] | None = None,
    candidates: int = CANDIDATES,
    progress: Progress = silent,
) -> Tuning:
    """Try tilings for one shape after the other, the costliest first, and keep the best.

    Shapes in `known` (found for another model) are left as they are.

    Raises:
        NamgenError: the model does not fit the target, or a tool failed.

    """
    fixed = dict(known or {})
    layout = workshop.layout
    progress(Stage(f"{model.name}: the plan's own choices", 0.0))
    before = best = _cycles(model, workshop, {})
    chosen = dict(fixed)
    if fixed:
        best = _cycles(model, workshop, chosen)
    trials: list[Trial] = []
    open_shapes = [shape for shape in shapes_of(model, workshop) if shape not in fixed]
    for number, shape in enumerate(open_shapes):
        tilings = variants(shape, layout, candidates)
        for index, tiling in enumerate(tilings, start=1):
            found = _cycles(model, workshop, {**chosen, shape: tiling})
            line = f"{model.name}: {spelled(shape)}: {spelled(tiling)}: {found:,.0f}"
            progress(Stage(line, (number + index / len(tilings)) / len(open_shapes)))
            trials.append(Trial(shape, tiling, found))
            if found < best * (1 - SMALLEST_GAIN):
                best = found
                chosen[shape] = tiling
    return Tuning(model.name, before, best, chosen, tuple(trials))


def shapes_of(model: Model, workshop: Workshop) -> list[SumShape]:
    """The shapes of a model's sums that matter, those with the most products first."""
    seen = ShapesSeen({})
    plan_floats(model, target=workshop.target, block_frames=workshop.block_frames, tilings=seen)
    products = dict.fromkeys(seen.asked, 0)
    for shape in seen.asked:
        products[shape] += shape.rows * shape.inputs * shape.kernel_size
    least = SMALLEST_PART * sum(products.values())
    ranked = sorted(products, key=lambda shape: (-products[shape], str(shape)))
    return [shape for shape in ranked if products[shape] >= least]


def variants(shape: SumShape, layout: FrameMajor, limit: int) -> list[Tiling]:
    """The tilings that the plan's estimate likes best, and other unrollings of its own choice."""
    own = layout.tiling(shape)
    possible = layout.possible_tilings(shape)
    ranked = sorted(possible, key=lambda tiling: layout.estimated_cycles(shape, tiling))
    rolled = [replace(own, tap_unroll=t) for t in divisors(shape.kernel_size, own.tap_unroll)]
    found = dict.fromkeys([*ranked[:limit], *rolled])
    return [tiling for tiling in found if tiling != own]


def spelled(value: SumShape | Tiling) -> str:
    """One line for a shape or a tiling."""
    if isinstance(value, SumShape):
        return (
            f"{value.rows} rows of {value.inputs} inputs x {value.kernel_size} taps, "
            f"stride {value.stride}"
        )
    return (
        f"{value.rows} rows x {value.frames} frames, {value.batch} inputs together, "
        f"{value.tap_unroll} taps per turn"
    )


def toml(choices: Mapping[SumShape, Tiling], notes: Sequence[str]) -> str:
    """The data file of the choices."""
    lines = ["# How sums are cut up on this processor, by their shape. Written by `namgen tune`."]
    lines += [f"# {note}" for note in notes]
    for shape, tiling in sorted(choices.items(), key=lambda item: str(item[0])):
        lines += ["", "[[tiling]]", f"shape = {_table(shape)}", f"choice = {_table(tiling)}"]
    return "\n".join(lines) + "\n"


def merged(processor: str, found: Mapping[SumShape, Tiling]) -> dict[SumShape, Tiling]:
    """What is stored for a processor with new choices in it."""
    return {**measured_tilings(processor), **found}


def _table(value: SumShape | Tiling) -> str:
    names = type(value).__dataclass_fields__
    return "{ " + ", ".join(f"{name} = {getattr(value, name)}" for name in names) + " }"


def _cycles(model: Model, workshop: Workshop, choices: Mapping[SumShape, Tiling]) -> float:
    """Cycles per block of the model in an image of its own; infinite where none can be made."""
    planned = plan_floats(
        model, target=workshop.target, block_frames=workshop.block_frames, tilings=choices
    )
    with scratch_folder() as folder:
        try:
            elf = _image(planned, workshop, folder)
        except BudgetError:
            return float("inf")
        result = profile_pedal(elf, planned, blocks=QUICK_BLOCKS, warm_up=QUICK_WARM_UP)
    return result.model_cycles


def _image(planned: Plan, workshop: Workshop, folder: Path) -> Path:
    write_files(alone(planned).files, folder)
    return build_image(
        folder,
        planned.name,
        board=workshop.target.pedal,
        boot=workshop.target.pedal.boots[0].name,
        clock_hz=workshop.target.pedal.clock.default_hz,
        block_frames=planned.block_frames,
        toolchain=workshop.toolchain,
        buffers=planned.buffers,
        out_dir=folder,
    ).elf
