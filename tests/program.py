"""The program `namgen`, as tests start it: it shares what it compiles with them.

    python tests/program.py ARGUMENT ...

Tests of signals and of the compilers start the real one, `python -m namgen`.
"""

from __future__ import annotations

import sys
from pathlib import Path

PROGRAM = (sys.executable, str(Path(__file__).resolve()))
"""What to start in place of `python -m namgen`."""

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    import compiled_once

    from namgen.__main__ import run

    compiled_once.share_with_parent()

    run()
