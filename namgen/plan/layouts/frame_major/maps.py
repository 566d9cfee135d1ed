"""Tile operations on arrays of a tile, element by element: FiLM, activations, gates, copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from namgen.plan.layouts.operations import stem
from namgen.plan.steps import Activate


@dataclass(frozen=True, slots=True)
class Modulate:
    """``to = x * scale``, or ``x * scale + shift`` where the shift follows the scale in `by`."""

    channels: int
    frames: int
    shift: bool

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{'SCALE_AND_SHIFT' if self.shift else 'SCALE'}_{self.channels}x{self.frames}"

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of its pointers."""
        return ("to", "x", "by")

    @property
    def width(self) -> int:
        """Values of a frame of the modulation."""
        return self.channels * (2 if self.shift else 1)


@dataclass(frozen=True, slots=True)
class Apply:
    """``y = activation(y)``, for a per-channel activation with a slope of each channel."""

    channels: int
    frames: int
    activation: Activate

    @property
    def name(self) -> str:
        """What it is called."""
        return f"APPLY_{activation_stem(self.activation)}_{self.channels}x{self.frames}"

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of its pointers."""
        return ("y", "slopes") if self.activation.per_channel else ("y",)


@dataclass(frozen=True, slots=True)
class Gate:
    """``to = primary(a) * gate`` or ``a + gate * (primary(a) - a)``, `gate` being secondary(b).

    a is the first half of a frame of `x`, b the second.
    """

    channels: int
    frames: int
    primary: Activate
    secondary: Activate
    blended: bool

    @property
    def name(self) -> str:
        """What it is called."""
        sides = f"{activation_stem(self.primary)}_BY_{activation_stem(self.secondary)}"
        return f"{'BLEND' if self.blended else 'GATE'}_{sides}_{self.channels}x{self.frames}"

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of its pointers."""
        sloped = self.primary.per_channel or self.secondary.per_channel
        return ("to", "x", "slopes") if sloped else ("to", "x")

    @property
    def width(self) -> int:
        """Values of a frame of `x`."""
        return 2 * self.channels

    @property
    def secondary_offset(self) -> int:
        """Where the slopes of the secondary activation begin."""
        return self.channels if self.primary.per_channel else 0


@dataclass(frozen=True, slots=True)
class Move:
    """``to = x``, or ``to += x``."""

    values: int
    adds: bool

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{'ADD' if self.adds else 'COPY'}_{self.values}_VALUES"

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of its pointers."""
        return ("to", "x")


MapOperation: TypeAlias = Modulate | Apply | Gate | Move


def activation_stem(activation: Activate) -> str:
    """Name an activation and its parameters, in capitals."""
    own = ["PER_CHANNEL"] if activation.per_channel else []
    params = [f"{p:g}".replace("-", "M").replace(".", "P") for p in activation.call.params]
    return "_".join([stem(activation.call.function), *own, *map(str.upper, params)]).replace(
        "+", ""
    )
