"""From a `.nam` file to a folder with its C, its firmware and a report."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from namgen.boards import Boot
from namgen.build_facts import facts_of, report_text
from namgen.errors import BudgetError, OutputError
from namgen.firmware import Image
from namgen.ir import Model
from namgen.nam_file import read
from namgen.nam_file.types import NamFile
from namgen.naming import c_name
from namgen.order import Order, make_order
from namgen.output_dir import (
    REPORT_NAME,
    Origin,
    check_origin,
    check_replaceable,
    default_folder,
    whole_folder,
)
from namgen.packages import Shop, package_of
from namgen.prediction import Instrument, Measured, Prediction
from namgen.progress import Progress, Stage, part, silent
from namgen.scratch import scratch_folder
from namgen.selection import ANYTHING, LARGEST_THAT_FITS, Selection, Wanted, select
from namgen.tanh_cost import TanhCost, tanh_cost
from namgen.targets import DEFAULT_TARGET, load_target
from namgen.toolchain import CrossToolchain, find_cross

_LONGEST_STEM = 200
"""Bytes of a file name that are kept for the copy of the source."""


@dataclass(frozen=True, slots=True, eq=False)
class BuildReport:
    """What was built, and where."""

    out_dir: Path
    selection: Selection
    order: Order
    contents: Mapping[str, Any]  # of report.json
    tanh_cost: TanhCost | None = None  # None: every tanh is exact

    @property
    def model(self) -> Model:
        """The model inside."""
        return self.selection.model

    @property
    def boot(self) -> Boot | None:
        """How the image starts; None when the target gets C files only."""
        return self.order.boot

    @property
    def firmware(self) -> Path | None:
        """The image to flash; None when the target gets C files only."""
        path = self.out_dir / "firmware.bin"
        return path if path.exists() else None


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A build as it is asked for."""

    path: Path
    order: Order
    wanted: Wanted = ANYTHING
    out_dir: Path | None = None  # None: named after the model
    toolchain: str = "zig"  # one of CROSS_NAMES
    force: bool = False  # build also what is not expected to keep up with the audio
    replace_other: bool = False  # replace a folder also when another file's results are in it
    instrument: Instrument | None = None  # times the image; None: the static estimate has to do
    progress: Progress = silent


def build(
    path: Path | str,
    *,
    target: str = DEFAULT_TARGET,
    out_dir: Path | str | None = None,
    submodel: str = LARGEST_THAT_FITS,
    slim: float | None = None,
    block_frames: int | None = None,
    boot: str | None = None,
    clock: str | None = None,
    toolchain: str = "zig",
    name: str | None = None,
    tanh: str = "exact",
    idle: str = "spin",
    force: bool = False,
    replace_other: bool = False,
    instrument: Instrument | None = None,
    progress: Progress = silent,
) -> BuildReport:
    """Build the firmware, or the C alone, of a `.nam` file.

    The choices are those of `namgen build`, with its defaults. `Wanted` says what is taken of the
    file (`submodel`, `slim`, `tanh`, `name`), `make_order` what it is made for (`target`, `clock`
    in MHz, `block_frames`, `boot`, `idle`), and `Job` the rest. `instrument` times the image, as
    `host_sim.m7.pedal_profile.quick_instrument` does. `progress` is called with a line of text, a
    `Stage`, at every stage.

    Raises:
        NamgenError: the file, the choice, the budget, a tool or the output folder is not right.

    """
    order = make_order(
        load_target(target), clock=clock, block_frames=block_frames, boot=boot, idle=idle
    )
    wanted = Wanted(submodel, slim, tanh, name)
    place = None if out_dir is None else Path(out_dir)
    return build_job(
        Job(Path(path), order, wanted, place, toolchain, force, replace_other, instrument, progress)
    )


