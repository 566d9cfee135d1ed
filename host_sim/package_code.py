"""The C in a build's folder as code that can be run, whichever package it is part of."""

from __future__ import annotations

from dataclasses import replace

from host_sim.engines import Code
from namgen.build_record import BuildRecord
from namgen.fixed.precision import FLOAT32
from namgen.targets import STRUCT

_ONE = """#include "{main}"

static struct nam_{name}_state one;

void nam_{name}_one_reset(void)
{{
    nam_{name}_reset(&one);
}}

void nam_{name}_one_process(const float *in, float *out, size_t frames)
{{
    nam_{name}_process(&one, in, out, frames);
}}

int nam_{name}_one_self_test(void)
{{
    return nam_{name}_self_test(&one);
}}
"""
"""An instance as a model that is there once."""


def code_of(record: BuildRecord, out_channels: int) -> Code:
    """Take the C of the only model of a build.

    What runs code finds one file to compile beside its headers; that of a package lies in a folder,
    and a file that is not part of it includes it from there.

    Raises:
        NamgenError: a file is missing, or is no text.

    """
    is_fixed = record.precision != FLOAT32
    code = Code(record.c_files, record.name, out_channels, record.vector, is_fixed)
    return in_folder(code, record.main, record.state)


def in_folder(code: Code, main: str, state: str) -> Code:
    """Return code whose file to compile is `main`, as code that is run like any other."""
    name, around = code.name, {}
    if state == STRUCT:
        name = f"{code.name}_one"
        around = {f"nam_{name}.c": _ONE.format(main=main, name=code.name)}
    elif "/" in main:
        around = {f"nam_{name}.c": f'#include "{main}"\n'}
    return replace(code, files={**code.files, **around}, name=name)
