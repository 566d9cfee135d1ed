"""`namgen build`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from namgen.build import BuildReport, Job, build_job
from namgen.c_text import counted
from namgen.cli.command import command, json_option
from namgen.cli.common import check_packages, find_instrument, tell_chosen
from namgen.cli.options import (
    Purpose,
    block_option,
    boot_option,
    build_toolchain_option,
    clock_option,
    cpu_option,
    file_path,
    gathers,
    idle_option,
    is_given,
    models_argument,
    mpy_arch_option,
    name_option,
    state_option,
    target_option,
    wanted_options,
)
from namgen.cli.pedal_lines import pedal_lines
from namgen.cli.pedal_options import Around, around_options, said_of
from namgen.cli.progress import progress_lines
from namgen.cli.terminal import Item, Line, note, print_json, show
from namgen.measured import MeasuredPedal, read_measured
from namgen.order import Order
from namgen.packages import HEAP, package_of, shell_word
from namgen.pedal.deciding import Pedal, pedal_for
from namgen.pedal.room import Room, room_for
from namgen.pedal_boards import PedalBoard
from namgen.progress import Progress
from namgen.selection.told import precision_lines
from namgen.selection.wanted import Wanted


@dataclass(frozen=True, slots=True)
class _Making:
    """How the folder is made."""

    out_dir: Path | None
    toolchain: str
    replace: bool
    force: bool
    no_profile: bool
    measured: Path | None

    def check(self, order: Order) -> MeasuredPedal | None:
        """Read what was measured, before any work.

        Raises:
            NamgenError: the file is not right, or of another pedal.
            ToolError: nothing can be corrected without the emulator.

        """
        if self.measured is None:
            return None
        if self.no_profile:
            raise click.UsageError("--measured corrects what --no-profile leaves out")
        check_packages()
        found = read_measured(self.measured)
        found.check(order, self.measured)
        return found

    def job(self, pedal: Pedal, progress: Progress) -> Job:
        """Ask for the build."""
        return Job(
            pedal,
            self.out_dir,
            self.toolchain,
            force=self.force,
            replace_other=self.replace,
            instrument=None if self.no_profile else find_instrument(),
            measured=self.check(pedal.order),
            progress=progress,
        )


@command("build")
@models_argument
@target_option
@cpu_option
@mpy_arch_option
@click.option(
    "-o",
    "--out",
    "out_dir",
    type=file_path,
    metavar="DIR",
    help="Folder for the results.  [default: build/<name>]",
)
@around_options
@wanted_options
@block_option
@state_option
@boot_option
@clock_option
@build_toolchain_option
@idle_option
@name_option
@click.option(
    "--replace",
    is_flag=True,
    help="Replace DIR, or without -o build/NAME, also when it was made from another file.",
)
@click.option(
    "--force",
    is_flag=True,
    help="Build also what is not expected to keep up, and integers far from what they stand for.",
)
@click.option(
    "--no-profile", is_flag=True, help="Estimate the cost instead of running the image to see it."
)
@click.option(
    "--measured",
    type=file_path,
    metavar="FILE",
    help="Correct the prediction by what this pedal's self-test has measured: docs/selftest.md.",
)
@json_option
@gathers(Purpose, "purpose")
@gathers(Wanted, "wanted")
@gathers(Around, "around")
@gathers(_Making, "making")
def build_command(
    *,
    models: tuple[Path, ...],
    purpose: Purpose,
    wanted: Wanted,
    around: Around,
    making: _Making,
    as_json: bool,
) -> None:
    """Make the firmware of a pedal that plays MODELs, .nam files, or C alone of one.

    \b
    Examples:
        namgen build tweed.nam --board terrarium
        namgen build clean.nam lead.nam --board hothouse --ir cab.wav
        namgen build pedal.toml                   all of it from a file: docs/pedal.md
        namgen build tweed.nam --boot sram        for the Daisy bootloader
        namgen build tweed.nam --target cortex-m4f        C for another board
        namgen build tweed.nam --target c --cpu m4        with all that a project of yours needs
        namgen build tweed.nam --target micropython       a module to import on a board

    A MODEL may be a pedal.toml, alone; options win over it. The folder appears only when everything
    went well. Two builds of the same files are the same, byte for byte, on any machine; host is
    x86-64, or aarch64 on a 64-bit Arm.
    """  # noqa: D301
    target = purpose.target if is_given("target") else None
    said = said_of(around, purpose, wanted)
    pedal = pedal_for(models, said, target=target, variant=purpose.variant, state=purpose.state)
    with progress_lines() as progress:
        report = build_job(making.job(pedal, progress))
    _tell(report, None if making.out_dir else pedal.folder_name or report.model.name)
    steps = list(_next(report, pedal.wanted.board))
    if as_json:
        room = _room(report)
        more = {} if room is None else {"room": asdict(room) | {"captures": room.captures}}
        print_json({**report.contents, **more, "folder": str(report.out_dir), "next": steps})
        return
    if not report.sound.is_alone:
        show(pedal_lines(pedal.wanted, report.sound))
    show([*_lines(report), "", Line("next", "bold"), *(f"  {step}" for step in steps)])


def _tell(report: BuildReport, name: str | None) -> None:
    """Say on stderr what nobody asked for; `name` is what the folder would be called in build/."""
    for capture in report.sound.captures:
        tell_chosen(capture.selection)
    for warning in report.contents["warnings"]:
        note(warning)
    if name is not None and report.out_dir.name != name:
        note(f"build/{name} was made from another file or board; this is in {report.out_dir}")


def _lines(report: BuildReport) -> Iterator[Item]:
    for capture in report.sound.captures:
        yield from precision_lines(capture.selection, report.nulls.get(capture.title, {}))
    if report.prediction is not None:
        yield f"processor: {report.prediction}"
    if not report.keeps_up:
        what = "IMAGE" if report.firmware else "MODULE" if report.order.target.is_module else "C"
        target = report.order.target
        board = target.arduino.title if target.arduino else target.processor.title
        where = "on the pedal" if report.firmware else f"on {board}"
        yield Line(f"THIS {what} WILL NOT KEEP UP with the audio {where}.", "bold red")
    for cost in report.tanh_costs.values():
        yield f"tanh fast: {cost}"
    for region, sizes in report.contents["memory"].items():
        if region == HEAP:
            text, bss = sizes["text"], sizes["bss"]
            yield f"heap: {sizes['needed']:,} bytes: {text:,} of text, {bss:,} of state"
        elif sizes["model"] or sizes["stack"]:
            yield f"{region}: {', '.join(f'{v:,} bytes of {k}' for k, v in sizes.items() if v)}"
    yield from _files(report)
    room = _room(report)
    if room is not None:
        yield f"room: {room}"


def _room(report: BuildReport) -> Room | None:
    """Return what is left in the image of a pedal."""
    image = report.contents["files"].get("firmware.bin")
    if image is None or report.sound.is_alone:
        return None
    return room_for(report.sound, report.order, image["size_bytes"])


def _files(report: BuildReport) -> Iterator[str]:
    """Name the image or the module where there is one, else everything."""
    files: Mapping[str, Any] = report.contents["files"]
    machine_code = [f for f in files if f.startswith("firmware.") or f.endswith(".mpy")]
    named = machine_code or list(files)
    for file in named:
        yield f"{report.out_dir / file}: {files[file]['size_bytes']:,} bytes"
    if len(named) < len(files):
        other = "other file" if named else "file"
        others = counted(len(files) - len(named), other, f"{other}s")
        yield f"{report.out_dir}: {others}: C, copies of what it was made from"


def _next(report: BuildReport, board: PedalBoard) -> Iterator[str]:
    """What to do with the results: proof first, then what the package is for."""
    verify = f"namgen verify {shell_word(report.out_dir)}"
    yield f"{verify}    proves that these files compute what the capture says"
    package = package_of(report.order.target)
    yield from package.next_steps(report.model.name, report.order, report.out_dir)
    if board.update_mode is not None and report.boot is not None:
        held = " and ".join(board.update_mode.hold)
        yield f"next time: hold footswitch {held} for {board.update_mode.seconds:g} s, not BOOT"
