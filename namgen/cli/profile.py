"""`namgen profile`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from namgen.cli.command import command, json_option
from namgen.cli.common import (
    FileOut,
    Several,
    check_output,
    check_packages,
    tell_chosen,
)
from namgen.cli.options import (
    Purpose,
    block_option,
    boot_option,
    clock_option,
    gathers,
    models_argument,
    pedal_option,
    precision_option,
    refuse_pedals,
    slim_option,
    submodel_option,
    tanh_option,
    toolchain_option,
)
from namgen.cli.progress import progress_lines
from namgen.cli.recording_option import recording_option, with_recording
from namgen.cli.terminal import Facts, Item, Line, Table, print_json, printable, show
from namgen.errors import BudgetError, ToolError, one_of
from namgen.firmware import Image
from namgen.nam_file.types import NamFile
from namgen.order import Order
from namgen.output_dir import whole_file
from namgen.packages import Shop, alone, package_of
from namgen.packages.image import ImagePackage
from namgen.progress import Progress, Stage, part
from namgen.resources import firmware_dir
from namgen.scratch import scratch_folder, write_files
from namgen.selection.choosing import select
from namgen.selection.wanted import Wanted
from namgen.toolchain import CrossToolchain, find_cross

if TYPE_CHECKING:
    from host_sim.m7.pedal_profile import PedalProfile
    from host_sim.m7.profile import Profile
    from namgen.plan.any_plan import AnyPlan

HOTTEST = "hottest"
"""Instead of a function's name: the one that takes most."""

_DEFINITION = re.compile(r"^(?:[A-Za-z_][\w ]*[ *])?([A-Za-z_]\w*)\([^;{}]*\)\s*\{", re.MULTILINE)
_SHOWN_FUNCTIONS = 12
_SHOWN_PART = 0.002  # of a block's cycles; smaller rows are left out


@dataclass(frozen=True, slots=True)
class _Look:
    """What is looked at, and what is kept of it."""

    toolchain: str
    annotate: str | None
    trace_file: Path | None

    def check(self, models: tuple[Path, ...]) -> None:
        """Refuse, before any work, what does not go together, and a trace in the wrong place."""
        from host_sim.m7.pedal_profile import is_trace

        refuse_pedals(
            models,
            "a pedal is timed by `namgen build {0}`, its slowest capture in its chain, and "
            "estimated by `namgen inspect {0} --blocks`; profile takes its captures, .nam files",
        )
        if len(models) > 1 and (self.annotate or self.trace_file):
            raise click.UsageError("--annotate and --trace take one model")
        if self.trace_file is not None:
            check_output(
                self.trace_file, models, option="--trace", kind="a trace", is_kind=is_trace
            )

    def save_trace(self, found: list[PedalProfile], progress: Progress) -> None:
        """Write what was executed, where that is wanted."""
        from host_sim.m7.pedal_profile import save_trace

        if self.trace_file is not None:
            progress(f"writing {self.trace_file}")
            with whole_file(self.trace_file) as draft:
                save_trace(found[0], draft)


@command("profile")
@models_argument
@pedal_option
@submodel_option
@slim_option
@block_option
@clock_option
@tanh_option
@precision_option
@recording_option
@boot_option
@toolchain_option
@click.option("--annotate", metavar="FUNCTION", help="List a function's instructions with cycles.")
@click.option(
    "--trace",
    "trace_file",
    type=FileOut(".csv", ".npz"),
    metavar="FILE",
    help="Write every executed instruction with its cycles, as .csv or .npz.",
)
@json_option
@gathers(Purpose, "purpose")
@gathers(Wanted, "wanted")
@gathers(_Look, "look")
def profile_command(
    *,
    models: tuple[Path, ...],
    purpose: Purpose,
    wanted: Wanted,
    calibrate: Path | None,
    look: _Look,
    as_json: bool,
) -> None:
    """Predict what the firmware of MODEL, a .nam file, costs on the pedal's processor.

    \b
    Examples:
        namgen profile tweed.nam
        namgen profile tweed.nam --annotate layer_3ch_k6
        namgen profile *.nam --block 16

    The image that would be flashed runs on an emulated pedal; a model of the Cortex-M7 and its
    memories times whole audio interrupts. docs/profile.md explains the output.
    """  # noqa: D301
    from host_sim.m7.pedal_profile import to_json

    look.check(models)
    check_packages()
    order = purpose.order()
    wanted = with_recording(wanted, calibrate)
    several: Several[PedalProfile] = Several(models)
    rows = None if as_json or len(models) == 1 else _Rows(order, models)
    with progress_lines() as progress:
        cross = find_cross(look.toolchain, processor=order.target.processor.name, progress=progress)
        bench = _Bench(order, wanted, look, cross, is_boot_chosen=purpose.boot is not None)

        def work(path: Path, file: NamFile) -> PedalProfile:
            number = models.index(path)
            share = part(progress, number / len(models), (number + 1) / len(models))
            result = bench.profile(file, share)
            if rows:
                rows.show(result)
            return result

        several.run(work)
        look.save_trace(several.done, progress)
    if as_json:
        board = order.target.pedal
        print_json(several.to_json([to_json(result, board) for result in several.done]))
    elif rows:
        rows.close(several.done)
    else:
        show(_report(several.done[0], order, look.annotate))
    several.exit()


