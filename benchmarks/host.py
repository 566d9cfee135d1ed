"""Times the generated C on this machine beside other engines: `python -m benchmarks.host`.

    python -m benchmarks.host [--peer NAME=LIBRARY]... [--block N]... [--json FILE] [MODEL.nam]...

Every engine plays the same signal in the same process and thread, taking turns; each number is
the median over the turns, in nanoseconds of processor time per sample. In brackets it is relative
to the fastest peer of the same column. A peer whose output is far from ours is shown, and is not
taken for the fastest. The interface of a peer is in `benchmarks/host_engines.py`; one that is not
there is left out. Without models, the presets, an LSTM of noise and the examples are played.
"""

from __future__ import annotations

import json
import platform
import statistics
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import numpy as np

from benchmarks.host_engines import PEDAL, Engine, Peer, load_peer, our_engines
from benchmarks.host_models import Case, cases, default_files, guitar
from benchmarks.host_timer import Timer
from namgen.arithmetic import F32
from namgen.blocks import MAX_BLOCK_FRAMES
from namgen.errors import NamgenError
from namgen.toolchain import find_host, processor_here

BLOCKS = (16, 48, 64, 256)
FAR_ESR = 1e-2
"""An error-to-signal ratio above this is another sound, not another approximation of tanh."""

_SIGNAL_SECONDS = 2
_TURN_NS = 10e6  # what one engine plays before the next takes over
_CHECKED_BLOCK = 48


@dataclass(frozen=True, slots=True)
class Difference:
    """How far an output is from that of the pedal's layout."""

    max_abs: float
    esr: float  # energy of the difference / energy of the signal

    @property
    def is_far(self) -> bool:
        """Whether the engine plays something else; so it does when it plays NaN."""
        return not self.esr <= FAR_ESR


@dataclass(frozen=True, slots=True)
class Row:
    """One engine and one model."""

    model: str
    engine: str
    is_ours: bool
    nanoseconds: dict[int, float]  # per sample, by frames of a block
    fma_share: dict[int, float]  # of the processor's peak, by frames of a block
    fma_peak: dict[int, float]  # multiply-adds per nanosecond, measured between the turns
    difference: Difference


def measure(case: Case, peers: Sequence[Peer], blocks: Sequence[int], turns: int) -> list[Row]:
    """Time every engine that can play the model, and compare what it plays."""
    timer = Timer()
    signal = guitar(
        frames=_SIGNAL_SECONDS * case.model.sample_rate_hz,
        sample_rate_hz=case.model.sample_rate_hz,
    )
    checked = _engines(case, peers, _CHECKED_BLOCK, timer)
    played = {e.name: _play(e, signal, timer) for e in checked}
    times: dict[int, dict[str, float]] = {}
    peak: dict[int, float] = {}
    for block in blocks:
        engines = _engines(case, peers, block, timer)
        times[block], peak[block] = _take_turns(engines, signal, block, turns, timer)
    return [
        Row(
            case.label,
            engine.name,
            engine.is_ours,
            {b: times[b][engine.name] for b in blocks},
            {b: case.macs / times[b][engine.name] / peak[b] for b in blocks},
            peak,
            _difference(played[engine.name], played[PEDAL]),
        )
        for engine in checked
    ]


def _engines(case: Case, peers: Iterable[Peer], block: int, timer: Timer) -> list[Engine]:
    found = list(our_engines(case.model, block, timer))
    for peer in peers:
        engine = peer.engine(case.file, block)
        if engine is not None:
            found.append(engine)
    return found


def _play(engine: Engine, signal: F32, timer: Timer) -> F32:
    engine.reset()
    return timer.render(engine.callable, signal, block=_CHECKED_BLOCK)


def _take_turns(
    engines: Sequence[Engine], signal: F32, block: int, turns: int, timer: Timer
) -> tuple[dict[str, float], float]:
    """Median nanoseconds per sample by engine, and multiply-adds per nanosecond meanwhile."""
    counts = {e.name: _blocks_per_turn(e, signal, block, timer) for e in engines}
    times: dict[str, list[float]] = {e.name: [] for e in engines}
    peak = []
    for turn in range(turns):
        peak.append(timer.fma_per_nanosecond())
        first = turn % len(engines)
        for engine in (*engines[first:], *engines[:first]):
            count = counts[engine.name]
            taken = timer.nanoseconds(engine.callable, signal, block=block, blocks=count)
            times[engine.name].append(taken)
    return {name: statistics.median(taken) for name, taken in times.items()}, statistics.median(
        peak
    )


