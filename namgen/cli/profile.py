"""`namgen profile`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from namgen.build import make_image, write_c
from namgen.cli.command import command
from namgen.cli.common import (
    FileOut,
    Several,
    block_option,
    boot_option,
    check_output,
    check_packages,
    clock_option,
    json_option,
    models_argument,
    pedal_option,
    slim_option,
    submodel_option,
    tanh_option,
    tell_choices,
    tell_resampling,
    toolchain_option,
)
from namgen.cli.progress import progress_lines
from namgen.cli.terminal import Item, print_json, show
from namgen.errors import BudgetError, ToolError, one_of
from namgen.firmware import Image
from namgen.nam_file.types import NamFile
from namgen.output_dir import whole_file
from namgen.progress import Progress, Stage, part
from namgen.resources import firmware_dir
from namgen.scratch import scratch_folder
from namgen.selection import Order, Selection, check_playable, make_order, select
from namgen.targets import load_target
from namgen.toolchain import CrossToolchain, find_cross

if TYPE_CHECKING:
    from host_sim.m7.pedal_profile import PedalProfile

HOTTEST = "hottest"
"""Instead of a function's name: the one that takes most."""

_DEFINITION = re.compile(r"^(?:[A-Za-z_][\w ]*[ *])?([A-Za-z_]\w*)\([^;{}]*\)\s*\{", re.MULTILINE)
_SHOWN_FUNCTIONS = 12
_SHOWN_PART = 0.002  # of a block's cycles; smaller rows are left out


