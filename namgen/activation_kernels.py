"""Which kernel computes an activation: one choice, shared by the reference and the C emitter."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from namgen import ir
from namgen.errors import UnsupportedError


@dataclass(frozen=True, slots=True)
class KernelCall:
    """A function of the kernels, and what follows ``x`` in its argument list.

    For an activation that is `per_channel`, `params` has one value per channel (or a single one
    for all) and each call passes its own channel's.
    """

    function: str
    params: tuple[float, ...] = ()


AT_ONCE = 4
"""Values that a grouped kernel takes."""

CELL_SIGMOID = "nam_cell_sigmoid"
"""The sigmoid of ``nam_cell.h``: `nam_sigmoid` for a cell's units `AT_ONCE`, by its own table."""

_GROUPED = {
    "nam_tanh": "nam_tanh_4",
    "nam_sigmoid": "nam_sigmoid_4",
    CELL_SIGMOID: "nam_cell_sigmoid_4",
}


TANH_TABLE = "nam_tanh_table"
"""The array of ``nam_tanh_table.h``."""
SIGMOID_TABLE = "nam_sigmoid_table"
"""The array of ``nam_sigmoid_table.h``."""
TABLE_BYTES = {TANH_TABLE: 127 * 4 * 4, SIGMOID_TABLE: 128 * 4 * 4}

_READERS = {
    TANH_TABLE: {"nam_tanh", "nam_sigmoid", "nam_silu"},
    SIGMOID_TABLE: {CELL_SIGMOID},
}


def tables_of(functions: Collection[str]) -> list[str]:
    """Name the tables that kernels look values up in."""
    return [table for table, readers in _READERS.items() if not readers.isdisjoint(functions)]


def headers_of(functions: Collection[str]) -> tuple[str, ...]:
    """Name the headers in `templates/kernels` that have the kernels among `functions`."""
    looked_up = _READERS[TANH_TABLE]
    found = {
        "nam_activations.h": any(f not in looked_up | {CELL_SIGMOID} for f in functions),
        "nam_cell.h": CELL_SIGMOID in functions,
        "nam_tanh.h": not looked_up.isdisjoint(functions),
    }
    return tuple(header for header, is_read in found.items() if is_read)


def cell_sigmoid(function: str, units: int) -> str:
    """Name the kernel that computes a sigmoid for `units` units of a cell at a time."""
    return CELL_SIGMOID if (function, units) == ("nam_sigmoid", AT_ONCE) else function


def grouped(function: str) -> str | None:
    """Return the kernel that computes `AT_ONCE` values in place where `function` computes one."""
    return _GROUPED.get(function)


def kernel(activation: ir.Activation) -> KernelCall:
    """Return the kernel call of an activation; raises `UnsupportedError` if there is none."""
    choose = _KERNELS.get(activation.name)
    if choose is None:
        raise UnsupportedError(
            f"activation: expected one of {', '.join(sorted(_KERNELS))}, found {activation.name!r}"
        )
    return choose(activation)


def _plain(function: str) -> Callable[[ir.Activation], KernelCall]:
    """A kernel without parameters."""

    def choose(activation: ir.Activation) -> KernelCall:
        _expect_params(activation, count=0)
        return KernelCall(function)

    return choose


def _hardtanh(_: ir.Activation) -> KernelCall:
    """NAM Core ignores the limits that the trainer exports."""
    return KernelCall("nam_hardtanh")


def _leaky(activation: ir.Activation) -> KernelCall:
    """One slope; a maximum computes it where the slope allows."""
    _expect_params(activation, count=1)
    return _sloped(activation)


def _prelu(activation: ir.Activation) -> KernelCall:
    """One slope per channel; one kernel for all of them."""
    if not activation.params:
        raise UnsupportedError("activation PReLU: expected one slope per channel, found none")
    return _sloped(activation)


def _sloped(activation: ir.Activation) -> KernelCall:
    by_maximum = all(0.0 < slope <= 1.0 for slope in activation.params)
    return KernelCall("nam_leaky_relu" if by_maximum else "nam_prelu", activation.params)


def _leaky_hardtanh(activation: ir.Activation) -> KernelCall:
    _expect_params(activation, count=4)
    low, high = activation.params[:2]
    if not low <= high:
        raise UnsupportedError(
            f"activation {activation.name}: expected min_val <= max_val, found {low!r} > {high!r}"
        )
    return KernelCall("nam_leaky_hardtanh", activation.params)


def _expect_params(activation: ir.Activation, *, count: int) -> None:
    found = len(activation.params)
    if found != count:
        raise UnsupportedError(
            f"activation {activation.name}: expected {count} parameters, found {found}"
        )


_KERNELS: dict[str, Callable[[ir.Activation], KernelCall]] = {
    "Tanh": _plain("nam_tanh"),
    "Fasttanh": _plain("nam_fast_tanh"),
    "Hardtanh": _hardtanh,
    "ReLU": _plain("nam_relu"),
    "LeakyReLU": _leaky,
    "PReLU": _prelu,
    "Sigmoid": _plain("nam_sigmoid"),
    "Fastsigmoid": _plain("nam_fast_sigmoid"),
    "SiLU": _plain("nam_silu"),
    "Hardswish": _plain("nam_hardswish"),
    "LeakyHardtanh": _leaky_hardtanh,
    "LeakyHardTanh": _leaky_hardtanh,
    "Softsign": _plain("nam_softsign"),
}
