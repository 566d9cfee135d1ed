"""Processors and boards as data: one TOML file each, loaded into a typed `Target`.

Files with a dash in their name hold what was measured for a target: see `target_data`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal, cast

from namgen.errors import UnsupportedError, one_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]

_SUFFIX = ".toml"

RegionKind = Literal["ram", "flash"]


@dataclass(frozen=True, slots=True)
class Region:
    """One memory of a target."""

    name: str
    title: str
    origin: int
    size_bytes: int
    kind: RegionKind
    reserved_bytes: int = 0
    reserved_for: str = ""

    @property
    def free_bytes(self) -> int:
        """What a model may use."""
        return self.size_bytes - self.reserved_bytes

    @property
    def end(self) -> int:
        """First address behind the region."""
        return self.origin + self.size_bytes

    def holds(self, address: int, size_bytes: int) -> bool:
        """Whether the whole range lies in the region."""
        return self.origin <= address and address + size_bytes <= self.end


@dataclass(frozen=True, slots=True)
class Boot:
    """One way an image gets started."""

    name: str
    title: str
    region: str  # where the code runs
    origin: int
    limit_bytes: int
    download_address: int  # where DFU writes it
    steps: tuple[str, ...] = ()  # what to do with the board before an image is downloaded


@dataclass(frozen=True, slots=True)
class Window:
    """A range of addresses."""

    origin: int
    size_bytes: int

    def holds(self, address: int, size_bytes: int) -> bool:
        """Whether the whole range lies in the window."""
        return self.origin <= address and address + size_bytes <= self.origin + self.size_bytes


@dataclass(frozen=True, slots=True)
class Target:
    """A processor, its clocks and its memories."""

    name: str
    title: str
    cpu: str  # "cortex-m7" or "host"
    clock_hz: int  # the default; 0 when it is not fixed
    clock_options_hz: tuple[int, ...]
    sample_rate_hz: int
    block_frames: int  # the default
    transmit_lookahead_frames: int  # that the audio output takes before a block's time is over
    stack_bytes: int
    model_regions: tuple[str, ...]  # for a model's data, the best first
    regions: tuple[Region, ...]
    boots: tuple[Boot, ...]  # the default first; none: no image is made
    dma: Window | None

    def region(self, name: str) -> Region:
        """Return the region `name`.

        Raises:
            UnsupportedError: the target has no such region.

        """
        for region in self.regions:
            if region.name == name:
                return region
        raise UnsupportedError(
            f"target {self.name}: region: expected {_one_of(r.name for r in self.regions)}, "
            f"found {name!r}"
        )

    @property
    def only_rate_hz(self) -> int | None:
        """The sample rate of a pedal; None: C alone runs at any."""
        return self.sample_rate_hz if self.boots else None

    def boot(self, name: str) -> Boot:
        """Return the boot mode `name`.

        Raises:
            ChoiceError: the target has no such boot mode.

        """
        offered = {boot.name: boot for boot in self.boots}
        return offered[one_of(f"target {self.name}: boot", name, offered)]


def target_names() -> tuple[str, ...]:
    """Names that `load_target` knows, in alphabetical order."""
    files = (entry.name for entry in resources.files(__name__).iterdir())
    names = (name.removesuffix(_SUFFIX) for name in files if name.endswith(_SUFFIX))
    return tuple(sorted(name for name in names if "-" not in name))


def target_data(name: str, kind: str) -> dict[str, Any] | None:
    """Read what belongs to the target `name`: `<name>-<kind>.toml`; None when there is none."""
    entry = resources.files(__name__).joinpath(f"{name}-{kind}{_SUFFIX}")
    return tomllib.loads(entry.read_text(encoding="utf-8")) if entry.is_file() else None


def load_target(name: str) -> Target:
    """Read the target `name`.

    Raises:
        ChoiceError: there is no such target.

    """
    name = one_of("target", name, target_names())
    text = resources.files(__name__).joinpath(name + _SUFFIX).read_text(encoding="utf-8")
    return _target(name, tomllib.loads(text))


def _target(name: str, data: dict[str, Any]) -> Target:
    dma = data.get("dma")
    return Target(
        name=name,
        title=data["title"],
        cpu=data["cpu"],
        clock_hz=data["clock_hz"],
        clock_options_hz=tuple(data["clock_options_hz"]),
        sample_rate_hz=data["sample_rate_hz"],
        block_frames=data["block_frames"],
        transmit_lookahead_frames=data["transmit_lookahead_frames"],
        stack_bytes=data["stack_bytes"],
        model_regions=tuple(data["model_regions"]),
        regions=tuple(Region(**entry) for entry in data.get("regions", ())),
        boots=tuple(_boot(entry) for entry in data.get("boot", ())),
        dma=None if dma is None else Window(**cast("dict[str, int]", dma)),
    )


def _boot(entry: dict[str, Any]) -> Boot:
    return Boot(**{**entry, "steps": tuple(entry.get("steps", ()))})


def _one_of(names: Iterable[str]) -> str:
    return "one of " + (", ".join(names) or "(none)")
