"""The C for a host compiles without a warning, needs no library, and is built by its target."""

from __future__ import annotations

from pathlib import Path

import make_nam
import numpy as np
import pytest
from elftools.elf.elffile import ELFFile
from generated_c import (
    HOST_COMPILERS,
    need,
    networks_and_units,
    small_model,
    strict,
    undefined_symbols,
)
from small_networks import EVERY_NETWORK

import namgen
from host_sim.host_library import host_library
from namgen.arithmetic import FLOAT32
from namgen.c_text import COLUMNS
from namgen.emit import emit
from namgen.plan.layouts.planar import planar
from namgen.plan.layouts.planar.cut import VectorUnit
from namgen.plan.parts import Parts
from namgen.plan.stages import Name
from namgen.processors import processor_with, vector_processors
from namgen.selection.plans import plan_model
from namgen.targets import load_target
from namgen.toolchain import find_host

UNITS = tuple(processor.vector_unit for processor in vector_processors())


def files_of(network: str, unit: str) -> dict[str, str]:
    target = load_target(processor_with(unit).name)
    return emit(plan_model(small_model(network), target=target, block_frames=64))


def check(network: str, unit: str, compiler: str) -> None:
    need(compiler)
    chosen = strict(find_host(HOST_COMPILERS[compiler]).for_processor(processor_with(unit)))
    library = host_library(files_of(network, unit), network, compiler=chosen)
    assert undefined_symbols(library) == set()


@pytest.mark.parametrize(("network", "unit"), networks_and_units())
def test_every_architecture_compiles_alone_and_without_a_warning(network: str, unit: str) -> None:
    check(network, unit, "gcc")


@pytest.mark.parametrize("compiler", HOST_COMPILERS)
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("network", ["everything", "lstm"])
def test_every_compiler_and_unit_is_silent(network: str, unit: str, compiler: str) -> None:
    check(network, unit, compiler)


@pytest.mark.parametrize("network", EVERY_NETWORK)
def test_no_line_is_too_long(network: str) -> None:
    for file, text in files_of(network, "avx512").items():
        wide = [line for line in text.splitlines() if len(line) > COLUMNS]
        assert not wide, f"{file}: {wide[0]}"


def test_the_host_target_builds_the_host_layout(tmp_path: Path) -> None:
    tweed = make_nam.write(tmp_path, make_nam.a1())
    report = namgen.build(tweed, out_dir=tmp_path / "out", target="host")
    assert report.firmware is None
    text = (tmp_path / "out" / f"nam_{report.model.name}_tiles.h").read_text(encoding="utf-8")
    assert "#define NAM_LANES 8" in text
    assert (tmp_path / "out" / "nam_vector.h").exists()


def test_the_same_input_gives_the_same_text() -> None:
    assert files_of("everything", "avx2") == files_of("everything", "avx2")


@pytest.mark.parametrize("unit", UNITS)
def test_rows_hold_the_past_and_a_block_wherever_it_is(unit: str) -> None:
    processor = processor_with(unit)
    chosen = VectorUnit(unit, processor.lanes, processor.registers)
    parts = Parts(FLOAT32)
    history = parts.history(Name("", "h"), 1000, np.zeros(4, np.float32))
    (storage,) = planar(120, chosen).storages(parts)
    furthest = storage.lead(history) + storage.last_newest + storage.padded_frames
    assert storage.lead(history) >= history.lookback
    assert storage.row(history) >= furthest
    assert storage.row(history) // 16 % 2 == 1, "an even number of cache lines crowds few sets"


@pytest.mark.parametrize("fma", [True, False], ids=["fma", "software"])
def test_without_the_vector_unit_products_are_calls(fma: bool) -> None:
    """Spelled out at every product, lane by lane, GCC took minutes for one network."""
    need("gcc")
    files = files_of("two_arrays", "neon" if fma else "avx2")
    chosen = strict(find_host("gcc", fma=fma))
    with host_library(files, "two_arrays", compiler=chosen).open("rb") as library:
        table = ELFFile(library).get_section_by_name(".symtab")
        assert "nam_v_fma" in {symbol.name for symbol in table.iter_symbols()}
