"""The generated C works from C++: its header there, its code as C, several models in a program."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from generated_c import small_model

from host_sim.engines import ReferenceEngine
from namgen.emit import emit
from namgen.plan import Plan
from namgen.selection.plans import plan_model
from namgen.targets import load_target
from namgen.toolchain import ARITHMETIC, WARNINGS

PAIRS = {"g++": "gcc", "clang++": "clang"}
"""A C++ compiler and the C compiler that goes with it."""

STRICT = [
    *("-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wold-style-cast", "-Wconversion", "-Wshadow"),
    *("-Wundef", "-Wzero-as-null-pointer-constant", "-Wmissing-declarations"),
]
FRAMES = 100
MODELS = ("two_arrays", "lstm")  # one output, and two

PROGRAM = """
#include <cstdio>
#include <cstring>

#include "nam_two_arrays.h"
#include "nam_lstm.h"

static void play(void (*reset)(), void (*process)(const float *, float *, std::size_t), int outputs)
{
    float samples[FRAMES], out[2 * FRAMES];
    for (int i = 0; i < FRAMES; i++) {
        samples[i] = static_cast<float>(i * 37 % 64 - 32) / 64.0f;
    }
    reset();
    process(samples, out, FRAMES);
    for (int i = 0; i < FRAMES * outputs; i++) {
        unsigned int bits;
        std::memcpy(&bits, &out[i], sizeof bits);
        std::printf("%08x\\n", bits);
    }
}

int main()
{
    static_assert(NAM_LSTM_IN_CHANNELS == 1 && NAM_TWO_ARRAYS_MAX_BLOCK == BLOCK, "as planned");
    play(nam_two_arrays_reset, nam_two_arrays_process, NAM_TWO_ARRAYS_OUT_CHANNELS);
    play(nam_lstm_reset, nam_lstm_process, NAM_LSTM_OUT_CHANNELS);
}
"""


def plan_of(network: str, layout: str) -> Plan:
    target = load_target("host") if layout == "host" else None
    return plan_model(small_model(network), target=target, block_frames=48)


def run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def need(compiler: str) -> None:
    for program in (compiler, PAIRS[compiler]):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not on PATH")


def written(folder: Path, layout: str) -> list[Path]:
    """Write the C of all models into one folder; return what has to be compiled."""
    for network in MODELS:
        for file, text in emit(plan_of(network, layout)).items():
            (folder / file).write_text(text, encoding="utf-8", newline="\n")
    return [folder / f"nam_{network}.c" for network in MODELS]


Objects = Callable[[str, str], list[Path]]


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Objects:
    """The models' objects, next to their headers, of a layout and a C compiler."""

    @cache
    def made(layout: str, compiler: str) -> list[Path]:
        sources = written(tmp_path_factory.mktemp("objects"), layout)
        for source in sources:
            flags = (*ARITHMETIC, *WARNINGS, "-Werror", "-O0")
            run(compiler, *flags, "-c", source, "-o", source.with_suffix(".o"))
        return [source.with_suffix(".o") for source in sources]

    return made


@cache
def expected() -> list[int]:
    """The bits that both models play, one after the other."""
    samples = np.array([i * 37 % 64 - 32 for i in range(FRAMES)], np.float32) / np.float32(64)
    engines = [ReferenceEngine(small_model(network)) for network in MODELS]
    played = [engine.process(samples[:, None]).view(np.uint32).ravel() for engine in engines]
    bits: list[int] = np.concatenate(played).tolist()
    return bits


@pytest.mark.parametrize("compiler", PAIRS)
@pytest.mark.parametrize("standard", ["c++11", "c++17", "c++20"])
@pytest.mark.parametrize("layout", ["pedal", "host"])
def test_two_models_play_in_one_program_of_strict_cplusplus(
    layout: str, standard: str, compiler: str, objects: Objects, tmp_path: Path
) -> None:
    need(compiler)
    made = objects(layout, PAIRS[compiler])
    main, program = tmp_path / "main.cpp", tmp_path / "program"
    main.write_text(PROGRAM)
    flags = (f"-std={standard}", *STRICT, f"-DFRAMES={FRAMES}", "-DBLOCK=48", "-I", made[0].parent)
    run(compiler, *flags, main, *made, "-o", program)
    assert [int(word, 16) for word in run(program).split()] == expected()


@pytest.mark.parametrize("compiler", PAIRS)
@pytest.mark.parametrize("layout", ["pedal", "host"])
def test_the_code_itself_asks_to_be_compiled_as_c(
    layout: str, compiler: str, tmp_path: Path
) -> None:
    need(compiler)
    source = written(tmp_path, layout)[0]
    command = [compiler, "-x", "c++", "-c", str(source), "-o", str(tmp_path / "out.o")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "namgen: compile this file as C" in done.stderr


@pytest.mark.parametrize(
    ("network", "said"),
    [("two_arrays", "`out` may be `in`"), ("lstm", "`out` needs a place of its own")],
)
def test_the_header_says_whether_a_model_may_play_in_place(network: str, said: str) -> None:
    assert said in emit(plan_of(network, "pedal"))[f"nam_{network}.h"]
