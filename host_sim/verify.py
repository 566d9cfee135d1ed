"""Shows that every engine gives the bits of the NumPy reference, on signals made to break them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from host_sim.compare import Mismatch, Tally, compare, compare_engine
from host_sim.engines import Code, EmulatorEngine, Engine, HostEngine, ReferenceEngine
from host_sim.pedal_run import (
    PedalImage,
    Played,
    Plays,
    model_alone,
    pedal_image,
    play_pedal,
    varied_codes,
)
from host_sim.signals import PARTITIONS, Partition, Signal, long_noise, standard_signals
from host_sim.verify_places import choose_places, processor_of
from host_sim.wasm import NodeModule
from host_sim.wasm.engine import WasmEngine, module_of
from namgen.arithmetic import F32
from namgen.blocks import DEFAULT_BLOCK_FRAMES
from namgen.errors import BudgetError, NamgenError, UnsupportedError
from namgen.measures import receptive_field
from namgen.order import Order
from namgen.packages import package_of
from namgen.packages.wasm import MODULE_FILE as WEB_FILE
from namgen.progress import Progress, Stage, part, silent
from namgen.selection.plans import plan_model
from namgen.targets import load_target
from namgen.toolchain import CrossToolchain, find_cross

if TYPE_CHECKING:
    from namgen.ir import Model
    from namgen.plan.any_plan import AnyPlan
    from namgen.targets import Target


SIGNAL_FRAMES = 384
EMULATED_FRAMES = 192
LONGEST_NOISE = 16384
ENDLESS_NOISE = 512  # for networks that never forget; the reference steps them frame by frame
LONGEST_EMULATED_NOISE = 3072
PEDAL_BLOCKS = 24
MOST_PER_CYCLE = 2
"""Instructions that a Cortex-M7 issues at once."""


@dataclass(frozen=True, slots=True)
class Check:
    """One engine's comparison with the reference."""

    engine: str  # "host", "emulator", "firmware", "pedal" or "node"
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
    problems: tuple[str, ...] = ()  # what is wrong beside the samples
    left_out: tuple[str, ...] = ()  # what could be run and was not

    @property
    def is_exact(self) -> bool:
        """Whether every check compared something and found it equal, and nothing else is wrong."""
        compared = bool(self.checks) and all(check.tally.is_exact for check in self.checks)
        return compared and not self.problems

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
            "problems": list(self.problems),
            "left_out": list(self.left_out),
        }


@dataclass(frozen=True, slots=True, eq=False)
class _Expected:
    """A signal and what the reference makes of it."""

    signal: Signal
    output: F32


def verify(
    model: Model,
    *,
    places: Sequence[str] | None = None,
    block_frames: int | None = None,
    target: Target | None = None,
    clock_hz: int | None = None,
    boot: str | None = None,
    toolchain: CrossToolchain | None = None,
    progress: Progress = silent,
) -> Verification:
    """Compare the C that `build` writes for a target with the reference, bit for bit.

    Every signal is played in calls of many sizes (on the host: all of `PARTITIONS` each). On the
    emulator the machine code is called directly, and, where the model fits `target`, the whole
    pedal is started and plays audio.

    Args:
        model: what `lower` returned.
        places: where to run, of `PLACES`; by default wherever the C for the target can on this
            machine. What that leaves out, the result says.
        block_frames: the size of block the C is laid out for; the target's own by default.
        target: without one, the C of a pedal is verified, placed in no memory.
        clock_hz: of the pedal's processor; the target's own by default.
        boot: how the pedal's image starts; by default in the first way that holds it.
        toolchain: the compiler for the emulator; by default `find_cross()`.
        progress: called with a line of text at every stage.

    Raises:
        NamgenError: an unknown place, a missing compiler or emulator.

    """
    places, left_out = choose_places(places, target)
    frames = block_frames or (target.block_frames if target else DEFAULT_BLOCK_FRAMES)
    checks, notes = list[Check](), list[str]()
    planned, fits = _as_built(model, frames, target, notes)
    code = Code.of_plan(planned)
    host_end = (0.4 if len(places) > 1 else 1.0) if "host" in places else 0.0  # its share
    if "host" in places:
        checks.append(check_host(model, code, part(progress, 0.0, host_end)))
    if "emulator" in places:
        cross = toolchain or find_cross(processor=processor_of(target))
        checks.append(check_machine_code(model, code, cross, part(progress, host_end, 0.8)))
        if target is not None and target.makes_image and fits:
            hz = clock_hz or target.pedal.clock.default_hz
            pedal = _Pedal(Order(target, hz, frames), boot, cross)
            checks += _built_pedal(model, planned, pedal, part(progress, 0.8, 1.0), notes)
    if "node" in places:
        checks.append(check_web_module(model, module_of(planned), part(progress, host_end, 1.0)))
    return Verification(model.name, tuple(checks), tuple(notes), left_out=left_out)


def _as_built(
    model: Model, frames: int, target: Target | None, notes: list[str]
) -> tuple[AnyPlan, bool]:
    """The plan that `build` makes, and whether the target's memories hold it.

    A model that they do not hold has C all the same: it lies in no particular memory.
    """
    if target is None:
        return plan_model(model, block_frames=frames), False
    if target.is_module:
        notes.append("the module itself is verified as `namgen build` made it, in its folder")
    try:
        return plan_model(model, target=target, block_frames=frames), True
    except BudgetError as error:
        notes += [f"pedal: not run: {line}" for line in error.lines]
        notes.append(f"`build` refuses it for {target.name}; verified is the C without places")
        alone = load_target(target.processor.name)
        return plan_model(model, target=alone, block_frames=frames), False


