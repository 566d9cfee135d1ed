"""The emulated ADC1: what RM0433 asks of a driver, when results come, and where they lie."""

from __future__ import annotations

from pathlib import Path

import adc_programs
import emulator_images as images
import numpy as np
import pytest

pytest.importorskip("unicorn", reason="the emulator needs unicorn: pip install .[emulator]")
from host_sim.emulator.core import Core
from host_sim.emulator.errors import EmulationError
from host_sim.stm32h750.adc_scan import CHANNEL_PINS
from host_sim.stm32h750.machine import Machine
from host_sim.stm32h750.outside import ChipPin, gaussian
from namgen.modules import load_module

RESULTS = 0x30007F00
VOLTAGES = {ChipPin("A", 3): 0.25, ChipPin("B", 1): 0.5, ChipPin("C", 1): 1.0}
CODES = (16384, 32768, 65535)
ADC_HZ = 8_000_000
SEQUENCE_S = 3 * 73 / ADC_HZ


def start(folder: Path, body: str) -> Machine:
    core = Core()
    program = images.BARE_START + adc_programs.PROGRAM + body
    core.load(images.build(folder, program, entry="reset"), at="load")
    machine = Machine(core, board="seed_rev4", silicon="V", boot="flash")
    for pin, voltage in VOLTAGES.items():
        machine.outside.apply(pin, voltage)
    return machine


def run(folder: Path, body: str) -> Machine:
    machine = start(folder, "void reset(void) { " + body + " DONE(); }")
    with pytest.raises(EmulationError) as caught:
        machine.run_until_audio()
    assert caught.value.kind == "breakpoint", str(caught.value)
    return machine


def fault_of(folder: Path, body: str) -> str:
    machine = start(folder, "void reset(void) { " + body + " DONE(); }")
    with pytest.raises(EmulationError) as caught:
        machine.run_until_audio()
    assert caught.value.kind == "ADC1 out of order", str(caught.value)
    return str(caught.value)


def ring(machine: Machine, count: int) -> list[int]:
    machine.adc.catch_up()
    return np.frombuffer(machine.core.memory.read(RESULTS, 2 * count), np.uint16).tolist()


def test_a_scan_fills_its_ring_with_the_voltages(tmp_path: Path) -> None:
    machine = run(tmp_path, "all_up(6); wait_us(300);")
    assert ring(machine, 6) == [*CODES, *CODES]
    assert machine.adc.codes == (*CODES, *CODES)
    assert machine.outside.violations == []
    assert machine.bus.violations == []


def test_a_conversion_takes_the_time_that_the_registers_say(tmp_path: Path) -> None:
    """From the start on, by the firmware's own cycle counter: 64 MHz."""
    machine = run(
        tmp_path,
        """
        REG(0xE000EDFCu) |= 1u << 24; REG(0xE0001000u) |= 1u;
        all_up(300);
        REG(0x20000000u) = REG(0xE0001004u);
        while (REG(0x40020044u) != 300u - 30u) {}
        REG(0x20000004u) = REG(0xE0001004u);
        """,
    )
    began, ended = np.frombuffer(machine.core.memory.read(0x20000000, 8), np.uint32)
    assert abs(int(ended - began) / 64e6 - 10 * SEQUENCE_S) < 2e-6


def test_what_a_voltage_was_when_its_conversion_began_counts(tmp_path: Path) -> None:
    machine = run(tmp_path, "all_up(3); wait_us(300);")
    machine.adc.catch_up()
    machine.outside.apply(ChipPin("A", 3), 0.75)
    begun = machine.time.outside
    machine.time.sleep_until(machine.time.cycle_at(begun + 0.5 * SEQUENCE_S))
    seen = ring(machine, 3)[0]
    machine.time.sleep_until(machine.time.cycle_at(begun + 2.0 * SEQUENCE_S))
    assert ring(machine, 3)[0] == 49152
    assert seen in (16384, 49152)


@pytest.mark.parametrize(("ratio", "shift", "expected"), [(16, 4, 1), (16, 0, 16), (4, 3, 0.5)])
def test_oversampling_adds_up_and_shifts(
    tmp_path: Path, ratio: int, shift: int, expected: float
) -> None:
    """Words of 32 bits, since a sum may need more than 16."""
    machine = run(
        tmp_path,
        f"""
        clocks_on(); power_up(); calibrate(); enable(); pins_analog(); sequence();
        ADC_CFGR2 = {ratio - 1}u << 16 | {shift}u << 5 | 1u;
        REG(0x40020808u) = 9;
        REG(0x40020044u) = 3; REG(0x40020048u) = 0x40022040u; REG(0x4002004Cu) = RESULTS;
        REG(0x40020040u) = 2u << 13 | 2u << 11 | 1u << 10 | 1u << 8 | 1u;
        start();
        wait_us(3000);
        """,
    )
    machine.adc.catch_up()
    words = np.frombuffer(machine.core.memory.read(RESULTS, 12), np.uint32).tolist()
    assert words == [int(code * expected) for code in CODES]


