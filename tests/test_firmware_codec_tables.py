"""Codecs that a board's file names: the table that namgen plays, before chips that know better."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

pytest.importorskip("unicorn", reason="the emulated pedal needs unicorn: pip install .[emulator]")
from pedal_images import build_stand_in, expected, noise

from host_sim.boards import WIRING
from host_sim.boards import Board as Wired
from host_sim.emulator.errors import EmulationError
from host_sim.pedal import Pedal
from host_sim.register_codecs import CHIPS, RegisterCodec
from host_sim.stm32h750 import machine
from host_sim.stm32h750.i2c import I2c, I2cTransaction
from namgen.codecs import Check, CodecTable, Write, codec_names, load_codec

BOARDS: tuple[Wired, ...] = ("nucleo_h743", "weact_h743")
CODECS = codec_names()
FAULT_CODEC = 3
"""As `firmware/board/fault.h` has it: that many blinks."""
_FOLDER = tempfile.TemporaryDirectory(prefix="namgen-")


@cache
def image(board: Wired, codec: CodecTable) -> Path:
    folder = Path(_FOLDER.name) / f"{board}{codec.name}{abs(hash(codec))}"
    return build_stand_in(folder, target=WIRING[board].target, codec=codec).elf


def started(board: Wired, codec: CodecTable) -> Pedal:
    """A pedal with an image for the table, at the chip that its name says."""
    pedal = Pedal(image(board, codec), board=board, codec=codec)
    pedal.boot()
    return pedal


def bytes_of(codec: CodecTable, write: Write) -> tuple[int, ...]:
    size = (codec.register_bits + codec.value_bits) // 8
    return tuple((write.register << codec.value_bits | write.value).to_bytes(size, "big"))


def written(pedal: Pedal) -> list[I2cTransaction]:
    return [message for message in pedal.i2c_transactions if not message.told]


def with_write(codec: CodecTable, number: int, write: Write) -> CodecTable:
    start = (*codec.start[:number], write, *codec.start[number + 1 :])
    return replace(codec, start=start)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("board", BOARDS)
def test_it_plays_in_every_bit(board: Wired, codec: str) -> None:
    pedal, left = started(board, load_codec(codec)), noise(960)
    played, late = pedal.play(left), pedal.latency_frames
    assert (played[:, late:] == expected(left)[:-late]).all()
    assert pedal._machine.i2c.codec.problems() == []
    assert pedal.clock_gate_violations == []
    assert pedal.led_on


@pytest.mark.parametrize("codec", CODECS)
def test_messages_are_the_tables_in_order_and_nothing_else(codec: str) -> None:
    table = load_codec(codec)
    found = written(started("nucleo_h743", table))
    assert [m.data for m in found] == [
        bytes_of(table, write) for _, writes in table.parts for write in writes
    ]
    assert {m.address for m in found} == {table.address}
    assert all(m.is_acknowledged for m in found)


@pytest.mark.parametrize("codec", CODECS)
def test_waits_are_as_long_as_the_table_says_and_hardly_longer(codec: str) -> None:
    table = load_codec(codec)
    found = started("nucleo_h743", table).i2c_transactions
    writes = [write for _, part in table.parts for write in part]
    waits = [write.wait_ms for write in writes]
    before_unmute = len(table.mute) + len(table.start) - 1
    waits[before_unmute] += table.unmute_ms
    times = [m.seconds for m in found if not m.told]
    for before, after, wait in zip(times, times[1:], waits, strict=False):
        assert wait / 1000 <= after - before < wait / 1000 + 0.003
    assert sum(waits) > 0


@pytest.mark.parametrize("codec", CODECS)
def test_what_is_read_back_is_what_the_chip_holds(codec: str) -> None:
    table = load_codec(codec)
    asked = [m for m in started("nucleo_h743", table).i2c_transactions if m.told]
    found = [int.from_bytes(bytes(m.told), "big") for m in asked]
    assert [value & check.mask for value, check in zip(found, table.check, strict=True)] == [
        check.value for check in table.check
    ]


@pytest.mark.parametrize("codec", [name for name in CODECS if load_codec(name).needs_clock])
def test_one_that_needs_its_clock_is_not_talked_to_before(codec: str) -> None:
    pedal = started("nucleo_h743", load_codec(codec))
    began = pedal._machine.outputs._began_s
    assert began is not None
    assert pedal.i2c_transactions[0].seconds - began >= load_codec(codec).settle_ms / 1000


def test_the_sgtl5000_hears_nothing_without_its_clock() -> None:
    early = replace(load_codec("sgtl5000"), needs_clock=False)
    assert stops(early) == FAULT_CODEC


# ---- what is wrong is seen


def mistakes(table: CodecTable) -> Iterator[CodecTable]:
    """One bit of one value wrong, for every value of the start."""
    for number, write in enumerate(table.start):
        last = max(n for n, other in enumerate(table.start) if other.register == write.register)
        if number == last and write.register != CHIPS[table.name].reset:
            for bit in range(table.value_bits):
                yield with_write(table, number, replace(write, value=write.value ^ 1 << bit))


def problems_of(table: CodecTable) -> list[str]:
    """What the chip says of a table's messages, each at its time."""
    chip, seconds = RegisterCodec(CHIPS[table.name]), 0.0
    for part, writes in table.parts:
        seconds += table.unmute_ms / 1000 if part == "unmute" else 0
        for write in writes:
            seconds += 0.0001
            chip.take(bytes_of(table, write), seconds)
            seconds += write.wait_ms / 1000
    return chip.problems()


