"""Public programs with cycles published for a Cortex-M7, whose sources are not in this repository.

anchors.toml has the boards' figures; a program is built and timed where its source folder is given
and is described and skipped where it is not.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.m7_model.engine import HERE, WARM_UP, build, record_calls
from host_sim.emulator.core import Core
from host_sim.m7.timing import time_trace
from host_sim.m7.trace import from_core
from namgen.processors.pipeline import Parameters

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_SCRIPT = """ENTRY({entry})
MEMORY {{ itcm (rx) : ORIGIN = 0x1000, LENGTH = 60K
  dtcm (rw) : ORIGIN = 0x20000000, LENGTH = 100K }}
SECTIONS {{ .text : {{ *(.text*) }} > itcm
  .data : {{ *(.rodata*) *(.data*) }} > dtcm
  .bss (NOLOAD) : {{ *(.bss*) *(COMMON) }} > dtcm }}
"""
_TRANSFORM = ("arm_cfft_f32", "arm_cfft_radix8_f32", "arm_bitreversal2")
_TABLES = ("arm_common_tables", "arm_const_structs")
_COREMARK = ("core_main", "core_list_join", "core_matrix", "core_state", "core_util")


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of a board, and the model's relative to it in a review, one per option."""

    name: str
    board: float
    reviewed: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A program: what its board was, how to get it, and its figures."""

    what: str
    board: str
    get: str
    rows: tuple[Row, ...]
    options: tuple[str, ...] = ("",)  # of the compiler, one per reviewed figure
    variable: str = ""  # of the environment, naming the source folder; none: it is not rebuilt
    file: str = ""  # one that the folder holds


def load_anchors() -> dict[str, Anchor]:
    """Read anchors.toml."""
    tables = tomllib.loads((HERE / "anchors.toml").read_text(encoding="utf-8"))
    return {name: _anchor(table) for name, table in tables.items()}


def _anchor(table: dict[str, object]) -> Anchor:
    rows = table.pop("rows")
    assert isinstance(rows, list)
    made = tuple(Row(r["name"], r["board"], tuple(r["reviewed"])) for r in rows)
    options = table.pop("options", [""])
    assert isinstance(options, list)
    texts = {name: str(value) for name, value in table.items()}
    return Anchor(rows=made, options=tuple(options), **texts)


def lines(folders: Mapping[str, Path | None], parameters: Parameters) -> Iterator[str]:
    """Print every anchor: measured where its folder is given, else skipped with what is stored."""
    for name, anchor in load_anchors().items():
        yield f"\n{anchor.what}; board: {anchor.board}"
        folder = folders.get(name)
        reason = why_skipped(anchor, folder)
        measure = None
        if reason:
            yield f"skipped: {reason}"
        else:
            assert folder is not None
            measure = partial(MEASURED[name], folder, parameters)
        yield from table(anchor, measure)


def why_skipped(anchor: Anchor, folder: Path | None) -> str:
    """In one line, what is missing and how to get it; nothing, if it can be measured."""
    if not anchor.variable:
        return f"not rebuilt here: {anchor.get}"
    if folder is not None and (folder / anchor.file).is_file():
        return ""
    missing = "its source is not here" if folder is None else f"no {anchor.file} in {folder}"
    return f"{missing}: {anchor.get}, and set {anchor.variable} to that folder"


def table(anchor: Anchor, measure: Callable[[Row, str], float] | None) -> Iterator[str]:
    """Lay out the figures; `measure` gives the cycles of a row built with an option."""
    kinds = ("stored",) if measure is None else ("model", "model / board", "stored")
    heads = [f"{kind} {option}".rstrip() for option in anchor.options for kind in kinds]
    yield f"| {' | '.join(['', 'board', *heads])} |"
    yield "|" + "---|" * (2 + len(heads))
    for row in anchor.rows:
        cells = [row.name, f"{row.board:g}"]
        for option, stored in zip(anchor.options, row.reviewed, strict=True):
            if measure is not None:
                cycles = measure(row, option)
                cells += [f"{cycles:.0f}", f"{cycles / row.board:.3f}"]
            cells.append(f"{stored:g}")
        yield f"| {' | '.join(cells)} |"


def fft_cycles(folder: Path, parameters: Parameters, row: Row, option: str) -> float:
    """Cycles of one transform, caches and branch table warm, code in ITCM and data in DTCM."""
    points = int(row.name.split()[0])
    sources = [HERE / "cfft.c"]
    sources += [folder / "Source/TransformFunctions" / f"{name}.c" for name in _TRANSFORM]
    sources += [folder / "Source/CommonTables" / f"{name}.c" for name in _TABLES]
    headers = [HERE / "freestanding", folder / "Include", folder / "PrivateInclude"]
    options = [*option.split(), f"-DPOINTS={points}", "-D__GNUC_PYTHON__", "-Wl,--gc-sections"]
    options += [f"-I{header}" for header in headers]
    core = build(sources, _SCRIPT.format(entry="cfft_process"), *options)
    _check_transform(core, points)
    return record_calls(core, "cfft_process", WARM_UP + 2).profile(parameters).average_cycles


def _check_transform(core: Core, points: int) -> None:
    values = np.random.default_rng(points).standard_normal(2 * points).astype(np.float32)
    core.memory.write_floats(core.image.address("samples"), values)
    core.call("cfft_process")
    found = core.memory.read_floats(core.image.address("samples"), 2 * points).astype(np.float64)
    expected = np.fft.fft(values.astype(np.float64).view(np.complex128))
    assert np.abs(found.view(np.complex128) - expected).max() < 1e-5 * np.abs(expected).max()


def coremark_cycles(folder: Path, parameters: Parameters, row: Row, option: str) -> float:
    """Cycles of an iteration: the difference of runs with one and with three."""
    del row  # there is one
    few, many = (_coremark_run(folder, option, parameters, times) for times in (1, 3))
    return (many - few) / 2


def _coremark_run(folder: Path, option: str, parameters: Parameters, iterations: int) -> int:
    sources = [HERE / "coremark/core_portme.c", *(folder / f"{name}.c" for name in _COREMARK)]
    headers = [f"-I{HERE / 'coremark'}", f"-I{folder}"]
    script = _SCRIPT.format(entry="main")
    core = build(sources, script, *option.split(), f"-DITERATIONS={iterations}", *headers)
    trace = from_core(core.trace_call("main"))
    assert core.memory.read_word(core.image.address("wrong_results")) == 0
    return time_trace(trace, core.memory.read, parameters).cycles


Measure = Callable[[Path, Parameters, Row, str], float]
MEASURED: Mapping[str, Measure] = {"cfft": fft_cycles, "coremark": coremark_cycles}
"""How an anchor that can be rebuilt is timed."""
