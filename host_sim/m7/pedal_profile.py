"""What a firmware image costs: its audio interrupts on the emulated pedal, timed, by layer too."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from host_sim.boards import usual_board
from host_sim.m7.calls import CallCost
from host_sim.m7.meter import Meter, functions_of
from host_sim.m7.profile import Profile, as_dict
from host_sim.m7.trace import from_core
from host_sim.pedal import Pedal
from namgen.chain.step import BYPASS_FADE_STEPS, STEP_FRAMES
from namgen.errors import ToolError
from namgen.plan.fixed.stages import FixedStage
from namgen.plan.stages import PublishStage
from namgen.prediction import Budget, Measured
from namgen.processors.pipeline import Parameters
from namgen.targets import DEFAULT_TARGET

if TYPE_CHECKING:
    from namgen.boards import Board
    from namgen.pedal_boards import PedalBoard
    from namgen.plan.any_plan import AnyPlan
    from namgen.prediction import InUse

I32: TypeAlias = npt.NDArray[np.int32]

BLOCKS = 12
WARM_UP = 4
QUICK_BLOCKS = 4
QUICK_WARM_UP = 2
ARRIVED_FRAMES = 9600
"""Until a knob that was turned to its end has come there."""
LEFT_FRAMES = 960
"""Until it has left that end, but has not arrived at the other."""
FADING_FRAMES = 288
"""From a press until the bypass fades, for longer than anything is timed."""
RELEASED_FRAMES = 4800
"""Until a footswitch can be pressed again, and no fade is left."""
CHANGEOVER_FRAMES = 4800
"""Until another capture plays."""
_CSV_HEAD = "block,cycle,cycles,data_address,address,function,instruction\n"
_FULL_SCALE = 1 << 23
_STRINGS_HZ = (82.4, 110.0, 146.8, 196.0, 246.9, 329.6)


@dataclass(frozen=True, slots=True)
class LayerCost:
    """One stage of the plan, and what its calls took per block."""

    title: str
    function: str
    instructions_per_block: float
    cycles_per_block: float


@dataclass(frozen=True, slots=True, eq=False)
class PedalProfile:
    """The audio interrupts of one image; cycles per block."""

    planned: AnyPlan
    interrupt: Profile
    model_cycles_of_blocks: tuple[int, ...]  # of nam_<name>_process inside the interrupt
    layers: tuple[LayerCost, ...]

    @property
    def block_frames(self) -> int:
        """Frames per block."""
        return self.planned.block_frames

    @property
    def model_cycles(self) -> float:
        """Cycles of the model alone, mean over the blocks."""
        return sum(self.model_cycles_of_blocks) / len(self.model_cycles_of_blocks)

    @property
    def between_layers(self) -> float:
        """Cycles of the model outside every layer: samples in and out, histories."""
        return self.model_cycles - sum(layer.cycles_per_block for layer in self.layers)

    @property
    def measured(self) -> Measured:
        """What a build wants to know."""
        result = self.interrupt
        return Measured(result.average_cycles, result.worst_cycles, result.margin)


def profile_pedal(
    elf: Path | bytes,
    planned: AnyPlan,
    *,
    target: str = DEFAULT_TARGET,
    blocks: int = BLOCKS,
    warm_up: int = WARM_UP,
    keep: bool = False,
) -> PedalProfile:
    """Boot an image, play guitar-like sound through it, and time whole audio interrupts.

    `planned` is what the image was generated from, and `target` what it is for. The first `warm_up`
    blocks fill the caches and do not count. With `keep`, the executed instructions stay in the
    result, for `save_trace`.

    Raises:
        NamgenError: the firmware stopped, or the emulator is not installed.

    """
    pedal = Pedal(elf, board=usual_board(target))
    pedal.boot()
    sound = pluck((blocks + warm_up) * pedal.block_frames)
    interrupt = time_interrupts(pedal, sound, warm_up=warm_up, keep=keep)
    return PedalProfile(
        planned=planned,
        interrupt=interrupt,
        model_cycles_of_blocks=tuple(call.cycles for call in _model_calls(interrupt, planned)),
        layers=_layers(interrupt, planned),
    )


def time_interrupts(
    pedal: Pedal,
    sound: I32,
    *,
    warm_up: int,
    keep: bool = False,
    parameters: Parameters | None = None,
) -> Profile:
    """Time the audio interrupts of a booted pedal that plays `sound`, but the first `warm_up`.

    Block by block: a trace of one is all that memory has to hold.

    Raises:
        NamgenError: the firmware stopped.

    """
    meter: Meter | None = None
    for start in range(0, len(sound), pedal.block_frames):
        for part in pedal.trace_blocks(sound[start : start + pedal.block_frames]):
            if meter is None:
                handler = pedal.core.image.function_at(int(part.instructions[0]))
                if handler is None:
                    raise ToolError("profile: expected the audio interrupt among the symbols")
                meter = Meter(
                    functions_of(pedal.core),
                    pedal.core.memory.read,
                    block_symbol=handler.name,
                    warm_up=warm_up,
                    parameters=parameters,
                    keep=keep,
                )
            meter.add(from_core(part))
    if meter is None:
        raise ToolError("profile: expected audio interrupts, found none")
    return meter.profile()


def quick_instrument(elf: Path, use: InUse) -> Measured:
    """Time few blocks, for a build: rings wrap at other times, so the worst block is a guess.

    Every knob travels meanwhile, and the bypass fades. Where the sound then comes to rest, the
    blocks in which it does count, too.
    """
    pedal = Pedal(elf, board=usual_board(use.target), panel=use.board, codec=use.codec)
    pedal.boot()
    if use.capture is not None:
        pedal.core.interject("sound_choose", use.capture)
        pedal.play(_silence(pedal, CHANGEOVER_FRAMES))
    if use.board is not None:
        _move_all(pedal, use.board)
    sound = pluck((QUICK_WARM_UP + QUICK_BLOCKS) * pedal.block_frames)
    interrupt = time_interrupts(pedal, sound, warm_up=QUICK_WARM_UP)
    worst = interrupt.worst_cycles
    if use.rests and use.board is not None:
        worst = max(worst, _resting(pedal, use.board).worst_cycles)
    return Measured(interrupt.average_cycles, worst, interrupt.margin)


def _resting(pedal: Pedal, board: PedalBoard) -> Profile:
    """Bring the effect back, bypass it again, and time the blocks in which it comes to rest."""
    size = pedal.block_frames
    for _ in range(2):
        pedal.play(_silence(pedal, RELEASED_FRAMES))
        _press_for_bypass(pedal, board)
    before = STEP_FRAMES * BYPASS_FADE_STEPS - FADING_FRAMES - (QUICK_WARM_UP + 1) * size
    pedal.play(_silence(pedal, max(0, before)))
    count = QUICK_WARM_UP + 1 + -(-FADING_FRAMES // size) + QUICK_BLOCKS
    return time_interrupts(pedal, pluck(count * size), warm_up=QUICK_WARM_UP)


def _move_all(pedal: Pedal, board: PedalBoard) -> None:
    """Turn every knob and press for the bypass, and wait until the sound is on its way."""
    for position, frames in ((0.0, ARRIVED_FRAMES), (1.0, LEFT_FRAMES)):
        for knob in board.knobs:
            pedal.turn(knob.label, position)
        pedal.play(_silence(pedal, frames))
    _press_for_bypass(pedal, board)


def _press_for_bypass(pedal: Pedal, board: PedalBoard) -> None:
    """Press and let go, and wait until the bypass fades."""
    switches = [switch.label for switch in board.footswitches if switch.does == "bypass"]
    for label in switches:
        pedal.press(label)
    pedal.play(_silence(pedal, FADING_FRAMES))
    for label in switches:
        pedal.release(label)


def _silence(pedal: Pedal, frames: int) -> I32:
    return np.zeros(-(-frames // pedal.block_frames) * pedal.block_frames, np.int32)


def pluck(frames: int, *, sample_rate_hz: int = 48_000) -> I32:
    """Six strings struck one after the other, with overtones and some hiss, as 24-bit values."""
    time = np.arange(frames) / sample_rate_hz
    total = 0.002 * np.random.default_rng(7).standard_normal(frames)
    for number, pitch in enumerate(_STRINGS_HZ):
        since = time - number * frames / sample_rate_hz / len(_STRINGS_HZ)
        envelope = np.where(since >= 0, np.exp(-3.0 * np.maximum(since, 0.0)), 0.0)
        for overtone in range(1, 6):
            swing = np.sin(2 * np.pi * pitch * overtone * since)
            total += 0.12 / overtone * envelope * swing
    codes = np.rint(np.clip(total, -0.99, 0.99) * _FULL_SCALE)
    return codes.astype(np.int32)


def save_trace(profile: PedalProfile, path: Path) -> None:
    """Write every executed instruction of the recorded blocks to a `.csv` or `.npz` file.

    The columns are described in docs/profile.md.

    Raises:
        ToolError: the name ends in neither.

    """
    if path.suffix == ".npz":
        columns: dict[str, Any] = _columns(profile)
        with path.open("wb") as file:
            np.savez_compressed(file, **columns)
    elif path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="\n") as text:
            text.writelines(_csv_lines(profile))
    else:
        raise ToolError(f"trace: expected a file name ending in .csv or .npz, found {path.name}")


def is_trace(path: Path) -> bool:
    """Whether a file is what `save_trace` wrote."""
    with path.open("rb") as file:
        if file.read(len(_CSV_HEAD)) == _CSV_HEAD.encode():
            return True
    return zipfile.is_zipfile(path) and "code_function.npy" in zipfile.ZipFile(path).namelist()


def to_json(profile: PedalProfile, board: Board) -> dict[str, Any]:
    """Everything but the listing, as plain values."""
    frames = profile.block_frames
    return {
        "model": profile.planned.name,
        "block_frames": frames,
        "cycles_per_sample": {
            "average": profile.interrupt.average_cycles / frames,
            "worst": profile.interrupt.worst_cycles / frames,
            "model_alone": profile.model_cycles / frames,
        },
        "share": {
            str(budget.clock_hz): round(profile.interrupt.worst_cycles / budget.block_cycles, 4)
            for budget in budgets(board, frames)
        },
        "budget_cycles_per_block": {
            str(budget.clock_hz): budget.cycles for budget in budgets(board, frames)
        },
        **as_dict(profile.interrupt),
        "layers": [
            {
                "title": layer.title,
                "function": layer.function,
                "instructions_per_block": layer.instructions_per_block,
                "cycles_per_block": layer.cycles_per_block,
            }
            for layer in profile.layers
        ],
        "between_layers_cycles_per_block": profile.between_layers,
    }


def budgets(board: Board, block_frames: int) -> Iterator[Budget]:
    """Yield the time of a block at each clock a board offers."""
    for clock_hz in board.clock.options_hz:
        yield Budget(
            clock_hz,
            block_frames,
            board.audio.sample_rate_hz,
            board.audio.transmit_lookahead_frames,
        )


def _columns(profile: PedalProfile) -> dict[str, npt.NDArray[Any]]:
    """One row per executed instruction, and one per distinct instruction (`code_`)."""
    parts, code = profile.interrupt.recorded, profile.interrupt.code
    clock = np.concatenate([part.clock for part in parts])
    cycles = np.diff(clock.astype(np.int64), prepend=np.int64(0))
    lengths = [len(part.index) for part in parts]
    return {
        "block": np.repeat(np.arange(len(parts), dtype=np.int32), lengths),
        "instruction": np.concatenate([part.index for part in parts]),
        "data_address": np.concatenate([part.data_address for part in parts]),
        "cycle": clock,
        "cycles": cycles.astype(np.int32),
        "code_address": np.array([i.address for i, _ in code], np.uint32),
        "code_text": np.array([i.text for i, _ in code]),
        "code_function": np.array([name for _, name in code]),
    }


def _csv_lines(profile: PedalProfile) -> Iterator[str]:
    columns = _columns(profile)
    code = [
        f'{address:08x},{function},"{text}"'
        for address, function, text in zip(
            columns["code_address"], columns["code_function"], columns["code_text"], strict=True
        )
    ]
    yield _CSV_HEAD
    names = ("block", "cycle", "cycles", "data_address", "instruction")
    rows = zip(*(columns[name].tolist() for name in names), strict=True)
    for block, cycle, cycles, data, index in rows:
        yield f"{block},{cycle},{cycles},{f'{data:08x}' if data else ''},{code[index]}\n"


def _model_calls(interrupt: Profile, planned: AnyPlan) -> list[CallCost]:
    name = f"nam_{planned.name}_process"
    found = [call for call in interrupt.calls if call.function == name]
    if len(found) != len(interrupt.cycles_of_blocks):
        raise ToolError(f"profile: expected one call of {name} per block, found {len(found)}")
    return found


def _layers(interrupt: Profile, planned: AnyPlan) -> tuple[LayerCost, ...]:
    """Match the calls of each block with the plan's stages, in order; the mean over blocks."""
    stages = [stage for stage in planned.stages if not isinstance(stage, PublishStage)]
    kernels = {stage.kernel for stage in stages}
    owners = [number for number, stage in enumerate(stages) for _ in range(_calls_of(stage))]
    blocks = len(interrupt.cycles_of_blocks)
    totals = np.zeros((len(stages), 2))
    for block in range(blocks):
        calls = [call for call in interrupt.calls if call.block == block]
        made = [c for c in _calls_of_model(calls, planned) if _kernel_name(c) in kernels]
        # Names may differ: a compiler keeps one of two functions with the same instructions.
        if len(made) != len(owners):
            raise ToolError(
                f"profile: expected {len(owners)} calls of kernels per block, found {len(made)}"
            )
        np.add.at(totals, owners, [(call.instructions, call.cycles) for call in made])
    return tuple(
        LayerCost(stage.title, stage.kernel, float(executed) / blocks, float(cycles) / blocks)
        for stage, (executed, cycles) in zip(stages, totals, strict=True)
    )


def _calls_of(stage: object) -> int:
    """Return how often a stage calls its kernel."""
    return stage.parts if isinstance(stage, FixedStage) else 1


def _kernel_name(call: CallCost) -> str:
    """The function in the C: gcc names its specialised copies `name.suffix`."""
    return call.function.partition(".")[0]


def _calls_of_model(calls: Sequence[CallCost], planned: AnyPlan) -> Iterator[CallCost]:
    """Yield all calls inside the model's process function; of a long one, parts are functions."""
    name = f"nam_{planned.name}_process"
    place = next(i for i, call in enumerate(calls) if call.function == name)
    for call in calls[place + 1 :]:
        if call.depth <= calls[place].depth:
            return
        yield call
