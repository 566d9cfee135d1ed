"""A Daisy's board file, with the file of its chip, changed by a test."""

from __future__ import annotations

import shutil
from pathlib import Path

import namgen.boards

BOARDS = Path(namgen.boards.__file__).parent
CHIP = Path("chips") / "stm32h750.toml"


def changed(folder: Path, *changes: tuple[str, str], count: int = -1) -> Path:
    """Write both files, each text replaced in the first that has it; return the board's."""
    (folder / CHIP).parent.mkdir()
    shutil.copy(BOARDS / CHIP, folder / CHIP)
    shutil.copy(BOARDS / "daisy.toml", folder / "mine.toml")
    for old, new in changes:
        paths = (folder / CHIP, folder / "mine.toml")
        path = next(path for path in paths if old in path.read_text(encoding="utf-8"))
        text = path.read_text(encoding="utf-8").replace(old, new, count)
        path.write_text(text, encoding="utf-8")
    return folder / "mine.toml"
