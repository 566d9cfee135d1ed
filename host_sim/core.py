"""A Cortex-M7 with the memories of an STM32H750, on unicorn: loads an ELF, calls its functions."""

from __future__ import annotations

import bisect
import ctypes
import importlib
import io
import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from host_sim.core_probe import ACCESS, Probe, load_probe
from namgen.arithmetic import F32
from namgen.errors import NamgenError, ToolError

U32 = npt.NDArray[np.uint32]
Bytes = npt.NDArray[np.uint8]

Reason = Literal["until", "deadline", "wait", "exception"]

CALL_LIMIT = 4_000_000_000
"""Instructions a single call may take before it counts as hung."""

TRACE_ROOM = 1_000_000
"""Instructions, and accesses, a trace has room for at first; it grows as it needs more."""

SCRATCH = 0xC0000000
"""Where test buffers go: the board's SDRAM, in which no image places anything."""

STACK_TOP = 0x20020000
"""The first address after DTCM."""

_RETURN = 0x1FF00000
"""A place in system memory to which `call` lets functions return."""

_PAGE = 4096
_WAIT_OPCODES = (b"\x30\xbf", b"\x20\xbf")
_FOREVER = (1 << 64) - 1
_REGISTER_ARGUMENTS = 4


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


@dataclass(frozen=True, slots=True)
class Memory:
    """One memory of the processor."""

    name: str
    origin: int
    size_bytes: int
    is_writable: bool = True
    is_executable: bool = True

    @property
    def end(self) -> int:
        """The first address after it."""
        return self.origin + self.size_bytes


MEMORIES = (
    Memory("itcm", 0x00000000, 64 << 10),
    Memory("flash", 0x08000000, 128 << 10, is_writable=False),
    Memory("system", 0x1FF00000, 128 << 10, is_writable=False),
    Memory("dtcm", 0x20000000, 128 << 10),
    Memory("axi_sram", 0x24000000, 512 << 10),
    Memory("d2_sram", 0x30000000, 288 << 10),
    Memory("d3_sram", 0x38000000, 64 << 10),
    Memory("backup_sram", 0x38800000, 4 << 10),
    Memory("qspi", 0x90000000, 8 << 20, is_writable=False),
    Memory("sdram", SCRATCH, 64 << 20, is_executable=False),
)
"""STM32H750 (RM0433, memory map) with the Daisy Seed's QSPI flash and SDRAM."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Why the processor stopped running; `number` is unicorn's for an exception."""

    reason: Reason
    pc: int
    number: int = 0


@dataclass(frozen=True, slots=True)
class TracePosition:
    """How much of a trace has been recorded at some moment."""

    instructions: int
    accesses: int


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """What was executed and accessed, in order.

    `instructions` has one address per instruction, those skipped inside an IT block included.
    `accesses` is of dtype `core_probe.ACCESS`: one entry per word moved by the instruction
    `instructions[position]`; peripherals included.
    """

    instructions: U32
    accesses: npt.NDArray[Any]

    @property
    def access_pc(self) -> U32:
        """The address of the instruction of every access."""
        pc: U32 = self.instructions[self.accesses["position"]]
        return pc

    def part(self, start: TracePosition, end: TracePosition) -> Trace:
        """Cut out what happened between two positions."""
        accesses = self.accesses[start.accesses : end.accesses].copy()
        accesses["position"] -= start.instructions
        return Trace(self.instructions[start.instructions : end.instructions], accesses)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name in the image, the Thumb bit of functions removed."""

    name: str
    address: int
    size_bytes: int
    is_function: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the image where it is at run time."""

    name: str
    address: int
    size_bytes: int

    @property
    def end(self) -> int:
        """The first address after it."""
        return self.address + self.size_bytes


