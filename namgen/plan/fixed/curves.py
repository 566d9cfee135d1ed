"""The instructions of activations."""

from __future__ import annotations

from namgen.plan.fixed.builder import Builder
from namgen.plan.fixed.shapes import SHORT_U_BITS
from namgen.schedule import thumb
from namgen.schedule.instruction import Access, Value

ROW_SHIFT = 3
"""A row of the table of a tanh is a value and a slope: 8 bytes."""

_WHOLE_BITS = 4
_ROWS_PER_ONE = 7  # bits
_DISTANCE_BITS = 39
_SHORT_ROW_BITS = 15


def slopes(build: Builder, z: Value, scale: Value, bend: Value) -> Value:
    """Write LeakyReLU and a new step."""
    below, scaled = Value(f"min({z.name}, 0)"), Value(f"scaled {z.name}")
    build.put(thumb.below_zero(below, z, f"{below.name}"))
    build.put(thumb.multiply("smmulr", scaled, (z, scale), f"{scaled.name}"))
    return build.onto("smmlar", z.name.replace("z", "t", 1), (below, bend), scaled, "bend")


def short_tanh(build: Builder, shift: int, z: Value, table: Value) -> Value:
    """Write tanh by the rows of a table of values and slopes of 16 bits."""
    name = z.name
    u, row, word = Value(f"{name} within 8"), Value(f"row of {name}"), Value(f"word of {name}")
    if shift >= 0:
        build.put(thumb.saturate(u, z, SHORT_U_BITS, shift, u.name))
    else:
        held = Value(u.name)
        build.put(thumb.saturate(held, z, SHORT_U_BITS + shift, 0, held.name))
        build.put(thumb.shift_left(u, held, -shift, f"{u.name}, to the left"))
    build.put(thumb.shift_right(row, u, _SHORT_ROW_BITS, row.name))
    access = Access("table", 0, constant=True)
    build.put(thumb.load_indexed(word, table, row, access, word.name))
    return build.onto("smlabb", name.replace("z", "t", 1), (word, u), word, "slope")


def tanh(build: Builder, fraction_bits: int, z: Value, table: Value) -> Value:
    """Write tanh by straight lines about the rows of a table, whose middle `table` points at."""
    name = z.name
    u, distance, near = Value(f"{name} within 8"), Value(f"{name} beside"), Value(f"{name} near")
    row, place = Value(f"row of {name}"), Value(f"place of {name}")
    build.put(thumb.saturate(u, z, fraction_bits + _WHOLE_BITS, 0, u.name))
    build.put(thumb.shift_left(distance, u, _DISTANCE_BITS - fraction_bits, distance.name))
    half = 1 << (fraction_bits - _ROWS_PER_ONE - 1)
    adds = thumb.add_number if half < 1 << 12 else thumb.add_far
    build.put(adds(near, u, half, near.name))
    build.put(thumb.shift_right(row, near, fraction_bits - _ROWS_PER_ONE, row.name))
    build.put(thumb.add_index(place, table, row, ROW_SHIFT, place.name))
    value, slope = Value(f"value of {name}"), Value(f"slope of {name}")
    for result, offset in ((value, 0), (slope, 4)):
        access = Access("table", offset, constant=True, bank=offset >> 2)
        build.put(thumb.load(result, place, offset, access, result.name))
    return build.onto("smmlar", name.replace("z", "t", 1), (slope, distance), value, "slope")
