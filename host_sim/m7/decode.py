"""Machine code to the model's instructions: kind, registers read and written, memory operand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from host_sim.m7.codes import Flag
from host_sim.m7.decode_core import CORE
from host_sim.m7.decode_float import FLOAT
from host_sim.m7.instruction import FLAGS_REGISTER, Decoded, Draft, arm
from namgen.errors import ToolError
from namgen.processors.pipeline import Kind, Parameters, Producer, Use

_CONDITIONS = frozenset(
    ["eq", "ne", "hs", "cs", "lo", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le"]
)


class Decoder:
    """Decodes instructions once per address."""

    def __init__(self, parameters: Parameters) -> None:
        """Raise ToolError when the optional package capstone is missing."""
        self._busy = parameters.busy
        self._capstone = _disassembler()

    def decode(
        self, addresses: Iterable[int], read_memory: Callable[[int, int], bytes]
    ) -> list[Decoded]:
        """Decode the instructions at `addresses`; the result is in ascending order.

        `read_memory(address, size)` gives the code. Contiguous instructions are decoded as one run
        so that those inside an IT block are seen as conditional.
        """
        decoded = []
        for run in _runs(sorted(set(addresses))):
            code = bytes(read_memory(run[0], run[-1] - run[0] + 4))
            decoded += self._decode_run(run, code)
        return decoded

    def _decode_run(self, run: Sequence[int], code: bytes) -> list[Decoded]:
        found = {i.address: i for i in self._capstone.disasm(code, run[0])}
        return [
            self._decode_one(found[address])
            if address in found
            else self._unknown(address, code[address - run[0] :])
            for address in run
        ]

    def _unknown(self, address: int, code: bytes) -> Decoded:
        size = 4 if len(code) > 1 and code[1] >> 3 in (0b11101, 0b11110, 0b11111) else 2
        text = f".inst {code[:size][::-1].hex()}"
        return Decoded(address, size, text, Kind.UNKNOWN, busy_cycles=self._busy["unknown"])

    def _decode_one(self, instruction: Any) -> Decoded:
        draft = Draft(
            mnemonic=_without_condition(instruction),
            operands=list(instruction.operands),
            name=instruction.reg_name,
            writeback=bool(instruction.writeback),
        )
        _fill(draft, conditional=_is_conditional(instruction), sets_flags=instruction.update_flags)
        busy = "unknown" if draft.kind is Kind.UNKNOWN else draft.busy
        return Decoded(
            address=instruction.address,
            size_bytes=instruction.size,
            text=f"{instruction.mnemonic} {instruction.op_str}".strip(),
            kind=draft.kind,
            sources=tuple(draft.sources),
            results=tuple(draft.results),
            flags=draft.flags,
            access_bytes=draft.access_bytes,
            busy_cycles=self._busy[busy] if busy else 0,
            is_call=draft.is_call,
        )


def _disassembler() -> Any:
    try:
        import capstone
    except ImportError as error:
        raise ToolError(
            "cycle model: expected the package capstone: pip install capstone"
        ) from error
    engine = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)
    engine.detail = True
    return engine


def _runs(addresses: Sequence[int]) -> Iterable[list[int]]:
    """Split ascending addresses where the gap is larger than an instruction."""
    run: list[int] = []
    for address in addresses:
        if run and address - run[-1] > 4:
            yield run
            run = []
        run.append(address)
    if run:
        yield run


def _is_conditional(instruction: Any) -> bool:
    return instruction.cc not in (arm().ARM_CC_AL, arm().ARM_CC_INVALID)


def _without_condition(instruction: Any) -> str:
    """`subge.w` is `sub.w`."""
    stem, dot, rest = instruction.mnemonic.partition(".")
    if _is_conditional(instruction) and stem[-2:] in _CONDITIONS and not stem.startswith("it"):
        stem = stem[:-2]
    return f"{stem}{dot}{rest}"


def _fill(draft: Draft, *, conditional: bool, sets_flags: bool) -> None:
    stem = draft.mnemonic.split(".")[0]
    handlers = FLOAT if stem.startswith("v") else CORE
    for pattern, handler in handlers:
        if pattern.match(draft.mnemonic):
            handler(draft)
            break
    if sets_flags:
        draft.results.append((FLAGS_REGISTER, Producer.LATE))
    if conditional:
        draft.flags |= Flag.CONDITIONAL
        # A branch goes where it was predicted to go and does not wait for the flags.
        if not draft.flags & Flag.BRANCH and draft.kind is not Kind.IT:
            draft.sources.append((FLAGS_REGISTER, Use.FLAGS))
