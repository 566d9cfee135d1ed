"""The emulated processor: loads an ELF, calls its functions, counts, traces, notices faults."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from host_sim.emulator.engine import (
    EXCEPTIONS,
    bad_access,
    engine_library,
    new_engine,
    register_numbers,
    unicorn,
)
from host_sim.emulator.errors import EmulationError
from host_sim.emulator.image import Image
from host_sim.emulator.memory import MEMORIES, STACK_TOP, Memories, Memory
from host_sim.emulator.probe import Probe, load_probe
from host_sim.emulator.registers import Registers
from host_sim.emulator.trace import TRACE_ROOM, Recorder, Trace, TracePosition
from namgen.errors import ToolError
from namgen.processors import DEFAULT_PROCESSOR

Reason = Literal["until", "deadline", "wait", "exception"]

CALL_LIMIT = 4_000_000_000
"""Instructions a single call may take before it counts as hung."""

_RETURN = 0x1FF00000
"""A place in system memory to which `call` lets functions return."""

_FOREVER = (1 << 64) - 1
_REGISTER_ARGUMENTS = 4
_BLOCK = np.dtype(
    [("address", "<u4"), ("size_bytes", "<u4"), ("instructions", "<u4"), ("first_fpu_use", "<u4")]
)


@dataclass(frozen=True, slots=True)
class Stop:
    """Why the processor stopped running; `number` is unicorn's for an exception."""

    reason: Reason
    pc: int
    number: int = 0


