"""The pedal starts the same from any state: after a reset, from the boot ROM, on every board."""

from __future__ import annotations

from pathlib import Path

import firmware_stand_in as stand_in
import numpy as np
import pytest

pytest.importorskip("unicorn", reason="the emulated pedal needs unicorn: pip install .[emulator]")
import itertools

from pedal_images import build_stand_in, expected, noise, stand_in_image

from host_sim.boards import Board
from host_sim.codec import codes_of_samples, fade_in, samples_of_codes
from host_sim.emulator.errors import EmulationError
from host_sim.pedal import Pedal
from host_sim.stm32h750.bus import RegisterWrite
from host_sim.stm32h750.i2c import I2c
from host_sim.stm32h750.registers import RCC
from namgen.firmware.elf import read_elf

SCR, CCR, SHPR2, VTOR = 0xE000ED10, 0xE000ED14, 0xE000ED1C, 0xE000ED08
FPCCR, FPDSCR, SYST_CSR = 0xE000EF34, 0xE000EF3C, 0xE000E010
MDMA_RESET, USB_RESET, SDMMC_RESET = (0x7C, 0), (0x80, 27), (0x7C, 16)
TIMER2_RESET, BDMA_RESET = (0x90, 0), (0x88, 21)
PLLCFGR, CFGR, D1CCIPR = RCC + 0x2C, RCC + 0x10, RCC + 0x4C
UNALIGN_TRP, DIV_0_TRP, SLEEPDEEP = 1 << 3, 1 << 4, 1 << 2
FLUSH_AND_DEFAULT_NAN_TO_ZERO = 7 << 22

LEFT_BY_THE_ROM = {
    SCR: SLEEPDEEP | 1 << 1,
    CCR: 0x00040200 | UNALIGN_TRP | DIV_0_TRP,
    SHPR2: 0xF0000000,
    FPCCR: 0,
    FPDSCR: FLUSH_AND_DEFAULT_NAN_TO_ZERO,
    VTOR: 0x1FF00000,
    RCC + 0xD4: 1 << 0 | 1 << 16,
    RCC + 0xD8: 1 << 27 | 3,
    RCC + 0xE8: 1 << 0,
    RCC + 0xE0: 0x7FF,
    0x58020400: 0xEABFFEBF,  # PB10, PB11: USART3
    0x58020424: 0x00007700,
}


def from_the_rom() -> Pedal:
    """A pedal right after `:leave`: masked, trapping, with USB, timers and DMA on."""
    pedal = Pedal(stand_in_image().elf)
    machine, core = pedal._machine, pedal.core
    machine.bus.words.update(LEFT_BY_THE_ROM)
    machine.system.set_tick(7, 63_999)
    machine.system._enabled.update({8, 28, 101})
    machine.system._pending.update({16 + 28, 16 + 101})
    core.set_register("primask", 1)
    core.set_register("basepri", 0x10)
    core.set_register("faultmask", 1)
    core.fpu_enabled = True
    core.set_register("fpscr", FLUSH_AND_DEFAULT_NAN_TO_ZERO)
    return pedal


def is_reset(pedal: Pedal, register: int, bit: int) -> bool:
    """Whether a reset bit was set, and later cleared."""
    values = [w.value >> bit & 1 for w in pedal.register_writes if w.address == RCC + register]
    return 1 in values and values[-1] == 0


def test_the_state_that_the_boot_rom_leaves_changes_nothing() -> None:
    dirty, clean = from_the_rom(), Pedal(stand_in_image().elf)
    for pedal in (dirty, clean):
        pedal.boot()
        assert pedal.core.register("fpscr") & FLUSH_AND_DEFAULT_NAN_TO_ZERO == 0
    left = noise(960)
    for pedal in (dirty, clean):
        played = pedal.play(left)[0, pedal.latency_frames :]
        np.testing.assert_array_equal(played, expected(left)[: -pedal.latency_frames])
    core = dirty.core
    for name in ("primask", "basepri", "faultmask", "control"):
        assert core.register(name) & ~4 == 0, name
    for address in (SCR, CCR, SHPR2, VTOR, FPCCR, FPDSCR, SYST_CSR):
        assert dirty.registers.get(address, 0) == clean.registers.get(address, 0), hex(address)
    assert dirty.registers[FPCCR] == 0xC0000000
    assert dirty._machine.system._enabled == clean._machine.system._enabled


