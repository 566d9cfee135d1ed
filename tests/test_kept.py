"""What took long is made once; whatever becomes of what is kept, it is whole or made again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from namgen.errors import UnsupportedError
from namgen.kept import kept_value, sources_of

PARTS = [b"one", b"two"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NAMGEN_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "things"


class Made:
    """Counts how often it is made."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> tuple[int, ...]:
        self.times += 1
        return (1, 2, 3)


def test_a_value_is_made_once_for_the_same_parts(folder: Path) -> None:
    make = Made()
    assert [kept_value("things", PARTS, make) for _ in range(3)] == [(1, 2, 3)] * 3
    assert make.times == 1
    assert kept_value("things", [b"onet", b"wo"], make) == (1, 2, 3)
    assert make.times == 2
    assert len(list(folder.iterdir())) == 2


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def garble(path: Path) -> None:
    path.write_bytes(b"\0" + path.read_bytes()[1:])


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [cut, garble, make_folder, Path.unlink])
def test_what_is_damaged_is_made_again(folder: Path, damage: Callable[[Path], None]) -> None:
    make = Made()
    kept_value("things", PARTS, make)
    (entry,) = folder.iterdir()
    damage(entry)
    assert [kept_value("things", PARTS, make) for _ in range(2)] == [(1, 2, 3)] * 2
    assert make.times == 2


def test_without_a_folder_it_is_made_every_time(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("NAMGEN_CACHE_DIR", str(tmp_path / "file"))
    make = Made()
    assert [kept_value("things", PARTS, make) for _ in range(2)] == [(1, 2, 3)] * 2
    assert make.times == 2


def test_what_cannot_be_made_is_not_kept(folder: Path) -> None:
    def refuse() -> int:
        raise UnsupportedError("never")

    for _ in range(2):
        with pytest.raises(UnsupportedError, match="never"):
            kept_value("things", PARTS, refuse)
    assert list(folder.iterdir()) == []


def test_other_code_or_data_has_other_results(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    (tmp_path / "b.toml").write_text("1")
    before = sources_of(tmp_path)
    (tmp_path / "notes.txt").write_text("1")
    assert sources_of(tmp_path) == before
    for name in ("a.py", "b.toml"):
        (tmp_path / name).write_text("2")
        assert sources_of(tmp_path) != before
        before = sources_of(tmp_path)
