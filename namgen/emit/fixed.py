"""Spells the plan of an integer network: names, calls, and the machine code of its kernels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TypeAlias

from namgen.c_text import plus
from namgen.emit.calls import times
from namgen.plan.fixed import FixedPlan, call
from namgen.plan.fixed.builder import POINTERS, WEIGHTS
from namgen.plan.fixed.head import HeadShape
from namgen.plan.fixed.homes import SAVED_FROM, Homes, StackWord
from namgen.plan.fixed.kernels import FixedKernel
from namgen.plan.fixed.memory import FixedHistory, FixedRing
from namgen.plan.fixed.parts import PartShape, ResidualShape, SumsShape
from namgen.plan.fixed.shapes import LayerShape, WordShape
from namgen.plan.fixed.stages import AnyStage, FixedStage
from namgen.schedule.registers import spelled

CODE_MACRO = "NAM_CODE"
"""Puts a kernel into the memory it runs in."""

WORD_BITS = 32

Line: TypeAlias = tuple[str, str]


def views(plan: FixedPlan) -> Mapping[str, object]:
    """Return what the templates spell the plan with."""
    return {
        "histories": plan.histories,
        "element_type": "int32_t",
        "kept_positions": [window.newest for ring in plan.rings for window in ring.windows],
        "input": place(plan, plan.calls[0].reads),
        "machine_code": lambda kernel: list(machine_code(kernel)),
        "code_macro": f" {CODE_MACRO}" if plan.code_region else "",
        "placements": placements,
        "formula": formula,
        "body": partial(body, plan),
        "past": past,
        "out_of": partial(out_of, plan),
        "taps_of": lambda stage: list(taps_of(plan, stage)),
        "ring_of": partial(ring_of, plan),
        "windows_of": lambda ring: list(zip(ring.windows, ring.starts, strict=True)),
    }


def placements(plan: FixedPlan) -> list[tuple[str, str]]:
    """Pair the placement macros that the C uses with the linker's sections behind them."""
    found = []
    for region in plan.regions:
        here = [buffer for buffer in plan.buffers if buffer.region == region.name]
        if not all(buffer.constant for buffer in here):
            found.append((f"{region.macro}_BSS", region.section_of(constant=False)))
        if any(buffer.constant for buffer in here):
            found.append((f"{region.macro}_DATA", region.section_of(constant=True)))
    if plan.code_region:
        found.append((CODE_MACRO, f"{plan.code_region.code_section}.nam_{plan.name}"))
    return found


def past(history: FixedHistory) -> str:
    """Name the constant with the frames of a history's past."""
    return f"{history.name.upper()}_PAST"


def ring_of(plan: FixedPlan, history: FixedHistory | None) -> FixedRing | None:
    """Return the ring that a history is a window of."""
    return next((ring for ring in plan.rings if history in ring.windows), None)


def place(plan: FixedPlan, history: FixedHistory) -> str:
    """Spell where the newest block of a history begins."""
    ring = ring_of(plan, history)
    if ring is None:
        return f"{history.symbol} + {times(past(history), history.words)}"
    return f"{ring.symbol} + {times(history.newest, history.words)}"


def out_of(plan: FixedPlan, stage: AnyStage) -> str:
    """Spell where a stage writes."""
    return place(plan, stage.writes) if stage.writes else "heads"


def taps_of(plan: FixedPlan, stage: FixedStage) -> Iterator[str]:
    """Spell the statements that point at what a stage reads."""
    yield from _history_taps(plan, stage)
    if stage.input_pointer is not None:
        yield f"call.taps[{stage.input_pointer}] = {place(plan, plan.calls[0].reads)};"


def _history_taps(plan: FixedPlan, stage: FixedStage) -> Iterator[str]:
    history = stage.reads
    ring = ring_of(plan, history)
    if ring is not None:
        yield (
            f"ring_taps(call.taps, {ring.symbol}, {history.newest}, {ring.symbol.upper()}_FRAMES, "
            f"{history.words}, {history.kernel_size}, {history.dilation});"
        )
        return
    taps = 1 if isinstance(stage.made.shape, HeadShape) else history.kernel_size
    for tap in range(taps):
        at = plus(history.symbol, history.tap_words(tap))
        yield f"call.taps[{tap}] = {at};"


def body(plan: FixedPlan, kernel: FixedKernel) -> str:
    """Name the macro that spells a kernel in plain C."""
    shape = kernel.shape
    if isinstance(shape, HeadShape):
        is_run = plan.integer_rows > 1 and not shape.is_part
        return "head_run" if is_run else "head_frames"
    if isinstance(shape, PartShape):
        return "sums_frames" if isinstance(shape, SumsShape) else "residual_frames"
    return "layer_frames"


