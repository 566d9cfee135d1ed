"""What `namgen selftest --decode` prints."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from namgen.afsk.decoder import Quality
from namgen.cli.terminal import Item, Line, Table
from namgen.measured import MeasuredPedal, measured_facts
from namgen.processors.pipeline import load_parameters
from namgen.selftest.ladder import MODELS
from namgen.selftest.results import InputFound, Measurement, Results

_INPUTS = ("left", "right")
_PLACES = {"flash": "internal flash", "sram": "AXI SRAM", "qspi": "QSPI flash"}
"""By --boot, where the loops of the image run."""
_SHOWN = (
    *("DBGMCU_IDCODE", "RCC_RSR", "RCC_CR", "RCC_CFGR", "SCB_CCR", "SCB_VTOR", "FPSCR"),
    *("MPU_CTRL", "SCB_CPACR"),
)
"""Of what was kept of the entry; --json has all of it."""


def result_lines(
    results: Results, measured: MeasuredPedal | None, quality: Quality
) -> Iterator[Item]:
    """Yield everything a person wants to know, the verdict last."""
    yield f"recording: {quality}"
    mhz = results.clock_hz // 1_000_000
    chip = f"{results.chip}, revision {results.silicon}"
    yield f"pedal: {results.board}, {chip}, {mhz} MHz, --boot {results.boot}"
    yield from _entry_lines(results)
    yield from _rule_lines(results)
    yield from _rung_lines(results)
    yield from _sound_lines(results)
    yield from _error_lines(results)
    yield from _verdict_lines(results, measured)


def _entry_lines(results: Results) -> Iterator[Item]:
    told = ", ".join(f"{name} {results.entry[name]:#010x}" for name in _SHOWN)
    yield f"as it was handed over: {told}"
    if results.resets:
        yield f"reset by: {', '.join(results.resets)}"


def _rule_lines(results: Results) -> Iterator[Item]:
    other = [rule for rule in results.rules if rule.least != rule.published]
    there = len(results.rules) - len(other)
    yield f"rules of the processor: {there} of {len(results.rules)} as published"
    for rule in other:
        found = f"{rule.least:g} to {rule.most:g}"
        yield f"  {rule.name}: published {rule.published:g}, measured {found}"


def _rung_lines(results: Results) -> Iterator[Item]:
    yield f"the image lies in {_PLACES.get(results.boot, results.boot)}{_not_mapped(results)}"
    rows = [_row(rung) for rung in results.rungs]
    yield Table(("cycles", "predicted", "measured", "at most", "measured / predicted"), rows)


def _not_mapped(results: Results) -> str:
    if results.boot == "qspi":
        return ""
    return f"; QSPI flash is not mapped with --boot {results.boot}, and not measured"


def _row(rung: Measurement) -> tuple[str, ...]:
    return (
        rung.name,
        f"{rung.predicted:,}",
        f"{rung.measured.least:,}",
        f"{rung.measured.most:,}",
        f"{rung.ratio:.3f}",
    )


def _sound_lines(results: Results) -> Iterator[Item]:
    for name, heard in zip(_INPUTS, results.loop, strict=True):
        found = [
            f"{frames} frames later at the {where} input"
            for where, frames in zip(_INPUTS, heard, strict=True)
            if frames is not None
        ]
        yield f"a click from the {name} output: {', '.join(found) or 'comes back nowhere'}"
    for state, inputs in results.inputs.items():
        for name, found_input in zip(_INPUTS, inputs, strict=True):
            yield f"{name} input, processor in {state}: {_input_line(found_input)}"
    for stream, span in enumerate(results.words_left):
        yield f"DMA stream {stream}: {span.least} to {span.most} words left when a block begins"


def _input_line(found: InputFound) -> str:
    return (
        f"DC {100 * found.mean:+.3f} %, noise {_db(found.rms)}, of it with the blocks "
        f"{_db(found.with_blocks)}"
    )


def _db(part: float) -> str:
    return f"{20 * math.log10(part):.1f} dBFS" if part > 0 else "none"


def _error_lines(results: Results) -> Iterator[Item]:
    forced = "noticed" if results.noticed_late else "NOT noticed"
    yield f"a block that was made late: {forced}"
    for direction, frames in results.overrun.items():
        found = "never noticed" if frames is None else f"noticed after {frames:.1f} frames"
        yield f"audio interface, {direction} without DMA: {found}"
    forced = "counted" if results.noticed_overrun else "NOT counted"
    yield f"overrun and underrun that were forced: {forced}"
    counted = ", ".join(f"{count} {name}" for name, count in results.errors_counted.items())
    yield f"errors in {results.seconds_counted:.0f} s: {counted}"


def _verdict_lines(results: Results, measured: MeasuredPedal | None) -> Iterator[Item]:
    for model, is_right in zip(MODELS, results.checks, strict=True):
        chain = " in its chain" if model is MODELS[0] else ""
        yield f"{model.title}{chain}: its output is {'right, bit for bit' if is_right else 'WRONG'}"
    if measured is not None:
        margins = load_parameters().margins
        for kind, own in (("float", measured.floats), ("integer", measured.integers)):
            found = f"x {own.factor:.3f}, {own.margin}"
            yield f"predictions for this pedal, {kind}s: {found}; for any: x 1, {margins[kind]}"
    yield Line("passed", "green") if results.has_passed else Line("NOT PASSED", "bold red")


def result_values(
    results: Results, measured: MeasuredPedal | None, quality: Quality
) -> dict[str, Any]:
    """Return all of it as plain values."""
    return {
        "recording": {
            **asdict(quality),
            "level_db": quality.level_db if math.isfinite(quality.level_db) else None,
            "overloaded": quality.is_overloaded,
        },
        "pedal": {"chip": results.chip, "silicon": results.silicon, "resets": list(results.resets)},
        "results": asdict(results) | {"seconds_counted": results.seconds_counted},
        "passed": results.has_passed,
        "measured": measured_facts(measured),
    }
