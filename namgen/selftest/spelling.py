"""Spells what the self-test's C is told: sizes, tables, and the rules as machine code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from namgen.afsk.tones import sine_header
from namgen.selftest.ladder import MODELS, NOTHING, RUNGS, RUNS, TOLD, Rung, rule_names
from namgen.selftest.layout import (
    ENTRY_NAMES,
    INPUT_WORDS,
    MAPPED,
    MPU_REGIONS,
    header_words,
    places,
    total_words,
)
from namgen.selftest.rules import COPIES, Rule, load_rules

ARGUMENTS = 4
"""In registers, and as many on the stack."""
WORDS = 24
"""Of the caller's stack at most, where an argument points there."""

RULE_FUNCTION = "selftest_rule"
"""What goes into a sequence of instructions, and comes back out of it."""
_ENTRY = (
    "push.w {r4-r11, lr}",
    "vpush {s16-s19}",
    *(f"vmov.f32 s{n}, #1.0" for n in range(16, 20)),
    "movw r9, #:lower16:rule_data",
    "movt r9, #:upper16:rule_data",
    "add.w r10, r9, #264",
    "isb",
    "isb",
    "bx r0",
)
_END = f"{RULE_FUNCTION}_end"
_EXIT = (f"{_END}:", "isb", "vpop {s16-s19}", "pop.w {r4-r11, pc}")
_RULE_DATA_WORDS = 128
_PROCESS = "void selftest_process(uint32_t model, float *in, float *out, size_t frames)"
_OWN_ADDRESS_AT = 66
"""Word of the rules' data that holds its own address: a chain of loads."""


@dataclass(frozen=True, slots=True)
class KernelCall:
    """What a model calls a kernel with; words as they are in registers and on the stack."""

    address: int
    registers: tuple[int, ...]
    stacked: tuple[int, ...]
    given_at: int | None  # which argument points to `given`, words of the caller's stack
    given: tuple[int, ...]  # as far as it reads


@dataclass(frozen=True, slots=True)
class Span:
    """Least and most cycles of a rung's runs."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Level:
    """A pin and what it has to be."""

    port: str
    number: int
    is_high: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What the C is told."""

    header: Sequence[int]
    expected: Sequence[int]  # of each model
    prefixes: Sequence[str]  # of the functions of each model; the first is in the pedal's chain
    copied: Sequence[str | None]  # symbols of weights that are copied before a model plays
    noise_shift: int
    count_seconds: int
    runs_shift: int  # of every rung, so much fewer: for tests
    block_cycles: int
    calls: Mapping[str, KernelCall]  # by the names of rungs; none before they are known
    predicted: Sequence[Span]  # of every rung; empty before they are known; the C has the most
    driven: Sequence[Level] = ()  # pins of the board without which its output is not heard


def files_of(told: Told) -> dict[str, str]:
    """Return the text of every generated file, by its name."""
    return {
        "afsk_sine.h": sine_header(),
        "selftest_plan.h": _header(told),
        "selftest_plan.c": _tables(told),
        "selftest_rules.c": _rules(load_rules()),
    }


