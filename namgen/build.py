"""From a `.nam` file to a folder with its C, its firmware and a report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

from namgen.emit import emit
from namgen.errors import BudgetError
from namgen.firmware import build_image
from namgen.ir import Model
from namgen.lower import lower
from namgen.measures import activations_per_frame, macs, parameters, receptive_field
from namgen.nam_file import read
from namgen.output_dir import REPORT_NAME, check_replaceable, whole_folder
from namgen.plan import Plan
from namgen.selection import LARGEST_THAT_FITS, Order, Selection, check_playable, make_order, select
from namgen.tanh_cost import TanhCost, tanh_cost
from namgen.targets import load_target
from namgen.toolchain import CrossToolchain, find_cross
from namgen.version import VERSION

Progress: TypeAlias = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class BuildReport:
    """What was built, and where."""

    out_dir: Path
    selection: Selection
    contents: Mapping[str, Any]  # of report.json
    tanh_cost: TanhCost | None = None  # None: every tanh is exact

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
    force: bool = False,
    progress: Progress = lambda line: None,
) -> BuildReport:
    """Build the firmware of a `.nam` file.

    Args:
        path: the `.nam` file.
        target: one of `target_names()`.
        out_dir: the folder to make; `build/<name>` when not given.
        submodel: for containers: "largest-that-fits", "lite", "full" or a number from "1".
        slim: instead of `submodel`, the ratio 0 to 1 by which NAM selects a width.
        block_frames: frames per audio block, 1 to 256; the target's own when not given.
        boot: where the image runs from, for example "flash"; the target's first when not given.
        clock: processor clock in MHz; the target's own when not given.
        toolchain: "zig" or "gcc".
        name: the model's name in the C; made from the file's name when not given.
        tanh: "exact", or "fast" for the rational formula the NAM plug-in uses in its place.
        force: build also what is not expected to keep up with the audio.
        progress: called with a line of text at every stage.

    Raises:
        NamgenError: the file, the choice, the budget, a tool or the output folder is not right.

    """
    progress(f"reading {Path(path).name}")
    file = read(path)
    order = make_order(load_target(target), clock=clock, block_frames=block_frames)
    selection = select(file, order, submodel=submodel, slim=slim, name=name, tanh=tanh)
    place = Path(out_dir) if out_dir is not None else Path("build") / selection.model.name
    check_playable(selection, order)
    _check_speed(selection, order, force=force)
    check_replaceable(place)
    cost = None
    if tanh == "fast":
        progress("comparing the fast tanh with the exact one")
        cost = tanh_cost(lower(file, submodel=selection.submodel, slim=slim), selection.model)
    with whole_folder(place) as draft:
        write_c(selection.plan, draft)
        facts = _facts(selection, order) | {
            "tanh": {"choice": tanh, "cost": None if cost is None else asdict(cost)},
            "warnings": list(file.warnings),
        }
        if order.target.boots:
            cross = find_cross(toolchain, progress=progress)
            progress(f"compiling {selection.model.name} with {cross.version}")
            facts |= _image(selection, order, boot, cross, draft)
        facts["files"] = _files(draft)
        (draft / REPORT_NAME).write_text(_json(facts), encoding="utf-8", newline="\n")
    return BuildReport(place, selection, facts, cost)


def write_c(planned: Plan, folder: Path) -> None:
    """Write the generated C files into a folder."""
    for file, text in emit(planned).items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")


def _check_speed(selection: Selection, order: Order, *, force: bool) -> None:
    """Refuse what is not expected to keep up, unless it is asked for."""
    if not selection.keeps_up and not force:
        raise BudgetError(
            f"{selection.model.source}: {order.target.title} will not keep up: "
            f"{selection.estimate}; --force builds it all the same"
        )


def _image(
    selection: Selection, order: Order, boot: str | None, cross: CrossToolchain, folder: Path
) -> dict[str, Any]:
    """Compile and link the firmware into the folder; the facts it adds to the report."""
    place = order.target.boot(boot) if boot else order.target.boots[0]
    build_image(
        folder,
        selection.model.name,
        target=order.target,
        boot=place.name,
        clock_hz=order.clock_hz,
        block_frames=order.block_frames,
        toolchain=cross,
        buffers=selection.plan.buffers,
        out_dir=folder,
    )
    return {"boot": place.name, "toolchain": {"name": cross.name, "version": cross.version}}


def _facts(selection: Selection, order: Order) -> dict[str, Any]:
    """Everything worth knowing about the build, without dates, paths or the user's name."""
    model, cost = selection.model, selection.estimate
    return {
        "generator": f"namgen {VERSION}",
        "model": {
            "name": model.name,
            "source": model.source,
            "sha256": model.sha256,
            "options": list(model.options),
            "sample_rate_hz": model.sample_rate_hz,
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
        "estimate": None if cost is None else {**asdict(cost), "keeps_up": cost.keeps_up},
        "buffers": [
            {"symbol": b.symbol, "size_bytes": b.size_bytes, "region": b.region}
            for b in selection.plan.buffers
        ],
    }


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
