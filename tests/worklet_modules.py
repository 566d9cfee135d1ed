"""WebAssembly modules that a worklet takes for players, for tests."""

from __future__ import annotations

from namgen.toolchain import find_cross
from namgen.wasm import make_module

_FACTS = {
    "float *input": "both",
    "float *output": "both",
    "int block_frames": "128",
    "int whole_blocks": "0",
    "int sample_rate_hz": "48000",
    "int in_channels": "1",
    "int out_channels": "1",
}
_FRAME = """
static float both[128];
static volatile int number;
{facts}
void player_reset(int capture);
void player_reset(int capture)
{{
    number = capture;
}}
void player_process(int frames);
void player_process(int frames)
{{
    (void)frames;
{process}
}}
"""


def trapping() -> bytes:
    """Play the input three times, then trap."""
    return _made("    number += 1;\n    if (number > 3) {\n        __builtin_trap();\n    }")


def busy() -> bytes:
    """Play the input; `capture` is a count of millions of turns of a loop in every call."""
    return _made(
        "    for (volatile int at = 0; at < number * 1000000;) {\n        at = at + 1;\n    }"
    )


def _made(process: str) -> bytes:
    facts, names = [], ["reset", "process"]
    for spelled, value in _FACTS.items():
        kind, _, name = spelled.replace("*", "* ").rpartition(" ")
        facts.append(f"{kind} player_{name}(void);\n{kind} player_{name}(void)\n{{\n")
        facts.append(f"    return {value};\n}}\n")
        names.append(name)
    text = _FRAME.format(facts="".join(facts), process=process)
    exports = [f"player_{name}" for name in names]
    return make_module({"player.c": text}, find_cross(processor="wasm32"), exports=exports)
