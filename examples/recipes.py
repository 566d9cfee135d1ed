"""The shapes of the example models, and how each is trained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ArrayShape:
    """A layer array: its widths, one kernel size and dilation per layer, and its head."""

    inputs: int
    channels: int
    kernels: tuple[int, ...]
    dilations: tuple[int, ...]
    head_outputs: int
    head_kernel: int
    head_bias: bool


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to train and for how long; `activation` is the name the `.nam` file uses."""

    arrays: tuple[ArrayShape, ...]
    activation: str
    steps: int
    batch: int
    crop_frames: int
    rate: float
    final_rate: float
    head_scale: float
    seed: int

    @property
    def receptive_field(self) -> int:
        """Frames the newest output depends on, itself included."""
        layers = [
            (k - 1) * d for a in self.arrays for k, d in zip(a.kernels, a.dilations, strict=True)
        ]
        return 1 + sum(layers) + sum(a.head_kernel - 1 for a in self.arrays)


A2_KERNELS = (6,) * 14 + (15, 15) + (6,) * 7
A2_DILATIONS = (1, 3, 7, 17, 41, 101, 239) * 2 + (1, 13) + (1, 3, 7, 17, 41, 101, 239)
NANO_FIRST = tuple(2**i for i in range(7))
NANO_SECOND = (128, 256, 512, *(2**i for i in range(10)))


def a2(channels: int) -> tuple[ArrayShape, ...]:
    """The one array of an A2 model: 3 channels for Lite, 8 for Full."""
    return (ArrayShape(1, channels, A2_KERNELS, A2_DILATIONS, 1, 16, True),)


def a1_nano() -> tuple[ArrayShape, ...]:
    """The two arrays of an A1 nano model."""
    return (
        ArrayShape(1, 4, (3,) * 7, NANO_FIRST, 2, 1, False),
        ArrayShape(4, 2, (3,) * 13, NANO_SECOND, 1, 1, True),
    )


RECIPES = {
    "nano": Recipe(a1_nano(), "Tanh", 4000, 4, 12288, 0.01, 1e-4, 0.5, 1),
    "lite": Recipe(a2(3), "LeakyReLU", 4000, 4, 12288, 0.008, 1e-4, 0.02, 2),
    "full": Recipe(a2(8), "LeakyReLU", 2000, 4, 12288, 0.005, 1e-4, 0.02, 3),
}
