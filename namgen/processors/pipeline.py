"""What the Cortex-M7's pipeline does, in numbers, out of TOML: latencies, pairing, caches.

The cycle model and the scheduler of kernels read the same tables.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum, IntFlag
from pathlib import Path
from typing import Any

from namgen.errors import ToolError
from namgen.processors.margin import Margin

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]

TABLES = Path(__file__).with_name("cortex-m7-pipeline.toml")


MARGINS = ("float", "integer", "unmeasured_memory")
"""Kinds of code that were compared with boards, and what memories nobody has measured add."""


class Kind(IntEnum):
    """Instructions that the pairing rules do not tell apart."""

    ALU = 0
    ALU_SHIFTED = 1
    SHIFT = 2
    BITFIELD = 3
    SATURATE = 4
    MAC = 5
    LOAD = 6
    LOAD_NARROW = 7
    LOAD_MULTIPLE = 8
    STORE = 9
    STORE_MULTIPLE = 10
    BRANCH = 11
    IT = 12
    NOP = 13
    DIVIDE = 14
    FADD = 15
    FMUL = 16
    FMA = 17
    MLA = 18
    FDIVIDE = 19
    FDOUBLE = 20
    VLOAD = 21
    VSTORE = 22
    VLOAD_MULTIPLE = 23
    VSTORE_MULTIPLE = 24
    VMOVE = 25
    VMOVE_TO_CORE = 26
    VMOVE_FROM_CORE = 27
    VMOVE_IMMEDIATE = 28
    VMOVE_PAIR = 29
    VSTATUS = 30
    UNKNOWN = 31


class Producer(IntEnum):
    """What makes a value; the rows of the latency table."""

    NONE = 0
    EARLY = 1
    LATE = 2
    LOAD = 3
    LOAD_NARROW = 4
    LOAD_MULTIPLE = 5
    MAC = 6
    ADDRESS = 7
    BITFIELD = 8
    SATURATE = 9
    FADD = 10
    FMA = 11
    MLA = 12
    VLOAD = 13
    TO_CORE = 14
    FROM_CORE = 15
    VMOVE = 16
    FINISHED = 17


class Use(IntEnum):
    """The stage that reads a value; the columns of the latency table."""

    LATE = 0
    EARLY = 1
    ADDRESS = 2
    ACCUMULATE = 3
    MULTIPLY = 4
    STORE = 5
    FADD = 6
    FMUL = 7
    FMA_ADDEND = 8
    MLA_ADDEND = 9
    FMA_FACTOR = 10
    VSTORE = 11
    VMOVE = 12
    CORE_MOVE = 13
    FLAGS = 14


class KindFlag(IntFlag):
    """What all instructions of a kind have in common."""

    ALONE = 1
    MAC = 2
    SHADOW_BLOCKED = 4
    SHADOW_OLDER = 8
    ARITHMETIC = 16


class Pair(IntEnum):
    """When an instruction may join the one before it."""

    NEVER = 0
    ALWAYS = 1
    OTHER_BANK = 2
    FIRST_MAC = 3


@dataclass(frozen=True, slots=True)
class MemoryRegion:
    """A piece of the address space and what an access to it costs, in processor cycles."""

    name: str
    origin: int
    size_bytes: int
    cached: bool = False
    first_word_cycles: int = 0  # of a line fill, until the wanted word is there
    beat_cycles: int = 0  # per further 8 bytes of the line, or of a burst where there is no cache
    data_extra_cycles: int = 0  # of a load where there is no cache
    measured: bool = True  # a board measurement supports the latencies
    source: str = ""

    def __contains__(self, address: object) -> bool:
        return isinstance(address, int) and 0 <= address - self.origin < self.size_bytes


@dataclass(frozen=True, slots=True)
class Parameters:
    """Everything the model knows about the processor; `cortex-m7-pipeline.toml` has the sources."""

    scalars: Mapping[str, int]
    busy: Mapping[str, int]
    latency: tuple[tuple[int, ...], ...]  # [producer][use], cycles
    pairing: tuple[tuple[int, ...], ...]  # [older kind][younger kind], a rule
    kind_flags: tuple[int, ...]
    memory: tuple[MemoryRegion, ...]
    margins: Mapping[str, Margin]  # by kind of code: MARGINS

    def with_scalars(self, **changes: int) -> Parameters:
        """Return a copy with some scalar parameters replaced (for what-if studies)."""
        unknown = changes.keys() - self.scalars.keys()
        if unknown:
            raise ToolError(f"cycle model: no parameter named {', '.join(sorted(unknown))}")
        return replace(self, scalars={**self.scalars, **changes})

    def with_memory(self, name: str, **changes: int) -> Parameters:
        """Return a copy in which the region `name` has other latencies."""
        if name not in {region.name for region in self.memory}:
            raise ToolError(f"cycle model: no memory named {name}")
        regions = (replace(r, **changes) if r.name == name else r for r in self.memory)  # type: ignore[arg-type]
        return replace(self, memory=tuple(regions))


def load_parameters(path: Path = TABLES) -> Parameters:
    """Read the model's tables.

    Raises:
        ToolError: the file is missing, or a table has a wrong name or shape.

    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return Parameters(
            scalars=_values(tables["pipeline"]) | _values(tables["caches"]),
            busy=_values(tables["busy"]),
            latency=_latency(tables["latency"]),
            pairing=_pairing(tables["pairing"]),
            kind_flags=_kind_flags(tables),
            memory=tuple(MemoryRegion(**_without(row, "fitted")) for row in tables["memory"]),
            margins=_margins(tables["margins"]),
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ToolError(f"cycle model: {path.name}: expected a complete table: {error}") from error


def _values(table: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    return {name: int(entry["value"]) for name, entry in table.items()}


def _margins(table: Mapping[str, Mapping[str, Any]]) -> dict[str, Margin]:
    if set(table) != set(MARGINS):
        raise ValueError(f"margins: expected {', '.join(MARGINS)}")
    return {name: Margin(entry["low"], entry["high"]) for name, entry in table.items()}


def _without(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def _latency(table: Mapping[str, Any]) -> tuple[tuple[int, ...], ...]:
    columns = [Use[name.upper()] for name in table["columns"]]
    if columns != list(Use):
        raise ValueError("latency.columns: expected the order of Use")
    rows = {Producer[name.upper()]: tuple(row["cycles"]) for name, row in table["rows"].items()}
    if set(rows) != set(Producer) or any(len(row) != len(Use) for row in rows.values()):
        raise ValueError("latency.rows: expected a number per use for every producer")
    return tuple(rows[producer] for producer in Producer)


def _kinds(names: Iterable[str]) -> list[Kind]:
    return [Kind[name.upper()] for name in names]


def _pairing(rules: Iterable[Mapping[str, Any]]) -> tuple[tuple[int, ...], ...]:
    table: list[list[int]] = [[Pair.ALWAYS] * len(Kind) for _ in Kind]
    for rule in rules:
        code = Pair[rule["rule"].upper()]
        for older in _kinds(rule["older"]):
            for younger in _kinds(rule["younger"]):
                table[older][younger] = code
                if rule.get("both_ways"):
                    table[younger][older] = code
    return tuple(tuple(row) for row in table)


def _kind_flags(tables: Mapping[str, Any]) -> tuple[int, ...]:
    flags = [0] * len(Kind)
    groups = (
        (KindFlag.ALONE, tables["alone"]["kinds"]),
        (KindFlag.MAC, ["fma", "mla"]),
        (KindFlag.SHADOW_BLOCKED, tables["shadow"]["blocked"]),
        (KindFlag.SHADOW_OLDER, tables["shadow"]["older_only"]),
        (KindFlag.ARITHMETIC, ["fadd", "fmul", "fma", "mla"]),
    )
    for bit, names in groups:
        for kind in _kinds(names):
            flags[kind] |= bit
    return tuple(flags)
