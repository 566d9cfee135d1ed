"""The DfuSe file: an image with the address it is to be written to.

Layout: UM0391 (DfuSe file format specification), little-endian throughout.
"""

from __future__ import annotations

import struct
import zlib

_VENDOR_ID = 0x0483
_PRODUCT_ID = 0xDF11
_DEVICE_ANY = 0xFFFF
_DFU_VERSION = 0x011A
_FORMAT_VERSION = 1
_PREFIX = struct.Struct("<5sBIB")
_TARGET = struct.Struct("<6sBI255sII")
_ELEMENT = struct.Struct("<II")
_SUFFIX = struct.Struct("<HHHH3sB")
_SUFFIX_BYTES = 16

USB_DEVICE = f"{_VENDOR_ID:04x}:{_PRODUCT_ID:04x}"
"""What a board that waits for an image calls itself on USB."""


def dfuse_file(image: bytes, *, address: int, title: str) -> bytes:
    """One image for alternate setting 0, with the checksum over everything before it."""
    element = _ELEMENT.pack(address, len(image)) + image
    target = _TARGET.pack(b"Target", 0, 1, title.encode("ascii"), len(element), 1) + element
    body = _PREFIX.pack(b"DfuSe", _FORMAT_VERSION, _PREFIX.size + len(target), 1) + target
    body += _SUFFIX.pack(_DEVICE_ANY, _PRODUCT_ID, _VENDOR_ID, _DFU_VERSION, b"UFD", _SUFFIX_BYTES)
    return body + struct.pack("<I", zlib.crc32(body) ^ 0xFFFFFFFF)