@pytest.mark.parametrize("reset", [MDMA_RESET, USB_RESET, SDMMC_RESET, TIMER2_RESET, BDMA_RESET])
def test_everything_that_could_still_run_is_reset(reset: tuple[int, int]) -> None:
    pedal = from_the_rom()
    pedal.boot()
    assert is_reset(pedal, *reset)


def test_the_vector_table_runs_from_dtcm_and_is_a_copy() -> None:
    image = stand_in_image()
    pedal = Pedal(image.elf)
    pedal.boot()
    elf = read_elf(image.elf)
    table = pedal.registers[VTOR]
    assert table == elf.address("vectors_in_ram") == 0x20000000
    assert pedal.core.memory.read(table, 664) == pedal.core.memory.read(elf.address("vectors"), 664)


def writes(pedal: Pedal, address: int) -> list[RegisterWrite]:
    return [write for write in pedal.register_writes if write.address == address]


@pytest.mark.parametrize(("clock_mhz", "flash_mhz"), [(480, 96), (400, 100)])
def test_an_image_in_qspi_flash_never_runs_it_too_fast(clock_mhz: int, flash_mhz: int) -> None:
    """The bootloader's prescaler divides by 2; the flash bears 133 MHz."""
    pedal = Pedal(stand_in_image("qspi", clock_hz=clock_mhz * 1_000_000).elf)
    pedal.boot()
    clocks = pedal._machine.clocks
    from_pll = pedal.registers.get(D1CCIPR, 0) >> 4 & 3 == 1
    source = clocks.pll_hz(1, "q") if from_pll else clocks.cpu_hz / 2
    assert source / 2 == clocks.qspi_hz == flash_mhz * 1e6
    assert pedal.registers[PLLCFGR] >> 17 & 1, "PLL1 Q is off"
    if from_pll:
        chosen = writes(pedal, D1CCIPR)[-1]
        switched = next(w for w in writes(pedal, CFGR) if w.value & 7 == 3)
        assert chosen.cycle < switched.cycle
        assert chosen.pc < 0x10000, "set from outside ITCM"


@pytest.mark.parametrize("boot", ["flash", "sram", "qspi"])
def test_the_memories_nobody_uses_rest(boot: str) -> None:
    pedal = Pedal(stand_in_image(boot).elf)
    pedal.boot()
    pins, words = pedal._machine.pins, pedal.registers
    assert pins.is_output("H", 2)
    assert not pins.is_high_output("H", 2)
    assert pins.is_high_output("H", 3)  # SDRAM select, active low
    assert pins.is_output("G", 8)
    assert not pins.is_high_output("G", 8)
    if boot != "qspi":
        assert words[0x5802180C] >> 12 & 3 == 1  # PG6, the flash's select
        assert words[0x58021800] >> 12 & 3 == 0


@pytest.mark.parametrize("board", ["seed_rev4", "seed_1_1", "seed2_dfm", "seed_1_2", "seed3"])
@pytest.mark.parametrize("frames", [48, 8])
def test_every_revision_is_told_by_its_strap_and_plays(board: Board, frames: int) -> None:
    pedal = Pedal(stand_in_image(block_frames=frames).elf, board=board)
    pedal.boot()
    left = noise(3000)
    played = pedal.play(np.stack([left, noise(3000, seed=9)]))[:, pedal.latency_frames :]
    samples = fade_in(stand_in.reference(samples_of_codes(left)))
    answer = codes_of_samples(samples)
    if board == "seed3":
        answer = codes_of_samples(samples, bits=32) >> 8  # what the 24 upper bits of a word say
    np.testing.assert_array_equal(played[0], answer[: -pedal.latency_frames])
    np.testing.assert_array_equal(played[1], played[0])


def test_the_codec_of_a_seed3_has_two_milliseconds_before_its_clocks() -> None:
    pedal = Pedal(stand_in_image().elf, board="seed3")
    pedal.boot()
    assert pedal.seconds > 0.003
    assert not [edge for edge in pedal.gpio_edges if (edge.port, edge.pin) == ("B", 11)]
    assert pedal.i2c_transactions == []


