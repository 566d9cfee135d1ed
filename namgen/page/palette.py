"""The colours of the page, for light and dark; a test computes their contrast."""

from __future__ import annotations

from collections.abc import Mapping

_PEDAL: Mapping[str, str] = {
    "metal": "#24465a",
    "engraved": "#f4f7f9",
    "worn": "#bcd0db",
    "sheen": "#3f6a82",
    "shade": "#0f1c24",
    "rubber": "#1b2a33",
    "chrome": "#d3dade",
    "steel": "#9aa7ae",
    "unlit": "#5b2523",
    "on": "#ff5a4d",
}
"""Of a pedal, which is as light as it is painted."""

LIGHT: Mapping[str, str] = {
    "paper": "#ffffff",
    "card": "#f4f5f7",
    "ink": "#14181f",
    "faint": "#545c6b",
    "line": "#d5d9e0",
    "link": "#0b57b0",
    "good": "#0f6b37",
    "bad": "#b3261e",
    **_PEDAL,
    "s0": "#0b57b0",
    "s1": "#b54708",
    "s2": "#0f6b37",
    "s3": "#7a2fb0",
    "s4": "#8a6100",
    "s5": "#b3246c",
}
DARK: Mapping[str, str] = {
    "paper": "#12151b",
    "card": "#1c2129",
    "ink": "#eceff4",
    "faint": "#a3adbd",
    "line": "#353c48",
    "link": "#7fb4ff",
    "good": "#5fd08f",
    "bad": "#ff8a80",
    **_PEDAL,
    "s0": "#7fb4ff",
    "s1": "#ffa45c",
    "s2": "#5fd08f",
    "s3": "#cfa2ff",
    "s4": "#e3bd4f",
    "s5": "#ff8fc4",
}

SERIES = 6
"""Colours for lines and bars."""

TEXTS = ("ink", "faint", "link", "good", "bad")
"""Colours that words are set in, on paper and on cards."""