def _header(told: Told) -> str:
    numbers = {
        **{f"RESULT_{name.upper()}": at for name, (at, _) in places().items()},
        "RESULT_WORDS": total_words(),
        "RESULT_HEADER_WORDS": header_words(),
        "RESULT_INPUT_WORDS": INPUT_WORDS,
        "RESULT_NOISE_WORDS": places()["noise"][1],
        "RESULT_ERRORS_WORDS": places()["errors_forced"][1],
        "ENTRY_WORDS": len(ENTRY_NAMES),
        "SELFTEST_MODELS": len(MODELS),
        "SELFTEST_RULES": len(load_rules()),
        "SELFTEST_RULE_RUNS": RUNS >> told.runs_shift,
        "SELFTEST_RUNGS": len(RUNGS),
        "SELFTEST_TOLD": RUNGS.index(TOLD),
        "SELFTEST_NOISE_SHIFT": told.noise_shift,
        "SELFTEST_COUNT_SECONDS": told.count_seconds,
        "SELFTEST_BLOCK_CYCLES": told.block_cycles,
    }
    lines = ["/* What the self-test is told: generated. */"]
    lines += ["#ifndef SELFTEST_PLAN_H", "#define SELFTEST_PLAN_H", ""]
    lines += ["#include <stddef.h>", "#include <stdint.h>", ""]
    lines += ['#include "selftest/rung.h"', ""]
    lines += [f"#define {name} {value}u" for name, value in numbers.items()]
    lines += [f"#define ENTRY_MPU_REGIONS {MPU_REGIONS} /* a text, for the assembler */", ""]
    lines += [f"#define SELFTEST_DRIVEN {len(told.driven)}u"]
    if told.driven:
        rows = ", ".join(f"{{ '{p.port}', {p.number}u, {int(p.is_high)} }}" for p in told.driven)
        lines += [f"#define SELFTEST_DRIVEN_ROWS {rows}"]
    lines += ["", "/* The pedal's own; what calls it gets another. */"]
    lines += ["void __real_pedal_process(const int32_t *in, int32_t *out, size_t frames);"]
    lines += ["void selftest_rules_init(void);", "/* Through the code of a rule. */"]
    lines += [f"void {RULE_FUNCTION}(uint32_t code);", "/* Of the models, by number. */"]
    lines += ["void selftest_reset(uint32_t model);", _PROCESS + ";", ""]
    lines += [
        "extern const uint32_t entry_addresses[];",
        f"extern const uint32_t selftest_header[{header_words()}];",
        "extern const uint32_t selftest_checks[SELFTEST_MODELS];",
        "extern const uintptr_t selftest_rule_code[2 * SELFTEST_RULES];",
        "extern const struct ladder_rung selftest_rungs[SELFTEST_RUNGS];",
        "extern const uint32_t selftest_predicted[SELFTEST_RUNGS];",
    ]
    return "\n".join([*lines, "", "#endif", ""])


def _tables(told: Told) -> str:
    lines = ["/* Tables of the self-test: generated. */", '#include "selftest_plan.h"', ""]
    lines += ['#include "selftest/ladder.h"', '#include "selftest/loops.h"']
    lines += [f'#include "{prefix}.h"' for prefix in told.prefixes]
    lines += ["", *(f"extern const char {n}[], {n}_few[];" for n in rule_names()), ""]
    lines += _copying(told.copied)
    resets = [f"{prefix}_reset()" for prefix in told.prefixes]
    copies = [f"copy({s}_start, {s}_end, {s}_load); " if s else "" for s in told.copied]
    starts = [copy + reset for copy, reset in zip(copies, resets, strict=True)]
    lines += _choice("void selftest_reset(uint32_t model)", starts)
    lines += _choice(_PROCESS, [f"{p}_process(in, out, frames)" for p in told.prefixes])
    lines += ["/* What is kept of the entry, by address; 0 ends it. */"]
    lines += _words("entry_addresses[]", [*MAPPED.values(), 0])
    lines += _words(f"selftest_header[{header_words()}]", told.header)
    lines += _words("selftest_checks[SELFTEST_MODELS]", told.expected)
    most = [span.most for span in told.predicted] or [1] * len(RUNGS)
    lines += _words("selftest_predicted[SELFTEST_RUNGS]", most)
    lines += _given(told.calls)
    lines += ["const uintptr_t selftest_rule_code[2 * SELFTEST_RULES] = {"]
    lines += [f"    (uintptr_t){name}_few, (uintptr_t){name}," for name in rule_names()]
    lines += ["};", "", "const struct ladder_rung selftest_rungs[SELFTEST_RUNGS] = {"]
    lines += [_rung(number, rung, told) for number, rung in enumerate(RUNGS)]
    return "\n".join([*lines, "};", ""])


