"""What brings the captures of a pedal to one loudness, and drives them as they were captured."""

from __future__ import annotations

from dataclasses import dataclass

from namgen.chain.decimals import gain, nearest
from namgen.chain.levels import Correction, calibration, normalisation
from namgen.ir import Model
from namgen.levels import Levels
from namgen.pedal.loudness import measured_loudness
from namgen.pedal.wanted import Capture, PedalWanted


@dataclass(frozen=True, slots=True)
class Gains:
    """The gains of one capture; None: not wanted."""

    calibration: Correction | None = None  # before the model
    normalisation: Correction | None = None  # behind it
    trim_db: float = 0.0  # behind it, too

    @property
    def before(self) -> float:
        """The factor before the model, a float32."""
        return self.calibration.gain if self.calibration else 1.0

    @property
    def behind(self) -> float:
        """The factor behind the model, a float32."""
        corrected_db = self.normalisation.gain_db if self.normalisation else 0.0
        return nearest(gain(corrected_db + self.trim_db))


def gains_of(found: Levels, capture: Capture, wanted: PedalWanted, model: Model) -> Gains:
    """Decide the gains of a capture by what its file states; its loudness is measured if need be.

    `found` is what the file of `model` states.
    """
    full_scale = wanted.board.full_scale
    input_dbu = full_scale.input_dbu if full_scale else None
    loud = wanted.normalize and found.loudness_db is None
    measured_db = measured_loudness(model) if loud else None
    return Gains(
        calibration(found, full_scale_dbu=input_dbu) if wanted.calibrate else None,
        normalisation(found, measured_db=measured_db) if wanted.normalize else None,
        capture.trim_db,
    )
