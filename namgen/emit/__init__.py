"""Spells a plan as C: templates give the shape, views here give them names and numbers to spell."""

from __future__ import annotations

from pathlib import Path

import jinja2

from namgen.activation_kernels import grouped
from namgen.c_text import bits_rows, continued, counted, literal, literal_rows, plus, tidy
from namgen.emit.calls import call_arguments, newest, oldest_tap, parameters, region_macro
from namgen.emit.frame_major import GLOBALS, argument
from namgen.emit.vectors import VECTOR_HEADERS, vector_views
from namgen.plan.program import Plan
from namgen.plan.steps import weight_count
from namgen.resources import templates_dir
from namgen.version import VERSION

__all__ = ["KERNEL_HEADERS", "emit"]

KERNEL_HEADERS = (
    "nam_math.h",
    "nam_activations.h",
    "nam_tanh_table.h",
    "nam_platform.h",
    "nam_self_test.h",
)


def emit(plan: Plan) -> dict[str, str]:
    """Return the text of every file of the model's C, by file name.

    ``nam_<name>.c`` is the one file to compile; the rest are headers it includes.
    """
    stem = f"nam_{plan.name}"
    environment = _environment()
    source, headers = "model.c.j2", list(KERNEL_HEADERS)
    if plan.layout.vector is not None:
        source, headers = "host_model.c.j2", [*KERNEL_HEADERS, *VECTOR_HEADERS]
        environment.globals |= vector_views(plan.storage)
    values = {"plan": plan, "stem": stem, "prefix": stem.upper(), "version": VERSION}
    files = {
        f"{stem}.h": tidy(environment.get_template("model.h.j2").render(values)),
        f"{stem}.c": tidy(environment.get_template(source).render(values)),
        **(
            {
                f"{stem}_tiles.h": tidy(
                    environment.get_template("frame_major/tiles.h.j2").render(values)
                )
            }
            if plan.layout is None
            else {}
        ),
        f"{stem}_weights.h": tidy(environment.get_template("weights.h.j2").render(values)),
    }
    kernels = templates_dir() / "kernels"
    return files | {name: (kernels / name).read_text("utf-8") for name in headers}


def _environment() -> jinja2.Environment:
    """Return the one Jinja environment: undefined names fail, white space is what is written."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(templates_dir())),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters |= {
        "f32": literal,
        "f32_rows": literal_rows,
        "bits_rows": bits_rows,
        "argument": argument,
        "continued": continued,
        "f32_list": lambda values: ", ".join(map(literal, values)),
    }
    environment.globals |= {
        **GLOBALS,
        "kind": lambda value: type(value).__name__,
        "newest": newest,
        "oldest_tap": oldest_tap,
        "weight_count": weight_count,
        "plus": plus,
        "grouped": grouped,
        "counted": counted,
        "region_macro": region_macro,
        "parameters": parameters,
        "call_arguments": call_arguments,
        "fail": _fail,
    }
    return environment


def _fail(message: str) -> str:
    raise AssertionError(f"template: {message}")
