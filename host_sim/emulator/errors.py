"""What stops an emulated processor."""

from __future__ import annotations

from namgen.errors import NamgenError


class EmulationError(NamgenError):
    """The emulated processor did what would stop or corrupt a real one.

    `kind` is a short name of the fault, `pc` the address of the instruction, `symbol` the function
    it is in, as `name+0x12`; `address` is the data's, where there is one.
    """

    def __init__(
        self, kind: str, detail: str, *, pc: int, symbol: str, address: int | None = None
    ) -> None:
        self.address = address
        self.kind = kind
        self.pc = pc
        self.symbol = symbol
        super().__init__(f"emulator: {kind} at 0x{pc:08X} ({symbol}): {detail}")