@pytest.mark.parametrize("codec", CODECS)
def test_every_bit_of_every_value_counts(codec: str) -> None:
    table = load_codec(codec)
    assert problems_of(table) == []
    muted = {write.register for write in table.mute}
    wrong = [one for one in mistakes(table) if not problems_of(one)]
    differences = {
        mine.register
        for one in wrong
        for mine, other in zip(one.start, table.start, strict=True)
        if mine != other
    }
    assert differences <= muted, "what the unmute says once more, and nothing else"


@pytest.mark.parametrize("codec", CODECS)
def test_every_message_is_needed_where_the_reset_does_not_give_it(codec: str) -> None:
    table, chip = load_codec(codec), CHIPS[codec]
    muted = {write.register for write in table.mute}
    for number, write in enumerate(table.start):
        rest = (*table.start[:number], *table.start[number + 1 :])
        said = {w.register for w in rest}
        if write.register == chip.reset and chip.playing.keys() <= said:
            continue  # nothing is left to it
        if write.register in muted | said or chip.defaults.get(write.register) == write.value:
            continue
        assert problems_of(replace(table, start=rest)), f"{write.register:#04x}"


@pytest.mark.parametrize("codec", CODECS)
def test_one_that_is_never_unmuted_is_not_heard(codec: str) -> None:
    table = load_codec(codec)
    assert problems_of(replace(table, unmute=table.mute))


@pytest.mark.parametrize(("codec", "part"), [("nau88c22", 0x45), ("sgtl5000", 0x02)])
def test_a_wait_that_is_too_short_is_seen(codec: str, part: int) -> None:
    table = load_codec(codec)
    (number,) = [n for n, write in enumerate(table.start) if write.register == part]
    short = replace(table.start[number], wait_ms=table.start[number].wait_ms - 20)
    assert any(
        "not to be talked to" in told for told in problems_of(with_write(table, number, short))
    )


def test_an_image_with_one_wrong_value_is_not_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    table = load_codec("wm8731")
    (number,) = [n for n, write in enumerate(table.start) if write.register == 7]
    wrong = with_write(table, number, Write(7, 0x002))  # 16 bits
    monkeypatch.setattr(machine, "BOOT_LIMIT_INSTRUCTIONS", 9_000_000)
    with pytest.raises(EmulationError, match="0x07 is 0x002: it takes another format than 24"):
        started("nucleo_h743", wrong)


# ---- a bus without an answer


def stops(table: CodecTable, board: Wired = "nucleo_h743") -> int:
    """How often the LED blinks when the pedal stops, without a sound."""
    pedal = Pedal(image(board, table), board=board, codec=table)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(machine, "BOOT_LIMIT_INSTRUCTIONS", 12_000_000)
        with pytest.raises(EmulationError):
            pedal.boot()
    return pedal.fault_record["kind"]


@pytest.mark.parametrize("codec", CODECS)
def test_without_an_answer_it_stops_with_the_codecs_code(codec: str) -> None:
    elsewhere = replace(load_codec(codec), address=0x40)
    assert stops(elsewhere) == FAULT_CODEC


def test_another_chip_at_the_same_address_is_noticed() -> None:
    table = load_codec("sgtl5000")
    assert stops(replace(table, check=(Check(0x0000, 0xB000, 0xFF00),))) == FAULT_CODEC


def test_a_message_that_is_not_taken_is_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    started_s, real_start = [0], I2c._start

    def start(self: I2c, control: int) -> None:
        started_s[0] += 1
        wired = self._wired
        if started_s[0] in (2, 3, 8):
            self._wired = None
        real_start(self, control)
        self._wired = wired

    monkeypatch.setattr(I2c, "_start", start)
    found = written(started("nucleo_h743", load_codec("nau88c22")))
    assert [m.is_acknowledged for m in found].count(False) == 3


# ---- a table of somebody's own


def test_any_widths_are_spelled_and_read_back() -> None:
    for register_bits, value_bits in ((8, 8), (7, 9), (16, 16), (8, 16), (16, 8)):
        top = (1 << value_bits) - 2
        own = CodecTable(
            name=f"own{register_bits}{value_bits}",
            title="Own",
            address=0x2C,
            register_bits=register_bits,  # type: ignore[arg-type]
            value_bits=value_bits,  # type: ignore[arg-type]
            frame="i2s",
            clocks_per_frame=256,
            start=(Write(0x55, top), Write(0x2A, 1, 3)),
            mute=(Write(1, 1),),
            unmute=(Write(1, 0),),
            check=(Check(0x55, top, (1 << value_bits) - 1),),
        )
        pedal = started("weact_h743", own)
        assert [m.data for m in written(pedal)] == [
            bytes_of(own, write) for _, writes in own.parts for write in writes
        ]
        assert pedal._machine.i2c.codec.registers == {0x55: top, 0x2A: 1, 1: 0}  # type: ignore[union-attr]


def test_nothing_but_its_own_pins_is_driven() -> None:
    pedal = started("nucleo_h743", load_codec("es8388"))
    pins = pedal._machine.pins
    driven = {(p, n) for p in "ABCDEFGHIJK" for n in range(16) if pins.is_output(p, n)}
    assert driven == {WIRING["nucleo_h743"].led}
