"""What docs/teensy.md says is what namgen does."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

from c_packages import run
from program import PROGRAM

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "teensy.md").read_text(encoding="utf-8")


def test_the_page_is_what_happens(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (command,) = re.findall(r"^\$ namgen (.*)$", PAGE, re.MULTILINE)
    said = run([*PROGRAM, *shlex.split(command)], tmp_path)
    (memory,) = re.findall(r"^flexram: .*$", PAGE, re.MULTILINE)
    assert memory in said
    assert "if its memories behave like a Daisy's" in said
    for name in re.findall(r"`(AudioEffectNam_\w+)`", PAGE):
        text = "".join(path.read_text() for path in (tmp_path / "nam_tweed" / "src").glob("*.h"))
        assert f"class {name} :" in text
    for name in re.findall(r"^\| include \| `(\S+)` \| `(\S+)` \|$", PAGE, re.MULTILINE)[0]:
        assert (tmp_path / "nam_tweed" / "src" / name).is_file()
