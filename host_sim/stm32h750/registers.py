"""Where the STM32H750's registers are, which clock opens them, and what reset leaves (RM0433)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Silicon = Literal["V", "Y"]

HSI_HZ = 64_000_000
CSI_HZ = 4_000_000

RCC = 0x58024400
PWR = 0x58024800
SYSCFG_PWRCR = 0x5800042C
FLASH_ACR = 0x52002000
DBGMCU_IDCODE = 0x5C001000
ADC1 = 0x40022000
I2C1 = 0x40005400
SAI1 = 0x40015800
SAI_BYTES = 0x400
"""From SAI1 to SAI2, and to SAI3."""

DMA1 = 0x40020000
DMAMUX1 = 0x40020800
GPIO = 0x58020000

IDCODE: dict[Silicon, int] = {"V": 0x20036450, "Y": 0x10036450}

IO_RANGES = (
    (0x40000000, 0x30000),
    (0x48020000, 0x10000),
    (0x50000000, 0x10000),
    (0x51000000, 0x100000),
    (0x52000000, 0x10000),
    (0x58000000, 0x30000),
    (0x5C000000, 0x10000),
    (0xE0000000, 0x2000),
    (0xE000E000, 0x1000),
)


@dataclass(frozen=True, slots=True)
class Gate:
    """The enable bit of a peripheral's bus clock; its reset bit is 0x58 below."""

    name: str
    origin: int
    size_bytes: int
    enable_offset: int
    bit: int

    @property
    def reset_offset(self) -> int:
        """Offset of the RSTR register that has the same bit."""
        return self.enable_offset - 0x58


def sai_base(number: int) -> int:
    """Address of SAI1, SAI2 or SAI3."""
    return SAI1 + SAI_BYTES * (number - 1)


def _gates() -> tuple[Gate, ...]:
    ports = [
        Gate(f"GPIO{p}", GPIO + 0x400 * i, 0x400, 0xE0, i) for i, p in enumerate("ABCDEFGHIJK")
    ]
    return (
        *ports,
        Gate("DMA1", DMA1, 0x400, 0xD8, 0),
        Gate("DMAMUX1", DMAMUX1, 0x400, 0xD8, 0),
        Gate("DMA2", 0x40020400, 0x400, 0xD8, 1),
        Gate("ADC12", ADC1, 0x400, 0xD8, 5),
        Gate("ADC3", 0x58026000, 0x400, 0xE0, 24),
        Gate("BDMA", 0x58025400, 0x800, 0xE0, 21),
        Gate("RNG", 0x48021800, 0x400, 0xDC, 6),
        Gate("FMC", 0x52004000, 0x1000, 0xD4, 12),
        Gate("QUADSPI", 0x52005000, 0x1000, 0xD4, 14),
        Gate("SYSCFG", 0x58000400, 0x400, 0xF4, 1),
        *(Gate(f"SAI{1 + i}", sai_base(1 + i), SAI_BYTES, 0xF0, 22 + i) for i in range(3)),
        Gate("USART1", 0x40011000, 0x400, 0xF0, 4),
        Gate("SPI1", 0x40013000, 0x400, 0xF0, 12),
        *(Gate(f"TIM{2 + i}", 0x40000000 + 0x400 * i, 0x400, 0xE8, i) for i in range(6)),
        *(Gate(f"I2C{1 + i}", I2C1 + 0x400 * i, 0x400, 0xE8, 21 + i) for i in range(3)),
    )


GATES = _gates()

_GPIO_RESET = {
    "A": {0x00: 0xABFFFFFF, 0x08: 0x0C000000, 0x0C: 0x64000000},
    "B": {0x00: 0xFFFFFEBF, 0x08: 0x000000C0, 0x0C: 0x00000100},
}


def reset_values(silicon: Silicon) -> dict[int, int]:
    """Return the registers that are not zero after reset (RM0433), by address."""
    values = {
        RCC + 0x00: 0x00000083,
        RCC + 0x04: 0x40000000,
        RCC + 0x28: 0x02020200,
        RCC + 0x2C: 0x01FF0000,
        RCC + 0x30: 0x01010280,
        RCC + 0x38: 0x01010280,
        RCC + 0x40: 0x01010280,
        PWR + 0x00: 0xF000C000,
        PWR + 0x04: 0x00004000,
        PWR + 0x0C: 0x00000006,
        PWR + 0x18: 0x00004000,
        FLASH_ACR: 0x00000037,
        DBGMCU_IDCODE: IDCODE[silicon],
        **{I2C1 + 0x400 * i + 0x18: 0x00000001 for i in range(3)},
    }
    for block in (sai_base(number) + part for number in (1, 2, 3) for part in (0x04, 0x24)):
        values |= {block: 0x40, block + 0x08: 0x7, block + 0x14: 0x8}
    for controller in (DMA1, DMA1 + 0x400):
        values |= {controller + 0x10 + 0x18 * stream + 0x14: 0x21 for stream in range(8)}
    for index, port in enumerate("ABCDEFGHIJK"):
        for offset, value in _GPIO_RESET.get(port, {0x00: 0xFFFFFFFF}).items():
            values[GPIO + 0x400 * index + offset] = value
    return values
