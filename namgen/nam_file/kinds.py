"""Says what a file is that is no `.nam` file, and what to do about it, in a few words."""

from __future__ import annotations

import codecs
import re

READS = "a .nam file (JSON) or an impulse response (mono WAV)"
"""What `read` takes, as messages name it."""

HEAD_BYTES = 4096
"""As much of a file as is needed to know its kind."""

_AS_WAV = "namgen reads audio as WAV, so convert it"
_UNPACK = "unpack it first"
_EXPORTS = "namgen reads what the NAM trainer exports"
_BY_START: tuple[tuple[bytes, str], ...] = (
    (b"BMAN", "a binary NAM model (.namb); take the .nam file it was made from"),
    (b"RF64", f"a WAV file in the 64-bit form (RF64); {_AS_WAV} to a plain one"),
    (b"BW64", f"a WAV file in the 64-bit form (BW64); {_AS_WAV} to a plain one"),
    (b"RIFX", f"a big-endian WAV file (RIFX); {_AS_WAV} to a plain one"),
    (b"RIFF", "a RIFF file that is no WAV"),
    (b"FORM", f"an AIFF audio file; {_AS_WAV}"),
    (b"fLaC", f"a FLAC audio file; {_AS_WAV}"),
    (b"OggS", f"an Ogg audio file; {_AS_WAV}"),
    (b"ID3", f"an MP3 audio file; {_AS_WAV}"),
    (b"\xff\xfb", f"an MP3 audio file; {_AS_WAV}"),
    (b"caff", f"a CAF audio file; {_AS_WAV}"),
    (b"PK\x03\x04", f"a ZIP archive; {_UNPACK}"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", f"a gzip archive; {_UNPACK}"),
    (b"BZh", f"a bzip2 archive; {_UNPACK}"),
    (b"\xfd7zXZ", f"an xz archive; {_UNPACK}"),
    (b"(\xb5/\xfd", f"a Zstandard archive; {_UNPACK}"),
    (b"7z\xbc\xaf'\x1c", f"a 7z archive; {_UNPACK}"),
    (b"Rar!", f"a RAR archive; {_UNPACK}"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x89HDF", f"an HDF5 file, perhaps a Keras model; {_EXPORTS}"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "an ELF program or firmware"),
    (b"MZ", "a Windows program"),
    (b"DfuSe", "a DFU firmware image"),
    (b"{\\rtf", "a Rich Text document; save it as plain text"),
    (
        b"version https://git-lfs",
        "a Git LFS pointer instead of the file; fetch it with git lfs pull",
    ),
)
_PYTORCH = "a PyTorch checkpoint; export it to .nam with the NAM trainer"
_UTF16 = "UTF-16 text; save it as UTF-8"
_PAGE = "a web page (HTML), as a download gives that needs a login; download it in a browser"
_GUITARML = f"a GuitarML model (Proteus, SmartAmp); {_EXPORTS}"
_AIDA = f"an AIDA-X model (RTNeural JSON); {_EXPORTS}"
_KERAS = f"a Keras model; {_EXPORTS}"
_SETTINGS = "a configuration of the NAM trainer, not the model that it exports"
_BY_KEYS: tuple[tuple[set[str], str], ...] = (
    ({"model_data"}, _GUITARML),
    ({"state_dict"}, _GUITARML),
    ({"residual_channels", "dilations"}, _GUITARML),
    *(({"in_shape", "layers", key}, _AIDA) for key in ("in_skip", "in_gain", "out_gain")),
    ({"in_shape", "layers"}, f"an RTNeural model; {_EXPORTS}"),
    ({"class_name"}, _KERAS),
    ({"keras_version"}, _KERAS),
    ({"net", "optimizer"}, _SETTINGS),
    ({"train", "validation"}, _SETTINGS),
)
_OF_TYPE: dict[type, str] = {
    list: "a JSON list",
    str: "a JSON text",
    int: "a JSON number",
    float: "a JSON number",
    bool: "a JSON boolean",
    type(None): "a JSON null",
}
_HTML = re.compile(rb"<(!doctype\s+html|html|head|body|script|meta|title)\b", re.IGNORECASE)
_JSON_START = re.compile(r'[{\["0-9]|-[0-9]|(true|false|null|NaN|Infinity)\b')
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def of_bytes(data: bytes) -> str | None:
    """Tell the kind of a file by its first bytes; None when they tell nothing."""
    head = data[:HEAD_BYTES]
    for start, kind in _BY_START:
        if head.startswith(start):
            return _PYTORCH if b"data.pkl" in head else kind
    if head[257:262] == b"ustar":
        return f"a tar archive; {_UNPACK}"
    if head[4:8] == b"TFL3":
        return f"a TensorFlow Lite model; {_EXPORTS}"
    if head[4:8] == b"ftyp":
        return f"an MP4 file; {_AS_WAV}"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _is_wide(head):
        return _UTF16
    return "nothing but zero bytes; copy or download it again" if _is_blank(data) else None


def of_text(data: bytes) -> str | None:
    """Tell the kind of a file that is no JSON; None when it begins as JSON or is not UTF-8."""
    head = data.removeprefix(codecs.BOM_UTF8)[:HEAD_BYTES].lstrip()
    if head.startswith(b"<"):
        return _PAGE if _HTML.search(head) else "an XML file"
    if head[:1] not in (b"{", b"[") and _BINARY.search(head):
        return "a binary file of an unknown kind"
    return "plain text that is no JSON" if _is_text(head) else None


def _is_text(head: bytes) -> bool:
    """Whether this is text that no JSON value begins with, in UTF-8 as far as it goes."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return bool(text) and not _JSON_START.match(text)


def of_json(value: object) -> str | None:
    """Tell whose JSON a value is that has not the keys of a model; None when it has."""
    if not isinstance(value, dict):
        return _OF_TYPE[type(value)]
    if "architecture" in value:
        return None
    if "config" in value and "weights" in value:
        return None
    found = (kind for keys, kind in _BY_KEYS if keys <= value.keys())
    return next(found, None) or _some_object(value)


def _some_object(value: dict[str, object]) -> str | None:
    """Describe an object without any of a model's keys; with some of them it is a broken model."""
    if {"version", "config", "weights"} & value.keys():
        return None
    keys = ", ".join(ascii(key)[1:-1][:20] for key in list(value)[:4])
    more = ", …" if len(value) > 4 else ""
    return f"another JSON object (with {keys}{more})" if value else "an empty JSON object"


def _is_wide(head: bytes) -> bool:
    """Whether every other byte is zero, as in UTF-16 without a byte order mark."""
    text = head[: len(head) // 2 * 2]
    if len(text) < 8:
        return False
    even, odd = text[::2], text[1::2]
    return (not any(even) and all(odd)) or (not any(odd) and all(even))


def _is_blank(data: bytes) -> bool:
    return len(data) > 1 and not any(data[:HEAD_BYTES]) and not data.strip(b"\0")
