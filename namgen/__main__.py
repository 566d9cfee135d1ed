"""`python -m namgen`."""

from __future__ import annotations

from namgen.cli import main

if __name__ == "__main__":
    main(prog_name="python -m namgen")
