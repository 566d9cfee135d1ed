"""A file of another kind is refused in one line that says what it is."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import make_nam
import pytest

from namgen.errors import FileError
from namgen.nam_file import read

FIELD = Path(__file__).resolve().parents[2] / "shared" / "field"
READS = "a .nam file (JSON) or an impulse response (mono WAV)"
TEXT = json.dumps(make_nam.a1())


def zipped(name: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(name, TEXT)
    return data.getvalue()


def tarred() -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("tweed.nam"))
    return data.getvalue()


KINDS: dict[str, tuple[bytes, str]] = {
    "namb": (b"BMAN\1\0\0\0" + bytes(200), "a binary NAM model (.namb)"),
    "zip": (zipped("tweed.nam"), "a ZIP archive; unpack it first"),
    "empty zip": (b"PK\5\6" + bytes(18), "an empty ZIP archive"),
    "checkpoint": (zipped("archive/data.pkl"), "a PyTorch checkpoint"),
    "gzip": (gzip.compress(TEXT.encode()), "a gzip archive; unpack it first"),
    "tar": (tarred(), "a tar archive; unpack it first"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(30), "a 7z archive"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(30), "a PNG image"),
    "jpeg": (b"\xff\xd8\xff\xe0" + bytes(30), "a JPEG image"),
    "aiff": (b"FORM\0\0\1\0AIFF" + bytes(30), "an AIFF audio file; namgen reads audio as WAV"),
    "flac": (b"fLaC" + bytes(40), "a FLAC audio file"),
    "mp3": (b"ID3\4" + bytes(40), "an MP3 audio file"),
    "rf64": (b"RF64" + bytes(40), "a WAV file in the 64-bit form (RF64)"),
    "avi": (b"RIFF\0\0\1\0AVI " + bytes(40), "a RIFF file that is no WAV"),
    "h5": (b"\x89HDF\r\n\x1a\n" + bytes(40), "an HDF5 file"),
    "elf": (b"\x7fELF" + bytes(40), "an ELF program or firmware"),
    "dfu": (b"DfuSe\1" + bytes(40), "a DFU firmware image"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "a Git LFS pointer"),
    "page": (b"<!DOCTYPE html>\n<html><head><title>Sign in</title>", "a web page (HTML)"),
    "page with mark": (b"\xef\xbb\xbf \n<HTML lang='en'>", "a web page (HTML)"),
    "xml": (b"<?xml version='1.0'?><plist/>", "an XML file"),
    "utf-16": (TEXT.encode("utf-16"), "UTF-16 text; save it as UTF-8"),
    "utf-16 big-endian": (b"\xfe\xff" + TEXT.encode("utf-16-be"), "UTF-16 text"),
    "utf-16 without mark": (TEXT.encode("utf-16-le"), "UTF-16 text"),
    "blank": (bytes(5000), "nothing but zero bytes"),
    "binary": (b"\1\2\3" * 30, "a binary file of an unknown kind"),
    "binary that begins as text": (b"abc\0def", "a binary file of an unknown kind"),
    "plain text": (b"# namgen\n\nA capture becomes C.\n", "plain text that is no JSON"),
    "plain text with accents": ("Été: ".encode() * 3000, "plain text that is no JSON"),
    "a list of numbers and words": (b"- 1\n", "plain text that is no JSON"),
    "rtneural": (b'{"in_shape": [null, 1], "layers": [{"type": "lstm"}]}', "an RTNeural model"),
    "aida-x": (b'{"in_shape": [1], "in_skip": 1, "layers": []}', "an AIDA-X model (RTNeural JSON)"),
    "proteus": (
        b'{"model_data": {"unit_type": "LSTM"}, "state_dict": {"rec.weight_ih_l0": []}}',
        "a GuitarML model (Proteus, SmartAmp)",
    ),
    "smartamp": (b'{"residual_channels": 12, "dilations": [1], "variables": []}', "a GuitarML"),
    "keras": (b'{"class_name": "Sequential", "config": {}}', "a Keras model"),
    "trainer": (b'{"net": {"name": "WaveNet"}, "optimizer": {}}', "a configuration of the NAM"),
    "other json": (b'{"name": "x", "b": 1}', "another JSON object (with name, b)"),
    "many keys": (json.dumps(dict.fromkeys("abcdef", 1)).encode(), "(with a, b, c, d, …)"),
    "empty object": (b"{}", "an empty JSON object"),
    "list": (json.dumps([make_nam.a1()]).encode(), "a JSON list"),
    "number": (b"0.25\n0.5\n", "a JSON number"),
    "whole number": (b"-1", "a JSON number"),
    "text": (b'"tweed"', "a JSON text"),
    "true": (b"true", "a JSON boolean"),
    "null": (b"null", "a JSON null"),
    "nothing": (b"", "an empty file"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_another_kind_is_named_in_one_line(tmp_path: Path, kind: str) -> None:
    data, expected = KINDS[kind]
    path = tmp_path / "tweed.nam"
    path.write_bytes(data)
    with pytest.raises(FileError) as caught:
        read(path)
    (line,) = caught.value.lines
    assert line.startswith(f"{path}: expected {READS}, found ")
    assert expected in line
    assert line.isprintable()


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("html_login.nam", "a web page (HTML)"),
        ("zipped.nam", "a ZIP archive"),
        ("utf16.nam", "UTF-16 text"),
    ],
)
def test_files_from_the_field_are_named(file: str, expected: str) -> None:
    if not FIELD.is_dir():
        pytest.skip("no files from the field: shared/field is not there")
    with pytest.raises(FileError, match="expected a") as caught:
        read(FIELD / file)
    assert f"found {expected}" in str(caught.value)


@pytest.mark.parametrize("size", [9 * 2**20, 100 * 2**20])
@pytest.mark.parametrize(
    ("start", "expected"),
    [(b"PK\3\4", "a ZIP archive"), (b"RIFF\0\0\1\0WAVE", "a recording (WAV)")],
)
def test_a_large_file_is_named_without_reading_it(
    tmp_path: Path, start: bytes, expected: str, size: int
) -> None:
    path = tmp_path / "big.nam"
    with path.open("wb") as file:
        file.write(start)
        file.truncate(size)
    with pytest.raises(FileError) as caught:
        read(path)
    assert f"found {expected}" in str(caught.value)
    assert f"({size} bytes)" in str(caught.value)


def test_a_model_with_a_key_missing_is_still_told_which() -> None:
    """Only what has none of a model's keys is another kind of file."""
    from namgen.nam_file.kinds import of_json

    for key in ("architecture", "config", "weights"):
        assert of_json({k: v for k, v in make_nam.a1().items() if k != key}) is None
