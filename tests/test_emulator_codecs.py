"""The PCM3060 behind the emulated I2C plays only when everything about it was set, in order."""

from __future__ import annotations

from itertools import combinations

import pytest

from host_sim.boards import SEED_BUS, WIRING, Wiring
from host_sim.i2c_codecs import Message, Pcm3060, Wm8731, codec_of

GOOD: tuple[Message, ...] = (
    (0x40, 0x70),
    (0x40, 0xB0),
    (0x43, 0x01),
    (0x48, 0x01),
    (0x40, 0xC0),
)
"""Both resets, both formats, awake."""


def problems_of(*messages: Message, pause_s: float = 0.004) -> list[str]:
    codec = Pcm3060()
    for number, message in enumerate(messages):
        codec.take(message, (number + 1) * pause_s)
    return codec.problems()


def test_a_codec_that_is_set_up_plays() -> None:
    assert problems_of(*GOOD) == []


def test_one_that_another_program_has_left_does_not() -> None:
    assert len(problems_of()) == len(Pcm3060.DEFAULTS) + 1


@pytest.mark.parametrize("missing", range(len(GOOD)))
def test_every_message_is_needed(missing: int) -> None:
    assert problems_of(*GOOD[:missing], *GOOD[missing + 1 :])


@pytest.mark.parametrize(("first", "second"), [*combinations(range(2), 2), (1, 4), (0, 2), (0, 4)])
def test_no_reset_comes_after_what_it_undoes(first: int, second: int) -> None:
    order = list(GOOD)
    order[first], order[second] = order[second], order[first]
    assert problems_of(*order)


@pytest.mark.parametrize("reset", [0, 1])
def test_what_comes_within_four_milliseconds_of_a_reset_is_lost(reset: int) -> None:
    codec, seconds = Pcm3060(), 0.0
    for number, message in enumerate(GOOD):
        seconds += 0.0039 if number == reset + 1 else 0.0041
        codec.take(message, seconds)
    lost = " ".join(f"{byte:02X}" for byte in GOOD[reset + 1])
    assert f"the PCM3060: the message {lost} came within 4 ms of a reset" in codec.problems()
    assert len(codec.problems()) > 1


@pytest.mark.parametrize("address", range(0x40, 0x4A))
@pytest.mark.parametrize("bit", range(8))
def test_every_bit_of_every_register_counts(address: int, bit: int) -> None:
    codec = Pcm3060()
    for number, message in enumerate(GOOD):
        codec.take(message, 0.005 * (number + 1))
    codec.take((address, codec.registers[address] ^ 1 << bit), 1.0)
    assert any(f"0x{address:02X} is" in problem for problem in codec.problems())


@pytest.mark.parametrize("message", [(0x3F, 0), (0x4A, 0), (0x43,), (0x43, 1, 1)])
def test_what_is_no_message_for_a_register_is_told(message: Message) -> None:
    assert any("is no register's" in problem for problem in problems_of(*GOOD, message))


def test_boards_have_the_codec_that_their_bus_leads_to() -> None:
    kinds = {board: type(codec_of(wiring)) for board, wiring in WIRING.items() if wiring.bus}
    assert kinds == {"seed_1_1": Wm8731, "petal_125b_sm": Pcm3060}
    assert codec_of(WIRING["seed2_dfm"]) is None
    assert isinstance(codec_of(Wiring("WM8731", bus=SEED_BUS)), Wm8731)
