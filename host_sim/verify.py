"""Shows that every engine gives the bits of the NumPy reference, on signals made to break them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from host_sim.compare import Mismatch, Tally, compare, compare_engine
from host_sim.engines import EmulatorEngine, HostEngine, ReferenceEngine
from host_sim.pedal_run import Played, pedal_image, play_pedal, varied_codes
from host_sim.signals import PARTITIONS, Partition, Signal, long_noise, standard_signals
from namgen.errors import BudgetError, UnsupportedError
from namgen.measures import receptive_field
from namgen.plan.tiles import measured_tilings
from namgen.selection import Order, Selection, check_playable, plan_model
from namgen.toolchain import CrossToolchain, find_cross

if TYPE_CHECKING:
    from namgen.ir import Model
    from namgen.plan import Plan
    from namgen.targets import Target

F32: TypeAlias = npt.NDArray[np.float32]
Progress: TypeAlias = Callable[[str], None]

PLACES = ("host", "emulator")
"""Where the C can be verified."""

SIGNAL_FRAMES = 384
EMULATED_FRAMES = 192
LONGEST_NOISE = 16384
ENDLESS_NOISE = 512  # for networks that never forget; the reference steps them frame by frame
LONGEST_EMULATED_NOISE = 3072
PEDAL_BLOCKS = 24


@dataclass(frozen=True, slots=True)
class Check:
    """One engine's comparison with the reference."""

    engine: str  # "host", "emulator" or "pedal"
    what: str
    tally: Tally
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The check as plain values."""
        tally = self.tally
        return {
            "engine": self.engine,
            "what": self.what,
            "runs": tally.runs,
            "samples": tally.samples,
            "equal": tally.equal,
            "bit_exact": tally.is_exact,
            "first_mismatch": asdict(tally.first) if tally.first else None,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Verification:
    """All checks of one model."""

    model: str
    checks: tuple[Check, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether every check compared something and found it equal."""
        return bool(self.checks) and all(check.tally.is_exact for check in self.checks)

    @property
    def first(self) -> Mismatch | None:
        """The first difference of the first check that has one."""
        return next((check.tally.first for check in self.checks if check.tally.first), None)

    def to_json(self) -> dict[str, Any]:
        """The verification as plain values."""
        return {
            "model": self.model,
            "bit_exact": self.is_exact,
            "checks": [check.to_json() for check in self.checks],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True, eq=False)
class _Expected:
    """A signal and what the reference makes of it."""

    signal: Signal
    output: F32


def verify(
    model: Model,
    *,
    places: Sequence[str] = PLACES,
    block_frames: int = 48,
    target: Target | None = None,
    toolchain: CrossToolchain | None = None,
    progress: Progress = lambda line: None,
) -> Verification:
    """Compare the generated C with the reference, bit for bit.

    Every signal is played in calls of many sizes (on the host: all of `PARTITIONS` each). On the
    emulator the machine code is called directly, and, where the model fits `target`, the whole
    pedal is started and plays audio.

    Raises:
        NamgenError: an unknown place, a missing compiler or emulator.

    """
    check_places(places)
    checks: list[Check] = []
    notes: list[str] = []
    planned = _unplaced(model, block_frames, target)
    if "host" in places:
        checks.append(_on_host(model, planned, progress))
    if "emulator" in places:
        cross = toolchain or find_cross()
        checks.append(_on_emulator(model, planned, cross, progress))
        if target is not None and target.boots:
            checks += _on_pedal(model, _Pedal(target, block_frames, cross), progress, notes)
    return Verification(model.name, tuple(checks), tuple(notes))


def _unplaced(model: Model, block_frames: int, target: Target | None) -> Plan:
    """The C that `target` gets, without places in its memories: a model of any size has it."""
    tilings = measured_tilings(target.name) if target else None
    return plan_model(model, block_frames=block_frames, tilings=tilings)


def check_places(places: Sequence[str]) -> None:
    """Refuse at once what cannot be done.

    Raises:
        UnsupportedError: a place is unknown.
        ToolError: the emulator is not installed.

    """
    for place in places:
        if place not in PLACES:
            raise UnsupportedError(f"on: expected some of {', '.join(PLACES)}, found {place!r}")
    if "emulator" in places:
        from host_sim.core import check_emulator

        check_emulator()


