"""What a build's report says: everything worth knowing, without dates, paths or the user's name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from namgen.ir import Model
from namgen.measures import activations_per_frame, macs, parameters, receptive_field
from namgen.order import Order
from namgen.packages import Memory
from namgen.selection import Selection, Wanted
from namgen.tanh_cost import TanhCost
from namgen.toolchain import CrossToolchain
from namgen.version import VERSION


def facts_of(
    selection: Selection,
    order: Order,
    wanted: Wanted,
    *,
    source: str,
    toolchain: CrossToolchain | None,
    tanh_cost: TanhCost | None,
    memory: Memory,
    warnings: tuple[str, ...],
    folder: Path,
) -> dict[str, Any]:
    """Collect the facts of a build; `source` is the copy of the source file in `folder`."""
    cost = selection.prediction
    return {
        "generator": f"namgen {VERSION}",
        "model": _model(selection.model, source),
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
        "options": _options(selection, order, wanted, toolchain),
        "tanh": {"choice": wanted.tanh, "cost": None if tanh_cost is None else asdict(tanh_cost)},
        "memory": memory,
        "warnings": list(warnings),
        "files": _files(folder),
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
        "activations_per_sample": activations_per_frame(model.network),
        "receptive_field": receptive_field(model.network),
    }


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
        "name": selection.model.name,
        "vector": selection.plan.layout.vector,
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
