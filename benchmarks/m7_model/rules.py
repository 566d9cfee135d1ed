"""Times the small sequences of `namgen/selftest/rules.toml` under the model."""

from __future__ import annotations

import tempfile
from pathlib import Path

from host_sim.emulator.core import Core
from host_sim.m7.timing import Timing, time_trace
from host_sim.m7.trace import from_core
from namgen.processors.pipeline import Parameters, load_parameters
from namgen.selftest.rules import COPIES, Rule, load_rules
from namgen.toolchain import CrossToolchain, find_cross

_ENTRY = ("push.w {r4-r11, lr}", "ldr.w r9, =0x20000100", "ldr.w r10, =0x20000208", "isb", "isb")
_EXIT = ("isb", "pop.w {r4-r11, pc}", ".ltorg")
_SCRIPT = """ENTRY(f)
MEMORY { code (rx) : ORIGIN = 0x1000, LENGTH = 56K }
SECTIONS { .text : { KEEP(*(.text*)) } > code }
"""


def cycles_per_repetition(rule: Rule, toolchain: CrossToolchain, parameters: Parameters) -> float:
    """Cycles the model gives one repetition."""
    few, many = (
        _time(rule.body * copies, toolchain, parameters).cycles
        for copies in (rule.repeat, rule.repeat + COPIES)
    )
    return (many - few) / COPIES


def _time(body: tuple[str, ...], toolchain: CrossToolchain, parameters: Parameters) -> Timing:
    lines = [".syntax unified", ".thumb", ".text", ".balign 32", ".global f", ".thumb_func"]
    lines += [".type f, %function", "f:", *_ENTRY, ".balign 8", *body, *_EXIT, ".size f, .-f"]
    with tempfile.TemporaryDirectory() as folder:
        source, out, script = (Path(folder) / name for name in ("f.s", "f.o", "f.ld"))
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        script.write_text(_SCRIPT, encoding="utf-8")
        toolchain.compile(source, out, extra=("-Wno-unused-command-line-argument",))
        toolchain.link([out], script, Path(folder) / "f.elf")
        core = Core()
        core.load(Path(folder) / "f.elf")
    core.memory.write_word(0x20000208, 0x20000208)
    return time_trace(from_core(core.trace_call("f")), core.memory.read, parameters)


def main() -> None:
    """Print every rule with its published and its modelled cycles."""
    toolchain, parameters = find_cross(), load_parameters()
    for rule in load_rules():
        got = cycles_per_repetition(rule, toolchain, parameters)
        print(
            f"{rule.name:58s} {rule.cycles:5.1f} {got:5.1f} {'' if got == rule.cycles else '<--'}"
        )


if __name__ == "__main__":
    main()
