"""A pedal with a codec of a board's own is built, verified and built again like any other."""

from __future__ import annotations

import json
from pathlib import Path

import make_nam
import pytest
from click.testing import CliRunner, Result

pytest.importorskip("unicorn", reason="the emulated pedal needs unicorn: pip install .[emulator]")

from namgen.cli import main
from namgen.codecs import load_codec
from namgen.toml_data import as_data

BOARDS = {
    "named": 'title = "Mine"\nlike = "nucleo-h743"\ncodec = "sgtl5000"\n',
    "own": 'title = "Mine"\nlike = "weact-h743"\n[codec]\nlike = "nau88c22"\nunmute_ms = 30\n',
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize("kind", BOARDS)
def test_the_image_is_verified_with_its_codec(tmp_path: Path, kind: str) -> None:
    model, board = make_nam.write(tmp_path, make_nam.a1()), tmp_path / "mine.toml"
    board.write_text(BOARDS[kind], encoding="utf-8")
    built = run("build", model, "--board", board, "-o", tmp_path / "out")
    assert built.exit_code == 0, built.output
    board.unlink()  # what it was built for lies beside the image
    verified = run("verify", tmp_path / "out", "--json")
    assert verified.exit_code == 0, verified.output
    found = json.loads(verified.stdout)
    assert found["bit_exact"]


def test_the_codec_changes_the_image_and_nothing_of_the_c(tmp_path: Path) -> None:
    model = make_nam.write(tmp_path, make_nam.a1())
    for name in ("wm8731", "es8388"):
        board = tmp_path / f"{name}.toml"
        board.write_text(f'title = "M"\nlike = "nucleo-h743"\ncodec = "{name}"\n', "utf-8")
        made = run("build", model, "--board", board, "--no-profile", "-o", tmp_path / name)
        assert made.exit_code == 0, made.output
    first, second = (tmp_path / name for name in ("wm8731", "es8388"))
    for path in first.glob("nam_*.[ch]"):
        assert path.read_bytes() == (second / path.name).read_bytes()
    images = [(folder / "firmware.bin").read_bytes() for folder in (first, second)]
    assert images[0] != images[1]


def test_a_table_is_told_as_a_file_would_say_it() -> None:
    data = as_data(load_codec("sgtl5000"))
    assert data["start"][8] == {"register": 2, "value": 0x73, "wait_ms": 400}
    assert data["full_scale_dbu"] == {"in": 3.1, "out": 3.2, "unmeasured": True}
