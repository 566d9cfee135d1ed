"""Words and lines of the page can be read on what is behind them, in light and dark."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from namgen.page.palette import DARK, LIGHT, SERIES, TEXTS

LEAST_FOR_TEXT, LEAST_FOR_SHAPES = 4.5, 3.0
"""Of WCAG 2.2, level AA."""


def luminance(colour: str) -> float:
    """As WCAG has it, of #rrggbb."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_the_definition() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_words_and_lines_stand_out(palette: Mapping[str, str]) -> None:
    for behind in ("paper", "card"):
        for name in TEXTS:
            assert contrast(palette[name], palette[behind]) >= LEAST_FOR_TEXT, (name, behind)
        for number in range(SERIES):
            shown = contrast(palette[f"s{number}"], palette[behind])
            assert shown >= LEAST_FOR_SHAPES, (number, behind)
    for name in ("engraved", "worn"):
        assert contrast(palette[name], palette["metal"]) >= LEAST_FOR_TEXT, name
    assert contrast(palette["engraved"], palette["rubber"]) >= LEAST_FOR_SHAPES
    assert contrast(palette["on"], palette["unlit"]) >= LEAST_FOR_SHAPES


def test_both_palettes_have_the_same_colours() -> None:
    assert set(LIGHT) == set(DARK)
