"""What build systems make of a package of C: CMake runs; the rules of others are kept."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from c_packages import (
    CPUS,
    WARNINGS,
    example_line,
    package_code,
    package_files,
    run,
    write_package,
    zig_cc,
)
from generated_c import reference_output, signal_of, small_model
from program import PROGRAM

from host_sim.engines import EmulatorEngine
from namgen.toolchain import ARITHMETIC, find_cross
from namgen.toolchain.flags import COMMON

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "c-package.md").read_text(encoding="utf-8")
CROSS = "arm-none-eabi-gcc"
ARDUINO = ("-std=gnu17", "-mcpu=cortex-m7", "-mfpu=fpv5-d16", "-mfloat-abi=hard", "-mthumb")
"""What a Teensy's core tells a library's C, which has no flags of its own."""

MAIN = """
#include "nam_lstm.h"
int main() { return nam_lstm_self_test(); }
"""
PLAYER = """
const fs = require('fs');
const wasm = new WebAssembly.Module(fs.readFileSync('model.wasm'));
const {memory, nam_lstm_process} = new WebAssembly.Instance(wasm, {}).exports;
const input = fs.readFileSync('in.f32'), bytes = input.length, start = memory.buffer.byteLength;
memory.grow(Math.ceil(3 * bytes / 65536));
new Uint8Array(memory.buffer, start, bytes).set(input);
nam_lstm_process(start, start + bytes, bytes / 4);
fs.writeFileSync('out.f32', new Uint8Array(memory.buffer, start + bytes, 2 * bytes));
"""


def need(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not on PATH")


def cmake(source: Path, build: Path, *settings: str, fails: bool = False) -> str:
    """Configure and build; return what was said."""
    need("cmake", "cc", "c++")
    words = [f"-D{setting}" for setting in settings]
    said = run(["cmake", "-S", source, "-B", build, *words], source, fails=fails and not words)
    return said + run(["cmake", "--build", build], source, fails=fails)


def project(folder: Path, *lines: str) -> Path:
    """Write a C++ project beside a package, which the lines bring in."""
    (folder / "main.cpp").write_text(MAIN)
    text = ["cmake_minimum_required(VERSION 3.13)", "project(mine CXX)", *lines]
    text += ["add_executable(mine main.cpp)", "target_link_libraries(mine PRIVATE nam::lstm)"]
    (folder / "CMakeLists.txt").write_text("\n".join(text))
    return folder


def test_the_page_is_what_happens(tmp_path: Path) -> None:
    need("cmake", "cc")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (block,) = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    said = ""
    for line in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
        program, *words = shlex.split(line)
        command = [*PROGRAM, *words] if program == "namgen" else [program, *words]
        said = run(command, tmp_path)
    assert said == block.splitlines()[-1] + "\n"


def test_a_project_takes_its_folder_and_keeps_the_flags_to_itself(tmp_path: Path) -> None:
    write_package(tmp_path, "lstm")
    lines = ["set(CMAKE_EXPORT_COMPILE_COMMANDS ON)", "add_subdirectory(lstm)"]
    mine = project(tmp_path, *lines)
    cmake(mine, tmp_path / "build")
    run([tmp_path / "build" / "mine"], tmp_path)
    commands = json.loads((tmp_path / "build" / "compile_commands.json").read_text())
    flags = {Path(entry["file"]).name: entry["command"] for entry in commands}
    for flag in ("-ffp-contract=off", "-fno-math-errno", "-O2"):
        assert flag in flags["nam_lstm.c"]
        assert flag not in flags["main.cpp"]


def test_fast_maths_of_a_project_is_refused_by_the_source(tmp_path: Path) -> None:
    write_package(tmp_path, "lstm")
    mine = project(tmp_path, "add_compile_options(-ffast-math)", "add_subdirectory(lstm)")
    said = cmake(mine, tmp_path / "build", "CMAKE_BUILD_TYPE=Release", fails=True)
    assert "-ffast-math and -funsafe-math-optimizations change results" in said


def test_once_installed_it_is_found(tmp_path: Path) -> None:
    package = write_package(tmp_path, "lstm")
    place = tmp_path / "place"
    cmake(package, tmp_path / "library", f"CMAKE_INSTALL_PREFIX={place}")
    run(["cmake", "--install", tmp_path / "library"], tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    project(other, "find_package(nam_lstm REQUIRED)")
    cmake(other, other / "build", f"CMAKE_PREFIX_PATH={place}")
    run([other / "build" / "mine"], tmp_path)


def test_a_compiler_that_nobody_has_tried_is_refused(tmp_path: Path) -> None:
    need("cmake", "cc")
    package = write_package(tmp_path, "lstm")
    settings = ["-DCMAKE_C_COMPILER_FORCED=1", "-DCMAKE_C_COMPILER_ID=TinyCC"]
    said = run(["cmake", "-S", ".", "-B", "build", *settings], package, fails=True)
    assert "nam_lstm: for GCC and clang, found TinyCC" in said


@pytest.mark.parametrize("cpu", ["generic", "x86-64", "cortex-m7"])
def test_cmake_builds_the_example_of_every_layout(cpu: str, tmp_path: Path) -> None:
    package = write_package(tmp_path, "lstm", cpu)
    cmake(package, package / "build", "NAM_LSTM_EXAMPLE=ON")
    assert run(["build/nam_lstm_example"], package) == example_line(small_model("lstm"))


def test_the_vectors_of_a_computer_are_the_sources_own() -> None:
    _, files = package_files("lstm", "x86-64")
    assert "list(APPEND options -mavx2 -mfma)" in files["CMakeLists.txt"]
    _, files = package_files("lstm", "cortex-m7")
    assert "-mcpu" not in files["CMakeLists.txt"], "it is for the whole program"
    assert "--param=max-completely-peeled-insns=600" in files["CMakeLists.txt"]


def test_arduino_compiles_what_is_in_src_and_looks_for_headers_there_alone(tmp_path: Path) -> None:
    package = write_package(tmp_path, "lstm", "cortex-m7")
    sources = sorted(package.glob("src/**/*.c"))
    assert [path.name for path in sources] == ["nam_lstm.c"]
    (tmp_path / "sketch.cpp").write_text(MAIN.replace('"nam_lstm.h"', "<nam_lstm.h>"))
    includes = f"-I{package / 'src'}"
    zig_cc("-O2", includes, "-c", sources[0], "-o", "library.o", cwd=tmp_path)
    words = ["-x", "c++", *WARNINGS, "sketch.cpp", "-x", "none", "library.o", "-o", "sketch"]
    zig_cc(includes, *words, cwd=tmp_path)
    run(["./sketch"], tmp_path)
    properties = dict(
        line.split("=", 1) for line in (package / "library.properties").read_text().splitlines()
    )
    needed = {"name", "version", "author", "maintainer", "sentence", "paragraph", "category"}
    assert needed | {"url", "architectures"} <= set(properties)
    assert properties["includes"] == "nam_lstm.h"
    words = (package / "keywords.txt").read_text().splitlines()
    assert "nam_lstm_process\tKEYWORD2" in words
    assert all(re.fullmatch(r"\w+\t[A-Z0-9]+", line) for line in words)


@pytest.mark.parametrize("opt", ["-O1", "-O2", "-O3", "-Os"])
def test_without_flags_of_its_own_nothing_is_fused(opt: str, tmp_path: Path) -> None:
    need(CROSS)
    package = write_package(tmp_path, "two_arrays", "cortex-m7")
    for name, more in (("plain", []), ("told", ["-ffp-contract=off"])):
        words = [*ARDUINO, opt, *more, "-ffreestanding", "-g0", "-Isrc", "-c"]
        run([CROSS, *words, "src/nam_two_arrays.c", "-o", f"{name}.o"], package)
    assert (package / "plain.o").read_bytes() == (package / "told.o").read_bytes()
    (package / "sum.c").write_text("float f(float a, float b, float c) { return a * b + c; }\n")
    run([CROSS, *ARDUINO, opt, "-S", "sum.c", "-o", "sum.s"], package)
    fuses = "vfma" in (package / "sum.s").read_text()
    assert fuses or opt == "-O1", "these flags do fuse"


@pytest.mark.parametrize("flags", [("-O2",), ("-O3",), ("-O2", "-flto")], ids="".join)
def test_the_bits_need_no_flags(flags: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    need(CROSS)
    pytest.importorskip("unicorn")
    others = [flag for flag in COMMON if flag not in ARITHMETIC]
    monkeypatch.setattr("namgen.toolchain.cross.COMMON", ("-std=gnu17", *others, *flags))
    model = small_model("two_arrays")
    samples = signal_of(model)[:100]
    cross = find_cross("gcc", processor="cortex-m7")
    code = package_code(model, "cortex-m7", "static")
    found = EmulatorEngine(code, toolchain=cross, opt=flags[0]).process(samples)
    assert found.tobytes() == reference_output(model, samples).tobytes()


@pytest.mark.parametrize("flag", ["-ffast-math", "-Ofast"])
def test_what_changes_results_does_not_compile(flag: str, tmp_path: Path) -> None:
    need(CROSS)
    package = write_package(tmp_path, "lstm", "cortex-m7")
    words = [*ARDUINO, flag, "-ffreestanding", "-Isrc", "-c", "src/nam_lstm.c", "-o", "out.o"]
    assert "change results; remove them" in run([CROSS, *words], package, fails=True)


def test_platformio_is_told_the_flags() -> None:
    _, files = package_files("lstm")
    told = json.loads(files["library.json"])
    assert set(told["build"]["flags"]) == set(ARITHMETIC) - {"-std=c99"}
    assert f"{told['build']['includeDir']}/{told['headers']}" in files
    assert told["build"]["srcDir"] == "src"


def test_zephyr_finds_the_module_and_builds_it(tmp_path: Path) -> None:
    need("cmake", "cc", "c++")
    package = write_package(tmp_path, "lstm")
    module = (package / "zephyr" / "module.yml").read_text()
    for key, place in re.findall(r"^  (cmake|kconfig): (\S+)$", module, re.MULTILINE):
        assert (package / place).exists(), key
    assert re.search(r"^config NAM_LSTM$", (package / "zephyr" / "Kconfig").read_text(), re.M)
    lines = [
        "enable_language(C)",
        "macro(zephyr_library_named name)\nset(current ${name})\nadd_library(${name} STATIC)",
        "endmacro()\nfunction(zephyr_library_sources)\ntarget_sources(${current} PRIVATE ${ARGV})",
        "endfunction()\nfunction(zephyr_library_compile_options)",
        "target_compile_options(${current} PRIVATE ${ARGV})\nendfunction()",
        "function(zephyr_include_directories)\ninclude_directories(${ARGV})",
        "set_property(GLOBAL PROPERTY included ${ARGV})\nendfunction()",
        "set(CONFIG_NAM_LSTM y)\nadd_subdirectory(lstm/zephyr)",
        "add_library(nam::lstm ALIAS nam_lstm)\nget_property(places GLOBAL PROPERTY included)",
        "include_directories(${places})",
    ]
    cmake(project(tmp_path, *lines), tmp_path / "build")
    run([tmp_path / "build" / "mine"], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("state", ["static", "struct"])
@pytest.mark.parametrize(
    ("cpu", "target", "processor", "program"),
    [
        ("generic", "arm-linux-musleabihf", "cortex_a7", "qemu-arm"),
        ("aarch64", "aarch64-linux-musl", "baseline", "qemu-aarch64"),
        ("generic", "riscv64-linux-musl", "baseline_rv64", "qemu-riscv64"),
    ],
)
def test_in_qemu_the_example_prints_what_the_reference_computes(
    cpu: str, target: str, processor: str, program: str, state: str, tmp_path: Path
) -> None:
    need(program)
    package = write_package(tmp_path, "two_arrays", cpu, state)
    words = ["-target", target, f"-mcpu={processor}", "-static", *ARITHMETIC, "-O2", "-Iinclude"]
    zig_cc(*words, "example.c", "src/nam_two_arrays.c", "-o", "example", cwd=package)
    assert run([program, "./example"], package) == example_line(small_model("two_arrays"))


def test_in_node_it_gives_the_bits_of_the_reference(tmp_path: Path) -> None:
    need("node")
    package = write_package(tmp_path, "lstm")
    _, target, cpu = CPUS["wasm"]
    words = ["-target", target, f"-mcpu={cpu}", *ARITHMETIC, "-O2", "-Iinclude", "-nostdlib"]
    words += ["-Wl,--no-entry", "-Wl,--export=nam_lstm_process", "src/nam_lstm.c"]
    zig_cc(*words, "-o", "model.wasm", cwd=package)
    model = small_model("lstm")
    samples = signal_of(model)
    assert model.network.out_channels == 2
    (package / "in.f32").write_bytes(samples.tobytes())
    run(["node", "-e", PLAYER], package)
    expected = reference_output(model, samples)
    assert (package / "out.f32").read_bytes() == expected.tobytes()
