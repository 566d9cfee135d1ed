"""C as a library, with what build systems want to know of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from namgen.order import Order
from namgen.packages.package import Contents, Shop, shell_word
from namgen.packages.plain_c import PlainC
from namgen.plan.any_plan import AnyPlan
from namgen.scratch import write_files
from namgen.targets import STRUCT
from namgen.toolchain import ARITHMETIC
from namgen.version import VERSION

SOURCES = "src"
INTERFACE = "include"

_TEMPLATES: Mapping[str, str] = {
    "CMakeLists.txt": "CMakeLists.txt",
    "README.md": "README.md",
    "example.c": "example.c",
    "keywords.txt": "keywords.txt",
    "library.json": "library.json",
    "library.properties": "library.properties",
    "zephyr/CMakeLists.txt": "zephyr_CMakeLists.txt",
    "zephyr/Kconfig": "Kconfig",
    "zephyr/module.yml": "module.yml",
}
"""What is around the C, and the templates of it."""

_SINE_FRAMES = 48
_SINE_PEAK = 16384


@dataclass(frozen=True, slots=True)
class CLibrary(PlainC):
    """A folder that CMake, Arduino, PlatformIO and Zephyr take as it is."""

    def make(self, contents: Contents, order: Order, shop: Shop) -> None:
        """Write the C and what is around it."""
        write_files(library_files(contents.planned, order), shop.folder)

    def next_steps(self, name: str, order: Order, folder: Path) -> Iterator[str]:
        """Say how the library gets into a program."""
        built, option = f"example-{name}", f"-DNAM_{name.upper()}_EXAMPLE=ON"
        yield f"cmake -S {shell_word(folder)} -B {built} {option}"
        yield f"cmake --build {built} && {built}/nam_{name}_example    tries it"
        yield f"{_command(name, order, shell_word(folder))}    compiles it without CMake"
        yield f'#include "nam_{name}.h" where you call it; README.md has Arduino and Zephyr'


def library_files(planned: AnyPlan, order: Order) -> dict[str, str]:
    """Return the text of every file, by its path in the folder."""
    around = rendered({file: f"c/{name}" for file, name in _TEMPLATES.items()}, planned, order)
    return {**c_files(planned, order), **around}


def c_files(planned: AnyPlan, order: Order) -> dict[str, str]:
    """Return the C of a library, by its path in the folder."""
    from namgen.emit import Form, emit  # slow to load

    processor, stem = order.target.processor, f"nam_{planned.name}"
    form = Form(names_sections=planned.vector is None, macros=processor.macros, state=order.state)
    texts = emit(planned, form)
    sources = {f"{SOURCES}/{file}": text for file, text in texts.items()}
    interface = {f"{INTERFACE}/{stem}.h": texts[f"{stem}.h"]}
    forward = rendered({f"{SOURCES}/{stem}.h": "c/forward.h"}, planned, order)
    return {**sources, **interface, **forward}


def rendered(
    templates: Mapping[str, str],
    planned: AnyPlan,
    order: Order,
    more: Mapping[str, object] | None = None,
) -> dict[str, str]:
    """Return what becomes of templates in `templates/packages`, by the paths of the files.

    They know of the plan what every library has to say of it, and `more`.
    """
    from namgen.emit import template_environment  # slow to load

    environment = template_environment()
    environment.globals |= {**_names(planned, order), **(more or {})}
    return {
        file: environment.get_template(f"packages/{name}.j2").render()
        for file, name in templates.items()
    }


def _names(planned: AnyPlan, order: Order) -> dict[str, object]:
    """Return what the templates know."""
    processor, stem = order.target.processor, f"nam_{planned.name}"
    is_computer = bool(processor.machines)
    return {
        "plan": planned,
        "stem": stem,
        "prefix": stem.upper(),
        "version": VERSION,
        "state_type": f"struct {stem}_state" if order.state == STRUCT else None,
        "machine_flags": processor.gcc.flags if is_computer else (),
        "compiler_flags": () if is_computer else processor.gcc.flags,
        "tuning": processor.gcc.tuning,
        "macros": processor.macros,
        "names_sections": planned.vector is None,
        "command": _command(planned.name, order, "."),
        "weight_bytes": sum(b.size_bytes for b in planned.buffers if b.constant),
        "state_bytes": sum(b.size_bytes for b in planned.buffers if not b.constant),
        "functions": [f"{stem}_{name}" for name in ("process", "reset", "self_test")],
        "constants": [f"{stem.upper()}_{name}" for name in ("MAX_BLOCK", "SAMPLE_RATE_HZ")],
        "sine": [
            round(_SINE_PEAK * math.sin(2 * math.pi * n / _SINE_FRAMES))
            for n in range(_SINE_FRAMES)
        ],
    }


def _command(name: str, order: Order, folder: str) -> str:
    program, *flags = order.target.processor.compile_words
    flags = [flag for flag in flags if not flag.startswith("-D")]
    words = (program, *ARITHMETIC, *flags, "-O2", f"-I{folder}/{INTERFACE}", "-c")
    return f"{' '.join(words)} {folder}/{SOURCES}/nam_{name}.c"