def test_noise_is_repeatable_and_shrinks_with_oversampling(tmp_path: Path) -> None:
    spread = []
    for oversampling in ("0u", "63u << 16 | 6u << 5 | 1u"):
        machine = start(
            tmp_path,
            "void reset(void) { clocks_on(); power_up(); calibrate(); enable(); pins_analog();"
            f" sequence(); ADC_CFGR2 = {oversampling}; stream(96); start(); wait_us(60000);"
            " DONE(); }",
        )
        machine.outside.noise = 0.002
        with pytest.raises(EmulationError):
            machine.run_until_audio()
        spread.append(float(np.std(np.array(ring(machine, 96))[::3] - 16384.0)))
    assert 0.7 * 131 < spread[0] < 1.3 * 131
    assert 0.7 * 131 / 8 < spread[1] < 1.3 * 131 / 8
    values = [gaussian(number) for number in range(5000)]
    assert abs(np.mean(values)) < 0.05
    assert abs(np.std(values) - 1.0) < 0.05


def test_a_single_sequence_ends_by_itself_and_can_be_started_again(tmp_path: Path) -> None:
    machine = run(
        tmp_path,
        """
        clocks_on(); power_up(); calibrate(); enable(); pins_analog(); sequence();
        ADC_CFGR = 1u << 31 | 3u;
        stream(6);
        start();
        while (ADC_CR & 4u) {}
        REG(0x20000000u) = ADC_ISR;
        ADC_ISR = 8u;
        REG(0x20000004u) = ADC_ISR;
        REG(0x20000008u) = REG(0x40020044u);
        start();
        while (!(ADC_ISR & 8u)) {}
        REG(0x2000000Cu) = REG(0x40020044u);
        """,
    )
    first, cleared, left, again = np.frombuffer(
        machine.core.memory.read(0x20000000, 16), np.uint32
    ).tolist()
    assert (first & 8, cleared & 8) == (8, 0)
    assert (left, again) == (3, 6)
    assert ring(machine, 6) == [*CODES, *CODES]


def test_it_can_be_stopped_changed_and_started_again(tmp_path: Path) -> None:
    machine = run(
        tmp_path,
        """
        all_up(3); wait_us(100);
        ADC_CR |= 1u << 4;
        while (ADC_CR & 1u << 4) {}
        ADC_SQR1 = 2u | 11u << 6 | 5u << 12 | 15u << 18;
        REG(0x40020040u) &= ~1u;
        stream(3); start(); wait_us(100);
        ADC_CR |= 1u << 4;
        while (ADC_CR & 1u << 4) {}
        ADC_CR |= 2u;
        while (ADC_CR & 1u) {}
        """,
    )
    assert ring(machine, 3) == [65535, 32768, 16384]


def test_results_that_nobody_takes_are_an_overrun(tmp_path: Path) -> None:
    machine = run(
        tmp_path,
        """
        clocks_on(); power_up(); calibrate(); enable(); pins_analog(); sequence(); start();
        wait_us(100);
        REG(0x20000000u) = ADC_ISR;
        stream(3);
        wait_us(100);
        REG(0x20000004u) = REG(RESULTS);
        ADC_ISR = 1u << 4;
        wait_us(100);
        REG(0x20000008u) = ADC_ISR;
        """,
    )
    before, stuck, after = np.frombuffer(machine.core.memory.read(0x20000000, 12), np.uint32)
    assert (int(before) >> 4 & 1, int(stuck), int(after) >> 4 & 1) == (1, 0, 0)
    assert set(ring(machine, 3)) == set(CODES)


def test_a_stream_interrupts_at_its_half_and_its_end(tmp_path: Path) -> None:
    core = Core()
    vectors = images.BARE_START.replace("vectors[18]", "vectors[30]").replace(
        "irq0, irq1,", "irq0, irq1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, irq13,"
    )
    text = vectors.replace("void reset(void);", "void reset(void); void irq13(void);")
    body = (
        "void irq13(void) { REG(0x20000000u) += 1u; REG(0x40020008u) = 0x3Fu << 16; BARRIER(); }"
        " void reset(void) { REG(0xE000E100u) = 1u << 13; clocks_on(); power_up(); calibrate();"
        " enable(); pins_analog(); sequence(); stream(12); REG(0x40020040u) &= ~1u;"
        " REG(0x40020040u) |= 1u << 4 | 1u << 3; REG(0x40020040u) |= 1u; start();"
        ' while (REG(0x20000000u) < 20u) { __asm volatile("wfi"); } DONE(); }'
    )
    program = text + adc_programs.PROGRAM + body
    core.load(images.build(tmp_path, program, entry="reset"), at="load")
    machine = Machine(core, board="seed_rev4", silicon="V", boot="flash")
    with pytest.raises(EmulationError) as caught:
        machine.run_until_audio()
    assert caught.value.kind == "breakpoint", str(caught.value)
    assert machine.adc.stream is not None
    assert machine.adc.stream.moved == 20 * 6


