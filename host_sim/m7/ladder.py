"""The self-test's ladder on the emulated pedal: what kernels are called with, what rungs take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from host_sim.boards import usual_board
from host_sim.emulator.core import Core
from host_sim.emulator.engine import unicorn
from host_sim.emulator.memory import SCRATCH, STACK_TOP
from host_sim.m7.calls import call_cycles
from host_sim.m7.timing import Timer
from host_sim.m7.trace import Trace, recording
from host_sim.pedal import Pedal
from namgen.errors import ToolError
from namgen.processors.pipeline import Parameters, load_parameters
from namgen.selftest.ladder import BLOCK, COLD, RUNGS, Rung
from namgen.selftest.rules import load_rules
from namgen.selftest.spelling import ARGUMENTS, WORDS, KernelCall, Span

CYCLE_COUNTER = 0xE0001004
BLOCK_FRAMES = 48
STACK_BYTES = 4096
BOOT_LIMIT_INSTRUCTIONS = 400_000_000
"""Until audio is on: the pedal goes through its ladder before."""
BLOCKS = 3
"""Until a model's kernels are called as in the middle of a sound."""
COLD_RUNS = 2
"""Of 32 that are alike: nothing is left in a cache from one to the next."""


class EmulatedLadder:
    """The instruments of `namgen.selftest.image`."""

    def calls(self, elf: Path, model: str, kernels: Mapping[str, int]) -> dict[str, KernelCall]:
        """See `Instruments.calls`."""
        core = Core()
        core.load(elf)
        core.call(f"{model}_reset")
        noise = np.random.default_rng(1).uniform(-0.2, 0.2, BLOCK_FRAMES).astype(np.float32)
        core.memory.write_floats(SCRATCH, noise)
        watched = _Watched(core, kernels.values())
        for _ in range(BLOCKS):
            core.call(f"{model}_process", SCRATCH, SCRATCH + 0x1000, BLOCK_FRAMES)
        found = watched.end()
        missing = [name for name, address in kernels.items() if address not in found]
        if missing:
            raise ToolError(f"selftest: expected calls of {', '.join(missing)}, found none")
        return {name: found[address] for name, address in kernels.items()}

    def predict(self, elf: Path, target: str) -> Sequence[Span]:
        """See `Instruments.predict`."""
        rules = 2 * len(load_rules())
        spans = measure_image(elf, target, range(rules, rules + len(RUNGS)))
        return list(spans)


def measure_image(elf: Path, target: str, numbers: Sequence[int]) -> Iterator[Span]:
    """Yield what some of an image's measurements are predicted to take, the rules' first."""
    pedal = Pedal(elf, board=usual_board(target))
    pedal.boot(limit=BOOT_LIMIT_INSTRUCTIONS)
    parameters, core = load_parameters(), pedal.core
    timer = Timer(core.memory.read, parameters)
    for number in numbers:
        with recording(core) as running:
            core.interject("ladder_measure", SCRATCH, number)
        yield _span(running.result, core, timer, parameters, number)


def _span(trace: Trace, core: Core, timer: Timer, parameters: Parameters, number: int) -> Span:
    """Return what the calls between two looks at the counter take, as a profile counts calls."""
    looks = np.flatnonzero(trace.data_address == CYCLE_COUNTER)
    pairs = looks.reshape(-1, 2).tolist()
    rung = _rung(number)
    if rung is not None and rung.prepare == COLD:
        cycles = [_cold(trace, pair, core, parameters) for pair in pairs[-COLD_RUNS:]]
    else:
        clock = _clock(timer, trace)
        counted = pairs if rung is not None and rung.prepare == BLOCK else pairs[1:]
        cycles = [_between(clock, *pair) for pair in counted]
    return Span(min(cycles), max(cycles))


def _between(clock: npt.NDArray[np.int64], before: int, after: int) -> int:
    """Return the cycles of the call between two looks: behind the first is what calls."""
    return call_cycles(clock, before + 2, after)


def _cold(trace: Trace, pair: Sequence[int], core: Core, parameters: Parameters) -> int:
    """Time one run from empty caches."""
    first, last = pair
    part = Trace(trace.address[first : last + 1], trace.data_address[first : last + 1])
    return _between(_clock(Timer(core.memory.read, parameters), part), 0, last - first)


def _clock(timer: Timer, trace: Trace) -> npt.NDArray[np.int64]:
    """Return the cycles passed behind each instruction, one place later, as `call_cycles` asks."""
    clock = timer.time(trace, np.ones(len(trace), np.bool_)).clock.astype(np.int64)
    return np.concatenate([[0], clock])


def _rung(number: int) -> Rung | None:
    """Return the rung of a measurement; None: it is a rule's."""
    first = 2 * len(load_rules())
    return RUNGS[number - first] if number >= first else None


class _Watched:
    """What functions are called with, each time they are, and how far they read the stack."""

    def __init__(self, core: Core, addresses: Iterable[int]) -> None:
        self._core = core
        self._found: dict[int, KernelCall] = {}
        self._read: dict[int, int] = {}  # words, by function
        self._now = self._origin = 0  # the function called last, and where its words begin
        names, engine = unicorn(), core.engine
        self._hooks = [
            engine.hook_add(names.UC_HOOK_CODE, self._enter, begin=a & ~1, end=a & ~1)
            for a in addresses
        ]
        low = STACK_TOP - STACK_BYTES
        self._hooks.append(
            engine.hook_add(names.UC_HOOK_MEM_READ, self._load, begin=low, end=STACK_TOP)
        )

    def end(self) -> dict[int, KernelCall]:
        """Watch no more, and return what was found."""
        for hook in self._hooks:
            self._core.engine.hook_del(hook)
        return {
            address: replace(call, given=call.given[: self._read.get(address, 0)])
            for address, call in self._found.items()
        }

    def _enter(self, _uc: object, place: int, _size: int, _data: object) -> None:
        core, address = self._core, place | 1
        stack = core.register("sp")
        registers = tuple(core.register(f"r{n}") for n in range(ARGUMENTS))
        stacked = tuple(core.memory.read_word(stack + 4 * n) for n in range(ARGUMENTS))
        given = (*registers, *stacked)
        at = next((n for n, value in enumerate(given) if _is_on_stack(value, stack)), None)
        words = () if at is None else tuple(_word(core, given[at] + 4 * n) for n in range(WORDS))
        self._found[address] = KernelCall(address, registers, stacked, at, words)
        self._now, self._origin = address, 0 if at is None else given[at]

    def _load(
        self, _uc: object, _access: int, place: int, size: int, _value: int, _data: object
    ) -> None:
        """Note a read of the words that were given; who called may read them, too."""
        words = (place + size - self._origin + 3) // 4
        if self._origin and 0 < words <= WORDS and place >= self._origin:
            self._read[self._now] = max(self._read.get(self._now, 0), words)


def _is_on_stack(value: int, stack: int) -> bool:
    return stack <= value < STACK_TOP


def _word(core: Core, address: int) -> int:
    return core.memory.read_word(address) if address < STACK_TOP else 0
