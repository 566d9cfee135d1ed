"""No compiler, optimisation level or missing instruction changes a bit of the output."""

from __future__ import annotations

from pathlib import Path

import make_nam
import pytest
from generated_c import (
    CROSS_COMPILERS,
    HOST_COMPILERS,
    engine_of,
    need,
    reference_output,
    signal_of,
    small_model,
)
from small_networks import EVERY_NETWORK, READERS_OF_THE_INPUT

from host_sim.compare import compare
from namgen.ir import Model
from namgen.lower import lower
from namgen.nam_file import read
from namgen.selection.plans import plan_model


def check(model: Model, compiler: str, *, opt: str, fma: bool = True) -> None:
    need(compiler)
    signal = signal_of(model)
    expected = reference_output(model, signal)
    found = engine_of(plan_model(model), compiler, opt=opt, fma=fma).process(signal)
    tally = compare(expected, found, signal="all signals", blocks=str(len(signal)))
    assert tally.is_exact, tally.first


@pytest.mark.parametrize("compiler", HOST_COMPILERS)
@pytest.mark.parametrize("network", EVERY_NETWORK)
def test_every_host_compiler_gives_the_bits_of_the_reference(network: str, compiler: str) -> None:
    check(small_model(network), compiler, opt="-O2")


@pytest.mark.parametrize("readers", READERS_OF_THE_INPUT)
def test_whoever_else_reads_the_input_each_reader_finds_its_past(readers: str) -> None:
    check(Model("m", "m.nam", "0" * 64, 48000, READERS_OF_THE_INPUT[readers]()), "gcc", opt="-O1")


@pytest.mark.parametrize("compiler", HOST_COMPILERS)
@pytest.mark.parametrize("opt", ["-O0", "-O3"])
@pytest.mark.parametrize("network", ["everything", "lstm"])
def test_no_optimisation_level_changes_a_bit(network: str, opt: str, compiler: str) -> None:
    check(small_model(network), compiler, opt=opt)


@pytest.mark.parametrize("compiler", HOST_COMPILERS)
@pytest.mark.parametrize("opt", ["-O0", "-O2", "-O3"])
def test_a_processor_without_fma_gives_the_same_bits(opt: str, compiler: str) -> None:
    check(small_model("two_arrays"), compiler, opt=opt, fma=False)


@pytest.mark.parametrize("compiler", CROSS_COMPILERS)
@pytest.mark.parametrize("opt", ["-O0", "-O2", "-O3"])
@pytest.mark.parametrize("network", ["everything", "lstm"])
def test_the_emulated_processor_gives_the_bits_at_every_level(
    network: str, opt: str, compiler: str
) -> None:
    pytest.importorskip("unicorn")
    check(small_model(network), compiler, opt=opt)


@pytest.mark.parametrize("compiler", [*HOST_COMPILERS, *CROSS_COMPILERS])
@pytest.mark.parametrize("kind", ["a1", "lstm", "conditioned"])
def test_the_fast_tanh_is_bit_exact_too(kind: str, compiler: str, tmp_path: Path) -> None:
    if compiler in CROSS_COMPILERS:
        pytest.importorskip("unicorn")
    document = make_nam.all_kinds()[kind]
    exact, fast = (
        lower(read(make_nam.write(tmp_path, document)), tanh=tanh) for tanh in ("exact", "fast")
    )
    check(fast, compiler, opt="-O2")
    outputs = [reference_output(model, signal_of(model)) for model in (exact, fast)]
    assert outputs[0].tobytes() != outputs[1].tobytes()  # the option does something
