"""What a build's report says: everything worth knowing, without dates, paths or the user's name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from namgen.chain.levels import Correction
from namgen.ir import Model
from namgen.measures import activations_per_frame, macs, parameters, receptive_field
from namgen.order import Order
from namgen.packages import Memory
from namgen.passes.fold import fold
from namgen.pedal.deciding import Pedal
from namgen.pedal.sound import Played, SoundPlan
from namgen.pedal.sources import Copies, recorded
from namgen.pedal.wanted import Capture
from namgen.prediction import Prediction
from namgen.selection.found import Selection
from namgen.selection.told import Nulls, precision_facts
from namgen.selection.wanted import Wanted
from namgen.tanh_cost import TanhCost
from namgen.toolchain import CrossToolchain
from namgen.version import VERSION


def facts_of(
    pedal: Pedal,
    sound: SoundPlan,
    copies: Copies,
    *,
    prediction: Prediction | None,
    toolchain: CrossToolchain | None,
    tanh_costs: Mapping[str, TanhCost],
    nulls: Mapping[str, Nulls],
    memory: Memory,
    warnings: tuple[str, ...],
    folder: Path,
) -> dict[str, Any]:
    """Collect the facts of a build; `copies` of the files it was made from lie in `folder`."""
    order, wanted = pedal.order, pedal.wanted
    first = sound.captures[0].selection
    source = copies.names[wanted.captures[0].path]
    cost = tanh_costs.get(wanted.captures[0].title)
    return {
        "generator": f"namgen {VERSION}",
        "model": _model(first.model, source),
        "submodels": [asdict(choice) for choice in first.choices],
        "target": _target(order),
        "prediction": None if prediction is None else prediction.to_json(),
        "buffers": [
            {"symbol": b.symbol, "size_bytes": b.size_bytes, "region": b.region}
            for b in first.plan.buffers
        ],
        "options": {
            **_options(first, order, wanted.captures[0].wanted, toolchain),
            "calibrate": _recording(wanted.captures[0].wanted, copies),
        },
        "tanh": {
            "choice": wanted.captures[0].wanted.tanh,
            "cost": None if cost is None else asdict(cost),
        },
        "captures": [
            _capture(capture, played, copies, nulls.get(capture.title, {}))
            for capture, played in zip(wanted.captures, sound.captures, strict=True)
        ],
        "chain": None if sound.is_alone else _chain(sound),
        "pedal": None if sound.is_alone else recorded(pedal, sound, copies),
        "memory": memory,
        "warnings": list(warnings),
        "files": _files(folder),
    }


def _capture(capture: Capture, played: Played, copies: Copies, nulls: Nulls) -> dict[str, Any]:
    gains = played.gains
    return {
        "title": capture.title,
        **_model(played.selection.model, copies.names[capture.path]),
        "submodel": played.selection.submodel,
        "precision": precision_facts(played.selection, capture.wanted, nulls)
        | {"recording": _heard(played.selection, capture.wanted, copies)},
        "calibration": _correction(gains.calibration),
        "normalisation": _correction(gains.normalisation),
        "trim_db": gains.trim_db,
        "ir": copies.names[capture.ir] if capture.ir else None,
    }


def _recording(wanted: Wanted, copies: Copies) -> str | None:
    """Name the copy of the recording."""
    return copies.names[wanted.recording.path] if wanted.recording else None


def _heard(taken: Selection, wanted: Wanted, copies: Copies) -> dict[str, Any] | None:
    """Say of a recording whether it is used, and why not."""
    if wanted.recording is None:
        return None
    told = taken.unheard or None
    return {"file": _recording(wanted, copies), "used": told is None, "told": told}


def _correction(found: Correction | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"gain_db": round(found.gain_db, 2), "limited": found.is_limited, "told": str(found)}


def _chain(sound: SoundPlan) -> dict[str, Any]:
    chain = sound.chain
    cabinet = chain.cabinet
    return {
        "blocks": [
            {
                "name": block.name,
                "title": block.title,
                "cycles_per_sample": round(block.cycles(chain.block_frames), 1),
            }
            for block in chain.blocks
        ],
        "cycles_per_sample": round(chain.cycles_per_frame, 1),
        "begins": sound.begins,
        "bypass_idle": sound.bypass_idle,
        "cabinet": None
        if cabinet is None
        else {
            "method": cabinet.method,
            "taps": cabinet.taps,
            "cycles_per_sample": round(cabinet.cycles_per_frame, 1),
            "arrays": [asdict(array) for array in cabinet.arrays],
            "responses": [
                {"name": impulse.response.name, "steps": [asdict(step) for step in impulse.steps]}
                for impulse in sound.impulses
            ],
        },
    }


def report_text(facts: Mapping[str, Any]) -> str:
    """Spell the report."""
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"


def _model(model: Model, source: str) -> dict[str, Any]:
    return {
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
        "macs_per_sample_in_c": macs(fold(model.network)),
        "activations_per_sample": activations_per_frame(model.network),
        "receptive_field": receptive_field(model.network),
    }


def _target(order: Order) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "name": order.target.name,
        "clock_hz": order.clock_hz,
        "block_frames": order.block_frames,
    }
    if order.target.makes_image:
        facts["codec_clock_ppm"] = order.target.pedal.codec_pll.error_ppm
    return facts


def _options(
    selection: Selection, order: Order, wanted: Wanted, toolchain: CrossToolchain | None
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
        "slim": wanted.slim,
        "tanh": wanted.tanh,
        "precision": selection.precision,
        "name": selection.model.name,
        "vector": selection.plan.vector,
        **_of_package(order),
    }


def _of_package(order: Order) -> dict[str, Any]:
    """Say what is chosen of a package that is a target."""
    if order.target.package is None:
        return {}
    return {"variant": order.target.variant, "state": order.state}


def _files(folder: Path) -> dict[str, dict[str, Any]]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            name = path.relative_to(folder).as_posix()
            found[name] = {"size_bytes": len(data), "sha256": digest}
    return found
