"""The generated C is silent under strict warnings in five compilers and needs no library."""

from __future__ import annotations

from pathlib import Path

import make_nam
import pytest
from conftest import FixtureCase, all_cases, sample_cases
from generated_c import COMPILERS, compile_strictly, need, small_model, undefined_symbols
from small_networks import EVERY_NETWORK

from namgen.errors import ToolError, UnsupportedError
from namgen.ir import Model
from namgen.lower import lower
from namgen.nam_file import read
from namgen.selection.plans import Start, plan_model

FEW = ("OpenSauce__a2_film", "act_list_mixed", "film_groups2_cond2_gated", "linear_1in_2out")
SEVERAL = [case for case in sample_cases() if case.id in (*FEW, "none")]


def check(model: Model, compiler: str, folder: Path, opt: str = "-O2") -> None:
    need(compiler)
    made = compile_strictly(plan_model(model), compiler, folder, opt=opt)
    assert undefined_symbols(made) == set()


def lowered(case: FixtureCase) -> Model:
    return lower(read(case.model), slim=case.slim)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("network", EVERY_NETWORK)
def test_every_architecture_compiles_alone_and_without_a_warning(
    network: str, compiler: str, tmp_path: Path
) -> None:
    check(small_model(network), compiler, tmp_path)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("opt", ["-O0", "-O3"])
def test_no_optimisation_brings_a_warning_or_a_library_call(
    opt: str, compiler: str, tmp_path: Path
) -> None:
    check(small_model("everything"), compiler, tmp_path, opt)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("kind", ["a2", "lstm"])
def test_the_fast_tanh_compiles_alone_and_without_a_warning(
    kind: str, compiler: str, tmp_path: Path
) -> None:
    document = make_nam.all_kinds()[kind]
    check(lower(read(make_nam.write(tmp_path, document)), tanh="fast"), compiler, tmp_path)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("case", SEVERAL)
def test_a_fixture_compiles_alone_and_without_a_warning(
    case: FixtureCase, compiler: str, tmp_path: Path
) -> None:
    check(lowered(case), compiler, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("compiler", ["gcc", "clang", "arm-gcc"])
@pytest.mark.parametrize("case", all_cases())
def test_every_fixture_compiles_alone_and_without_a_warning(
    case: FixtureCase, compiler: str, tmp_path: Path
) -> None:
    check(lowered(case), compiler, tmp_path)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_warning_would_be_noticed(
    compiler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need(compiler)
    sloppy = {"nam_linear.c": "int f(double x);\nint f(double x) { int y = x; return y; }\n"}
    monkeypatch.setattr("generated_c.emit", lambda _: sloppy)
    with pytest.raises(ToolError, match=r"conversion"):
        compile_strictly(plan_model(small_model("linear")), compiler, tmp_path)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_library_call_would_be_noticed(
    compiler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need(compiler)
    calling = "float sinf(float x);\nfloat n_process(float x);\nfloat n_process(float x)\n"
    calling += "{\n    return sinf(x);\n}\n"
    monkeypatch.setattr("generated_c.emit", lambda _: {"nam_linear.c": calling})
    made = compile_strictly(plan_model(small_model("linear")), compiler, tmp_path)
    assert undefined_symbols(made) == {"sinf"}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("size", "start"), [(1e15, "settled"), (1e38, "settled"), (1e38, "cold")])
def test_weights_that_overflow_before_a_note_is_played_are_refused(
    size: float, start: Start, tmp_path: Path
) -> None:
    document = make_nam.a1(make_nam.a1_array(4, activation="ReLU", dilations=[1] * 4))
    document["weights"] = [size * value for value in document["weights"]]
    model = lower(read(make_nam.write(tmp_path, document)))
    with pytest.raises(UnsupportedError, match=r"tweed\.nam: array0_.*weights are too large"):
        plan_model(model, start=start)
