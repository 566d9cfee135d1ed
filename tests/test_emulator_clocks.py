"""Clocks, voltages, wait states: ready, and seen ready, before what depends on them."""

from __future__ import annotations

from pathlib import Path

import emulator_images as images
import pytest

pytest.importorskip("unicorn", reason="the emulator needs unicorn: pip install .[emulator]")
from host_sim.emulator.core import Core
from host_sim.emulator.errors import EmulationError
from host_sim.stm32h750.machine import Machine
from host_sim.stm32h750.registers import Silicon

FULL_SPEED = """
#define CR REG(0x58024400u)
#define CFGR REG(0x58024410u)
#define D1CFGR REG(0x58024418u)
#define D2CFGR REG(0x5802441Cu)
#define D3CFGR REG(0x58024420u)
#define PLLCKSELR REG(0x58024428u)
#define PLLCFGR REG(0x5802442Cu)
#define PLL1DIVR REG(0x58024430u)
#define APB4ENR REG(0x580244F4u)
#define CSR1 REG(0x58024804u)
#define CR3 REG(0x5802480Cu)
#define D3CR REG(0x58024818u)
#define PWRCR REG(0x5800042Cu)
#define ACR REG(0x52002000u)
#define WAIT(reg, bit) while (((reg) & (1u << (bit))) == 0u) {}
void reset(void)
{
    APB4ENR |= 2u;
    CR3 = 2u;
    WAIT(CSR1, 13) /* supply */
    D3CR |= 3u << 14;
    WAIT(D3CR, 13) /* scale 1 */
    PWRCR = 1u; /* overdrive */
    WAIT(D3CR, 13) /* scale 0 */
    CR |= 1u << 16;
    WAIT(CR, 17) /* HSE */
    ACR = 0x34u; /* wait states */
    while (ACR != 0x34u) {} /* seen */
    PLLCKSELR = 2u | 4u << 4;
    PLLCFGR = 2u << 2 | 1u << 16;
    PLL1DIVR = 239u | 1u << 9;
    CR |= 1u << 24;
    WAIT(CR, 25) /* PLL1 */
    D1CFGR = 0x48u; /* buses */
    D2CFGR = 0x440u; /* peripheral buses */
    D3CFGR = 0x40u;
    CFGR = 3u;
    while (CFGR >> 3 != 3u) {} /* switch */
    DONE();
}
"""


def run(folder: Path, body: str, *, silicon: Silicon = "V") -> tuple[Machine, EmulationError]:
    """Run from reset to what ends the program."""
    core = Core()
    core.load(images.bare_image(folder, body), at="load")
    machine = Machine(core, board="seed_rev4", silicon=silicon, boot="flash")
    with pytest.raises(EmulationError) as caught:
        machine.run_until_audio()
    return machine, caught.value


def without(*marks: str) -> str:
    """The program without the lines that end in these comments."""
    lines = FULL_SPEED.splitlines()
    kept = [line for line in lines if not any(f"/* {mark} */" in line for mark in marks)]
    assert len(kept) == len(lines) - len(marks)
    return "\n".join(kept)


def moved_to_the_end(mark: str) -> str:
    """The program with one line after the switch."""
    line = next(line for line in FULL_SPEED.splitlines() if f"/* {mark} */" in line)
    return without(mark).replace("    DONE();", f"{line}\n    DONE();")


def test_in_order_the_processor_comes_to_full_speed(tmp_path: Path) -> None:
    machine, error = run(tmp_path, FULL_SPEED)
    assert error.kind == "breakpoint", str(error)
    assert machine.clocks.cpu_hz == 480_000_000
    assert machine.clocks.bus_hz == 240_000_000
    assert machine.clocks.peripheral_bus_hz == 120_000_000


def test_waits_take_time(tmp_path: Path) -> None:
    machine, _ = run(tmp_path, FULL_SPEED)
    assert machine.time.seconds > 300e-6
    assert machine.core.instructions > 5000


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        ("supply", "the voltage is set before the supply was seen ready"),
        ("scale 1", "overdrive is set before voltage scale 1 was seen ready"),
        ("scale 0", "the clock goes up, the voltage not seen ready"),
        ("HSE", "PLL1 starts before its source HSE was seen ready"),
        ("seen", "the clock goes up, the flash's wait states not seen ready"),
        ("PLL1", "the processor's clock is switched to PLL1, not seen ready"),
    ],
)
def test_a_wait_that_is_left_out_is_found(tmp_path: Path, mark: str, message: str) -> None:
    _, error = run(tmp_path, without(mark))
    assert (error.kind, message in str(error)) == ("clocks out of order", True), str(error)


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        ("buses", "buses: 480 MHz"),
        ("peripheral buses", "peripheral buses: 240 MHz"),
        ("overdrive", "processor: 480 MHz where voltage scale 1"),
    ],
)
def test_what_is_too_fast_for_a_moment_is_found(tmp_path: Path, mark: str, message: str) -> None:
    _, error = run(tmp_path, moved_to_the_end(mark))
    assert (error.kind, message in str(error)) == ("too fast", True), str(error)


def test_wait_states_after_the_switch_are_too_late(tmp_path: Path) -> None:
    few = FULL_SPEED.replace("ACR = 0x34u; /* wait states */", "ACR = 0x31u;")
    few = few.replace("while (ACR != 0x34u) {} /* seen */", "while (ACR != 0x31u) {}")
    _, error = run(tmp_path, few)
    assert (error.kind, "flash: 240 MHz" in str(error)) == ("too fast", True), str(error)


def test_full_speed_is_for_silicon_that_can_do_it(tmp_path: Path) -> None:
    assert run(tmp_path, FULL_SPEED, silicon="Y")[1].kind == "too fast"


def test_full_speed_needs_the_clock_of_the_voltage_register(tmp_path: Path) -> None:
    """SYSCFG takes no write without its clock, so the voltage stays too low."""
    without_clock = FULL_SPEED.replace("APB4ENR |= 2u;", "")
    assert run(tmp_path, without_clock)[1].kind == "too fast"


@pytest.mark.parametrize("register", ["PLL1DIVR = 0x01FFu", "PLLCKSELR = 2u | 5u << 4"])
def test_a_running_pll_takes_no_settings(tmp_path: Path, register: str) -> None:
    late = FULL_SPEED.replace("    DONE();", f"    {register};\n    DONE();")
    _, error = run(tmp_path, late)
    assert "PLL1 is set while it runs" in str(error)


def test_the_clock_that_runs_the_processor_cannot_be_switched_off(tmp_path: Path) -> None:
    late = FULL_SPEED.replace("    DONE();", "    CR &= ~(1u << 24);\n    DONE();")
    assert "PLL1 is switched off while the processor runs from it" in str(run(tmp_path, late)[1])
