"""Times WebAssembly in node: `python -m benchmarks.wasm [--turns N] [MODEL]...`.

The module that a page would play, laid out for `wasm32`, and again as the C of any processor
compiled for WebAssembly's vectors. Each number is how many times faster than the audio it is: a
second of noise in blocks of 128 frames, by the processor time of node, the best of the turns. Both
play the same bits, or it stops. Of a pedal with several captures, in its blocks, the number is that
of the slowest.
"""

from __future__ import annotations

import json
import sys
import tempfile
import zlib
from pathlib import Path

import click
import numpy as np

from benchmarks.host_models import guitar
from benchmarks.models import candidates
from host_sim.wasm import find_node
from host_sim.wasm.engine import module_of
from namgen.arithmetic import F32
from namgen.errors import NamgenError, ToolError
from namgen.fixed.model import in_fixed_point
from namgen.ir import Model
from namgen.lower import lower
from namgen.nam_file import read
from namgen.pedal.deciding import pedal_for
from namgen.pedal.files import read_captures
from namgen.pedal.panel import controls_of
from namgen.pedal.said import PedalSaid
from namgen.pedal.sound import plan_sound
from namgen.pedal.web_module import pedal_module
from namgen.scratch import run
from namgen.selection.plans import plan_model
from namgen.targets import load_target

BLOCK = 128
RATE_HZ = 48_000
_PEDAL = "pedal of three captures"
_PLAYER = Path(__file__).with_name("wasm.cjs")
_EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def models() -> dict[str, Model]:
    """What is timed, by name."""
    known = {candidate.name: candidate for candidate in candidates()}
    a2 = read(_EXAMPLES / "tweed-a2.nam")
    full = lower(a2, submodel="full")
    return {
        "nano": lower(read(_EXAMPLES / "tweed-nano.nam")),
        "A2-Lite": lower(a2, submodel="lite"),
        "A2-Full": full,
        "A2-Full, fixed16": in_fixed_point(full, "fixed16"),
        "A2-Full, fixed32": in_fixed_point(full, "fixed32"),
        "A1 standard": known["A1 standard"].load(),
        "LSTM 1x16": known["LSTM 1x16"].load(),
    }


def three_captures(folder: Path) -> bytes:
    """Compile a pedal of three captures: nano, an LSTM 1x16 of random weights, A2-Lite."""
    document = {
        "version": "0.7.0",
        "architecture": "LSTM",
        "config": {"input_size": 1, "hidden_size": 16, "num_layers": 1},
        "weights": np.random.default_rng(1).uniform(-0.5, 0.5, 1201).tolist(),
        "metadata": {"loudness": -18.0},
    }
    lstm = folder / "lstm.nam"
    lstm.write_text(json.dumps(document), encoding="utf-8")
    captures = [_EXAMPLES / "tweed-nano.nam", lstm, _EXAMPLES / "tweed-a2.nam"]
    said = PedalSaid(board="terrarium", submodel="largest-that-fits")
    pedal = pedal_for(captures, said, target=None)
    files = read_captures(pedal.wanted.captures, lambda _: None)
    sound = plan_sound(pedal.wanted, pedal.order, files)
    return pedal_module(sound, controls_of(pedal.wanted, sound))


def times_real_time(
    module: bytes, signal: F32, turns: int, capture: int = 0
) -> tuple[float, bytes]:
    """Return how much faster than the audio it is, and what it plays.

    Raises:
        ToolError: node fails.

    """
    with tempfile.TemporaryDirectory(prefix="namgen-") as folder:
        place = Path(folder)
        (place / "module.wasm").write_bytes(module)
        (place / "in.f32").write_bytes(signal.tobytes())
        ran = run([find_node(), str(_PLAYER), str(turns), str(capture)], cwd=place)
        if ran.returncode != 0:
            raise ToolError(f"node: expected it to play, found: {ran.stderr.strip()[:400]}")
        seconds = min(map(float, ran.stdout.split())) / 1000
        return len(signal) / RATE_HZ / seconds, (place / "out.f32").read_bytes()


def sizes(module: bytes) -> list[str]:
    """Spell the bytes of a module, as they are and deflated."""
    return [f"{len(module):,}", f"{len(zlib.compress(module, 9)):,}"]


def _note(text: str) -> None:
    print(text, file=sys.stderr)


@click.command()
@click.option("--turns", type=click.IntRange(min=1), default=10, show_default=True)
@click.argument("names", nargs=-1, metavar="[MODEL]...")
def main(turns: int, names: tuple[str, ...]) -> None:
    """Print a table."""
    signal = guitar(frames=RATE_HZ, sample_rate_hz=RATE_HZ)
    print(
        "| | bytes | deflated | x real time | any processor's C, bytes | x real time |\n"
        "|---|---|---|---|---|---|"
    )
    for name, model in models().items():
        if names and name not in names:
            continue
        _note(f"timing {name}")
        cells, bits = [], set()
        for target in ("wasm32", "generic"):
            planned = plan_model(model, target=load_target(target), block_frames=BLOCK)
            data = module_of(planned)
            speed, out = times_real_time(data, signal, turns)
            cells += [*sizes(data)[: 2 if target == "wasm32" else 1], f"{speed:.1f}"]
            bits.add(out)
        if len(bits) != 1:
            raise click.ClickException(f"{name}: the two play different bits")
        print(f"| {name} | {' | '.join(cells)} |")
    if not names or _PEDAL in names:
        _note(f"timing {_PEDAL}")
        with tempfile.TemporaryDirectory(prefix="namgen-") as folder:
            data = three_captures(Path(folder))
        slowest = min(times_real_time(data, signal, turns, capture)[0] for capture in range(3))
        print(f"| {_PEDAL} | {' | '.join(sizes(data))} | {slowest:.1f} | | |")


if __name__ == "__main__":
    try:
        main()
    except NamgenError as error:
        sys.exit(str(error))
