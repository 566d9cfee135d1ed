"""Control transfers to a DFU interface, whoever carries them, and the ways they fail."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

Trouble: TypeAlias = Literal["access", "busy", "driver", "gone", "stall", "timeout", "other"]
"""What a transfer, or opening the device, comes to grief by."""

_TOLD: dict[Trouble, str] = {
    "access": "this user may not open it",
    "busy": "another program has it open",
    "driver": "no driver lets programs open it",
    "gone": "it is no longer on the bus",
    "stall": "it refused a request",
    "timeout": "it did not answer in time",
    "other": "the transfer failed",
}


class TransferError(Exception):
    """A transfer that did not happen."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        self.trouble = trouble
        said = _TOLD[trouble]
        super().__init__(f"{said} ({detail})" if detail and trouble == "other" else said)


class Wire(Protocol):
    """An open DFU interface. Both methods raise `TransferError`."""

    def send(self, request: int, value: int, data: bytes = b"") -> None:
        """Send a class request with its data."""

    def ask(self, request: int, value: int, size_bytes: int) -> bytes:
        """Return what a class request is answered with, at most so many bytes."""
