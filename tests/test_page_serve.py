"""`namgen page --serve`: the page, on this computer alone, and nothing else."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from browser import browser
from pages import EXAMPLES, run

NANO = EXAMPLES / "tweed-nano.nam"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """Port and page of a command that serves; Ctrl-C ends it as it ends every command."""
    place = tmp_path_factory.mktemp("served") / "page.html"
    command = [sys.executable, "-m", "namgen", "page", str(NANO), "--no-image", "-o", str(place)]
    process = subprocess.Popen(
        [*command, "--serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    assert process.stdout
    lines = iter(process.stdout.readline, "")
    found = (re.fullmatch(r"http://127\.0\.0\.1:(\d+)/ until Ctrl-C\n", line) for line in lines)
    yield next(int(match[1]) for match in found if match), place
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    assert process.stderr
    assert "Traceback" not in process.stderr.read()


def asked(
    port: int, method: str = "GET", path: str = "/", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    found = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    connection.close()
    return found


def test_the_page_is_served_as_it_lies_there(served: tuple[int, Path]) -> None:
    port, place = served
    status, headers, body = asked(port)
    assert (status, body) == (200, place.read_bytes())
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["x-content-type-options"] == "nosniff"
    assert asked(port, "HEAD")[2] == b""
    assert asked(port, "HEAD")[1]["content-length"] == str(len(body))


def test_nothing_else_is_served(served: tuple[int, Path]) -> None:
    port, place = served
    for path in ("/page.html", "/..", "/etc/passwd", f"/{place.name}", "/favicon.ico"):
        assert asked(port, path=path)[0] == 404, path
    assert asked(port, "POST")[0] == 501
    assert asked(port, Host="example.com")[0] == 403


def test_only_this_computer_reaches_it(served: tuple[int, Path]) -> None:
    own = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in {*own, "127.0.0.2"} - {"127.0.0.1"}:  # 127.0.0.2 is this computer as well
        with pytest.raises(OSError, match=r"refused|timed out"):
            socket.create_connection((str(address), served[0]), timeout=2)


def test_a_browser_plays_it_from_there(served: tuple[int, Path]) -> None:
    with browser() as chromium:
        page = chromium.visit(f"http://127.0.0.1:{served[0]}/")
        page.value("desk.then(() => document.getElementById('play-start').click())")
        page.value(
            """new Promise((done) => setInterval(() => {
                if (document.getElementById("play-told").textContent === "The riff plays.") done();
            }, 20))"""
        )
        assert page.value("document.getElementById('play-error').hidden")
        assert [said for said in chromium.said if "favicon" not in said] == []


def test_a_port_that_is_taken_is_said_before_any_work(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        place = tmp_path / "page.html"
        done = run(NANO, "-o", place, "--serve", "--port", port, "--json")
        assert done.exit_code == 1
        assert f"--port {port}: Address already in use; --port 0 takes one" in done.stderr
        assert json.loads(done.stdout)["error"]["kind"] == "output"
        assert not place.exists()


def test_a_port_without_serving_is_wrong_usage(tmp_path: Path) -> None:
    done = run(NANO, "-o", tmp_path / "page.html", "--port", 8017)
    assert (done.exit_code, "expected beside --serve" in done.stderr) == (2, True)
