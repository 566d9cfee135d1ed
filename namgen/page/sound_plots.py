"""Plots of how a capture sounds, beside another where there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from namgen.analysis import Sounding
from namgen.analysis.decay import TONE_DB
from namgen.analysis.distortion import ALIAS_DRIVE_DB, HARMONICS, PAIR_DB, PAIR_HZ
from namgen.page.marks import Numbers, Picture
from namgen.page.plots import Axis, Points, Series, Told, bars, curves, even_axis

FLOOR_DB = -120.0
"""Below it plots and tables do not tell numbers apart: there is rounding."""

_OCTAVES = (50, 100, 200, 500, 1000, 2000, 5000, 10000)

Column: TypeAlias = tuple[str, tuple[str, ...]]
"""A heading and what is below it."""

Drawn: TypeAlias = tuple[str, Points]
"""A name and what is drawn under it."""


@dataclass(frozen=True, slots=True)
class Sounds:
    """The soundings that are drawn over one another, by the names of their captures."""

    key: str
    named: tuple[tuple[str, Sounding], ...]

    @property
    def first(self) -> Sounding:
        """That of the page's own capture."""
        return self.named[0][1]

    def series(self, drawn: Callable[[Sounding], Sequence[Drawn]]) -> list[Series]:
        """Draw each sounding in the same colours, what is compared with it dashed."""
        return [
            Series(self._joined(name, called), points, number, is_dashed=place > 0)
            for place, (name, sounding) in enumerate(self.named)
            for number, (called, points) in enumerate(drawn(sounding))
        ]

    def numbers(
        self, labels: Sequence[Column], columns: Callable[[Sounding], Sequence[Column]]
    ) -> Numbers:
        """Make a table of labels, and columns of each sounding."""
        found = [*labels]
        for name, sounding in self.named:
            found += [(self._joined(name, head), cells) for head, cells in columns(sounding)]
        rows = zip(*(cells for _, cells in found), strict=True)
        return Numbers(tuple(head for head, _ in found), tuple(rows))

    def _joined(self, name: str, called: str) -> str:
        """Say whose it is, where there are several."""
        if len(self.named) == 1:
            return called or name
        return f"{name}, {called}" if called else name


def level(value: float, unit: str = "") -> str:
    """Spell a level in dB, with a real minus."""
    if value <= FLOOR_DB:
        return f"under −{-FLOOR_DB:g}{unit}"
    return f"{value:.1f}{unit}".replace("-", "−")


def sound_plots(key: str, named: Sequence[tuple[str, Sounding]]) -> Iterator[Picture]:
    """Yield every plot of a capture; the first of `named` is itself, a second one is beside it."""
    sounds = Sounds(key, tuple(named))
    yield _curve(sounds)
    yield _responses(sounds)
    yield _harmonics(sounds)
    yield _products(sounds)
    yield _aliases(sounds)
    yield _decay(sounds)


def _curve(sounds: Sounds) -> Picture:
    def drawn(sounding: Sounding) -> list[Drawn]:
        sizes = [(10 ** (point.in_db / 20), point) for point in sounding.curve]
        low = [(-size, point.lowest) for size, point in sizes[::-1]]
        return [("", (*low, *((size, point.highest) for size, point in sizes)))]

    def columns(sounding: Sounding) -> list[Column]:
        points = sounding.curve
        return [
            ("out, dB", tuple(level(point.out_db) for point in points)),
            ("highest", tuple(_sample(point.highest) for point in points)),
            ("lowest", tuple(_sample(point.lowest) for point in points)),
        ]

    labels = [("in, dB", tuple(level(point.in_db) for point in sounds.first.curve))]
    text = (
        "Highest and lowest sample of the output for a settled sine of 220 Hz, by its amplitude: "
        "a straight line is clean, a bend compresses, two unlike halves make even harmonics."
    )
    told = Told(f"{sounds.key}-curve", "Static curve", text, sounds.numbers(labels, columns))
    series = sounds.series(drawn)
    reach = max(abs(y) for each in series for _, y in each.points)
    step = 0.5 if reach <= 1.5 else 1.0 if reach <= 4 else 5.0
    x = even_axis("amplitude in", -1, 1, 0.5)
    return curves(told, x, even_axis("sample out", -reach, reach, step), series)


def _responses(sounds: Sounds) -> Picture:
    def drawn(sounding: Sounding) -> list[Drawn]:
        return [
            (level(one.drive_db, " dB"), tuple(zip(one.hz, one.gains_db, strict=True)))
            for one in sounding.responses
        ]

    def columns(sounding: Sounding) -> list[Column]:
        return [
            (f"at {level(one.drive_db)} dB", tuple(map(level, one.gains_db)))
            for one in sounding.responses
        ]

    hz = sounds.first.responses[0].hz
    numbers = sounds.numbers([("Hz", _spelled(hz))], columns)
    text = "Gain of single sines, by frequency, played softly, well and hard."
    told = Told(f"{sounds.key}-response", "Response at three drive levels", text, numbers)
    series = sounds.series(drawn)
    gains = [max(y, FLOOR_DB) for each in series for _, y in each.points]
    y = even_axis("gain, dB", min(gains), max(gains), 10)
    return curves(told, _frequencies(hz[0], hz[-1]), y, series)