@dataclass(frozen=True, slots=True)
class _Bench:
    """What images are made for, and with what."""

    order: Order
    wanted: Wanted
    look: _Look
    cross: CrossToolchain
    is_boot_chosen: bool

    def profile(self, file: NamFile, progress: Progress) -> PedalProfile:
        """Make the image of a file, run and time it."""
        from host_sim.m7.pedal_profile import profile_pedal

        progress(f"compiling {file.name}")
        selection = select(file, self.order, self.wanted)
        tell_chosen(selection)
        package_of(self.order.target).check(selection.model, selection.plan)
        with scratch_folder() as folder:
            if self.look.annotate not in (None, HOTTEST):
                write_files(alone(selection.plan).files, folder)
                one_of("annotate", str(self.look.annotate), (HOTTEST, *_functions_of(folder)))
            image = self._image(selection.plan, Shop(folder, self.cross, part(progress, 0.1, 0.5)))
            progress(Stage(f"running {file.name}", 0.5))
            keep, target = self.look.trace_file is not None, self.order.target.name
            return profile_pedal(image.elf, selection.plan, target=target, keep=keep)

    def _image(self, planned: AnyPlan, shop: Shop) -> Image:
        """Make the image for the way to start, or for the first whose memory holds it."""
        board = self.order.target.pedal
        chosen = [self.order.boot] if self.is_boot_chosen else board.boots
        refused: list[str] = []
        for boot in chosen:
            try:
                return ImagePackage(board).make(
                    alone(planned), replace(self.order, boot=boot), shop
                )
            except BudgetError as error:
                refused += error.lines
        raise BudgetError(*refused)


def _functions_of(folder: Path) -> list[str]:
    """Names of the functions that the generated C and the firmware define."""
    sources = [*folder.glob("*.c"), *folder.glob("*.h")]
    sources += firmware_dir().rglob("*.[ch]")
    texts = (path.read_text(encoding="utf-8") for path in sources)
    found = {name for text in texts for name in _DEFINITION.findall(text)}
    return sorted(name for name in found if not name.startswith("__"))


class _Rows:
    """A line for each of several models, printed when it is known: what follows may take long."""

    def __init__(self, order: Order, models: tuple[Path, ...]) -> None:
        self._order = order
        clocks = [f"{clock // 1_000_000} MHz" for clock in order.target.pedal.clock.options_hz]
        self._headings = ["cycles/sample", "worst", "instr/cycle", *clocks]
        self._width = max(len(printable(path.name)) for path in models)
        self._is_first = True

    def show(self, result: PedalProfile) -> None:
        """Print a model's line, below the headings if it is the first."""
        frames, cost = result.block_frames, result.interrupt
        cycles = [cost.average_cycles / frames, cost.worst_cycles / frames]
        cells = [*(f"{number:,.0f}" for number in cycles), f"{cost.instructions_per_cycle:.2f}"]
        cells += [f"{share:.1%}" for share in _shares(result, self._order)]
        headings = [self._line("model", self._headings)] if self._is_first else []
        self._is_first = False
        show([*headings, self._line(printable(result.planned.source), cells)])

    def _line(self, name: str, cells: list[str]) -> str:
        wide = zip(cells, self._headings, strict=True)
        return "  ".join([f"{name:<{self._width}}", *(f"{c:>{len(h)}}" for c, h in wide)])

    def close(self, found: list[PedalProfile]) -> None:
        """Say what the numbers are, below them."""
        if found:
            what = f"whole audio interrupts, {self._order.block_frames} frames per block"
            show([f"{what}, {_margins(found)}"])


def _report(result: PedalProfile, order: Order, annotate: str | None) -> Iterator[Item]:
    if annotate is not None:
        yield result.interrupt.annotate(_function(result, annotate)).rstrip("\n")
        return
    yield from _summary(result, order)
    for section in (_reasons, _memories, _functions, _layers):
        yield ""
        yield from section(result)


