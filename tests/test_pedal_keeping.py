"""A pedal that chooses among captures keeps which, and knows its own."""

from __future__ import annotations

from dataclasses import replace

from test_pedal_sound import planned

from namgen.controls import plan_controls
from namgen.pedal.emit import contents_of
from namgen.pedal.keeping import MACRO, number_of
from namgen.pedal_boards import load_pedal_board


def test_the_firmware_keeps_the_capture_where_there_are_several() -> None:
    sound, board = planned("terrarium"), load_pedal_board("terrarium")
    found = []
    for banks in ([None], [None, None, None]):
        contents = contents_of(sound, plan_controls(board, sound.chain, banks=banks))
        assert contents.surroundings is not None
        found.append(contents.surroundings.options.get(MACRO))
    assert found == [None, f"{number_of(sound.captures)}u"]


def test_other_captures_and_another_order_are_another_pedal() -> None:
    (first,) = planned("terrarium").captures
    plan = replace(first.selection.plan, sha256="0" * 64)
    second = replace(first, selection=replace(first.selection, plan=plan))
    numbers = [number_of(captures) for captures in ([first], [second], [first, second])]
    numbers.append(number_of([second, first]))
    assert len(set(numbers)) == 4
    assert all(0 <= number < 1 << 32 for number in numbers)
    assert number_of([first, second]) == numbers[2]
