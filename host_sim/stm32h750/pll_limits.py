"""What a PLL takes and makes: RM0433, chapter 8; data sheet DS12110, "PLL characteristics".

Its own numbers, not those by which namgen finds factors: each watches over the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from host_sim.stm32h750.frequencies import PLLCFGR, Frequencies

_M = 1e6
_REFERENCES = ((1 * _M, 2 * _M), (2 * _M, 4 * _M), (4 * _M, 8 * _M), (8 * _M, 16 * _M))
"""By the value of RGE."""

_WIDE, _MEDIUM = (192 * _M, 836 * _M), (150 * _M, 420 * _M)
_MOST_OF_PLL1 = 960 * _M
"""480 MHz come from it on every board of this processor, beyond the data sheet's end."""


def pll_problems(found: Frequencies, words: dict[int, int], number: int) -> Iterator[str]:
    """Say what is wrong with the settings of a PLL that is to start."""
    config = words.get(PLLCFGR, 0) >> 4 * (number - 1)
    reference, oscillator = found.reference_hz(number), found.oscillator_hz(number)
    least, most = _REFERENCES[config >> 2 & 3]
    if not least <= reference <= most:
        yield f"its input is {reference / _M:g} MHz, its range {least / _M:g} to {most / _M:g}"
    is_medium = bool(config >> 1 & 1)
    if is_medium != (reference < _REFERENCES[1][0]):
        kind = "medium" if is_medium else "wide"
        yield f"its oscillator is the {kind} one, its input {reference / _M:g} MHz"
    least, most = _MEDIUM if is_medium else _WIDE
    if not least <= oscillator <= (_MOST_OF_PLL1 if number == 1 else most):
        yield f"its oscillator is set to {oscillator / _M:g} MHz"
    if number == 1 and found.divisor(1, "p") % 2:
        yield "it divides by an odd number"
