"""Faults reach the firmware's handler as on a board, and disturbed audio begins anew or stops."""

from __future__ import annotations

from pathlib import Path

import emulator_images as images
import firmware_stand_in as stand_in
import numpy as np
import pytest

pytest.importorskip("unicorn", reason="the emulator needs unicorn: pip install .[emulator]")
from pedal_images import noise, stand_in_image

from host_sim.emulator.core import Core
from host_sim.emulator.errors import EmulationError
from host_sim.pedal import Pedal
from host_sim.stm32h750.audio_clock import RealTime
from host_sim.stm32h750.machine import Machine

TROUBLE = stand_in.SOURCE.replace(
    "    for (size_t i = 0; i < frames; i++) {\n        newest",
    """    switch (nam_echo_trouble) {
    case 1: (void)*(volatile int *)0x10000000; break;
    case 2: __asm volatile("udf #1"); break;
    case 3: *(volatile int *)0x08000000 = 1; break;
    default: break;
    }
    for (size_t i = 0; i < frames; i++) {
        newest""",
).replace("static size_t newest;", "static size_t newest;\nvolatile int nam_echo_trouble;")
HEADER = '#include "nam_echo.h"\nextern volatile int nam_echo_trouble;'
CFSR, HFSR, BFAR, MMFAR = 0xE000ED28, 0xE000ED2C, 0xE000ED38, 0xE000ED34
IRQ0, FORCED = 16, 1 << 30

PROGRAM = """
#define NOTE(n) (REG(0x20000000u + 4u * (n)))
void handler(void);
__attribute__((used)) void seen(uint32_t *frame, uint32_t code);
__attribute__((used)) void seen(uint32_t *frame, uint32_t code)
{
    NOTE(0) = REG(0xE000ED04u) & 0x1FFu;
    NOTE(1) = frame[6];
    NOTE(2) = frame[0];
    NOTE(3) = code;
    NOTE(4) = REG(0xE000ED28u);
    NOTE(5) = REG(0xE000ED2Cu);
    DONE();
}
__attribute__((naked)) void handler(void)
{
    __asm volatile("mrs r0, msp\\n mov r1, lr\\n b seen");
}
__attribute__((section(".vectors.own"), used, aligned(128)))
void (*const own[16])(void) = { 0, reset, handler, handler, handler, handler, handler };
void reset(void)
{
    REG(0xE000ED08u) = (uint32_t)(uintptr_t)own;
    REG(0xE000ED24u) = ENABLED;
    __asm volatile("mov r0, #0x55\\n" CODE ::: "r0", "r1");
    DONE();
}
"""


@pytest.mark.parametrize(
    ("enabled", "code", "exception", "status"),
    [
        (7 << 16, "mov r1, #0x10000000\\n ldr r1, [r1]", 5, 1 << 9 | 1 << 15),
        (7 << 16, "udf #1", 6, 1 << 16),
        (7 << 16, "b 1f\\n 1: vadd.f32 s0, s0, s0", 6, 1 << 19),
        (7 << 16, "movw r1, #1\\n movt r1, #0x1000\\n bx r1", 5, 1 << 8),
        (0, "udf #1", 3, 1 << 16),
    ],
)
def test_a_fault_enters_its_handler_with_a_frame_and_a_status(
    tmp_path: Path, enabled: int, code: str, exception: int, status: int
) -> None:
    program = PROGRAM.replace("ENABLED", f"{enabled}u").replace("CODE", f'"{code}"')
    core = Core()
    core.load(images.bare_image(tmp_path, program), at="load")
    machine = Machine(core, board="seed_rev4", silicon="V", boot="flash", faults="vector")
    with pytest.raises(EmulationError, match="breakpoint"):
        machine.run_until_audio()
    number, pc, r0, code_of_return, cfsr, hfsr = np.frombuffer(
        core.memory.read(0x20000000, 24), "<u4"
    )
    assert (number, cfsr, r0) == (exception, status, 0x55)
    assert (hfsr == FORCED) == (exception == 3)
    assert code_of_return == 0xFFFFFFF9
    assert core.image.name_at(int(pc)).startswith("reset") or pc == 0x10000000


def troubled() -> Pedal:
    source = TROUBLE.replace('#include "nam_echo.h"', HEADER)
    pedal = Pedal(stand_in_image(source=source).elf, real_time=RealTime(), faults="vector")
    pedal.boot()
    pedal.play(noise(480))
    return pedal


def is_silent_after(pedal: Pedal) -> bool:
    pedal.play(noise(2 * pedal.block_frames))
    return not pedal.play(noise(480)).any()


@pytest.mark.parametrize(("trouble", "kind"), [(1, 6), (2, 7), (3, 6)])
def test_a_fault_in_the_model_silences_the_pedal_and_is_recorded(trouble: int, kind: int) -> None:
    pedal = troubled()
    pedal.core.memory.write_word(pedal.core.image.address("nam_echo_trouble"), trouble)
    assert is_silent_after(pedal)
    assert pedal.fault_record["kind"] == kind
    assert pedal.fault_record["exception"] in (3, 5, 6)
    assert pedal.led_on


@pytest.mark.parametrize("room", [0, 64, 120])
def test_a_fault_at_the_end_of_the_stack_is_recorded_all_the_same(room: int) -> None:
    """The interrupt's frame falls into the closed end of the stack, or what the handler pushes."""
    pedal = troubled()
    pedal.core.set_register("sp", pedal.core.image.address("ld_stack_guard_end") + room)
    assert is_silent_after(pedal)
    assert pedal.fault_record["kind"] == 5
    assert pedal.led_on


def test_a_fault_on_a_broken_stack_is_recorded_all_the_same() -> None:
    """The stack pointer is where no memory is: whoever pushes there next locks the processor up."""
    pedal = troubled()
    pedal.core.set_register("sp", 0x20000000)
    assert is_silent_after(pedal)
    assert pedal.fault_record["kind"] == 6
    assert pedal.led_on


@pytest.mark.parametrize("receiving", [True, False])
def test_audio_begins_anew_after_a_dma_error(receiving: bool) -> None:
    pedal = troubled()
    pedal.inject("transfer error", receiving=receiving)
    pedal.play(noise(2048 + 480))  # with the fade-in
    left = noise(960, seed=3)
    played = pedal.play(left)
    assert played.any()
    assert pedal.audio_report.frames_without_clock <= 2
    assert pedal.core.memory.read_word(pedal.core.image.address("restarts")) == 1
    assert pedal.led_on is False


def test_errors_without_end_stop_the_pedal() -> None:
    pedal = troubled()
    for _ in range(9):
        pedal.inject("transfer error", receiving=True)
        pedal.play(noise(48))
    assert is_silent_after(pedal)
    assert pedal.fault_record["kind"] == 4


@pytest.mark.parametrize("receiving", [True, False])
def test_an_overrun_is_seen_counted_and_cleared(receiving: bool) -> None:
    pedal = troubled()
    pedal.inject("FIFO error of the SAI", receiving=receiving)
    pedal.play(noise(480))
    assert pedal.core.memory.read_word(pedal.core.image.address("slips")) == 1
    assert pedal.audio_report.lost_fifo_words == 1
    assert not pedal.led_on