def _copying(symbols: Sequence[str | None]) -> Iterator[str]:
    """Spell what brings a model's weights to where it has them."""
    yield from (f"extern uint32_t {s}_start[], {s}_end[], {s}_load[];" for s in symbols if s)
    yield "static void copy(uint32_t *to, const uint32_t *end, const uint32_t *from)"
    yield from ("{", "    while (to < end) {", "        *(volatile uint32_t *)to++ = *from++;")
    yield from ("    }", "}", "")


def _choice(head: str, calls: Sequence[str]) -> Iterator[str]:
    """Spell a function that does what a model needs."""
    yield from (head, "{", "    switch (model) {")
    for number, call in enumerate(calls[1:], start=1):
        yield from (f"    case {number}u:", f"        {call};", "        break;")
    yield from ("    default:", f"        {calls[0]};", "        break;", "    }", "}", "")


def _given(calls: Mapping[str, KernelCall]) -> Iterator[str]:
    """Spell the words that kernels find where an argument points."""
    for number, rung in enumerate(RUNGS):
        call = calls.get(rung.name)
        if call is not None and call.given_at is not None:
            yield f"static const uint32_t words_{number}[] = {_list(call.given)};"
            words = f"{{ {call.given_at}u, {len(call.given)}u, words_{number} }}"
            yield f"static const struct ladder_words given_{number} = {words};"
    yield ""


def _words(name: str, values: Sequence[int]) -> Iterator[str]:
    yield f"const uint32_t {name} = {{"
    yield from (f"    {value:#010x}u," for value in values)
    yield from ("};", "")


def _rung(number: int, rung: Rung, told: Told) -> str:
    """Spell a rung; one whose call is not known yet calls nothing, one that is no kernel itself."""
    call, runs = told.calls.get(rung.name), rung.runs >> told.runs_shift
    model = MODELS.index(rung.model) if rung.model else 0
    known = call or KernelCall(0, (model, 0, 0, 0), (0,) * ARGUMENTS, None, ())
    name = NOTHING.function if rung.is_kernel else rung.function
    target = f"(uintptr_t)&{name}" if call is None else f"{known.address:#010x}u"
    given = "NULL" if known.given_at is None else f"&given_{number}"
    return (
        f"    {{ {rung.prepare}, {model}u, {runs}u,\n"
        f"      {{ {target}, {_list(known.registers)}, {_list(known.stacked)} }}, {given} }},"
    )


def _list(values: Sequence[int]) -> str:
    return "{ " + ", ".join(f"{value:#x}u" for value in values) + " }"


def _rules(rules: Sequence[Rule]) -> str:
    """Spell each rule once, in ITCM: some copies of it, with ten more before them."""
    lines = ["/* Rules of the processor, as machine code: generated. */"]
    lines += ['#include "selftest_plan.h"', ""]
    lines += [f"__attribute__((used, aligned(8))) uint32_t rule_data[{_RULE_DATA_WORDS}];", ""]
    lines += _assembled(RULE_FUNCTION, [*_ENTRY, *_EXIT])
    for rule, name in zip(rules, rule_names(), strict=True):
        lines += [f"/* {rule.name} */"]
        more, some = rule.body * COPIES, rule.body * rule.repeat
        lines += _assembled(
            name, [*more, f".global {name}_few", f"{name}_few:", *some, f"b.w {_END}"]
        )
    lines += ["void selftest_rules_init(void)", "{"]
    own = f"rule_data[{_OWN_ADDRESS_AT}]"
    return "\n".join([*lines, f"    {own} = (uint32_t)(uintptr_t)&{own};", "}", ""])


def _assembled(name: str, body: Sequence[str]) -> Iterator[str]:
    lines = [".syntax unified", ".thumb", '.section .itcm_text.rules, \\"ax\\", %progbits']
    lines += [".balign 32", f".global {name}", ".thumb_func", f".type {name}, %function"]
    lines += [f"{name}:", *body, f".size {name}, .-{name}", ".text"]
    yield "__asm__("
    yield from (f'    "{line}\\n"' for line in lines)
    yield ");"
