"""`namgen build`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from namgen.build import BuildReport, build
from namgen.cli.command import CName, command
from namgen.cli.common import (
    block_option,
    boot_option,
    clock_option,
    file_path,
    find_instrument,
    json_option,
    model_argument,
    progress_lines,
    slim_option,
    submodel_option,
    tanh_option,
    target_option,
    tell_choices,
    toolchain_option,
)
from namgen.cli.terminal import print_json


@command("build")
@model_argument
@target_option
@click.option(
    "-o",
    "--out",
    "out_dir",
    type=file_path,
    metavar="DIR",
    help="Folder for the results.  [default: build/<name>]",
)
@submodel_option
@slim_option
@tanh_option
@block_option
@boot_option
@clock_option
@toolchain_option
@click.option(
    "--name", type=CName(), help="Name of the model in the C.  [default: from the file name]"
)
@click.option("--force", is_flag=True, help="Build also what is not expected to keep up.")
@click.option(
    "--no-profile", is_flag=True, help="Estimate the cost instead of running the image to see it."
)
@json_option
def build_command(
    *,
    model: Path,
    target: str,
    out_dir: Path | None,
    submodel: str,
    slim: float | None,
    tanh: str,
    block_frames: int | None,
    boot: str | None,
    clock: str | None,
    toolchain: str,
    name: str | None,
    force: bool,
    no_profile: bool,
    as_json: bool,
) -> None:
    """Make C and firmware of MODEL, a .nam file.

    \b
    Examples:
        namgen build tweed.nam --target daisy
        namgen build tweed.nam --submodel lite --block 16 -o out/tweed
        namgen build tweed.nam --boot sram        for the Daisy bootloader

    The folder appears only when everything went well. Two builds of one file are the same, byte
    for byte, on any machine.
    """  # noqa: D301
    with progress_lines() as progress:
        report = build(
            model,
            target=target,
            out_dir=out_dir,
            submodel=submodel,
            slim=slim,
            block_frames=block_frames,
            boot=boot,
            clock=clock,
            toolchain=toolchain,
            name=name,
            tanh=tanh,
            force=force,
            instrument=None if no_profile else find_instrument(),
            progress=progress,
        )
    tell_choices(report.selection.choices)
    for warning in report.contents["warnings"]:
        click.echo(f"{report.model.source}: {warning}", err=True)
    if as_json:
        print_json(report.contents)
        return
    for line in _lines(report):
        click.echo(line)


def _lines(report: BuildReport) -> Iterator[str]:
    if report.selection.prediction is not None:
        yield f"processor: {report.selection.prediction}"
    if not report.selection.keeps_up:
        yield "THIS IMAGE WILL NOT KEEP UP with the audio on the pedal."
    if report.tanh_cost is not None:
        yield f"tanh fast: {report.tanh_cost}"
    for region, size in _memory(report).items():
        yield f"{region}: {size:,} bytes of the model"
    for file, facts in report.contents["files"].items():
        yield f"{report.out_dir / file}: {facts['size_bytes']:,} bytes"


def _memory(report: BuildReport) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for buffer in report.selection.plan.buffers:
        if buffer.region:
            sizes[buffer.region] = sizes.get(buffer.region, 0) + buffer.size_bytes
    return sizes
