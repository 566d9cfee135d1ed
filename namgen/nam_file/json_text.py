"""A path to the bytes of a file, and to the JSON value in them as NAM Core would parse it.

In bounded time and memory, whatever the file is.
"""

from __future__ import annotations

import codecs
import json
import math
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from namgen.errors import FileError, Problem
from namgen.nam_file import kinds
from namgen.nam_file.limits import MAX_BRACKETS, MAX_FILE_BYTES
from namgen.nam_file.wav import is_wav

_INTEGER_DIGITS = 32
_SPELT_CHARACTERS = 20
_BLANK = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file."""

    value: object
    trailing_bytes: int  # of text after the JSON value, which NAM Core ignores
    not_finite: tuple[str, ...]  # NaN, Infinity and 1e999, as spelt, which NAM Core cannot parse


class _BadTextError(Exception):
    """What is wrong with a file, or with a text that is not JSON."""


class _UnexpectedError(_BadTextError):
    """Something else is there than what is read."""


def _unexpected(found: str) -> _BadTextError:
    return _UnexpectedError(found)


def printable(text: str) -> str:
    """The text on one line and in valid Unicode: anything that is not printable is escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def load(path: Path, *, expected: str = kinds.READS, most_bytes: int = MAX_FILE_BYTES) -> bytes:
    """Read a file of bounded size; `expected` says what it should be.

    Raises FileError for what cannot be read, and for a file too large to be such a thing.
    """
    try:
        return _read_bytes(path, most_bytes)
    except _BadTextError as error:
        raise _refused(path, error, expected) from None


def _refused(path: Path, error: _BadTextError, expected: str = kinds.READS) -> FileError:
    said = f"expected {expected}, found {error}" if isinstance(error, _UnexpectedError) else error
    return FileError(printable(str(path)), [Problem("", str(said))])


def parse(data: bytes, path: Path) -> Document:
    """Parse the JSON of a file; a file of another kind is refused by its name.

    A byte order mark is skipped, text after the value is counted, of duplicate keys the last
    counts, as in NAM Core. Raises FileError for everything that cannot be parsed.
    """
    try:
        kind = kinds.of_bytes(data)
        if kind:
            raise _unexpected(kind)
        document = _parse(data)
        kind = kinds.of_json(document.value)
        if kind:
            raise _unexpected(kind)
    except _BadTextError as error:
        raise _refused(path, error) from None
    return document


def _read_bytes(path: Path, most_bytes: int) -> bytes:
    try:
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            raise _unexpected("a directory")
        if not stat.S_ISREG(info.st_mode):
            raise _unexpected("a device or pipe")
        with path.open("rb") as file:
            data = file.read(kinds.HEAD_BYTES)
            if info.st_size > most_bytes:
                raise _too_large(data, info.st_size, most_bytes)
            data += file.read(most_bytes + 1 - len(data))
    except FileNotFoundError:
        raise _unexpected("no such file") from None
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else "an unreadable one"
        raise _BadTextError(f"expected a readable file, found: {reason}") from None
    except ValueError:
        raise _BadTextError("expected a file name, found one with a null character") from None
    if not data:
        raise _unexpected("an empty file")
    return data


def _too_large(head: bytes, size_bytes: int, most_bytes: int) -> _BadTextError:
    kind = "a recording (WAV)" if is_wav(head) else kinds.of_bytes(head) or kinds.of_text(head)
    if kind:
        return _unexpected(f"{kind} ({size_bytes} bytes)")
    return _BadTextError(f"expected at most {most_bytes} bytes, found {size_bytes}")


def _parse(data: bytes) -> Document:
    body = data.removeprefix(codecs.BOM_UTF8)
    brackets = body.count(b"[") + body.count(b"{")
    if brackets > MAX_BRACKETS:
        raise _BadTextError(
            f"expected at most {MAX_BRACKETS} lists and objects, found up to {brackets}"
        )
    text, valid = _decode(body)
    not_finite: list[str] = []
    try:
        value, end = _decoder(not_finite).raw_decode(text, _after_blanks(text, 0))
        if end > valid:
            raise _BadTextError(_not_utf8(body))
    except json.JSONDecodeError as error:
        kind = kinds.of_text(data)
        if kind:
            raise _unexpected(kind) from None
        if error.pos >= valid and valid < len(text):
            raise _BadTextError(_not_utf8(body)) from None
        raise _BadTextError(
            f"expected JSON, found an error at line {error.lineno} column {error.colno}"
            f" ({error.msg[0].lower()}{error.msg[1:]}{_where_cut(error, text)})"
        ) from None
    except RecursionError:
        raise _BadTextError("expected a JSON object, found lists or objects nested too deep") from (
            None
        )
    end = min(_after_blanks(text, end), valid)
    trailing = len(body) - len(text[:end].encode("utf-8"))
    return Document(value, trailing, tuple(dict.fromkeys(not_finite)))


def _where_cut(error: json.JSONDecodeError, text: str) -> str:
    """Say that the text ends there, where it does."""
    is_open = error.msg.startswith("Unterminated string") and error.pos < len(text)
    ends = error.pos >= len(text.rstrip()) or is_open
    return "; the file ends there, cut off or empty" if ends else ""


def _after_blanks(text: str, start: int) -> int:
    blank = _BLANK.match(text, start)
    return blank.end() if blank else start


def _decode(body: bytes) -> tuple[str, int]:
    """The text, and how many of its characters stand before the first byte that is not UTF-8."""
    try:
        text = body.decode("utf-8")
        return text, len(text)
    except UnicodeDecodeError as error:
        return body.decode("utf-8", "replace"), len(body[: error.start].decode("utf-8"))


def _not_utf8(body: bytes) -> str:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"expected UTF-8 text, found byte 0x{body[error.start]:02x} at {error.start}"
    return "expected UTF-8 text"


def _decoder(not_finite: list[str]) -> json.JSONDecoder:
    """Decode as Python does, and note how every number is spelt that no double holds."""

    def number(text: str) -> float:
        value = float(text)
        if not math.isfinite(value):
            short = len(text) <= _SPELT_CHARACTERS
            not_finite.append(text if short else f"{text[:_SPELT_CHARACTERS]}...")
        return value

    def integer(text: str) -> int | float:
        """Like JSON numbers in C++: beyond any integer type a double, so that it stays linear."""
        return int(text) if len(text) <= _INTEGER_DIGITS else number(text)

    return json.JSONDecoder(parse_int=integer, parse_float=number, parse_constant=number)
