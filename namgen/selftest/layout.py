"""The words of the results: where each is, for the C that writes them and for what reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from namgen.selftest.ladder import MODELS, RUNGS
from namgen.selftest.rules import load_rules

MAGIC = 0x31545354
"""`TST1`, as bytes."""
VERSION = 2
NAME_WORDS = 6
SHORT_WORDS = 2
CHANNELS = 2
MPU_REGIONS = 16

SPECIAL = ("PRIMASK", "BASEPRI", "FAULTMASK", "CONTROL", "MSP")
"""Of the processor's own registers."""

MAPPED: Mapping[str, int] = {
    "DBGMCU_IDCODE": 0x5C001000,
    "RCC_CR": 0x58024400,
    "RCC_CFGR": 0x58024410,
    "RCC_D1CFGR": 0x58024418,
    "RCC_D2CFGR": 0x5802441C,
    "RCC_D3CFGR": 0x58024420,
    "RCC_PLLCKSELR": 0x58024428,
    "RCC_PLLCFGR": 0x5802442C,
    "RCC_PLL1DIVR": 0x58024430,
    "RCC_PLL1FRACR": 0x58024434,
    "RCC_PLL2DIVR": 0x58024438,
    "RCC_PLL3DIVR": 0x58024440,
    "RCC_PLL3FRACR": 0x58024444,
    "RCC_D1CCIPR": 0x5802444C,
    "RCC_D2CCIP1R": 0x58024450,
    "RCC_RSR": 0x580244D0,
    "RCC_AHB3ENR": 0x580244D4,
    "RCC_AHB1ENR": 0x580244D8,
    "RCC_AHB2ENR": 0x580244DC,
    "RCC_AHB4ENR": 0x580244E0,
    "RCC_APB1LENR": 0x580244E8,
    "RCC_APB2ENR": 0x580244F0,
    "RCC_APB4ENR": 0x580244F4,
    "PWR_CR1": 0x58024800,
    "PWR_CSR1": 0x58024804,
    "PWR_CR3": 0x5802480C,
    "PWR_D3CR": 0x58024818,
    "FLASH_ACR": 0x52002000,
    "SCB_CPUID": 0xE000ED00,
    "SCB_ICSR": 0xE000ED04,
    "SCB_VTOR": 0xE000ED08,
    "SCB_AIRCR": 0xE000ED0C,
    "SCB_SCR": 0xE000ED10,
    "SCB_CCR": 0xE000ED14,
    "SCB_SHCSR": 0xE000ED24,
    "SCB_CFSR": 0xE000ED28,
    "SCB_HFSR": 0xE000ED2C,
    "SCB_CPACR": 0xE000ED88,
    "FPU_FPCCR": 0xE000EF34,
    "FPU_FPDSCR": 0xE000EF3C,
    "DEMCR": 0xE000EDFC,
    "SYST_CSR": 0xE000E010,
    "SYST_RVR": 0xE000E014,
    "NVIC_ISER0": 0xE000E100,
    "NVIC_ISER1": 0xE000E104,
    "NVIC_ISER2": 0xE000E108,
    "NVIC_ISER3": 0xE000E10C,
    "NVIC_ISER4": 0xE000E110,
    "NVIC_ISPR0": 0xE000E200,
    "NVIC_ISPR1": 0xE000E204,
    "NVIC_ISPR2": 0xE000E208,
    "NVIC_ISPR3": 0xE000E20C,
    "NVIC_ISPR4": 0xE000E210,
    "MPU_CTRL": 0xE000ED94,
    "MPU_RNR": 0xE000ED98,
}
"""Registers in memory, in the order in which they are kept; RM0433, Armv7-M manual."""

ENTRY_NAMES: tuple[str, ...] = (
    *SPECIAL,
    *MAPPED,
    "FPSCR",
    *(f"{name}{region}" for region in range(MPU_REGIONS) for name in ("MPU_RBAR", "MPU_RASR")),
)
INPUT_WORDS = 5
"""Of a channel, in a block: sum, power, and power of what goes with the blocks (two words each)."""
ERRORS = ("late", "slips", "restarts")
DIRECTIONS = ("receiver", "transmitter")
"""Of the audio interface."""


@dataclass(frozen=True, slots=True)
class Field:
    """Words that belong together."""

    name: str
    words: int


HEADER: tuple[Field, ...] = (
    Field("magic", 1),
    Field("version", 1),
    Field("ladder", 1),
    Field("build", 1),
    Field("board", NAME_WORDS),
    Field("clock_hz", 1),
    Field("block_frames", 1),
    Field("boot", SHORT_WORDS),
    Field("toolchain", SHORT_WORDS),
    Field("expected", len(MODELS)),
)
"""What the build knows, and the pedal only repeats."""

FIELDS: tuple[Field, ...] = (
    *HEADER,
    Field("entry", len(ENTRY_NAMES)),
    Field("revision", 1),
    Field("checks", len(MODELS)),
    Field("rules", len(load_rules())),
    Field("measured", 2 * len(RUNGS)),
    Field("predicted", len(RUNGS)),
    Field("loop", CHANNELS * CHANNELS),
    Field("noise", 2 * CHANNELS * INPUT_WORDS),
    Field("words_left", 2 * CHANNELS),
    Field("errors_forced", len(ERRORS)),
    Field("errors_counted", len(ERRORS)),
    Field("overrun", len(DIRECTIONS)),
    Field("blocks_counted", 1),
)


def places() -> dict[str, tuple[int, int]]:
    """Return first word and number of words of each field."""
    found, at = {}, 0
    for field in FIELDS:
        found[field.name] = (at, field.words)
        at += field.words
    return found


def header_words() -> int:
    """Count the words that the build knows."""
    return sum(field.words for field in HEADER)


def total_words() -> int:
    """Count all words."""
    return sum(field.words for field in FIELDS)


def words_of_text(text: str, words: int) -> list[int]:
    """Spell a short text in words, zeros behind it."""
    data = text.encode("ascii")[: 4 * words].ljust(4 * words, b"\0")
    return [int.from_bytes(data[4 * i : 4 * i + 4], "little") for i in range(words)]


def text_of_words(words: list[int]) -> str:
    """Read it back."""
    data = b"".join(word.to_bytes(4, "little") for word in words)
    return data.rstrip(b"\0").decode("ascii", "replace")
