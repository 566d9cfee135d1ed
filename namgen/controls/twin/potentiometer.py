"""A knob in Python: `firmware/controls/potentiometer.c`."""

from __future__ import annotations

from namgen.chain.twin.scalar import fma, single
from namgen.controls.curves import (
    CODES_OF_ROW,
    END_CODES,
    HIGHEST_CODE,
    ROWS,
    SLACK_CODES,
    positions,
)
from namgen.controls.plan import ReadKnob


class Potentiometer:
    """`potentiometer.c`."""

    def __init__(self, knob: ReadKnob, shift: int, code: int) -> None:
        self._knob, self._shift = knob, shift
        self._rows = positions(knob.curve)
        self._held = self._turned(code)
        self._sum = self._held << shift
        self.position = self._position()

    def tick(self, code: int) -> bool:
        """Tell whether it stands elsewhere."""
        before = self.position
        self._sum += self._turned(code) - (self._sum >> self._shift)
        average = self._sum >> self._shift
        self._held = min(max(self._held, average - SLACK_CODES), average + SLACK_CODES)
        self.position = self._position()
        return self.position != before

    def _turned(self, code: int) -> int:
        return HIGHEST_CODE - code if self._knob.is_flipped else code

    def _position(self) -> float:
        last = ROWS - 1
        travel = min(max(self._held - END_CODES, 0), last * CODES_OF_ROW)
        row = min(travel // CODES_OF_ROW, last - 1)
        before, after = self._rows[row], self._rows[row + 1]
        return fma((travel - row * CODES_OF_ROW) / CODES_OF_ROW, single(after - before), before)
