"""From captures to a folder with their C, their firmware and a report."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from namgen.boards import Boot
from namgen.build_facts import facts_of, report_text
from namgen.controls import ControlsPlan
from namgen.errors import BudgetError, UnsupportedError
from namgen.fixed.quality import LEAST_SNR_DB
from namgen.ir import Model
from namgen.measured import MeasuredPedal, measured_facts
from namgen.nam_file.types import NamFile
from namgen.naming import c_name
from namgen.order import Order
from namgen.output_dir import (
    REPORT_NAME,
    Origin,
    check_origin,
    check_replaceable,
    default_folder,
    whole_folder,
)
from namgen.packages import Contents, Product, Shop, package_of
from namgen.pedal.deciding import Pedal, pedal_for
from namgen.pedal.emit import contents_of
from namgen.pedal.files import read_captures
from namgen.pedal.notes import cabinet_note, loaded_note, notes_of
from namgen.pedal.panel import controls_of
from namgen.pedal.said import PedalSaid
from namgen.pedal.sound import SoundPlan, plan_sound
from namgen.pedal.sources import copies_of
from namgen.prediction import Instrument, InUse, Measured, Prediction
from namgen.processors import DEFAULT_PROCESSOR
from namgen.progress import Progress, Stage, part, silent
from namgen.scratch import scratch_folder
from namgen.selection.found import Selection
from namgen.selection.told import Nulls, nulls_of
from namgen.selection.wanted import less_asked
from namgen.tanh_cost import TanhCost, tanh_cost
from namgen.toolchain import CrossToolchain, find_cross


@dataclass(frozen=True, slots=True, eq=False)
class BuildReport:
    """What was built, and where."""

    out_dir: Path
    sound: SoundPlan
    controls: ControlsPlan | None  # None: the board has none, or there is no board
    prediction: Prediction | None  # None: the target has no budget of cycles
    order: Order
    contents: Mapping[str, Any]  # of report.json
    tanh_costs: Mapping[str, TanhCost]  # by the titles of captures whose tanh is not exact
    nulls: Mapping[str, Nulls]  # by the titles of captures in integers

    @property
    def model(self) -> Model:
        """The model of the first capture."""
        return self.sound.captures[0].selection.model

    @property
    def keeps_up(self) -> bool:
        """Whether it is expected to run in real time."""
        return self.prediction is None or self.prediction.keeps_up

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

    pedal: Pedal
    out_dir: Path | None = None  # None: named after the model
    toolchain: str = "zig"  # one of CROSS_NAMES
    force: bool = False  # build also what is not expected to keep up with the audio
    replace_other: bool = False  # replace a folder also when another file's results are in it
    instrument: Instrument | None = None  # times the image; None: the static estimate has to do
    measured: MeasuredPedal | None = None  # corrects what the instrument finds
    progress: Progress = silent

    @property
    def order(self) -> Order:
        """What it is made for."""
        return self.pedal.order


def build(
    *paths: Path | str,
    target: str | None = None,
    variant: str | None = None,
    state: str | None = None,
    out_dir: Path | str | None = None,
    toolchain: str = "zig",
    force: bool = False,
    replace_other: bool = False,
    instrument: Instrument | None = None,
    progress: Progress = silent,
    **choices: Any,
) -> BuildReport:
    """Build the firmware of captures or of a `pedal.toml`, or the C alone of a capture.

    Without a `target` it is the board's. The choices are those of `namgen build`, with its
    defaults: for a pedal the keys of a `pedal.toml` (`PedalSaid`), such as `board`, `block` and
    `ir`; for C alone `block`, `submodel`, `slim`, `tanh` and `name`. Of a package `variant`
    and `state` are as `load_target` and `make_order` take them. `instrument` times the image, as
    `host_sim.m7.pedal_profile.quick_instrument` does. `progress` is called with a line of text, a
    `Stage`, at every stage.

    Raises:
        NamgenError: a file, the choice, the budget, a tool or the output folder is not right.

    """
    said = PedalSaid(**choices)
    captures = [Path(path) for path in paths]
    pedal = pedal_for(captures, said, target=target, variant=variant, state=state)
    place = None if out_dir is None else Path(out_dir)
    asked = Job(pedal, place, toolchain, force, replace_other, instrument, progress=progress)
    return build_job(asked)


def build_job(job: Job) -> BuildReport:
    """Build what is asked for; the folder appears only when all of it is there.

    Raises:
        NamgenError: the file, the choice, the budget, a tool or the output folder is not right.

    """
    if job.out_dir is not None:
        check_replaceable(job.out_dir)
    files = read_captures(
        job.pedal.wanted.captures, lambda path: job.progress(Stage(f"reading {path.name}", 0.0))
    )
    package = package_of(job.order.target)
    cross = _toolchain(job) if package.is_compiled else None
    place = _place(job, files)
    told = part(job.progress, 0.0, 0.1)
    sound = plan_sound(job.pedal.wanted, job.order, files, progress=told)
    controls = _checked(job, sound)
    with scratch_folder() as scratch:
        shop = Shop(scratch, cross, part(job.progress, 0.1, 0.6))
        prediction, image = _made(job, sound, controls, shop)
        costs = dict(_tanh_costs(job, files, sound))
        nulls = dict(_nulls(job, files, sound))
        copies = copies_of(job.pedal, sound)
        copies.write(scratch, files)
        with whole_folder(place) as draft:
            shutil.copytree(scratch, draft, dirs_exist_ok=True)
            facts = facts_of(
                job.pedal,
                sound,
                copies,
                prediction=prediction,
                toolchain=cross,
                tanh_costs=costs,
                nulls=nulls,
                memory=package.memory([capture.plan for capture in sound.captures], image),
                warnings=(*_warnings(job.pedal, sound, files), *job.order.warnings),
                folder=draft,
            )
            if job.measured is not None:
                facts["measured"] = measured_facts(job.measured)
            (draft / REPORT_NAME).write_text(report_text(facts), encoding="utf-8", newline="\n")
    return BuildReport(place, sound, controls, prediction, job.order, facts, costs, nulls)


@dataclass(frozen=True, slots=True, eq=False)
class Firmware:
    """An image alone."""

    data: bytes
    prediction: Prediction | None  # as in a `BuildReport`


def firmware_of(job: Job, sound: SoundPlan) -> Firmware:
    """Make the image alone, with the bytes that `build_job` gives it, and no folder.

    Args:
        job: what is asked for; its folder does not matter.
        sound: what `plan_sound` made of it.

    Raises:
        NamgenError: a capture, the budget or a tool is not right, as for `build_job`.

    """
    cross = _toolchain(job)
    controls = _checked(job, sound)
    with scratch_folder() as scratch:
        shop = Shop(scratch, cross, part(job.progress, 0.0, 0.6))
        prediction, _ = _made(job, sound, controls, shop)
        return Firmware((scratch / "firmware.bin").read_bytes(), prediction)


def _checked(job: Job, sound: SoundPlan) -> ControlsPlan | None:
    """Refuse what cannot be delivered; return the controls of the rest."""
    _check_truth(sound, job)
    package = package_of(job.order.target)
    for capture in sound.captures:
        package.check(capture.selection.model, capture.plan)
    return controls_of(job.pedal.wanted, sound)


def _check_truth(sound: SoundPlan, job: Job) -> None:
    """Refuse integers that are far from what they stand for, unless they are asked for."""
    for asked, capture in zip(job.pedal.wanted.captures, sound.captures, strict=True):
        fixed, recording = capture.selection.fixed, asked.wanted.recording
        if fixed and not fixed.is_true and not job.force:
            made_for = f"; they were made for {recording}" if recording and fixed.listens else ""
            raise UnsupportedError(
                f"{fixed.source}: {fixed.precision}: {fixed.quality.normal}{made_for}; a build "
                f"asks for {LEAST_SNR_DB:g} dB; --force builds it all the same; --precision auto "
                "takes what is true enough and keeps up"
            )


def _warnings(pedal: Pedal, sound: SoundPlan, files: Mapping[Path, NamFile]) -> Iterator[str]:
    for file in files.values():
        yield from (f"{file.name}: {warning}" for warning in file.warnings)
    if pedal.order.target.board is not None:
        yield from notes_of(pedal.wanted)
        yield from filter(None, [loaded_note(sound)])
        for capture in pedal.wanted.captures:
            if note := cabinet_note(capture, files[capture.path]):
                yield note


def _toolchain(job: Job) -> CrossToolchain:
    processor = job.order.target.processor.name
    return find_cross(job.toolchain, processor=processor, progress=job.progress)


def _place(job: Job, files: Mapping[Path, NamFile]) -> Path:
    """Choose the folder, and see that nothing is lost there."""
    first = files[job.pedal.wanted.captures[0].path]
    usual = usual_folder(job.pedal, first, replace_other=job.replace_other)
    place = job.out_dir or usual
    check_replaceable(place)
    if not job.replace_other:
        check_origin(place, Origin(first.name, first.sha256))
    return place


def usual_folder(pedal: Pedal, first: NamFile, *, replace_other: bool = False) -> Path:
    """Return where a pedal is built when nobody says so; `first` is the file of its first capture.

    Others' results stay, unless they are to be replaced; see `default_folder`.
    """
    called = pedal.folder_name or c_name(first.name)
    board = None if pedal.order.target.board is None else pedal.board_name
    origin = Origin(first.name, first.sha256)
    return default_folder(called, origin, board=board, replace_other=replace_other)


def _made(
    job: Job, sound: SoundPlan, controls: ControlsPlan | None, shop: Shop
) -> tuple[Prediction | None, Product | None]:
    """Make the package; what is not expected to keep up is refused, before it where that can be."""
    instrument = job.instrument if job.order.target.makes_image else None
    guess = sound.prediction
    if instrument is None or sound.is_hopeless:
        _check_speed(guess, sound, job)
    image = _image(job, sound, contents_of(sound, controls), shop)
    if instrument is None:
        return guess, image
    job.progress(Stage(f"running {sound.slowest.selection.model.name}", 0.6))
    own = job.pedal.wanted.board
    board = own if controls else None
    slowest = sound.captures.index(sound.slowest) if len(sound.captures) > 1 else None
    use = InUse(job.order.target.name, board, slowest, sound.bypass_idle, own.codec)
    timed = predict(instrument(shop.folder / "firmware.elf", use), job.order)
    if job.measured is not None:
        timed = job.measured.correct(timed, is_float=not sound.slowest.selection.fixed)
    _check_speed(timed, sound, job)
    return timed, image


def _image(job: Job, sound: SoundPlan, contents: Contents, shop: Shop) -> Product | None:
    """Make the package; where the image does not fit, say also if it would not keep up."""
    if shop.toolchain is not None:
        names = " and ".join(dict.fromkeys(c.selection.model.name for c in sound.captures))
        shop.progress(f"compiling {names} with {shop.toolchain.version}")
    try:
        return package_of(job.order.target).make(contents, job.order, shop)
    except BudgetError as error:
        if sound.is_hopeless:
            said = f"and it would not keep up: {sound.prediction}"
            raise BudgetError(*error.lines, said) from error
        raise


def _tanh_costs(
    job: Job, files: Mapping[Path, NamFile], sound: SoundPlan
) -> Iterator[tuple[str, TanhCost]]:
    """Compare with the exact tanh, where there is another."""
    for capture, played in zip(job.pedal.wanted.captures, sound.captures, strict=True):
        if capture.wanted.tanh == "fast":
            job.progress(Stage("comparing the fast tanh with the exact one", 0.9))
            wanted = replace(capture.wanted, tanh="exact")
            taken = played.selection
            exact = wanted.lower(files[capture.path], taken.submodel, job.order)
            yield capture.title, tanh_cost(exact, taken.model)


def _nulls(
    job: Job, files: Mapping[Path, NamFile], sound: SoundPlan
) -> Iterator[tuple[str, Nulls]]:
    """Compare with smaller submodels, where integers make room for the larger one."""
    for capture, played in zip(job.pedal.wanted.captures, sound.captures, strict=True):
        if played.selection.fixed:
            job.progress(Stage("comparing with smaller submodels", 0.95))
            file = files[capture.path]
            yield capture.title, nulls_of(played.selection, file, capture.wanted, job.order)


def predict(found: Measured, order: Order) -> Prediction:
    """Set what the instrument found beside the order's budget."""
    return Prediction("cycle model", found.worst_cycles, order.budget, found.margin)


