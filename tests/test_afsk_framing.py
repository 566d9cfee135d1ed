"""Blocks of the self-test's results: what goes in comes out, and nothing else ever does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namgen.afsk.framing import (
    FIRST_PREAMBLE_BITS,
    MOST_BLOCKS,
    MOST_BYTES,
    Block,
    block_bits,
    blocks_of,
    body_bits,
    message_of,
    pass_bits,
    read_body,
    sync_bits,
)
from namgen.afsk.tones import SAMPLES_PER_BIT, SINE_PEAK, codes_of, phase_step, sine_table
from namgen.errors import UnsupportedError

MESSAGES = st.binary(min_size=1, max_size=400)


@given(MESSAGES)
def test_a_message_comes_back_from_its_blocks(message: bytes) -> None:
    read = [read_body(body_bits(block)) for block in blocks_of(message)]
    assert message_of({block.index: block.data for block in read if block}) == message
    assert all(block and block.count == len(read) for block in read)


@given(MESSAGES, st.randoms(use_true_random=False))
def test_a_block_with_wrong_bits_is_none(message: bytes, random: object) -> None:
    rng = np.random.default_rng(random.getrandbits(32))  # type: ignore[attr-defined]
    for block in blocks_of(message):
        bits = body_bits(block)
        wrong = rng.choice(len(bits), size=int(rng.integers(1, 9)), replace=False)
        bits[wrong] ^= 1
        assert read_body(bits) is None


@given(st.binary(min_size=0, max_size=90))
def test_noise_is_no_block(noise: bytes) -> None:
    assert read_body(np.unpackbits(np.frombuffer(noise, np.uint8))) is None


@given(st.binary(min_size=MOST_BYTES, max_size=400), st.integers(1, 255))
def test_blocks_of_two_messages_are_none(one: bytes, change: int) -> None:
    """Of the same length, and with blocks that are right by themselves."""
    other = bytes([one[0] ^ change, *one[1:]])
    own, others = ({b.index: b.data for b in blocks_of(m)} for m in (one, other))
    assert len(own) > 1
    assert message_of(own) == one
    assert message_of({**own, 0: others[0]}) is None


@given(MESSAGES)
def test_a_pass_is_as_long_as_its_blocks_say(message: bytes) -> None:
    sizes = [block_bits(len(block.data)) for block in blocks_of(message)]
    assert len(pass_bits(message)) == sum(sizes) + FIRST_PREAMBLE_BITS - 24
    assert pass_bits(message)[FIRST_PREAMBLE_BITS:][:32].tolist() == sync_bits().tolist()


def test_what_follows_a_body_does_not_matter() -> None:
    block = Block(2, 5, b"results")
    behind = np.random.default_rng(1).integers(0, 2, 700).astype(np.uint8)
    assert read_body(np.concatenate([body_bits(block), behind])) == block


def test_a_message_is_refused_that_has_too_many_blocks_or_none() -> None:
    most = MOST_BLOCKS * MOST_BYTES - 4
    assert len(list(blocks_of(bytes(most)))) == MOST_BLOCKS
    for wrong in (b"", bytes(most + 1)):
        with pytest.raises(UnsupportedError, match=rf"expected 1 to {most} bytes"):
            list(blocks_of(wrong))


def test_the_phase_is_continuous_and_the_tones_are_exact() -> None:
    codes = codes_of(np.array([0, 1, 0, 1, 1], np.uint8)) / (SINE_PEAK << 7)
    largest = 2 * np.pi * 2700 / 48_000 + 2 * np.pi / 256
    assert np.abs(np.diff(codes)).max() <= largest
    assert phase_step(1500) == 1 << 27
    assert phase_step(2700) / 2**32 * 48_000 == pytest.approx(2700, abs=5e-6)
    assert len(codes) == 5 * SAMPLES_PER_BIT
    assert sine_table()[[0, 64, 128, 192]].tolist() == [0, SINE_PEAK, 0, -SINE_PEAK]
