"""The report beside a self-test's image."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from namgen.firmware import Image
from namgen.measured import LADDER
from namgen.order import Order
from namgen.selftest.ladder import RUNGS
from namgen.selftest.spelling import Span
from namgen.toolchain import CrossToolchain
from namgen.version import VERSION as NAMGEN


def report_of(
    order: Order, image: Image, predicted: Sequence[Span], cross: CrossToolchain, folder: Path
) -> str:
    """Return the text of report.json; `folder` has the files it lists."""
    facts = {
        "namgen": NAMGEN,
        "selftest": {"ladder": LADDER},
        "target": order.target.name,
        "clock_hz": order.clock_hz,
        "block_frames": order.block_frames,
        "boot": order.boot.name if order.boot else None,
        "toolchain": {"name": cross.name, "version": cross.version},
        "download_address": image.download_address,
        "predicted": {
            rung.name: {"least": span.least, "most": span.most}
            for rung, span in zip(RUNGS, predicted, strict=True)
        },
        "files": {path.name: _about(path) for path in sorted(folder.iterdir())},
    }
    return json.dumps(facts, indent=2) + "\n"


def _about(path: Path) -> dict[str, object]:
    data = path.read_bytes()
    return {"size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
