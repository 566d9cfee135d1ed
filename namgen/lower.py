"""From what a `.nam` file says to what to compute: one function per architecture."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from namgen import ir
from namgen.errors import UnsupportedError
from namgen.nam_file.shapes import is_slimmable, linear_biases, linear_paths, wavenet_lookback
from namgen.nam_file.types import (
    FILM_NAMES,
    ActivationConfig,
    ContainerConfig,
    ConvNetConfig,
    FilmConfig,
    LayerArrayConfig,
    LayerConfig,
    LinearConfig,
    LstmConfig,
    NamFile,
    NamModel,
    PostHeadConfig,
    SequentialConfig,
    WaveNetConfig,
)
from namgen.naming import c_name
from namgen.prewarm import prewarm_frames, whole_blocks
from namgen.resampling import resampled
from namgen.slimming import narrowed
from namgen.weights import WeightStream

DEFAULT_SAMPLE_RATE_HZ = 48000
"""What a file without a sample rate is taken to mean."""

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class SubmodelChoice:
    """One submodel of a container, as `lower` accepts it in `submodel`."""

    index: int  # 1-based
    names: tuple[str, ...]  # every accepted spelling, the index among them
    max_value: float  # the container takes this submodel for ratios below it
    model: NamModel


@lru_cache(maxsize=4)
def submodels(file: NamFile) -> tuple[SubmodelChoice, ...]:
    """List the outermost container's submodels, narrowest first; empty for any other file."""
    if not isinstance(file.model.config, ContainerConfig):
        return ()
    entries = file.model.config.submodels
    return tuple(
        SubmodelChoice(
            index=index,
            names=(str(index),)
            + (("lite",) if index == 1 else ())
            + (("full",) if index == len(entries) else ()),
            max_value=entry.max_value,
            model=entry.model,
        )
        for index, entry in enumerate(entries, start=1)
    )


def lower(
    file: NamFile,
    *,
    submodel: str = "full",
    slim: float | None = None,
    name: str | None = None,
    tanh: str = "exact",
    rate_hz: int | None = None,
) -> ir.Model:
    """Turn a checked file into the network to compile.

    submodel: of a container "lite" (the first), "full" (the last) or a 1-based index.
    slim: a ratio in [0, 1] as NAM Core's slim control takes it. It chooses in a container, or, when
        `submodel` already did, inside the chosen one; there it sets the width of a slimmable
        WaveNet. A container's slim control does not reach into its submodels, as in NAM Core.
    name: the C identifier; by default made from the file name.
    tanh: "exact", or "fast" for the rational formula the NAM plug-in uses in place of tanh.
    rate_hz: the rate of the place it is for. Nothing but impulse responses is resampled to it;
        any other network stays as it is, with the rate of the file.

    Raises `UnsupportedError` for a choice that the file does not offer.
    """
    _check_options(slim=slim, tanh=tanh, name=name)
    chosen = _choose(file, submodel=submodel, slim=slim)
    network = _network(chosen.model, ratio=chosen.ratio, extra_prewarm_frames=0)
    own_hz, options = chosen.sample_rate_hz, chosen.options
    made_hz, resampled_from_hz = own_hz or DEFAULT_SAMPLE_RATE_HZ, None
    if rate_hz is not None and is_response(chosen.model):
        made_hz = rate_hz
        if own_hz is not None and own_hz != rate_hz:
            network = resampled(network, from_hz=own_hz, to_hz=rate_hz)
            resampled_from_hz = own_hz
            options = (*options, f"taps resampled from {own_hz} to {rate_hz} Hz")
    if tanh == "fast":
        network = _with_fast_tanh(network)
        options = (*options, "tanh fast")
    return ir.Model(
        name=name or c_name(file.name),
        source=file.name,
        sha256=file.sha256,
        sample_rate_hz=made_hz,
        network=network,
        options=options,
        rate_is_assumed=own_hz is None,
        resampled_from_hz=resampled_from_hz,
    )


def chosen_models(
    file: NamFile, *, submodel: str = "full", slim: float | None = None
) -> tuple[NamModel, ...]:
    """List the models from the file's own to the one that `lower` takes, outermost first."""
    return _choose(file, submodel=submodel, slim=slim).path