def _function(result: PedalProfile, name: str) -> str:
    """The function to list: the hottest, the one called so, or what the compiler made of it."""
    names = [share.name for share in result.interrupt.functions]
    if name == HOTTEST:
        return names[0]
    copies = [known for known in names if known == name or known.startswith(f"{name}.")]
    if not copies:
        raise ToolError(f"annotate: expected hottest or one of {', '.join(names)}, found {name!r}")
    return copies[0]


def _margins(found: list[PedalProfile]) -> str:
    return " or ".join(dict.fromkeys(str(result.interrupt.margin) for result in found))


def _shares(result: PedalProfile, order: Order) -> list[float]:
    from host_sim.m7.pedal_profile import budgets

    known = budgets(order.target.pedal, result.block_frames)
    return [result.interrupt.worst_cycles / budget.block_cycles for budget in known]


def _summary(result: PedalProfile, order: Order) -> Iterator[Item]:
    cost, frames = result.interrupt, result.block_frames
    title = f"{result.planned.source}: predicted, {frames} frames per block, {_margins([result])}"
    yield Line(title, "bold")
    shares = zip(order.target.pedal.clock.options_hz, _shares(result, order), strict=True)
    average, worst, model = cost.average_cycles, cost.worst_cycles, result.model_cycles
    rows = [
        ("cycles per sample", f"{average / frames:9,.0f} on average"),
        ("", f"{worst / frames:9,.0f} in the worst block"),
        ("of these the model", f"{model / frames:9,.0f}"),
        ("cycles per block", f"{average:9,.0f} on average"),
        ("", f"{worst:9,.0f} in the worst block"),
        *((f"of {clock // 1_000_000} MHz", f"{s:9.1%} in the worst block") for clock, s in shares),
        ("instructions", f"{cost.instructions:9,.0f} per block, {_paired(cost)}"),
    ]
    yield Facts(rows)
    if cost.unknown_instructions:
        yield f"  not known to the model: {'; '.join(cost.unknown_instructions)}"


def _paired(cost: Profile) -> str:
    return f"{cost.instructions_per_cycle:.2f} per cycle, {cost.dual_issued:,.0f} in pairs"


def _reasons(result: PedalProfile) -> Iterator[Item]:
    average = result.interrupt.average_cycles
    ranked = sorted(result.interrupt.reasons.items(), key=lambda item: -item[1])
    yield Table(
        ["where a block's cycles go", "cycles", "share"],
        [
            [f"  {name}", f"{cycles:,.0f}", f"{cycles / average:.1%}"]
            for name, cycles in ranked
            if cycles >= _SHOWN_PART * average
        ],
    )


def _memories(result: PedalProfile) -> Iterator[Item]:
    cost = result.interrupt
    yield Table(
        ["data per block", "bytes", "different ones"],
        [
            [f"  {m.name}", f"{m.bytes_per_block:,.0f}", f"{m.distinct_bytes:,}"]
            for m in cost.memory
        ],
    )
    yield (
        f"  cache misses: {cost.icache_misses:.1f} of instructions, "
        f"{cost.dcache_load_misses:.1f} of loads, {cost.dcache_store_misses:.1f} of stores; "
        f"{cost.mispredicted:.1f} branches mispredicted"
    )


def _functions(result: PedalProfile) -> Iterator[Item]:
    average = result.interrupt.average_cycles
    yield Table(
        ["functions, per block", "calls", "instr.", "cycles", "share"],
        [
            [
                f"  {share.name}",
                f"{share.calls_per_block:,.0f}",
                f"{share.instructions_per_block:,.0f}",
                f"{share.cycles_per_block:,.0f}",
                f"{share.cycles_per_block / average:.1%}",
            ]
            for share in result.interrupt.functions[:_SHOWN_FUNCTIONS]
            if share.cycles_per_block >= _SHOWN_PART * average
        ],
    )


def _layers(result: PedalProfile) -> Iterator[Item]:
    average = result.interrupt.average_cycles
    costs = [
        (layer.title, f"{layer.instructions_per_block:,.0f}", layer.cycles_per_block)
        for layer in result.layers
    ]
    costs += [("between them", "", result.between_layers)]
    costs += [("the rest of the interrupt", "", average - result.model_cycles)]
    yield Table(
        ["layers, per block", "instr.", "cycles", "share"],
        [
            [f"  {title}", instructions, f"{cycles:,.0f}", f"{cycles / average:.1%}"]
            for title, instructions, cycles in costs
        ],
    )
