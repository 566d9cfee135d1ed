"""The instructions that kernels are made of, one function each: text, operands, kind.

`sources` and `results` are those of the cycle model's decoder; a test compares them.
"""

from __future__ import annotations

from dataclasses import replace

from namgen.processors.pipeline import Kind, Producer, Use
from namgen.schedule.instruction import Access, Early, Instruction, Place, Value

_BOTH = (Use.LATE, Use.LATE)


def _late(
    text: str,
    operands: tuple[Place, ...],
    kind: Kind,
    uses: tuple[Use, ...],
    remark: str,
    early: Early = Early.NEVER,
) -> Instruction:
    """Make an instruction of the ALU: the first operand is the result, the others are read."""
    result, *read = operands
    sources = tuple(zip(read, uses, strict=True))
    return Instruction(
        text, operands, kind, sources, ((result, Producer.LATE),), early, remark=remark
    )


def load(result: Value, base: Place, offset: int, access: Access, remark: str) -> Instruction:
    """LDR: a word."""
    return Instruction(
        f"ldr.w {{}}, [{{}}, #{offset}]",
        (result, base),
        Kind.LOAD,
        ((base, Use.ADDRESS),),
        ((result, Producer.LOAD),),
        access=access,
        remark=remark,
    )


def load_indexed(
    result: Value, base: Place, index: Place, access: Access, remark: str
) -> Instruction:
    """LDR of a word by its number."""
    return Instruction(
        "ldr.w {}, [{}, {}, lsl #2]",
        (result, base, index),
        Kind.LOAD,
        ((base, Use.ADDRESS), (index, Use.ADDRESS)),
        ((result, Producer.LOAD),),
        access=access,
        remark=remark,
    )


def store(value: Place, base: Place, offset: int, access: Access, remark: str) -> Instruction:
    """STR: a word."""
    return Instruction(
        f"str.w {{}}, [{{}}, #{offset}]",
        (value, base),
        Kind.STORE,
        ((base, Use.ADDRESS), (value, Use.STORE)),
        access=replace(access, stores=True),
        remark=remark,
    )


def store_pair(
    values: tuple[Place, Place], base: Place, offset: int, access: Access, remark: str
) -> Instruction:
    """STRD: two words, in one cycle that nothing shares."""
    return Instruction(
        f"strd {{}}, {{}}, [{{}}, #{offset}]",
        (*values, base),
        Kind.STORE_MULTIPLE,
        ((base, Use.ADDRESS), (values[0], Use.STORE), (values[1], Use.STORE)),
        access=replace(access, stores=True, words=2),
        remark=remark,
    )


def accumulate(
    name: str, result: Value, factors: tuple[Place, Place], onto: Place, remark: str
) -> Instruction:
    """SMLAD, SMMLAR, SMLABB: products onto a sum."""
    return Instruction(
        f"{name} {{}}, {{}}, {{}}, {{}}",
        (result, *factors, onto),
        Kind.MAC,
        ((factors[0], Use.MULTIPLY), (factors[1], Use.MULTIPLY), (onto, Use.ACCUMULATE)),
        ((result, Producer.MAC),),
        remark=remark,
    )


def multiply(name: str, result: Value, factors: tuple[Place, Place], remark: str) -> Instruction:
    """SMMULR, SMUAD: products."""
    return Instruction(
        f"{name} {{}}, {{}}, {{}}",
        (result, *factors),
        Kind.MAC,
        ((factors[0], Use.MULTIPLY), (factors[1], Use.MULTIPLY)),
        ((result, Producer.MAC),),
        remark=remark,
    )


def below_zero(result: Value, value: Place, remark: str) -> Instruction:
    """AND with the sign: the value where it is negative, else 0."""
    text = "and.w {}, {}, {}, asr #31"
    operands = (result, value, value)
    return _late(text, operands, Kind.ALU_SHIFTED, (Use.LATE, Use.EARLY), remark)


def add(result: Place, one: Place, other: Place, remark: str) -> Instruction:
    """ADD of registers."""
    return _late("add.w {}, {}, {}", (result, one, other), Kind.ALU, _BOTH, remark, Early.OLDER)