def _check_speed(cost: Prediction | None, sound: SoundPlan, job: Job) -> None:
    """Refuse what is not expected to keep up, unless it is asked for."""
    if cost is not None and not cost.keeps_up and not job.force:
        sure = "will" if cost.cycles_per_block > cost.budget.cycles else "may"
        slowest = sound.slowest.selection
        raise BudgetError(
            f"{slowest.model.source}: {job.order.target.title} {sure} not keep up: "
            f"{cost} ({cost.in_numbers}); --force builds it all the same"
            f"{_smaller(slowest)}{_other_processor(cost, job)}{_less_asked(sound, job)}"
        )


def _other_processor(cost: Prediction, job: Job) -> str:
    """Name what may do where none of the chosen kind of processor is fast enough."""
    is_hopeless = cost.method == "least" and not job.order.target.is_module
    option = "--cpu" if job.order.target.package else "--target"
    return f"; {option} {DEFAULT_PROCESSOR} may do" if is_hopeless else ""


def _less_asked(sound: SoundPlan, job: Job) -> str:
    """Name the choices without which something smaller would be taken, where there is that."""
    asked = (capture.wanted for capture in job.pedal.wanted.captures)
    models = (played.selection.model for played in sound.captures)
    told = less_asked(zip(asked, models, strict=True))
    return f"; {told}" if told else ""


def _smaller(selection: Selection) -> str:
    """Name the next submodel of a container below the one that was chosen, where there is one."""
    tried = [choice.submodel for choice in selection.choices if choice.submodel is not None]
    known = list(dict.fromkeys(tried))
    below = known[known.index(selection.submodel) + 1 :] if known else []
    return f", --submodel {below[0]} is smaller" if below else ""
