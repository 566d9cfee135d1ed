"""The self-test of the C is right with right flags, and notices wrong flags and processors."""

from __future__ import annotations

import ctypes
import ctypes.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from io import BytesIO
from itertools import product
from pathlib import Path

import cffi
import make_nam
import numpy as np
import pytest
from generated_c import (
    CROSS_COMPILERS,
    HOST_COMPILERS,
    need,
    reference_output,
    signal_of,
    small_model,
)
from small_networks import EVERY_NETWORK

from host_sim.engines import Code, machine_code
from host_sim.host_library import LoadedCode, host_library
from host_sim.host_plan import compiler_for
from namgen.emit import emit
from namgen.ir import Model
from namgen.lower import lower
from namgen.nam_file import read
from namgen.plan import Plan
from namgen.selection.plans import Start, plan_model
from namgen.targets import load_target
from namgen.toolchain import ARITHMETIC, cpu_features, find_cross, find_host

FLUSHES, OPERATIONS, OUTPUT = 1, 2, 4
ASSOCIATIVE = ("-fassociative-math", "-fno-signed-zeros", "-fno-trapping-math")
WRONG = {
    "fast": ("-ffast-math",),
    "unsafe": ("-funsafe-math-optimizations",),
    "associative": ASSOCIATIVE,
    "zeros": ("-fno-signed-zeros",),
    "finite": ("-ffinite-math-only",),
}
NOT_TOLD_BY_CLANG = ("unsafe", "associative", "zeros")


@pytest.fixture(autouse=True)
def float_environment() -> Iterator[None]:
    """What is linked with fast math lets the thread that loads it flush denormals: take it back."""
    libm = ctypes.CDLL(ctypes.util.find_library("m"))
    kept = ctypes.create_string_buffer(64)
    libm.fegetenv(kept)
    yield
    libm.fesetenv(kept)


def plan_of(model: Model, layout: str, *, start: Start = "settled") -> Plan:
    target = load_target("host") if layout == "host" else None
    return plan_model(model, target=target, block_frames=48, start=start)


def unguarded(files: dict[str, str]) -> dict[str, str]:
    """The C as a compiler takes it that tells nothing and heeds no pragma of ours."""
    math = re.sub(r"^(#error|#pragma).*$", "", files["nam_math.h"], flags=re.MULTILINE)
    return {**files, "nam_math.h": math}