def add_number(result: Place, one: Place, number: int, remark: str) -> Instruction:
    """ADDW of 0 to 4095."""
    text = f"addw {{}}, {{}}, #{number}"
    return _late(text, (result, one), Kind.ALU, (Use.LATE,), remark, Early.OLDER)


def add_far(result: Place, one: Place, number: int, remark: str) -> Instruction:
    """ADD of a few times 4096."""
    text = f"add.w {{}}, {{}}, #{number}"
    return _late(text, (result, one), Kind.ALU_SHIFTED, (Use.LATE,), remark)


def mask(result: Place, one: Place, other: Place, remark: str) -> Instruction:
    """AND of registers."""
    return _late("and.w {}, {}, {}", (result, one, other), Kind.ALU, _BOTH, remark)


def shift_left(result: Value, value: Place, by: int, remark: str) -> Instruction:
    """LSL by a number."""
    text = f"lsl.w {{}}, {{}}, #{by}"
    return _late(text, (result, value), Kind.SHIFT, (Use.LATE,), remark, Early.EITHER)


def shift_right(result: Value, value: Place, by: int, remark: str) -> Instruction:
    """ASR by a number."""
    text = f"asr.w {{}}, {{}}, #{by}"
    return _late(text, (result, value), Kind.SHIFT, (Use.LATE,), remark, Early.EITHER)


def add_index(result: Value, base: Place, index: Place, shift: int, remark: str) -> Instruction:
    """ADD of an index shifted to the left."""
    text = f"add.w {{}}, {{}}, {{}}, lsl #{shift}"
    return _late(text, (result, base, index), Kind.ALU_SHIFTED, (Use.LATE, Use.EARLY), remark)


def add_shifted(result: Value, one: Place, other: Place, by: int, remark: str) -> Instruction:
    """ADD of a number shifted to the right."""
    text = f"add.w {{}}, {{}}, {{}}, asr #{by}"
    return _late(text, (result, one, other), Kind.ALU_SHIFTED, (Use.LATE, Use.EARLY), remark)


def saturate(result: Value, value: Place, bits: int, shift: int, remark: str) -> Instruction:
    """SSAT of a value shifted to the right: held within so many bits."""
    shifted = f", asr #{shift}" if shift else ""
    return Instruction(
        f"ssat {{}}, #{bits}, {{}}{shifted}",
        (result, value),
        Kind.SATURATE,
        ((value, Use.EARLY),),
        ((result, Producer.SATURATE),),
        remark=remark,
    )


def pack(result: Value, low: Place, high: Place, remark: str) -> Instruction:
    """PKHBT: two 16-bit words into one register."""
    return Instruction(
        "pkhbt {}, {}, {}, lsl #16",
        (result, low, high),
        Kind.BITFIELD,
        ((low, Use.LATE), (high, Use.EARLY)),
        ((result, Producer.BITFIELD),),
        remark=remark,
    )


def pack_upper(result: Value, low: Place, high: Place, remark: str) -> Instruction:
    """PKHTB: the upper halves of two registers into one."""
    return Instruction(
        "pkhtb {}, {}, {}, asr #16",
        (result, high, low),
        Kind.BITFIELD,
        ((high, Use.LATE), (low, Use.EARLY)),
        ((result, Producer.BITFIELD),),
        remark=remark,
    )


def fetch(result: Value, home: str, remark: str) -> Instruction:
    """VMOV out of a float register."""
    return Instruction(
        "vmov {}, {}",
        (result, home),
        Kind.VMOVE_TO_CORE,
        ((home, Use.VMOVE),),
        ((result, Producer.TO_CORE),),
        remark=remark,
    )


def keep(home: str, value: Place, remark: str) -> Instruction:
    """VMOV into a float register."""
    return Instruction(
        "vmov {}, {}",
        (home, value),
        Kind.VMOVE_FROM_CORE,
        ((value, Use.CORE_MOVE),),
        ((home, Producer.FROM_CORE),),
        remark=remark,
    )


def count_down(result: Place, one: Place, remark: str) -> Instruction:
    """SUBS of one, for a conditional branch."""
    return Instruction(
        "subs.w {}, {}, #1",
        (result, one),
        Kind.ALU,
        ((one, Use.LATE),),
        ((result, Producer.LATE), ("flags", Producer.LATE)),
        Early.OLDER,
        remark=remark,
    )
