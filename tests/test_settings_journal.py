"""Records in the flash, on this machine: every moment at which the power can go, wear, bad chips.

`board/journal.c` is compiled with a flash that does what it is told step by step.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cffi
import numpy as np
import pytest

from namgen.errors import ToolError
from namgen.resources import firmware_dir
from namgen.toolchain import find_host

SECTOR, SLOT = 4096, 32
SLOTS = SECTOR // SLOT
IMAGE, OTHER = 0x1234, 0x4321
PATIENCE = 700
KIND = 0x314D414E

_FLASH = """
#include "chip/qspi.h"
#include "board/journal.h"
#include <string.h>
#define PARTS 16u
uint8_t flash[2 * QSPI_SECTOR_BYTES];
int answers = 1, stuck, is_protected, erases, programs;
static uint32_t working, step, place, words_left, program_words[QSPI_MOST_WORDS];

static uint8_t *at(uint32_t address) { return &flash[address - JOURNAL_ADDRESS]; }
void power_on(void) { working = 0; }
bool qspi_start(void) { return answers != 0; }
void qspi_read(uint32_t address, uint32_t *words, size_t count) {
    memcpy(words, at(address), 4u * count);
}
void qspi_erase_sector(uint32_t address)
{
    erases++;
    working = 1; step = 0; place = address & ~(QSPI_SECTOR_BYTES - 1u);
}
void qspi_program(uint32_t address, const uint32_t *words, size_t count)
{
    programs++;
    memcpy(program_words, words, 4u * count);
    working = 2; step = 0; place = address; words_left = (uint32_t)count;
}
/* Each part in two steps: half of its bits, then all of them. */
static void erase_part(void)
{
    const uint32_t bytes = QSPI_SECTOR_BYTES / PARTS;
    uint8_t *part = at(place) + step / 2u * bytes;
    for (uint32_t i = 0; i < bytes; i++) {
        part[i] = (uint8_t)(step % 2u == 0u ? part[i] | (0x5Au + 7u * i) : 0xFFu);
    }
    working = step == 2u * PARTS - 1u ? 0u : 1u;
}
static void program_part(void)
{
    uint32_t word, now;
    const uint32_t number = step / 2u;
    memcpy(&word, at(place) + 4u * number, 4u);
    now = program_words[number] | (step % 2u == 0u ? 0x5A3C0FF0u : 0u);
    word &= now;
    memcpy(at(place) + 4u * number, &word, 4u);
    working = step == 2u * words_left - 1u ? 0u : 2u;
}
bool qspi_is_ready(void)
{
    if (stuck != 0) { return false; }
    if (is_protected != 0) { working = 0; }
    if (working == 1u) { erase_part(); }
    else if (working == 2u) { program_part(); }
    else { return true; }
    step++;
    return working == 0u;
}
"""
_DECLARED = """
struct record { uint32_t words[5]; };
struct journal_found { bool has_newest; struct record newest; bool has_own; struct record own; };
extern uint8_t flash[8192];
extern int answers, stuck, is_protected, erases, programs;
void power_on(void);
void journal_open(uint32_t image, struct journal_found *found);
bool journal_is_idle(void);
void journal_append(const struct record *record);
void journal_step(uint32_t now, uint32_t patience);
struct record record_of(uint32_t image, uint32_t sequence, uint32_t capture);
bool record_is_valid(const struct record *record);
"""


class Chip:
    """The journal over a flash of its own."""

    def __init__(self, library: Path) -> None:
        self.ffi: Any = cffi.FFI()
        self.ffi.cdef(_DECLARED)
        self.code: Any = self.ffi.dlopen(str(library))
        self.flash = np.frombuffer(self.ffi.buffer(self.code.flash), np.uint8)
        self.flash[:] = 0xFF
        self.sequence = 0

    def open(self, content: bytes | None = None, image: int = IMAGE) -> Any:
        """Power on, with a content of the flash, and return what is found."""
        if content is not None:
            self.flash[:] = np.frombuffer(content, np.uint8)
        self.code.power_on()
        found = self.ffi.new("struct journal_found *")
        self.code.journal_open(image, found)
        self.sequence = found.newest.words[2] if found.has_newest else 0
        return found

    def capture(self, content: bytes | None = None, image: int = IMAGE) -> int | None:
        found = self.open(content, image)
        return int(found.own.words[3]) if found.has_own else None

    def append(self, capture: int, image: int = IMAGE) -> Iterator[bytes]:
        """Write a record, and yield the flash before each step and at the end."""
        self.sequence = (self.sequence + 1) & 0xFFFFFFFF
        record = self.code.record_of(image, self.sequence, capture)
        self.code.journal_append(self.ffi.addressof(record))
        for now in range(10_000):
            yield self.flash.tobytes()
            if self.code.journal_is_idle():
                return
            self.code.journal_step(now, PATIENCE)
        raise AssertionError("the journal does not come to rest")

    def write(self, *captures: int, image: int = IMAGE) -> None:
        for capture in captures:
            list(self.append(capture, image))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("journal")
    firmware = firmware_dir()
    (folder / "flash.c").write_text(_FLASH, encoding="utf-8")
    files = [firmware / "board/record.c", firmware / "board/journal.c"]
    texts = [f'#include "{file}"' for file in (*files, folder / "flash.c")]
    (folder / "all.c").write_text("\n".join(texts) + "\n", encoding="utf-8")
    (folder / "board_wiring.h").write_text("", encoding="utf-8")
    try:
        compiler = find_host()
    except ToolError as error:
        pytest.skip(str(error))
    compiler.shared_library(
        [folder / "all.c"], folder / "journal.so", include_dirs=[firmware, folder]
    )
    return folder / "journal.so"


@pytest.fixture
def chip(library: Path) -> Iterator[Chip]:
    folder = Path(tempfile.mkdtemp(prefix="namgen-"))
    yield Chip(Path(shutil.copy(library, folder)))
    shutil.rmtree(folder)


def test_a_record_is_as_its_description_says(chip: Chip) -> None:
    record = chip.code.record_of(IMAGE, 7, 2)
    words = list(record.words)
    assert words[:4] == [KIND, IMAGE, 7, 2]
    assert words[4] == zlib.crc32(struct.pack("<4I", *words[:4]))
    assert chip.code.record_is_valid(chip.ffi.addressof(record))
    for word in range(5):
        for bit in range(32):
            spoilt = chip.ffi.new("struct record *", record)
            spoilt.words[word] ^= 1 << bit
            assert not chip.code.record_is_valid(spoilt)


def test_what_was_written_last_is_found_and_an_erase_comes_every_128_records(chip: Chip) -> None:
    chip.open()
    for number in range(1, 3 * SLOTS + 2):
        chip.write(number % 3)
        assert chip.code.programs == number
        assert chip.code.erases == (number - 1) // SLOTS
    found = chip.open()
    assert found.own.words[2] == 3 * SLOTS + 1
    assert chip.capture() == (3 * SLOTS + 1) % 3


@pytest.mark.parametrize("before", [0, 1, 2, SLOTS - 1, SLOTS, SLOTS + 1, 2 * SLOTS, 3 * SLOTS])
def test_at_every_moment_the_old_or_the_new_capture_is_found(chip: Chip, before: int) -> None:
    chip.open()
    chip.write(*[1] * before)
    old = chip.capture()
    contents = list(chip.append(2))
    assert len(contents) > 10
    assert contents[-1] != contents[0]
    assert [chip.capture(each) for each in (contents[0], contents[-1])] == [old, 2]
    for content in contents:
        assert chip.capture(content) in (old, 2)


def test_after_every_torn_write_the_next_one_is_found(chip: Chip) -> None:
    chip.open()
    chip.write(*[1] * (SLOTS - 1))
    start = chip.flash.tobytes()
    for content in list(chip.append(2)) + _torn(chip, start, [2, 2]):
        chip.open(content)
        chip.write(5)
        assert chip.capture() == 5


def _torn(chip: Chip, start: bytes, captures: list[int]) -> list[bytes]:
    """The flash at every step of the last of some writes."""
    chip.open(start)
    chip.write(*captures[:-1])
    return list(chip.append(captures[-1]))


def test_records_of_another_pedal_are_not_taken_and_not_lost(chip: Chip) -> None:
    chip.open()
    chip.write(2, 1)
    chip.open(image=OTHER)
    assert chip.capture(image=OTHER) is None
    chip.open(image=OTHER)
    chip.write(4, image=OTHER)
    assert chip.capture(image=OTHER) == 4
    assert chip.capture() == 1


def test_sequence_numbers_go_round(chip: Chip) -> None:
    chip.open()
    chip.sequence = 0xFFFFFFFD
    chip.write(1, 2, 3, 4, 5)
    assert chip.capture() == 5


def test_garbage_is_no_record_and_does_not_stop_the_next_one(chip: Chip) -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        assert chip.capture(rng.integers(0, 256, 2 * SECTOR, np.uint8).tobytes()) is None
        chip.write(3)
        assert chip.capture() == 3
    assert chip.capture(bytes(2 * SECTOR)) is None
    chip.write(4)
    assert chip.capture() == 4


def test_a_chip_that_does_not_answer_is_left_alone(chip: Chip) -> None:
    chip.code.answers = 0
    assert chip.capture() is None
    assert chip.code.journal_is_idle()
    chip.write(1, 2)
    assert chip.code.programs == 0


def test_a_chip_that_stays_busy_is_given_up(chip: Chip) -> None:
    chip.open()
    chip.code.stuck = 1
    steps = len(list(chip.append(1)))
    assert PATIENCE < steps < PATIENCE + 5
    chip.code.stuck = 0
    chip.write(2)
    assert chip.code.programs == 1


def test_a_chip_that_takes_nothing_gets_three_tries(chip: Chip) -> None:
    chip.open()
    chip.code.is_protected = 1
    chip.write(1, 2)
    assert chip.code.programs == 3
    assert chip.capture() is None
