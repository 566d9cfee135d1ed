"""Floating-point instructions: what each reads and makes, by its mnemonic."""

from __future__ import annotations

from collections.abc import Sequence

from host_sim.m7.codes import Flag
from host_sim.m7.instruction import (
    FIRST_FLOAT,
    FLAGS_REGISTER,
    FLOAT_FLAGS_REGISTER,
    Draft,
    arm,
    multiple,
    numbers,
    table,
)
from namgen.processors.pipeline import Kind, Producer, Use


def _float_multiply_add(draft: Draft) -> None:
    fused = draft.mnemonic.startswith(("vfm", "vfn"))
    draft.kind = Kind.FMA if fused else Kind.MLA
    draft.read(0, Use.FMA_ADDEND if fused else Use.MLA_ADDEND)
    draft.read_rest(1, Use.FMA_FACTOR)
    draft.write(0, Producer.FMA if fused else Producer.MLA)
    _double(draft, "fma_double" if fused else "mla_double")


def _float_multiply(draft: Draft) -> None:
    draft.kind = Kind.FMUL
    draft.read_rest(1, Use.FMUL)
    draft.write(0, Producer.FADD)
    _double(draft, "fmul_double")


def _float_add(draft: Draft) -> None:
    draft.kind = Kind.FADD
    draft.read_rest(1, Use.FADD)
    if draft.mnemonic.startswith("vsel"):
        draft.sources.append((FLAGS_REGISTER, Use.FLAGS))
    draft.write(0, Producer.FADD)
    _double(draft, "fadd_double")


def _float_compare(draft: Draft) -> None:
    draft.kind = Kind.FADD
    draft.read_rest(0, Use.FADD)
    draft.results.append((FLOAT_FLAGS_REGISTER, Producer.FADD))
    _double(draft, "fadd_double")


def _float_divide(draft: Draft) -> None:
    draft.kind = Kind.FDIVIDE
    draft.read_rest(1, Use.FMUL)
    draft.write(0, Producer.FINISHED)
    draft.busy = "fdivide" if draft.mnemonic.startswith("vdiv") else "fsqrt"
    _double(draft, "fdivide_double")


def _double(draft: Draft, busy: str) -> None:
    if ".f64" in draft.mnemonic and not draft.mnemonic.startswith("vcvt"):
        draft.kind = Kind.FDOUBLE
        draft.busy = busy


def _float_load(draft: Draft) -> None:
    words = len(numbers(draft.name(draft.operands[0].reg)))
    draft.kind = Kind.VLOAD if words == 1 else Kind.VLOAD_MULTIPLE
    draft.flags |= Flag.LOAD if words == 1 else Flag.LOAD | Flag.MULTIPLE
    draft.access_bytes = 4 * words
    draft.address()
    draft.write(0, Producer.VLOAD)


def _float_store(draft: Draft) -> None:
    words = len(numbers(draft.name(draft.operands[0].reg)))
    draft.kind = Kind.VSTORE if words == 1 else Kind.VSTORE_MULTIPLE
    draft.flags |= Flag.STORE if words == 1 else Flag.STORE | Flag.MULTIPLE
    draft.access_bytes = 4 * words
    draft.address()
    draft.read(0, Use.VSTORE)


def _float_multiple(draft: Draft) -> None:
    loads = draft.mnemonic.startswith(("vldm", "vpop"))
    draft.kind = Kind.VLOAD_MULTIPLE if loads else Kind.VSTORE_MULTIPLE
    multiple(draft, loads=loads, use=Use.VSTORE)


def _float_status(draft: Draft) -> None:
    draft.kind = Kind.VSTATUS
    if draft.mnemonic.startswith("vmrs"):
        draft.sources.append((FLOAT_FLAGS_REGISTER, Use.FLAGS))
        draft.results.append((FLAGS_REGISTER, Producer.LATE))
        draft.write(0, Producer.LATE)
    else:
        draft.read_rest(0, Use.CORE_MOVE)
        draft.results.append((FLOAT_FLAGS_REGISTER, Producer.LATE))


def _float_move(draft: Draft) -> None:
    names = [
        numbers(draft.name(o.reg)) if o.type == arm().ARM_OP_REG else () for o in draft.operands
    ]
    core = [bool(n) and n[0] < FIRST_FLOAT for n in names]
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


def _move_pair(draft: Draft, core: Sequence[bool]) -> None:
    to_core = core[0]
    for position, is_core in enumerate(core):
        if is_core == to_core:
            draft.write(position, Producer.TO_CORE if to_core else Producer.FROM_CORE)
        else:
            draft.read(position, Use.VMOVE if to_core else Use.CORE_MOVE)


FLOAT = table(
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
