"""`namgen build`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from namgen.build import BuildReport, build
from namgen.cli.command import CName, OneOf, command
from namgen.cli.common import (
    block_option,
    boot_option,
    clock_option,
    file_path,
    find_instrument,
    json_option,
    model_argument,
    slim_option,
    submodel_option,
    tanh_option,
    target_option,
    tell_choices,
    tell_resampling,
    toolchain_option,
)
from namgen.cli.progress import progress_lines
from namgen.cli.terminal import Item, Line, note, print_json, show
from namgen.selection import IDLE
from namgen.toolchain import ARITHMETIC


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
    "--idle",
    type=OneOf(IDLE),
    default="spin",
    show_default=True,
    help="Between two blocks: spin, against noise at their rate, or sleep, to save power.",
)
@click.option(
    "--name", type=CName(), help="Name of the model in the C.  [default: from the file name]"
)
@click.option(
    "--replace",
    is_flag=True,
    help="Replace DIR, or without -o build/NAME, also when it was made from another file.",
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
    idle: str,
    name: str | None,
    replace: bool,
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
            idle=idle,
            force=force,
            replace_other=replace,
            instrument=None if no_profile else find_instrument(),
            progress=progress,
        )
    tell_choices(report.selection.choices)
    tell_resampling(report.model)
    for warning in report.contents["warnings"]:
        note(f"{report.model.source}: {warning}")
    if out_dir is None and report.out_dir.name != report.model.name:
        note(f"build/{report.model.name} was made from another file; this is in {report.out_dir}")
    if as_json:
        print_json({**report.contents, "folder": str(report.out_dir), "next": list(_next(report))})
        return
    show(_lines(report))


def _lines(report: BuildReport) -> Iterator[Item]:
    if report.selection.prediction is not None:
        yield f"processor: {report.selection.prediction}"
    if not report.selection.keeps_up:
        yield Line("THIS IMAGE WILL NOT KEEP UP with the audio on the pedal.", "bold red")
    if report.tanh_cost is not None:
        yield f"tanh fast: {report.tanh_cost}"
    for region, sizes in report.contents["memory"].items():
        if sizes["model"] or sizes["stack"]:
            yield f"{region}: {', '.join(f'{v:,} bytes of {k}' for k, v in sizes.items() if v)}"
    for file, facts in report.contents["files"].items():
        yield f"{report.out_dir / file}: {facts['size_bytes']:,} bytes"
    yield ""
    yield Line("next", "bold")
    yield from (f"  {step}" for step in _next(report))


def _next(report: BuildReport) -> Iterator[str]:
    """What to do with the results: proof first, then how the image gets onto the board."""
    folder, boot = report.out_dir, report.boot
    verify = f"namgen verify {_word(folder)}"
    yield f"{verify}    proves that these files compute what the capture says"
    if boot is None:
        source = _word(folder / f"nam_{report.model.name}.c")
        yield f"cc {' '.join(ARITHMETIC)} -O2 -c {source}    compiles it"
        yield f'#include "nam_{report.model.name}.h" where you call it'
        return
    yield from boot.steps
    yield (
        f"dfu-util -a 0 -s 0x{boot.download_address:08x}:leave "
        f"-D {_word(folder / 'firmware.bin')} -d ,0483:df11"
    )


def _word(path: Path) -> str:
    """Spell a path as one word of a shell that no program takes for an option."""
    text = str(path)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)
