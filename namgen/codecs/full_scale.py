"""The level that is full scale of a codec, or of a board's own stages around one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from namgen.errors import Problem
from namgen.toml_data import Signed, called, each_of

_LEVELS_DBU = 40.0


@dataclass(frozen=True, slots=True)
class FullScale:
    """What reaches full scale of the codec, through the board's own stages: a sine, in dBu."""

    input_dbu: Signed = field(metadata=called("in"))
    output_dbu: Signed = field(metadata=called("out"))
    unmeasured: bool = False  # nobody has measured it: the codec's own figures

    def problems(self) -> Iterator[Problem]:
        """Yield levels that no pedal has."""
        return each_of(
            partial(_level_problems, "in", self.input_dbu),
            partial(_level_problems, "out", self.output_dbu),
        )


def _level_problems(key: str, found: float) -> Iterator[Problem]:
    if abs(found) > _LEVELS_DBU:
        limits = f"-{_LEVELS_DBU:g} to {_LEVELS_DBU:g} dBu"
        yield Problem(key, f"expected {limits}, found {found:g}")