def test_the_i2c_bus_is_freed_before_the_first_message() -> None:
    """Nine clocks, then a stop: the data line rises while the clock is high."""
    pedal = Pedal(stand_in_image().elf, board="seed_1_1")
    pedal.boot()
    first = pedal.i2c_transactions[0].seconds
    edges = [edge for edge in pedal.gpio_edges if edge.seconds < first]
    clock = [edge for edge in edges if (edge.port, edge.pin) == ("H", 4)]
    data = [edge for edge in edges if (edge.port, edge.pin) == ("B", 11)]
    low, rise = data[-2:]
    before_stop = [edge for edge in clock if edge.seconds < low.seconds]
    assert sum(edge.is_high for edge in before_stop) == 1 + 9
    assert all(b.seconds - a.seconds >= 4.5e-6 for a, b in itertools.pairwise(clock))
    assert rise.is_high
    assert not low.is_high
    assert clock[-1].is_high
    assert low.seconds < clock[-1].seconds < rise.seconds


@pytest.mark.parametrize("failures", [1, 3])
def test_a_disturbed_message_is_sent_again(failures: int, monkeypatch: pytest.MonkeyPatch) -> None:
    started, real_start = [0], I2c._start

    def start(self: I2c, control: int) -> None:
        started[0] += 1
        wired = self._wired
        if started[0] <= failures:
            self._wired = None
        real_start(self, control)
        self._wired = wired

    monkeypatch.setattr(I2c, "_start", start)
    pedal = Pedal(stand_in_image().elf, board="seed_1_1")
    pedal.boot()
    taken = [message for message in pedal.i2c_transactions if message.is_acknowledged]
    assert len(taken) == 12
    assert len(pedal.i2c_transactions) == 12 + failures


def asking_for_update(folder: Path, boot: str) -> Pedal:
    """A pedal that has gone into the update mode; the emulator ends the run at the reset."""
    source = stand_in.SOURCE.replace(
        '#include "nam_echo.h"\n', '#include "nam_echo.h"\nvoid board_update_mode(void);\n'
    ).replace("    for (size_t i = 0; i < frames; i++) {\n        newest", CALL, 1)
    assert CALL in source
    pedal = Pedal(build_stand_in(folder, source, boot=boot).elf)
    pedal.boot()
    with pytest.raises(EmulationError, match="system reset"):
        pedal.play(noise(480))
    return pedal


@pytest.mark.parametrize("boot", ["sram", "qspi"])
def test_update_mode_asks_the_bootloader_that_started_the_image(boot: str, tmp_path: Path) -> None:
    pedal = asking_for_update(tmp_path, boot)
    assert pedal.update_mode_requested
    assert pedal.core.memory.read_word(0x38800000) == 0xB0074EFA
    assert not [edge for edge in pedal.gpio_edges if (edge.port, edge.pin) == ("G", 3)]


def test_update_mode_holds_boot0_high_for_ten_milliseconds_and_resets(tmp_path: Path) -> None:
    pedal = asking_for_update(tmp_path, "flash")
    (rise,) = [edge for edge in pedal.gpio_edges if (edge.port, edge.pin) == ("G", 3)]
    assert rise.is_high
    assert pedal._machine.pins.is_high_output("G", 3)
    assert pedal.seconds - rise.seconds >= 0.010
    sent = pedal.dma_buffers[1]
    assert not np.any(pedal.core.memory.view(sent.address, sent.size_bytes))


CALL = (
    "    if (newest > 200u) {\n        board_update_mode();\n    }\n"
    "    for (size_t i = 0; i < frames; i++) {\n        newest"
)


@pytest.mark.parametrize(("options", "sleeps"), [({}, False), ({"PEDAL_IDLE_SLEEP": "1"}, True)])
def test_the_main_loop_spins_unless_sleep_is_asked_for(
    tmp_path: Path, options: dict[str, str], *, sleeps: bool
) -> None:
    pedal = Pedal(build_stand_in(tmp_path, options=options).elf)
    pedal.boot()
    found: list[str] = []
    machine = pedal._machine
    handle = machine._handle
    machine._handle = lambda stop: (found.append(stop.reason), handle(stop))[1]  # type: ignore[method-assign]
    left = noise(480)
    played = pedal.play(left)[0, pedal.latency_frames :]
    np.testing.assert_array_equal(played, expected(left)[: -pedal.latency_frames])
    assert ("wait" in found) == sleeps
