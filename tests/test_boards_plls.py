"""The factors of the PLLs: by the chip's limits, and the best there are."""

from __future__ import annotations

from fractions import Fraction

import pytest

from namgen.boards import board_names, load_board
from namgen.boards.plls import AudioPll, ProcessorPll, audio_pll, processor_pll
from namgen.boards.wiring import FIRMWARE_CLOCKS_HZ, INTERNAL_HZ

MHZ = 1_000_000
CODEC_HZ = 256 * 48_000
CRYSTALS = [*(MHZ * f for f in (4, 8, 10, 12, 16, 20, 24, 25, 26, 48)), INTERNAL_HZ]


def made(pll: AudioPll) -> Fraction:
    """The codec's clock, exactly."""
    steps = Fraction(pll.n) + Fraction(pll.fraction, 8192)
    return Fraction(pll.source_hz) / pll.m * steps / pll.p


@pytest.mark.parametrize(
    ("crystal", "processor", "audio"),
    [
        (16, (4, 2, 5, 240, 200), (5, 192, 0, 50, False)),  # a Daisy's, as they always were
        (8, (2, 2, 5, 240, 200), (5, 192, 0, 25, True)),
        (25, (5, 2, 5, 192, 160), (5, 108, 1101, 44, False)),
        (64, (16, 2, 5, 240, 200), (15, 144, 0, 50, False)),
    ],
)
def test_factors_of_known_boards(
    crystal: int, processor: tuple[int, ...], audio: tuple[int, ...]
) -> None:
    found = processor_pll(crystal * MHZ, FIRMWARE_CLOCKS_HZ)
    assert found is not None
    factors = [found.factor(hz) for hz in FIRMWARE_CLOCKS_HZ]
    assert (found.m, found.p, found.q, *factors) == processor
    sound = audio_pll(crystal * MHZ, CODEC_HZ)
    assert sound is not None
    assert (sound.m, sound.n, sound.fraction, sound.p, sound.is_medium) == audio


@pytest.mark.parametrize("crystal_hz", CRYSTALS)
def test_every_clock_is_within_the_chips_limits(crystal_hz: int) -> None:
    """Limits as RM0433 and DS12110 have them, spelled here a second time."""
    pll = processor_pll(crystal_hz, FIRMWARE_CLOCKS_HZ)
    assert isinstance(pll, ProcessorPll)
    reference = Fraction(crystal_hz, pll.m)
    assert 2 * MHZ <= reference <= 16 * MHZ
    assert pll.p % 2 == 0
    for hz in FIRMWARE_CLOCKS_HZ:
        oscillator = reference * pll.factor(hz)
        assert oscillator / pll.p == hz
        assert 192 * MHZ <= oscillator <= 960 * MHZ
        assert oscillator / pll.q <= 200 * MHZ
    audio = audio_pll(crystal_hz, CODEC_HZ)
    assert audio is not None
    reference, oscillator = Fraction(crystal_hz, audio.m), made(audio) * audio.p
    assert MHZ <= reference <= 16 * MHZ
    assert audio.is_medium == (reference < 2 * MHZ)
    least, most = (150, 420) if audio.is_medium else (192, 836)
    assert least * MHZ <= oscillator <= most * MHZ
    assert 4 <= audio.n <= 512
    assert 0 <= audio.fraction < 8192
    assert 1 <= audio.p <= 128
    assert 1 <= audio.m <= 63


@pytest.mark.parametrize("crystal_hz", CRYSTALS)
def test_the_error_is_what_is_said(crystal_hz: int) -> None:
    audio = audio_pll(crystal_hz, CODEC_HZ)
    assert audio is not None
    error = float(made(audio) / CODEC_HZ - 1) * 1e6
    assert audio.error_ppm == pytest.approx(error, abs=1e-9)
    assert (audio.error_text == "exact") == (made(audio) == CODEC_HZ)
    assert abs(error) < 0.01


def exact_factors(crystal_hz: int) -> set[tuple[int, int, int]]:
    """All m, n and p that give the codec's clock without a fraction, by trying every one."""
    found = set()
    for m in range(1, 64):
        for p in range(1, 129):
            n = Fraction(CODEC_HZ * m * p, crystal_hz)
            reference = Fraction(crystal_hz, m)
            low, high = (150, 420) if reference < 2 * MHZ else (192, 836)
            is_possible = MHZ <= reference <= 16 * MHZ and n.denominator == 1 and 4 <= n <= 512
            if is_possible and low * MHZ <= CODEC_HZ * p <= high * MHZ:
                found.add((m, int(n), p))
    return found


@pytest.mark.parametrize("crystal_hz", CRYSTALS)
def test_a_fraction_is_taken_only_where_nothing_else_does(crystal_hz: int) -> None:
    audio = audio_pll(crystal_hz, CODEC_HZ)
    assert audio is not None
    exact = exact_factors(crystal_hz)
    assert bool(audio.fraction) == (not exact)
    if exact:
        assert (audio.m, audio.n, audio.p) in exact
        assert audio.p % 2 == 0 or all(p % 2 for _, _, p in exact)


def test_of_fractions_the_nearest_with_an_even_divisor_is_taken() -> None:
    """25 MHz: no smaller error with an even p and a wide oscillator, by trying every one."""
    best = min(
        abs(Fraction(25 * MHZ * steps, m * p * 8192 * CODEC_HZ) - 1)
        for m in range(2, 13)
        for p in range(16, 69, 2)
        for steps in [round(Fraction(CODEC_HZ * p * m * 8192, 25 * MHZ))]
    )
    audio = audio_pll(25 * MHZ, CODEC_HZ)
    assert audio is not None
    assert abs(made(audio) / CODEC_HZ - 1) == best
    assert audio.error_text == "-0.0054 ppm"


@pytest.mark.parametrize("crystal_hz", [0, 1, 32_768, 999_999, 11_059_200, 2_000_000_000])
def test_what_no_pll_makes_is_not_found(crystal_hz: int) -> None:
    assert processor_pll(crystal_hz, FIRMWARE_CLOCKS_HZ) is None


@pytest.mark.parametrize("crystal_hz", [0, 1, 32_768, 999_999, 2_000_000_000])
def test_what_no_pll_makes_a_codecs_clock_of_is_not_found(crystal_hz: int) -> None:
    assert audio_pll(crystal_hz, CODEC_HZ) is None


def test_every_board_says_how_near_its_codecs_clock_is() -> None:
    for name in board_names():
        assert abs(load_board(name).codec_pll.error_ppm) < 0.01
