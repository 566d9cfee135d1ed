"""A board's clock tree, pins and revisions are checked when read, and spelled for the firmware."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from board_files import changed

from namgen.boards import load_board, read_board
from namgen.boards.wiring import ClockTree
from namgen.errors import FileError
from namgen.firmware.wiring_header import wiring_header


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "sample_rate_hz = 48_000",
            "sample_rate_hz = 48",
            "clock_tree.crystal_hz: expected a frequency that a PLL makes 12288 Hz of within 1 ppm",
        ),
        ('port = "G"\nnumber = 3\n', 'port = "L"\nnumber = 3\n', "port: expected a letter, A to K"),
        ("number = 11\n", "number = 16\n", "number: expected 0 to 15, found 16"),
        ('name = "i2c_data"', 'name = "codec"', "pins: codec is there twice"),
        (
            "guard_bytes = 256",
            "guard_bytes = 255",
            "guard_bytes: expected a power of two, 32 or more",
        ),
        ("guard_bytes = 256", "guard_bytes = 4096", "size_bytes: expected several times guard_byt"),
        ("size_bytes = 32_768\n\n", "size_bytes = 32_767\n\n", "dma.size_bytes: expected a power"),
        (
            "origin = 0x3000_0000\nsize_bytes = 32_768\n\n",
            "origin = 0x3000_4000\nsize_bytes = 32_768\n\n",
            "dma.origin: expected a multiple of",
        ),
        (
            "crystal_hz = 16_000_000",
            "crystal_hz = 11_059_200",
            "expected a frequency that a PLL makes 480000000 and 400000000 Hz of, found 11059200",
        ),
        ("crystal_hz = 16_000_000", "crystal_hz = 0", "crystal_hz: expected a frequency that a"),
        ("[stack]", "[sai]\nnumber = 4\n\n[stack]", "sai.number: expected one of 1, 2, 3, found 4"),
        ("[stack]", '[sai]\nmaster = "C"\n\n[stack]', "sai.master: expected one of 'A', 'B'"),
        (
            "[stack]",
            '[sai]\nframe = "pcm"\n\n[stack]',
            "sai.frame: expected one of 'left-justified'",
        ),
        (
            "block_frames = 48\n",
            "block_frames = 48\nunmute_ms = 200\n",
            "audio.unmute_ms: expected beside a pin codec_mute, and only there",
        ),
        ("options_hz = [480", "options_hz = [240_000_000, 480", "expected 480000000 or 400000000"),
        (
            'strap = "strap_seed3"',
            'strap = "strap_seed4"',
            "revisions[3]: expected a pin named strap_",
        ),
        (
            'strap = "strap_seed3"\n',
            "",
            "revisions[3].strap: expected in every revision but the last",
        ),
        ('name = "seed3"', 'name = "seed_1_2"', "revisions: seed_1_2 is there twice"),
        ('name = "sai_fs"', 'name = "sai"', "pins: expected one named sai_fs"),
        ("i2c = 2", "i2c = 4", "i2c: expected one of 1, 2, 3, found 4"),
        ("i2c = 2 ", "", "i2c: expected the number of the I2C that the codec is set over"),
        ('name = "i2c_data"', 'name = "data"', "revisions[0]: expected a pin named i2c_data"),
        ('codec = "ak4556"', 'codec = "ak4558"', "revisions[4].codec"),
    ],
)
def test_wiring_that_cannot_be_is_refused(old: str, new: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        read_board(changed(tmp_path, (old, new)))
    assert said in str(caught.value)


def test_the_firmware_gets_factors_pins_and_revisions_by_name() -> None:
    header = wiring_header(load_board("daisy"))
    for line in (
        "/* The codec's clock: exact, as far as the oscillator is. */",
        "#define PLL1_N_480_MHZ 240u",
        "#define PLL1_N_400_MHZ 200u",
        "#define PLL3_P 50u",
        "#define PLL3_FRACTION 0u",
        "#define SAI_NUMBER 1u",
        "#define SAI_MASTER SAI_BLOCK_A",
        "#define LED_PORT 'C'",
        "#define I2C_NUMBER 2u",
        "#define BOARD_HAS_STRAPS 1",
        "#define I2C_DATA_ALTERNATE 4u",
        "#define DMA_BYTES 32768u",
        "#define QSPI_ORIGIN 0x90000000u",
        "    REVISION(SEED3, STRAP_SEED3, tac5242, SAI_BLOCK_B, PEDAL_WORDS_32_RIGHT_FIRST) \\",
        "    REVISION(SEED_REV4, NO_STRAP, ak4556, SAI_BLOCK_B, PEDAL_WORDS_24)",
    ):
        assert line in header.splitlines()


def test_where_another_chip_gives_the_clock_there_are_factors_without_it() -> None:
    lines = wiring_header(load_board("nucleo-h743")).splitlines()
    for line in (
        "#define CRYSTAL_IS_BYPASSED 1u",
        "#define PLL1_M 2u",
        "#define INTERNAL_PLL1_M 16u",
        "#define INTERNAL_PLL1_N_480_MHZ 240u",
        "#define PLL3_IS_MEDIUM 1u",
        "#define INTERNAL_PLL3_IS_MEDIUM 0u",
        "#define SAI_HAS_I2S_FRAMES 1",
        "#define CODEC_UNMUTE_MS 200u",
    ):
        assert line in lines
    assert not any("INTERNAL" in line for line in wiring_header(load_board("daisy")).splitlines())


def test_the_fraction_counts_where_either_of_two_oscillators_needs_one() -> None:
    def lines(name: str) -> list[str]:
        return wiring_header(load_board(name)).splitlines()

    said = "#define PLL3_HAS_FRACTION 1u"
    assert said in lines("weact-h743")
    assert said not in lines("daisy")
    assert said not in lines("nucleo-h743")
    nucleo = load_board("nucleo-h743")
    audio = replace(nucleo.audio, sample_rate_hz=44_100)
    board = replace(nucleo, clock_tree=ClockTree(48_000_000, is_bypassed=True), audio=audio)
    found = wiring_header(board).splitlines()
    assert "#define PLL3_FRACTION 0u" in found
    assert "#define INTERNAL_PLL3_FRACTION 0u" not in found
    assert said in found
