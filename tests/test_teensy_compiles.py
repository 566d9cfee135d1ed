"""A Teensy's library and its sketches, compiled with the core's flags against stand-ins."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from c_packages import run, zig_cc
from teensy_library import (
    C_FLAGS,
    CROSS,
    CROSS_C,
    CXX_FLAGS,
    STRICT,
    STUBS,
    need,
    told,
    write_library,
)

from namgen.toolchain import ARITHMETIC

OBJDUMP = "arm-none-eabi-objdump"
LEVELS = ["-O1", "-O2", "-O3", "-Os"]
SKETCHES = ("Int16", "Float32")
STANDARDS = ("gnu++14", "gnu++17", "gnu++20")
ZIG = ("-target", "thumb-freestanding-eabihf", "-mcpu=cortex_m7+fp_armv8d16")
CATEGORIES = {
    *("Display", "Communication", "Signal Input/Output", "Sensors", "Device Control", "Timing"),
    *("Data Storage", "Data Processing", "Other", "Uncategorized"),
}
"""Of the specification of Arduino's libraries."""


def sketch_words(library: Path, sketch: str, rate: str = "48000.0f") -> list[str | Path]:
    """Arduino puts Arduino.h above a sketch and compiles it as C++."""
    rates = [f"-DAUDIO_SAMPLE_RATE_EXACT={rate}"] if sketch == "Int16" and rate else []
    source = library / "examples" / sketch / f"{sketch}.ino"
    includes = [f"-I{library / 'src'}", f"-I{STUBS}", "-include", "Arduino.h"]
    return [*STRICT, *includes, *rates, "-x", "c++", "-c", source]


@pytest.mark.parametrize("standard", STANDARDS)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("sketch", SKETCHES)
def test_a_sketch_compiles_without_a_warning(
    sketch: str, level: str, standard: str, tmp_path: Path
) -> None:
    need(CROSS)
    library = write_library(tmp_path, "two_arrays")
    words = [*CXX_FLAGS, f"-std={standard}", level, "-fsingle-precision-constant"]
    run([CROSS, *words, *sketch_words(library, sketch), "-o", "sketch.o"], tmp_path)


@pytest.mark.parametrize("network", ["two_arrays", "lstm", "everything"])
@pytest.mark.parametrize("sketch", SKETCHES)
def test_clang_compiles_it_too(sketch: str, network: str, tmp_path: Path) -> None:
    library = write_library(tmp_path, network)
    words = [*ZIG, "-std=c++17", "-O2", "-ffreestanding"]
    zig_cc(*words, *sketch_words(library, sketch), "-o", "sketch.o", cwd=tmp_path)


@pytest.mark.parametrize("level", LEVELS)
def test_its_c_compiles_without_a_warning(level: str, tmp_path: Path) -> None:
    need(CROSS_C)
    library = write_library(tmp_path, "everything")
    words = [*C_FLAGS, *STRICT, level, "-Isrc", "-c", "src/nam_everything.c", "-o", "model.o"]
    run([CROSS_C, *words], library)


@pytest.mark.parametrize("rate", ["", "44100.0f", "44117.64706f", "96000.0f"])
def test_at_another_rate_the_int16_object_does_not_compile_and_says_what_to_do(
    rate: str, tmp_path: Path
) -> None:
    need(CROSS)
    library = write_library(tmp_path, "two_arrays")
    words = [*CXX_FLAGS, "-O2", *sketch_words(library, "Int16", rate), "-o", "sketch.o"]
    said = run([CROSS, *words], tmp_path, fails=True)
    assert "nam_two_arrays is a model for 48000 Hz and sounds wrong at another rate" in said
    assert "define AUDIO_SAMPLE_RATE_EXACT=48000.0f for the whole build" in said
    assert "nam_two_arrays_audio_f32.h with AudioSettings_F32(48000, 128)" in said


def test_without_the_audio_library_it_says_which_one_it_is_for(tmp_path: Path) -> None:
    need(CROSS)
    library = write_library(tmp_path, "two_arrays")
    (tmp_path / "AudioStream.h").write_text("class AudioStream {};\n")
    words = [*CXX_FLAGS, f"-I{library / 'src'}", f"-I{tmp_path}", "-fsyntax-only", "-x", "c++"]
    header = library / "src" / "nam_two_arrays_audio.h"
    said = run([CROSS, *words, header], tmp_path, fails=True)
    assert "for Teensy's Audio library, whose AudioStream.h has AUDIO_SAMPLE_RATE_EXACT" in said


@pytest.mark.parametrize("flag", ["-ffast-math", "-Ofast", "-ffinite-math-only"])
@pytest.mark.parametrize("sketch", SKETCHES)
def test_what_changes_results_does_not_compile(sketch: str, flag: str, tmp_path: Path) -> None:
    need(CROSS, CROSS_C)
    library = write_library(tmp_path, "two_arrays")
    words = [*CXX_FLAGS, "-O2", flag, *sketch_words(library, sketch), "-o", "sketch.o"]
    said = run([CROSS, *words], tmp_path, fails=True)
    assert "-ffast-math, -Ofast and -ffinite-math-only change results; remove them" in said
    words = [*C_FLAGS, "-O2", flag, "-Isrc", "-c", "src/nam_two_arrays.c", "-o", "model.o"]
    assert "remove" in run([CROSS_C, *words], library, fails=True)


def fused(code: Path) -> int:
    """Fused multiply-adds of an object or a program."""
    return len(re.findall(r"\tvfn?m[as]\.f", run([OBJDUMP, "-d", code], code.parent)))


