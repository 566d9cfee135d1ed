"""The C and the linker script that make a module of a model, as text."""

from __future__ import annotations

from collections.abc import Mapping

from namgen.c_text import tidy
from namgen.mpy.archs import Arch
from namgen.mpy.linked import BSS_ORIGIN, TABLE_ORIGIN
from namgen.plan.any_plan import AnyPlan
from namgen.resources import templates_dir
from namgen.version import VERSION

FUNCTIONS = ("reset", "process", "process_i32", "self_test")
NUMBERS = ("SAMPLE_RATE", "MAX_BLOCK", "RECEPTIVE_FIELD")
NAMES = (*FUNCTIONS, *NUMBERS, "ValueError", "TypeError")
"""What the C looks up, in its order; the file's own name comes before."""

SCRIPT = "module.ld"
_FOLDER = "packages/micropython"
_AS_THEY_ARE = ("nam_python.h", "python_table.c")


def module_file(name: str, arch: Arch) -> str:
    """Name of the native module; Python imports it by the model's name."""
    return f"{name}-{arch.name}.mpy"


def buffers_header(planned: AnyPlan) -> dict[str, str]:
    """Spell what every way into Python shares: which buffers will do, and words of a codec."""
    return {f"nam_{planned.name}_buffers.h": _spelled("buffers.h.j2", **_names(planned))}


def native_files(planned: AnyPlan, arch: Arch) -> dict[str, str]:
    """Spell what a native module has beside the model's C, by file name."""
    folder = templates_dir() / _FOLDER
    copied = {name: (folder / name).read_text("utf-8") for name in _AS_THEY_ARE}
    script = _spelled(
        "module.ld.j2",
        holds_state=arch.holds_state,
        word_bytes=arch.word_bytes,
        bss_origin=f"{BSS_ORIGIN:#x}",
        table_origin=f"{TABLE_ORIGIN:#x}",
    )
    native = _spelled("native.c.j2", names=NAMES, **_names(planned))
    return {f"nam_{planned.name}_native.c": native, **copied, SCRIPT: script}


def _names(planned: AnyPlan) -> Mapping[str, object]:
    stem = f"nam_{planned.name}"
    return {"plan": planned, "stem": stem, "prefix": stem.upper(), "version": VERSION}


def _spelled(template: str, **names: object) -> str:
    from namgen.emit import template_environment  # slow to load

    return tidy(template_environment().get_template(f"{_FOLDER}/{template}").render(**names))
