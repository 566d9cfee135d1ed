"""What C is made for: a target, and how it is to run there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from namgen.blocks import check_block
from namgen.boards import Boot, Clock
from namgen.errors import ChoiceError, Together, UnsupportedError, one_of
from namgen.prediction import Budget
from namgen.targets import STATIC, Target

IDLE = ("spin", "sleep")
"""What the processor does between two blocks."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the code is for."""

    target: Target
    clock_hz: int  # 0 where the target's clock is not known
    block_frames: int
    boot: Boot | None = None  # None: the target has no firmware
    idle: str = "spin"  # one of IDLE
    around_cycles: float = 0.0  # a frame, of what is around the model
    state: str = STATIC  # where what is remembered lies: in arrays, or in a "struct" of a caller

    @property
    def budget(self) -> Budget:
        """The time of a block; of a pedal."""
        audio = self.target.pedal.audio
        return Budget(
            self.clock_hz,
            self.block_frames,
            audio.sample_rate_hz,
            audio.transmit_lookahead_frames,
        )

    def budget_at(self, sample_rate_hz: int) -> Budget:
        """Return the time of a block of a model that runs at a rate, where the clock is known."""
        return Budget(self.clock_hz, self.block_frames, sample_rate_hz)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to say about a speed that nobody has measured.

        Of a computer's nobody asks; of a smaller processor by itself, nothing is known.
        """
        processor, board = self.target.processor, self.target.board
        if self.target.framework is not None:
            return tuple(self.target.framework.notes(self.clock_hz, self.boot))
        if self.target.arduino is not None:
            return (
                f"speed: the load is {self.target.title}'s if its memories behave like a Daisy's, "
                "for which cycles are predicted; nobody has measured one",
            )
        if board is None and not processor.machines:
            return (
                f"speed: the clock and the memories around {processor.title} are not known; "
                "whether the model keeps up is not either",
            )
        if board is not None and not processor.is_measured:
            return (
                f"speed: nobody has fitted an estimate for {processor.title}; whether the model "
                "keeps up is not known",
            )
        return ()


def make_order(
    target: Target,
    *,
    clock: str | None,
    block_frames: int | None,
    boot: str | None = None,
    idle: str = "spin",
    state: str | None = None,
) -> Order:
    """Check the clock (in MHz), the block size and the boot mode; fill in the target's defaults.

    Raises:
        ChoiceError: the target does not run at this clock or start in this way, or keeps no such
            state.
        UnsupportedError: the block is out of range; there is no such `idle`.

    """
    frames = target.block_frames if block_frames is None else block_frames
    together = Together()
    together.attempt(partial(_check_idle, target, idle))
    together.attempt(partial(check_block, frames))
    clock_hz = together.attempt(partial(_clock_hz, target, clock))
    start = together.attempt(partial(_boot, target, boot))
    kept = together.attempt(partial(_state, target, state))
    together.end()
    assert clock_hz is not None
    assert kept is not None
    return Order(target.started(start), clock_hz, frames, start, idle, state=kept)


def _check_idle(target: Target, idle: str) -> None:
    if idle not in IDLE:
        raise UnsupportedError(f"idle: expected {' or '.join(IDLE)}, found {idle!r}")
    if idle != "spin" and not target.makes_image:
        raise ChoiceError(
            f"target {target.name}: idle: no image can be made for it that could {idle}, "
            f"{target.only_gives}"
        )


def _boot(target: Target, name: str | None) -> Boot | None:
    if name is not None:
        return target.pedal.boot(name)
    return target.board.boots[0] if target.board else None


def _state(target: Target, name: str | None) -> str:
    """Choose where what is remembered lies, as the target's package offers it."""
    if name is None:
        return target.states[0]
    return one_of(f"target {target.spoken}: state", name, target.states)


def _clock_hz(target: Target, megahertz: str | None) -> int:
    known_hz = target.arduino.clock_hz if target.arduino else 0
    clock = target.board.clock if target.board else Clock(known_hz, ())
    if megahertz is None:
        return clock.default_hz
    offered = {str(hz // 1_000_000): hz for hz in clock.options_hz}
    return offered[one_of(f"target {target.name}: clock in MHz", megahertz, offered)]