class Core:
    """A Cortex-M7 that executes machine code; peripherals are added by `map_io`.

    The FPU is on, as after the start-up code; `fpu_enabled = False` makes its use a fault.

    Raises:
        ToolError: unicorn is not installed.

    """

    def __init__(self) -> None:
        self._uc = _new_engine()
        self._host: dict[str, Bytes] = {}
        self._memories = MEMORIES
        self._symbols: list[Symbol] = []
        self._sections: list[Section] = []
        self._fault: tuple[str, str, int] | None = None
        self._exception: int | None = None
        self._fault_pc: int | None = None
        self._forbidden_because = ""
        self._probe = Probe()
        self._library = load_probe()
        # Biggest first: in any other order unicorn 2.1 gives several memories one internal
        # address, and a store to one throws away what was translated from another.
        for memory in sorted(self._memories, key=lambda memory: -memory.size_bytes):
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
        data = image if isinstance(image, bytes) else image.read_bytes()
        elf = _open_elf(data)
        for segment in elf.iter_segments("PT_LOAD"):
            content = segment.data()
            if at == "run":
                self.write(segment["p_vaddr"], content.ljust(segment["p_memsz"], b"\0"))
            elif content:
                self.write(segment["p_paddr"], content)
        self._sections = sorted(_sections(elf), key=lambda section: section.address)
        self._symbols = sorted(_symbols(elf), key=lambda symbol: symbol.address)
        self.__dict__.pop("_by_name", None)

    def symbol(self, name: str) -> int:
        """Return the address of a function or object, static ones included.

        Raises:
            NamgenError: no symbol, or several, have this name.

        """
        return self.symbol_entry(name).address

    def symbol_entry(self, name: str) -> Symbol:
        """Return address and size of a function or object, as `symbol`."""
        found = self._by_name.get(name, [])
        if len(found) != 1:
            count = f"{len(found)} of them" if found else "none"
            raise NamgenError(f"emulator: expected one symbol {name} in the image, found {count}")
        return found[0]

    def symbol_at(self, address: int) -> str:
        """Name the function that holds an address, as `name+0x12`; `?` when there is none."""
        entry = self.function_at(address)
        if entry is None:
            return "?"
        offset = (address & ~1) - entry.address
        return f"{entry.name}+0x{offset:X}" if offset else entry.name

    def function_at(self, address: int) -> Symbol | None:
        """Return the function that holds an address."""
        functions, starts = self._functions
        index = bisect.bisect_right(starts, address & ~1) - 1
        if index < 0:
            return None
        entry = functions[index]
        inside = (address & ~1) < entry.address + max(entry.size_bytes, 2)
        return entry if inside or entry.size_bytes == 0 else None

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """Every symbol of the image, by address."""
        return tuple(self._symbols)

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections of the image that take memory, by run address."""
        return tuple(self._sections)

    @property
    def engine(self) -> Any:
        """The `unicorn.Uc` underneath, for further hooks."""
        return self._uc

    @property
    def unicorn(self) -> Any:
        """The module `unicorn`, for the numbers of its hooks."""
        return _unicorn()

    def memory_of(self, address: int) -> Memory | None:
        """Return the memory that holds an address; None for peripherals and holes."""
        return next((m for m in self._memories if m.origin <= address < m.end), None)

    def view(self, address: int, size_bytes: int) -> Bytes:
        """Return the bytes of a memory themselves, without a copy; not for changing code.

        Raises:
            NamgenError: the range is not inside one memory.

        """
        memory = self.memory_of(address)
        if memory is None or address + size_bytes > memory.end:
            raise NamgenError(
                f"emulator: 0x{address:08X}: expected {size_bytes} bytes of memory, found none"
            )
        offset = address - memory.origin
        return self._host[memory.name][offset : offset + size_bytes]

    def read(self, address: int, size_bytes: int) -> bytes:
        """Return a copy of memory."""
        return self.view(address, size_bytes).tobytes()

    def write(self, address: int, data: bytes | npt.NDArray[Any]) -> None:
        """Change memory, flash included; code that is changed is translated anew."""
        raw = data if isinstance(data, bytes) else np.ascontiguousarray(data).tobytes()
        content = np.frombuffer(raw, np.uint8)
        self.view(address, len(content))[:] = content
        self._forget_code(address, len(content))

    def read_word(self, address: int) -> int:
        """Return the 32-bit word at an address."""
        return int.from_bytes(self.read(address, 4), "little")

    def write_word(self, address: int, value: int) -> None:
        """Change the 32-bit word at an address."""
        self.write(address, (value & 0xFFFFFFFF).to_bytes(4, "little"))

    def read_floats(self, address: int, count: int) -> F32:
        """Return a copy of `count` float32 values."""
        return np.frombuffer(self.read(address, 4 * count), "<f4").astype(np.float32)

    def write_floats(self, address: int, values: F32) -> None:
        """Write float32 values, in C order."""
        self.write(address, np.ascontiguousarray(values, "<f4"))

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
        return int(self._uc.reg_read(_register_numbers()[name]))

    def set_register(self, name: str, value: int) -> None:
        """Change a core register."""
        self._uc.reg_write(_register_numbers()[name], value & 0xFFFFFFFF)

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

    def call(self, target: int | str, *arguments: int, limit: int = CALL_LIMIT) -> int:
        """Run one C function and return what it leaves in r0.

        `target` is an address or a symbol's name; arguments are integers and pointers, by the
        procedure call standard: four in r0 to r3, the others on the stack in DTCM.
        `last_call_instructions` then has the exact number of instructions executed.

        Raises:
            EmulationError: a fault, or more than `limit` instructions.

        """
        address = self.symbol(target) if isinstance(target, str) else target
        self._place_arguments(arguments)
        self.set_register("lr", _RETURN | 1)
        before = self.instructions
        stop = self.run(address, until=_RETURN, limit=limit)
        self.last_call_instructions = self.instructions - before
        if stop.reason != "until":
            raise self._unexpected(stop, limit)
        return self.register("r0")

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
        found = next((m for m in self._memories if m.name == memory), None)
        self._probe.fetch_start, self._probe.fetch_end = (
            (found.origin, found.end) if found is not None else (0, 0)
        )
        self._forbidden_because = why

    def protect(self, address: int, size_bytes: int, *, accessible: bool) -> None:
        """Let accesses to a range of writable memory fault, or not."""
        unicorn = _unicorn()
        allowed = unicorn.UC_PROT_ALL if accessible else unicorn.UC_PROT_NONE
        self._uc.mem_protect(address, size_bytes, allowed)

    @contextmanager
    def tracing(self, *, room: int = TRACE_ROOM) -> Iterator[Callable[[], Trace]]:
        """Record what runs inside the `with` block; the value returns it, also afterwards.

        Raises:
            NamgenError: more happened than this machine's memory holds.

        """
        recorder = _Recorder(self._probe, room)
        hooks = self._trace_hooks()
        try:
            yield recorder.result
        finally:
            recorder.finish()
            for hook in hooks:
                _engine_library().uc_hook_del(self._uc._uch, hook)
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
        symbol = self.symbol_at(place)
        return EmulationError(kind, detail, pc=place, symbol=symbol, address=address)

    def guard(self, address: int, size_bytes: int) -> None:
        """Let every access to a range be a fault of memory protection."""
        unicorn = _unicorn()

        def on_access(uc: Any, _kind: int, at: int, size: int, _value: int, _data: object) -> None:
            if self._fault is None:
                self._fault = ("memory protection", f"{size} bytes at 0x{at:08X}", at)
                self._fault_pc = self.register("pc")
                uc.emu_stop()

        kinds = unicorn.UC_HOOK_MEM_READ | unicorn.UC_HOOK_MEM_WRITE
        self._uc.hook_add(kinds, on_access, begin=address, end=address + size_bytes - 1)
        self._uc.ctl_flush_tb()

    # ---- the inside

    @cached_property
    def _by_name(self) -> dict[str, list[Symbol]]:
        names: dict[str, list[Symbol]] = {}
        for symbol in self._symbols:
            names.setdefault(symbol.name, []).append(symbol)
        return names

    @property
    def _functions(self) -> tuple[list[Symbol], list[int]]:
        functions = [symbol for symbol in self._symbols if symbol.is_function]
        return functions, [symbol.address for symbol in functions]

    def _map(self, memory: Memory) -> None:
        unicorn = _unicorn()
        pages = mmap.mmap(-1, -(-memory.size_bytes // _PAGE) * _PAGE)
        host = np.frombuffer(pages, np.uint8)
        allowed = unicorn.UC_PROT_READ
        allowed |= unicorn.UC_PROT_WRITE if memory.is_writable else 0
        allowed |= unicorn.UC_PROT_EXEC if memory.is_executable else 0
        self._uc.mem_map_ptr(memory.origin, len(host), allowed, host.ctypes.data)
        self._host[memory.name] = host
        region = self._probe.regions[self._probe.region_count]
        region.origin, region.size_bytes = memory.origin, memory.size_bytes
        region.host = host.ctypes.data
        self._probe.region_count += 1

    def _connect(self) -> None:
        unicorn = _unicorn()
        engine = _engine_library()
        self._probe.stop = ctypes.cast(engine.uc_emu_stop, ctypes.c_void_p).value
        self._hook_c(unicorn.UC_HOOK_BLOCK, self._library.probe_block)
        self._uc.hook_add(unicorn.UC_HOOK_INTR, self._on_exception)
        self._uc.hook_add(unicorn.UC_HOOK_MEM_INVALID, self._on_bad_access)

    def _hook_c(self, kind: int, function: Any) -> int:
        """Add a hook that runs in C, without a way through Python."""
        handle = ctypes.c_size_t()
        problem = _engine_library().uc_hook_add(
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
        unicorn = _unicorn()
        accesses = unicorn.UC_HOOK_MEM_READ | unicorn.UC_HOOK_MEM_WRITE
        hooks = [
            self._hook_c(unicorn.UC_HOOK_CODE, self._library.probe_instruction),
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
        kind, verb = _bad_access(access)
        self._fault = (kind, f"{verb} {size} bytes at 0x{address:08X}", address)
        return False

    def _start(self, pc: int, until: int) -> str | None:
        unicorn = _unicorn()
        try:
            self._uc.emu_start(pc, until)
        except unicorn.UcError as error:
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
            detail = _EXCEPTIONS.get(stop.number, f"exception {stop.number}")
            return self.error(detail, "inside a called function", pc=stop.pc)
        return self.error("waiting for an interrupt", "inside a called function", pc=stop.pc)

    def _place_arguments(self, arguments: tuple[int, ...]) -> None:
        for index, value in enumerate(arguments[:_REGISTER_ARGUMENTS]):
            self.set_register(f"r{index}", value)
        rest = arguments[_REGISTER_ARGUMENTS:]
        top = STACK_TOP - (4 * len(rest) + 7 & ~7)
        for index, value in enumerate(rest):
            self.write_word(top + 4 * index, value)
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


_BLOCK = np.dtype(
    [("address", "<u4"), ("size_bytes", "<u4"), ("instructions", "<u4"), ("first_fpu_use", "<u4")]
)

_EXCEPTIONS = {
    1: "undefined instruction",
    2: "supervisor call",
    3: "instruction bus fault",
    4: "data bus fault",
    7: "breakpoint",
    8: "exception return",
    17: "FPU is off",
    18: "invalid state",
}
"""Unicorn's exception numbers, as its ARM core raises them."""


