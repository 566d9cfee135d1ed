"""`namgen inspect`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import click

from namgen.cli.command import command, json_option
from namgen.cli.common import Several
from namgen.cli.fits_lines import fits_items, fits_to_csv
from namgen.cli.options import (
    Purpose,
    block_option,
    clock_option,
    cpu_option,
    gathers,
    is_given,
    models_argument,
    mpy_arch_option,
    precision_option,
    refuse_pedals,
    tanh_option,
    target_option,
)
from namgen.cli.pedal_lines import (
    block_lines,
    block_to_json,
    control_lines,
    pedal_lines,
    pedal_to_json,
    tell_captures,
)
from namgen.cli.pedal_options import Around, around_options, said_of
from namgen.cli.progress import progress_lines
from namgen.cli.recording_option import with_recording
from namgen.cli.terminal import Facts, Item, Line, note, print_json, show
from namgen.fitting import FileFits, Fit, Use, fits_of
from namgen.fixed.precision import FLOAT32
from namgen.fixed.report import quality_lines
from namgen.inspection import Inspection, NetworkFacts, Stack, inspect
from namgen.levels import Level, Levels
from namgen.nam_file.types import Metadata
from namgen.pedal.block_sizes import block_sizes
from namgen.pedal.deciding import pedal_of
from namgen.pedal.file import is_pedal_file
from namgen.pedal.files import read_captures
from namgen.pedal.notes import notes_of
from namgen.pedal.sound import plan_sound
from namgen.selection.wanted import Wanted

_LABELS = {
    "loudness_db": "loudness",
    "input_level_dbu": "input level",
    "output_level_dbu": "output level",
    "validation_esr": "validation ESR",
}
_LABEL_WIDTH = 22
_UNITS = {"loudness_db": " dB", "input_level_dbu": " dBu", "output_level_dbu": " dBu"}


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is wanted beside what is always shown, and how."""

    with_sizes: bool
    fits: bool
    as_csv: bool


@command("inspect")
@models_argument
@tanh_option
@precision_option
@target_option
@cpu_option
@mpy_arch_option
@block_option
@clock_option
@around_options
@click.option(
    "--blocks",
    "with_sizes",
    is_flag=True,
    help="Of a pedal: what blocks of each size cost, and how long the sound takes through it.",
)
@click.option(
    "--fits", is_flag=True, help="Of several MODELs: which of all targets each of them suits."
)
@click.option("--csv", "as_csv", is_flag=True, help="The same as rows of CSV.")
@json_option
@gathers(_Shown, "shown")
@gathers(Purpose, "purpose")
@gathers(Wanted, "wanted")
@gathers(Around, "around")
def inspect_command(
    *,
    models: tuple[Path, ...],
    purpose: Purpose,
    wanted: Wanted,
    around: Around,
    shown: _Shown,
    as_json: bool,
) -> None:
    """Show what MODEL, a .nam file, holds, what it costs, and which targets it suits.

    \b
    Example:
        namgen inspect tweed.nam
        namgen inspect tweed.nam --json | jq .networks[0].macs_per_sample
        namgen inspect pedal.toml --blocks
        namgen inspect *.nam --fits                    all captures beside all targets

    Of a pedal.toml, or with an option of a pedal: captures, levels, chain and cabinet of that.
    """  # noqa: D301
    if shown.fits or shown.as_csv:
        _show_fits(models, purpose, with_recording(wanted, around.recording), shown, as_json)
        return
    if len(models) > 1:
        told = ", ".join(map(str, models))
        raise click.UsageError(f"expected one MODEL, found {told}; --fits takes several")
    (model,), with_sizes = models, shown.with_sizes
    if with_sizes or around.is_said or is_pedal_file(model):
        _show_pedal(model, around, purpose, wanted, with_sizes=with_sizes, as_json=as_json)
        return
    order, wanted = purpose.order(), with_recording(wanted, around.recording)
    with progress_lines() as progress:
        found = inspect(
            model,
            tanh=wanted.tanh,
            precision=wanted.precision,
            recording=wanted.recording,
            order=order,
            progress=progress,
        )
    if as_json:
        print_json(found.to_json())
        return
    show(_lines(found))
    for warning in found.warnings:
        note(f"{found.file}: {warning}")


def _show_fits(
    models: tuple[Path, ...], purpose: Purpose, wanted: Wanted, shown: _Shown, as_json: bool
) -> None:
    """Show captures beside targets: all of these, or the one that is named."""
    refuse_pedals(models, "--fits takes .nam files; namgen inspect {} shows the pedal")
    orders = [purpose.order()] if is_given("target") else list(purpose.orders())
    several: Several[FileFits] = Several(models)
    with progress_lines() as progress:
        several.run(lambda _, file: fits_of(file, orders, wanted, progress=progress))
    if as_json:
        print_json(several.to_json([asdict(found) for found in several.done]))
    elif shown.as_csv:
        show(fits_to_csv(several.done))
    elif several.done:
        show(fits_items(several.done))
    several.exit()


def _show_pedal(
    model: Path,
    around: Around,
    purpose: Purpose,
    wanted: Wanted,
    *,
    with_sizes: bool,
    as_json: bool,
) -> None:
    """Show the whole pedal, without compiling anything."""
    target = purpose.target if is_given("target") else None
    pedal = pedal_of([model], said_of(around, purpose, wanted), target=target)
    files = read_captures(pedal.wanted.captures)
    with progress_lines() as progress:
        sound = plan_sound(pedal.wanted, pedal.order, files, progress=progress)
    sizes = list(block_sizes(pedal.wanted, pedal.order, files)) if with_sizes else []
    if as_json:
        told = {"sizes": [block_to_json(size) for size in sizes]} if with_sizes else {}
        print_json(pedal_to_json(pedal.wanted, sound) | told)
        return
    show([*pedal_lines(pedal.wanted, sound), *control_lines(pedal.wanted.board)])
    if with_sizes:
        show(block_lines(sizes))
    tell_captures(pedal.wanted, sound, files)
    for line in notes_of(pedal.wanted):
        note(line)


