"""An x86-64 that runs native modules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from host_sim.emulator.engine import bad_access, unicorn
from host_sim.emulator.errors import EmulationError
from host_sim.mpy.machine import Answer, Places

_MIB = 1 << 20
_TABLE = 0x7E00_0000_0000
_TRAPS = 0x7E00_1000_0000
_HEAP = 0x7E10_0000_0000
_STACK = 0x7FFF_0000_0000
_TEXTS = (0x5555_0000_0000, 0x7F12_3456_7000)
_SIZES = {_TABLE: _MIB, _TRAPS: _MIB, _HEAP: 64 * _MIB, _STACK: _MIB} | dict.fromkeys(
    _TEXTS, 4 * _MIB
)
_RETURN = _TRAPS + _MIB // 2
_TRAP = b"\xf4\x90\x90\x90"  # hlt, nop
_TRAP_COUNT = 256
_ARGUMENTS = ("RDI", "RSI", "RDX", "RCX")


class X64Machine:
    """See `Machine`; what a module remembers lies in its text."""

    word_bytes = 8
    table = _TABLE
    heap = _HEAP
    places = tuple(Places(text, 0) for text in _TEXTS)

    def __init__(self) -> None:
        names = unicorn()
        self._uc: Any = names.Uc(names.UC_ARCH_X86, names.UC_MODE_64)
        self._registers = unicorn(".x86_const")
        for origin, size_bytes in _SIZES.items():
            self._uc.mem_map(origin, size_bytes)
        self._uc.mem_write(_TRAPS, _TRAP * _TRAP_COUNT)
        self._fault = ""
        self._uc.hook_add(names.UC_HOOK_MEM_INVALID, self._on_bad_access)

    def write(self, address: int, data: bytes) -> None:
        """See `Machine`."""
        self._uc.mem_write(address, data)
        self._uc.ctl_flush_tb()

    def read(self, address: int, size_bytes: int) -> bytes:
        """See `Machine`."""
        return bytes(self._uc.mem_read(address, size_bytes))

    def trap(self, number: int) -> int:
        """See `Machine`."""
        return _TRAPS + len(_TRAP) * number

    def call(self, address: int, arguments: Sequence[int], answer: Answer) -> int:
        """See `Machine`."""
        for name, value in zip(_ARGUMENTS, arguments, strict=False):
            self._set(name, value)
        stack = _STACK + _MIB - 64 - 8  # as behind a call, 8 bytes below a multiple of 16
        self.write(stack, _RETURN.to_bytes(8, "little"))
        self._set("RSP", stack)
        self._run(address)
        while (place := self._get("RIP")) != _RETURN:
            number, offset = divmod(place - _TRAPS, len(_TRAP))
            if not 0 <= number < _TRAP_COUNT or offset > 1:
                raise self._error("stopped", "outside of MicroPython's functions")
            self._set("RAX", answer(number, [self._get(name) for name in _ARGUMENTS]))
            self._run(self._pop())
        return self._get("RAX")

    def _run(self, address: int) -> None:
        self._fault = ""
        try:
            self._uc.emu_start(address, _RETURN)
        except unicorn().UcError as error:
            raise self._error("fault", self._fault or str(error)) from None

    def _pop(self) -> int:
        stack = self._get("RSP")
        self._set("RSP", stack + 8)
        return int.from_bytes(self.read(stack, 8), "little")

    def _get(self, name: str) -> int:
        return int(self._uc.reg_read(getattr(self._registers, f"UC_X86_REG_{name}")))

    def _set(self, name: str, value: int) -> None:
        self._uc.reg_write(getattr(self._registers, f"UC_X86_REG_{name}"), value)

    def _on_bad_access(
        self, _uc: object, access: int, address: int, size: int, _value: int, _data: object
    ) -> bool:
        kind, verb = bad_access(access)
        self._fault = f"{kind}: {verb} {size} bytes at {address:#x}"
        return False

    def _error(self, kind: str, detail: str) -> EmulationError:
        return EmulationError(kind, detail, pc=self._get("RIP"), symbol="a module")
