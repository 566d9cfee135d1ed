"""From a `.nam` file to a folder with its C, its firmware and a report."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from namgen.boards import Boot
from namgen.emit import emit
from namgen.errors import BudgetError, OutputError
from namgen.firmware import Image, build_image
from namgen.ir import Model
from namgen.lower import lower
from namgen.measures import activations_per_frame, macs, parameters, receptive_field
from namgen.nam_file import read
from namgen.nam_file.types import NamFile
from namgen.naming import c_name
from namgen.output_dir import (
    REPORT_NAME,
    Origin,
    check_origin,
    check_replaceable,
    default_folder,
    whole_folder,
)
from namgen.plan import Plan
from namgen.prediction import Instrument, Measured, Prediction
from namgen.progress import Progress, Stage, part, silent
from namgen.scratch import scratch_folder
from namgen.selection import LARGEST_THAT_FITS, Order, Selection, check_playable, make_order, select
from namgen.tanh_cost import TanhCost, tanh_cost
from namgen.targets import Target, load_target
from namgen.toolchain import CrossToolchain, find_cross
from namgen.version import VERSION

_LONGEST_STEM = 200
"""Bytes of a file name that are kept for the copy of the source."""


@dataclass(frozen=True, slots=True, eq=False)
class BuildReport:
    """What was built, and where."""

    out_dir: Path
    selection: Selection
    contents: Mapping[str, Any]  # of report.json
    tanh_cost: TanhCost | None = None  # None: every tanh is exact
    boot: Boot | None = None  # None: the target gets C files only

    @property
    def model(self) -> Model:
        """The model inside."""
        return self.selection.model

    @property
    def firmware(self) -> Path | None:
        """The image to flash; None when the target gets C files only."""
        path = self.out_dir / "firmware.bin"
        return path if path.exists() else None


def build(
    path: Path | str,
    *,
    target: str = "daisy",
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
    """Build the firmware of a `.nam` file.

    Args:
        path: the `.nam` file.
        target: one of `target_names()`.
        out_dir: the folder to make; when not given `build/<name>`, or, where another file's results
            are in that, `build/<name>_<piece of a hash>`.
        submodel: for containers: "largest-that-fits", "lite", "full" or a number from "1".
        slim: instead of `submodel`, the ratio 0 to 1 by which NAM selects a width.
        block_frames: frames per audio block, 1 to 256; the target's own when not given.
        boot: where the image runs from, for example "flash"; the target's first when not given.
        clock: processor clock in MHz; the target's own when not given.
        toolchain: "zig" or "gcc".
        name: the model's name in the C; made from the file's name when not given.
        tanh: "exact", or "fast" for the rational formula the NAM plug-in uses in its place.
        idle: "spin" between two blocks, against noise at their rate, or "sleep", to save power.
        force: build also what is not expected to keep up with the audio.
        replace_other: replace `out_dir`, or `build/<name>`, also when it was made from another
            file.
        instrument: times the image, as `host_sim.m7.pedal_profile.quick_instrument` does; without
            one, a static estimate has to do.
        progress: called with a line of text, a `Stage`, at every stage.

    Raises:
        NamgenError: the file, the choice, the budget, a tool or the output folder is not right.

    """
    order = make_order(
        load_target(target), clock=clock, block_frames=block_frames, boot=boot, idle=idle
    )
    if out_dir is not None:
        check_replaceable(Path(out_dir))
    progress(Stage(f"reading {Path(path).name}", 0.0))
    file = read(path)
    cross = find_cross(toolchain, progress=progress) if order.boot else None
    origin = Origin(file.name, file.sha256)
    called = name or c_name(file.name)
    place = Path(out_dir or default_folder(called, origin, replace_other=replace_other))
    check_replaceable(place)
    if not replace_other:
        check_origin(place, origin)
    selection = select(file, order, submodel=submodel, slim=slim, name=name, tanh=tanh)
    check_playable(selection, order)
    with scratch_folder() as scratch:
        bench = _Bench(order, cross, progress, scratch)
        if instrument is None or order.boot is None:
            _check_speed(selection, order, force=force)
            image = bench.make(selection)
        else:
            image = bench.make(selection)
            selection = replace(selection, prediction=bench.judge(selection, instrument))
            _check_speed(selection, order, force=force)
        cost = None
        if tanh == "fast":
            progress(Stage("comparing the fast tanh with the exact one", 0.9))
            rate_hz = order.target.only_rate_hz
            exact = lower(file, submodel=selection.submodel, slim=slim, rate_hz=rate_hz)
            cost = tanh_cost(exact, selection.model)
        source = _copy_source(path, file, selection.model, scratch)
        with whole_folder(place) as draft:
            shutil.copytree(scratch, draft, dirs_exist_ok=True)
            facts = _facts(selection, order, source=source) | {
                "options": _options(selection, order, slim=slim, tanh=tanh, toolchain=cross),
                "tanh": {"choice": tanh, "cost": None if cost is None else asdict(cost)},
                "memory": memory(selection, image, order.target),
                "warnings": [*file.warnings, *order.warnings],
                "files": _files(draft),
            }
            (draft / REPORT_NAME).write_text(_json(facts), encoding="utf-8", newline="\n")
    return BuildReport(place, selection, facts, cost, order.boot)


@dataclass(frozen=True, slots=True, eq=False)
class _Bench:
    """Makes the files of a model in a folder, and lets the instrument judge them."""

    order: Order
    cross: CrossToolchain | None  # None: the target has no firmware
    progress: Progress
    folder: Path

    def make(self, selection: Selection) -> Image | None:
        """Write the C; where the target has firmware, compile and link it.

        Raises:
            BudgetError: the image does not fit.

        """
        write_c(selection.plan, self.folder)
        boot, cross = self.order.boot, self.cross
        if boot is None or cross is None:
            return None
        progress = part(self.progress, 0.1, 0.6)
        progress(f"compiling {selection.model.name} with {cross.version}")
        try:
            return make_image(selection, self.order, boot.name, cross, self.folder, progress)
        except BudgetError as error:
            if selection.is_hopeless:
                said = f"and it would not keep up: {selection.prediction}"
                raise BudgetError(*error.lines, said) from error
            raise

    def judge(self, selection: Selection, instrument: Instrument) -> Prediction:
        """Predict by running the image."""
        self.progress(Stage(f"running {selection.model.name}", 0.6))
        return predict(instrument(self.folder / "firmware.elf", selection.plan), self.order)


def _copy_source(path: Path | str, file: NamFile, model: Model, folder: Path) -> str:
    """Put the file that was read beside the C, under its own name where that is a safe one.

    Raises:
        OutputError: the file has changed since it was read.

    """
    source = Path(file.name)
    ending = ".wav" if source.suffix.lower() == ".wav" else ".nam"
    stem = source.stem
    safe = stem.isprintable() and len(stem.encode()) <= _LONGEST_STEM
    name = f"{stem if safe else model.name}{ending}"
    data = Path(path).read_bytes()
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise OutputError(f"{path}: changed while it was being built; build it again")
    (folder / name).write_bytes(data)
    return name


def _options(
    selection: Selection,
    order: Order,
    *,
    slim: float | None,
    tanh: str,
    toolchain: CrossToolchain | None,
) -> dict[str, Any]:
    """All that `namgen verify` needs to know to repeat the build, nothing left to a default."""
    cross = toolchain and {"name": toolchain.name, "version": toolchain.version}
    return {
        "target": order.target.name,
        "boot": order.boot and order.boot.name,
        "clock_hz": order.clock_hz,
        "block_frames": order.block_frames,
        "idle": order.idle,
        "toolchain": cross,
        "submodel": selection.submodel,
        "slim": slim,
        "tanh": tanh,
        "name": selection.model.name,
        "vector": selection.plan.layout.vector,
    }


def predict(found: Measured, order: Order) -> Prediction:
    """Set what the instrument found beside the order's budget."""
    return Prediction("cycle model", found.worst_cycles, order.budget, found.margin)


