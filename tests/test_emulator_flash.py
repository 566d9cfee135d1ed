"""The emulated QUADSPI and its flash chip: busy times, the latch, pages, bits; what is not done."""

from __future__ import annotations

from pathlib import Path

import emulator_images as images
import numpy as np
import pytest

pytest.importorskip("unicorn", reason="the emulator needs unicorn: pip install .[emulator]")
from host_sim.emulator.core import Core
from host_sim.emulator.errors import EmulationError
from host_sim.stm32h750.machine import Machine

RESULT = 0x20000000
PROGRAM = """
#define CR REG(0x52005000u)
#define DCR REG(0x52005004u)
#define SR REG(0x52005008u)
#define FCR REG(0x5200500Cu)
#define DLR REG(0x52005010u)
#define CCR REG(0x52005014u)
#define AR REG(0x52005018u)
#define DR REG(0x52005020u)
#define OUT(n) REG(0x20000000u + 4u * (n))
static void wait(void) { while (SR & 1u << 5) {} }
static void up(uint32_t divisor)
{
    REG(0x580244E0u) |= 3u << 5;
    REG(0x580244D4u) |= 1u << 14;
    REG(0x58021400u) = (REG(0x58021400u) & ~(0x3FFu << 12)) | 0x2AAu << 12;
    REG(0x58021420u) = 0x99000000u;
    REG(0x58021424u) = 0x9AAu;
    REG(0x58021800u) = (REG(0x58021800u) & ~(3u << 12)) | 2u << 12;
    REG(0x58021820u) = 0xAu << 24;
    DCR = 22u << 16;
    CR = (divisor - 1u) << 24 | 1u;
}
static void plain(uint32_t byte) { wait(); CCR = 1u << 8 | byte; }
static void at(uint32_t byte, uint32_t address)
{
    wait(); CCR = 2u << 12 | 1u << 10 | 1u << 8 | byte; AR = address;
}
static uint32_t answer(uint32_t byte, uint32_t bytes)
{
    wait(); DLR = bytes - 1u; CCR = 1u << 26 | 1u << 24 | 1u << 8 | byte; return DR;
}
static uint32_t look(uint32_t address)
{
    wait(); DLR = 3u; CCR = 1u << 26 | 1u << 24 | 2u << 12 | 1u << 10 | 1u << 8 | 3u;
    AR = address; return DR;
}
static void begin_write(uint32_t address, uint32_t bytes)
{
    plain(6); wait(); DLR = bytes - 1u;
    CCR = 1u << 24 | 2u << 12 | 1u << 10 | 1u << 8 | 2u; AR = address;
}
static void ready(void) { while (answer(5, 1) & 1u) {} }
"""


def machine_of(folder: Path, body: str) -> tuple[Machine, EmulationError]:
    core = Core()
    text = images.BARE_START + PROGRAM + "void reset(void) { " + body + " DONE(); }"
    core.load(images.build(folder, text, entry="reset"), at="load")
    machine = Machine(core, board="seed_rev4", silicon="V", boot="flash")
    machine.flash.content[:] = 0xFF
    with pytest.raises(EmulationError) as caught:
        machine.run_until_audio()
    return machine, caught.value


def run(folder: Path, body: str) -> Machine:
    machine, end = machine_of(folder, body)
    assert end.kind == "breakpoint", str(end)
    return machine


def words(machine: Machine, count: int) -> list[int]:
    return np.frombuffer(machine.core.memory.read(RESULT, 4 * count), np.uint32).tolist()


def test_it_tells_who_it_is(tmp_path: Path) -> None:
    machine = run(tmp_path, "up(2); OUT(0) = answer(0x9Fu, 3u);")
    assert words(machine, 1) == [0x17609D]


def test_programming_turns_ones_into_zeros_alone_and_takes_its_time(tmp_path: Path) -> None:
    machine = run(
        tmp_path,
        """
        up(2);
        begin_write(0x1000u, 4u); DR = 0x0F0F0F0Fu;
        OUT(0) = answer(5, 1); ready(); OUT(1) = answer(5, 1); OUT(2) = look(0x1000u);
        begin_write(0x1000u, 4u); DR = 0xFFFF0000u; ready(); OUT(3) = look(0x1000u);
        plain(6); at(0x20u, 0x1234u); ready(); OUT(4) = look(0x1000u);
        """,
    )
    assert words(machine, 5) == [3, 0, 0x0F0F0F0F, 0x0F0F0000, 0xFFFFFFFF]
    assert machine.flash.erases == [0x1000]
    assert machine.time.seconds > machine.flash.times.erase_s


