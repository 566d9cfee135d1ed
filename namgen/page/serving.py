"""Serves one page to the browsers of this computer, for what they give to no page from disk."""

from __future__ import annotations

import os
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from namgen.errors import OutputError

HOST = "127.0.0.1"


class PageServer(ThreadingHTTPServer):
    """Waits on a port of this computer alone; `page` is what it gives, and nothing else."""

    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # there it would share the port with others

    def __init__(self, port: int) -> None:
        """Take the port; 0: any that is free.

        Raises:
            OutputError: something else has it, or nobody may.

        """
        self.page = b""
        try:
            super().__init__((HOST, port), _Answers)
        except OSError as error:
            raise OutputError(
                f"--port {port}: {error.strerror or error}; --port 0 takes one that is free"
            ) from error

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.server_port}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """Leave out a browser that has gone away."""


class _Answers(BaseHTTPRequestHandler):
    server: PageServer
    protocol_version = "HTTP/1.1"
    server_version = "namgen"
    sys_version = ""
    timeout = 30

    def do_GET(self) -> None:
        self._answer(is_whole=True)

    def do_HEAD(self) -> None:
        self._answer(is_whole=False)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def _answer(self, *, is_whole: bool) -> None:
        if not self._is_meant():
            return self._end(HTTPStatus.FORBIDDEN, b"another host\n", "text/plain")
        if self.path.partition("?")[0] != "/":
            return self._end(HTTPStatus.NOT_FOUND, b"only / is here\n", "text/plain")
        return self._end(HTTPStatus.OK, self.server.page, "text/html", is_whole=is_whole)

    def _is_meant(self) -> bool:
        """Whether it was asked for by its own address: no other site's name leads here."""
        names = (HOST, "localhost")
        return self.headers.get("Host") in {f"{name}:{self.server.server_port}" for name in names}

    def _end(self, status: HTTPStatus, body: bytes, kind: str, *, is_whole: bool = True) -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", "frame-ancestors 'none'"),
        ):
            self.send_header(name, value)
        self.end_headers()
        if is_whole:
            self.wfile.write(body)
