"""Processors as data: one TOML file each, and beside it what was measured for it.

`<name>-tilings.toml` is written by `namgen tune`, `<name>-estimate.toml` by
`benchmarks/fit_estimate.py`; `<name>-pipeline.toml` says how instructions are issued. A processor
without them is planned by rule, and its cost is unknown.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from namgen.errors import Problem, UnsupportedError, one_of
from namgen.toml_data import load_toml, parse_toml, toml_names

LayoutName = Literal["frame_major", "planar"]
Measurement = Literal["tilings", "estimate"]

MEASUREMENTS: tuple[Measurement, ...] = ("tilings", "estimate")

DEFAULT_PROCESSOR = "cortex-m7"
"""What C is laid out and compiled for where nobody names a target."""

ANY_PROCESSOR = "generic"
"""The name of what is said of no processor in particular."""

_MOST_COMPUTERS = "x86-64"

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Compiler:
    """How one compiler is told of a processor."""

    flags: tuple[str, ...]  # which processor it is
    tuning: tuple[str, ...] = ()  # what makes its code faster there
    program: str = ""  # on PATH; none: namgen brings it


@dataclass(frozen=True, slots=True)
class Processor:
    """What decides how C is laid out and compiled."""

    name: str
    title: str
    layout: LayoutName  # the channels of a frame side by side, or the frames of a channel
    registers: int  # for floats
    lanes: int  # float32 values of one register
    has_fma: bool
    paired_loads: bool  # two in a cycle, of an even and an odd word
    block_frames: int  # where nobody says otherwise
    gcc: Compiler
    zig: Compiler
    vector_unit: str = ""  # what its registers are called, where they hold several values
    integer_rows: int = 1  # numbers of 32 bits of one register that integers are computed in
    frame_major_frames: int = 0  # up to so long, blocks do not fill its vectors: no planar layout
    fastest_hz: int = 0  # no chip with it has a faster clock; 0: nothing is said of it
    product_cycles: int = 1  # that a fused multiply-add takes by itself
    machines: tuple[str, ...] = ()  # what a computer with it calls itself
    features: tuple[str, ...] = ()  # what such a computer says it has, in the words of Linux
    macros: tuple[str, ...] = ()  # that tell the generated C where it is

    def problems(self) -> Iterator[Problem]:
        """Yield what the layout rules out."""
        if self.layout == "frame_major" and self.lanes != 1:
            yield Problem("lanes", f"expected 1 in a frame-major layout, found {self.lanes}")
        if self.layout == "planar" and self.paired_loads:
            yield Problem("paired_loads", "expected false in a planar layout, found true")
        if self.layout == "planar" and not self.vector_unit:
            yield Problem("vector_unit", "expected the name of the vectors of a planar layout")
        if self.layout == "frame_major" and self.frame_major_frames:
            found = f"found {self.frame_major_frames}"
            yield Problem("frame_major_frames", f"expected none where every block is, {found}")
        for key in ("registers", "lanes", "block_frames", "product_cycles", "integer_rows"):
            if getattr(self, key) < 1:
                yield Problem(key, "expected at least 1, found 0")

    def layout_of(self, block_frames: int, *, is_recurrent: bool) -> LayoutName:
        """Choose the layout for calls of up to `block_frames`.

        Recurrent layers fill vectors with their units, however short a block is.
        """
        fills_vectors = block_frames > self.frame_major_frames or is_recurrent
        return self.layout if fills_vectors else "frame_major"

    @property
    def compile_words(self) -> tuple[str, ...]:
        """GCC, or the computer's own compiler, with all that the processor asks of it."""
        gcc = self.gcc
        macros = (f"-D{name}=1" for name in self.macros)
        return (gcc.program, *gcc.flags, *gcc.tuning, *macros)

    @property
    def is_measured(self) -> bool:
        """Whether somebody has fitted an estimate of its cycles."""
        return measured_path(self.name, "estimate").is_file()


@cache
def processor_names() -> tuple[str, ...]:
    """Names that `load_processor` knows, in alphabetical order."""
    beside = tuple(f"-{kind}" for kind in (*MEASUREMENTS, "pipeline"))
    return tuple(name for name in toml_names(_FOLDER) if not name.endswith(beside))


@cache
def load_processor(name: str) -> Processor:
    """Read the processor `name`.

    Raises:
        ChoiceError: there is no such processor.

    """
    return load_toml(_FOLDER / f"{one_of('processor', name, processor_names())}.toml", Processor)


def computers() -> tuple[Processor, ...]:
    """The processors that namgen itself may run on."""
    return tuple(known for known in map(load_processor, processor_names()) if known.machines)


def common_processor() -> Processor:
    """The processor of this kind of machine that most of them have, if not better ones.

    On unknown machines it is any: its layout is as good as others for plain C.
    """
    kin = [known for known in computers() if platform.machine().lower() in known.machines]
    return min(kin, key=lambda known: known.lanes, default=load_processor(_MOST_COMPUTERS))


def vector_processors() -> tuple[Processor, ...]:
    """The processors whose C is laid out for vectors."""
    found = map(load_processor, processor_names())
    return tuple(processor for processor in found if processor.layout == "planar")


def processor_with(vector_unit: str) -> Processor:
    """Return the processor that has a vector unit: "avx512", "avx2", "neon" or "simd128".

    Raises:
        UnsupportedError: nobody knows it.

    """
    known: dict[str | None, Processor] = {}
    for processor in vector_processors():
        other = known.setdefault(processor.vector_unit, processor)
        if other is not processor:
            raise UnsupportedError(
                f"processors {other.name} and {processor.name}: expected a vector unit each, "
                f"both have {processor.vector_unit}"
            )
    if vector_unit not in known:
        raise UnsupportedError(
            f"vector unit: expected one of {', '.join(map(str, known))}, found {vector_unit!r}"
        )
    return known[vector_unit]


def measured_path(name: str, kind: Measurement) -> Path:
    """Where measurements of a processor are kept."""
    return _FOLDER / f"{name}-{kind}.toml"


def load_measured(name: str, kind: Measurement) -> dict[str, Any] | None:
    """Read what was measured for a processor; None where nobody has measured."""
    path = measured_path(name, kind)
    return parse_toml(path) if path.is_file() else None