class _Recorder:
    """The arrays a trace is written to while it runs, and the trace cut out of them."""

    def __init__(self, probe: Probe, room: int) -> None:
        self._probe = probe
        self._instructions = np.empty(room, np.uint32)
        self._accesses = np.empty(room, ACCESS)
        self._grow_callback = ctypes.CFUNCTYPE(ctypes.c_int)(self._grow)
        probe.grow = ctypes.cast(self._grow_callback, ctypes.c_void_p).value
        probe.trace_length = probe.access_length = probe.cursor = probe.trace_full = 0
        self._hand_over()

    def finish(self) -> None:
        """Stop recording; the lengths stay readable."""
        self._lengths = (int(self._probe.trace_length), int(self._probe.access_length))
        self._is_full = bool(self._probe.trace_full)
        self._probe.trace = self._probe.accesses = self._probe.grow = None

    def _grow(self) -> int:
        """Double the room, for the C; 0 when there is no memory for that."""
        try:
            self._instructions = _doubled(self._instructions)
            self._accesses = _doubled(self._accesses)
        except MemoryError:
            return 0
        self._hand_over()
        return 1

    def _hand_over(self) -> None:
        probe = self._probe
        probe.trace, probe.trace_size = self._instructions.ctypes.data, len(self._instructions)
        probe.accesses, probe.access_size = self._accesses.ctypes.data, len(self._accesses)

    def result(self) -> Trace:
        """Return what was recorded, once the recording has ended."""
        if self._is_full:
            raise NamgenError("emulator: the trace needs more memory than this machine has")
        executed, accessed = self._lengths
        return Trace(self._instructions[:executed], self._accesses[:accessed])


