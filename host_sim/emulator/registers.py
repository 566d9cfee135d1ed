"""The processor's registers, reached without the detours of unicorn's Python classes."""

from __future__ import annotations

import ctypes
from typing import Any

from host_sim.emulator.engine import engine_library, register_numbers, unicorn


class Registers:
    """The registers of one engine by their lower-case names, none wider than 64 bits."""

    def __init__(self, engine: Any) -> None:
        library = engine_library()
        self._handle = engine._uch
        self._numbers = register_numbers()
        self._read, self._write = library.uc_reg_read, library.uc_reg_write
        self._value = ctypes.c_uint64()
        self._place = ctypes.byref(self._value)

    def read(self, name: str) -> int:
        """Return what a register holds."""
        self._value.value = 0
        self._check(self._read(self._handle, self._numbers[name], self._place))
        return self._value.value

    def write(self, name: str, value: int) -> None:
        """Change it."""
        self._value.value = value
        self._check(self._write(self._handle, self._numbers[name], self._place))

    @staticmethod
    def _check(status: int) -> None:
        if status:
            raise unicorn().UcError(status)
