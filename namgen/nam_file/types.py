"""What a `.nam` file says, with every old spelling and default already resolved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from namgen.arithmetic import F32

FILM_NAMES = (
    "conv_pre_film",
    "conv_post_film",
    "input_mixin_pre_film",
    "input_mixin_post_film",
    "activation_pre_film",
    "activation_post_film",
    "layer1x1_post_film",
    "head1x1_post_film",
)
"""The eight FiLM positions, in the order of their weights."""


@dataclass(frozen=True, slots=True)
class ActivationConfig:
    """An activation and its parameters.

    `params`: LeakyReLU (slope); PReLU (one slope, or one per channel);
    LeakyHardtanh (min, max, min slope, max slope); all others none.
    """

    name: str
    params: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class FilmConfig:
    """An active FiLM position."""

    shift: bool
    groups: int


@dataclass(frozen=True, slots=True)
class LayerConfig:
    """What may differ from layer to layer inside an array."""

    kernel_size: int
    dilation: int
    activation: ActivationConfig
    gating: str  # "none", "gated" or "blended"
    secondary: ActivationConfig | None  # present exactly when gating is not "none"


@dataclass(frozen=True, slots=True)
class HeadConfig:
    """The convolution over the skip sum."""

    out_channels: int
    kernel_size: int
    bias: bool
    dilation: int


@dataclass(frozen=True, slots=True)
class Head1x1Config:
    """An active head1x1."""

    out_channels: int
    groups: int


@dataclass(frozen=True, slots=True)
class LayerArrayConfig:
    """One entry of `config.layers`."""

    input_size: int
    condition_size: int
    channels: int
    bottleneck: int
    layers: tuple[LayerConfig, ...]
    head: HeadConfig
    groups_input: int = 1
    groups_input_mixin: int = 1
    layer1x1_groups: int | None = 1  # None: layer1x1 is off
    head1x1: Head1x1Config | None = None
    films: tuple[FilmConfig | None, ...] = (None,) * len(FILM_NAMES)  # in the order of FILM_NAMES
    allowed_channels: tuple[int, ...] | None = None  # slimmable widths, ascending; None: fixed


@dataclass(frozen=True, slots=True)
class PostHeadConfig:
    """`config.head`: convolutions after the stack."""

    channels: int
    out_channels: int
    kernel_sizes: tuple[int, ...]
    activation: ActivationConfig


@dataclass(frozen=True, slots=True)
class WaveNetConfig:
    """`architecture: WaveNet`."""

    in_channels: int
    arrays: tuple[LayerArrayConfig, ...]
    post_head: PostHeadConfig | None = None
    condition: NamModel | None = None


@dataclass(frozen=True, slots=True)
class LstmConfig:
    """`architecture: LSTM`."""

    in_channels: int
    out_channels: int
    hidden_size: int
    num_layers: int


@dataclass(frozen=True, slots=True)
class ConvNetConfig:
    """`architecture: ConvNet`; the kernel size is always 2."""

    in_channels: int
    out_channels: int
    channels: int
    dilations: tuple[int, ...]
    batchnorm: bool
    activation: ActivationConfig
    groups: int


@dataclass(frozen=True, slots=True)
class LinearConfig:
    """`architecture: Linear`; of the channel counts at most one is above 1, or both are equal."""

    in_channels: int
    out_channels: int
    receptive_field: int
    bias: bool


@dataclass(frozen=True, slots=True)
class Submodel:
    """One width of a container."""

    max_value: float
    model: NamModel


@dataclass(frozen=True, slots=True)
class ContainerConfig:
    """`architecture: SlimmableContainer`."""

    submodels: tuple[Submodel, ...]


@dataclass(frozen=True, slots=True)
class SequentialConfig:
    """`architecture: Sequential`: complete models in series."""

    models: tuple[NamModel, ...]


Config: TypeAlias = (
    WaveNetConfig | LstmConfig | ConvNetConfig | LinearConfig | ContainerConfig | SequentialConfig
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the file says about the capture; every field optional."""

    name: str | None = None
    modeled_by: str | None = None
    gear_make: str | None = None
    gear_model: str | None = None
    gear_type: str | None = None
    tone_type: str | None = None
    date: str | None = None  # ISO 8601
    loudness_db: float | None = None
    gain: float | None = None
    input_level_dbu: float | None = None
    output_level_dbu: float | None = None
    validation_esr: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class NamModel:
    """One complete model object: the file itself, a submodel, or a condition_dsp."""

    version: str  # empty for a WAV impulse response
    architecture: str
    config: Config
    weights: F32  # (count,), exactly as many as the config implies
    sample_rate_hz: float | None
    metadata: Metadata = field(default_factory=Metadata)


@dataclass(frozen=True, slots=True, eq=False)
class NamFile:
    """A `.nam` file, or a WAV impulse response, that passed every check."""

    name: str  # file name without folder
    sha256: str  # of the bytes on disk
    size_bytes: int
    model: NamModel
    warnings: tuple[str, ...] = ()
    kind: Literal["nam", "wav"] = "nam"  # wav: an impulse response