def check_host(model: Model, code: Code, progress: Progress) -> Check:
    """Compile the C for this machine and compare."""
    progress("host: compiling")
    tally = compare_host(model, HostEngine(code), progress)
    return Check("host", "the generated C, compiled for this machine", tally)


def compare_host(model: Model, engine: Engine, progress: Progress) -> Tally:
    """Compare code of this machine on every signal, in calls of many sizes."""
    tally = Tally()
    cases = _cases(model, SIGNAL_FRAMES, LONGEST_NOISE)
    for index, case in enumerate(cases, start=1):
        progress(Stage(f"host: {case.signal.name}", index / (len(cases) + 1)))
        tally += compare_engine(engine, case.signal, case.output, PARTITIONS)
    return tally


def check_machine_code(
    model: Model, code: Code, toolchain: CrossToolchain, progress: Progress
) -> Check:
    """Compile the C for the emulated processor and compare."""
    progress("emulator: compiling")
    engine = EmulatorEngine(code, toolchain=toolchain)
    tally = compare_emulated(model, engine, "emulator", progress)
    what = f"the generated C, as {toolchain.processor.name.title()} machine code"
    return Check("emulator", what, tally)


def compare_emulated(model: Model, engine: Engine, name: str, progress: Progress) -> Tally:
    """Compare what runs slowly, machine code or a module, on every signal."""
    tally = Tally()
    cases = _cases(model, EMULATED_FRAMES, LONGEST_EMULATED_NOISE)
    for index, case in enumerate(cases):
        progress(Stage(f"{name}: {case.signal.name}", (index + 1) / (len(cases) + 1)))
        partitions = _emulated_partitions(case.signal, index)
        tally += compare_engine(engine, case.signal, case.output, partitions)
    return tally


def check_web_module(model: Model, data: bytes, progress: Progress) -> Check:
    """Play a WebAssembly module in node, and compare.

    Raises:
        NamgenError: node cannot run it, or it does not say of itself what it is.

    """
    module, net = NodeModule(data), model.network
    _check_told(model, module)
    engine = WasmEngine(module, channels=(net.in_channels, net.out_channels))
    tally = compare_emulated(model, engine, "node", progress)
    return Check("node", f"{WEB_FILE}, in node", tally, (f"{len(data):,} bytes",))


def _check_told(model: Model, module: NodeModule) -> None:
    """Check the module's numbers, and what it finds of itself."""
    net = model.network
    expected = {
        "player_sample_rate_hz": model.sample_rate_hz,
        "player_in_channels": net.in_channels,
        "player_out_channels": net.out_channels,
        "player_self_test": 0,
    }
    found = {name: module.call(name) for name in expected}
    wrong = [name for name in expected if found[name] != expected[name]]
    if wrong:
        raise NamgenError(
            *(f"{WEB_FILE}: {n}: expected {expected[n]}, found {found[n]}" for n in wrong)
        )


@dataclass(frozen=True, slots=True)
class _Pedal:
    """The pedal to build."""

    order: Order
    boot: str | None
    toolchain: CrossToolchain


def _built_pedal(
    model: Model, planned: AnyPlan, pedal: _Pedal, progress: Progress, notes: list[str]
) -> list[Check]:
    """Build the firmware and play; a note instead where the model cannot be in a pedal."""
    progress("pedal: building the firmware")
    order = pedal.order
    try:
        package_of(order.target).check(model, planned)
        image = pedal_image(
            planned,
            order.target.pedal,
            toolchain=pedal.toolchain,
            boot=pedal.boot,
            clock_hz=order.clock_hz,
        )
    except (BudgetError, UnsupportedError) as error:
        notes += [f"pedal: not run: {line}" for line in error.lines]
        return []
    check, _ = check_pedal(model_alone(model), image, order, progress)
    return [check]


def check_pedal(
    plays: Plays, image: PedalImage, order: Order, progress: Progress
) -> tuple[Check, Played]:
    """Start an image in the emulated pedal, play, and compare."""
    progress(Stage("pedal: playing", 0.5))
    played = play_pedal(plays, image, varied_codes(PEDAL_BLOCKS * order.block_frames))
    return pedal_check(played, image, order, "24-bit noise"), played


def pedal_check(played: Played, image: PedalImage, order: Order, signal: str) -> Check:
    """Compare what an emulated pedal has played with what it should have."""
    tally = compare(played.expected, played.found, signal=signal, blocks=str(played.block_frames))
    what = f"{order.target.title} started with its firmware, 24 bits in and out"
    return Check("pedal", what, tally, _remarks(image.boot, played, order))


def _remarks(boot: str, played: Played, order: Order) -> tuple[str, ...]:
    worst = played.worst_block_instructions
    cycles = order.clock_hz * order.block_frames // order.target.pedal.audio.sample_rate_hz
    said = (
        f"image for --boot {boot}, {played.latency_frames} frames later, as the codec's two "
        f"blocks make it; at most {worst} instructions per block",
    )
    if worst <= MOST_PER_CYCLE * cycles:
        return said
    return (
        *said,
        f"a board has {cycles} cycles per block and will not keep up: it issues "
        f"{MOST_PER_CYCLE} instructions in one at most; the emulator waits",
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
