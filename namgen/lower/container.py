"""Which of the models in a file is compiled, and how wide."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from namgen.errors import UnsupportedError
from namgen.nam_file.shapes import is_slimmable
from namgen.nam_file.types import (
    ContainerConfig,
    LayerArrayConfig,
    NamFile,
    NamModel,
    SequentialConfig,
    WaveNetConfig,
)


@dataclass(frozen=True, slots=True)
class SubmodelChoice:
    """One submodel of a container, as `lower` accepts it in `submodel`."""

    index: int  # 1-based
    names: tuple[str, ...]  # every accepted spelling, the index among them
    max_value: float  # the container takes this submodel for ratios below it
    model: NamModel


@lru_cache(maxsize=4)
def submodels(file: NamFile) -> tuple[SubmodelChoice, ...]:
    """List the outermost container's submodels, narrowest first; empty for any other file."""
    if not isinstance(file.model.config, ContainerConfig):
        return ()
    entries = file.model.config.submodels
    return tuple(
        SubmodelChoice(
            index=index,
            names=(str(index),)
            + (("lite",) if index == 1 else ())
            + (("full",) if index == len(entries) else ()),
            max_value=entry.max_value,
            model=entry.model,
        )
        for index, entry in enumerate(entries, start=1)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The model to lower, and the way to it."""

    path: tuple[NamModel, ...]  # outermost first, the chosen one last
    options: tuple[str, ...]  # how it was chosen
    widths: tuple[int, ...] | None = None  # channels per layer array of a WaveNet; None: full

    @property
    def model(self) -> NamModel:
        """The chosen one."""
        return self.path[-1]

    @property
    def sample_rate_hz(self) -> int | None:
        """The rate of the innermost model that has one."""
        rates = (model.sample_rate_hz for model in reversed(self.path))
        rate_hz = next((rate for rate in rates if rate is not None), None)
        return int(rate_hz) if rate_hz is not None and rate_hz >= 1 else None


def choose(file: NamFile, *, submodel: str, slim: float | None) -> Choice:
    """Walk through containers to the model that `lower` takes.

    Raises `UnsupportedError` for a choice that the file does not offer.
    """
    model, options, ratio = file.model, [], slim
    path = [model]
    _check_submodel(file, submodel)
    wanted = None if submodel == "full" else submodel
    while isinstance(model.config, ContainerConfig):
        entries = model.config.submodels
        if wanted is not None:
            index = _index_of(wanted, count=len(entries))
            wanted = None
        else:
            index = _index_at(ratio, entries=model.config)
            ratio = None
        options.append(f"submodel {index + 1} of {len(entries)}")
        model = entries[index].model
        path.append(model)
    if ratio is None:
        return Choice(tuple(path), tuple(options))
    widths = _widths(file.name, model, ratio)
    return Choice(tuple(path), (*options, f"slim {ratio:g}"), widths)


def _check_submodel(file: NamFile, submodel: str) -> None:
    choices = submodels(file)
    names = {name for choice in choices for name in choice.names} or {"full"}
    if submodel in names:
        return
    offer = ", ".join(sorted(names)) if choices else f"only full: {_only(file.model)}"
    raise UnsupportedError(f'{file.name}: submodel "{submodel}": this file offers {offer}')


def _only(model: NamModel) -> str:
    """Say why there is nothing to choose."""
    if isinstance(model.config, SequentialConfig) and is_slimmable(model.config):
        return "a chain plays what is in it at full width; namgen join --submodel makes another"
    return "the file holds one model"


def _index_of(submodel: str, *, count: int) -> int:
    named = {"lite": 0, "full": count - 1}
    return named[submodel] if submodel in named else int(submodel) - 1


def _index_at(ratio: float | None, *, entries: ContainerConfig) -> int:
    """The first submodel whose max_value exceeds the ratio, else the last, as NAM Core does."""
    last = len(entries.submodels) - 1
    if ratio is None:
        return last
    fits = (i for i, entry in enumerate(entries.submodels) if ratio < entry.max_value)
    return next(fits, last)


def _widths(file: str, model: NamModel, ratio: float) -> tuple[int, ...]:
    """Channels per layer array of a slimmable WaveNet at a ratio in [0, 1], as in NAM Core."""
    config = model.config
    if isinstance(config, WaveNetConfig) and any(a.allowed_channels for a in config.arrays):
        return tuple(_width(array, ratio) for array in config.arrays)
    raise UnsupportedError(
        f"{file}: slim: needs a container or a slimmable WaveNet, "
        f"found a {model.architecture} of one width"
    )


def _width(array: LayerArrayConfig, ratio: float) -> int:
    allowed = array.allowed_channels
    if not allowed:
        return array.channels
    return allowed[min(math.floor(ratio * len(allowed)), len(allowed) - 1)]
