"""`architecture: Sequential`: complete models in series."""

from __future__ import annotations

from namgen.nam_file import shapes
from namgen.nam_file.limits import MAX_MODELS
from namgen.nam_file.nesting import Context
from namgen.nam_file.node import Node
from namgen.nam_file.types import NamModel, SequentialConfig

SIGNATURE_KEYS = (
    "layers",  # WaveNet
    "hidden_size",  # LSTM
    "batchnorm",  # ConvNet
    "receptive_field",  # Linear
    "submodels",  # SlimmableContainer
    "models",  # Sequential
)
"""Keys that only the config of one architecture has."""

_COMPLETE = "complete models (version, architecture, config and weights each)"
_BARE = (
    "the old form, configs whose weights are one list outside: it does not say which architectures"
    " they are and where each one's weights end, so NAM Core and the trainer refuse it too; export"
    " the model again with a trainer newer than 23 August 2026"
)


def read_sequential(node: Node, context: Context) -> SequentialConfig | None:
    """Read models that have weights of their own and share one rate; None after problems."""
    mark = len(node.report.problems)
    entries = node["models"].items("models", limit=MAX_MODELS)
    if any(map(_is_bare, entries)):
        node["models"].fail(_COMPLETE, found=_BARE)
        return None
    if context.weights is not None and context.weights.size:
        outer = Node(context.weights.tolist(), _beside(node, "weights"), node.report)
        outer.fail("an empty list (each model of a Sequential has weights of its own)")
    models = [context.read_inside(entry, rate_hz=None) for entry in entries]
    if not node.report.clean_since(mark):
        return None
    config = SequentialConfig(tuple(model for model in models if model))
    _check_chain(entries, config.models)
    _check_rates(node, entries, config.models, context.rate_hz)
    return config


def _is_bare(entry: Node) -> bool:
    """Whether this is a config without the model around it, as older trainers wrote it."""
    if not isinstance(entry.value, dict) or not entry["weights"].missing:
        return False
    inner = entry if entry["config"].missing else entry["config"]
    return entry["architecture"].missing and any(not inner[k].missing for k in SIGNATURE_KEYS)


def _beside(node: Node, key: str) -> str:
    """The path of another key of the model whose config is `node`."""
    return node.path.removesuffix("config") + key


def _check_chain(entries: list[Node], models: tuple[NamModel, ...]) -> None:
    for index in range(1, len(models)):
        before = shapes.out_channels(models[index - 1].config)
        after = shapes.in_channels(models[index].config)
        if before != after:
            entries[index].fail(f"{before} inputs (outputs of the model before)", found=str(after))


def _check_rates(
    node: Node, entries: list[Node], models: tuple[NamModel, ...], outer_hz: float | None
) -> None:
    """Report every model that states another sample rate than the first one stated."""
    wanted, said = outer_hz if outer_hz and outer_hz > 0 else None, _beside(node, "sample_rate")
    for entry, model in zip(entries, models, strict=True):
        rate_hz = shapes.stated_rate_hz(model)
        if wanted is None and rate_hz is not None:
            wanted, said = rate_hz, entry["sample_rate"].path
        elif rate_hz is not None and rate_hz != wanted:
            entry["sample_rate"].fail(
                f"{wanted:g} ({said}; the models of a Sequential share one rate)",
                found=f"{rate_hz:g}",
            )
