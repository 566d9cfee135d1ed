"""The Cortex-M7 model's tables: read from TOML, checked, and laid out for the C."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from host_sim.m7.codes import Kind, KindFlag, Pair, Producer, Use
from namgen.errors import ToolError
from namgen.prediction import Margin

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]

TABLES = Path(__file__).with_name("cortex_m7.toml")


MARGINS = ("float", "integer", "unmeasured_memory")
"""Kinds of code that were compared with boards, and what memories nobody has measured add."""


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
    """Everything the model knows about the processor; `cortex_m7.toml` has the sources."""

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