def _doubled(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    larger = np.empty(2 * len(values), values.dtype)
    larger[: len(values)] = values
    return larger


def _unicorn(module: str = "") -> Any:
    """Import unicorn, or one of its modules, only when an emulator is wanted."""
    try:
        return importlib.import_module(f"unicorn{module}")
    except ImportError as error:
        raise ToolError("the emulator needs unicorn: pip install unicorn capstone") from error


def has_emulator() -> bool:
    """Whether an emulator can be made on this machine."""
    try:
        check_emulator()
    except ToolError:
        return False
    return True


def check_emulator() -> None:
    """Say early what an emulator will need.

    Raises:
        ToolError: unicorn is not installed.

    """
    _unicorn()


def _new_engine() -> Any:
    unicorn = _unicorn()
    # UC_MODE_MCLASS would make it a Cortex-M33 whatever the model, without double precision.
    engine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB)
    engine.ctl_set_cpu_model(_unicorn(".arm_const").UC_CPU_ARM_CORTEX_M7)
    return engine


def _engine_library() -> Any:
    return _unicorn(".unicorn_py3.unicorn").uclib


@cache
def _register_numbers() -> dict[str, int]:
    arm_const = _unicorn(".arm_const")
    prefix = "UC_ARM_REG_"
    names = (name for name in dir(arm_const) if name.startswith(prefix))
    return {name.removeprefix(prefix).lower(): getattr(arm_const, name) for name in names}


