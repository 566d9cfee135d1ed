"""What a potentiometer's voltage says of where its knob stands."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from namgen.chain.decimals import exactly, nearest
from namgen.pedal_boards.controls import Curve

HIGHEST_CODE = 65_535
CODES_OF_ROW = 512
ROWS = 127
"""Of a table, at equal distances of `CODES_OF_ROW`."""
END_CODES = (HIGHEST_CODE + 1 - (ROWS - 1) * CODES_OF_ROW) // 2
"""0.8 %: so near an end the knob is at the end, for no potentiometer reaches either quite."""
SLACK_CODES = 96
"""0.15 %: noise of that much above and below moves no position."""

_HALFWAY = Decimal("0.15")
"""Of the voltage, where a logarithmic potentiometer stands in the middle: the A taper, 15 %."""


@cache
def positions(curve: Curve) -> tuple[float, ...]:
    """Return the positions, 0 to 1, at the rows of the table, (ROWS,), as float32."""
    last = ROWS - 1
    if curve == "reverse":
        return tuple(nearest(1 - _log_position(last - row, last)) for row in range(ROWS))
    if curve == "log":
        return tuple(nearest(_log_position(row, last)) for row in range(ROWS))
    return tuple(nearest(_ratio(row, last)) for row in range(ROWS))


def _ratio(numerator: int, denominator: int) -> Decimal:
    with exactly():
        return Decimal(numerator) / denominator


def _log_position(row: int, last: int) -> Decimal:
    """Undo ``(base ** position - 1) / (base - 1)``, which is `_HALFWAY` at one half."""
    with exactly():
        base = (1 / _HALFWAY - 1) ** 2
        return (1 + _ratio(row, last) * (base - 1)).ln() / base.ln()