def formula(kernel: FixedKernel) -> Iterator[str]:
    """Say what a kernel computes; `high` is the upper half of a product, rounded."""
    shape = kernel.shape
    if isinstance(shape, HeadShape):
        whole = f" of {shape.whole}" if shape.is_part else ""
        yield f"{kernel.name}: {shape.width} channels{whole}, kernel {shape.kernel_size}."
        yield ""
        begun = "y" if shape.is_part else "bias"
        yield f"y = {begun} + sum over channels and taps of high(weight, h)"
        return
    if isinstance(shape, ResidualShape):
        yield f"{kernel.name}: {shape.channels} channels of {shape.whole.channels}."
        yield ""
        yield from _carried_formula(shape)
        return
    whole = f" of {shape.whole.rows}" if isinstance(shape, SumsShape) else ""
    yield f"{kernel.name}: {shape.rows} rows{whole}, kernel {shape.kernel_size}."
    yield ""
    product = "weight * q" if shape.reads.kind == "short" else "high(weight, q)"
    yield f"z = bias + high(mixin, x) + sum over taps and inputs of {product}"
    yield "t = tanh(z)" if shape.has_table else "t = high(z, scale) + high(min(z, 0), bend)"
    dropped = f"t >> {shape.head_drop}" if shape.head_drop else "t"
    yield f"h = {'' if shape.begins else 'h + '}{'high(skip, t)' if shape.is_scaled else dropped}"
    if shape.dense:
        yield from _word_formula(shape.dense, "a", "t")
        if not isinstance(shape, SumsShape):
            yield from _carried_formula(shape)
    elif shape.head_shift:
        yield f"out = h << {shape.head_shift}"


def _carried_formula(shape: LayerShape) -> Iterator[str]:
    dense, writes = shape.dense, shape.writes
    if dense is None:
        return
    product = "weight * a" if dense.kind == "short" else "high(weight, a)"
    carried = "high(carry, x)" if shape.begins else "r + high(carry, r)"
    dropped = f", >> {shape.dense_drop}" if shape.dense_drop else ""
    yield f"r = {carried if shape.carries else 'r'} + sum of {product}{dropped}"
    if writes:
        yield from _word_formula(writes, "q", "r")


def _word_formula(word: WordShape, name: str, value: str) -> Iterator[str]:
    total = f"({value} + e)" if word.feedback else value
    shifted = f"{total} >> {word.shift}" if word.shift else total
    held = f", held within {word.bits} bits" if word.bits < WORD_BITS else ""
    moved = f", << {word.left}" if word.left else ""
    yield f"{name} = {shifted}{held}{moved}"
    if word.feedback:
        yield f"e = {total} & mask"


def machine_code(kernel: FixedKernel) -> Iterator[Line]:
    """Spell a kernel line by line, with remarks."""
    turn = kernel.turn
    yield from _entry(turn.homes, turn.remainders)
    yield "1:", f"{kernel.turn_frames} frames"
    for instruction in turn.instructions:
        yield f"    {spelled(instruction, turn.registers)}", instruction.remark
    yield "    bne.w 1b", ""
    yield from _exit(turn.homes, turn.remainders)


def _entry(homes: Homes, remainders: tuple[str, ...]) -> Iterator[Line]:
    lines = [*_begin(homes), *_arguments(homes), *_table(homes)]
    lines += _remainders(homes, remainders, loads=True)
    yield from lines
    if not call.is_aligned(len(lines)):
        yield "    nop.w", "the loop begins at a multiple of 8"


def _begin(homes: Homes) -> Iterator[Line]:
    yield "    push.w {r0, r4-r11, lr}", ""
    if homes.saves_floats:
        yield f"    vpush {{s{SAVED_FROM}-s{homes.last_saved}}}", ""
    if homes.stack_words:
        yield f"    sub.w sp, sp, #{homes.frame_bytes}", ""
    yield f"    ldr.w {WEIGHTS}, [r0]", "weights"


def _arguments(homes: Homes) -> Iterator[Line]:
    """Put the pointers of the call into their homes."""
    names = [name for name in homes.names if name in POINTERS or name.startswith("tap ")]
    if not any(isinstance(homes.names[name], StackWord) for name in names):
        yield f"    add.w r1, r0, #{call.FIRST_POINTER}", ""
        first, last = homes.names[names[0]], homes.names[names[-1]]
        yield f"    vldmia r1, {{{first}-{last}}}", "record, out, turns, taps"
        return
    for number, name in enumerate(names):
        yield f"    ldr.w r1, [r0, #{call.pointer(number)}]", name
        yield f"    str.w r1, [sp, #{homes.stack_offset(name)}]", ""


def _table(homes: Homes) -> Iterator[Line]:
    home = homes.names.get("table")
    if home is not None:
        yield f"    ldr.w r1, [r0, #{call.TABLE}]", "the table of the activation"
        if isinstance(home, StackWord):
            yield f"    str.w r1, [sp, #{home.offset}]", ""
        else:
            yield f"    vmov {home}, r1", ""


def _remainders(homes: Homes, names: tuple[str, ...], *, loads: bool) -> Iterator[Line]:
    """Move what feedback keeps between memory and its homes; r0 points at the call."""
    if not names:
        return
    yield f"    ldr.w r1, [r0, #{call.REMAINDERS}]", "remainders"
    first, last = homes.names[names[0]], homes.names[names[-1]]
    if isinstance(first, str):
        yield f"    {'vldmia' if loads else 'vstmia'} r1, {{{first}-{last}}}", ""
        return
    for number, name in enumerate(names):
        at = homes.stack_offset(name)
        here, there = f"[sp, #{at}]", f"[r1, #{call.in_array(number)}]"
        yield f"    ldr.w r2, {there if loads else here}", name
        yield f"    str.w r2, {here if loads else there}", ""


def _exit(homes: Homes, remainders: tuple[str, ...]) -> Iterator[Line]:
    if remainders:
        yield f"    ldr.w r0, [sp, #{homes.call_offset}]", "the call"
        yield from _remainders(homes, remainders, loads=False)
    if homes.stack_words:
        yield f"    add.w sp, sp, #{homes.frame_bytes}", ""
    if homes.saves_floats:
        yield f"    vpop {{s{SAVED_FROM}-s{homes.last_saved}}}", ""
    yield "    pop.w {r0, r4-r11, pc}", ""
