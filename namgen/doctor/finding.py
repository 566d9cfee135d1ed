"""One thing that was looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Part: TypeAlias = Literal["build", "emulate", "flash", "board"]
State: TypeAlias = Literal["ok", "missing", "broken", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a thing, and what follows."""

    part: Part  # of what people do
    name: str
    state: State
    found: str
    without: str = ""  # what works all the same, where it is missing or broken
    add: str = ""  # the one command that adds it
    is_needed: bool = False  # by `namgen build` itself

    @property
    def stops_builds(self) -> bool:
        """Whether nothing can be built because of it."""
        return self.is_needed and self.state in ("missing", "broken")


def build_works(findings: Iterable[Finding]) -> bool:
    """Whether all that `namgen build` needs is there."""
    return not any(finding.stops_builds for finding in findings)
