"""Machine code to the model's instructions: kind, registers read and written, memory operand."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from host_sim.m7.parameters import Kind, Parameters, Producer, Use
from namgen.errors import ToolError

FLAGS_REGISTER = 48
FLOAT_FLAGS_REGISTER = 49
_SP, _LR, _PC = 13, 14, 15
_FIRST_FLOAT = 16

# Bits of Decoded.flags, as in pipeline.c.
EARLY_OLDER, EARLY_EITHER, BRANCH, CONDITIONAL, LOAD, STORE, MULTIPLE = 1, 2, 4, 8, 16, 32, 64

_CONDITIONS = frozenset(
    ["eq", "ne", "hs", "cs", "lo", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le"]
)
_SPECIAL = {
    **{"sb": 9, "sl": 10, "fp": 11, "ip": 12, "sp": _SP, "lr": _LR, "pc": _PC},
    **{"apsr_nzcv": FLAGS_REGISTER, "fpscr": FLOAT_FLAGS_REGISTER},
}

Operand = tuple[int, int]  # register, Use of a source or Producer of a result


@dataclass(frozen=True, slots=True)
class Decoded:
    """One instruction as the model sees it, and as a person reads it."""

    address: int
    size_bytes: int
    text: str
    kind: Kind
    sources: tuple[Operand, ...] = ()
    results: tuple[Operand, ...] = ()
    flags: int = 0
    access_bytes: int = 0
    busy_cycles: int = 0
    is_call: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the decoder knows the instruction; if not, its cost is a conservative guess."""
        return self.kind is not Kind.UNKNOWN


