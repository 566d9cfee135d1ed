"""The lines a model object begins with: the version of the format and the sample rate."""

from __future__ import annotations

import re

from namgen.nam_file.limits import MAX_SAMPLE_RATE_HZ
from namgen.nam_file.nesting import UNKNOWN_RATE, Parent
from namgen.nam_file.node import Node

EARLIEST_VERSION = (0, 5, 0)
LATEST_VERSION = (0, 7, 0)
_INT32_MAX = 2**31 - 1
_VERSION = re.compile(r"[0-9]{1,64}\.[0-9]{1,64}\.[0-9]{1,64}")


def read_version(node: Node) -> str:
    """The version as the file spells it; empty after a problem."""
    text = node.value
    supported = "a version from 0.5.0 to 0.7.x"
    if not isinstance(text, str) or not _VERSION.fullmatch(text):
        node.fail(f"{supported}, three numbers with dots")
        return ""
    version = tuple(int(part) for part in text.split("."))
    if version < EARLIEST_VERSION or version[:2] > LATEST_VERSION[:2] or version[2] > _INT32_MAX:
        node.fail(supported)
    elif version > LATEST_VERSION:
        node.report.warn(node.path, f"{text} is newer than 0.7.0; NAM Core supports it only partly")
    return text


def read_rate(node: Node, parent: Parent | None) -> float | None:
    """The sample rate, or UNKNOWN_RATE; None after a problem."""
    mark = len(node.report.problems)
    rate_hz = node.number(default=UNKNOWN_RATE)
    if rate_hz > MAX_SAMPLE_RATE_HZ:
        node.fail(f"a sample rate of at most {MAX_SAMPLE_RATE_HZ} Hz")
    elif not rate_hz.is_integer():
        node.fail("a whole number of Hz")
    elif rate_hz <= 0 and not node.missing:
        node.report.warn(node.path, f"{rate_hz:g} Hz means unknown; 48000 Hz is assumed")
    if parent and parent.rate_hz is not None and node.report.clean_since(mark):
        _check_rate(node, rate_hz, parent.rate_hz, parent)
    return rate_hz if node.report.clean_since(mark) else None


def _check_rate(node: Node, rate_hz: float, outer_hz: float, parent: Parent) -> None:
    """Report a sample rate that differs from that of the model around."""
    either_unknown = UNKNOWN_RATE in {rate_hz, outer_hz} and not parent.same_unknown
    if rate_hz != outer_hz and not either_unknown:
        wanted = "no sample rate" if outer_hz == UNKNOWN_RATE else f"{outer_hz:g}"
        node.fail(f"{wanted}, as in the model around it")
