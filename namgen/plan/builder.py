"""Turns layers into kernels and their calls, in the layout it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from namgen.ir import Conv1d
from namgen.plan.draft import Draft
from namgen.plan.layouts import Layout
from namgen.plan.memory import History, OldestRun, Run, TapPointers
from namgen.plan.parts import Parts
from namgen.plan.stages import KernelStage, Label, PublishStage


@dataclass(slots=True, eq=False)
class Builder:
    """The program under construction: its layout, and the parts made so far."""

    layout: Layout
    parts: Parts

    def draft(self, conv: Conv1d) -> Draft:
        """Start a kernel whose main sum is `conv`."""
        return Draft(self.layout.tile(conv), is_loaded=self.parts.is_loaded)

    def plain_draft(self) -> Draft:
        """Start a kernel that only moves values."""
        return Draft(self.layout.plain_tile())

    def call(
        self,
        draft: Draft,
        kernel_name: str,
        label: Label,
        *,
        runs: Mapping[str, Run | OldestRun],
        taps: TapPointers | None = None,
    ) -> None:
        """Append a call of the drafted kernel with its ports bound to `runs`."""
        kernel = draft.kernel()
        values = draft.weight_values()
        part, title = label.part, label.title
        weights = self.parts.constant(part, values, title) if len(values) else None
        arguments = tuple(runs[port.rows.name] for port in kernel.ports)
        name = self.parts.named(kernel, kernel_name, label).name
        self.parts.stages.append(KernelStage(part, title, name, weights, arguments, taps))

    def publish(self, run: Run) -> None:
        """Append the upkeep a history may need after its newest block is written."""
        if isinstance(run, History) and not self.layout.is_contiguous(run):
            self.parts.stages.append(PublishStage(run))
