"""`--state struct`: all that changes is the caller's; each instance has the reference's bits."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import make_nam
import numpy as np
import pytest
from c_packages import (
    CPUS,
    WARNINGS,
    compile_package,
    example_line,
    package_code,
    run,
    write_package,
    zig_cc,
)
from elftools.elf.elffile import ELFFile
from generated_c import reference_output, signal_of, small_model

import namgen
from host_sim.engines import HostEngine
from host_sim.verify_build import verify_build
from namgen.build_record import read_record

CASES = (
    ("generic", "everything"),
    ("generic", "lstm"),
    ("generic", "linear"),
    ("x86-64", "two_arrays"),
    ("x86-64", "lstm"),
)
"""Processors of both layouts, and networks."""

TWO = """
#include <stdio.h>
#include <string.h>
#include "nam_NAME.h"

#define INS NAM_UPPER_IN_CHANNELS
#define OUTS NAM_UPPER_OUT_CHANNELS

static struct nam_NAME_state amps[2];

int main(void)
{
    static float in[2][FRAMES * INS], out[2][FRAMES * OUTS];
    memset(amps, 0xA5, sizeof amps); /* nobody has reset them: the first call does */
    for (int which = 0; which < 2; which++) {
        FILE *file = fopen(which ? "in1.f32" : "in0.f32", "rb");
        if (fread(in[which], sizeof in[0], 1, file) != 1) {
            return 1;
        }
        fclose(file);
    }
    size_t done[2] = {0, 0};
    for (size_t turn = 0; done[0] < FRAMES || done[1] < FRAMES; turn++) {
        const size_t which = turn % 2, most = 1 + turn * 37 % 150, left = FRAMES - done[which];
        const size_t count = most < left ? most : left;
        nam_NAME_process(&amps[which], in[which] + done[which] * INS,
                         out[which] + done[which] * OUTS, count);
        done[which] += count;
    }
    FILE *file = fopen("out.f32", "wb");
    fwrite(out, sizeof out, 1, file);
    fclose(file);
    return nam_NAME_self_test(&amps[0]);
}
"""


def of_class(path: Path, *, writable: bool) -> dict[str, int]:
    """The data that an object holds, by name: constants, or what can be written."""
    with path.open("rb") as file:
        elf = ELFFile(file)
        kept = {
            number
            for number, section in enumerate(elf.iter_sections())
            if section["sh_flags"] & 2 and bool(section["sh_flags"] & 1) is writable
        }
        table: Any = elf.get_section_by_name(".symtab")
        return {
            symbol.name: symbol["st_size"]
            for symbol in table.iter_symbols()
            if symbol["st_shndx"] in kept and symbol["st_info"]["type"] == "STT_OBJECT"
        }


def fields(header: str) -> dict[str, int]:
    """The fields of the struct with their bytes."""
    (body,) = re.findall(r"^struct nam_\w+_state {\n(.*?)^};", header, re.MULTILINE | re.DOTALL)
    found = re.findall(r"^ +(?:unsigned|int|float) (\w+)(?:\[(\d+)\])?;", body, re.MULTILINE)
    return {name: 4 * int(count or 1) for name, count in found}


@pytest.mark.parametrize(("cpu", "network"), CASES)
def test_two_instances_in_turns_play_as_two_alone(cpu: str, network: str, tmp_path: Path) -> None:
    if shutil.which("cc") is None:
        pytest.skip("cc is not on PATH")
    model = small_model(network)
    package = write_package(tmp_path, model, cpu, "struct")
    samples = signal_of(model)
    signals = [samples, np.ascontiguousarray(samples[::-1])]
    for number, signal in enumerate(signals):
        (package / f"in{number}.f32").write_bytes(signal.tobytes())
    program = TWO.replace("NAME", network).replace("UPPER", network.upper())
    (package / "two.c").write_text(program.replace("FRAMES", str(len(samples))))
    words = ["-O1", "-Iinclude", "-ffp-contract=off", "two.c", f"src/nam_{network}.c", "-o", "two"]
    run(["cc", "-std=c99", *words], package)
    run(["./two"], package)
    found = (package / "out.f32").read_bytes()
    assert found == b"".join(reference_output(model, signal).tobytes() for signal in signals)


@pytest.mark.parametrize(("cpu", "network"), CASES)
def test_nothing_that_changes_is_left_in_the_c(cpu: str, network: str, tmp_path: Path) -> None:
    for state in ("static", "struct"):
        package = write_package(tmp_path / state, network, cpu, state)
        words = ["-target", "x86_64-linux-gnu", "-O0", "-Iinclude", "-c"]
        zig_cc(*words, f"src/nam_{network}.c", "-o", tmp_path / f"{state}.o", cwd=package)
    assert of_class(tmp_path / "struct.o", writable=True) == {}
    assert len(of_class(tmp_path / "struct.o", writable=False)) > 2
    header = (tmp_path / "struct" / network / "include" / f"nam_{network}.h").read_text("utf-8")
    of_struct = fields(header)
    of_struct.pop("started")
    left = of_class(tmp_path / "static.o", writable=True)
    left.pop("is_started", None)
    assert of_struct == left
    assert sum(of_struct.values()) > 100


@pytest.mark.parametrize("cpu", ["cortex-m7", "cortex-m4f", "riscv64", "x86-64"])
def test_it_compiles_without_a_warning(cpu: str, tmp_path: Path) -> None:
    package = write_package(tmp_path, "everything", CPUS[cpu][0], "struct")
    compile_package(package, cpu, tmp_path / "out.o")


def test_the_struct_is_one_of_c_plus_plus_too(tmp_path: Path) -> None:
    for name in ("lstm", "two_arrays"):
        write_package(tmp_path, name, state="struct")
    (tmp_path / "main.cpp").write_text(
        '#include "nam_lstm.h"\n#include "nam_two_arrays.h"\n'
        "static nam_lstm_state first[2];\nstatic nam_two_arrays_state second;\n"
        "int main() { return nam_lstm_self_test(&first[1]) | nam_two_arrays_self_test(&second); }\n"
    )
    includes = [f"-I{name}/include" for name in ("lstm", "two_arrays")]
    sources = [f"{name}/src/nam_{name}.c" for name in ("lstm", "two_arrays")]
    words = ["-x", "c++", *WARNINGS, "main.cpp", "-x", "c", *sources, "-o", "program"]
    zig_cc("-O2", *includes, *words, cwd=tmp_path)
    run(["./program"], tmp_path)


def test_the_example_plays_one_of_them(tmp_path: Path) -> None:
    if shutil.which("cc") is None:
        pytest.skip("cc is not on PATH")
    package = write_package(tmp_path, "lstm", state="struct")
    words = ["-O2", "-Iinclude", *WARNINGS, "example.c", "src/nam_lstm.c", "-o", "example"]
    run(["cc", "-std=c99", *words], package)
    assert run(["./example"], package) == example_line(small_model("lstm"))


@pytest.mark.parametrize("cpu", ["m7", "x86-64"])
def test_a_build_is_verified_with_its_state(cpu: str, tmp_path: Path) -> None:
    nam = make_nam.write(tmp_path, make_nam.a1())
    namgen.build(nam, target="c", variant=cpu, state="struct", out_dir=tmp_path / "out")
    record = read_record(tmp_path / "out")
    assert record.state == "struct"
    found = verify_build(record, places=("host",))
    assert found.is_exact
    assert not found.notes


def test_integers_have_a_state_too(tmp_path: Path) -> None:
    pytest.importorskip("unicorn")
    nam = make_nam.write(tmp_path, make_nam.a2())
    choices: dict[str, Any] = {"variant": "m7", "precision": "fixed16", "force": True}
    namgen.build(nam, target="c", state="struct", out_dir=tmp_path / "out", **choices)
    found = verify_build(read_record(tmp_path / "out"))
    assert [check.engine for check in found.checks] == ["host", "emulator"]
    assert found.is_exact


def test_engines_run_an_instance() -> None:
    engine = HostEngine(package_code("lstm", "generic", "struct"))
    model = small_model("lstm")
    samples = signal_of(model)
    assert engine.process(samples).tobytes() == reference_output(model, samples).tobytes()
