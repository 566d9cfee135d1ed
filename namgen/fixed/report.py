"""What a person may want to know of a network in fixed point, as lines of text."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from namgen.fixed.bounds import Bound
from namgen.fixed.model import FixedModel
from namgen.fixed.quality import Quality
from namgen.fixed.quantise import Quantised
from namgen.fixed.quantise.setting import Setting


def words_lines(setting: Setting | None) -> tuple[str, ...]:
    """Say which layers read what."""
    if setting is None or setting.is_long_everywhere:
        return ("words: 32 bits everywhere",)
    return (
        f"1x1 on 32 bits: layers {_numbers(setting.long_denses)}",
        f"feedback on the residual's words: layers {_numbers(setting.fed_convs)}",
        f"feedback on the activation's words: layers {_numbers(setting.fed_denses)}",
        "all other words: 16 bits, cut off",
    )


def bounds_lines(quantised: Quantised) -> tuple[str, ...]:
    """Say how far every kind of sum gets, whatever the input is: the largest of each."""
    worst: dict[str, Bound] = {}
    for bound in quantised.bounds:
        if bound.share > worst.get(bound.what, bound).share or bound.what not in worst:
            worst[bound.what] = bound
    return tuple(str(bound) for bound in worst.values())


def quality_lines(quality: Quality) -> tuple[str, ...]:
    """Say how near the integers are, signal by signal, and what silence sounds like."""
    lines = [
        f"{row.name}: SNR {row.snr_db:.1f} dB, error {row.error_dbfs:.0f} dBFS"
        f"{'' if row.held_out else ' (steps were made from it)'}"
        for row in quality.signals
    ]
    silence = "constant" if quality.silence_dbfs is None else f"{quality.silence_dbfs:.0f} dBFS"
    return (*lines, f"silence: {silence}, off by {quality.rest_error_dbfs:.0f} dBFS")


def facts(model: FixedModel) -> dict[str, Any]:
    """Return everything as plain values."""
    made, quality = model.quantised, model.quality
    return {
        "words": list(words_lines(made.setting)),
        "quality": {
            "signals": [asdict(signal) for signal in quality.signals],
            "silence_dbfs": quality.silence_dbfs,
            "rest_error_dbfs": quality.rest_error_dbfs,
        },
        "proof": list(bounds_lines(made)),
        "largest_sum": max(bound.share for bound in made.bounds),
    }


def _numbers(layers: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(layers))) or "none"