def write_c(planned: Plan, folder: Path) -> None:
    """Write the generated C files into a folder."""
    for file, text in emit(planned).items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")


def _check_speed(selection: Selection, order: Order, *, force: bool) -> None:
    """Refuse what is not expected to keep up, unless it is asked for."""
    cost = selection.prediction
    if cost is not None and not cost.keeps_up and not force:
        sure = "will" if cost.cycles_per_block > cost.budget.cycles else "may"
        raise BudgetError(
            f"{selection.model.source}: {order.target.title} {sure} not keep up: "
            f"{cost} ({cost.in_numbers}); --force builds it all the same{_smaller(selection)}"
        )


def _smaller(selection: Selection) -> str:
    """Name the next submodel of a container below the one that was chosen, where there is one."""
    known = [choice.submodel for choice in selection.choices]
    below = known[known.index(selection.submodel) + 1 :] if known else []
    return f", --submodel {below[0]} is smaller" if below else ""


def make_image(
    selection: Selection,
    order: Order,
    boot: str,
    cross: CrossToolchain,
    folder: Path,
    progress: Progress = silent,
) -> Image:
    """Compile and link the firmware of the C in a folder, into that folder.

    Raises:
        BudgetError: the image is larger than its place.
        ToolError: the toolchain failed.

    """
    return build_image(
        folder,
        selection.model.name,
        board=order.target.pedal,
        boot=boot,
        clock_hz=order.clock_hz,
        block_frames=order.block_frames,
        toolchain=cross,
        buffers=selection.plan.buffers,
        out_dir=folder,
        options={"PEDAL_IDLE_SLEEP": "1"} if order.idle == "sleep" else None,
        progress=progress,
    )


