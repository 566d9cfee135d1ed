"""Reads many mutated `.nam` files under limits of time and memory; run by test_reader_fuzz.py.

`python fuzz_reader.py CASES SEED [FIXTURES]` ends with exit code 1 at the first file that gives
anything but a model or a FileError, and prints where that file was kept.
"""

from __future__ import annotations

import copy
import json
import random
import resource
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import make_nam

from namgen.errors import FileError
from namgen.nam_file import read
from namgen.nam_file.counts import count
from namgen.nam_file.types import NamFile

MEMORY_BYTES = 1 << 30
SECONDS = 5
LARGEST_SEED_BYTES = 40_000
WAV_SAMPLES = ("u1", "i2", "i3", "f4", "f8")

ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 3, 7, 0.5, 1e39, -1e308, 2**31, 2**63, 10**40, 4.0),
    *("", "x", "Tanh", "PReLU", "none", "gated", "blended", "0.7.0", "\ud800", "WaveNet", "LSTM"),
    *([], {}, [1], [[]], {"type": "PReLU", "negative_slopes": [0.5]}, {"active": True}, [None]),
    *({"max_value": 2, "model": {}}, {"architecture": "Linear"}, "x" * 5000, [0] * 2000),
)
ODD_TEXTS = (
    *(b"[" * 2000, b'{"a":' * 2000, b"NaN", b"-Infinity", b"1e400", b"9" * 400, b"\xff", b"\0"),
    *(b"null", b"true", b"{}", b"[]", b",", b'"', b"\\ud800", b"//", b"\xef\xbb\xbf", b"-", b"."),
)


def odd_value(source: random.Random) -> Any:
    """A value that does not belong where it will be put."""
    return copy.deepcopy(source.choice(ODD_VALUES))


def places(document: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in the document; of long lists only the first entries."""
    found: list[tuple[Any, Any]] = []
    if isinstance(document, dict):
        keys: list[Any] = list(document)
    elif isinstance(document, list):
        keys = list(range(min(len(document), 4)))
    else:
        return []
    for key in keys:
        found.append((document, key))
        found += places(document[key])
    return found


def bend(document: Any, source: random.Random) -> Any:
    """The document with one value replaced, removed, moved, wrapped or nudged."""
    spots = places(document)
    if not spots:
        return odd_value(source)
    holder, key = source.choice(spots)
    match source.randrange(6):
        case 0:
            holder[key] = odd_value(source)
        case 1:
            del holder[key]
        case 2:
            other, place = source.choice(spots)
            if place in other if isinstance(other, dict) else place < len(other):
                holder[key] = copy.deepcopy(other[place])
        case 3:
            holder[key] = [holder[key]]
        case 4 if isinstance(holder[key], (int, float)):
            holder[key] = holder[key] + source.choice((-1, 1, 0.5))
        case _ if isinstance(holder[key], list) and holder[key]:
            holder[key] = holder[key][: source.randrange(len(holder[key]) + 1)]
        case _:
            holder[key] = odd_value(source)
    return document


def mangle(data: bytes, source: random.Random) -> bytes:
    """The bytes with one stretch cut, doubled, overwritten or replaced by something odd."""
    start = source.randrange(len(data) + 1)
    end = min(len(data), start + source.choice((1, 1, 2, 8, 64, 1000)))
    middle = source.choice(
        (b"", data[start:end] * 2, source.randbytes(end - start), source.choice(ODD_TEXTS))
    )
    return data[:start] + middle + data[end:]


def seeds(fixtures: Path | None) -> list[bytes]:
    """The files to start from: own ones of every kind, and the smaller fixtures."""
    found = [json.dumps(document).encode() for document in make_nam.all_kinds().values()]
    found += [make_nam.wav([0.5, -1.0, 0.25], sample=s, extensible=s == "i3") for s in WAV_SAMPLES]
    if fixtures:
        files = sorted((fixtures / "models").glob("*/*.nam"))
        found += [f.read_bytes() for f in files if f.stat().st_size <= LARGEST_SEED_BYTES]
    return found


def mutant(seed: bytes, source: random.Random) -> bytes:
    """One mutated file."""
    data = seed
    if source.random() < 0.7 and not seed.startswith(b"RIFF"):
        document = json.loads(seed)
        for _ in range(source.choice((1, 1, 1, 2, 4))):
            document = bend(document, source)
        data = json.dumps(document).encode()
    if data is seed or source.random() < 0.1:
        for _ in range(source.choice((1, 1, 2, 5))):
            data = mangle(data, source)
    return data


def check(path: Path) -> NamFile | None:
    """Read a file; AssertionError when it gives something that is neither right nor clear."""
    try:
        file = read(path)
    except FileError as error:
        check_lines(path, error.lines)
        return None
    assert count(file.model.config) == file.model.weights.size
    return file


def check_lines(path: Path, lines: tuple[str, ...]) -> None:
    """Hold a refusal to its form: at least one line, each short, printable and with the name."""
    assert lines, "refused without a problem"
    for line in lines:
        assert line.isprintable(), f"a line that cannot be printed: {line!r}"
        assert line.startswith(f"{path}: "), line
        assert len(line) < 600, f"a line of {len(line)} characters"


def main() -> None:
    """Run the cases given on the command line."""
    cases, seed = int(sys.argv[1]), int(sys.argv[2])
    originals = seeds(Path(sys.argv[3]) if len(sys.argv) > 3 else None)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    source = random.Random(seed)
    path = Path(tempfile.mkdtemp()) / "mutant.nam"
    accepted = 0
    for case in range(cases):
        path.write_bytes(mutant(source.choice(originals), source))
        signal.alarm(SECONDS)  # ends the process
        try:
            accepted += check(path) is not None
        except BaseException:
            print(f"case {case} of seed {seed}: {path}", file=sys.stderr)
            raise
        signal.alarm(0)
    path.unlink()
    path.parent.rmdir()
    print(f"{cases} files, {accepted} accepted")


if __name__ == "__main__":
    main()
