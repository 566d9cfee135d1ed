"""From what a `.nam` file says to what to compute: one function per architecture."""

from __future__ import annotations

from dataclasses import replace

from namgen import ir
from namgen.errors import UnsupportedError
from namgen.lower.container import Choice, choose
from namgen.lower.networks import lowered
from namgen.nam_file.shapes import is_response
from namgen.nam_file.types import NamFile
from namgen.naming import NAMES, TAKEN, c_name, is_c_name
from namgen.passes.dead_end import without_dead_end
from namgen.passes.fast_tanh import with_fast_tanh
from namgen.passes.resample import resample
from namgen.passes.slim import slim as slimmed

DEFAULT_SAMPLE_RATE_HZ = 48000
"""What a file without a sample rate is taken to mean."""


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

    Args:
        file: what was read.
        submodel: of a container "lite" (the first), "full" (the last) or a 1-based index.
        slim: a ratio in [0, 1] as NAM Core's slim control takes it. It chooses in a container, or,
            when `submodel` already did, inside the chosen one; there it sets the width of a
            slimmable WaveNet. A container's slim control does not reach into its submodels, as in
            NAM Core.
        name: the C identifier; by default made from the file name.
        tanh: "exact", or "fast" for the rational formula the NAM plug-in uses in place of tanh.
        rate_hz: the rate of the place it is for. Nothing but impulse responses is resampled to it;
            any other network stays as it is, with the rate of the file.

    Raises:
        UnsupportedError: the file does not offer the choice.

    """
    _check_options(slim=slim, tanh=tanh, name=name)
    choice = choose(file, submodel=submodel, slim=slim)
    model = ir.Model(
        name=name or c_name(file.name),
        source=file.name,
        sha256=file.sha256,
        sample_rate_hz=choice.sample_rate_hz or DEFAULT_SAMPLE_RATE_HZ,
        network=_network(choice),
        options=choice.options,
        rate_is_assumed=choice.sample_rate_hz is None,
    )
    if rate_hz is not None and is_response(choice.model):
        model = _at_rate(model, rate_hz)
    return _with_fast_tanh(model) if tanh == "fast" else model


def _check_options(*, slim: float | None, tanh: str, name: str | None) -> None:
    if slim is not None and not 0.0 <= slim <= 1.0:
        raise UnsupportedError(f"slim: expected a ratio from 0 to 1, found {slim}")
    if tanh not in ("exact", "fast"):
        raise UnsupportedError(f'tanh: expected "exact" or "fast", found "{tanh}"')
    if name in TAKEN:
        raise UnsupportedError(f'name: expected another than that of nam_{name}.h, found "{name}"')
    if name is not None and not is_c_name(name):
        raise UnsupportedError(f'name: expected {NAMES}, found "{name}"')


def _network(choice: Choice) -> ir.Network:
    network = lowered(choice.model)
    if choice.widths is not None:
        assert isinstance(network, ir.WaveNet)
        network = slimmed(network, choice.widths)
    return without_dead_end(network)


def _at_rate(model: ir.Model, rate_hz: int) -> ir.Model:
    """Make impulse responses for another rate; of an unknown rate they are taken as they are."""
    own_hz = model.sample_rate_hz
    if model.rate_is_assumed or own_hz == rate_hz:
        return replace(model, sample_rate_hz=rate_hz)
    return replace(
        model,
        sample_rate_hz=rate_hz,
        network=resample(model.network, from_hz=own_hz, to_hz=rate_hz),
        options=(*model.options, f"taps resampled from {own_hz} to {rate_hz} Hz"),
        resampled_from_hz=own_hz,
    )


def _with_fast_tanh(model: ir.Model) -> ir.Model:
    options = (*model.options, "tanh fast")
    return replace(model, network=with_fast_tanh(model.network), options=options)
