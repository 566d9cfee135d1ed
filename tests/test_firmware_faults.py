"""What stops the pedal is shown by kind, and leaves a record that survives the reset."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import firmware_stand_in as stand_in
import numpy as np
import pytest

pytest.importorskip("unicorn", reason="the emulated pedal needs unicorn: pip install .[emulator]")
from pedal_images import build_stand_in, noise, stand_in_image

from host_sim.emulator.errors import EmulationError
from host_sim.pedal import Pedal
from host_sim.stm32h750 import machine
from host_sim.stm32h750.registers import RCC

BACKUP_SRAM, RECORD = 0x38800000, 0x38800F00
PLL1DIVR, CIFR, RSR = RCC + 0x30, RCC + 0x64, RCC + 0xD0
CFSR, HFSR, MMFAR, BFAR = 0xE000ED28, 0xE000ED2C, 0xE000ED34, 0xE000ED38
PWR_CSR1 = 0x58024804
FORCED, UNKNOWN, MAGIC = 1 << 30, 0xFFFFFFFF, 0x464D414E
FRAME = ("r0", "r1", "r2", "r3", "r12", "lr", "pc", "xpsr")
STATUS = ("cfsr", "hfsr", "mmfar", "bfar", "exception_return", "sp")
FIELDS = ("magic", "count", "kind", "exception", *STATUS, *FRAME, "blocks", "checksum")
NMI, HARD, MEMORY, BUS, USAGE, IRQ0 = 2, 3, 4, 5, 6, 16


@dataclass(frozen=True, slots=True)
class Stopped:
    """A pedal after a fault: its record, and when its LED went on."""

    record: dict[str, int]
    lit_at: list[float]


def record_of(pedal: Pedal) -> dict[str, int]:
    words = np.frombuffer(pedal.core.memory.read(RECORD, 4 * len(FIELDS)), "<u4")
    return dict(zip(FIELDS, (int(word) for word in words), strict=True))


def checksum(record: dict[str, int]) -> int:
    total = 0
    for name in FIELDS[:-1]:
        total = ((total << 1 | total >> 31) + record[name]) & 0xFFFFFFFF
    return total


def stop(pedal: Pedal, exception: int, registers: dict[int, int]) -> Stopped:
    """Raise an exception, with the processor slowed down so that the blinks are soon over."""
    machine = pedal._machine
    machine.bus.words.update({PLL1DIVR: 0x01010200, **registers})  # N 1: 2 MHz
    machine.system._pending.add(exception)
    machine.system._enabled.add(exception - IRQ0)
    began = machine.time.seconds
    with pytest.raises(EmulationError):
        pedal.play(np.zeros(48, np.int32))
    edges = [edge for edge in pedal.gpio_edges if (edge.port, edge.pin) == ("C", 7)]
    lit = [edge.seconds for edge in edges if edge.is_high and edge.seconds > began]
    return Stopped(record_of(pedal), lit)


def blinks_before_the_pause(stopped: Stopped) -> int:
    """Blinks are 400 ms apart; with a pause it is 1200 ms more."""
    gaps = np.diff(stopped.lit_at)
    pause = np.max(gaps)
    assert np.min(gaps) in (pytest.approx(pause, rel=0.01), pytest.approx(pause / 4, rel=0.01))
    return int(np.argmax(gaps > 0.9 * pause)) + 1


@pytest.fixture
def playing(monkeypatch: pytest.MonkeyPatch) -> Pedal:
    pedal = Pedal(stand_in_image().elf)
    pedal.boot()
    pedal.play(noise(480))
    monkeypatch.setattr(machine, "BLOCK_LIMIT_INSTRUCTIONS", 9_000_000)
    return pedal


@pytest.mark.parametrize(
    ("exception", "registers", "kind"),
    [
        (HARD, {HFSR: 1 << 1}, 1),
        (HARD, {HFSR: FORCED, CFSR: 1 << 1, MMFAR: 0x60000000}, 5),
        (HARD, {HFSR: FORCED, CFSR: 1 << 9, BFAR: 0x10000000}, 6),
        (HARD, {HFSR: FORCED, CFSR: 1 << 16}, 7),
        (MEMORY, {CFSR: 1 << 7}, 5),
        (BUS, {CFSR: 1 << 15}, 6),
        (USAGE, {CFSR: 1 << 24}, 7),
        (NMI, {}, 8),
        (NMI, {CIFR: 1 << 10}, 2),
        (IRQ0 + 50, {}, 8),
    ],
)
def test_each_kind_of_fault_has_its_own_blinks_and_record(
    playing: Pedal, exception: int, registers: dict[int, int], kind: int
) -> None:
    stopped = stop(playing, exception, registers)
    record = stopped.record
    assert (record["magic"], record["count"], record["kind"]) == (MAGIC, 1, kind)
    assert record["checksum"] == checksum(record)
    assert record["exception"] == exception
    names = {"cfsr": CFSR, "hfsr": HFSR, "mmfar": MMFAR, "bfar": BFAR}
    for name, address in names.items():
        assert record[name] == registers.get(address, 0), name
    assert blinks_before_the_pause(stopped) == kind
    for buffer in playing.dma_buffers[1:]:
        assert not np.any(playing.core.memory.view(buffer.address, buffer.size_bytes))


def test_the_record_says_where_it_happened(playing: Pedal) -> None:
    record = stop(playing, HARD, {}).record
    assert playing.core.image.name_at(record["pc"]).startswith("main")
    assert record["xpsr"] & 1 << 24
    assert record["exception_return"] & 0xFFFFFFE0 == 0xFFFFFFE0
    assert record["blocks"] == 10
    assert 0x2001F100 <= record["sp"] < 0x20020000


def test_a_frame_that_could_not_be_written_is_not_read(playing: Pedal) -> None:
    record = stop(playing, HARD, {HFSR: FORCED, CFSR: 1 << 4}).record
    assert record["kind"] == 5
    assert {record[name] for name in FRAME} == {UNKNOWN}
    assert record["checksum"] == checksum(record)


def test_the_handler_has_a_stack_also_when_there_is_none_left(playing: Pedal) -> None:
    playing.core.set_register("sp", 0x2001F120)  # just above the guard
    stopped = stop(playing, HARD, {HFSR: FORCED, CFSR: 1 << 1})
    assert stopped.record["kind"] == 5
    assert blinks_before_the_pause(stopped) == 5


def test_the_record_survives_a_reset_and_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = b""
    for count in (1, 2, 3):
        pedal = Pedal(stand_in_image().elf)
        if kept:
            pedal.core.memory.write(BACKUP_SRAM, kept)
        pedal.boot()
        if kept:
            assert pedal.core.memory.read(BACKUP_SRAM, 4096) == kept
        with monkeypatch.context() as patch:
            patch.setattr(machine, "BLOCK_LIMIT_INSTRUCTIONS", 1_000_000)
            assert stop(pedal, BUS, {CFSR: 1 << 9}).record["count"] == count
        kept = pedal.core.memory.read(BACKUP_SRAM, 4096)
        assert not any(kept[: RECORD - BACKUP_SRAM]), "the bootloader's words were changed"


def test_a_reset_by_the_watchdog_is_recorded() -> None:
    pedal = Pedal(stand_in_image().elf)
    pedal._machine.bus.words[RSR] = 1 << 26
    pedal.boot()
    record = record_of(pedal)
    assert (record["magic"], record["kind"], record["count"]) == (MAGIC, 10, 1)
    assert record["checksum"] == checksum(record)
    assert any(w.address == RSR and w.value == 1 << 16 for w in pedal.register_writes)


def test_an_ordinary_start_leaves_no_record() -> None:
    pedal = Pedal(stand_in_image().elf)
    pedal.boot()
    assert not any(pedal.core.memory.read(BACKUP_SRAM, 4096))


def test_a_fault_before_anything_is_set_up_is_shown_and_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The pin, the RAM of the D2 domain and the backup SRAM have no clock then."""
    monkeypatch.setattr(machine, "BOOT_LIMIT_INSTRUCTIONS", 12_000_000)
    pedal = Pedal(stand_in_image().elf)
    pedal._machine.system._pending.add(HARD)
    with pytest.raises(EmulationError):
        pedal.boot()
    assert record_of(pedal)["kind"] == 1
    assert pedal.led_on or any(edge.is_high for edge in pedal.gpio_edges)
    assert pedal.clock_gate_violations == []


