"""Times the emulation of the fused multiply-add: `python -m benchmarks.without_fma`.

    python -m benchmarks.without_fma [--header FILE]... [--turns N] [MODEL]...

The C of a pedal plays blocks of 48 frames: on this x86 processor with and without its fused
multiply-add, and as WebAssembly under node, with and without `-msimd128`. Each number is the best
of the turns, in nanoseconds of processor time per frame. Compilers and node that are not on PATH
are left out, and so is `no FMA` on other processors than x86. Every way must play the same bits.

`--header` puts another version of a header in the place of the one with its name, to compare:
`git show COMMIT:templates/kernels/nam_math.h` writes an older one.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable as Function
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from benchmarks.host import processor_name
from benchmarks.host_models import guitar
from benchmarks.host_timer import Callable, Timer
from benchmarks.models import presets
from host_sim.host_library import host_library
from namgen.arithmetic import F32
from namgen.emit import emit
from namgen.errors import NamgenError, ToolError
from namgen.resources import cache_dir
from namgen.scratch import write_files
from namgen.selection.plans import plan_model
from namgen.toolchain import ARITHMETIC, HostCc, cpu_features, find_host

MODELS = ("A1 nano", "A2-Lite", "LSTM 1x16")
BLOCK = 48

_BLOCKS = 200
_NAME = "timed"
_PLAYER = Path(__file__).with_name("without_fma.js")


@dataclass(frozen=True, slots=True)
class Played:
    """How long the C takes, and what it plays."""

    nanoseconds: float  # per frame, the best of the turns
    out: bytes  # of all blocks, from a reset on


@dataclass(frozen=True, slots=True)
class Way:
    """A way to compile and run the C."""

    name: str
    play: Function[[dict[str, str], F32, int], Played]


def ways() -> Iterator[Way]:
    """All that this machine has."""
    for compiler in ("gcc", "clang"):
        if shutil.which(compiler) is None:
            _note(f"{compiler} is not on PATH; left out")
            continue
        if cpu_features():
            yield _native(find_host(compiler, fma=False), f"{compiler} -O2, no FMA")
        yield _native(find_host(compiler), f"{compiler} -O2, FMA")
    if shutil.which("node") is None:
        _note("node is not on PATH; WebAssembly is left out")
        return
    yield _webassembly("WebAssembly", ())
    yield _webassembly("WebAssembly, -msimd128", ("-msimd128",))


def _native(compiler: HostCc, name: str) -> Way:
    def play(files: dict[str, str], signal: F32, turns: int) -> Played:
        try:
            library = ctypes.CDLL(str(host_library(files, _NAME, compiler=compiler)))
        except OSError as error:
            raise ToolError(f"{name}: expected headers of one version, found: {error}") from error
        process = ctypes.cast(getattr(library, f"nam_{_NAME}_process"), ctypes.c_void_p)
        timer = Timer()
        # host_call_model reads the function's address from where its state points.
        state = ctypes.cast(ctypes.pointer(process), ctypes.c_void_p)
        made = Callable(timer.call_model, state)
        getattr(library, f"nam_{_NAME}_reset")()
        out = timer.render(made, signal, block=BLOCK).tobytes()
        taken = [timer.nanoseconds(made, signal, block=BLOCK, blocks=_BLOCKS) for _ in range(turns)]
        return Played(min(taken), out)

    return Way(name, play)


def _webassembly(name: str, flags: tuple[str, ...]) -> Way:
    def play(files: dict[str, str], signal: F32, turns: int) -> Played:
        with tempfile.TemporaryDirectory(prefix="namgen-") as folder:
            _compile_webassembly(files, Path(folder), flags)
            (Path(folder) / "in.f32").write_bytes(signal.tobytes())
            command = ["node", str(_PLAYER), f"nam_{_NAME}", str(BLOCK), str(turns)]
            taken = _run(command, Path(folder)).split()
            return Played(min(map(float, taken)), (Path(folder) / "out.f32").read_bytes())

    return Way(name, play)


def _compile_webassembly(files: dict[str, str], folder: Path, flags: tuple[str, ...]) -> None:
    write_files(files, folder)
    command = [sys.executable, "-m", "ziglang", "cc", "-target", "wasm32-freestanding", "-O2"]
    command += [*ARITHMETIC, *flags, "-fno-sanitize=all", "-nostdlib", "-Wl,--no-entry"]
    command += [f"-Wl,--export=nam_{_NAME}_{function}" for function in ("process", "reset")]
    _run([*command, f"nam_{_NAME}.c", "-o", "model.wasm"], folder)


def _run(command: Sequence[str], folder: Path) -> str:
    zig = dict.fromkeys(("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"), str(cache_dir() / "zig"))
    ran = subprocess.run(
        command, cwd=folder, env={**os.environ, **zig}, capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        raise ToolError(f"{command[0]}: expected it to work, found: {ran.stderr.strip()[:400]}")
    return ran.stdout


def measure(
    models: Sequence[str], chosen: Sequence[Way], headers: dict[str, str], turns: int
) -> dict[str, dict[str, float]]:
    """Nanoseconds per frame, by way and model.

    Raises:
        ToolError: a compiler refuses, or two ways play different bits.

    """
    signal = guitar(frames=BLOCK * _BLOCKS, sample_rate_hz=48_000)
    times: dict[str, dict[str, float]] = {way.name: {} for way in chosen}
    for candidate in (c for c in presets() if c.name in models):
        files = {**emit(plan_model(candidate.load(), block_frames=BLOCK)), **headers}
        bits = set()
        for way in chosen:
            _note(f"timing {candidate.name}: {way.name}")
            played = way.play(files, signal, turns)
            times[way.name][candidate.name] = played.nanoseconds
            bits.add(played.out)
        if len(bits) > 1 or not np.frombuffer(next(iter(bits)), np.float32).any():
            raise ToolError(f"{candidate.name}: expected the same sound in every way")
    return times


def table(times: dict[str, dict[str, float]]) -> str:
    """A Markdown table, a line a way."""
    models = list(next(iter(times.values())))
    lines = [["ns per frame", *models], ["---", *["---:"] * len(models)]]
    lines += [[way, *(f"{row[m]:.0f}" for m in models)] for way, row in times.items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@click.command(help=__doc__)
@click.argument("models", nargs=-1, type=click.Choice(MODELS))
@click.option(
    "--header",
    "headers",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another version of a header, under its name.",
)
@click.option("--turns", default=12, type=click.IntRange(1), show_default=True)
def main(models: tuple[str, ...], headers: tuple[Path, ...], turns: int) -> None:
    other = {path.name: path.read_text(encoding="utf-8") for path in headers}
    try:
        times = measure(models or MODELS, list(ways()), other, turns)
    except NamgenError as error:
        raise SystemExit("\n".join(f"Error: {line}" for line in error.lines)) from None
    print(table(times))
    print(f"\n{processor_name()}, {find_host().version}")


if __name__ == "__main__":
    main()
