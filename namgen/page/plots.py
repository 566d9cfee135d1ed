"""Draws curves and bars between two axes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from namgen.page.marks import Label, Mark, Numbers, Path, Picture, Rect, shortened, spelled
from namgen.pedal_boards.svg import width_px

WIDTH, HEIGHT = 460.0, 310.0
SIZE_PX = 14.0
"""Of the words in a picture."""

Points: TypeAlias = tuple[tuple[float, float], ...]

_LEFT, _RIGHT, _TOP, _BOTTOM = 58.0, 14.0, 12.0, 48.0
_LEGEND_ROW, _SAMPLE = 20.0, 22.0


@dataclass(frozen=True, slots=True)
class Axis:
    """From where to where, and what is written at it."""

    title: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    is_log: bool = False

    def share(self, value: float) -> float:
        """Say how far along the axis a value is, from 0 to 1, at its end where it is beyond."""
        low, high = map(math.log, (self.low, self.high)) if self.is_log else (self.low, self.high)
        at = math.log(max(value, self.low)) if self.is_log else value
        return min(max((at - low) / (high - low), 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Series:
    """Points with one name; `colour` counts from 0, what another capture does is dashed."""

    name: str
    points: Points
    colour: int
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """Where things lie in a plot."""

    x: Axis
    y: Axis
    top: float

    def across(self, value: float) -> float:
        """From a value to pixels from the left."""
        return _LEFT + self.x.share(value) * (WIDTH - _LEFT - _RIGHT)

    def up(self, value: float) -> float:
        """From a value to pixels from the top."""
        bottom = HEIGHT - _BOTTOM
        return bottom - self.y.share(value) * (bottom - self.top)


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a plot beside what it shows."""

    key: str
    title: str
    text: str
    numbers: Numbers


def even_axis(title: str, low: float, high: float, step: float) -> Axis:
    """Return an axis from one whole step to another, with a number at each."""
    first, last = math.floor(low / step), math.ceil(high / step)
    last = max(last, first + 1)
    ticks = tuple((n * step, f"{n * step:g}".replace("-", "−")) for n in range(first, last + 1))
    return Axis(title, first * step, last * step, ticks)


def curves(told: Told, x: Axis, y: Axis, series: Sequence[Series]) -> Picture:
    """Draw a line through the points of each series."""
    legend, top = _legend(series)
    frame = Frame(x, y, top)
    lines = (Path(_line(frame, each.points), _look(each)) for each in series)
    return _picture(told, [*_axes(frame), *lines, *legend])


def bars(told: Told, x: Axis, y: Axis, series: Sequence[Series]) -> Picture:
    """Draw a bar at every point of each series, those of a place side by side."""
    legend, top = _legend(series)
    frame = Frame(x, y, top)
    places = max(len(each.points) for each in series)
    width = 0.8 * (WIDTH - _LEFT - _RIGHT) / (places * len(series))
    found = [
        bar
        for number, each in enumerate(series)
        for bar in _bars(frame, each, width, (number - len(series) / 2) * width)
    ]
    return _picture(told, [*_axes(frame), *found, *legend])


def _bars(frame: Frame, series: Series, width: float, shift: float) -> Iterator[Mark]:
    bottom = HEIGHT - _BOTTOM
    for x, y in series.points:
        top = frame.up(y)
        if top < bottom:
            look = f"f{series.colour}{' o' if series.is_dashed else ''}"
            yield Rect(frame.across(x) + shift, top, max(width - 1, 1), bottom - top, look)


def _picture(told: Told, marks: Iterable[Mark]) -> Picture:
    found = tuple(marks)
    return Picture(told.key, told.title, told.text, WIDTH, HEIGHT, found, told.numbers)


def _line(frame: Frame, points: Iterable[tuple[float, float]]) -> str:
    at = (f"{spelled(frame.across(x))} {spelled(frame.up(y))}" for x, y in points)
    return "M" + "L".join(at)


def _look(series: Series) -> str:
    return f"s{series.colour}{' o' if series.is_dashed else ''}"


def _axes(frame: Frame) -> Iterator[Mark]:
    bottom, right = HEIGHT - _BOTTOM, WIDTH - _RIGHT
    for value, said in frame.y.ticks:
        y = frame.up(value)
        yield Path(f"M{_LEFT:g} {spelled(y)}H{right:g}", "g")
        yield Label(_LEFT - 8, y + 5, said, "t n", "end")
    for value, said in frame.x.ticks:
        x = frame.across(value)
        yield Path(f"M{spelled(x)} {spelled(frame.top)}V{bottom:g}", "g")
        if said:
            yield Label(x, bottom + 18, said, "t n", "middle")
    yield Path(f"M{_LEFT:g} {spelled(frame.top)}V{bottom:g}H{right:g}", "a")
    yield Label((_LEFT + right) / 2, HEIGHT - 8, frame.x.title, "t", "middle")
    yield Label(4, frame.top - 14, frame.y.title, "t")


def _legend(series: Sequence[Series]) -> tuple[list[Mark], float]:
    """Name the series above the plot; return where it begins below, its y title between."""
    marks: list[Mark] = []
    x, y = 4.0, _TOP + 6
    for each in series if len(series) > 1 else ():
        name = shortened(each.name, WIDTH - _SAMPLE - 10, SIZE_PX)
        width = _SAMPLE + 6 + width_px(name, SIZE_PX)
        if x > 4 and x + width > WIDTH:
            x, y = 4.0, y + _LEGEND_ROW
        marks.append(Path(f"M{spelled(x)} {spelled(y - 5)}h{_SAMPLE:g}", _look(each)))
        marks.append(Label(x + _SAMPLE + 6, y, name, "t"))
        x += width + 14
    return marks, (y + 40 if marks else _TOP + 22)
