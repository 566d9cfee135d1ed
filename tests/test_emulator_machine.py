"""The emulated board: interrupts, clocks, gates, pins; small programs run from reset."""

from __future__ import annotations

from pathlib import Path

import emulator_images as images
import numpy as np
import pytest

pytest.importorskip("unicorn", reason="the emulator needs unicorn: pip install .[emulator]")
from host_sim.boards import Board
from host_sim.emulator.core import Core
from host_sim.emulator.errors import EmulationError
from host_sim.stm32h750.machine import Machine
from host_sim.stm32h750.registers import Silicon

RESULT = 0x20000000


def start(
    folder: Path, body: str, *, board: Board = "seed_rev4", silicon: Silicon = "V"
) -> Machine:
    core = Core()
    core.load(images.bare_image(folder, body), at="load")
    return Machine(core, board=board, silicon=silicon, boot="flash")


def run(folder: Path, body: str, *, board: Board = "seed_rev4", silicon: Silicon = "V") -> Machine:
    """Run from reset to the breakpoint that ends the program."""
    machine = start(folder, body, board=board, silicon=silicon)
    with pytest.raises(EmulationError) as caught:
        machine.run_until_audio()
    assert caught.value.kind == "breakpoint", str(caught.value)
    return machine


def fault_of(folder: Path, body: str, *, silicon: Silicon = "V") -> EmulationError:
    with pytest.raises(EmulationError) as caught:
        start(folder, body, silicon=silicon).run_until_audio()
    return caught.value


def words(machine: Machine, count: int) -> list[int]:
    return np.frombuffer(machine.core.memory.read(RESULT, 4 * count), np.uint32).tolist()


def test_a_write_before_the_clock_is_on_is_reported_and_lost(tmp_path: Path) -> None:
    machine = run(
        tmp_path,
        """
        __attribute__((noinline)) static void too_early(void) { REG(0x58021418u) = 1u << 7; }
        void reset(void)
        {
            too_early();
            REG(0x580244E0u) |= 1u << 5;
            REG(0x20000000u) = REG(0x58021414u);
            REG(0x58021418u) = 1u << 8;
            REG(0x20000004u) = REG(0x58021414u);
            DONE();
        }
        """,
    )
    (violation,) = machine.bus.violations
    assert (violation.peripheral, violation.address) == ("GPIOF", 0x58021418)
    assert violation.symbol.startswith(("too_early", "reset"))
    assert words(machine, 2) == [0, 1 << 8]


def test_the_dma_memory_faults_until_its_clock_is_on(tmp_path: Path) -> None:
    access = "REG(0x30000000u) = 5; REG(0x20000000u) = REG(0x30000000u); DONE();"
    error = fault_of(tmp_path, "void reset(void) { " + access + " }")
    assert (error.kind, error.symbol[:5]) == ("data bus fault", "reset")
    machine = run(tmp_path, "void reset(void) { REG(0x580244DCu) |= 7u << 29; " + access + " }")
    assert words(machine, 1) == [5]


def test_an_interrupt_keeps_the_registers_of_what_it_interrupts(tmp_path: Path) -> None:
    """A product chain in floats and integers, interrupted every 300 cycles by another one."""
    machine = run(
        tmp_path,
        """
        static float chain(float x, int n)
        {
            while (n--) { x = x * 1.0003f + 0.001f; }
            return x;
        }
        void tick(void)
        {
            REG(0x20000000u) += 1u;
            *(volatile float *)0x20000010u = chain(*(volatile float *)0x20000014u, 9);
        }
        __attribute__((noinline)) static void compare(void)
        {
            *(volatile float *)0x20000004u = chain(3.0f, 3000);
            REG(0xE000E014u) = 299; REG(0xE000E018u) = 0; REG(0xE000E010u) = 7;
            *(volatile float *)0x20000008u = chain(3.0f, 3000);
            REG(0xE000E010u) = 0;
        }
        void reset(void) { FPU_ON(); compare(); DONE(); }
        """,
    )
    ticks, alone, interrupted = words(machine, 3)
    assert ticks > 8
    assert interrupted == alone


