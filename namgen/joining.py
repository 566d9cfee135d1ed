"""Joins captures and impulse responses into one `.nam` file: pedal into amp, amp into cabinet."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from namgen.arithmetic import F32
from namgen.errors import ChoiceError, FileError, UnsupportedError
from namgen.levels import levels
from namgen.lower import DEFAULT_SAMPLE_RATE_HZ
from namgen.lower.container import submodels
from namgen.nam_file import read
from namgen.nam_file.json_text import load, parse
from namgen.nam_file.shapes import in_channels, linear_biases, out_channels, stated_rate_hz
from namgen.nam_file.types import (
    ContainerConfig,
    LinearConfig,
    NamFile,
    NamModel,
    SequentialConfig,
)
from namgen.output_dir import whole_file
from namgen.output_file import check_output_file
from namgen.passes.resample import check_length, resample_taps

Json: TypeAlias = dict[str, Any]

FILE_VERSION = "0.7.0"
"""The version of the files written here, and of the models in them that had none."""


@dataclass(frozen=True, slots=True)
class Part:
    """One model of the chain."""

    file: str  # where it came from
    architecture: str
    resampled_from_hz: int | None = None  # the rate its taps had, where they were resampled


@dataclass(frozen=True, slots=True)
class Joined:
    """What was written."""

    out: Path
    sample_rate_hz: int | None  # None: no model says
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    size_bytes: int


@dataclass(frozen=True, slots=True, eq=False)
class _Link:
    """A model of the chain while it is being made."""

    part: Part
    model: NamModel
    document: Json  # as JSON, complete
    rate_hz: int | None


def join(
    paths: Sequence[Path | str],
    out: Path | str | None = None,
    *,
    submodel: str | None = None,
    force: bool = False,
) -> Joined:
    """Write a Sequential of the models in these files, in the order of the signal.

    Args:
        paths: two or more `.nam` files or WAV impulse responses. A Sequential among them is taken
            apart. Impulse responses of another rate are resampled to that of the others.
        out: the file to write; by default the names of the others with a plus between, here.
        submodel: which model to take of every container: "lite", "full" or a number from "1".
            Without it, a container stays one, and plays at full width in a chain.
        force: replace a file that is there. A file that is joined is never replaced.

    Raises:
        FileError: a file cannot be read.
        ChoiceError: there are not two of them.
        UnsupportedError: they do not fit together, or there is nothing to choose.
        OutputError: the place is taken or cannot be written.

    """
    sources = [Path(path) for path in paths]
    if len(sources) < 2:
        raise ChoiceError("join: expected two files or more, in the order of the signal")
    place = Path(out) if out is not None else default_out(sources)
    check_place(place, sources, force=force)
    files = [read(path) for path in sources]
    notes = _container_notes(files, submodel)
    links = [
        link
        for path, file in zip(sources, files, strict=True)
        for link in _links(path, file, submodel)
    ]
    _check_channels(links)
    rate_hz = _common_rate(links)
    links, told = _at_rate(links, rate_hz)
    document = _chain(links, files, submodel, rate_hz)
    size_bytes = _write(document, place)
    parts = tuple(link.part for link in links)
    return Joined(place, rate_hz, parts, (*notes, *told), size_bytes)


def default_out(sources: Sequence[Path]) -> Path:
    """Name the file after those that are joined."""
    stems = "+".join(path.stem for path in sources)
    short = stems.encode("utf-8", "surrogateescape")[:200].decode("utf-8", "ignore")
    return Path(f"{short}.nam")


def check_place(place: Path, sources: Sequence[Path], *, force: bool) -> None:
    """Refuse to write over what is joined, over anything but a file, or over any file unasked.

    Another model is as precious as what is joined, so that it needs `force` too.

    Raises:
        ChoiceError: the name is none of a model.
        OutputError: the place is not free.

    """
    if place.suffix.lower() != ".nam":
        raise ChoiceError(f"{place}: expected a name that ends in .nam")
    check_output_file(place, inputs=sources, force=force)


def _container_notes(files: Sequence[NamFile], submodel: str | None) -> list[str]:
    containers = [file.name for file in files if submodels(file)]
    if submodel is not None and not containers:
        raise UnsupportedError(
            f'join: submodel "{submodel}": expected a container among the files, found none'
        )
    if submodel is not None:
        return []
    return [
        f"{name}: a container, which plays at full width in a chain; --submodel lite takes the"
        " small one"
        for name in containers
    ]


def _links(path: Path, file: NamFile, submodel: str | None) -> Iterator[_Link]:
    model, document = file.model, _document(path, file)
    rate_hz = stated_rate_hz(model)
    if submodel is not None and isinstance(model.config, ContainerConfig):
        index = _index(file, submodel)
        model = model.config.submodels[index].model
        document = document["config"]["submodels"][index]["model"]
        rate_hz = stated_rate_hz(model) or rate_hz
    yield from _flat(file.name, model, document, rate_hz)


def _index(file: NamFile, submodel: str) -> int:
    for choice in submodels(file):
        if submodel in choice.names:
            return choice.index - 1
    offered = ", ".join(name for choice in submodels(file) for name in choice.names)
    raise UnsupportedError(f'{file.name}: submodel "{submodel}": this file offers {offered}')


def _flat(name: str, model: NamModel, document: Json, rate_hz: float | None) -> Iterator[_Link]:
    """Take a Sequential apart, and those in it."""
    if isinstance(model.config, SequentialConfig):
        for inner, text in zip(model.config.models, document["config"]["models"], strict=True):
            yield from _flat(name, inner, text, stated_rate_hz(inner) or rate_hz)
    else:
        part = Part(name, model.architecture)
        yield _Link(part, model, document, None if rate_hz is None else int(rate_hz))


def _document(path: Path, file: NamFile) -> Json:
    """The model as JSON: what the file says, or what a WAV would say as a `.nam` file."""
    if file.kind == "wav":
        config = {"receptive_field": int(file.model.weights.size), "bias": False}
        return _linear({"config": config}, file.model.weights, file.model.sample_rate_hz)
    value = _finite(parse(load(path), path).value)
    assert isinstance(value, dict)
    return value


def _linear(document: Json, weights: F32, rate_hz: float | None) -> Json:
    """A Linear with these weights, spelt as short as float32 allows."""
    return {
        "version": FILE_VERSION,
        "architecture": "Linear",
        **document,
        "weights": [float(str(value)) for value in weights],
        "sample_rate": None if rate_hz is None else int(rate_hz),
    }


def _finite(value: object) -> object:
    """Replace numbers that JSON cannot spell; they stand where nobody reads them."""
    match value:
        case dict():
            return {key: _finite(inner) for key, inner in value.items()}
        case list():
            return [_finite(inner) for inner in value]
        case float() if not math.isfinite(value):
            return None
        case _:
            return value


def _check_channels(links: Sequence[_Link]) -> None:
    for before, after in pairwise(links):
        outputs, inputs = out_channels(before.model.config), in_channels(after.model.config)
        if outputs != inputs:
            raise UnsupportedError(
                f"{after.part.file}: expected {outputs} inputs (outputs of {before.part.file}),"
                f" found {inputs}"
            )


def _common_rate(links: Sequence[_Link]) -> int | None:
    """The rate of the chain: of what cannot be resampled, else of the first that states one."""
    fixed = [link for link in links if not isinstance(link.model.config, LinearConfig)]
    stated = [link for link in fixed if link.rate_hz is not None]
    for link in stated[1:]:
        if link.rate_hz != stated[0].rate_hz:
            raise UnsupportedError(
                f"{link.part.file}: expected {stated[0].rate_hz} Hz, as {stated[0].part.file} has,"
                f" found {link.rate_hz} Hz; the models of a chain share one rate, and only impulse"
                " responses can be resampled"
            )
    if stated:
        return stated[0].rate_hz
    rates = [link.rate_hz for link in links if link.rate_hz is not None]
    if fixed and any(rate != DEFAULT_SAMPLE_RATE_HZ for rate in rates):
        return DEFAULT_SAMPLE_RATE_HZ
    return rates[0] if rates else None


def _at_rate(links: Sequence[_Link], rate_hz: int | None) -> tuple[list[_Link], list[str]]:
    """Resample what has another rate than the chain; return what to say about it too."""
    made, told = [], []
    fixed_rates = [n.rate_hz for n in links if not isinstance(n.model.config, LinearConfig)]
    assumed = bool(fixed_rates) and not any(fixed_rates)
    for link in links:
        if rate_hz is None or link.rate_hz in (None, rate_hz):
            made.append(link)
            continue
        made.append(_resampled(link, rate_hz))
        why = ", which is assumed: no other file has a sample rate" if assumed else ""
        told.append(f"{link.part.file}: taps resampled from {link.rate_hz} to {rate_hz} Hz{why}")
    return made, told


def _resampled(link: _Link, rate_hz: int) -> _Link:
    config, weights, from_hz = link.model.config, link.model.weights, link.rate_hz
    assert isinstance(config, LinearConfig)
    assert from_hz is not None
    split = weights.size - linear_biases(config)
    check_length(split, from_hz=from_hz, to_hz=rate_hz)
    paths = weights[:split].reshape(-1, config.receptive_field)
    taps = resample_taps(paths, from_hz=from_hz, to_hz=rate_hz)
    inner = {**link.document["config"], "receptive_field": taps.shape[1]}
    values = np.concatenate([taps.ravel(), weights[split:]])
    return replace(
        link,
        part=replace(link.part, resampled_from_hz=from_hz),
        document=_linear({**link.document, "config": inner}, values, rate_hz),
        rate_hz=rate_hz,
    )


def _chain(
    links: Sequence[_Link], files: Sequence[NamFile], submodel: str | None, rate_hz: int | None
) -> Json:
    """Write the whole: of metadata only what holds for it, and stands in the files."""
    names = [file.model.metadata.name or Path(file.name).stem for file in files]
    chosen = [submodel if submodel and submodels(file) else "full" for file in files]
    first = levels(files[0], submodel=chosen[0]).input_level_dbu
    last = levels(files[-1], submodel=chosen[-1]).output_level_dbu
    metadata: Json = {"name": " + ".join(names)}
    if first is not None:
        metadata["input_level_dbu"] = first.value
    if last is not None:
        metadata["output_level_dbu"] = last.value
    document: Json = {
        "version": FILE_VERSION,
        "architecture": "Sequential",
        "config": {"models": [_without_null_rate(link.document) for link in links]},
        "weights": [],
        "sample_rate": rate_hz,
        "metadata": metadata,
    }
    return _without_null_rate(document)


def _without_null_rate(document: Json) -> Json:
    """NAM Core takes an absent sample rate, but no null."""
    return {k: v for k, v in document.items() if k != "sample_rate" or v is not None}


def _write(document: Json, place: Path) -> int:
    """Write the file, after reading it back; returns its bytes."""
    text = json.dumps(document, separators=(",", ":"), allow_nan=False) + "\n"
    with whole_file(place) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")
        try:
            read(draft)
        except FileError as error:
            raise UnsupportedError(*(f"{place}: {found}" for found in error.problems)) from error
    return len(text.encode("utf-8"))
