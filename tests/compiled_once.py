"""What a run of the tests compiles, it compiles once, whichever test and worker wants it.

An object is known by its text, its headers and its flags: the compilers promise that the folders'
names do not matter, and test_toolchain_flags.py holds them to it. Everything is new in every run.
Tests of the compilers themselves are marked `compiles`; they get the real ones. Programs that tests
start share it too: `program.py`.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from namgen.toolchain import CrossToolchain, HostCc

_TEXTS = (".c", ".h")
_INCLUDED = re.compile(r"^[ \t]*#[ \t]*include[ \t]*(<[^>]+>|\"[^\"]+\"|\S+)", re.MULTILINE)
_FOLDER = "NAMGEN_TESTS_COMPILED"
"""The variable of the environment that tells programs where things are kept."""

Compile = Callable[..., None]
_REAL: dict[type, tuple[str, Compile]] = {
    CrossToolchain: ("compile", CrossToolchain.compile),
    HostCc: ("shared_library", HostCc.shared_library),
}


def share(folder: Path) -> None:
    """Let every compiler keep in `folder` what it makes."""
    for compiler, (name, real) in _REAL.items():
        setattr(compiler, name, _once(real, folder))


@contextmanager
def shared(folder: Path) -> Iterator[None]:
    """Do so in this process and in the programs that it starts."""
    share(folder)
    os.environ[_FOLDER] = str(folder)
    yield
    del os.environ[_FOLDER]


def share_with_parent() -> None:
    """Do so in a program that a test has started."""
    if _FOLDER in os.environ:
        share(Path(os.environ[_FOLDER]))


@contextmanager
def unshared() -> Iterator[None]:
    """Have the real compilers, in the programs too."""
    folder = Path(os.environ.pop(_FOLDER))
    for compiler, (name, real) in _REAL.items():
        setattr(compiler, name, real)
    yield
    share(folder)
    os.environ[_FOLDER] = str(folder)


def text_once(parts: Iterable[str], make: Callable[[], str]) -> str:
    """Return the text that `make` gives for these parts, made once in a run of the tests.

    Whoever wants it meanwhile waits for it; where files have no such locks, it is made twice.
    """
    if _FOLDER not in os.environ:
        return make()
    kept = Path(os.environ[_FOLDER]) / f"{_digest(parts)}.txt"
    with kept.with_suffix(".lock").open("w") as lock:
        with suppress(ImportError):
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            draft = kept.with_suffix(f".{os.getpid()}")
            draft.write_text(make(), encoding="utf-8")
            draft.replace(kept)
        return kept.read_text(encoding="utf-8")


def _digest(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()


def _once(real: Compile, folder: Path) -> Compile:
    def compile_once(self: Any, source: Path | list[Path], out: Path, **options: Any) -> None:
        sources = [source] if isinstance(source, Path) else list(source)
        kept = folder / _key(self, sources, options)
        if kept.exists():
            shutil.copyfile(kept, out)
            return
        real(self, source, out, **options)
        draft = kept.with_suffix(f".{os.getpid()}")
        shutil.copyfile(out, draft)
        draft.replace(kept)

    return compile_once


def _key(compiler: Any, sources: list[Path], options: dict[str, Any]) -> str:
    include_dirs = options.get("include_dirs", ())
    settings = {name: value for name, value in options.items() if name != "include_dirs"}
    parts = [_identity(compiler), repr(sorted(settings.items()))]
    for source in sources:
        parts += _reached(source, include_dirs) or _all_around(source, include_dirs)
    return _digest(parts)


def _reached(source: Path, include_dirs: Iterable[Path]) -> list[str]:
    """A text with all headers that it may include; nothing where a macro names one of them."""
    found, waiting = {source: source.name}, [source]
    for path in waiting:
        for name in _INCLUDED.findall(path.read_text(encoding="utf-8")):
            if name[0] not in '"<':
                return []
            places = (folder / name[1:-1] for folder in (path.parent, *include_dirs))
            header = next((place for place in places if place.is_file()), None)
            if header is not None and header not in found:
                found[header] = name
                waiting.append(header)
    return [f"{name}\0{path.read_text(encoding='utf-8')}" for path, name in found.items()]


def _all_around(source: Path, include_dirs: Iterable[Path]) -> list[str]:
    """A text with all that lies where headers are."""
    texts = _texts([source])
    for headers in (source.parent, *include_dirs):
        texts += _texts(path for path in sorted(headers.glob("*")) if path.suffix in _TEXTS)
    return texts


def _identity(compiler: Any) -> str:
    """The compiler with its flags, and its program in the version that lies there."""
    if isinstance(compiler, HostCc):
        program, flags = Path(compiler.command[0]), (*compiler.command, *compiler.flags())
    else:
        program, flags = compiler.program, (compiler.name, repr(compiler.processor))
    known = program.stat()
    return f"{program} {known.st_size} {known.st_mtime_ns} {flags}"


def _texts(paths: Iterable[Path]) -> list[str]:
    return [f"{path.name}\0{path.read_text(encoding='utf-8')}" for path in paths]
