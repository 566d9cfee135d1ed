"""Bytes to bits and back: blocks that tell their place, each with a check of its own.

A block on the line is alternating bits, the sync word, then the body: index, count and length (a
byte each), `length` bytes of the message, CRC-32 (IEEE 802.3, the high byte first). The body is
whitened by PN9 (x^9 + x^4 + 1, all ones at first); bytes go with their high bit first. The message
ends in a CRC-32 of its own, so that blocks of two messages are never taken for one.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from namgen.errors import UnsupportedError

Bits: TypeAlias = npt.NDArray[np.uint8]

SYNC = 0x1ACFFC1D
SYNC_BITS = 32
FIRST_PREAMBLE_BITS = 64
"""Before the first block of a pass: a recorder may need a moment."""
PREAMBLE_BITS = 24
MOST_BYTES = 64
HEAD_BYTES = 3
CHECK_BYTES = 4
MOST_BLOCKS = 255
BODY_BITS = 8 * (HEAD_BYTES + MOST_BYTES + CHECK_BYTES)
"""Of the longest body."""

_PN9_ONES = 0x1FF


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a message, and where it belongs."""

    index: int
    count: int
    data: bytes


def pass_bits(message: bytes) -> Bits:
    """Return the bits of one pass over a message, (bits,) of 0 and 1; passes follow each other.

    Raises:
        UnsupportedError: the message is empty or too long for its blocks' numbers.

    """
    parts = []
    for block in blocks_of(message):
        before = FIRST_PREAMBLE_BITS if block.index == 0 else PREAMBLE_BITS
        parts += [_alternating(before), sync_bits(), body_bits(block)]
    return np.concatenate(parts)


def blocks_of(message: bytes) -> Iterator[Block]:
    """Cut a message, its check behind it, into blocks.

    Raises:
        UnsupportedError: it is empty or too long.

    """
    whole = message + _check(message)
    count = -(-len(whole) // MOST_BYTES)
    if not message or count > MOST_BLOCKS:
        most = MOST_BLOCKS * MOST_BYTES - CHECK_BYTES
        raise UnsupportedError(f"afsk: expected 1 to {most} bytes, found {len(message)}")
    for index in range(count):
        yield Block(index, count, whole[MOST_BYTES * index : MOST_BYTES * (index + 1)])


def body_bits(block: Block) -> Bits:
    """Return the whitened bits of a block behind its sync word."""
    body = bytes([block.index, block.count, len(block.data)]) + block.data
    bits = np.unpackbits(np.frombuffer(body + _check(body), np.uint8))
    return bits ^ _pn9()[: len(bits)]


def read_body(bits: Bits) -> Block | None:
    """Return the block behind a sync word; None where its check, or its numbers, are wrong.

    `bits` may go on behind the end of the body.
    """
    count = min(len(bits), BODY_BITS)
    read = np.packbits(bits[: count - count % 8] ^ _pn9()[: count - count % 8]).tobytes()
    if len(read) < HEAD_BYTES + CHECK_BYTES or not 0 < read[2] <= MOST_BYTES:
        return None
    end = HEAD_BYTES + read[2]
    body, check = read[:end], read[end : end + CHECK_BYTES]
    if check != _check(body) or not body[0] < body[1]:
        return None
    return Block(body[0], body[1], body[HEAD_BYTES:])


def block_bits(data_bytes: int) -> int:
    """Count the bits from a block's sync word to the next block's, where none begins a pass."""
    return 8 * (HEAD_BYTES + data_bytes + CHECK_BYTES) + PREAMBLE_BITS + SYNC_BITS


def message_of(blocks: dict[int, bytes]) -> bytes | None:
    """Join the blocks of a message by their index; None where its own check is wrong."""
    whole = b"".join(blocks[index] for index in sorted(blocks))
    message, check = whole[:-CHECK_BYTES], whole[-CHECK_BYTES:]
    return message if message and check == _check(message) else None


@cache
def sync_bits() -> Bits:
    """Return the sync word's bits, the high one first."""
    return np.unpackbits(np.frombuffer(SYNC.to_bytes(4, "big"), np.uint8))


def _alternating(bits: int) -> Bits:
    return np.arange(bits, dtype=np.uint8) % 2


def _check(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(CHECK_BYTES, "big")


@cache
def _pn9() -> Bits:
    state, made = _PN9_ONES, np.empty(BODY_BITS, np.uint8)
    for place in range(BODY_BITS):
        made[place] = state & 1
        state = state >> 1 | ((state ^ state >> 4) & 1) << 8
    return made
