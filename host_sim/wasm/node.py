"""A WebAssembly module in a process of node, called from Python."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from namgen.errors import NamgenError, ToolError

_CALLER = Path(__file__).with_name("caller.cjs")


def find_node() -> str:
    """Return the program.

    Raises:
        ToolError: it is not on PATH.

    """
    found = shutil.which("node")
    if found is None:
        raise ToolError(
            "node: expected it on PATH, to run WebAssembly, found none (Debian: nodejs)"
        )
    return found


def has_node() -> bool:
    """Whether WebAssembly can be run here."""
    return shutil.which("node") is not None


class NodeModule:
    """An instance of a module, with a process to itself."""

    def __init__(self, data: bytes) -> None:
        """Start it.

        Raises:
            ToolError: there is no node.
            NamgenError: it is no module that this node can run.

        """
        program = find_node()
        folder = tempfile.mkdtemp(prefix="namgen-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        path = Path(folder) / "module.wasm"
        path.write_bytes(data)
        self._process = subprocess.Popen(
            [program, str(_CALLER), str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        weakref.finalize(self, _end, self._process)
        self.exports: tuple[str, ...] = tuple(self._answer())

    def call(self, name: str, *arguments: float) -> Any:
        """Call an export.

        Raises:
            NamgenError: there is none of the name, or it stopped with a trap.

        """
        self._ask({"call": name, "arguments": list(arguments)})
        return self._answer()

    def write(self, address: int, values: npt.NDArray[Any]) -> None:
        """Put the bytes of an array into the memory."""
        data = np.ascontiguousarray(values).tobytes()
        self._ask({"write": address, "bytes": len(data)}, data)
        self._answer()

    def read(self, address: int, dtype: npt.DTypeLike, count: int) -> npt.NDArray[Any]:
        """Take `count` numbers out of the memory."""
        size = np.dtype(dtype).itemsize * count
        self._ask({"read": address, "bytes": size})
        self._answer()
        assert self._process.stdout is not None
        return np.frombuffer(self._process.stdout.read(size), dtype)

    def _ask(self, request: dict[str, Any], data: bytes = b"") -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n" + data)
        self._process.stdin.flush()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise NamgenError(f"node: expected an answer, it ended with {self._process.wait()}")
        found = json.loads(line)
        if "error" in found:
            raise NamgenError(f"WebAssembly: {found['error']}")
        return found["result"]


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close what it reads, upon which it ends."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    process.wait()
