"""Instructions of the core: what each reads and makes, by its mnemonic."""

from __future__ import annotations

import re

from host_sim.m7.codes import Flag
from host_sim.m7.instruction import FLAGS_REGISTER, LR, PC, SP, Draft, arm, multiple, numbers, table
from namgen.processors.pipeline import Kind, Producer, Use


def _core_multiple(draft: Draft) -> None:
    loads = draft.mnemonic.startswith(("ldm", "pop"))
    draft.kind = Kind.LOAD_MULTIPLE if loads else Kind.STORE_MULTIPLE
    multiple(draft, loads=loads, use=Use.STORE)


def _pair(draft: Draft) -> None:
    loads = draft.mnemonic.startswith("ldrd")
    draft.kind = Kind.LOAD_MULTIPLE if loads else Kind.STORE_MULTIPLE
    draft.flags |= Flag.MULTIPLE | (Flag.LOAD if loads else Flag.STORE)
    draft.access_bytes = 8
    draft.address()
    for position in (0, 1):
        if loads:
            draft.write(position, Producer.LOAD_MULTIPLE)
        else:
            draft.read(position, Use.STORE)


def _load(draft: Draft) -> None:
    narrow = re.match(r"ldrs?([bh])", draft.mnemonic)
    draft.kind = Kind.LOAD_NARROW if narrow else Kind.LOAD
    draft.flags |= Flag.LOAD
    draft.access_bytes = {"b": 1, "h": 2}[narrow.group(1)] if narrow else 4
    draft.address()
    draft.write(0, Producer.LOAD_NARROW if narrow else Producer.LOAD)
    if PC in numbers(draft.name(draft.operands[0].reg)):
        draft.flags |= Flag.BRANCH


def _store(draft: Draft) -> None:
    narrow = re.match(r"str([bh])", draft.mnemonic)
    draft.kind = Kind.STORE
    draft.flags |= Flag.STORE
    draft.access_bytes = {"b": 1, "h": 2}[narrow.group(1)] if narrow else 4
    draft.address()
    draft.read(0, Use.STORE)


def _branch(draft: Draft) -> None:
    draft.kind = Kind.BRANCH
    draft.flags |= Flag.BRANCH
    draft.read_rest(0, Use.LATE)
    if draft.mnemonic.startswith(("cbz", "cbnz")):
        draft.flags |= Flag.CONDITIONAL
    if re.match(r"blx?(\.w)?$", draft.mnemonic):
        draft.is_call = True
        draft.results.append((LR, Producer.EARLY))


def _table_branch(draft: Draft) -> None:
    draft.kind = Kind.LOAD_NARROW
    draft.flags |= Flag.BRANCH | Flag.LOAD
    draft.access_bytes = 1 if draft.mnemonic.startswith("tbb") else 2
    draft.address()


def _divide(draft: Draft) -> None:
    draft.kind = Kind.DIVIDE
    draft.busy = "divide"
    draft.read_rest(1, Use.LATE)
    draft.write(0, Producer.FINISHED)


def _multiply_long(draft: Draft) -> None:
    draft.kind = Kind.MAC
    draft.write(0, Producer.MAC)
    draft.write(1, Producer.MAC)
    if not draft.mnemonic.startswith(("smull", "umull")):
        draft.read(0, Use.ACCUMULATE)
        draft.read(1, Use.ACCUMULATE)
    draft.read_rest(2, Use.MULTIPLY)


def _multiply_accumulate(draft: Draft) -> None:
    draft.kind = Kind.MAC
    draft.write(0, Producer.MAC)
    draft.read(1, Use.MULTIPLY)
    draft.read(2, Use.MULTIPLY)
    draft.read_rest(3, Use.ACCUMULATE)


def _multiply(draft: Draft) -> None:
    draft.kind = Kind.MAC
    draft.write(0, Producer.MAC)
    draft.read_rest(1 if len(draft.operands) > 2 else 0, Use.MULTIPLY)


def _saturate(draft: Draft) -> None:
    draft.kind = Kind.SATURATE
    draft.write(0, Producer.SATURATE)
    draft.read_rest(1, Use.EARLY)


def _bit_field(draft: Draft) -> None:
    draft.kind = Kind.BITFIELD
    draft.write(0, Producer.BITFIELD)
    inserts = draft.mnemonic.startswith(("bfi", "bfc"))
    early = re.match(r"[us]bfx|rev|rbit|bfi", draft.mnemonic) is not None
    for position in range(len(draft.operands)):
        if position == 0 and not inserts:
            continue
        shifted = position == 2 and re.match(r"pkh|[us]xta", draft.mnemonic) is not None
        draft.read(position, Use.EARLY if (early and position) or shifted else Use.LATE)


def _no_operation(draft: Draft) -> None:
    draft.kind = Kind.NOP


def _if_then(draft: Draft) -> None:
    draft.kind = Kind.IT
    draft.sources.clear()


def _compare(draft: Draft) -> None:
    draft.kind = Kind.ALU
    _alu_sources(draft, 0)
    if (FLAGS_REGISTER, Producer.LATE) not in draft.results:
        draft.results.append((FLAGS_REGISTER, Producer.LATE))


def _shift(draft: Draft) -> None:
    draft.kind = Kind.SHIFT
    draft.flags |= Flag.EARLY_EITHER
    draft.write(0, Producer.LATE)
    draft.read_rest(1 if len(draft.operands) > 2 else 0, Use.LATE)


def _move(draft: Draft) -> None:
    draft.kind = Kind.ALU
    draft.flags |= Flag.EARLY_OLDER
    draft.write(0, Producer.LATE)
    _alu_sources(draft, 0 if draft.mnemonic.startswith("movt") else 1)


def _add(draft: Draft) -> None:
    draft.flags |= Flag.EARLY_OLDER
    _logic(draft)


def _add_with_carry(draft: Draft) -> None:
    _logic(draft)
    draft.sources.append((FLAGS_REGISTER, Use.FLAGS))


def _logic(draft: Draft) -> None:
    draft.kind = Kind.ALU
    draft.write(0, Producer.LATE)
    _alu_sources(draft, 1 if len(draft.operands) > 2 or draft.mnemonic.startswith("mvn") else 0)


def _alu_sources(draft: Draft, first: int) -> None:
    for position in range(first, len(draft.operands)):
        operand = draft.operands[position]
        shifted = operand.shift.type != arm().ARM_SFT_INVALID and operand.shift.value != 0
        draft.read(position, Use.EARLY if shifted else Use.LATE)
        if shifted or (operand.type == arm().ARM_OP_IMM and _needs_shifter(draft, operand.imm)):
            draft.kind = Kind.ALU_SHIFTED
            draft.flags &= ~Flag.EARLY_OLDER


def _needs_shifter(draft: Draft, immediate: int) -> bool:
    """Whether an immediate is eight bits shifted, not a plain or a repeated pattern."""
    value = immediate & 0xFFFFFFFF
    stem = draft.mnemonic.split(".")[0]
    if value < 256 or stem.startswith(("movw", "movt", "adr")):
        return False
    if stem.startswith(("add", "sub")) and value < 4096:
        return False
    if stem.startswith(("add", "sub")) and SP in {r for r, _ in draft.sources}:
        return False
    repeated = value >> 16 == value & 0xFFFF and (
        value & 0xFF00FF00 == 0 or value & 0x00FF00FF == 0
    )
    return not repeated and value != (value & 0xFF) * 0x01010101


CORE = table(
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