class Core:
    """A processor that executes machine code; peripherals are added by `map_io`.

    It is a Cortex-M7, or another of `EMULATED`. The FPU is on, as after the start-up code;
    `fpu_enabled = False` makes its use a fault.

    Raises:
        UnsupportedError: the processor cannot be emulated.
        ToolError: unicorn is not installed.

    """

    def __init__(self, processor: str = DEFAULT_PROCESSOR) -> None:
        self._uc = new_engine(processor)
        self._registers = Registers(self._uc)
        self._fault: tuple[str, str, int] | None = None
        self._exception: int | None = None
        self._fault_pc: int | None = None
        self._forbidden_because = ""
        self._probe = Probe()
        self._library = load_probe()
        self.image = Image()
        self.memory = Memories(self._forget_code)
        # Biggest first: in any other order unicorn 2.1 gives several memories one internal
        # address, and a store to one throws away what was translated from another.
        for memory in sorted(MEMORIES, key=lambda memory: -memory.size_bytes):
            self._map(memory)
        self._connect()
        self.fpu_enabled = True
        self.last_call_instructions = 0

    # ---- memories and image

    def load(self, image: Path | bytes, *, at: Literal["run", "load"] = "run") -> None:
        """Place the segments of an ELF file.

        `at="run"`: where the program expects them once started, uninitialised data zeroed, for
        images without start-up code and for `call`. `at="load"`: where a programmer would write
        them (physical addresses), for images that boot.

        Raises:
            EmulationError: a segment lies outside the memories, or this is no 32-bit ARM ELF.

        """
        self.image = Image(image)
        for address, content in self.image.segments(at):
            self.memory.write(address, content)

    @property
    def engine(self) -> Any:
        """The `unicorn.Uc` underneath, for further hooks."""
        return self._uc

    def map_io(
        self,
        origin: int,
        size_bytes: int,
        *,
        read: Callable[[int, int], int],
        write: Callable[[int, int, int], None],
    ) -> None:
        """Let `read(address, size)` and `write(address, size, value)` answer for a range."""

        def on_read(_uc: object, offset: int, size: int, _data: object) -> int:
            return read(origin + offset, size)

        def on_write(_uc: object, offset: int, size: int, value: int, _data: object) -> None:
            write(origin + offset, size, value)

        self._uc.mmio_map(origin, size_bytes, on_read, None, on_write, None)

    # ---- registers

    def register(self, name: str) -> int:
        """Return a core register by its lower-case name, as r0, sp, lr, pc, xpsr or msp."""
        return self._registers.read(name)

    def set_register(self, name: str, value: int) -> None:
        """Change a core register."""
        self._registers.write(name, value & 0xFFFFFFFF)

    @property
    def instructions(self) -> int:
        """Instructions executed since the core was made, exact whenever it stands still."""
        return int(self._probe.instructions)

    @property
    def fpu_enabled(self) -> bool:
        """Whether floating-point instructions are allowed (CPACR)."""
        return bool(self._probe.fpu_enabled)

    @fpu_enabled.setter
    def fpu_enabled(self, enabled: bool) -> None:
        self._probe.fpu_enabled = int(enabled)

    # ---- running

    def call(
        self, target: int | str, *arguments: int, limit: int = CALL_LIMIT, stack: int = STACK_TOP
    ) -> int:
        """Run one C function and return what it leaves in r0.

        `target` is an address or a symbol's name; arguments are integers and pointers, by the
        procedure call standard: four in r0 to r3, the others on the stack, which begins at `stack`.
        `last_call_instructions` then has the exact number of instructions executed.

        Raises:
            EmulationError: a fault, or more than `limit` instructions.

        """
        address = self.image.address(target) if isinstance(target, str) else target
        self._place_arguments(arguments, stack)
        self.set_register("lr", _RETURN | 1)
        before = self.instructions
        stop = self.run(address, until=_RETURN, limit=limit)
        self.last_call_instructions = self.instructions - before
        if stop.reason != "until":
            raise self._unexpected(stop, limit)
        return self.register("r0")

    def interject(self, target: int | str, *arguments: int) -> int:
        """Run one C function as `call` does, as a debugger would in a program that stands still.

        What stood in registers is put back; the stack below its pointer is free.

        Raises:
            EmulationError: as `call`.

        """
        before = self._uc.context_save()
        try:
            return self.call(target, *arguments, stack=self.register("sp") & ~7)
        finally:
            self._uc.context_restore(before)

    def run(self, pc: int, *, until: int = _RETURN, limit: int | None = None) -> Stop:
        """Execute from `pc` to `until`, at most about `limit` instructions (whole blocks).

        Raises:
            EmulationError: a fault.

        """
        self._probe.deadline = _FOREVER if limit is None else self.instructions + limit
        self._probe.expired = self._probe.fpu_fault = self._probe.fetch_fault = 0
        self._fault = self._exception = self._fault_pc = None
        problem = self._start(pc | 1, until)
        stopped = self._probe.fpu_fault or self._probe.fetch_fault
        if problem is not None or self._fault is not None or stopped:
            raise self._faulted(problem)
        return self._why_stopped(until)

    def pause_after(self, instructions: int) -> None:
        """Bring the current `run`'s deadline forward; for peripherals, while it runs."""
        deadline = self.instructions + instructions
        self._probe.deadline = min(deadline, int(self._probe.deadline))

    def forbid_fetch(self, memory: str | None, why: str = "") -> None:
        """Let the execution of anything in a memory be a fault from the next block of code on."""
        found = next((m for m in MEMORIES if m.name == memory), None)
        self._probe.fetch_start, self._probe.fetch_end = (
            (found.origin, found.end) if found is not None else (0, 0)
        )
        self._forbidden_because = why

    def protect(self, address: int, size_bytes: int, *, accessible: bool) -> None:
        """Let accesses to a range of writable memory fault, or not."""
        names = unicorn()
        allowed = names.UC_PROT_ALL if accessible else names.UC_PROT_NONE
        self._uc.mem_protect(address, size_bytes, allowed)

    @contextmanager
    def tracing(self, *, room: int = TRACE_ROOM) -> Iterator[Callable[[], Trace]]:
        """Record what runs inside the `with` block; the value returns it, also afterwards.

        Raises:
            NamgenError: more happened than this machine's memory holds.

        """
        recorder = Recorder(self._probe, room)
        hooks = self._trace_hooks()
        try:
            yield recorder.result
        finally:
            recorder.finish()
            for hook in hooks:
                engine_library().uc_hook_del(self._uc._uch, hook)
            self._uc.ctl_flush_tb()

    def trace_position(self) -> TracePosition:
        """Return how much has been recorded so far; exact whenever the core stands still."""
        return TracePosition(int(self._probe.trace_length), int(self._probe.access_length))

    def trace_call(self, target: int | str, *arguments: int) -> Trace:
        """Run one C function as `call` does and return what it executed and accessed."""
        with self.tracing() as result:
            self.call(target, *arguments)
        return result()

    def error(
        self, kind: str, detail: str, *, pc: int | None = None, address: int | None = None
    ) -> EmulationError:
        """Make an error that says where the processor is."""
        place = self.register("pc") if pc is None else pc
        symbol = self.image.name_at(place)
        return EmulationError(kind, detail, pc=place, symbol=symbol, address=address)

    def guard(self, address: int, size_bytes: int) -> None:
        """Let every access to a range be a fault of memory protection."""
        names = unicorn()

        def on_access(uc: Any, _kind: int, at: int, size: int, _value: int, _data: object) -> None:
            if self._fault is None:
                self._fault = ("memory protection", f"{size} bytes at 0x{at:08X}", at)
                self._fault_pc = self.register("pc")
                uc.emu_stop()

        kinds = names.UC_HOOK_MEM_READ | names.UC_HOOK_MEM_WRITE
        self._uc.hook_add(kinds, on_access, begin=address, end=address + size_bytes - 1)
        self._uc.ctl_flush_tb()

    # ---- the inside

    def _map(self, memory: Memory) -> None:
        names = unicorn()
        host = self.memory.host(memory)
        allowed = names.UC_PROT_READ
        allowed |= names.UC_PROT_WRITE if memory.is_writable else 0
        allowed |= names.UC_PROT_EXEC if memory.is_executable else 0
        self._uc.mem_map_ptr(memory.origin, len(host), allowed, host.ctypes.data)
        region = self._probe.regions[self._probe.region_count]
        region.origin, region.size_bytes = memory.origin, memory.size_bytes
        region.host = host.ctypes.data
        self._probe.region_count += 1

    def _connect(self) -> None:
        names = unicorn()
        engine = engine_library()
        self._probe.stop = ctypes.cast(engine.uc_emu_stop, ctypes.c_void_p).value
        for function, place in (
            (engine.uc_reg_read, "read_register"),
            (engine.uc_reg_write, "write_register"),
        ):
            setattr(self._probe, place, ctypes.cast(function, ctypes.c_void_p).value)
        self._probe.status_register = register_numbers()["xpsr"]
        self._hook_c(names.UC_HOOK_BLOCK, self._library.probe_block)
        self._uc.hook_add(names.UC_HOOK_INTR, self._on_exception)
        self._uc.hook_add(names.UC_HOOK_MEM_INVALID, self._on_bad_access)

    def _hook_c(self, kind: int, function: Any) -> int:
        """Add a hook that runs in C, without a way through Python."""
        handle = ctypes.c_size_t()
        problem = engine_library().uc_hook_add(
            self._uc._uch,
            ctypes.byref(handle),
            kind,
            ctypes.cast(function, ctypes.c_void_p),
            ctypes.byref(self._probe),
            ctypes.c_uint64(1),
            ctypes.c_uint64(0),
        )
        if problem:
            raise ToolError(f"emulator: unicorn refused a hook, code {problem}")
        return int(handle.value)

    def _trace_hooks(self) -> list[int]:
        names = unicorn()
        accesses = names.UC_HOOK_MEM_READ | names.UC_HOOK_MEM_WRITE
        hooks = [
            self._hook_c(names.UC_HOOK_CODE, self._library.probe_instruction),
            self._hook_c(accesses, self._library.probe_access),
        ]
        self._uc.ctl_flush_tb()
        return hooks

    def _on_exception(self, _uc: object, number: int, _data: object) -> None:
        self._exception = number
        self._uc.emu_stop()

    def _on_bad_access(
        self, _uc: object, access: int, address: int, size: int, _value: int, _data: object
    ) -> bool:
        kind, verb = bad_access(access)
        self._fault = (kind, f"{verb} {size} bytes at 0x{address:08X}", address)
        return False

    def _start(self, pc: int, until: int) -> str | None:
        names = unicorn()
        try:
            self._uc.emu_start(pc, until)
        except names.UcError as error:
            return str(error)
        return None

    def _why_stopped(self, until: int) -> Stop:
        pc = self.register("pc")
        if self._exception is not None:
            return Stop("exception", pc, self._exception)
        if self._probe.lost_block:
            raise self.error("unknown code", "expected instructions in a memory")
        if self._probe.expired:
            return Stop("deadline", pc)
        if pc == until & ~1:
            return Stop("until", pc)
        return Stop("wait", pc)

    def _faulted(self, problem: str | None) -> EmulationError:
        if self._probe.fpu_fault:
            detail = "a floating-point instruction while CPACR leaves the FPU off"
            return self.error("FPU is off", detail, pc=self._probe.fpu_fault)
        if self._probe.fetch_fault:
            place = int(self._probe.fetch_fault)
            return self.error("fetch from a memory in change", self._forbidden_because, pc=place)
        if self._fault is not None:
            kind, detail, address = self._fault
            return self.error(kind, detail, pc=self._fault_pc, address=address)
        return self.error("undefined instruction", str(problem))

    def _unexpected(self, stop: Stop, limit: int) -> EmulationError:
        if stop.reason == "deadline":
            return self.error("hung", f"still running after {limit} instructions", pc=stop.pc)
        if stop.reason == "exception":
            detail = EXCEPTIONS.get(stop.number, f"exception {stop.number}")
            return self.error(detail, "inside a called function", pc=stop.pc)
        return self.error("waiting for an interrupt", "inside a called function", pc=stop.pc)

    def _place_arguments(self, arguments: tuple[int, ...], stack: int) -> None:
        for index, value in enumerate(arguments[:_REGISTER_ARGUMENTS]):
            self.set_register(f"r{index}", value)
        rest = arguments[_REGISTER_ARGUMENTS:]
        top = stack - (4 * len(rest) + 7 & ~7)
        for index, value in enumerate(rest):
            self.memory.write_word(top + 4 * index, value)
        self.set_register("sp", top)

    def _forget_code(self, address: int, size_bytes: int) -> None:
        """Drop what was translated from changed bytes; unicorn does not notice by itself."""
        if not self._probe.table_used:
            return
        table = np.frombuffer(self._probe.table, _BLOCK)
        start = table["address"].astype(np.int64)
        used = table["size_bytes"] > 0
        touched = (start < address + size_bytes) & (start + table["size_bytes"] > address) & used
        if touched.any():
            self._library.probe_forget(ctypes.byref(self._probe))
            self._uc.ctl_flush_tb()