def compiled(
    files: dict[str, str], name: str, folder: Path, *flags: str
) -> subprocess.CompletedProcess[str]:
    """Compile to `folder/model.so` as a stranger would; `flags` begin with the compiler."""
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    command = [*flags, "-shared", "-fPIC", f"nam_{name}.c", "-o", "model.so"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def fma_flag() -> tuple[str, ...]:
    return ("-mfma",) if "fma" in cpu_features() else ()


@pytest.mark.parametrize("layout", ["pedal", "host"])
@pytest.mark.parametrize("network", EVERY_NETWORK)
@pytest.mark.parametrize("start", ["settled", "cold"])
def test_right_flags_pass(start: Start, network: str, layout: str) -> None:
    planned = plan_of(small_model(network), layout, start=start)
    library = host_library(emit(planned), planned.name, compiler=compiler_for(planned), opt="-O1")
    assert LoadedCode(library, planned.name).self_test() == 0


@pytest.mark.parametrize("compiler", HOST_COMPILERS)
@pytest.mark.parametrize("opt", ["-O0", "-O2", "-O3"])
@pytest.mark.parametrize("fma", [True, False], ids=["fma", "software"])
def test_right_flags_pass_at_every_level(fma: bool, opt: str, compiler: str) -> None:
    need(compiler)
    planned = plan_of(small_model("lstm"), "pedal")
    chosen = find_host(HOST_COMPILERS[compiler], fma=fma)
    library = host_library(emit(planned), "lstm", compiler=chosen, opt=opt)
    assert LoadedCode(library, "lstm").self_test() == 0


@pytest.mark.parametrize("compiler", CROSS_COMPILERS)
def test_the_emulated_processor_passes(compiler: str) -> None:
    need(compiler)
    pytest.importorskip("unicorn")
    from host_sim.emulator.core import Core

    core = Core()
    planned = plan_of(small_model("everything"), "pedal")
    core.load(machine_code(Code.of_plan(planned), find_cross(CROSS_COMPILERS[compiler])))
    assert core.call("nam_everything_self_test") == 0


def test_it_leaves_the_model_reset() -> None:
    planned = plan_of(small_model("two_arrays"), "pedal")
    library = host_library(emit(planned), planned.name, opt="-O1")
    code, samples = LoadedCode(library, planned.name), signal_of(small_model("two_arrays"))
    out = np.empty_like(samples)
    code.process(samples, out, len(samples))
    assert code.self_test() == 0
    code.process(samples, out, len(samples))
    expected = reference_output(small_model("two_arrays"), samples)
    assert out.tobytes() == expected.tobytes()


@pytest.mark.parametrize("wrong", WRONG)
def test_gcc_refuses_what_it_tells(wrong: str, tmp_path: Path) -> None:
    need("gcc")
    done = compiled(
        emit(plan_of(small_model("lstm"), "pedal")), "lstm", tmp_path, "gcc", *WRONG[wrong]
    )
    assert done.returncode != 0
    assert "change results; remove" in done.stderr or "changes results; remove" in done.stderr


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("flag", ["-std=gnu11", "-std=gnu11 -Wno-unknown-pragmas -O3"])
def test_a_dialect_that_fuses_by_default_does_not_here(
    flag: str, compiler: str, tmp_path: Path
) -> None:
    need(compiler)
    files = emit(plan_of(small_model("everything"), "pedal"))
    flags = (compiler, "-O2", *fma_flag(), *flag.split())
    assert compiled(files, "everything", tmp_path, *flags).returncode == 0
    assert LoadedCode(tmp_path / "model.so", "everything").self_test() == 0


def capture(kind: str, folder: Path) -> Model:
    if kind in EVERY_NETWORK:
        return small_model(kind)
    return lower(read(make_nam.write(folder, make_nam.all_kinds()[kind])))


FLAGS = ("-ffp-contract=fast", *(" ".join(flags) for flags in WRONG.values()))
KINDS = ("lstm", "a1", "a2", "everything")
SAMPLE = {
    *(("lstm", flags, compiler) for flags in FLAGS for compiler in ("gcc", "clang")),
    ("a1", "-ffast-math", "gcc"),
    ("a2", "-ffp-contract=fast", "gcc"),
    ("everything", "-ffp-contract=fast", "clang"),
}
"""Every flag with both compilers and every kind once; the other pairs are run with `-m slow`."""


@pytest.mark.parametrize(
    ("kind", "flags", "compiler"),
    [
        pytest.param(*case, marks=() if case in SAMPLE else pytest.mark.slow)
        for case in product(KINDS, FLAGS, ("gcc", "clang"))
    ],
)
def test_where_nobody_tells_the_self_test_does(
    kind: str, flags: str, compiler: str, tmp_path: Path
) -> None:
    """Wherever a long signal plays otherwise, 16 frames or the operations say so."""
    need(compiler)
    model = capture(kind, tmp_path)
    files, name = unguarded(emit(plan_of(model, "pedal"))), model.name
    chosen = (compiler, "-O2", "-std=c99", *fma_flag(), "-ffp-contract=off", *flags.split())
    done = compiled(files, name, tmp_path, *chosen)
    assert done.returncode == 0, done.stderr
    code, samples = LoadedCode(tmp_path / "model.so", name), signal_of(model)
    out = np.empty((len(samples), model.network.out_channels), np.float32)
    code.reset()
    code.process(samples, out, len(samples))
    plays_right = out.tobytes() == reference_output(model, samples).tobytes()
    found = code.self_test()
    assert plays_right or found & (OPERATIONS | OUTPUT)
    if flags not in ("-ffp-contract=fast", "-ffinite-math-only") or (
        fma_flag() and "contract" in flags
    ):
        assert found & OPERATIONS


FLUSHING = """
#include <xmmintrin.h>
#include "nam_lstm.h"
int flushed(unsigned int flags);
int flushed(unsigned int flags)
{
    _mm_setcsr(_mm_getcsr() | flags);
    const int found = nam_lstm_self_test();
    _mm_setcsr(_mm_getcsr() & ~flags);
    return found;
}
"""


@pytest.mark.parametrize("flags", [0x8000, 0x0040], ids=["results", "operands"])
def test_a_processor_that_flushes_subnormals_is_noticed(flags: int, tmp_path: Path) -> None:
    if not cpu_features() or shutil.which("gcc") is None:
        pytest.skip("needs gcc on an x86 processor")
    files = emit(plan_of(small_model("lstm"), "pedal"))
    files["nam_lstm.c"] += FLUSHING
    assert compiled(files, "lstm", tmp_path, "gcc", "-O2", *ARITHMETIC).returncode == 0
    ffi = cffi.FFI()
    ffi.cdef("int flushed(unsigned int);")
    assert ffi.dlopen(str(tmp_path / "model.so")).flushed(flags) & FLUSHES


@pytest.mark.parametrize("layout", ["pedal", "host"])
@pytest.mark.parametrize("network", ["everything", "lstm", "conv_head"])
def test_a_wrong_weight_is_noticed(network: str, layout: str, tmp_path: Path) -> None:
    planned = plan_of(small_model(network), layout)
    files = emit(planned)
    file = f"nam_{network}_weights.h"
    head = files[file].index("head") if layout == "pedal" else files[file].rindex("{")
    changed = re.sub(r"\d\.\d{3}", "0.001", files[file][head:], count=1)
    assert changed != files[file][head:]
    library = host_library({**files, file: files[file][:head] + changed}, network, opt="-O1")
    assert LoadedCode(library, network).self_test() == OUTPUT


def test_an_image_that_does_not_call_it_has_no_room_for_it() -> None:
    pytest.importorskip("unicorn")
    from elftools.elf.elffile import ELFFile

    from host_sim.pedal_run import pedal_image

    target = load_target("daisy")
    planned = plan_model(small_model("two_arrays"), target=target, block_frames=48)
    image = pedal_image(planned, target.pedal, toolchain=find_cross(), boot="flash")
    table = ELFFile(BytesIO(image.elf)).get_section_by_name(".symtab")
    names = {symbol.name for symbol in table.iter_symbols()}
    assert "nam_two_arrays_process" in names
    assert not {"nam_two_arrays_self_test", "test_samples", "test_bits"} & names
