"""Gains that a capture's metadata ask for: as loud as others, and driven as it was captured."""

from __future__ import annotations

from dataclasses import dataclass

from namgen.chain.decimals import gain, nearest
from namgen.levels import Levels

LOUDNESS_DB = -18.0
"""What captures are brought to, as by the NAM plug-in."""

MOST_DB = 12.0
"""More is not corrected: a file that asks for it is wrong, or would be noise."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One gain of a capture."""

    what: str
    asked_db: float | None  # None: the file does not say
    why: str

    @property
    def gain_db(self) -> float:
        """What is done, within MOST_DB."""
        return 0.0 if self.asked_db is None else min(max(self.asked_db, -MOST_DB), MOST_DB)

    @property
    def gain(self) -> float:
        """The same as a factor."""
        return nearest(gain(self.gain_db))

    @property
    def is_limited(self) -> bool:
        """Whether more was asked for."""
        return self.asked_db is not None and self.asked_db != self.gain_db

    def __str__(self) -> str:
        if self.asked_db is None:
            return f"{self.what}: none; {self.why}"
        limit = f"; {self.asked_db:+.1f} dB were asked for" if self.is_limited else ""
        return f"{self.what}: {self.gain_db:+.1f} dB; {self.why}{limit}"


def calibration(levels: Levels, *, full_scale_dbu: float | None) -> Correction:
    """Return the gain before the model, so that it is driven as hard as it was captured.

    `full_scale_dbu` is the level of a sine that reaches the board's full scale, None where nobody
    knows it.
    """
    what, captured = "input calibration", levels.input_level_dbu
    if captured is None:
        return Correction(what, None, "the capture does not say its input level")
    if full_scale_dbu is None:
        return Correction(what, None, "the board's full scale is not known")
    why = f"the board's full scale is {full_scale_dbu:+.1f} dBu, the capture's"
    return Correction(what, full_scale_dbu - captured.value, f"{why} {captured.value:+.1f} dBu")


def normalisation(levels: Levels, *, measured_db: float | None = None) -> Correction:
    """Return the gain behind the model, so that captures are equally loud.

    `measured_db` is the loudness where the file does not say it and somebody has measured.
    """
    what = "output normalisation"
    stated = levels.loudness_db.value if levels.loudness_db else None
    loudness_db = measured_db if stated is None else stated
    if loudness_db is None:
        return Correction(what, None, "the capture does not say how loud it is")
    source = "measured" if stated is None else "the capture's"
    return Correction(
        what, LOUDNESS_DB - loudness_db, f"from {loudness_db:.1f} dB ({source}) to {LOUDNESS_DB} dB"
    )
