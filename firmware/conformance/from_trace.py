"""Condense a trace of libDaisy's peripheral registers to the table `libdaisy.toml`.

The trace is a JSON file: `boards.<board>.<clock>` holds `final` (address -> name, value) and
`i2c_transactions`. Usage: python from_trace.py TRACE.json > libdaisy.toml, or with --order to print
the order of the steps in milestones.toml.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import tomllib

BOARDS = {
    "seed_rev4": "seed_rev4_ak4556",
    "seed_1_1": "seed_1_1_wm8731",
    "seed2_dfm": "seed2_dfm_pcm3060",
}
CLOCKS = {"400": "400MHz", "480": "480MHz_boost"}
LEFT_OUT = {"SysTick.VAL"}  # a running counter
HEADER = """\
# What libDaisy leaves in the STM32H750's registers, for three boards and two clocks (MHz).
# Made by from_trace.py from a trace of libDaisy {version}
# playing {audio}. A register that libDaisy does not write in a case is absent there.
# differences.toml says where this firmware differs, and why.
"""


def table(trace: dict[str, Any]) -> str:
    """Text of the whole table."""
    meta = trace["meta"]
    cases = {
        f"{board}_{clock}": trace["boards"][long_board][long_clock]
        for board, long_board in BOARDS.items()
        for clock, long_clock in CLOCKS.items()
    }
    lines = [HEADER.format(version=meta["libDaisy"], audio=meta["audio"])]
    lines.append(f"i2c_seed_1_1 = [{', '.join(_i2c(cases['seed_1_1_480']))}]\n")
    addresses = sorted({address for case in cases.values() for address in case["final"]})
    lines += [_register(address, cases) for address in addresses]
    return "\n".join(line for line in lines if line)


def _i2c(case: dict[str, Any]) -> list[str]:
    """Address and bytes of each message as one hexadecimal string."""
    return [
        '"' + " ".join(byte[2:] for byte in (message["addr7"], *message["bytes"])) + '"'
        for message in case["i2c_transactions"]
    ]


def _register(address: str, cases: dict[str, Any]) -> str:
    entries = {name: case["final"].get(address) for name, case in cases.items()}
    register = next(entry["name"] for entry in entries.values() if entry)
    if register in LEFT_OUT:
        return ""
    values = {name: entry["value"] for name, entry in entries.items() if entry}
    if len(values) == len(cases) and len(set(values.values())) == 1:
        text = f"all = {next(iter(values.values()))}"
    else:
        text = ", ".join(f"{name} = {value}" for name, value in values.items())
    return f'[registers."{register}"]\naddress = {address}\nvalues = {{ {text} }}\n'


def order(trace: dict[str, Any]) -> str:
    """Text of the order in which the 480 MHz cases take the steps of milestones.toml."""
    path = Path(__file__).with_name("milestones.toml")
    steps = tomllib.loads(path.read_text(encoding="utf-8"))["milestone"]
    lines = ["[order]"]
    for board, long_board in BOARDS.items():
        writes = trace["boards"][long_board][CLOCKS["480"]]["write_sequence"]
        pairs = [(int(write[2], 16), int(write[5], 16)) for write in writes]
        places = {step["name"]: _place(pairs, step) for step in steps}
        names = sorted((name for name in places if places[name] >= 0), key=places.__getitem__)
        lines.append(f"{board} = [")
        lines += [f'    "{name}",' for name in names]
        lines.append("]")
    return "\n".join(lines) + "\n"


def _place(writes: list[tuple[int, int]], step: dict[str, Any]) -> int:
    matching = (
        place
        for place, (address, value) in enumerate(writes)
        if address == step["address"] and value & step["mask"] == step["value"]
    )
    return next(matching, -1)


if __name__ == "__main__":
    loaded = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(order(loaded) if "--order" in sys.argv else table(loaded), end="")