UP = "clocks_on(); power_up(); calibrate(); enable(); pins_analog(); sequence(); "


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("clocks_on(); ADC_CR = 1u << 28;", "before deep power-down has ended"),
        ("clocks_on(); ADC_CR = 0; ADC_CR = 1u << 28; ADC_CR |= 1u << 31;", "has had 10 us"),
        ("clocks_on(); power_up(); enable();", "without a calibration"),
        (
            "clocks_on(); power_up(); ADC_CR |= 1u << 31; while (ADC_CR >> 31) {} ADC_CR |= 1u;",
            "within four of its cycles",
        ),
        ("clocks_on(); power_up(); ADC_CR |= 1u << 31; ADC_CR |= 1u;", "would be ignored"),
        (
            "clocks_on(); power_up(); calibrate(); ADC_CR |= 1u; wait_us(50); pins_analog();"
            " sequence(); stream(3); start();",
            "before ADRDY was seen",
        ),
        ("clocks_on(); power_up(); calibrate(); start();", "would be ignored"),
        (UP + "stream(3); start(); ADC_SQR1 = 1u;", "0x30 is set while it converts"),
        (UP + "stream(3); start(); ADC_SMPR2 = 0;", "0x18 is set while it converts"),
        (UP + "ADC_CCR = 3u << 18;", "CCR is set while it is on"),
        (UP + "ADC_PCSEL = 1u << 15 | 1u << 5; start();", "channel 11 is not preselected"),
        (UP + "REG(0x58020400u) &= ~(3u << 2); start();", "PB1 is not in analog mode"),
        (UP + "ADC_SQR1 = 1u << 6; ADC_PCSEL = 2u; start();", "channel 1 has no pin"),
        (UP + "ADC_CFGR = 1u << 31 | 1u << 13; start();", "not handed to a DMA circle"),
        (UP + "ADC_CFGR |= 1u << 10; start();", "a trigger (EXTEN) is not emulated"),
        (UP + "REG(0x40022004u) = 4u; start();", "interrupts are not emulated"),
        (UP + "ADC_CFGR2 = 15u << 16 | 1u; start(); stream(3);", "more than 16 bits are cut"),
        (UP + "start(); stream(3); ADC_CR = 0;", "its supply is switched while it is on"),
        (
            "clocks_on(); ADC_CCR = 0; REG(0x58024458u) = 0; power_up(); calibrate();",
            "clock does not run",
        ),
        (
            "clocks_on(); ADC_CCR = 2u << 16; ADC_CR = 0; ADC_CR = 1u << 28; wait_us(20);"
            " ADC_CR |= 1u << 31;",
            "BOOST is 0 where 16.00 MHz need 2",
        ),
        (
            "clocks_on(); ADC_CCR = 11u << 18; REG(0x58024458u) = 2u << 16;"
            " REG(0x5802444Cu) = 1u << 28; REG(0x58024400u) |= 1u << 7; power_up(); calibrate();",
            "its clock is 0.01 MHz, not 0.12 to 36",
        ),
    ],
)
def test_what_the_converter_would_ignore_is_an_error(tmp_path: Path, body: str, said: str) -> None:
    assert said in fault_of(tmp_path, body)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("REG(0x4002004Cu) = 0x20000000u;", "cannot reach memory at 0x20000000"),
        ("REG(0x40020048u) = 0x40022340u;", "0x40022340 is not the data register"),
        ("REG(0x40020040u) = 1u << 13 | 1u << 11 | 1u << 10;", "no words to memory in a circle"),
        ("REG(0x40020040u) = 2u << 13 | 1u << 11 | 1u << 10 | 1u << 8;", "other than 16 or 32"),
    ],
)
def test_a_stream_that_cannot_take_the_results_is_an_error(
    tmp_path: Path, settings: str, said: str
) -> None:
    body = UP + "stream(3); REG(0x40020040u) &= ~1u; " + settings
    assert said in fault_of(tmp_path, body + " REG(0x40020040u) |= 1u; start();")


def test_the_converter_and_the_modules_agree_on_the_channels() -> None:
    channels = {
        pin.adc1: ChipPin(pin.port, pin.number)
        for pin in load_module("daisy-seed").pins
        if pin.adc1 is not None
    }
    assert channels
    assert {number: CHANNEL_PINS[number] for number in channels} == channels
