"""The DfuSe file: an image with the address it is to be written to.

Layout: UM0391 (DfuSe file format specification), little-endian throughout.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

VENDOR_ID, PRODUCT_ID = 0x0483, 0xDF11
"""Of the ROM bootloader and of the Daisy bootloader alike."""

_DEVICE_ANY = 0xFFFF
_DFU_VERSION = 0x011A
_FORMAT_VERSION = 1
_PREFIX = struct.Struct("<5sBIB")
_TARGET = struct.Struct("<6sBI255sII")
_ELEMENT = struct.Struct("<II")
_SUFFIX = struct.Struct("<HHHH3sB")
_SUFFIX_BYTES = 16

USB_DEVICE = f"{VENDOR_ID:04x}:{PRODUCT_ID:04x}"
"""What a board that waits for an image calls itself on USB."""


def dfuse_file(image: bytes, *, address: int, title: str) -> bytes:
    """One image for alternate setting 0, with the checksum over everything before it."""
    element = _ELEMENT.pack(address, len(image)) + image
    target = _TARGET.pack(b"Target", 0, 1, title.encode("ascii"), len(element), 1) + element
    body = _PREFIX.pack(b"DfuSe", _FORMAT_VERSION, _PREFIX.size + len(target), 1) + target
    body += _SUFFIX.pack(_DEVICE_ANY, PRODUCT_ID, VENDOR_ID, _DFU_VERSION, b"UFD", _SUFFIX_BYTES)
    return body + struct.pack("<I", zlib.crc32(body) ^ 0xFFFFFFFF)


class DfuseError(ValueError):
    """A file that is no DfuSe file, or a damaged one."""


@dataclass(frozen=True, slots=True)
class DfuseImage:
    """What a DfuSe file holds."""

    address: int
    data: bytes


def read_dfuse(file: bytes) -> DfuseImage:
    """Read a file with one image for alternate setting 0.

    Raises:
        DfuseError: it is damaged, for another device, or holds something else.

    """
    _check_suffix(file)
    signature, version, size, targets = _PREFIX.unpack_from(file)
    if (signature, version) != (b"DfuSe", _FORMAT_VERSION) or size != len(file) - _SUFFIX_BYTES:
        raise DfuseError("expected a DfuSe file of version 1, found another kind of DFU file")
    if targets != 1:
        raise DfuseError(f"expected an image for one alternate setting, found {targets}")
    signature, alternate, _, _, size, elements = _TARGET.unpack_from(file, _PREFIX.size)
    start = _PREFIX.size + _TARGET.size
    if signature != b"Target" or start + size != len(file) - _SUFFIX_BYTES:
        raise DfuseError("its headers do not fit its length")
    if (alternate, elements) != (0, 1):
        raise DfuseError(
            f"expected one image for alternate setting 0, found {elements} for {alternate}"
        )
    address, count = _ELEMENT.unpack_from(file, start)
    if count != size - _ELEMENT.size:
        raise DfuseError("its headers do not fit its length")
    return DfuseImage(address, file[start + _ELEMENT.size : -_SUFFIX_BYTES])


def _check_suffix(file: bytes) -> None:
    """Refuse what is cut off, damaged, or for another device."""
    least = _PREFIX.size + _TARGET.size + _ELEMENT.size + _SUFFIX_BYTES
    if len(file) < least:
        raise DfuseError(f"expected a DfuSe file, {least} bytes or more, found {len(file)}")
    _, product, vendor, _, mark, size = _SUFFIX.unpack_from(file, len(file) - _SUFFIX_BYTES)
    if (mark, size) != (b"UFD", _SUFFIX_BYTES):
        raise DfuseError("it does not end as a DFU file does: cut off, or another kind of file")
    (told,) = struct.unpack_from("<I", file, len(file) - 4)
    found = zlib.crc32(file[:-4]) ^ 0xFFFFFFFF
    if told != found:
        raise DfuseError(f"its checksum is 0x{told:08x}, its bytes give 0x{found:08x}: damaged")
    if (vendor, product) != (VENDOR_ID, PRODUCT_ID):
        raise DfuseError(f"it is for the device {vendor:04x}:{product:04x}, not {USB_DEVICE}")
