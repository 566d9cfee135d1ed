"""Spells a plan as C: templates give the shape, views here give them names and numbers to spell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket

from namgen.activation_kernels import grouped
from namgen.arithmetic import FLOAT32
from namgen.c_text import (
    bits_rows,
    continued,
    counted,
    integer_rows,
    literal,
    literal_rows,
    plus,
    tidy,
)
from namgen.emit import calls, fixed, frame_major, planar
from namgen.emit.form import PLAIN, Form
from namgen.plan.any_plan import AnyPlan
from namgen.plan.fixed import FixedPlan
from namgen.plan.loading import loading
from namgen.plan.passages import course, served
from namgen.plan.program import Plan
from namgen.plan.stages import KernelStage, Name
from namgen.resources import templates_dir
from namgen.version import VERSION

__all__ = ["PLAIN", "Form", "emit", "kernel_headers"]

VIEWS: Mapping[str, Callable[[Plan], Mapping[str, object]]] = {
    "frame_major": frame_major.views,
    "planar": planar.views,
}
"""What the templates of a layout spell a plan with, by the layout's name."""


LOADED: Mapping[str, str] = {
    ".h": "engine.h.j2",
    ".c": "engine.c.j2",
    "_weights.h": "weights.h.j2",
}
"""The templates that an engine has in place of a model's, by the ends of its files' names."""


def emit(plan: AnyPlan, form: Form = PLAIN) -> dict[str, str]:
    """Return the text of every file of the model's C, by file name.

    ``nam_<name>.c`` is the one file to compile; the rest are headers it includes.

    Raises:
        ValueError: the plan is in an arithmetic that no kernel computes in.

    """
    if isinstance(plan, FixedPlan):
        return _emit_fixed(plan, form)
    if plan.parts.arithmetic != FLOAT32:
        raise ValueError(
            f"a plan in {plan.parts.arithmetic.name}: the kernels of the C are {FLOAT32.name}'s"
        )
    stem = f"nam_{plan.name}"
    templates = {
        f"{stem}.h": "model.h.j2",
        f"{stem}.c": f"{plan.layout.name}/model.c.j2",
        f"{stem}_tiles.h": f"{plan.layout.name}/tiles.h.j2",
        f"{stem}_weights.h": "weights.h.j2",
    }
    if plan.parts.is_loaded:
        templates |= {f"{stem}{ending}": f"loaded/{file}" for ending, file in LOADED.items()}
    environment = template_environment()
    environment.globals |= {
        **_names(plan, stem),
        **VIEWS[plan.layout.name](plan),
        **_of_form(form, plan, stem),
    }
    texts = {
        file: tidy(environment.get_template(template).render())
        for file, template in templates.items()
    }
    return texts | kernel_headers(texts.values())


def _emit_fixed(plan: FixedPlan, form: Form) -> dict[str, str]:
    """Return the text of every file of an integer network's C, by file name, as `emit` does."""
    stem = f"nam_{plan.name}"
    templates = {
        f"{stem}.h": "model.h.j2",
        f"{stem}.c": "fixed/model.c.j2",
        f"{stem}_weights.h": "fixed/weights.h.j2",
    }
    if plan.has_machine_code:
        templates[f"{stem}_cortex_m7.h"] = "fixed/assembly.h.j2"
    environment = template_environment()
    names = {"plan": plan, "stem": stem, "prefix": stem.upper(), "version": VERSION}
    environment.globals |= {**names, **fixed.views(plan), **_of_form(form, plan, stem)}
    texts = {
        file: tidy(environment.get_template(template).render())
        for file, template in templates.items()
    }
    return texts | kernel_headers(texts.values())


def _of_form(form: Form, plan: AnyPlan, stem: str) -> dict[str, object]:
    """Return what the templates know of a form."""

    def region_macro(plan: Plan, symbol: str, *, constant: bool = False) -> str:
        return form.region_macro(constant=constant)

    return {
        "form": form,
        "given": lambda *parameters: form.given(stem, parameters),
        "handed": lambda *arguments: form.handed(map(str, arguments)),
        "kept_arrays": [buffer for buffer in plan.buffers if not buffer.constant],
        **({"region_macro": region_macro} if form.names_sections else {}),
    }


def kernel_headers(texts: Iterable[str]) -> dict[str, str]:
    """Return the headers out of `templates/kernels` that texts include, and those these include."""
    found: dict[str, str] = {}
    left = list(texts)
    while left:
        for name in re.findall(r'^#include "(\w+\.h)"$', left.pop(), re.MULTILINE):
            path = templates_dir() / "kernels" / name
            if name not in found and path.is_file():
                found[name] = path.read_text("utf-8")
                left.append(found[name])
    return dict(sorted(found.items()))


def _names(plan: Plan, stem: str) -> dict[str, object]:
    """Return what the templates of every layout know."""
    return {
        "plan": plan,
        "loading": loading(plan) if plan.parts.is_loaded else None,
        "load_place": lambda load: calls.further(load.array, load.first),
        "element_type": plan.parts.arithmetic.c_type,
        "scheduled": plan.schedule,
        "course": course(plan.stages),
        "tapped": calls.tapped(plan),
        "serves": lambda kernel: served(_callers(plan, kernel)),
        "stem": stem,
        "prefix": stem.upper(),
        "version": VERSION,
    }


def _callers(plan: Plan, kernel: str) -> list[Name]:
    """Name the parts of the network that call a kernel or the function of a cell."""
    stages = (stage for stage in plan.stages if isinstance(stage, KernelStage))
    layers = [stage.part for stage in stages if stage.kernel == kernel]
    cells = (cell.part for cell in plan.cells if cell.kernel.name == kernel)
    return [*layers, *(replace(part, kind="LSTM layer") for part in cells)]


class _CompiledTemplates(jinja2.BytecodeCache):
    """Templates as Python code, kept for as long as the process runs; four fifths of an `emit`."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill in the code of a template of this text, where it is known."""
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        self._code[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _CompiledTemplates()


def template_environment() -> jinja2.Environment:
    """Return the one Jinja environment: undefined names fail, white space is what is written."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(templates_dir())),
        bytecode_cache=_COMPILED,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters |= {
        "f32": literal,
        "f32_rows": literal_rows,
        "f32_list": lambda values: ", ".join(map(literal, values)),
        "bits_rows": bits_rows,
        "i32_rows": integer_rows,
        "continued": continued,
    }
    environment.globals |= {
        "kind": lambda value: type(value).__name__,
        "grouped": grouped,
        "counted": counted,
        "plus": plus,
        "times": calls.times,
        "distance": calls.distance,
        "weights_of": calls.weights_of,
        "dilation": calls.dilation,
        "activation_parameters": calls.activation_parameters,
        "past": calls.past,
        "newest": calls.newest,
        "region_macro": calls.region_macro,
        "placements": calls.placements,
        "dict": dict,
    }
    return environment