def build_job(job: Job) -> BuildReport:
    """Build what is asked for; the folder appears only when all of it is there.

    Raises:
        NamgenError: the file, the choice, the budget, a tool or the output folder is not right.

    """
    if job.out_dir is not None:
        check_replaceable(job.out_dir)
    job.progress(Stage(f"reading {job.path.name}", 0.0))
    file = read(job.path)
    package = package_of(job.order.target)
    cross = _toolchain(job) if package.is_compiled else None
    place = _place(job, file)
    selection = select(file, job.order, job.wanted)
    package.check(selection.model, selection.plan)
    with scratch_folder() as scratch:
        selection, image = _made(job, selection, Shop(scratch, cross, part(job.progress, 0.1, 0.6)))
        cost = _tanh_cost(job, file, selection)
        source = _copy_source(job.path, file, selection.model, scratch)
        with whole_folder(place) as draft:
            shutil.copytree(scratch, draft, dirs_exist_ok=True)
            facts = facts_of(
                selection,
                job.order,
                job.wanted,
                source=source,
                toolchain=cross,
                tanh_cost=cost,
                memory=package.memory(selection.plan, image),
                warnings=(*file.warnings, *job.order.warnings),
                folder=draft,
            )
            (draft / REPORT_NAME).write_text(report_text(facts), encoding="utf-8", newline="\n")
    return BuildReport(place, selection, job.order, facts, cost)


def _toolchain(job: Job) -> CrossToolchain:
    processor = job.order.target.processor.name
    return find_cross(job.toolchain, processor=processor, progress=job.progress)


def _place(job: Job, file: NamFile) -> Path:
    """Choose the folder, and see that nothing is lost there."""
    origin = Origin(file.name, file.sha256)
    called = job.wanted.name or c_name(file.name)
    place = job.out_dir or default_folder(called, origin, replace_other=job.replace_other)
    check_replaceable(place)
    if not job.replace_other:
        check_origin(place, origin)
    return place


def _made(job: Job, selection: Selection, shop: Shop) -> tuple[Selection, Image | None]:
    """Make the package; what is not expected to keep up is refused, before it where that can be."""
    instrument = None if shop.toolchain is None else job.instrument
    if instrument is None or selection.is_hopeless:
        _check_speed(selection, job)
    image = _image(job, selection, shop)
    if instrument is None:
        return selection, image
    job.progress(Stage(f"running {selection.model.name}", 0.6))
    found = instrument(shop.folder / "firmware.elf", selection.plan)
    timed = replace(selection, prediction=predict(found, job.order))
    _check_speed(timed, job)
    return timed, image


def _image(job: Job, selection: Selection, shop: Shop) -> Image | None:
    """Make the package; where the image does not fit, say also if it would not keep up."""
    if shop.toolchain is not None:
        shop.progress(f"compiling {selection.model.name} with {shop.toolchain.version}")
    try:
        return package_of(job.order.target).make(selection.plan, job.order, shop)
    except BudgetError as error:
        if selection.is_hopeless:
            said = f"and it would not keep up: {selection.prediction}"
            raise BudgetError(*error.lines, said) from error
        raise


def _tanh_cost(job: Job, file: NamFile, selection: Selection) -> TanhCost | None:
    """Compare with the exact tanh, where there is another."""
    if job.wanted.tanh != "fast":
        return None
    job.progress(Stage("comparing the fast tanh with the exact one", 0.9))
    exact = replace(job.wanted, tanh="exact").lower(file, selection.submodel, job.order)
    return tanh_cost(exact, selection.model)


def _copy_source(path: Path, file: NamFile, model: Model, folder: Path) -> str:
    """Put the file that was read beside the C, under its own name where that is a safe one.

    Raises:
        OutputError: the file has changed since it was read.

    """
    source = Path(file.name)
    ending = ".wav" if source.suffix.lower() == ".wav" else ".nam"
    stem = source.stem
    safe = stem.isprintable() and len(stem.encode()) <= _LONGEST_STEM
    name = f"{stem if safe else model.name}{ending}"
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise OutputError(f"{path}: changed while it was being built; build it again")
    (folder / name).write_bytes(data)
    return name


def predict(found: Measured, order: Order) -> Prediction:
    """Set what the instrument found beside the order's budget."""
    return Prediction("cycle model", found.worst_cycles, order.budget, found.margin)


def _check_speed(selection: Selection, job: Job) -> None:
    """Refuse what is not expected to keep up, unless it is asked for."""
    cost = selection.prediction
    if cost is not None and not cost.keeps_up and not job.force:
        sure = "will" if cost.cycles_per_block > cost.budget.cycles else "may"
        raise BudgetError(
            f"{selection.model.source}: {job.order.target.title} {sure} not keep up: "
            f"{cost} ({cost.in_numbers}); --force builds it all the same{_smaller(selection)}"
        )


def _smaller(selection: Selection) -> str:
    """Name the next submodel of a container below the one that was chosen, where there is one."""
    known = [choice.submodel for choice in selection.choices]
    below = known[known.index(selection.submodel) + 1 :] if known else []
    return f", --submodel {below[0]} is smaller" if below else ""