def _bad_access(access: int) -> tuple[str, str]:
    unicorn = _unicorn()
    if access in (unicorn.UC_MEM_FETCH_UNMAPPED, unicorn.UC_MEM_FETCH_PROT):
        return "instruction bus fault", "fetch of"
    if access in (unicorn.UC_MEM_WRITE_UNMAPPED, unicorn.UC_MEM_WRITE_PROT):
        return "data bus fault", "write of"
    return "data bus fault", "read of"


def _open_elf(data: bytes) -> Any:
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    try:
        elf = ELFFile(io.BytesIO(data))
    except ELFError as error:
        raise NamgenError(f"emulator: expected an ELF file, found none ({error})") from error
    if elf["e_machine"] != "EM_ARM" or elf.elfclass != 32:
        raise NamgenError(f"emulator: expected a 32-bit ARM ELF, found {elf['e_machine']}")
    return elf


def _sections(elf: Any) -> Iterator[Section]:
    allocated = 2  # SHF_ALLOC
    for section in elf.iter_sections():
        if section["sh_flags"] & allocated and section["sh_size"]:
            yield Section(section.name, section["sh_addr"], section["sh_size"])


def _symbols(elf: Any) -> Iterator[Symbol]:
    table = elf.get_section_by_name(".symtab")
    for entry in table.iter_symbols() if table is not None else ():
        kind = entry["st_info"]["type"]
        if kind not in ("STT_FUNC", "STT_OBJECT", "STT_NOTYPE") or not entry.name:
            continue
        if entry.name.startswith("$") or entry["st_shndx"] == "SHN_UNDEF":
            continue
        is_function = kind == "STT_FUNC"
        address = entry["st_value"] & ~1 if is_function else entry["st_value"]
        yield Symbol(entry.name, address, entry["st_size"], is_function)