def is_response(model: NamModel) -> bool:
    """Whether the model is nothing but impulse responses, which play at any rate."""
    match model.config:
        case LinearConfig():
            return True
        case SequentialConfig():
            return all(map(is_response, model.config.models))
        case ContainerConfig():
            return is_response(model.config.submodels[-1].model)
        case _:
            return False


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """The model to lower, and the way to it."""

    path: tuple[NamModel, ...]  # outermost first, the chosen one last
    ratio: float | None  # the width of a slimmable WaveNet; None: full
    options: tuple[str, ...]  # how it was chosen

    @property
    def model(self) -> NamModel:
        return self.path[-1]

    @property
    def sample_rate_hz(self) -> int | None:
        """The rate of the innermost model that has one."""
        rates = (model.sample_rate_hz for model in reversed(self.path))
        rate_hz = next((rate for rate in rates if rate is not None), None)
        return int(rate_hz) if rate_hz is not None and rate_hz >= 1 else None


def _check_options(*, slim: float | None, tanh: str, name: str | None) -> None:
    if slim is not None and not 0.0 <= slim <= 1.0:
        raise UnsupportedError(f"slim: expected a ratio from 0 to 1, found {slim}")
    if tanh not in ("exact", "fast"):
        raise UnsupportedError(f'tanh: expected "exact" or "fast", found "{tanh}"')
    if name is not None and not _IDENTIFIER.fullmatch(name):
        raise UnsupportedError(
            "name: expected lower-case letters, digits and _, starting with a letter, "
            f'found "{name}"'
        )


def _choose(file: NamFile, *, submodel: str, slim: float | None) -> _Choice:
    """Walk through containers."""
    model, options, ratio = file.model, [], slim
    path = [model]
    _check_submodel(file, submodel)
    wanted = None if submodel == "full" else submodel
    while isinstance(model.config, ContainerConfig):
        entries = model.config.submodels
        if wanted is not None:
            index = _index_of(wanted, count=len(entries))
            wanted = None
        else:
            index = _index_at(ratio, entries=model.config)
            ratio = None
        options.append(f"submodel {index + 1} of {len(entries)}")
        model = entries[index].model
        path.append(model)
    if ratio is not None:
        _check_slimmable(file.name, model)
        options.append(f"slim {ratio:g}")
    return _Choice(tuple(path), ratio, tuple(options))


def _check_submodel(file: NamFile, submodel: str) -> None:
    choices = submodels(file)
    names = {name for choice in choices for name in choice.names} or {"full"}
    if submodel in names:
        return
    offer = ", ".join(sorted(names)) if choices else f"only full: {_only(file.model)}"
    raise UnsupportedError(f'{file.name}: submodel "{submodel}": this file offers {offer}')


def _only(model: NamModel) -> str:
    """Say why there is nothing to choose."""
    if isinstance(model.config, SequentialConfig) and is_slimmable(model.config):
        return "a chain plays what is in it at full width; namgen join --submodel makes another"
    return "the file holds one model"


def _index_of(submodel: str, *, count: int) -> int:
    named = {"lite": 0, "full": count - 1}
    return named[submodel] if submodel in named else int(submodel) - 1


def _index_at(ratio: float | None, *, entries: ContainerConfig) -> int:
    """The first submodel whose max_value exceeds the ratio, else the last, as NAM Core does."""
    last = len(entries.submodels) - 1
    if ratio is None:
        return last
    fits = (i for i, entry in enumerate(entries.submodels) if ratio < entry.max_value)
    return next(fits, last)


def _check_slimmable(file: str, model: NamModel) -> None:
    config = model.config
    if isinstance(config, WaveNetConfig) and any(a.allowed_channels for a in config.arrays):
        return
    raise UnsupportedError(
        f"{file}: slim: needs a container or a slimmable WaveNet, "
        f"found a {model.architecture} of one width"
    )


