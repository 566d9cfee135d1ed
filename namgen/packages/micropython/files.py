"""The files of the package, as text."""

from __future__ import annotations

from collections.abc import Mapping

from namgen.mpy.archs import Arch
from namgen.mpy.glue import FUNCTIONS, buffers_header, module_file, native_files
from namgen.packages.package import Contents
from namgen.plan.any_plan import AnyPlan
from namgen.processors import Processor
from namgen.toolchain import ARITHMETIC
from namgen.version import VERSION

SOURCES = "src"
NATIVE = "native"
_FOLDER = "packages/micropython"


def package_files(contents: Contents, processor: Processor, arch: Arch) -> dict[str, str]:
    """Return the text of every file but the module, by its path in the folder."""
    planned, name = contents.planned, contents.planned.name
    model = {**contents.files, **buffers_header(planned)}
    return {
        **{f"{SOURCES}/{file}": text for file, text in model.items()},
        **{f"{NATIVE}/{file}": text for file, text in native_files(planned, arch).items()},
        **_spelled(_around(name), _names(planned, processor, arch)),
    }


def _around(name: str) -> Mapping[str, str]:
    """Name what is around module and model, and the templates of it."""
    return {
        f"usermod/nam_{name}_module.c": "module.c",
        "usermod/micropython.mk": "micropython.mk",
        "usermod/micropython.cmake": "micropython.cmake",
        f"{name}.pyi": "module.pyi",
        "example.py": "example.py",
        "package.json": "package.json",
    }


def _names(planned: AnyPlan, processor: Processor, arch: Arch) -> Mapping[str, object]:
    stem = f"nam_{planned.name}"
    both = "or one over the other" if planned.may_play_in_place else "in places of their own"
    return {
        "plan": planned,
        "stem": stem,
        "prefix": stem.upper(),
        "version": VERSION,
        "functions": FUNCTIONS,
        "arithmetic": ARITHMETIC[1:],
        "macro_flags": "".join(f" -D{macro}=1" for macro in processor.macros),
        "places": both,
        "has_channels": (planned.in_channels, planned.out_channels) != (1, 1),
        "file": module_file(planned.name, arch),
    }


def _spelled(templates: Mapping[str, str], names: Mapping[str, object]) -> dict[str, str]:
    from namgen.emit import template_environment  # slow to load

    environment = template_environment()
    environment.globals |= names
    return {
        file: environment.get_template(f"{_FOLDER}/{template}.j2").render()
        for file, template in templates.items()
    }
