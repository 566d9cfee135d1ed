"""Codecs that are set over I2C, as data: one TOML file each, a table of registers.

A board's file names one, or has a table of its own.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from namgen.codecs.full_scale import FullScale
from namgen.codecs.table import Check, CodecTable, Frame, Write
from namgen.errors import one_of
from namgen.toml_data import load_toml, parse_toml, toml_names

__all__ = [
    "Check",
    "CodecTable",
    "Frame",
    "FullScale",
    "Write",
    "codec_data",
    "codec_names",
    "load_codec",
]

_FOLDER = Path(__file__).parent


@cache
def codec_names() -> tuple[str, ...]:
    """Names that `load_codec` knows, in alphabetical order."""
    return toml_names(_FOLDER)


@cache
def load_codec(name: str) -> CodecTable:
    """Read the codec `name`.

    Raises:
        ChoiceError: there is no such codec.

    """
    return load_toml(_FOLDER / f"{one_of('codec', name, codec_names())}.toml", CodecTable)


def codec_data(name: str) -> dict[str, Any]:
    """Return the plain values of the codec `name`, one of `codec_names`."""
    return {"name": name, **parse_toml(_FOLDER / f"{name}.toml")}
