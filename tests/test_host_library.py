"""Emitted C is compiled once per content, loaded with its own state, and gives the same bits."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from host_sim.emulator import probe
from host_sim.host_library import LoadedCode, host_library
from host_sim.m7 import native
from namgen.errors import ToolError
from namgen.toolchain import HostCc, find_host

pytestmark = pytest.mark.compiles

HEADER = """
#include <stddef.h>
void nam_toy_reset(void);
void nam_toy_process(const float *in, float *out, size_t frames);
"""
SOURCE = """
#include "nam_toy.h"

static float nam_last;

void nam_toy_reset(void) { nam_last = 0.0f; }

void nam_toy_process(const float *in, float *out, size_t frames)
{
    for (size_t i = 0; i < frames; i++) {
        nam_last = __builtin_fmaf(0.7f, nam_last, in[i]) + 0.3f * in[i];
        out[i] = nam_last;
    }
}
"""
FILES = {"nam_toy.h": HEADER, "nam_toy.c": SOURCE}


@pytest.fixture
def fresh_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NAMGEN_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def compiler() -> HostCc:
    return find_host()


def run(code: LoadedCode, samples: np.ndarray) -> np.ndarray:
    out = np.empty_like(samples)
    code.process(samples, out, len(samples))
    return out


def noise(frames: int) -> np.ndarray:
    return np.random.default_rng(1).uniform(-1, 1, frames).astype(np.float32)


def test_the_same_c_is_compiled_once(fresh_cache: Path, compiler: HostCc) -> None:
    first = host_library(FILES, "toy", compiler=compiler)
    made = first.stat().st_mtime_ns
    assert host_library(FILES, "toy", compiler=compiler) == first
    assert first.stat().st_mtime_ns == made
    assert [path.name for path in first.parent.iterdir()] == [first.name]


def test_other_c_and_other_flags_are_other_libraries(fresh_cache: Path, compiler: HostCc) -> None:
    changed = {**FILES, "nam_toy.c": SOURCE.replace("0.7f", "0.8f")}
    libraries = {
        host_library(FILES, "toy", compiler=compiler),
        host_library(changed, "toy", compiler=compiler),
        host_library(FILES, "toy", compiler=compiler, opt="-O0"),
    }
    assert len(libraries) == 3


def test_two_instances_do_not_share_their_state(fresh_cache: Path, compiler: HostCc) -> None:
    library = host_library(FILES, "toy", compiler=compiler)
    one, two = LoadedCode(library, "toy"), LoadedCode(library, "toy")
    one.reset()
    two.reset()
    expected = run(one, noise(100))
    run(one, noise(77))
    np.testing.assert_array_equal(run(two, noise(100)), expected)


def test_every_optimisation_and_compiler_gives_the_same_bits() -> None:
    outputs = []
    for compiler in (find_host(), find_host("zig"), find_host("zig", fma=False)):
        for opt in ("-O0", "-O3"):
            code = LoadedCode(host_library(FILES, "toy", compiler=compiler, opt=opt), "toy")
            code.reset()
            outputs.append(run(code, noise(500)).view(np.uint32))
    for output in outputs[1:]:
        np.testing.assert_array_equal(output, outputs[0])


def test_c_that_does_not_compile_leaves_nothing_in_the_cache(
    fresh_cache: Path, compiler: HostCc
) -> None:
    with pytest.raises(ToolError, match="nam_toy"):
        host_library({**FILES, "nam_toy.c": "int x = ;"}, "toy", compiler=compiler)
    assert list((fresh_cache / "libraries").iterdir()) == []


def truncate(path: Path) -> None:
    os.truncate(path, 100)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def garble(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


def change_one_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "something").touch()


def make_dangling_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def forbid(path: Path) -> None:
    path.chmod(0)


def make_the_folder_a_file(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()
    path.parent.write_text("no folder")


DAMAGES = (
    truncate,
    empty,
    garble,
    change_one_bit,
    make_folder,
    make_dangling_link,
    forbid,
    make_the_folder_a_file,
)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: str(damage.__name__))
def test_a_damaged_library_is_made_again(
    damage: Callable[[Path], None],
    fresh_cache: Path,
    compiler: HostCc,
    caplog: pytest.LogCaptureFixture,
) -> None:
    library = host_library(FILES, "toy", compiler=compiler)
    expected = played(library)
    damage(library)
    with caplog.at_level(logging.INFO, logger="namgen"):
        again = host_library(FILES, "toy", compiler=compiler)
    assert played(again) == expected
    assert ("it is made again" in caplog.text) or damage is forbid  # root reads what is forbidden
    assert len(list(again.parent.iterdir())) == 1


@pytest.mark.parametrize("library", [probe.library_path, native.library_path])
def test_so_are_the_emulators_and_the_cycle_models_own(
    library: Callable[[], Path], fresh_cache: Path
) -> None:
    whole = library().read_bytes()
    for damage in (truncate, make_folder):
        damage(library())
        assert library().read_bytes() == whole


@pytest.mark.parametrize("damaged", [False, True])
def test_processes_at_once_get_whole_libraries(
    damaged: bool, fresh_cache: Path, compiler: HostCc
) -> None:
    if damaged:
        truncate(host_library(FILES, "toy", compiler=compiler))
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_host_library as t;"
        "from host_sim.host_library import host_library;"
        "print(t.played(host_library(t.FILES, 'toy')))"
    )
    command = [sys.executable, "-c", program, str(Path(__file__).parent)]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
        for _ in range(3)
    ]
    outputs = {process.communicate()[0] for process in started}
    assert [process.returncode for process in started] == [0, 0, 0]
    assert len(outputs) == 1


def played(library: Path) -> bytes:
    """What the toy makes of a ramp."""
    code, out = LoadedCode(library, "toy"), np.empty(8, np.float32)
    code.reset()
    code.process(np.arange(8, dtype=np.float32), out, 8)
    return out.tobytes()
