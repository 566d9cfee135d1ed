"""The content of a flash chip with records of the chosen capture in it."""

from __future__ import annotations

import struct
import zlib

KIND = 0x314D414E
JOURNAL, SECTOR, SLOT = 0x7F8000, 4096, 32
FLASH_BYTES = 8 << 20


def record(chosen: int, sequence: int, image: int) -> bytes:
    """Spell a record as `firmware/board/record.h` describes it."""
    words = struct.pack("<4I", KIND, image, sequence, chosen)
    return words + struct.pack("<I", zlib.crc32(words))


def content(*records: bytes, fill: int = 0xFF) -> bytes:
    """Put records into the first slots of an erased chip; the other slots have `fill`."""
    chip = bytearray([0xFF]) * FLASH_BYTES
    chip[JOURNAL : JOURNAL + 2 * SECTOR] = bytes([fill]) * (2 * SECTOR)
    for slot, each in enumerate(records):
        place = JOURNAL + slot * SLOT
        chip[place : place + len(each)] = each
    return bytes(chip)
