"""On a terminal: colour, tables and a bar, within its width; in a pipe: the same plain text."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import make_nam
import pytest
from program import PROGRAM

from host_sim.verify import verify
from namgen.cli.progress import time_left
from namgen.cli.terminal import Facts, Table
from namgen.lower import lower
from namgen.nam_file import read
from namgen.progress import Stage, part

if sys.platform == "win32":
    pytest.skip("needs pseudo-terminals", allow_module_level=True)

import fcntl
import pty
import struct
import termios

ROOT = Path(__file__).resolve().parents[1]
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-9][0-9;]*m")


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return make_nam.write(tmp_path, make_nam.container(), "box.nam")


def on_terminal(folder: Path, *arguments: str, columns: int = 80, **environment: str) -> str:
    """Run namgen on a terminal of a width; everything it wrote there."""
    child, handle = pty.fork()
    if child == 0:
        os.chdir(folder)
        settings = {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **environment}
        kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
        command = [*PROGRAM, *arguments]
        os.execve(sys.executable, command, {**kept, **settings})
    fcntl.ioctl(handle, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    written = b"".join(iter(lambda: _read(handle), b""))
    os.close(handle)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, written
    return written.decode()


def _read(handle: int) -> bytes:
    try:
        return os.read(handle, 65536)
    except OSError:  # Linux says so that the other side is gone
        return b""


def in_pipe(folder: Path, *arguments: str, **environment: str) -> tuple[str, str]:
    """Run namgen with both outputs in pipes."""
    done = subprocess.run(
        [*PROGRAM, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout, done.stderr


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(box: Path, columns: int) -> None:
    for arguments in (["targets"], ["inspect", "box.nam"], ["build", "box.nam", "--no-profile"]):
        text = ESCAPE.sub("", on_terminal(box.parent, *arguments, columns=columns))
        unbroken = [line for line in re.split(r"[\r\n]", text) if len(line) > columns]
        assert unbroken == []


def test_a_terminal_gets_colour_unless_it_is_not_wanted(box: Path) -> None:
    arguments = ("inspect", "box.nam")
    assert COLOUR.search(on_terminal(box.parent, *arguments))
    assert not COLOUR.search(on_terminal(box.parent, *arguments, NO_COLOR="1"))
    assert "\x1b" not in on_terminal(box.parent, *arguments, TERM="dumb")


def test_a_build_shows_a_bar_that_goes_away(box: Path) -> None:
    text = on_terminal(box.parent, "build", "box.nam", "--no-profile")
    assert re.search(r"compiling.* \d+ %", ESCAPE.sub("", text))
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
    assert "compiling" not in text.rpartition("\x1b[2K")[2]


def test_a_build_that_is_quiet_shows_only_its_result(box: Path) -> None:
    text = on_terminal(box.parent, "build", "box.nam", "--no-profile", "--quiet")
    assert "compiling" not in text
    assert "taken:" not in text
    assert "firmware.bin" in text


def test_a_pipe_gets_plain_text_that_knows_no_terminal(box: Path) -> None:
    plain = in_pipe(box.parent, "inspect", "box.nam")
    assert "\x1b" not in "".join(plain)
    assert in_pipe(box.parent, "inspect", "box.nam", COLUMNS="30", TERM="dumb") == plain
    assert in_pipe(box.parent, "inspect", "box.nam", FORCE_COLOR="1", NO_COLOR="") == plain


def test_progress_in_a_pipe_is_a_line_for_each_stage(box: Path) -> None:
    stages = in_pipe(box.parent, "build", "box.nam", "--no-profile", "-o", "out")[1].splitlines()
    assert stages[0] == "reading box.nam"
    assert stages.count("compiling the firmware") == 1
    quiet = in_pipe(box.parent, "build", "box.nam", "--no-profile", "-o", "out", "-q")
    assert quiet[1] == ""


@pytest.mark.compiles
def test_verbose_tells_what_is_run(box: Path) -> None:
    told = in_pipe(box.parent, "build", "box.nam", "--no-profile", "-o", "out", "-v")[1]
    assert re.search(r"\d+ ms  .*zig.* cc .*main\.c", told)


def test_the_time_left_follows_the_pace() -> None:
    assert time_left(0.25, 10.0) == "0:30 left"
    assert time_left(0.5, 3600.0) == "60 min left"
    assert time_left(0.0, 10.0) == time_left(0.5, 0.2) == ""


def test_a_part_has_its_share_of_the_whole() -> None:
    told: list[str] = []
    inner = part(part(told.append, 0.5, 1.0), 0.0, 0.5)
    for line in (Stage("begin", 0.0), Stage("end", 1.0), "no share"):
        inner(line)
    assert [line.share for line in told if isinstance(line, Stage)] == [0.5, 0.75, 0.5]


def test_plain_tables_line_up() -> None:
    table = Table(["model", "cycles"], [["a", "1"], ["long name", "12,345"]])
    assert list(table.lines()) == ["model      cycles", "a               1", "long name  12,345"]
    facts = Facts([("weights", "1 byte"), ("receptive field", "3")])
    assert list(facts.lines()) == ["  weights          1 byte", "  receptive field  3"]


def test_a_blank_line_is_one_on_a_terminal_too(tmp_path: Path) -> None:
    assert on_terminal(tmp_path, "board", "pod").count("\r\n\r\n") == 2
    assert in_pipe(tmp_path, "board", "pod")[0].count("\n\n") == 2


def test_a_terminal_that_knows_few_characters_gets_others_spelled(box: Path) -> None:
    name = "\u65e5.nam"
    box.rename(box.with_name(name))
    out, _ = in_pipe(box.parent, "inspect", name, PYTHONIOENCODING="latin-1")
    assert "\\u65e5.nam" in out


def test_help_is_there_before_anything_large_is_imported() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from namgen.cli import main;"
        "CliRunner().invoke(main, ['--help']); CliRunner().invoke(main, ['--version']);"
        "print(sorted({'numpy', 'jinja2', 'cffi', 'rich', 'soundfile'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


def test_a_verification_tells_its_share_from_the_beginning_to_the_end(tmp_path: Path) -> None:
    model = lower(read(make_nam.write(tmp_path, make_nam.a1())))
    told: list[str] = []
    assert verify(model, places=("host",), progress=told.append).is_exact
    shares = [line.share for line in told if isinstance(line, Stage)]
    assert len(shares) == len(told)
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] > 0.85