def test_a_low_supply_silences_the_pedal_and_begins_anew_when_it_is_back(playing: Pedal) -> None:
    """The emulator ends the run at the reset."""
    machine = playing._machine
    machine.system._pending.add(IRQ0 + 1)
    with pytest.raises(EmulationError, match="system reset"):
        playing.play(np.zeros(48, np.int32))
    assert record_of(playing)["kind"] == 9
    for buffer in playing.dma_buffers[1:]:
        assert not np.any(playing.core.memory.view(buffer.address, buffer.size_bytes))


def test_the_watchdog_waits_a_second_and_is_fed_once_per_block() -> None:
    pedal = Pedal(stand_in_image().elf)
    pedal.boot()
    writes = [w for w in pedal.register_writes if 0x58004800 <= w.address < 0x58004810]
    assert [w.value for w in writes[:4]] == [0xCCCC, 0x5555, 3, 999]
    feeds = feeds_of(pedal)
    pedal.play(np.zeros(48 * 20, np.int32))
    assert 18 <= feeds_of(pedal) - feeds <= 22


def test_an_interrupt_that_never_ends_is_left_to_the_watchdog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = "    for (size_t i = 0; i < frames; i++) {\n        newest"
    stuck = stand_in.SOURCE.replace(loop, "    while (newest >= 480u) {\n    }\n" + loop)
    pedal = Pedal(build_stand_in(tmp_path, stuck).elf)
    pedal.boot()
    pedal.play(np.zeros(480, np.int32))
    feeds = feeds_of(pedal)
    monkeypatch.setattr(machine, "BLOCK_LIMIT_INSTRUCTIONS", 2_000_000)
    with pytest.raises(EmulationError, match="still busy"):
        pedal.play(np.zeros(480, np.int32))
    assert feeds_of(pedal) <= feeds + 1  # the loop had not yet seen the last block


def feeds_of(pedal: Pedal) -> int:
    return sum(w.address == 0x58004800 and w.value == 0xAAAA for w in pedal.register_writes)
