"""The pedal's modem in C makes the samples of its twin in NumPy, whatever the blocks are."""

from __future__ import annotations

import ctypes

import numpy as np
import numpy.typing as npt
import pytest

from namgen.afsk.framing import blocks_of, pass_bits
from namgen.afsk.tones import codes_of, sine_header
from namgen.resources import firmware_dir
from namgen.toolchain import find_host, shared_library_suffix


@pytest.fixture(scope="module")
def modem(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    folder = tmp_path_factory.mktemp("afsk")
    (folder / "afsk_sine.h").write_text(sine_header(), encoding="utf-8")
    out = folder / f"afsk{shared_library_suffix()}"
    find_host().shared_library(
        [firmware_dir() / "selftest/afsk.c"],
        out,
        include_dirs=[firmware_dir(), folder],
        extra=("-Werror",),
    )
    return ctypes.CDLL(str(out))


def made_by_c(modem: ctypes.CDLL, message: bytes, samples: int) -> npt.NDArray[np.int32]:
    whole = b"".join(block.data for block in blocks_of(message))
    kept = ctypes.create_string_buffer(whole, len(whole))
    modem.afsk_begin(kept, ctypes.c_size_t(len(whole)))
    return np.array([modem.afsk_next() for _ in range(samples)], np.int32)


@pytest.mark.parametrize("size", [1, 59, 60, 61, 124, 200])
def test_the_samples_are_equal_over_two_passes(modem: ctypes.CDLL, size: int) -> None:
    message = np.random.default_rng(size).bytes(size)
    expected = codes_of(np.tile(pass_bits(message), 2))
    assert np.array_equal(made_by_c(modem, message, len(expected)), expected)


def test_the_check_is_that_of_the_message(modem: ctypes.CDLL) -> None:
    message = b"123456789"
    modem.afsk_check.restype = ctypes.c_uint32
    first = modem.afsk_check(0, message, ctypes.c_size_t(4))
    assert modem.afsk_check(first, message[4:], ctypes.c_size_t(5)) == 0xCBF43926