def _on_host(model: Model, planned: Plan, progress: Progress) -> Check:
    progress("host: compiling")
    engine = HostEngine(planned)
    tally = Tally()
    for case in _cases(model, SIGNAL_FRAMES, LONGEST_NOISE):
        progress(f"host: {case.signal.name}")
        tally += compare_engine(engine, case.signal, case.output, PARTITIONS)
    return Check("host", "the generated C, compiled for this machine", tally)


def _on_emulator(
    model: Model, planned: Plan, toolchain: CrossToolchain, progress: Progress
) -> Check:
    progress("emulator: compiling")
    engine = EmulatorEngine(planned, toolchain=toolchain)
    tally = Tally()
    for index, case in enumerate(_cases(model, EMULATED_FRAMES, LONGEST_EMULATED_NOISE)):
        progress(f"emulator: {case.signal.name}")
        partitions = _emulated_partitions(case.signal, index)
        tally += compare_engine(engine, case.signal, case.output, partitions)
    return Check("emulator", "the generated C, as Cortex-M7 machine code", tally)


@dataclass(frozen=True, slots=True)
class _Pedal:
    """The pedal to build."""

    target: Target
    block_frames: int
    toolchain: CrossToolchain


def _on_pedal(model: Model, pedal: _Pedal, progress: Progress, notes: list[str]) -> list[Check]:
    """Boot the firmware and play; a note instead where the model cannot be in a pedal."""
    progress("pedal: building the firmware")
    try:
        order = Order(pedal.target, pedal.target.clock_hz, pedal.block_frames)
        planned = plan_model(model, target=pedal.target, block_frames=pedal.block_frames)
        check_playable(Selection(model, planned, None), order)
        image = pedal_image(planned, pedal.target, toolchain=pedal.toolchain)
    except (BudgetError, UnsupportedError) as error:
        notes += [f"pedal: not run: {line}" for line in error.lines]
        return []
    progress("pedal: playing")
    played = play_pedal(model, image, varied_codes(PEDAL_BLOCKS * pedal.block_frames))
    tally = compare(
        played.expected,
        played.found,
        signal="24-bit noise",
        blocks=str(pedal.block_frames),
    )
    remarks = _remarks(image.boot, played, order)
    what = f"{pedal.target.title} started with its firmware, 24 bits in and out"
    return [Check("pedal", what, tally, remarks)]


def _remarks(boot: str, played: Played, order: Order) -> tuple[str, ...]:
    worst = played.worst_block_instructions
    cycles = order.clock_hz * order.block_frames // order.target.sample_rate_hz
    said = (
        f"image for --boot {boot}, {played.latency_frames} frames later, as the codec's two "
        f"blocks make it; at most {worst} instructions per block",
    )
    if worst <= cycles:
        return said
    return (
        *said,
        f"a board has {cycles} cycles per block and will not keep up; the emulator waits",
    )


def _emulated_partitions(signal: Signal, index: int) -> tuple[Partition, ...]:
    """Every partition on one short signal, another one on each of the others."""
    if signal.name == "noise":
        return PARTITIONS
    return (PARTITIONS[(index - 1) % len(PARTITIONS)],)


def _cases(model: Model, frames: int, longest_noise: int) -> list[_Expected]:
    """The signals with the reference's output; the last is as long as the network remembers."""
    network = model.network
    rate = model.sample_rate_hz
    channels = network.in_channels
    signals = [
        *standard_signals(frames=frames, channels=channels, sample_rate_hz=rate),
        long_noise(frames=_memory(model, longest_noise) + frames, channels=channels),
    ]
    reference = ReferenceEngine(model)
    cases = []
    for signal in signals:
        reference.reset()
        cases.append(_Expected(signal, reference.process(signal.samples)))
    return cases


def _memory(model: Model, longest: int) -> int:
    """Frames until every history has been filled; a bound stands in for a network without end."""
    field = receptive_field(model.network)
    return min(ENDLESS_NOISE if field is None else field, longest)
