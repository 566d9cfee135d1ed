"""How an image gets control: from the reset, or from the Daisy bootloader."""

from __future__ import annotations

from typing import Literal

from host_sim.stm32h750.frequencies import QUADSPI_CR
from host_sim.stm32h750.registers import RCC

BootMode = Literal["flash", "sram", "qspi"]

IMAGE_ORIGIN: dict[BootMode, int] = {
    "flash": 0x08000000,
    "sram": 0x24000000,
    "qspi": 0x90040000,
}
"""Where an image of each kind starts with its vector table."""

RESET_VECTORS = 0x08000000

BOOTLOADER_REGISTERS = {
    RCC + 0x00: 0x0301_0001 | 1 << 28,  # HSI, HSE, PLL1, PLL3 on
    RCC + 0x10: 0x3,
    RCC + 0x18: 0x48,
    RCC + 0x1C: 0x440,
    RCC + 0x20: 0x40,
    RCC + 0x28: 0x00601042,
    RCC + 0x2C: 0x016F0599,
    RCC + 0x30: 0x010402C7,
    RCC + 0x40: 0x1F031F26,
    RCC + 0xD4: 1 << 14,
    RCC + 0xD8: 1 << 0,
    RCC + 0xDC: 7 << 29,
    RCC + 0xE0: 0x7FF,
    QUADSPI_CR: 1 << 24 | 1,  # on, half its kernel clock
    0x58024818: 0xC000,
    0x5802480C: 0x2,
    0x52002000: 0x34,
    0xE000ED14: 0x00070200,
}
"""What the Daisy bootloader leaves: PLLs, caches, QSPI and pins on; the image does the rest."""

BOOTLOADER_TICK = (5, 399_999)
"""Control and reload of the SysTick that it leaves running."""
