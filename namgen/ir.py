"""The network as mathematics: what to compute, with no file format, no C and no target.

Arrays are float32 and never modified. Shapes are in comments: ``out`` and ``in`` are channels,
``kernel`` is taps (tap 0 the oldest). The order in which sums are taken is part of the meaning;
it is written down in ``docs/arithmetic.md`` and executed by ``namgen.reference``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from namgen.arithmetic import F32


@dataclass(frozen=True, slots=True)
class Activation:
    """An elementwise function by its NAM name.

    `params` are float32 values in the order of the kernel's arguments, except for ``PReLU``,
    where they are one slope per channel.
    """

    name: str
    params: tuple[float, ...] = ()

    @property
    def per_channel(self) -> bool:
        """Whether `params` holds one value per channel."""
        return self.name == "PReLU"


@dataclass(frozen=True, slots=True, eq=False)
class Conv1d:
    """A causal 1-D convolution; kernel 1 is the dense map NAM calls a 1x1."""

    weight: F32  # (out, in / groups, kernel), tap 0 oldest
    bias: F32 | None = None  # (out,)
    dilation: int = 1
    groups: int = 1

    @property
    def out_channels(self) -> int:
        """Rows of the weight."""
        return int(self.weight.shape[0])

    @property
    def in_channels(self) -> int:
        """Channels read, over all groups."""
        return int(self.weight.shape[1]) * self.groups

    @property
    def kernel_size(self) -> int:
        """Number of taps."""
        return int(self.weight.shape[2])

    @property
    def lookback(self) -> int:
        """Frames of history needed before the current one."""
        return (self.kernel_size - 1) * self.dilation

    @property
    def macs(self) -> int:
        """Multiply-adds per frame."""
        return int(self.weight.size)


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """Feature-wise modulation: ``y = x * scale(condition) [+ shift(condition)]``."""

    modulator: Conv1d  # 1x1, condition -> dim rows of scale, then dim rows of shift if any
    shift: bool

    @property
    def dim(self) -> int:
        """Channels modulated."""
        return self.modulator.out_channels // (2 if self.shift else 1)


class Gating(Enum):
    """How the second half of a layer's rows modulates the first."""

    NONE = "none"
    GATED = "gated"
    BLENDED = "blended"


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One WaveNet layer; the formula is in ``docs/arithmetic.md``."""

    conv: Conv1d  # channels -> rows (bottleneck, or twice that when gated)
    mixin: Conv1d  # condition -> rows, 1x1, no bias
    activation: Activation
    gating: Gating = Gating.NONE
    secondary: Activation | None = None  # present exactly when gating is not NONE
    layer1x1: Conv1d | None = None  # bottleneck -> channels; None passes x through
    head1x1: Conv1d | None = None  # bottleneck -> head width
    conv_pre_film: Film | None = None
    conv_post_film: Film | None = None
    input_mixin_pre_film: Film | None = None
    input_mixin_post_film: Film | None = None
    activation_pre_film: Film | None = None
    activation_post_film: Film | None = None
    layer1x1_post_film: Film | None = None
    head1x1_post_film: Film | None = None
    carry: Conv1d | None = None  # how x enters the residual path; None: as it is
    rest: F32 | None = None  # (channels,) x before the first frame of a cold start; None: zeros

    @property
    def channels(self) -> int:
        """Width of the layer's input."""
        return self.conv.in_channels

    @property
    def bottleneck(self) -> int:
        """Rows after the activation."""
        return self.conv.out_channels // (1 if self.gating is Gating.NONE else 2)

    @property
    def head_width(self) -> int:
        """Rows added to the head."""
        return self.head1x1.out_channels if self.head1x1 else self.bottleneck

    @property
    def films(self) -> tuple[Film, ...]:
        """The modulations there are, in the order of the file."""
        positions = (
            self.conv_pre_film,
            self.conv_post_film,
            self.input_mixin_pre_film,
            self.input_mixin_post_film,
            self.activation_pre_film,
            self.activation_post_film,
            self.layer1x1_post_film,
            self.head1x1_post_film,
        )
        return tuple(film for film in positions if film is not None)

    @property
    def convolutions(self) -> tuple[Conv1d, ...]:
        """Every convolution and 1x1, those of the modulations last."""
        optional = (self.carry, self.layer1x1, self.head1x1)
        present = (conv for conv in optional if conv is not None)
        modulators = (film.modulator for film in self.films)
        return (self.conv, self.mixin, *present, *modulators)