def _harmonics(sounds: Sounds) -> Picture:
    def drawn(sounding: Sounding) -> list[Drawn]:
        found = sounding.harmonics
        return [(level(each.drive_db, " dB"), _counted(each.levels_db)) for each in found]

    def columns(sounding: Sounding) -> list[Column]:
        return [
            (
                f"at {level(each.drive_db)} dB",
                (*map(level, each.levels_db), f"{each.thd_percent:.1f} %"),
            )
            for each in sounding.harmonics
        ]

    count = len(sounds.first.harmonics[0].levels_db)
    labels = [("harmonic", (*(f"{n}" for n in range(1, count + 1)), "distortion"))]
    text = "Levels of the harmonics that come of a sine of 220 Hz at three drive levels."
    numbers = sounds.numbers(labels, columns)
    told = Told(f"{sounds.key}-harmonics", "Harmonics of 220 Hz", text, numbers)
    ticks = tuple((float(n), f"{n}") for n in range(1, HARMONICS + 1))
    x = Axis("harmonic", 0.4, HARMONICS + 0.6, ticks)
    return bars(told, x, even_axis("level, dB", FLOOR_DB, 0, 20), sounds.series(drawn))


def _products(sounds: Sounds) -> Picture:
    def drawn(sounding: Sounding) -> list[Drawn]:
        return [("", _counted([each.level_db for each in sounding.intermodulation]))]

    def columns(sounding: Sounding) -> list[Column]:
        return [("dB", tuple(level(each.level_db) for each in sounding.intermodulation))]

    first = sounds.first.intermodulation
    labels = [("tone", tuple(p.name for p in first)), ("Hz", _spelled([p.hz for p in first]))]
    text = (
        f"Tones that come between two sines of {PAIR_HZ[0]:g} and {PAIR_HZ[1]:g} Hz, f1 and f2, at "
        f"{level(PAIR_DB)} dB each, beside the mean of both: what makes chords rough."
    )
    numbers = sounds.numbers(labels, columns)
    told = Told(f"{sounds.key}-intermodulation", "Intermodulation", text, numbers)
    ticks = tuple((n + 1.0, f"{each.hz:g}") for n, each in enumerate(first))
    x = Axis("Hz", 0.4, len(first) + 0.6, ticks)
    return bars(told, x, even_axis("beside the tones, dB", FLOOR_DB, 0, 20), sounds.series(drawn))


def _aliases(sounds: Sounds) -> Picture:
    def drawn(sounding: Sounding) -> list[Drawn]:
        return [("", tuple((each.hz, each.level_db) for each in sounding.aliases))]

    def columns(sounding: Sounding) -> list[Column]:
        return [("dB", tuple(level(each.level_db) for each in sounding.aliases))]

    hz = [each.hz for each in sounds.first.aliases]
    text = (
        f"All that comes back of a sine at {level(ALIAS_DRIVE_DB)} dB and is no harmonic of it, "
        "beside the sine: harmonics above half the sample rate, folded down."
    )
    numbers = sounds.numbers([("Hz", _spelled(hz))], columns)
    told = Told(f"{sounds.key}-aliasing", "Aliasing", text, numbers)
    y = even_axis("beside the sine, dB", FLOOR_DB, 0, 20)
    return curves(told, _frequencies(1000, hz[-1]), y, sounds.series(drawn))


def _decay(sounds: Sounds) -> Picture:
    step = sounds.first.decay.step_ms
    count = 1 + max(_steps_heard(sounding) for _, sounding in sounds.named)

    def drawn(sounding: Sounding) -> list[Drawn]:
        return [("", tuple((n * step, y) for n, y in enumerate(sounding.decay.levels_db[:count])))]

    def columns(sounding: Sounding) -> list[Column]:
        return [("dB", tuple(map(level, sounding.decay.levels_db[:count])))]

    text = (
        f"What is left when a sine of 220 Hz at {level(TONE_DB)} dB stops at once, beside it, in "
        f"steps of {step:g} ms; rows end where nothing is left."
    )
    labels = [("ms", _spelled([n * step for n in range(count)]))]
    told = Told(f"{sounds.key}-decay", "Decay", text, sounds.numbers(labels, columns))
    x = even_axis("ms after the end", 0, (count - 1) * step, 100 if count > 20 else 20)
    y = even_axis("beside the sine, dB", FLOOR_DB, 0, 20)
    return curves(told, x, y, sounds.series(drawn))


def _steps_heard(sounding: Sounding) -> int:
    """The last step that is worth a row."""
    levels = sounding.decay.levels_db
    heard = [number for number, each in enumerate(levels) if each > FLOOR_DB]
    return min(max([1, *heard]) + 1, len(levels) - 1)


def _frequencies(low: float, high: float) -> Axis:
    def said(hz: int) -> str:
        return f"{hz // 1000}k" if hz >= 1000 else f"{hz}"

    ticks = tuple((float(hz), said(hz)) for hz in _OCTAVES if low <= hz <= high)
    return Axis("Hz", low, high, ticks, is_log=True)


def _counted(values: Sequence[float]) -> Points:
    """Put values beside each other, from 1 on."""
    return tuple((number + 1.0, value) for number, value in enumerate(values))


def _spelled(values: Sequence[float]) -> tuple[str, ...]:
    return tuple(f"{value:g}" for value in values)


def _sample(value: float) -> str:
    return f"{value:.4f}".replace("-", "−")
