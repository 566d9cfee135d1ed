"""Every block of code in the documents is run: here, or by the test that is named for it."""

from __future__ import annotations

import array
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import make_nam
import numpy as np
import pedal_captures
import pytest
from chain_setups import changed_over
from doc_blocks import ROOT, Block, blocks, commands, masked, matches
from program import PROGRAM

from host_sim.engines import Code, machine_code
from host_sim.host_model import HostModel
from namgen.build import build
from namgen.chain.emit import emit_chain
from namgen.lower import lower
from namgen.nam_file import read
from namgen.pedal_boards import load_pedal_board
from namgen.selection.plans import plan_model
from namgen.toolchain import find_cross

HELD = {
    "README.md": "test_project_readme.py",
    "docs/first-five-minutes.md": "test_first_five_minutes.py",
    "docs/start.md": "test_project_readme.py",
    "docs/boards.md": "test_pedal_boards_docs.py",
    "docs/c-package.md": "test_packages_c_builds.py",
    "docs/c.md": "test_project_c_docs.py",
    "docs/tutorial.md": "test_project_tutorial.py",
}
"""Pages whose blocks are run by a test of their own."""

HELD_BLOCKS = {
    ("docs/ci.md", "yaml"): "test_ci_action.py",
    ("docs/pedal.md", "csv"): "test_pedal_docs.py",
    ("docs/pedal.md", "toml"): "test_pedal_docs.py",
    ("docs/analysis.md", "c"): "test_static_analysis.py",
}
"""Of pages whose other blocks are run here."""

NAMED = {("docs/stm32-boards.md", 'codec = "sgtl5000"'): "my_nucleo.toml"}
"""Descriptions of boards, by words in them, that a console on their page takes as files."""

RUN_HERE = {
    ("docs/micropython.md", "python"),
    ("docs/emulator.md", "python"),
    ("docs/fixed-point.md", "python"),
    ("docs/chain.md", "c"),
    ("docs/micropython.md", "c"),
}
"""Blocks that a test here names; of a console and of a board's description all are run."""

NOT_RUN = {
    "python3 -m venv": "makes another environment than the one that the tests run in",
    "pip install": "changes the environment that the tests run in",
    "pre-commit": "changes the checkout",
    "ruff": ".ci/run does",
    "python -m pytest": "is what runs this",
    "NAMGEN_UPDATE_GOLDEN=1": "writes golden files",
    ".ci/run": "runs this",
    "python -m sphinx": "tests/test_docs_site.py does",
    "python tests/static_analysis.py": "minutes; tests/test_static_analysis.py has the same units",
    "python -m benchmarks.": "minutes to hours",
    "make -C": "needs libDaisy; tests/test_libdaisy_program.py compiles the program without",
    "namgen doctor": "says what this machine has; tests/test_doctor.py has others",
    "namgen flash": "needs a device; tests/test_flash_*.py has a simulated one",
    "namgen selftest": "needs a pedal; tests/test_selftest_*.py has an emulated one",
    "namgen build tweed.nam --board terrarium --measured": "tests/test_selftest_decode.py does",
    "python examples/": "trains or renders for minutes",
}
"""Commands that are not run, by how they begin, and why."""

BLOCKS = list(blocks())


def of(language: str) -> Iterator[Any]:
    for block in BLOCKS:
        if block.language == language and holder(block) is None:
            yield pytest.param(block, id=str(block))


def texts(page: str, language: str) -> list[str]:
    return [b.text for b in BLOCKS if (b.page, b.language) == (page, language)]