def _blocks_per_turn(engine: Engine, signal: F32, block: int, timer: Timer) -> int:
    """As many as fill a turn; finding out also warms the caches."""
    engine.reset()
    rough = timer.nanoseconds(engine.callable, signal, block=block, blocks=max(1, 4096 // block))
    return max(1, round(_TURN_NS / (rough * block)))


def _difference(out: F32, ours: F32) -> Difference:
    """Over the second half: engines may start in different states."""
    half = len(ours) // 2
    apart = out[half:].astype(np.float64) - ours[half:]
    energy = float(np.sum(ours[half:].astype(np.float64) ** 2))
    return Difference(float(np.max(np.abs(apart))), float(np.sum(apart**2)) / energy)


def best_peer(rows: Iterable[Row], block: int) -> Row | None:
    """The fastest peer that plays the model as we do; None without peers."""
    right = [row for row in rows if not row.is_ours and not row.difference.is_far]
    return min(right, key=lambda row: row.nanoseconds[block], default=None)


def table(rows: Sequence[Row], blocks: Sequence[int]) -> str:
    """A Markdown table of one or more models."""
    titles = ["model", "engine", *(f"ns, block {b}" for b in blocks)]
    titles += [f"FMA peak, block {_typical(blocks)}", "max. difference", "ESR"]
    lines = [titles, ["---", "---", *["---:"] * (len(titles) - 2)]]
    for row in rows:
        peers = [other for other in rows if other.model == row.model]
        times = [_time(row, best_peer(peers, block), block) for block in blocks]
        lines.append(
            [row.model, row.engine, *times, f"{row.fma_share[_typical(blocks)]:.0%}", *_far(row)]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine(rows: Sequence[Row], blocks: Sequence[int]) -> str:
    """What the numbers were measured on."""
    peaks = [row.fma_peak[block] for row in rows for block in blocks]
    return (
        f"{processor_name()}, used as {processor_here().title}, {find_host().version}; peak "
        f"{statistics.median(peaks):.0f} multiply-adds per ns on one core"
    )


def processor_name() -> str:
    """The processor as the system calls it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _typical(blocks: Sequence[int]) -> int:
    return _CHECKED_BLOCK if _CHECKED_BLOCK in blocks else blocks[0]


def _time(row: Row, best: Row | None, block: int) -> str:
    time = row.nanoseconds[block]
    relative = "" if best is None else f" ({time / best.nanoseconds[block]:.2f})"
    return f"{time:.1f}{relative}"


def _far(row: Row) -> tuple[str, str]:
    said = " WRONG" if row.difference.is_far else ""
    return f"{row.difference.max_abs:.1e}", f"{row.difference.esr:.1e}{said}"


def _peers(specs: Iterable[str]) -> list[Peer]:
    found = []
    for spec in specs:
        peer = load_peer(spec)
        if peer is None:
            _note(f"peer {spec}: there is no such file; left out")
        else:
            found.append(peer)
    return found


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _report_absent(case: Case, peers: Iterable[Peer], rows: Iterable[Row]) -> None:
    shown = {row.engine for row in rows}
    for peer in peers:
        if peer.name not in shown:
            _note(f"{case.label}: {peer.name} cannot play it")


def _run(
    files: dict[str, Path], specs: Sequence[str], blocks: Sequence[int], turns: int
) -> list[Row]:
    peers = _peers(specs)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="namgen-") as name:
        folder = Path(name)
        for case in cases(files or default_files(folder), folder):
            _note(f"timing {case.label}")
            own = measure(case, peers, blocks, turns)
            _report_absent(case, peers, own)
            rows += own
    return rows


@click.command(help=__doc__)
@click.argument("models", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--peer", "peers", multiple=True, metavar="NAME=LIBRARY", help="Another engine.")
@click.option(
    "--block", "blocks", multiple=True, type=click.IntRange(1, MAX_BLOCK_FRAMES), help="Frames."
)
@click.option("--turns", default=15, type=click.IntRange(1), show_default=True)
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the numbers.")
def main(
    models: tuple[Path, ...],
    peers: tuple[str, ...],
    blocks: tuple[int, ...],
    turns: int,
    json_file: Path | None,
) -> None:
    files = {path.stem: path for path in models}
    chosen = blocks or BLOCKS
    try:
        rows = _run(files, peers, chosen, turns)
    except NamgenError as error:
        raise SystemExit("\n".join(f"Error: {line}" for line in error.lines)) from None
    print(table(rows, chosen))
    print(f"\n{machine(rows, chosen)}")
    if json_file is not None:
        text = json.dumps([asdict(row) for row in rows], indent=1)
        json_file.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
