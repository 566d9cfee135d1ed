"""The self-test's results without a recorder: what the LED does, and for how long."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import pytest

from namgen.resources import firmware_dir
from namgen.toolchain import find_host, shared_library_suffix

BLOCK_FRAMES = 48
BLOCKS_PER_S = 1000
BLINK = [(True, 0.25), (False, 0.25)]
CODES = [0, 7, 42, 99, 100, 108, 111, 250, 999, 1000, 4_000_000_000]


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    out = tmp_path_factory.mktemp("verdict") / f"verdict{shared_library_suffix()}"
    find_host().shared_library(
        [firmware_dir() / "selftest/verdict.c"],
        out,
        include_dirs=[firmware_dir()],
        defines={"PEDAL_BLOCK_FRAMES": str(BLOCK_FRAMES)},
        extra=("-Werror",),
    )
    library = ctypes.CDLL(str(out))
    library.verdict_lit.restype = ctypes.c_bool
    library.verdict_lit.argtypes = [ctypes.c_uint32, ctypes.c_bool, ctypes.c_uint32]
    return library


def told(hundredths: int, *, passed: bool) -> list[tuple[bool, float]]:
    """Light and dark, and for how many seconds, as docs/selftest.md says."""
    said: list[tuple[bool, float]] = []
    for digit in f"{min(hundredths, 999):03d}":
        said += BLINK * (int(digit) or 10)
        said += [(False, 1.0)]
    said += [(True, 2.0)] if passed else [(True, 0.1), (False, 0.1)] * 10
    return list(_joined([*said, (False, 1.0)]))


def _joined(parts: list[tuple[bool, float]]) -> Iterator[tuple[bool, float]]:
    """Parts that follow each other and are alike, as one."""
    state, length = parts[0]
    for lit, seconds in parts[1:]:
        if lit == state:
            length += seconds
        else:
            yield state, round(length, 3)
            state, length = lit, seconds
    yield state, round(length, 3)


@pytest.mark.parametrize("passed", [True, False])
@pytest.mark.parametrize("hundredths", CODES)
def test_the_led_blinks_what_the_document_says(
    verdict: ctypes.CDLL, hundredths: int, *, passed: bool
) -> None:
    expected = told(hundredths, passed=passed)
    blocks = round(BLOCKS_PER_S * sum(seconds for _, seconds in expected))
    lit = [bool(verdict.verdict_lit(hundredths, passed, n)) for n in range(2 * blocks)]
    assert lit[:blocks] == lit[blocks:], "again and again"
    assert list(_joined([(state, 1 / BLOCKS_PER_S) for state in lit[:blocks]])) == expected
