"""The C in a build's folder as code that can be run, whichever package it is part of."""

from __future__ import annotations

from collections.abc import Mapping

from host_sim.engines import Code, macros_of
from namgen.build_record import BuildRecord


def code_of(record: BuildRecord, out_channels: int) -> Code:
    """Take the C of the only model of a build.

    What runs code finds one file to compile beside its headers; that of a package lies in a folder,
    and a file that is not part of it includes it from there.

    Raises:
        NamgenError: a file is missing, or is no text.

    """
    files, macros = record.c_files, macros_of(record.precision)
    if "/" in record.main:
        files = {**files, **_around(record)}
    return Code(files, record.name, out_channels, record.vector, macros)


def _around(record: BuildRecord) -> Mapping[str, str]:
    return {f"nam_{record.name}.c": f'#include "{record.main}"\n'}