@pytest.mark.parametrize("level", [*LEVELS, "-O2 -flto"])
def test_nothing_is_fused_but_what_the_c_says(level: str, tmp_path: Path) -> None:
    """With and without the flag it is the same code, and these flags do fuse elsewhere."""
    need(CROSS, CROSS_C, OBJDUMP)
    library = write_library(tmp_path, "two_arrays")
    (library / "sum.c").write_text("float f(float a, float b, float c) { return a * b + c; }\n")
    counts = {}
    for name, more in (("plain", []), ("told", ["-ffp-contract=off"])):
        words = [*C_FLAGS, *level.split(), *more, "-Isrc", "-nostdlib", "-Wl,--entry=0"]
        kept = ["-Wl,-u,nam_two_arrays_process", "-Wl,-u,f", "src/nam_two_arrays.c", "sum.c"]
        run([CROSS_C, *words, *kept, "-lgcc", "-o", f"{name}.elf"], library)
        counts[name] = fused(library / f"{name}.elf")
    assert counts["told"] > 20
    assert counts["plain"] - counts["told"] == (0 if level == "-O1" else 1), "that of sum.c"
    for f32 in (False, True):
        source = STUBS / "bare.cpp"
        words = [
            *CXX_FLAGS,
            level.split(maxsplit=1)[0],
            "-Isrc",
            f"-I{STUBS}",
            *told("two_arrays", f32=f32),
        ]
        run([CROSS, *words, "-c", source, "-o", "object.o"], library)
        assert fused(library / "object.o") == 0


def test_a_sketch_with_several_models_and_several_of_each_links(tmp_path: Path) -> None:
    need(CROSS, CROSS_C)
    names = ("two_arrays", "lstm")
    libraries = [write_library(tmp_path, name) for name in names]
    includes = [f"-I{library / 'src'}" for library in libraries]
    lines = [f"#include <nam_{name}_audio{end}.h>" for name in names for end in ("", "_f32")]
    lines += ["StubPool<audio_block_t> AudioStream::pool;"]
    lines += ["StubPool<audio_block_f32_t> AudioStream_F32::floats;"]
    lines += ['extern "C" void __cxa_pure_virtual() {} void *__dso_handle;']
    lines += ["void operator delete(void *) noexcept {} void operator delete(void *, size_t) {}"]
    for name in names:
        lines += [f"AudioEffectNam_{name} {name}_one, {name}_other;"]
        settings = "{AudioSettings_F32(48000.0f, 128)}"
        lines += [f"DMAMEM AudioEffectNam_{name}_F32 {name}_f{settings};"]
    lines += ["void setup() {} void loop() {}"]
    (tmp_path / "sketch.cpp").write_text("\n".join(lines))
    rate = "-DAUDIO_SAMPLE_RATE_EXACT=48000.0f"
    for name, library in zip(names, libraries, strict=True):
        words = [*C_FLAGS, "-O2", "-c", f"src/nam_{name}.c", "-o", tmp_path / f"{name}.o"]
        run([CROSS_C, *words], library)
    words = [*CXX_FLAGS, "-O2", "-fno-use-cxa-atexit", *includes, f"-I{STUBS}", rate]
    words += ["-include", "Arduino.h", "sketch.cpp", "two_arrays.o", "lstm.o"]
    run([CROSS, *words, "-nostdlib", "-Wl,-u,setup", "-lc", "-lgcc", "-o", "s.elf"], tmp_path)
    sizes = run(["arm-none-eabi-size", "-A", "s.elf"], tmp_path)
    (there,) = re.findall(r"^\.dmabuffers +(\d+)", sizes, re.MULTILINE)
    assert int(there) > 4000, "objects lie where the sketch puts them"


def test_its_properties_are_those_of_arduinos_specification(tmp_path: Path) -> None:
    library = write_library(tmp_path, "two_arrays")
    lines = (library / "library.properties").read_text("utf-8").splitlines()
    found = dict(line.split("=", 1) for line in lines)
    assert len(found) == len(lines)
    needed = {"name", "version", "author", "maintainer", "sentence", "paragraph", "category"}
    assert set(found) == needed | {"url", "architectures", "includes"}
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,62}", found["name"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", found["version"])
    assert found["category"] in CATEGORIES
    assert found["architectures"] == "*"
    assert (library / "src" / found["includes"]).is_file()
    for sketch in (library / "examples").iterdir():
        assert (sketch / f"{sketch.name}.ino").is_file()
    words = (library / "keywords.txt").read_text("utf-8").splitlines()
    assert all(re.fullmatch(r"\w+\t(KEYWORD1|KEYWORD2|LITERAL1)", line) for line in words)
    assert "AudioEffectNam_two_arrays\tKEYWORD1" in words
    headers = (path.read_text("utf-8") for path in (library / "src").glob("*.h"))
    text = "".join(headers) + (library / "include" / "nam_two_arrays.h").read_text("utf-8")
    assert all(re.search(rf"\b{line.split()[0]}\b", text) for line in words)
    assert not list(library.rglob("*.cpp")), "the C stays C, the classes are headers"


def test_platformio_is_told_the_same(tmp_path: Path) -> None:
    library = write_library(tmp_path, "two_arrays")
    found = json.loads((library / "library.json").read_text("utf-8"))
    assert found["platforms"] == "teensy"
    assert set(found["build"]["flags"]) == set(ARITHMETIC) - {"-std=c99"}
    for header in found["headers"]:
        assert (library / "src" / header).is_file()