def _facts(selection: Selection, order: Order, *, source: str) -> dict[str, Any]:
    """Everything worth knowing about the build, without dates, paths or the user's name."""
    model, cost = selection.model, selection.prediction
    return {
        "generator": f"namgen {VERSION}",
        "model": {
            "name": model.name,
            "source": model.source,
            "file": source,
            "sha256": model.sha256,
            "options": list(model.options),
            "sample_rate_hz": None if model.rate_is_assumed else model.sample_rate_hz,
            "assumed_sample_rate_hz": model.sample_rate_hz if model.rate_is_assumed else None,
            "resampled_from_hz": model.resampled_from_hz,
            "parameters": parameters(model.network),
            "macs_per_sample": macs(model.network),
            "activations_per_sample": activations_per_frame(model.network),
            "receptive_field": receptive_field(model.network),
        },
        "submodels": [asdict(choice) for choice in selection.choices],
        "target": {
            "name": order.target.name,
            "clock_hz": order.clock_hz,
            "block_frames": order.block_frames,
        },
        "prediction": None if cost is None else cost.to_json(),
        "buffers": [
            {"symbol": b.symbol, "size_bytes": b.size_bytes, "region": b.region}
            for b in selection.plan.buffers
        ],
    }


def memory(selection: Selection, image: Image | None, target: Target) -> dict[str, dict[str, int]]:
    """Bytes per region: the model's arrays, the rest of the firmware, and the stack's reserve."""
    found: dict[str, dict[str, int]] = {}
    for buffer in selection.plan.buffers:
        if buffer.region and image is not None:
            entry = found.setdefault(buffer.region, {"model": 0, "firmware": 0, "stack": 0})
            entry["model"] += buffer.size_bytes
    if image is None:
        return {}
    stack_region = target.pedal.stack.region
    for region, used in image.used_bytes.items():
        entry = found.setdefault(region, {"model": 0, "firmware": 0, "stack": 0})
        entry["firmware"] = used - entry["model"]
        entry["stack"] = image.stack_reserved_bytes if region == stack_region else 0
    return {name: sizes for name, sizes in found.items() if any(sizes.values())}


def _files(folder: Path) -> dict[str, dict[str, Any]]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            name = path.relative_to(folder).as_posix()
            found[name] = {"size_bytes": len(data), "sha256": digest}
    return found


def _json(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
