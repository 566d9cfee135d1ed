"""Spells the chain's plan as C."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from namgen.c_text import tidy
from namgen.chain import equaliser, gains, gate, high_pass
from namgen.chain.cabinet import Place
from namgen.chain.guard import MODEL_LIMIT
from namgen.chain.plan import ChainPlan
from namgen.chain.step import (
    BYPASS_FADE_STEPS,
    CHANGEOVER_STEPS,
    KNOB_TRAVEL_SECONDS,
    STEP_FRAMES,
    knob_travel_per_step,
)
from namgen.emit import template_environment
from namgen.version import VERSION

FILES = ("chain.h", "chain.c", "chain_plan.h", "chain_plan.c")
CABINET_FILES = ("chain_cabinet.h", "chain_cabinet.c")
"""What `emit_chain` writes; `chain/*.h` and `nam_math.h` are included beside them."""

_SECTIONS: Mapping[Place, str] = {"dtcm": ".dtcm", "axi_sram": ".axi"}


def emit_chain(plan: ChainPlan) -> dict[str, str]:
    """Return the text of every generated file of the chain, by file name."""
    environment = template_environment()
    environment.globals |= {**_views(plan), **_cabinet_views(plan)}
    files = FILES if plan.cabinet is None else FILES + CABINET_FILES
    return {file: tidy(environment.get_template(f"chain/{file}.j2").render()) for file in files}


def _views(plan: ChainPlan) -> Mapping[str, Any]:
    rate_hz = plan.sample_rate_hz
    rise, fall = gains.rise_and_fall(rate_hz)
    keep, take = high_pass.keep_and_take(rate_hz)
    return {
        "plan": plan,
        "version": VERSION,
        "equaliser": equaliser,
        "gain_knobs": {"input_trim": gains.INPUT_TRIM, "level": gains.LEVEL},
        "gain_travel_db": gains.TRAVEL_DB,
        "gain_rise": rise,
        "gain_fall": fall,
        "gate": gate,
        "gate_numbers": gate.gate_numbers(rate_hz),
        "guard_model_limit": MODEL_LIMIT,
        "high_pass": high_pass,
        "keep": keep,
        "take": take,
        "step_frames": STEP_FRAMES,
        "unit_frames": plan.unit_frames,
        "knob_travel_seconds": KNOB_TRAVEL_SECONDS,
        "knob_travel_per_step": knob_travel_per_step(rate_hz),
        "bypass_fade_steps": BYPASS_FADE_STEPS,
        "changeover_steps": CHANGEOVER_STEPS,
        "cabinet_function": _switched_cabinet(plan),
        "table_of": lambda band: equaliser.table(band, rate_hz),
        "columns_of": lambda band: "BELL" if band.shape == "bell" else "SHELF",
    }


def _switched_cabinet(plan: ChainPlan) -> str | None:
    """Name the function of a cabinet that can be left out."""
    if not plan.switches_cabinet:
        return None
    return next(name for name, call in plan.after_model.items() if call.block == "cabinet")


def _cabinet_views(plan: ChainPlan) -> Mapping[str, Any]:
    cabinet = plan.cabinet
    if cabinet is None:
        return {}
    frames = {level.frames for level in cabinet.levels.values()}
    words = ((f"response_{n}", cabinet.words_of(r.taps)) for n, r in enumerate(plan.responses))
    return {
        "cabinet": cabinet,
        "responses": plan.responses,
        "response_words": tuple(words),
        "most_frames": max(frames, default=0),
        "transforms": frames,
        "section_of": lambda place: _SECTIONS[place],
    }