def _network(model: NamModel, *, ratio: float | None, extra_prewarm_frames: int) -> ir.Network:
    """Lower one model; the extra frames are what the networks around it add to the prewarm."""
    config = model.config
    match config:
        case WaveNetConfig():
            return _wavenet(model, config, ratio=ratio, extra_prewarm_frames=extra_prewarm_frames)
        case LstmConfig():
            return _lstm(model, config, extra_prewarm_frames=extra_prewarm_frames)
        case ConvNetConfig():
            return _convnet(model, config)
        case LinearConfig():
            return _linear(model, config)
        case SequentialConfig():
            return _sequential(config, extra_prewarm_frames=extra_prewarm_frames)
        case ContainerConfig():
            widest = config.submodels[-1].model
            return _network(widest, ratio=None, extra_prewarm_frames=extra_prewarm_frames)


def _sequential(config: SequentialConfig, *, extra_prewarm_frames: int) -> ir.Sequential:
    """Lower a chain, every part at full width; each is prewarmed as long as all together."""
    together = extra_prewarm_frames + sum(map(prewarm_frames, config.models))
    parts = (
        _network(part, ratio=None, extra_prewarm_frames=together - prewarm_frames(part))
        for part in config.models
    )
    return ir.Sequential(tuple(parts))


# --- WaveNet -----------------------------------------------------------------------------------


def _wavenet(
    model: NamModel, config: WaveNetConfig, *, ratio: float | None, extra_prewarm_frames: int
) -> ir.WaveNet:
    stream = WeightStream(model.weights)
    arrays = tuple(_array(stream, array) for array in config.arrays)
    post_head = _post_head(stream, config.post_head, config.arrays[-1].head.out_channels)
    head_scale = float(stream.take(1)[0])
    assert stream.remaining == 0
    if ratio is not None:
        arrays = narrowed(arrays, config, ratio)
    arrays = (*arrays[:-1], _without_dead_end(arrays[-1]))
    network = ir.WaveNet(config.in_channels, arrays, head_scale, post_head=post_head)
    if config.condition is None:
        return network
    extra = extra_prewarm_frames + wavenet_lookback(config)
    condition = _network(config.condition, ratio=None, extra_prewarm_frames=extra)
    return replace(network, condition=condition)


def _array(stream: WeightStream, array: LayerArrayConfig) -> ir.LayerArray:
    """Take one layer array's weights, in their order in the file."""
    rechannel = _conv(stream, array.input_size, array.channels, bias=False)
    layers = tuple(_layer(stream, array, layer) for layer in array.layers)
    width = array.head1x1.out_channels if array.head1x1 else array.bottleneck
    head = _conv(
        stream,
        width,
        array.head.out_channels,
        kernel_size=array.head.kernel_size,
        dilation=array.head.dilation,
        bias=array.head.bias,
    )
    return ir.LayerArray(rechannel, layers, head)


def _layer(stream: WeightStream, array: LayerArrayConfig, layer: LayerConfig) -> ir.Layer:
    channels, bottleneck = array.channels, array.bottleneck
    rows = bottleneck * (1 if layer.gating == "none" else 2)
    conv = _conv(
        stream,
        channels,
        rows,
        kernel_size=layer.kernel_size,
        dilation=layer.dilation,
        groups=array.groups_input,
    )
    mixin = _conv(stream, array.condition_size, rows, groups=array.groups_input_mixin, bias=False)
    layer1x1 = head1x1 = None
    if array.layer1x1_groups is not None:
        layer1x1 = _conv(stream, bottleneck, channels, groups=array.layer1x1_groups)
    if array.head1x1 is not None:
        outputs, groups = array.head1x1.out_channels, array.head1x1.groups
        head1x1 = _conv(stream, bottleneck, outputs, groups=groups)
    films = _films(stream, array, rows=rows)
    return ir.Layer(
        conv=conv,
        mixin=mixin,
        activation=_activation(layer.activation),
        gating=ir.Gating(layer.gating),
        secondary=None if layer.secondary is None else _activation(layer.secondary),
        layer1x1=layer1x1,
        head1x1=head1x1,
        conv_pre_film=films.get("conv_pre_film"),
        conv_post_film=films.get("conv_post_film"),
        input_mixin_pre_film=films.get("input_mixin_pre_film"),
        input_mixin_post_film=films.get("input_mixin_post_film"),
        activation_pre_film=films.get("activation_pre_film"),
        activation_post_film=films.get("activation_post_film"),
        layer1x1_post_film=films.get("layer1x1_post_film"),
        head1x1_post_film=films.get("head1x1_post_film"),
    )