def _lines(found: Inspection) -> Iterator[Item]:
    yield Line(f"{found.file}: {_content(found)}, {_rate(found)}", "bold")
    yield from (f"  {line}" for line in _metadata_lines(found.metadata))
    yield from (f"  not known: {note}" for note in found.notes)
    for network in found.networks:
        yield ""
        yield from _network_lines(network, found)


def _content(found: Inspection) -> str:
    if found.kind == "wav":
        return "impulse response (WAV), played as a Linear"
    return f"{found.architecture} {found.version}"


def _rate(found: Inspection) -> str:
    if found.sample_rate_hz is None:
        return f"sample rate not in the file, {found.assumed_sample_rate_hz} Hz assumed"
    return f"{found.sample_rate_hz} Hz"


def _levels(levels: Levels) -> Iterator[tuple[str, str]]:
    """What is stated about this model, apart from what is said of the file already."""
    for item in fields(levels):
        level: Level | None = getattr(levels, item.name)
        if level is not None:
            origin = "" if level.place == "model" else " (said of the whole file)"
            yield _LABELS[item.name], f"{level.value:g}{_UNITS[item.name]}{origin}"


def _metadata_lines(metadata: Metadata) -> Iterator[str]:
    for item in fields(metadata):
        value = getattr(metadata, item.name)
        if value is not None:
            label = _LABELS.get(item.name, item.name.replace("_", " "))
            shown = f"{value:g}" if isinstance(value, float) else str(value)
            yield f"{label}: {shown}{_UNITS.get(item.name, '')}"


def _network_lines(network: NetworkFacts, found: Inspection) -> Iterator[Item]:
    yield Line(_title(network, found), "bold")
    yield from (f"  {line}" for line in _stack_lines(network.stacks))
    yield Facts(list(_rows(network)), label_width=_LABEL_WIDTH)


def _rows(network: NetworkFacts) -> Iterator[tuple[str, str]]:
    yield "inputs, outputs", f"{network.in_channels}, {network.out_channels}"
    yield "layers", f"{network.layers}"
    yield "parameters", f"{network.parameters:,}"
    yield "multiply-adds / sample", _macs(network)
    yield "activations / sample", f"{network.activations_per_sample:,}"
    yield "receptive field", _field(network)
    yield "weights", f"{network.weight_bytes:,} bytes"
    yield "history", f"{network.history_bytes:,} bytes"
    if network.submodel is not None:
        yield from _levels(network.levels)
    if network.tanh_cost is not None:
        yield "tanh fast", f"{network.tanh_cost}"
    if network.null is not None:
        yield "beside the one taken", f"nulls {network.null.snr_db:.1f} dB deep, with a guitar"
    for fit in network.fits:
        yield f"target {fit.target}", _fit(fit)
        yield from (("", line) for line in (*_quality(fit), fit.unheard) if line)
        yield from (("", _use(use)) for use in fit.memory)


def _macs(network: NetworkFacts) -> str:
    """Say how many there are in the file, and how many are left in C where folding saves some."""
    filed, left = network.macs_per_sample, network.macs_per_sample_in_c
    return f"{filed:,}" if filed == left else f"{filed:,} in the file, {left:,} in C"


def _fit(fit: Fit) -> str:
    held = f"{fit.precision}, " if fit.precision not in (None, FLOAT32) else ""
    return f"{'fits' if fit.fits else 'no'}: {held}{fit.reason}"


def _quality(fit: Fit) -> Iterator[str]:
    """How true integers are."""
    if fit.quality is not None:
        yield from quality_lines(fit.quality)


def _use(use: Use) -> str:
    kept = f"{use.reserved_bytes:,} kept for {use.reserved_for}"
    return f"{use.region}: {use.model_bytes:,} bytes of model, {kept}, of {use.size_bytes:,}"


def _title(network: NetworkFacts, found: Inspection) -> str:
    if network.submodel is None:
        return found.architecture
    mark = f", the one taken for {found.target}" if network.taken else ""
    return f"submodel {network.submodel}: {network.architecture}{mark}"


def _field(network: NetworkFacts) -> str:
    if network.receptive_field is None or network.receptive_field_ms is None:
        return "without end"
    return f"{network.receptive_field:,} samples, {network.receptive_field_ms:.1f} ms"


def _stack_lines(stacks: tuple[Stack, ...]) -> Iterator[str]:
    for stack in stacks:
        kernels = _spelled(stack.kernel_sizes)
        parts = [f"{stack.layers} layer{'s' if stack.layers > 1 else ''} of {stack.channels}"]
        parts += [f"kernel {kernels}"] if kernels else []
        parts += [f"dilations {_spelled(stack.dilations)}"] if stack.dilations else []
        parts += [", ".join(stack.activations)] if stack.activations else []
        yield "; ".join(parts)


def _spelled(numbers: tuple[int, ...]) -> str:
    """All numbers, or one when they are the same."""
    return str(numbers[0]) if len(set(numbers)) == 1 else " ".join(str(n) for n in numbers)