def holder(block: Block) -> str | None:
    """The test that runs a block, where it is none of these."""
    return HELD_BLOCKS.get((block.page, block.language)) or HELD.get(block.page)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with the files that the documents name, in a repository."""
    folder = tmp_path / "desk"
    folder.mkdir()
    shutil.copytree(ROOT / "examples", folder / "examples")
    pedal_captures.files(folder)
    shutil.copy(folder / "lead.nam", folder / "tweed.nam")
    (folder / "cab.wav").write_bytes(make_nam.wav(np.array([1.0, 0.5], np.float32)))
    shutil.copy(folder / "examples" / "guitar.wav", folder / "guitar.wav")
    commit = ("commit", "-q", "-m", "captures", "--allow-empty")
    for words in (("init", "-q"), ("add", "-A"), commit, commit):
        name = ("-c", "user.name=maker", "-c", "user.email=maker@example.org")
        subprocess.run(["git", *name, *words], cwd=folder, check=True, capture_output=True)
    return folder


def terminals() -> list[str]:
    """The pages with a console that is run here."""
    found = (b.page for b in BLOCKS if b.language == "console" and holder(b) is None)
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("page", terminals())
def test_what_a_terminal_shows_is_what_happens(page: str, desk: Path) -> None:
    for (place, words), name in NAMED.items():
        if place == page:
            (text,) = (text for text in texts(page, "toml") if words in text)
            (desk / name).write_text(text)
    for text in texts(page, "console"):
        for command, shown in commands(text):
            if not any(command.startswith(begin) for begin in NOT_RUN):
                printed = said(command, desk)
                assert not shown or matches(masked(shown), masked(printed)), printed


def said(command: str, desk: Path) -> list[str]:
    program, *words = shlex.split(command)
    assert program == "namgen", f"{command}: say in NOT_RUN why it is not run"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*PROGRAM, *words], cwd=desk, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


class _Player(ModuleType):
    """What `import tweed` gives on a board: here it is the C on this machine."""

    def __init__(self) -> None:
        super().__init__("tweed")
        self.model = HostModel(ROOT / "examples" / "tweed-nano.nam")
        self.process_i32 = self.process

    def process(self, heard: Any, played: Any) -> None:
        samples = np.frombuffer(heard, np.float32)
        memoryview(played).cast("B")[:] = self.model.process(samples).astype(np.float32).tobytes()

    def reset(self) -> None:
        self.model.reset()


class _Codec:
    """An I2S stream that ends after a few buffers."""

    turns = 3

    def readinto(self, buffer: bytearray) -> None:
        if self.turns == 0:
            raise EOFError
        self.turns -= 1

    def write(self, buffer: bytearray) -> None:
        assert len(buffer) == 4 * 256


@pytest.mark.parametrize("number", [0, 1])
def test_the_python_of_a_board_runs(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    alone, stream = [
        b.text for b in BLOCKS if b.page == "docs/micropython.md" and b.language == "python"
    ]
    monkeypatch.setitem(sys.modules, "tweed", _Player())
    names: dict[str, Any] = {"array": array}
    if number == 0:
        exec(alone, names)
        assert any(names["played"])
        return
    names |= {"tweed": _Player(), "heard": _Codec(), "played": _Codec()}
    with pytest.raises(EOFError):
        exec(stream, names)


def test_the_python_of_the_emulator_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("unicorn")
    clean = pedal_captures.files(tmp_path)[0]
    made = build(clean, board="terrarium", name="tweed", out_dir=tmp_path / "out").out_dir
    shutil.copy(made / "firmware.elf", tmp_path)
    model = replace(lower(read(clean)), name="tweed")
    alone = Code.of_plan(plan_model(model, block_frames=48))
    toolchain = find_cross("zig", processor="cortex-m7")
    (tmp_path / "model.elf").write_bytes(machine_code(alone, toolchain))
    names: dict[str, Any] = {"Path": Path, "elf": made / "firmware.elf"}
    names |= {"samples": np.zeros(96, np.float32), "codes": np.zeros(96, np.int32)}
    monkeypatch.chdir(tmp_path)
    for text in texts("docs/emulator.md", "python"):
        exec(text, names)


def test_the_python_of_fixed_point_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (text,) = texts("docs/fixed-point.md", "python")
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    exec(text, names)
    assert "SNR" in capsys.readouterr().out
    assert names["reference"].process(np.zeros((1, 8), np.float32)).shape == (1, 8)


C = """#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
{includes}
void used({parameters});
void used({parameters})
{{
{text}
}}
"""


def compiled(source: str, include_dirs: list[Path], folder: Path) -> None:
    program = shutil.which("gcc") or shutil.which("cc")
    if program is None:
        pytest.skip("no C compiler is on PATH")
    (folder / "block.c").write_text(source)
    command = [program, "-std=c99", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function"]
    command += [*(f"-I{place}" for place in include_dirs), "-fsyntax-only", "block.c"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_c_of_the_chain_compiles(tmp_path: Path) -> None:
    """The calls are those of a pedal that has all of it."""
    (text,) = texts("docs/chain.md", "c")
    for name, made in emit_chain(changed_over("parts")).items():
        (tmp_path / name).write_text(made)
    tweed = build(
        pedal_captures.files(tmp_path)[0], target="host", name="tweed", out_dir=tmp_path / "c"
    )
    names = (
        "chain",
        "chain/bypass",
        "chain/input_trim",
        "chain/level",
        "chain/cabinet_parts",
        "nam_tweed",
    )
    includes = "".join(f'#include "{name}.h"\n' for name in names)
    source = C.format(includes=includes, parameters="float *samples, size_t frames", text=text)
    compiled(source, [tmp_path, tweed.out_dir, ROOT / "firmware"], tmp_path)


def test_the_c_of_a_module_compiles(tmp_path: Path) -> None:
    (text,) = texts("docs/micropython.md", "c")
    made = build(
        pedal_captures.files(tmp_path)[0],
        target="micropython",
        name="tweed",
        out_dir=tmp_path / "m",
    ).out_dir
    heads = ["<stdint.h>", "<stddef.h>", '"nam_tweed.h"', '"nam_tweed_buffers.h"']
    source = "".join(f"#include {head}\n" for head in heads)
    source += "void audio_half_done(const int32_t *heard, int32_t *played);\n" + text
    folders = sorted({path.parent for path in made.rglob("*.h")})
    compiled(source, folders, tmp_path)


@pytest.mark.parametrize("block", list(of("toml")))
def test_a_description_of_a_board_is_one(block: Block, tmp_path: Path) -> None:
    (tmp_path / "board.toml").write_text(block.text)
    assert load_pedal_board(str(tmp_path / "board.toml")).title in block.text


def test_every_page_with_a_test_of_its_own_is_read_by_it() -> None:
    for place, test in (*HELD.items(), *((page, t) for (page, _), t in HELD_BLOCKS.items())):
        text = (ROOT / "tests" / test).read_text("utf-8")
        assert Path(place).name in text or test == "test_static_analysis.py", (place, test)


def test_every_block_is_run_by_something() -> None:
    known = {"console", "toml"}
    for block in BLOCKS:
        run_here = block.language in known or (block.page, block.language) in RUN_HERE
        assert not block.language or holder(block) or run_here, f"{block}: nothing runs it"
        assert block.language or not re.search(r"^\$ ", block.text, re.M), f"{block}: a console"