def _films(stream: WeightStream, array: LayerArrayConfig, *, rows: int) -> dict[str, ir.Film]:
    """Take the active FiLMs of one layer, by the name of their position."""
    head_width = array.head1x1.out_channels if array.head1x1 else 0
    condition, bottleneck, channels = array.condition_size, array.bottleneck, array.channels
    dims = (channels, rows, condition, rows, rows, bottleneck, channels, head_width)
    positions = zip(FILM_NAMES, array.films, dims, strict=True)
    return {
        name: _film(stream, film, condition=condition, dim=dim)
        for name, film, dim in positions
        if film is not None
    }


def _film(stream: WeightStream, film: FilmConfig, *, condition: int, dim: int) -> ir.Film:
    rows = dim * (2 if film.shift else 1)
    return ir.Film(_conv(stream, condition, rows, groups=film.groups), film.shift)


def _post_head(
    stream: WeightStream, config: PostHeadConfig | None, inputs: int
) -> ir.PostHead | None:
    if config is None:
        return None
    hidden = [config.channels] * (len(config.kernel_sizes) - 1)
    widths = [inputs, *hidden, config.out_channels]
    convs = tuple(
        _conv(stream, widths[i], widths[i + 1], kernel_size=kernel_size)
        for i, kernel_size in enumerate(config.kernel_sizes)
    )
    return ir.PostHead(_activation(config.activation), convs)


def _without_dead_end(array: ir.LayerArray) -> ir.LayerArray:
    """Drop the last layer's 1x1: nothing reads the residual it makes."""
    last = replace(array.layers[-1], layer1x1=None, layer1x1_post_film=None)
    return replace(array, layers=(*array.layers[:-1], last))


# --- the other architectures -------------------------------------------------------------------


def _lstm(model: NamModel, config: LstmConfig, *, extra_prewarm_frames: int) -> ir.Lstm | ir.Linear:
    """Lower an LSTM; without layers it passes its input through, as NAM Core does."""
    if config.num_layers == 0:
        return _passing_through(config.in_channels, config.out_channels)
    stream, hidden = WeightStream(model.weights), config.hidden_size
    sizes = [config.in_channels] + [hidden] * (config.num_layers - 1)
    cells = tuple(_cell(stream, inputs, hidden) for inputs in sizes)
    head = _conv(stream, hidden, config.out_channels)
    assert stream.remaining == 0
    frames = whole_blocks(prewarm_frames(model) + extra_prewarm_frames)
    return ir.Lstm(config.in_channels, cells, head, frames)


def _cell(stream: WeightStream, inputs: int, hidden: int) -> ir.LstmCell:
    return ir.LstmCell(
        weight=stream.take(4 * hidden, inputs + hidden),
        bias=stream.take(4 * hidden),
        hidden=stream.take(hidden),
        cell=stream.take(hidden),
    )


def _passing_through(inputs: int, outputs: int) -> ir.Linear:
    return ir.Linear(ir.Conv1d(np.eye(outputs, inputs, dtype=np.float32)[:, :, None]))


def _convnet(model: NamModel, config: ConvNetConfig) -> ir.ConvNet:
    stream = WeightStream(model.weights)
    inputs = [config.in_channels] + [config.channels] * (len(config.dilations) - 1)
    blocks = tuple(
        ir.ConvBlock(_block(stream, config, width, dilation), _activation(config.activation))
        for width, dilation in zip(inputs, config.dilations, strict=True)
    )
    head = _conv(stream, config.channels, config.out_channels)
    assert stream.remaining == 0
    return ir.ConvNet(blocks, head)


def _block(stream: WeightStream, config: ConvNetConfig, inputs: int, dilation: int) -> ir.Conv1d:
    conv = _conv(
        stream,
        inputs,
        config.channels,
        kernel_size=2,
        dilation=dilation,
        groups=config.groups,
        bias=not config.batchnorm,
    )
    return _with_batch_norm(stream, conv) if config.batchnorm else conv