def test_the_more_urgent_interrupt_goes_first_and_interrupts_the_other(tmp_path: Path) -> None:
    machine = run(
        tmp_path,
        """
        static void note(uint32_t what)
        {
            uint32_t n = REG(0x20000000u);
            REG(0x20000004u + 4u * n) = what;
            REG(0x20000000u) = n + 1u;
        }
        void irq0(void) { note(10); REG(0xE000E200u) = 2u; BARRIER(); note(11); }
        void irq1(void) { note(20); }
        void reset(void)
        {
            *(volatile uint8_t *)0xE000E400u = 0x80;
            *(volatile uint8_t *)0xE000E401u = 0x40;
            __asm volatile("cpsid i");
            REG(0xE000E100u) = 3u;
            REG(0xE000E200u) = 3u;
            note(1);
            __asm volatile("cpsie i\\nisb");
            note(2);
            DONE();
        }
        """,
    )
    count, *order = words(machine, 7)
    assert order[:count] == [1, 20, 10, 20, 11, 2]


def test_a_masked_interrupt_ends_sleep_without_being_taken(tmp_path: Path) -> None:
    machine = run(
        tmp_path,
        """
        void tick(void) { REG(0x20000000u) += 1u; }
        void reset(void)
        {
            __asm volatile("cpsid i");
            REG(0xE000E014u) = 99999; REG(0xE000E018u) = 0; REG(0xE000E010u) = 7;
            __asm volatile("wfi");
            REG(0x20000004u) = REG(0x20000000u) + 100u;
            REG(0xE000E010u) = 0;
            __asm volatile("cpsie i\\nisb");
            DONE();
        }
        """,
    )
    assert words(machine, 2) == [1, 100]


def test_the_cycle_counter_counts_instructions(tmp_path: Path) -> None:
    machine = run(
        tmp_path,
        """
        void reset(void)
        {
            REG(0xE000EDFCu) |= 1u << 24;
            REG(0xE0001000u) |= 1u;
            const uint32_t start = REG(0xE0001004u);
            __asm volatile("mov r2, #1000\\n1: subs r2, #1\\nbne 1b" ::: "r2", "cc");
            REG(0x20000000u) = REG(0xE0001004u) - start;
            DONE();
        }
        """,
    )
    assert 2000 <= words(machine, 1)[0] <= 2020


@pytest.mark.parametrize(("board", "levels"), [("seed_rev4", 3), ("seed_1_1", 2), ("seed2_dfm", 1)])
def test_the_straps_tell_the_boards_apart(tmp_path: Path, board: Board, levels: int) -> None:
    machine = run(
        tmp_path,
        """
        void reset(void)
        {
            REG(0x580244E0u) |= 1u << 3;
            REG(0x58020C00u) &= ~(0xFu << 6);
            REG(0x58020C0Cu) |= 5u << 6;
            REG(0x20000000u) = (REG(0x58020C10u) >> 3) & 3u;
            DONE();
        }
        """,
        board=board,
    )
    assert words(machine, 1) == [levels]


def test_a_device_that_is_not_there_does_not_acknowledge(tmp_path: Path) -> None:
    machine = run(
        tmp_path,
        """
        void reset(void)
        {
            REG(0x580244E8u) |= 1u << 22;
            REG(0x40005800u) = 1;
            REG(0x40005804u) = (0x1Au << 1) | (2u << 16) | (1u << 25) | (1u << 13);
            REG(0x20000000u) = REG(0x40005818u);
            DONE();
        }
        """,
    )
    assert words(machine, 1)[0] & 1 << 4
    assert [t.is_acknowledged for t in machine.i2c.transactions] == [False]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('void reset(void) { __asm volatile("udf #1"); }', "undefined instruction"),
        ('void reset(void) { __asm volatile("svc #1"); }', "unexpected supervisor call"),
        ('void reset(void) { __asm volatile("wfi"); for (;;) {} }', "asleep"),
        ("void reset(void) { REG(0xE000ED0Cu) = 0x05FA0004u; for (;;) {} }", "reset"),
        ("void reset(void) { *(volatile float *)0x20000000u *= 2.0f; DONE(); }", "FPU is off"),
        ("void reset(void) { REG(0x70000000u) = 1; }", "data bus fault"),
        (
            "void reset(void) { REG(0xE000E014u) = 4000; REG(0xE000E010u) = 7; for (;;) {} }",
            "invalid state",
        ),
        (
            "void tick(void) {}"
            " void reset(void) { REG(0xE000E014u) = 4000000; REG(0xE000E010u) = 7;"
            ' for (;;) { __asm volatile("wfi"); } }',
            "hung",
        ),
    ],
)
def test_what_would_stop_a_board_is_an_error(tmp_path: Path, body: str, kind: str) -> None:
    error = fault_of(tmp_path, body)
    assert error.kind == kind, str(error)
    assert error.symbol.startswith("reset"), str(error)