@dataclass(frozen=True, slots=True, eq=False)
class LayerArray:
    """A rechannel, a run of layers of one width, and the head conv over their skip sum."""

    rechannel: Conv1d | None  # layer input -> channels, 1x1; None: the first layer takes it as is
    layers: tuple[Layer, ...]
    head: Conv1d  # head width -> head outputs


@dataclass(frozen=True, slots=True, eq=False)
class PostHead:
    """Convolutions after the stack, each preceded by the activation."""

    activation: Activation
    convs: tuple[Conv1d, ...]


@dataclass(frozen=True, slots=True, eq=False)
class WaveNet:
    """Layer arrays in series; their heads run alongside. The last array's residual is unused."""

    in_channels: int
    arrays: tuple[LayerArray, ...]
    head_scale: float
    condition: Network | None = None  # makes the condition from the input; None: the input itself
    post_head: PostHead | None = None

    @property
    def out_channels(self) -> int:
        """Channels of the output."""
        last = self.post_head.convs[-1] if self.post_head else self.arrays[-1].head
        return last.out_channels


@dataclass(frozen=True, slots=True, eq=False)
class LstmCell:
    """One LSTM layer; gate rows in the order input, forget, cell, output."""

    weight: F32  # (4 * hidden, in + hidden), columns [input | hidden]
    bias: F32  # (4 * hidden,)
    hidden: F32  # (hidden,) the start state the file gives
    cell: F32  # (hidden,)

    @property
    def hidden_size(self) -> int:
        """Width of the state."""
        return int(self.hidden.shape[0])

    @property
    def input_size(self) -> int:
        """Width of the input."""
        return int(self.weight.shape[1]) - self.hidden_size


@dataclass(frozen=True, slots=True, eq=False)
class Lstm:
    """LSTM layers in series and a dense head on the last hidden state."""

    in_channels: int
    cells: tuple[LstmCell, ...]
    head: Conv1d  # hidden -> out, 1x1, bias
    prewarm_frames: int  # zero frames fed before the settled state is taken
    fast_tanh: bool = False  # Fasttanh in place of every tanh, the one in the sigmoids too

    @property
    def out_channels(self) -> int:
        """Channels of the output."""
        return self.head.out_channels


@dataclass(frozen=True, slots=True, eq=False)
class ConvBlock:
    """A convolution (batch norm already folded in) and its activation."""

    conv: Conv1d
    activation: Activation


@dataclass(frozen=True, slots=True, eq=False)
class ConvNet:
    """Convolution blocks in series and a dense head."""

    blocks: tuple[ConvBlock, ...]
    head: Conv1d

    @property
    def in_channels(self) -> int:
        """Channels of the input."""
        return self.blocks[0].conv.in_channels

    @property
    def out_channels(self) -> int:
        """Channels of the output."""
        return self.head.out_channels


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """One long convolution, an impulse response."""

    conv: Conv1d

    @property
    def in_channels(self) -> int:
        """Channels of the input."""
        return self.conv.in_channels

    @property
    def out_channels(self) -> int:
        """Channels of the output."""
        return self.conv.out_channels


@dataclass(frozen=True, slots=True, eq=False)
class Sequential:
    """Networks in series."""

    networks: tuple[Network, ...]

    @property
    def in_channels(self) -> int:
        """Channels of the input."""
        return self.networks[0].in_channels

    @property
    def out_channels(self) -> int:
        """Channels of the output."""
        return self.networks[-1].out_channels


Network: TypeAlias = WaveNet | Lstm | ConvNet | Linear | Sequential


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A network with its name and where it came from."""

    name: str  # a C identifier in lower case
    source: str  # file name, without folder
    sha256: str
    sample_rate_hz: int  # 48000 when the file has none, unless the model was made for another
    network: Network
    options: tuple[str, ...] = ()  # choices that shaped it, for the header comment
    rate_is_assumed: bool = False  # the file has no sample rate
    resampled_from_hz: int | None = None  # the file's own rate, where its taps were resampled