@dataclass(slots=True)
class _Draft:
    """An instruction while its operands are being collected."""

    mnemonic: str
    operands: list[Any]
    name: Callable[[int], str]
    writeback: bool
    kind: Kind = Kind.UNKNOWN
    sources: list[Operand] = field(default_factory=list)
    results: list[Operand] = field(default_factory=list)
    flags: int = 0
    access_bytes: int = 0
    busy: str = ""
    is_call: bool = False

    def read(self, position: int, use: Use) -> None:
        """Note the registers of one operand as sources; an immediate has none."""
        self.sources += [(r, use) for r in self._registers(position)]

    def write(self, position: int, producer: Producer) -> None:
        """Note the registers of one operand as results."""
        self.results += [(r, producer) for r in self._registers(position)]

    def read_rest(self, first: int, use: Use) -> None:
        """Note all operands from position `first` on as sources."""
        for position in range(first, len(self.operands)):
            self.read(position, use)

    def address(self) -> None:
        """Note base and index of the memory operand, and the base that is written back."""
        for operand in self.operands:
            if operand.type != _arm().ARM_OP_MEM:
                continue
            base = _numbers(self.name(operand.mem.base))
            index = _numbers(self.name(operand.mem.index)) if operand.mem.index else []
            self.sources += [(r, Use.ADDRESS) for r in (*base, *index) if r != _PC]
            if self.writeback:
                self.results += [(r, Producer.ADDRESS) for r in base]

    def _registers(self, position: int) -> list[int]:
        operand = self.operands[position]
        if operand.type != _arm().ARM_OP_REG:
            return []
        return [r for r in _numbers(self.name(operand.reg)) if r != _PC]


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
        draft = _Draft(
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


@functools.cache
def _arm() -> Any:
    import capstone.arm

    return capstone.arm


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


@functools.cache
def _numbers(name: str) -> tuple[int, ...]:
    """Model numbers of a register by its name: r0-r14, s0-s31 as 16-47, a double as two."""
    if name in _SPECIAL:
        return (_SPECIAL[name],)
    number = int(name[1:]) if name[1:].isdigit() else -1
    if name.startswith("r") and 0 <= number < 16:
        return (number,)
    if name.startswith("s") and 0 <= number < 32:
        return (_FIRST_FLOAT + number,)
    if name.startswith("d") and 0 <= number < 16:
        return (_FIRST_FLOAT + 2 * number, _FIRST_FLOAT + 2 * number + 1)
    return ()


def _is_conditional(instruction: Any) -> bool:
    return instruction.cc not in (_arm().ARM_CC_AL, _arm().ARM_CC_INVALID)


def _without_condition(instruction: Any) -> str:
    """`subge.w` is `sub.w`."""
    stem, dot, rest = instruction.mnemonic.partition(".")
    if _is_conditional(instruction) and stem[-2:] in _CONDITIONS and not stem.startswith("it"):
        stem = stem[:-2]
    return f"{stem}{dot}{rest}"


def _fill(draft: _Draft, *, conditional: bool, sets_flags: bool) -> None:
    stem = draft.mnemonic.split(".")[0]
    handlers = _FLOAT if stem.startswith("v") else _CORE
    for pattern, handler in handlers:
        if pattern.match(draft.mnemonic):
            handler(draft)
            break
    if sets_flags:
        draft.results.append((FLAGS_REGISTER, Producer.LATE))
    if conditional:
        draft.flags |= CONDITIONAL
        # A branch goes where it was predicted to go and does not wait for the flags.
        if not draft.flags & BRANCH and draft.kind is not Kind.IT:
            draft.sources.append((FLAGS_REGISTER, Use.FLAGS))


def _float_multiply_add(draft: _Draft) -> None:
    fused = draft.mnemonic.startswith(("vfm", "vfn"))
    draft.kind = Kind.FMA if fused else Kind.MLA
    draft.read(0, Use.FMA_ADDEND if fused else Use.MLA_ADDEND)
    draft.read_rest(1, Use.FMA_FACTOR)
    draft.write(0, Producer.FMA if fused else Producer.MLA)
    _double(draft, "fma_double" if fused else "mla_double")


def _float_multiply(draft: _Draft) -> None:
    draft.kind = Kind.FMUL
    draft.read_rest(1, Use.FMUL)
    draft.write(0, Producer.FADD)
    _double(draft, "fmul_double")


def _float_add(draft: _Draft) -> None:
    draft.kind = Kind.FADD
    draft.read_rest(1, Use.FADD)
    if draft.mnemonic.startswith("vsel"):
        draft.sources.append((FLAGS_REGISTER, Use.FLAGS))
    draft.write(0, Producer.FADD)
    _double(draft, "fadd_double")


def _float_compare(draft: _Draft) -> None:
    draft.kind = Kind.FADD
    draft.read_rest(0, Use.FADD)
    draft.results.append((FLOAT_FLAGS_REGISTER, Producer.FADD))
    _double(draft, "fadd_double")


def _float_divide(draft: _Draft) -> None:
    draft.kind = Kind.FDIVIDE
    draft.read_rest(1, Use.FMUL)
    draft.write(0, Producer.FINISHED)
    draft.busy = "fdivide" if draft.mnemonic.startswith("vdiv") else "fsqrt"
    _double(draft, "fdivide_double")


def _double(draft: _Draft, busy: str) -> None:
    if ".f64" in draft.mnemonic and not draft.mnemonic.startswith("vcvt"):
        draft.kind = Kind.FDOUBLE
        draft.busy = busy


def _float_load(draft: _Draft) -> None:
    words = len(_numbers(draft.name(draft.operands[0].reg)))
    draft.kind = Kind.VLOAD if words == 1 else Kind.VLOAD_MULTIPLE
    draft.flags |= LOAD if words == 1 else LOAD | MULTIPLE
    draft.access_bytes = 4 * words
    draft.address()
    draft.write(0, Producer.VLOAD)


def _float_store(draft: _Draft) -> None:
    words = len(_numbers(draft.name(draft.operands[0].reg)))
    draft.kind = Kind.VSTORE if words == 1 else Kind.VSTORE_MULTIPLE
    draft.flags |= STORE if words == 1 else STORE | MULTIPLE
    draft.access_bytes = 4 * words
    draft.address()
    draft.read(0, Use.VSTORE)


def _float_multiple(draft: _Draft) -> None:
    loads = draft.mnemonic.startswith(("vldm", "vpop"))
    draft.kind = Kind.VLOAD_MULTIPLE if loads else Kind.VSTORE_MULTIPLE
    _multiple(draft, loads=loads, use=Use.VSTORE)


def _float_status(draft: _Draft) -> None:
    draft.kind = Kind.VSTATUS
    if draft.mnemonic.startswith("vmrs"):
        draft.sources.append((FLOAT_FLAGS_REGISTER, Use.FLAGS))
        draft.results.append((FLAGS_REGISTER, Producer.LATE))
        draft.write(0, Producer.LATE)
    else:
        draft.read_rest(0, Use.CORE_MOVE)
        draft.results.append((FLOAT_FLAGS_REGISTER, Producer.LATE))


def _float_move(draft: _Draft) -> None:
    names = [
        _numbers(draft.name(o.reg)) if o.type == _arm().ARM_OP_REG else () for o in draft.operands
    ]
    core = [bool(n) and n[0] < _FIRST_FLOAT for n in names]
    if not all(names):
        draft.kind = Kind.VMOVE_IMMEDIATE
        draft.write(0, Producer.VMOVE)
    elif len(names) > 2:
        draft.kind = Kind.VMOVE_PAIR
        _move_pair(draft, core)
    elif core[0]:
        draft.kind = Kind.VMOVE_TO_CORE
        draft.write(0, Producer.TO_CORE)
        draft.read(1, Use.VMOVE)
    elif core[1]:
        draft.kind = Kind.VMOVE_FROM_CORE
        draft.write(0, Producer.FROM_CORE)
        draft.read(1, Use.CORE_MOVE)
    else:
        draft.kind = Kind.VMOVE_PAIR if len(names[0]) == 2 else Kind.VMOVE
        draft.write(0, Producer.VMOVE)
        draft.read(1, Use.VMOVE)


def _move_pair(draft: _Draft, core: Sequence[bool]) -> None:
    to_core = core[0]
    for position, is_core in enumerate(core):
        if is_core == to_core:
            draft.write(position, Producer.TO_CORE if to_core else Producer.FROM_CORE)
        else:
            draft.read(position, Use.VMOVE if to_core else Use.CORE_MOVE)


def _multiple(draft: _Draft, *, loads: bool, use: Use) -> None:
    """A transfer of several registers; push and pop have no base operand."""
    draft.flags |= MULTIPLE | (LOAD if loads else STORE)
    on_stack = draft.mnemonic.startswith(("push", "pop", "vpush", "vpop"))
    first = 0 if on_stack else 1
    if on_stack:
        draft.sources.append((_SP, Use.ADDRESS))
        draft.results.append((_SP, Producer.ADDRESS))
    else:
        draft.read(0, Use.ADDRESS)
        if draft.writeback:
            draft.write(0, Producer.ADDRESS)
    words = 0
    for position in range(first, len(draft.operands)):
        numbers = _numbers(draft.name(draft.operands[position].reg))
        words += len(numbers)
        if _PC in numbers:
            draft.flags |= BRANCH
        if loads:
            draft.write(position, Producer.LOAD_MULTIPLE)
        else:
            draft.read(position, use)
    draft.access_bytes = 4 * words


def _core_multiple(draft: _Draft) -> None:
    loads = draft.mnemonic.startswith(("ldm", "pop"))
    draft.kind = Kind.LOAD_MULTIPLE if loads else Kind.STORE_MULTIPLE
    _multiple(draft, loads=loads, use=Use.STORE)


def _pair(draft: _Draft) -> None:
    loads = draft.mnemonic.startswith("ldrd")
    draft.kind = Kind.LOAD_MULTIPLE if loads else Kind.STORE_MULTIPLE
    draft.flags |= MULTIPLE | (LOAD if loads else STORE)
    draft.access_bytes = 8
    draft.address()
    for position in (0, 1):
        if loads:
            draft.write(position, Producer.LOAD_MULTIPLE)
        else:
            draft.read(position, Use.STORE)


def _load(draft: _Draft) -> None:
    narrow = re.match(r"ldrs?([bh])", draft.mnemonic)
    draft.kind = Kind.LOAD_NARROW if narrow else Kind.LOAD
    draft.flags |= LOAD
    draft.access_bytes = {"b": 1, "h": 2}[narrow.group(1)] if narrow else 4
    draft.address()
    draft.write(0, Producer.LOAD_NARROW if narrow else Producer.LOAD)
    if _PC in _numbers(draft.name(draft.operands[0].reg)):
        draft.flags |= BRANCH


def _store(draft: _Draft) -> None:
    narrow = re.match(r"str([bh])", draft.mnemonic)
    draft.kind = Kind.STORE
    draft.flags |= STORE
    draft.access_bytes = {"b": 1, "h": 2}[narrow.group(1)] if narrow else 4
    draft.address()
    draft.read(0, Use.STORE)


def _branch(draft: _Draft) -> None:
    draft.kind = Kind.BRANCH
    draft.flags |= BRANCH
    draft.read_rest(0, Use.LATE)
    if draft.mnemonic.startswith(("cbz", "cbnz")):
        draft.flags |= CONDITIONAL
    if re.match(r"blx?(\.w)?$", draft.mnemonic):
        draft.is_call = True
        draft.results.append((_LR, Producer.EARLY))


def _table_branch(draft: _Draft) -> None:
    draft.kind = Kind.LOAD_NARROW
    draft.flags |= BRANCH | LOAD
    draft.access_bytes = 1 if draft.mnemonic.startswith("tbb") else 2
    draft.address()


def _divide(draft: _Draft) -> None:
    draft.kind = Kind.DIVIDE
    draft.busy = "divide"
    draft.read_rest(1, Use.LATE)
    draft.write(0, Producer.FINISHED)


def _multiply_long(draft: _Draft) -> None:
    draft.kind = Kind.MAC
    draft.write(0, Producer.MAC)
    draft.write(1, Producer.MAC)
    if not draft.mnemonic.startswith(("smull", "umull")):
        draft.read(0, Use.ACCUMULATE)
        draft.read(1, Use.ACCUMULATE)
    draft.read_rest(2, Use.MULTIPLY)


def _multiply_accumulate(draft: _Draft) -> None:
    draft.kind = Kind.MAC
    draft.write(0, Producer.MAC)
    draft.read(1, Use.MULTIPLY)
    draft.read(2, Use.MULTIPLY)
    draft.read_rest(3, Use.ACCUMULATE)


def _multiply(draft: _Draft) -> None:
    draft.kind = Kind.MAC
    draft.write(0, Producer.MAC)
    draft.read_rest(1 if len(draft.operands) > 2 else 0, Use.MULTIPLY)


def _saturate(draft: _Draft) -> None:
    draft.kind = Kind.SATURATE
    draft.write(0, Producer.SATURATE)
    draft.read_rest(1, Use.EARLY)


def _bit_field(draft: _Draft) -> None:
    draft.kind = Kind.BITFIELD
    draft.write(0, Producer.BITFIELD)
    inserts = draft.mnemonic.startswith(("bfi", "bfc"))
    early = re.match(r"[us]bfx|rev|rbit|bfi", draft.mnemonic) is not None
    for position in range(len(draft.operands)):
        if position == 0 and not inserts:
            continue
        shifted = position == 2 and re.match(r"pkh|[us]xta", draft.mnemonic) is not None
        draft.read(position, Use.EARLY if (early and position) or shifted else Use.LATE)


def _no_operation(draft: _Draft) -> None:
    draft.kind = Kind.NOP


def _if_then(draft: _Draft) -> None:
    draft.kind = Kind.IT
    draft.sources.clear()


def _compare(draft: _Draft) -> None:
    draft.kind = Kind.ALU
    _alu_sources(draft, 0)
    if (FLAGS_REGISTER, Producer.LATE) not in draft.results:
        draft.results.append((FLAGS_REGISTER, Producer.LATE))


def _shift(draft: _Draft) -> None:
    draft.kind = Kind.SHIFT
    draft.flags |= EARLY_EITHER
    draft.write(0, Producer.LATE)
    draft.read_rest(1 if len(draft.operands) > 2 else 0, Use.LATE)


def _move(draft: _Draft) -> None:
    draft.kind = Kind.ALU
    draft.flags |= EARLY_OLDER
    draft.write(0, Producer.LATE)
    _alu_sources(draft, 0 if draft.mnemonic.startswith("movt") else 1)


def _add(draft: _Draft) -> None:
    draft.flags |= EARLY_OLDER
    _logic(draft)


def _add_with_carry(draft: _Draft) -> None:
    _logic(draft)
    draft.sources.append((FLAGS_REGISTER, Use.FLAGS))


def _logic(draft: _Draft) -> None:
    draft.kind = Kind.ALU
    draft.write(0, Producer.LATE)
    _alu_sources(draft, 1 if len(draft.operands) > 2 or draft.mnemonic.startswith("mvn") else 0)


def _alu_sources(draft: _Draft, first: int) -> None:
    for position in range(first, len(draft.operands)):
        operand = draft.operands[position]
        shifted = operand.shift.type != _arm().ARM_SFT_INVALID and operand.shift.value != 0
        draft.read(position, Use.EARLY if shifted else Use.LATE)
        if shifted or (operand.type == _arm().ARM_OP_IMM and _needs_shifter(draft, operand.imm)):
            draft.kind = Kind.ALU_SHIFTED
            draft.flags &= ~EARLY_OLDER


def _needs_shifter(draft: _Draft, immediate: int) -> bool:
    """Whether an immediate is eight bits shifted, not a plain or a repeated pattern."""
    value = immediate & 0xFFFFFFFF
    stem = draft.mnemonic.split(".")[0]
    if value < 256 or stem.startswith(("movw", "movt", "adr")):
        return False
    if stem.startswith(("add", "sub")) and value < 4096:
        return False
    if stem.startswith(("add", "sub")) and _SP in {r for r, _ in draft.sources}:
        return False
    repeated = value >> 16 == value & 0xFFFF and (
        value & 0xFF00FF00 == 0 or value & 0x00FF00FF == 0
    )
    return not repeated and value != (value & 0xFF) * 0x01010101


_Handler = Callable[[_Draft], None]


def _table(*rows: tuple[str, _Handler]) -> tuple[tuple[re.Pattern[str], _Handler], ...]:
    return tuple((re.compile(pattern), handler) for pattern, handler in rows)


_FLOAT = _table(
    (r"vldr", _float_load),
    (r"vstr", _float_store),
    (r"vldm|vstm|vpush|vpop", _float_multiple),
    (r"vmrs|vmsr", _float_status),
    (r"vmov", _float_move),
    (r"vfn?m[as]|vml[as]|vnml[as]|vfnm", _float_multiply_add),
    (r"vn?mul", _float_multiply),
    (r"vdiv|vsqrt", _float_divide),
    (r"vcmp", _float_compare),
    (r"vadd|vsub|vmaxnm|vminnm|vabs|vneg|vcvt|vrint|vsel", _float_add),
)

_CORE = _table(
    (r"it[te]*$", _if_then),
    (r"nop|dmb|dsb|isb|pld|wfi|wfe|sev|yield|cps", _no_operation),
    (r"tb[bh]", _table_branch),
    (
        r"cbn?z|blx?(\W|$)|bx|bx?(eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)?(\.[nw])?$",
        _branch,
    ),
    (r"ldrd|strd", _pair),
    (r"ldm|stm|push|pop", _core_multiple),
    (r"ldr", _load),
    (r"str", _store),
    (r"[su]div", _divide),
    (r"[su]mlal|smlsld|umaal|[su]mull", _multiply_long),
    (r"ml[as]|smla|smlsd|smml[as]", _multiply_accumulate),
    (r"mul|smul|smuad|smusd|smmul", _multiply),
    (r"[su]sat", _saturate),
    (
        r"[us]xt|[us]bfx|bfi|bfc|clz|rev|rbit|pkh|sel|qd?(add|sub)|[uq]q|"
        r"(s|u|sh|uh|q|uq)(add|sub)(8|16)|(s|u|sh|uh|q|uq)(asx|sax)|usada?8",
        _bit_field,
    ),
    (r"cmp|cmn|tst|teq", _compare),
    (r"lsl|lsr|asr|ror|rrx", _shift),
    (r"mov|adr", _move),
    (r"(add|sub)[sw]?(\.w)?$", _add),
    (r"adc|sbc", _add_with_carry),
    (r"and|orr|orn|eor|bic|mvn|rsb|neg", _logic),
)
