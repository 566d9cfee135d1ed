"""A headless Chromium for tests, told what to do over a pipe."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select
from tempfile import TemporaryDirectory
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
    "--remote-debugging-pipe",
)
_SECONDS = 120.0


def need_browser() -> None:
    """Skip the test where there is no browser."""
    if CHROMIUM is None:
        pytest.skip("chromium is not on PATH (Debian: chromium)")


class Browser:
    """A browser of one's own; `said` is what pages wrote to the console, errors among it."""

    def __init__(self, process: subprocess.Popen[bytes], to: int, found: int) -> None:
        self._process, self._to, self._from = process, to, found
        self._rest, self._last = b"", 0
        self._loaded: set[str] = set()  # sessions
        self.said: list[str] = []

    def open(self, page: Path, first: str = "") -> Page:
        """Open a page from disk, and wait until it has been read; `first` is as for `visit`."""
        return self.visit(page.resolve().as_uri(), first)

    def visit(self, url: str, first: str = "") -> Page:
        """Open a page by its address, and wait until it has been read.

        `first` is JavaScript that runs before what is in the page.
        """
        made = self.ask("Target.createTarget", {"url": "about:blank"})
        attached = {"targetId": made["targetId"], "flatten": True}
        opened = Page(self, self.ask("Target.attachToTarget", attached)["sessionId"])
        for domain in ("Runtime", "Page", "Log"):
            opened.ask(f"{domain}.enable")
        if first:
            opened.ask("Page.addScriptToEvaluateOnNewDocument", {"source": first})
        opened.ask("Page.navigate", {"url": url})
        while opened.session not in self._loaded:
            self._note(self._next())
        return opened

    def ask(self, method: str, parameters: dict[str, Any] | None = None, session: str = "") -> Any:
        """Call a method of the protocol; what it answers."""
        self._last += 1
        asked = {"id": self._last, "method": method, "params": parameters or {}}
        os.write(self._to, json.dumps(asked | ({"sessionId": session} if session else {})).encode())
        os.write(self._to, b"\0")
        while True:
            told = self._next()
            if told.get("id") == self._last:
                assert "error" not in told, f"{method}: {told['error']}"
                return told["result"]
            self._note(told)

    def _next(self) -> dict[str, Any]:
        until = time.monotonic() + _SECONDS
        while b"\0" not in self._rest:
            ready, _, _ = select([self._from], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"the browser said nothing for {_SECONDS:.0f} s; {self.said}"
            data = os.read(self._from, 1 << 20)
            assert data, f"the browser has ended: {self._process.poll()}"
            self._rest += data
        first, _, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(first)
        return told

    def _note(self, told: dict[str, Any]) -> None:
        about = told.get("params", {})
        if told.get("method") == "Page.loadEventFired":
            self._loaded.add(told["sessionId"])
        elif told.get("method") == "Runtime.exceptionThrown":
            self.said.append(_thrown(about["exceptionDetails"]))
        elif told.get("method") == "Runtime.consoleAPICalled":
            self.said.append(" ".join(str(one.get("value")) for one in about["args"]))
        elif told.get("method") == "Log.entryAdded":
            self.said.append(about["entry"]["text"])


class Page:
    """A page that is open."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self.session = browser, session

    def value(self, expression: str) -> Any:
        """Evaluate JavaScript, wait where it is a promise; what comes out, as of JSON."""
        asked = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        told = self.ask("Runtime.evaluate", asked)
        assert "exceptionDetails" not in told, _thrown(told["exceptionDetails"])
        return told["result"].get("value")

    def ask(self, method: str, parameters: dict[str, Any] | None = None) -> Any:
        """Call a method of the protocol for this page."""
        return self._browser.ask(method, parameters, self.session)


def _thrown(details: dict[str, Any]) -> str:
    return str(details.get("exception", {}).get("description", details["text"]))


@contextmanager
def browser(*options: str) -> Iterator[Browser]:
    """Start a browser with a profile of its own, and more options, and end it."""
    need_browser()
    (their_in, our_out), (our_in, their_out) = os.pipe(), os.pipe()
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [str(CHROMIUM), *_OPTIONS, *options, f"--user-data-dir={profile}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=lambda: _hand_over(their_in, their_out),  # noqa: PLW1509  # no threads here
        )
        os.close(their_in)
        os.close(their_out)
        found = Browser(process, our_out, our_in)
        try:
            yield found
            found.ask("Browser.close")
            process.wait(20)
        finally:
            process.kill()
            process.wait()
            os.close(our_out)
            os.close(our_in)


def _hand_over(reads: int, writes: int) -> None:
    """Of the process to be: the browser reads from 3 and writes to 4."""
    kept = os.dup(reads), os.dup(writes)
    high = [os.dup2(one, 60 + at, inheritable=False) for at, one in enumerate(kept)]
    os.dup2(high[0], 3)
    os.dup2(high[1], 4)