def _with_batch_norm(stream: WeightStream, conv: ir.Conv1d) -> ir.Conv1d:
    """Fold a batch norm into a convolution, in float64 and rounded once."""
    pieces = (stream.take(conv.out_channels).astype(np.float64) for _ in range(4))
    mean, variance, weight, bias = pieces
    epsilon = np.float64(stream.take(1)[0])
    with np.errstate(all="ignore"):
        scale = weight / np.sqrt(epsilon + variance)
        folded = (conv.weight * scale[:, None, None]).astype(np.float32)
        shift = (bias - scale * mean).astype(np.float32)
    if not (np.isfinite(folded).all() and np.isfinite(shift).all()):
        raise UnsupportedError(
            "weights: a batch norm does not give finite numbers; "
            "expected variance + epsilon above 0 in every channel"
        )
    return replace(conv, weight=folded, bias=shift)


def _linear(model: NamModel, config: LinearConfig) -> ir.Linear:
    """Lower impulse responses, newest frame first in the file.

    Equal channels share one, from each input to the output of the same number. One input to many
    outputs, or many to one: every path has its own, and every output its own bias.
    """
    stream = WeightStream(model.weights)
    responses = stream.take(linear_paths(config), config.receptive_field)[:, ::-1]
    biases = stream.take(linear_biases(config))
    assert stream.remaining == 0
    outputs, inputs = config.out_channels, config.in_channels
    if outputs == inputs:
        taps = np.zeros((outputs, inputs, config.receptive_field), np.float32)
        taps[range(outputs), range(inputs)] = responses[0]
        biases = np.repeat(biases, outputs)
    else:
        taps = np.ascontiguousarray(responses.reshape(outputs, inputs, -1))
    return ir.Linear(ir.Conv1d(taps, biases if config.bias else None))


# --- pieces ------------------------------------------------------------------------------------


def _conv(
    stream: WeightStream,
    inputs: int,
    outputs: int,
    *,
    kernel_size: int = 1,
    dilation: int = 1,
    groups: int = 1,
    bias: bool = True,
) -> ir.Conv1d:
    weight = stream.take(outputs, inputs // groups, kernel_size)
    return ir.Conv1d(weight, stream.take(outputs) if bias else None, dilation, groups)


def _activation(config: ActivationConfig) -> ir.Activation:
    """A PReLU with one slope is a LeakyReLU; both spellings of LeakyHardtanh are one."""
    if config.name == "PReLU" and len(config.params) == 1:
        return ir.Activation("LeakyReLU", config.params)
    name = "LeakyHardtanh" if config.name == "LeakyHardTanh" else config.name
    return ir.Activation(name, config.params)


def _with_fast_tanh(network: ir.Network) -> ir.Network:
    match network:
        case ir.WaveNet():
            return _fast_wavenet(network)
        case ir.Lstm():
            return replace(network, fast_tanh=True)
        case ir.ConvNet():
            fast = (replace(b, activation=_fast(b.activation)) for b in network.blocks)
            return replace(network, blocks=tuple(fast))
        case ir.Linear():
            return network
        case ir.Sequential():
            return ir.Sequential(tuple(map(_with_fast_tanh, network.networks)))


def _fast_wavenet(network: ir.WaveNet) -> ir.WaveNet:
    head = network.post_head
    return replace(
        network,
        arrays=tuple(
            replace(array, layers=tuple(map(_fast_layer, array.layers))) for array in network.arrays
        ),
        condition=network.condition and _with_fast_tanh(network.condition),
        post_head=head and replace(head, activation=_fast(head.activation)),
    )


def _fast_layer(layer: ir.Layer) -> ir.Layer:
    secondary = layer.secondary and _fast(layer.secondary)
    return replace(layer, activation=_fast(layer.activation), secondary=secondary)


def _fast(activation: ir.Activation) -> ir.Activation:
    return ir.Activation("Fasttanh") if activation.name == "Tanh" else activation
