"""Control transfers to a DFU interface, whoever carries them, and the ways they fail."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

from namgen.flashing.sentences import SAID

Trouble: TypeAlias = Literal["access", "busy", "driver", "gone", "stall", "timeout", "other"]
"""What a transfer, or opening the device, comes to grief by."""


class TransferError(Exception):
    """A transfer that did not happen."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        self.trouble = trouble
        said = SAID.troubles[trouble]
        if detail and trouble == "other":
            said = SAID.trouble_detail.format(trouble=said, detail=detail)
        super().__init__(said)


class Wire(Protocol):
    """An open DFU interface. Both methods raise `TransferError`."""

    def send(self, request: int, value: int, data: bytes = b"") -> None:
        """Send a class request with its data."""

    def ask(self, request: int, value: int, size_bytes: int) -> bytes:
        """Return what a class request is answered with, at most so many bytes."""