@command("profile")
@models_argument
@pedal_option
@submodel_option
@slim_option
@block_option
@clock_option
@tanh_option
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
def profile_command(
    *,
    models: tuple[Path, ...],
    target: str,
    submodel: str,
    slim: float | None,
    block_frames: int | None,
    clock: str | None,
    boot: str | None,
    tanh: str,
    toolchain: str,
    annotate: str | None,
    trace_file: Path | None,
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
    from host_sim.m7.pedal_profile import is_trace, save_trace, to_json

    if len(models) > 1 and (annotate or trace_file):
        raise click.UsageError("--annotate and --trace take one model")
    if trace_file is not None:
        check_output(trace_file, models, option="--trace", kind="a trace", is_kind=is_trace)
    check_packages()
    order = make_order(load_target(target), clock=clock, block_frames=block_frames, boot=boot)
    choice = _Choice(submodel, slim, tanh, boot, annotate, keep=trace_file is not None)
    several: Several[PedalProfile] = Several(models)
    with progress_lines() as progress:
        cross = find_cross(toolchain, progress=progress)

        def work(path: Path, file: NamFile) -> PedalProfile:
            number = models.index(path)
            share = part(progress, number / len(models), (number + 1) / len(models))
            return _profile(file, order, choice, cross, share)

        several.run(work)
        if trace_file is not None:
            progress(f"writing {trace_file}")
            with whole_file(trace_file) as draft:
                save_trace(several.done[0], draft)
    if as_json:
        print_json(several.to_json([to_json(result, order.target) for result in several.done]))
    elif several.done:
        show(_report(several, order, annotate))
    several.exit()


@dataclass(frozen=True, slots=True)
class _Choice:
    """What to take of a file, and how to start it."""

    submodel: str
    slim: float | None
    tanh: str
    boot: str | None
    annotate: str | None
    keep: bool  # every instruction, for a trace


def _profile(
    file: NamFile, order: Order, choice: _Choice, cross: CrossToolchain, progress: Progress
) -> PedalProfile:
    from host_sim.m7.pedal_profile import profile_pedal

    progress(f"compiling {file.name}")
    selection = select(file, order, submodel=choice.submodel, slim=choice.slim, tanh=choice.tanh)
    tell_choices(selection.choices)
    tell_resampling(selection.model)
    check_playable(selection, order)
    with scratch_folder() as folder:
        write_c(selection.plan, folder)
        if choice.annotate not in (None, HOTTEST):
            one_of("annotate", str(choice.annotate), (HOTTEST, *_functions_of(folder)))
        image = _image(selection, order, choice.boot, cross, folder, part(progress, 0.1, 0.5))
        progress(Stage(f"running {file.name}", 0.5))
        return profile_pedal(image.elf, selection.plan, keep=choice.keep)


def _functions_of(folder: Path) -> list[str]:
    """Names of the functions that the generated C and the firmware define."""
    sources = [*folder.glob("*.c"), *folder.glob("*.h")]
    sources += [*firmware_dir().glob("*.c"), *firmware_dir().glob("*.h")]
    texts = (path.read_text(encoding="utf-8") for path in sources)
    found = {name for text in texts for name in _DEFINITION.findall(text)}
    return sorted(name for name in found if not name.startswith("__"))


def _image(
    selection: Selection,
    order: Order,
    boot: str | None,
    cross: CrossToolchain,
    folder: Path,
    progress: Progress,
) -> Image:
    """Make the image for `boot`, or for the first way to start whose memory holds it."""
    modes = [boot] if boot else [mode.name for mode in order.target.boots]
    refused: list[str] = []
    for mode in modes:
        try:
            return make_image(selection, order, mode, cross, folder, progress)
        except BudgetError as error:
            refused += error.lines
    raise BudgetError(*refused)


def _report(several: Several[PedalProfile], order: Order, annotate: str | None) -> Iterator[Item]:
    found = several.done
    if annotate is not None:
        yield found[0].interrupt.annotate(_function(found[0], annotate)).rstrip("\n")
        return
    if len(several.paths) > 1:
        yield from _table(found, order)
        return
    yield from _summary(found[0], order)
    for section in (_reasons, _memories, _functions, _layers):
        yield ""
        yield from section(found[0])


def _function(result: PedalProfile, name: str) -> str:
    """The function to list: the hottest, the one called so, or what the compiler made of it."""
    names = [share.name for share in result.interrupt.functions]
    if name == HOTTEST:
        return names[0]
    copies = [known for known in names if known == name or known.startswith(f"{name}.")]
    if not copies:
        raise ToolError(f"annotate: expected hottest or one of {', '.join(names)}, found {name!r}")
    return copies[0]


def _table(found: list[PedalProfile], order: Order) -> Iterator[str]:
    width = max(len(result.planned.source) for result in found)
    clocks = [f"{clock // 1_000_000} MHz" for clock in order.target.clock_options_hz]
    heads = "".join(f"{clock:>9}" for clock in clocks)
    yield f"{'model':<{width}} {'cycles/sample':>14} {'worst':>7} {'instr/cycle':>12}{heads}"
    for result in found:
        frames, cost = result.block_frames, result.interrupt
        shares = "".join(f"{share:>9.1%}" for share in _shares(result, order))
        yield (
            f"{result.planned.source:<{width}} {cost.average_cycles / frames:>14,.0f} "
            f"{cost.worst_cycles / frames:>7,.0f} {cost.instructions_per_cycle:>12.2f}{shares}"
        )
    yield f"whole audio interrupts, {order.block_frames} frames per block, {_margins(found)}"


def _margins(found: list[PedalProfile]) -> str:
    return " or ".join(dict.fromkeys(str(result.interrupt.margin) for result in found))


def _shares(result: PedalProfile, order: Order) -> list[float]:
    from host_sim.m7.pedal_profile import budgets

    known = budgets(order.target, result.block_frames)
    return [result.interrupt.worst_cycles / budget.block_cycles for budget in known]


def _summary(result: PedalProfile, order: Order) -> Iterator[str]:
    cost, frames = result.interrupt, result.block_frames
    yield f"{result.planned.source}: predicted, {frames} frames per block, {_margins([result])}"
    yield f"  cycles per sample  {cost.average_cycles / frames:9,.0f} on average, "
    yield f"                     {cost.worst_cycles / frames:9,.0f} in the worst block"
    yield f"  of these the model {result.model_cycles / frames:9,.0f}"
    yield f"  cycles per block   {cost.average_cycles:9,.0f} on average"
    yield f"                     {cost.worst_cycles:9,.0f} in the worst block"
    for clock, share in zip(order.target.clock_options_hz, _shares(result, order), strict=True):
        yield f"  of {clock // 1_000_000} MHz         {share:9.1%} in the worst block"
    yield (
        f"  instructions       {cost.instructions:9,.0f} per block, "
        f"{cost.instructions_per_cycle:.2f} per cycle, {cost.dual_issued:,.0f} in pairs"
    )
    if cost.unknown_instructions:
        yield f"  not known to the model: {'; '.join(cost.unknown_instructions)}"


def _reasons(result: PedalProfile) -> Iterator[str]:
    cost = result.interrupt
    yield "where a block's cycles go"
    for name, cycles in sorted(cost.reasons.items(), key=lambda item: -item[1]):
        if cycles >= _SHOWN_PART * cost.average_cycles:
            yield f"  {name:<10} {cycles:11,.0f} {cycles / cost.average_cycles:7.1%}"


def _memories(result: PedalProfile) -> Iterator[str]:
    cost = result.interrupt
    yield "data per block"
    for use in cost.memory:
        yield (
            f"  {use.name:<12} {use.bytes_per_block:11,.0f} bytes, "
            f"{use.distinct_bytes:,} different ones"
        )
    yield (
        f"  cache misses: {cost.icache_misses:.1f} of instructions, "
        f"{cost.dcache_load_misses:.1f} of loads, {cost.dcache_store_misses:.1f} of stores; "
        f"{cost.mispredicted:.1f} branches mispredicted"
    )


def _functions(result: PedalProfile) -> Iterator[str]:
    cost = result.interrupt
    yield f"{'functions, per block':<48} {'calls':>7} {'instr.':>9} {'cycles':>9} {'share':>7}"
    for share in cost.functions[:_SHOWN_FUNCTIONS]:
        part = share.cycles_per_block / cost.average_cycles
        if part >= _SHOWN_PART:
            yield (
                f"  {share.name:<46} {share.calls_per_block:7,.0f} "
                f"{share.instructions_per_block:9,.0f} {share.cycles_per_block:9,.0f} {part:7.1%}"
            )


def _layers(result: PedalProfile) -> Iterator[str]:
    average = result.interrupt.average_cycles
    width = max(len(layer.title) for layer in result.layers)
    yield f"{'layers, per block':<{width + 2}} {'instr.':>9} {'cycles':>9} {'share':>7}"
    for layer in result.layers:
        yield (
            f"  {layer.title:<{width}} {layer.instructions_per_block:9,.0f} "
            f"{layer.cycles_per_block:9,.0f} {layer.cycles_per_block / average:7.1%}"
        )
    between = result.between_layers
    yield f"  {'between them':<{width}} {'':9} {between:9,.0f} {between / average:7.1%}"
    rest = average - result.model_cycles
    yield f"  {'the rest of the interrupt':<{width}} {'':9} {rest:9,.0f} {rest / average:7.1%}"