def test_without_the_latch_nothing_is_written(tmp_path: Path) -> None:
    machine = run(
        tmp_path,
        """
        up(2);
        wait(); DLR = 3u; CCR = 1u << 24 | 2u << 12 | 1u << 10 | 1u << 8 | 2u; AR = 0x1000u;
        DR = 0; OUT(0) = look(0x1000u);
        plain(6); plain(4); at(0x20u, 0u); OUT(1) = answer(5, 1);
        """,
    )
    assert words(machine, 2) == [0xFFFFFFFF, 0]
    assert machine.flash.ignored == [0x02, 0x20]


def test_what_goes_beyond_a_page_comes_at_its_beginning(tmp_path: Path) -> None:
    machine = run(
        tmp_path, "up(2); begin_write(0x10FCu, 8u); DR = 0x11111111u; DR = 0x22222222u; ready();"
    )
    page = machine.flash.content[0x1000:0x1100]
    assert page[-4:].tolist() == [0x11] * 4
    assert page[:4].tolist() == [0x22] * 4
    assert machine.flash.content[0x1100] == 0xFF


def test_a_busy_chip_hears_nothing_but_status_and_reset(tmp_path: Path) -> None:
    machine = run(
        tmp_path,
        """
        up(2);
        plain(6); at(0x20u, 0x2000u);
        OUT(0) = answer(0x9Fu, 3u) & 0xFFFFFFu;
        plain(0x66u); plain(0x99u);
        for (volatile int i = 0; i < 2000; i++) {}
        OUT(1) = answer(5, 1);
        """,
    )
    assert words(machine, 2) == [0xFFFFFF, 0]


def test_a_word_that_is_still_to_come_is_waited_for(tmp_path: Path) -> None:
    """32 clocks of command and address, 32 of data: at 3.2 MHz 20 us."""
    machine = run(
        tmp_path,
        """
        up(20);
        REG(0xE000EDFCu) |= 1u << 24; REG(0xE0001000u) |= 1u;
        const uint32_t start = REG(0xE0001004u);
        OUT(0) = look(0x3000u);
        OUT(1) = REG(0xE0001004u) - start;
        """,
    )
    data, cycles = words(machine, 2)
    assert data == 0xFFFFFFFF
    assert 20e-6 < cycles / 64e6 < 24e-6


def test_a_chip_in_continuous_reading_listens_after_eight_clocks_of_ones(tmp_path: Path) -> None:
    core = Core()
    body = (
        "up(2); OUT(0) = answer(0x9Fu, 3u); wait(); CCR = 3u << 12 | 3u << 10;"
        " AR = 0xFFFFFFFFu; OUT(1) = answer(0x9Fu, 3u);"
    )
    text = images.BARE_START + PROGRAM + "void reset(void) { " + body + " DONE(); }"
    core.load(images.build(tmp_path, text, entry="reset", code=0x24000000), at="load")
    machine = Machine(core, board="seed_rev4", silicon="V", boot="sram")
    with pytest.raises(EmulationError) as caught:
        machine.run_until_audio()
    assert caught.value.kind == "breakpoint", str(caught.value)
    assert words(machine, 2) == [0xFFFFFF, 0x17609D]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("up(2); plain(6); CCR = 1u << 8 | 4u;", "0x14 is set while it is busy"),
        ("up(1); look(0);", "clocked at 64 MHz"),
        ("up(2); REG(0x58021424u) = 0; plain(6);", "PF8, PF9, PF10 not switched"),
        ("up(2); CR = 0; CCR = 1u << 8 | 6u;", "given while it is off"),
        ("up(2); CCR = 3u << 26 | 1u << 8 | 3u;", "memory-mapped mode are not emulated"),
        ("up(2); DR = 1;", "data without a command"),
        ("up(2); OUT(0) = DR;", "where none are to come"),
        ("up(2); look(0x800000u);", "an address beyond the 8388608 bytes"),
        ("up(2); CCR = 1u << 24 | 1u << 26 | 3u << 8 | 5u;", "more than one line"),
    ],
)
def test_what_the_controller_would_ignore_is_an_error(tmp_path: Path, body: str, said: str) -> None:
    _, end = machine_of(tmp_path, body)
    assert end.kind == "QUADSPI out of order", str(end)
    assert said in str(end)
