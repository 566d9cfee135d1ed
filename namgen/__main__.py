"""The program: takes the signals first, before anything large is imported, then the commands."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

_SAID = {"SIGINT": "Interrupted.", "SIGTERM": "Terminated.", "SIGHUP": "Hung up."}
"""The signals that end a command; Windows has no SIGHUP."""


def run() -> None:
    """Run the command line; does not return."""
    atexit.register(_set_signals, signal.SIG_IGN)  # the first one, so that it comes last
    _set_signals(_stop)
    from namgen.cli.group import main, own_process

    own_process()
    main(prog_name="namgen")


def _set_signals(action: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    """Let the signals do this, unless they are ignored, as under nohup.

    When all is done they are: Python's own end would take the handlers away and die of a signal.
    """
    for name in _SAID:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, action)


def _stop(number: int, _: FrameType | None) -> None:
    """Leave nothing behind and end at once: an exception could be lost in a callback from C."""
    end = getattr(sys.modules.get("namgen.scratch"), "end", None)
    if end is not None:  # else nothing is there yet that could be undone
        end(lambda: _exit(number))
    else:
        _exit(number)


def _exit(number: int) -> None:
    said = _SAID[signal.Signals(number).name]
    if "--json" in sys.argv:
        text = f'{{"error": {{"kind": "signal", "lines": ["{said}"]}}}}\n'
        _write(1, text)
    _write(2, f"\n{said}\n")
    os._exit(128 + number)


def _write(handle: int, text: str) -> None:
    """Write past Python's buffers, which the signal may have come into."""
    try:
        os.write(handle, text.encode())
    except OSError:
        return  # nobody is there to read it


if __name__ == "__main__":
    run()
