"""As much of MicroPython as a native module sees: its functions, objects, buffers and errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from host_sim.mpy.loader import place
from host_sim.mpy.machine import Machine, Places, spelled, word
from namgen.errors import NamgenError
from namgen.mpy.format import NativeModule

_TABLE_WORDS = 87
_FIRST_NAME = 100
_FIRST_BUFFER = 0x5000_0000
_NONE, _GLOBALS, _OTHER_GLOBALS = 0x7001_0000, 0x7002_0000, 0x7003_0000
_EXCEPTIONS = {0x7004_0000: "ValueError", 0x7004_0010: "TypeError"}
_FUNCTIONS = {77: 0x7005_0000, 78: 0x7005_0010, 79: 0x7005_0020}
"""Words of the table that are types, by which a function says how many arguments it takes."""

_INT = 2
_WRITE, _OR_RAISE = 2, 4
_BYTEARRAY = 1

Array = npt.NDArray[np.generic]


class PythonError(NamgenError):
    """What a module raises."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind
        self.text = text


@dataclass(frozen=True, slots=True)
class Buffer:
    """Memory that Python knows."""

    address: int
    size_bytes: int
    code: int  # of the type of its items
    is_writable: bool


class Interpreter:
    """MicroPython with one module imported.

    Raises:
        NamgenError: the module calls what it should not.

    """

    def __init__(self, module: NativeModule, machine: Machine, places: Places) -> None:
        self._machine = machine
        self._names = module.names
        self._buffers: list[Buffer] = []
        self._free = machine.heap
        self.globals: dict[str, int] = {}
        self._current = _OTHER_GLOBALS
        self._answers: Mapping[int, Callable[[Sequence[int]], int]] = {
            4: self._to_object,
            5: self._swap_globals,
            7: self._load_global,
            13: self._store_global,
            34: lambda given: self._raise(given[0], ""),
            55: lambda given: self._raise(given[0], self._text(given[1])),
            65: self._get_buffer,
        }
        machine.write(machine.table, spelled(machine, *map(self._entry, range(_TABLE_WORDS))))
        place(module, machine, places, table=machine.table)
        self._import(module, places)

    def number(self, name: str) -> int:
        """Return a number that the module has."""
        value = self.globals[name]
        if not value & 1:
            raise NamgenError(f"{name}: expected a small number, found an object")
        return value >> 1

    def call(self, name: str, *arguments: int) -> int:
        """Call a function of the module with objects; a small number comes back as it is.

        Raises:
            PythonError: what it raises.

        """
        function = self.globals[name]
        kind = word(self._machine, function)
        entry = word(self._machine, function + self._machine.word_bytes)
        if kind != _FUNCTIONS[77 + len(arguments)]:
            raise PythonError("TypeError", f"function takes no {len(arguments)} arguments")
        before = self._current
        found = self._machine.call(entry, arguments, self._answer)
        if self._current != before:
            raise NamgenError(f"{name}: expected the globals of its caller to be put back")
        return found >> 1 if found & 1 else found

    def buffer(
        self, data: Array, *, code: str | None = None, is_writable: bool = True, offset: int = 0
    ) -> int:
        """Make a buffer of an array's bytes, as `array(code)`, or a bytearray without a code.

        `offset` bytes are left before it, as a slice of a memoryview does.
        """
        content = np.ascontiguousarray(data).tobytes()
        address = self._take(len(content) + offset) + offset
        self._machine.write(address, content)
        kind = _BYTEARRAY if code is None else ord(code)
        return self._known(Buffer(address, len(content), kind, is_writable))

    def slice(self, handle: int, start: int, stop: int) -> int:
        """Make a buffer of some bytes of another, as a slice of a memoryview."""
        whole = self._buffers[handle - _FIRST_BUFFER]
        part = Buffer(whole.address + start, stop - start, whole.code, whole.is_writable)
        return self._known(part)

    def content(self, handle: int) -> bytes:
        """Return the bytes of a buffer."""
        found = self._buffers[handle - _FIRST_BUFFER]
        return self._machine.read(found.address, found.size_bytes)

    def forget_buffers(self) -> None:
        """Let go of all buffers."""
        self._buffers.clear()
        self._free = self._machine.heap

    # ---- what a module calls

    def _answer(self, number: int, given: Sequence[int]) -> int:
        if number not in self._answers:
            raise NamgenError(f"mp_fun_table: expected no call of function {number}")
        return self._answers[number](given)

    def _to_object(self, given: Sequence[int]) -> int:
        if given[1] != _INT:
            raise NamgenError(f"native to object: expected an int, found type {given[1]}")
        return given[0] << 1 | 1

    def _swap_globals(self, given: Sequence[int]) -> int:
        before, self._current = self._current, given[0]
        return before

    def _load_global(self, given: Sequence[int]) -> int:
        name = self._named(given[0])
        for handle, kind in _EXCEPTIONS.items():
            if kind == name:
                return handle
        raise PythonError("NameError", name)

    def _store_global(self, given: Sequence[int]) -> int:
        if self._current != _GLOBALS:
            raise NamgenError("store: expected the globals of the module")
        self.globals[self._named(given[0])] = given[1]
        return 0

    def _raise(self, kind: int, text: str) -> int:
        raise PythonError(_EXCEPTIONS[kind], text)

    def _get_buffer(self, given: Sequence[int]) -> int:
        index = given[0] - _FIRST_BUFFER
        found = self._buffers[index] if 0 <= index < len(self._buffers) else None
        if found is None or (given[2] & _WRITE and not found.is_writable):
            if given[2] & _OR_RAISE:
                raise PythonError("TypeError", "object with buffer protocol required")
            return 0
        words = spelled(self._machine, found.address, found.size_bytes)
        self._machine.write(given[1], words + found.code.to_bytes(4, "little"))
        return 1

    # ---- the inside

    def _entry(self, number: int) -> int:
        """Spell a word of the table."""
        return {0: _NONE, **_FUNCTIONS}.get(number, self._machine.trap(number))

    def _import(self, module: NativeModule, places: Places) -> None:
        machine = self._machine
        values = range(_FIRST_NAME, _FIRST_NAME + len(module.names))
        names, context, entry = self._take(256), self._take(64), self._take(64)
        machine.write(names, b"".join(value.to_bytes(2, "little") for value in values))
        machine.write(context, spelled(machine, 0, _GLOBALS, names, 0))
        machine.write(entry, spelled(machine, 0, context))
        machine.call(places.text, (entry, 0, 0, 0), self._answer)
        if self._current != _OTHER_GLOBALS:
            raise NamgenError("import: expected the globals of the caller to be put back")

    def _named(self, value: int) -> str:
        return self._names[value - _FIRST_NAME]

    def _text(self, address: int) -> str:
        return self._machine.read(address, 128).split(b"\0")[0].decode()

    def _take(self, size_bytes: int) -> int:
        address = self._free
        self._free += (size_bytes + 31) & ~15
        return address

    def _known(self, buffer: Buffer) -> int:
        self._buffers.append(buffer)
        return _FIRST_BUFFER + len(self._buffers) - 1
