"""Spells what the self-test's C is told: sizes, tables, and the rules as machine code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from namgen.afsk.tones import sine_header
from namgen.selftest.ladder import NOTHING, RUNGS, TOLD, Rung, rule_functions
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
TAPS = 16

_ENTRY = (
    "push.w {r4-r11, lr}",
    "vpush {s16-s19}",
    *(f"vmov.f32 s{n}, #1.0" for n in range(16, 20)),
    "movw r9, #:lower16:rule_data",
    "movt r9, #:upper16:rule_data",
    "add.w r10, r9, #264",
    "isb",
    "isb",
    ".balign 8",
)
_EXIT = ("isb", "vpop {s16-s19}", "pop.w {r4-r11, pc}")
_RULE_DATA_WORDS = 128
_OWN_ADDRESS_AT = 66
"""Word of the rules' data that holds its own address: a chain of loads."""


@dataclass(frozen=True, slots=True)
class KernelCall:
    """What a model calls a kernel with; words as they are in registers and on the stack."""

    address: int
    registers: tuple[int, ...]
    stacked: tuple[int, ...]
    taps_at: int  # which argument points to `taps`; 8: none
    taps: tuple[int, ...]


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
    expected: tuple[int, int]
    lite: str  # prefix of the second model's functions
    noise_shift: int
    count_seconds: int
    block_cycles: int
    calls: Mapping[str, KernelCall]  # by the names of rungs; none before they are known
    predicted: Sequence[Span]  # of every rung; empty before they are known
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
        "SELFTEST_RULES": len(load_rules()),
        "SELFTEST_RUNGS": len(RUNGS),
        "SELFTEST_TOLD": RUNGS.index(TOLD),
        "SELFTEST_NOISE_SHIFT": told.noise_shift,
        "SELFTEST_COUNT_SECONDS": told.count_seconds,
        "SELFTEST_BLOCK_CYCLES": told.block_cycles,
    }
    lines = ["/* What the self-test is told: generated. */"]
    lines += ["#ifndef SELFTEST_PLAN_H", "#define SELFTEST_PLAN_H", ""]
    lines += ["#include <stddef.h>", "#include <stdint.h>", ""]
    lines += [f'#include "{told.lite}.h"', '#include "selftest/rung.h"', '#include "sound.h"', ""]
    lines += [f"#define {name} {value}u" for name, value in numbers.items()]
    lines += [f"#define ENTRY_MPU_REGIONS {MPU_REGIONS} /* a text, for the assembler */", ""]
    for function in ("reset", "process"):
        lines.append(f"#define selftest_sound_{function} sound_{function}")
        lines.append(f"#define selftest_lite_{function} {told.lite}_{function}")
    lines += [f"#define SELFTEST_DRIVEN {len(told.driven)}u"]
    if told.driven:
        rows = ", ".join(f"{{ '{p.port}', {p.number}u, {int(p.is_high)} }}" for p in told.driven)
        lines += [f"#define SELFTEST_DRIVEN_ROWS {rows}"]
    lines += ["", "/* The pedal's own; what calls it gets another. */"]
    lines += ["void __real_pedal_process(const int32_t *in, int32_t *out, size_t frames);"]
    lines += ["void selftest_rules_init(void);", ""]
    lines += [
        "extern const uint32_t entry_addresses[];",
        f"extern const uint32_t selftest_header[{header_words()}];",
        "extern const uint32_t selftest_checks[2];",
        "extern const struct ladder_rung selftest_rungs[2 * SELFTEST_RULES + SELFTEST_RUNGS];",
        "extern const struct ladder_span selftest_predicted[SELFTEST_RUNGS];",
    ]
    return "\n".join([*lines, "", "#endif", ""])


def _tables(told: Told) -> str:
    lines = ["/* Tables of the self-test: generated. */", '#include "selftest_plan.h"', ""]
    lines += ['#include "selftest/ladder.h"', '#include "selftest/loops.h"', ""]
    lines += [f"void {name}(void);" for pair in rule_functions() for name in pair]
    lines += ["", "/* What is kept of the entry, by address; 0 ends it. */"]
    lines += _words("entry_addresses[]", [*MAPPED.values(), 0])
    lines += _words(f"selftest_header[{header_words()}]", told.header)
    lines += _words("selftest_checks[2]", told.expected)
    lines += ["const struct ladder_span selftest_predicted[SELFTEST_RUNGS] = {"]
    spans = told.predicted or [Span(1, 1)] * len(RUNGS)
    lines += [f"    {{ {span.least}u, {span.most}u }}," for span in spans]
    lines += ["};", ""]
    lines += ["const struct ladder_rung selftest_rungs[2 * SELFTEST_RULES + SELFTEST_RUNGS] = {"]
    for pair in rule_functions():
        lines += [_rung(Rung("", name, NOTHING.prepare), None) for name in pair]
    lines += [_rung(rung, told.calls.get(rung.name)) for rung in RUNGS]
    return "\n".join([*lines, "};", ""])


def _words(name: str, values: Sequence[int]) -> Iterator[str]:
    yield f"const uint32_t {name} = {{"
    yield from (f"    {value:#010x}u," for value in values)
    yield from ("};", "")


def _rung(rung: Rung, call: KernelCall | None) -> str:
    """Spell a rung; one whose call is not known yet calls nothing."""
    known = call or KernelCall(0, (0,) * ARGUMENTS, (0,) * ARGUMENTS, 2 * ARGUMENTS, (0,) * TAPS)
    name = NOTHING.function if rung.is_kernel else rung.function
    target = f"(uintptr_t)&{name}" if call is None else f"{known.address:#010x}u"
    return (
        f"    {{ {rung.prepare}, {rung.runs}u,\n"
        f"      {{ {target}, {_list(known.registers)}, {_list(known.stacked)} }},\n"
        f"      {known.taps_at}u, {_list(known.taps)} }},"
    )


def _list(values: Sequence[int]) -> str:
    return "{ " + ", ".join(f"{value:#x}u" for value in values) + " }"


def _rules(rules: Sequence[Rule]) -> str:
    """Spell each rule twice, in ITCM: some copies of it, and ten more."""
    lines = ["/* Rules of the processor, as machine code: generated. */"]
    lines += ['#include "selftest_plan.h"', ""]
    lines += [f"__attribute__((used, aligned(8))) uint32_t rule_data[{_RULE_DATA_WORDS}];", ""]
    for rule, names in zip(rules, rule_functions(), strict=True):
        lines += [f"/* {rule.name} */"]
        for name, copies in zip(names, (rule.repeat, rule.repeat + COPIES), strict=True):
            lines += _assembled(name, rule.body * copies)
    lines += ["void selftest_rules_init(void)", "{"]
    own = f"rule_data[{_OWN_ADDRESS_AT}]"
    return "\n".join([*lines, f"    {own} = (uint32_t)(uintptr_t)&{own};", "}", ""])


def _assembled(name: str, body: Sequence[str]) -> Iterator[str]:
    lines = [".syntax unified", ".thumb", '.section .itcm_text.rules, \\"ax\\", %progbits']
    lines += [".balign 32", f".global {name}", ".thumb_func", f".type {name}, %function"]
    lines += [f"{name}:", *_ENTRY, *body, *_EXIT, f".size {name}, .-{name}", ".text"]
    yield "__asm__("
    yield from (f'    "{line}\\n"' for line in lines)
    yield ");"
