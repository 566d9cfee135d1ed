"""Small sequences of instructions with published cycle counts, the anchors of the cycle model."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

COPIES = 10
"""By how many copies the long run of a sequence is longer than the short one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A sequence and its published cycles per repetition."""

    name: str
    body: tuple[str, ...]
    cycles: float
    source: str
    repeat: int = 4  # copies of the short run


@cache
def load_rules() -> tuple[Rule, ...]:
    """Read rules.toml."""
    path = Path(__file__).with_name("rules.toml")
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(Rule(**{**row, "body": tuple(row["body"])}) for row in tables["rule"])
