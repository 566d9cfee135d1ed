"""Whatever became of the compilers' caches, what is compiled is the same, and no build stops."""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from namgen.errors import ToolError
from namgen.resources import cache_dir
from namgen.toolchain import HostCc, find_cross, find_host, shared_library_suffix

pytestmark = pytest.mark.compiles

SOURCE = "int three(void);\nint three(void) { return 3; }\n"
FAKE_ZIG = """
import os, pathlib, sys
kept = pathlib.Path(os.environ["ZIG_GLOBAL_CACHE_DIR"]) / "o"
kept.mkdir(exist_ok=True)
library = kept / "libc"
if not library.exists():
    library.write_text("whole")
if library.read_text() != "whole" or "broken.c" in sys.argv[-3]:
    sys.exit("error: bad magic number")
pathlib.Path(sys.argv[-1]).write_text("library")
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("NAMGEN_CACHE_DIR", str(folder))
    return folder


def compiled(folder: Path) -> bytes:
    """An object for the pedal."""
    (folder / "unit.c").write_text(SOURCE)
    find_cross("zig").compile(folder / "unit.c", folder / "unit.o")
    return (folder / "unit.o").read_bytes()


def test_no_kept_entry_gets_into_an_image(tmp_path: Path, cache: Path) -> None:
    """The objects of the pedal are compiled anew, with caches that nobody had before."""
    before = compiled(tmp_path)
    assert list(cache.rglob("*")) == [cache / "zig"]
    (cache / "zig").rmdir()
    (cache / "zig").write_text("in the way")
    assert compiled(tmp_path) == before


@pytest.fixture
def zig(tmp_path: Path) -> HostCc:
    """A compiler that fails as Zig does when a library that it keeps is damaged."""
    program = tmp_path / "zig.py"
    program.write_text(FAKE_ZIG)
    return HostCc((sys.executable, str(program)), "fake", is_zig=True)


def library(zig: HostCc, folder: Path, name: str = "unit.c") -> str:
    (folder / name).write_text(SOURCE)
    zig.shared_library([folder / name], folder / "unit.out")
    return (folder / "unit.out").read_text()


def replaced(path: Path) -> None:
    path.write_text("garbage")


def cut(path: Path) -> None:
    path.write_text("")


def blocked(path: Path) -> None:
    shutil.rmtree(path.parent)
    path.parent.write_text("a file")


@pytest.mark.parametrize("damage", [replaced, cut, blocked])
def test_a_damaged_library_is_made_again_once_and_said(
    tmp_path: Path,
    cache: Path,
    zig: HostCc,
    damage: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    assert library(zig, tmp_path) == "library"
    kept = cache / "zig" / "o" / "libc"
    assert kept.read_text() == "whole"
    assert "may be damaged" not in caplog.text
    damage(kept)
    assert library(zig, tmp_path) == "library"
    assert kept.read_text() == "whole"
    caplog.clear()
    assert library(zig, tmp_path) == "library"
    assert "may be damaged" not in caplog.text
    assert not list(cache.rglob(".namgen*"))


def test_what_is_wrong_with_the_source_leaves_the_libraries_alone(
    tmp_path: Path, cache: Path, zig: HostCc, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    library(zig, tmp_path)
    before = (cache / "zig").stat().st_ino
    with pytest.raises(ToolError, match="bad magic number"):
        library(zig, tmp_path, "broken.c")
    assert f"cache: {cache / 'zig'} may be damaged" in caplog.text
    assert (cache / "zig").stat().st_ino == before
    assert not list(cache.rglob(".namgen*"))


@pytest.mark.slow
def test_ziglang_gets_over_the_loss_of_its_real_libraries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every object and library that Zig kept is garbage of its size."""
    (tmp_path / "unit.c").write_text(SOURCE)
    out = tmp_path / f"unit{shared_library_suffix()}"
    find_host("zig").shared_library([tmp_path / "unit.c"], out)
    before, real = out.read_bytes(), cache_dir() / "zig"
    shutil.copytree(real, tmp_path / "cache" / "zig")
    monkeypatch.setenv("NAMGEN_CACHE_DIR", str(tmp_path / "cache"))
    for path in (tmp_path / "cache" / "zig" / "o").rglob("*"):
        if path.is_file():
            path.write_bytes(b"?" * path.stat().st_size)
    find_host("zig").shared_library([tmp_path / "unit.c"], out)
    assert out.read_bytes() == before
