"""`--target c` writes a library that compiles everywhere and keeps the bits in every build."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import make_nam
import pytest
from c_packages import CPUS, WARNINGS, compile_package, example_line, run, write_package, zig_cc
from click.testing import CliRunner
from elftools.elf.elffile import ELFFile
from generated_c import small_model, undefined_symbols

import namgen
from namgen.cli import main
from namgen.emit import emit
from namgen.errors import ChoiceError
from namgen.lower import lower
from namgen.measures import macs
from namgen.nam_file import read
from namgen.selection.plans import plan_model
from namgen.targets import load_target, package_targets

MODELS = ("two_arrays", "lstm")


def told(*arguments: str, exit_code: int = 0) -> Any:
    done = CliRunner().invoke(main, [*arguments, "--json"])
    assert done.exit_code == exit_code, done.output
    return json.loads(done.stdout)


def sections(path: Path) -> set[str]:
    with path.open("rb") as file:
        return {section.name for section in ELFFile(file).iter_sections()}


@pytest.mark.parametrize(
    ("cpu", "network"),
    [*((cpu, "lstm") for cpu in CPUS), ("cortex-m4f", "two_arrays"), ("cortex-m7", "two_arrays")],
)
def test_it_compiles_for_every_processor_without_a_warning(
    cpu: str, network: str, tmp_path: Path
) -> None:
    package = write_package(tmp_path, network, CPUS[cpu][0])
    compile_package(package, cpu, tmp_path / "out.o")
    if cpu == "wasm":
        return  # no ELF
    assert undefined_symbols(tmp_path / "out.o") == set()
    found = sections(tmp_path / "out.o")
    assert not any(name.startswith((".dtcm", ".axi", ".itcm")) for name in found), found


@pytest.mark.parametrize("cpu", ["cortex-m4f", "cortex-m7", "generic", "x86-64"])
def test_its_c_is_that_of_the_processor_alone_but_for_where_arrays_lie(cpu: str) -> None:
    planned = plan_model(small_model("two_arrays"), target=load_target("c", cpu), block_frames=48)
    alone = plan_model(small_model("two_arrays"), target=load_target(cpu), block_frames=48)
    assert emit(planned) == emit(alone)


def test_a_build_says_all_of_itself_and_is_verified(tmp_path: Path) -> None:
    nam = make_nam.write(tmp_path, make_nam.a1())
    out = tmp_path / "out"
    report = told("build", str(nam), "--target", "c", "--cpu", "M4", "-o", str(out))
    assert report["options"]["target"] == "c"
    assert report["options"]["variant"] == "cortex-m4f"
    assert set(report["files"]) >= {"include/nam_tweed.h", "src/nam_tweed.c", "zephyr/module.yml"}
    assert "-B example-tweed" in report["next"][1]
    assert report["next"][2].startswith("cmake --build example-tweed && example-tweed/nam_tweed_ex")
    assert "-mcpu=cortex-m4" in report["next"][3]
    found = told("verify", str(out))
    assert found["bit_exact"] is True
    assert found["notes"] == []


@pytest.mark.parametrize("cpu", ["m4", "m7", "m33"])
def test_the_machine_code_for_a_microcontroller_is_run_as_it_lies_there(
    cpu: str, tmp_path: Path
) -> None:
    pytest.importorskip("unicorn")
    nam = make_nam.write(tmp_path, make_nam.a1())
    namgen.build(nam, target="c", variant=cpu, out_dir=tmp_path / "out")
    found = told("verify", str(tmp_path / "out"))
    host, machine = found["checks"]
    assert (host["engine"], machine["engine"]) == ("host", "emulator")
    assert machine["what"].startswith(f"the generated C, as Cortex-{cpu.upper()}")
    assert found["bit_exact"] is True
    assert not found["left_out"]
    source = tmp_path / "out" / "src" / "nam_tweed_weights.h"
    source.write_text(re.sub(r"(\d)f,", r"\g<1>7f,", source.read_text("utf-8")), "utf-8")
    found = told("verify", str(tmp_path / "out"), exit_code=1)
    assert found["bit_exact"] is False
    assert found["notes"] == [
        f"{tmp_path / 'out'}: src/nam_tweed_weights.h: changed since the build"
    ]


def test_a_file_of_somebody_else_in_one_of_its_folders_is_not_lost(tmp_path: Path) -> None:
    nam = make_nam.write(tmp_path, make_nam.a1())
    out = tmp_path / "out"
    namgen.build(nam, target="c", out_dir=out)
    namgen.build(nam, target="c", out_dir=out)
    (out / "src" / "mine.c").write_text("int mine;\n")
    done = CliRunner().invoke(main, ["build", str(nam), "--target", "c", "-o", str(out)])
    assert done.exit_code == 1
    assert "found other files in it (src/mine.c)" in done.stderr
    assert (out / "src" / "mine.c").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--target", "c", "--cpu", "m8"], "expected one of aarch64, cortex-m33, cortex-m4f, "),
        (["--cpu", "m4"], "target daisy: expected none, found 'cortex-m4f', which c would take"),
        (["--target", "cortex-m7", "--cpu", "m7"], "target cortex-m7: expected none, found"),
        (["--target", "c", "--board", "seed"], "target c: board: no pedal can be made for it"),
        (["--target", "c", "--boot", "flash"], "target c: expected none, found 'flash'"),
    ],
)
def test_what_it_has_not_is_wrong_usage(arguments: list[str], message: str, tmp_path: Path) -> None:
    nam = make_nam.write(tmp_path, make_nam.a1())
    done = CliRunner().invoke(main, ["build", str(nam), *arguments])
    assert done.exit_code == 2
    assert message in done.stderr


@pytest.mark.parametrize("target", ["c", "cortex-m4f", "cortex-m7", "host", "libdaisy"])
@pytest.mark.parametrize("compiler", ["gcc", "zig"])
def test_a_compiler_is_wrong_usage_where_nothing_is_compiled(
    target: str, compiler: str, tmp_path: Path
) -> None:
    nam, name = make_nam.write(tmp_path, make_nam.a1()), load_target(target).name
    arguments = ["build", str(nam), "--target", target, "--toolchain", compiler]
    done = CliRunner().invoke(main, [*arguments, "-o", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert f"target {name}: its C is compiled by whoever gets it, not here" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--target", "cortex-m55"], "target cortex-m55 has none"),
        (["--on", "host"], "--on leaves the emulator out"),
    ],
)
def test_verify_hears_of_no_compiler_that_it_does_not_run(
    arguments: list[str], why: str, tmp_path: Path
) -> None:
    nam = str(make_nam.write(tmp_path, make_nam.a1()))
    done = CliRunner().invoke(main, ["verify", nam, "--toolchain", "gcc", *arguments])
    assert done.exit_code == 2
    assert f"--toolchain: it compiles for the emulator, and {why}" in done.stderr


def test_it_is_of_one_capture(tmp_path: Path) -> None:
    nam = str(make_nam.write(tmp_path, make_nam.a1()))
    done = CliRunner().invoke(main, ["build", nam, nam, "--target", "c"])
    assert done.exit_code == 2
    assert "target c: expected one capture" in done.stderr


def test_a_capture_of_another_rate_and_of_several_channels_is_fine(tmp_path: Path) -> None:
    nam = make_nam.write(tmp_path, make_nam.a1(sample_rate=96000))
    report = namgen.build(nam, target="c", out_dir=tmp_path / "out")
    assert report.model.sample_rate_hz == 96000
    header = (tmp_path / "out" / "include" / "nam_tweed.h").read_text("utf-8")
    assert "#define NAM_TWEED_SAMPLE_RATE_HZ 96000" in header


def test_what_no_such_processor_can_play_in_time_is_refused_with_numbers(tmp_path: Path) -> None:
    full, out = make_nam.write(tmp_path, make_nam.a2(16), "full.nam"), tmp_path / "out"
    arguments = ["build", str(full), "--target", "c", "--cpu", "m4", "-o", str(out)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1
    (found,) = re.findall(r"at least (\d+) % of 300 MHz.* ([\d,]+) cycles \(300,000 ", done.stderr)
    products = int(found[1].replace(",", "")) / 3 / 48
    all_of_them = macs(lower(read(full)).network)
    assert 0.7 * all_of_them < products <= all_of_them
    assert int(found[0]) == pytest.approx(products * 3 * 48000 / 300e6 * 100, abs=1)
    assert done.stderr.endswith("--force builds it all the same; --cpu cortex-m7 may do\n")
    done = CliRunner().invoke(main, [*arguments, "--force"])
    assert done.exit_code == 0
    assert "THIS C WILL NOT KEEP UP with the audio on Arm Cortex-M4" in done.stdout
    namgen.build(full, target="c", variant="m7", out_dir=out)


def test_of_a_container_it_takes_what_the_processor_may_play_in_time(tmp_path: Path) -> None:
    nam = make_nam.write(tmp_path, make_nam.container(make_nam.a2(3), make_nam.a2(16)))
    for cpu, submodel in (("m4", "1"), ("m7", "2")):
        report = told("build", str(nam), "--target", "c", "--cpu", cpu, "-o", str(tmp_path / cpu))
        assert report["options"]["submodel"] == submodel
    (_, network) = told("inspect", str(nam), "--target", "c", "--cpu", "m4")["networks"]
    fits = {fit["target"]: fit for fit in network["fits"]}
    assert fits["c cortex-m4f"]["fits"] is False
    assert "at least" in fits["c cortex-m4f"]["reason"]


def test_python_refuses_variants_that_are_not_there() -> None:
    with pytest.raises(ChoiceError, match=r"target c: cpu: expected one of .* found 'm8'"):
        load_target("c", "m8")
    with pytest.raises(ChoiceError, match="target daisy: expected no variant of it, found 'm7'"):
        load_target("daisy", "m7")


@pytest.mark.parametrize("word", ["cortex-m4f", "cortex-m4", "m4f", "m4", "M4F"])
def test_a_processor_has_short_names(word: str) -> None:
    assert package_targets()["c"].variant(word) == "cortex-m4f"
    assert load_target("c").processor.name == "generic"


def test_targets_lists_packages_with_their_processors() -> None:
    done = CliRunner().invoke(main, ["targets"])
    assert "Packages: " in done.output
    assert re.search("--cpu +aarch64, cortex-m33, cortex-m4f, cortex-m55", done.output)
    (package,) = (target for target in told("targets") if target["name"] == "c")
    assert package["gives"] == "library"
    assert package["package"]["option"] == "cpu"


@pytest.mark.parametrize(
    ("macro", "state", "weights"),
    [
        ("NAM_SECTIONS_NONE", ".bss", ".rodata"),
        ("NAM_SECTIONS_NAMGEN", ".dtcm_bss", ".dtcm_data"),
        ("NAM_SECTIONS_ZEPHYR", ".dtcm_bss", ".dtcm_data"),
        ("NAM_SECTIONS_LIBDAISY", ".dtcmram_bss", ".rodata"),
        ("NAM_SECTIONS_TEENSY", ".dmabuffers", ".rodata"),
    ],
)
def test_one_macro_says_where_arrays_lie(
    macro: str, state: str, weights: str, tmp_path: Path
) -> None:
    package = write_package(tmp_path, "two_arrays", "cortex-m7")
    compile_package(package, "cortex-m7", tmp_path / "out.o", f"-D{macro}")
    with (tmp_path / "out.o").open("rb") as file:
        sizes = {s.name: s["sh_size"] for s in ELFFile(file).iter_sections()}
    placed = {name for name in sizes if name.startswith((".dtcm", ".dma", ".axi"))}
    assert {name for name in placed if sizes[name]} >= {state, weights} - {".bss", ".rodata"}
    assert bool(placed) is (state != ".bss")
    assert sizes.get(state, 0) > 1000 or state == ".bss"


def test_sections_of_ones_own_need_all_three_names(tmp_path: Path) -> None:
    package = write_package(tmp_path, "lstm")
    words = ["-DNAM_SECTIONS_OWN", "-DNAM_STATE=", "-DNAM_WEIGHTS=", "-DNAM_TABLE_SECTION="]
    zig_cc(*words, "-Iinclude", "-c", "src/nam_lstm.c", "-o", "out.o", cwd=package)
    said = zig_cc(*words[:2], "-c", "src/nam_lstm.c", "-o", "out.o", cwd=package, fails=True)
    assert "NAM_SECTIONS_OWN needs NAM_STATE, NAM_WEIGHTS and NAM_TABLE_SECTION" in said


def test_two_models_and_c_plus_plus_are_one_program(tmp_path: Path) -> None:
    for name in MODELS:
        write_package(tmp_path, name)
    (tmp_path / "main.cpp").write_text(
        '#include "nam_lstm.h"\n#include "nam_two_arrays.h"\n'
        "int main() { return nam_lstm_self_test() | nam_two_arrays_self_test(); }\n"
    )
    includes = [f"-I{tmp_path / name / 'include'}" for name in MODELS]
    objects = []
    for name in MODELS:
        objects.append(tmp_path / f"{name}.o")
        source = tmp_path / name / "src" / f"nam_{name}.c"
        zig_cc("-O2", *includes, "-c", source, "-o", objects[-1], cwd=tmp_path)
    words = ["-x", "c++", *WARNINGS, "main.cpp", "-x", "none", *objects, "-o", "program"]
    zig_cc(*includes, *words, cwd=tmp_path)
    run(["./program"], tmp_path)


@pytest.mark.parametrize("network", MODELS)
def test_the_example_prints_what_the_reference_computes(network: str, tmp_path: Path) -> None:
    if shutil.which("cc") is None:
        pytest.skip("cc is not on PATH")
    package = write_package(tmp_path, network)
    words = ["-O2", "-Iinclude", *WARNINGS, "example.c", f"src/nam_{network}.c", "-o", "example"]
    run(["cc", "-std=c99", *words], package)
    assert run(["./example"], package) == example_line(small_model(network))
