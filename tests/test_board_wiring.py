"""A board's clock tree, pins and revisions are checked when read, and spelled for the firmware."""

from __future__ import annotations

from pathlib import Path

import pytest

import namgen.boards
from namgen.boards import load_board, read_board
from namgen.errors import FileError
from namgen.firmware.wiring_header import wiring_header

DAISY = Path(namgen.boards.__file__).parent / "daisy.toml"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "m = 4, p = 2",
            "m = 7, p = 2",
            "clock_tree.processor: expected factors that give 480000000",
        ),
        (
            "n = 192, p = 50",
            "n = 192, p = 49",
            "clock_tree.audio: expected factors that give 12288000",
        ),
        (
            "sample_rate_hz = 48_000",
            "sample_rate_hz = 44_100",
            "clock_tree.audio: expected factors",
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
        ("m = 4, p = 2", "m = 0, p = 2", "clock_tree: expected no division by 0"),
        (
            "m = 4, p = 2, q = 5",
            "m = 4, p = 2, q = 129",
            "expected to divide by 1 to 128, found 129",
        ),
        ("m = 4, p = 2", "m = 4, p = 4", "expected n to give 192 to 960 MHz"),
        ("m = 4, p = 2", "m = 16, p = 2", "expected m to give 2 to 16 MHz, found 1"),
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
    text = DAISY.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "daisy.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read_board(tmp_path / "daisy.toml")
    assert said in str(caught.value)


def test_the_firmware_gets_factors_pins_and_revisions_by_name() -> None:
    header = wiring_header(load_board("daisy"))
    for line in (
        "#define PLL1_N_480_MHZ 240u",
        "#define PLL1_N_400_MHZ 200u",
        "#define PLL3_P 50u",
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
