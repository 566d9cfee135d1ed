"""Recording what runs on an emulated core: instruction addresses and data addresses."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from host_sim.m7 import native
from namgen.errors import ToolError

U32 = npt.NDArray[np.uint32]

DEFAULT_CAPACITY = 8_000_000
"""Instructions a recording has room for; memory is taken only as it fills."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Executed instructions in order."""

    address: U32  # (instructions,)
    data_address: U32  # (instructions,) first byte the instruction accessed, 0 where none
    marks: tuple[int, ...] = ()  # positions at which blocks begin

    def __len__(self) -> int:
        return len(self.address)


class Recorder:
    """Records every instruction an emulator runs inside the `with` block.

    `emulator` is a `unicorn.Uc`. The hooks are C functions, so recording costs little.
    """

    def __init__(self, emulator: Any, *, capacity: int = DEFAULT_CAPACITY) -> None:
        self._emulator = emulator
        self._address: U32 = np.empty(capacity, np.uint32)
        self._data_address: U32 = np.empty(capacity, np.uint32)
        self._marks: list[int] = []
        self._hooks: list[ctypes.c_size_t] = []
        self._ffi, self._library = native.load()
        self._recording = self._ffi.new("m7_recording *")
        self._recording.address = self._ffi.from_buffer("uint32_t[]", self._address)
        self._recording.data_address = self._ffi.from_buffer("uint32_t[]", self._data_address)
        self._recording.capacity = capacity

    def __enter__(self) -> Recorder:
        import unicorn.unicorn_const as const

        self._add_hook(const.UC_HOOK_CODE, "m7_on_instruction")
        access = const.UC_HOOK_MEM_READ | const.UC_HOOK_MEM_WRITE
        self._add_hook(access, "m7_on_access")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        library, engine = _unicorn_library(), self._emulator._uch
        for hook in self._hooks:
            library.uc_hook_del(engine, hook)
        self._hooks.clear()

    def mark(self) -> None:
        """Note that a block begins with the next instruction."""
        self._marks.append(int(self._recording.count))

    def trace(self) -> Trace:
        """Return what was recorded so far.

        Raises:
            ToolError: more instructions ran than the recorder has room for.

        """
        if self._recording.lost:
            raise ToolError(
                f"trace: expected at most {len(self._address)} instructions, "
                f"found {len(self._address) + int(self._recording.lost)}"
            )
        count = int(self._recording.count)
        return Trace(
            self._address[:count].copy(), self._data_address[:count].copy(), tuple(self._marks)
        )

    def _add_hook(self, what: int, function: str) -> None:
        callback = self._ffi.cast("uintptr_t", self._ffi.addressof(self._library, function))
        user = self._ffi.cast("uintptr_t", self._recording)
        hook = ctypes.c_size_t()
        status = _unicorn_library().uc_hook_add(
            self._emulator._uch,
            ctypes.byref(hook),
            ctypes.c_int(what),
            ctypes.c_void_p(int(callback)),
            ctypes.c_void_p(int(user)),
            ctypes.c_uint64(1),
            ctypes.c_uint64(0),
        )
        if status != 0:
            raise ToolError(f"trace: the emulator refused a hook (error {status})")
        self._hooks.append(hook)


def _unicorn_library() -> Any:
    try:
        from unicorn.unicorn_py3.unicorn import uclib
    except ImportError as error:
        raise ToolError(
            "trace: expected the package unicorn 2.1 or later: pip install unicorn"
        ) from error
    return uclib
