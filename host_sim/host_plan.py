"""Plans and compiles for the machine this runs on: its vector unit, its compiler."""

from __future__ import annotations

from namgen.ir import Model
from namgen.plan.any_plan import AnyPlan
from namgen.processors import processor_with
from namgen.selection.plans import Start, plan_model
from namgen.targets import load_target
from namgen.toolchain import HostCc, find_host, processor_here


def plan_here(
    model: Model, *, block_frames: int | None = None, start: Start = "settled"
) -> AnyPlan:
    """Plan `model` in a computer's layout, for the processor of this machine.

    Raises:
        UnsupportedError: for a block size out of range.

    """
    target = load_target(processor_here().name)
    return plan_model(
        model,
        target=target,
        block_frames=block_frames or target.block_frames,
        start=start,
    )


def compiler_for(planned: AnyPlan, name: str = "auto") -> HostCc:
    """Return a compiler of this machine; a host's layout is compiled for its vector unit.

    Raises:
        ToolError: there is no compiler, or not this one.

    """
    return compiler_of_unit(planned.vector, name)


def compiler_of_unit(vector: str | None, name: str = "auto") -> HostCc:
    """Return a compiler of this machine for C that is laid out for a vector unit, or for none.

    Raises:
        ToolError: there is no compiler, or not this one.

    """
    compiler = find_host(name)
    return compiler if vector is None else compiler.for_processor(processor_with(vector))
