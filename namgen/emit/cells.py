"""Views of LSTM cell kernels: a gate's units are the rows of a tile."""

from __future__ import annotations

from dataclasses import dataclass

from namgen.emit.tiles import Batch, Load, Loop, Product, alternate_banks
from namgen.plan.stages import CellKernel


@dataclass(frozen=True, slots=True)
class CellView:
    """An LSTM cell kernel with its registers named: a gate's units are the rows of a tile."""

    kernel: CellKernel
    gates: tuple[str, ...]
    units: tuple[int, ...]
    inputs: Loop
    hidden: Loop

    def names(self, gate: str) -> list[str]:
        """Name one value of every unit."""
        return [f"{gate}_{unit}" for unit in self.units]


def view_cell(kernel: CellKernel) -> CellView:
    """Name the registers of an LSTM cell."""
    return CellView(
        kernel,
        tuple("ifgo"),
        tuple(range(kernel.unit_tile)),
        _cell_loop(kernel, kernel.input_size, kernel.unroll_inputs, "x_in"),
        _cell_loop(kernel, kernel.hidden_size, kernel.unroll_hidden, "hidden_in"),
    )


def _cell_loop(kernel: CellKernel, size: int, unroll: int, base: str) -> Loop:
    order = [(i, gate) for i in range(unroll) for gate in "ifgo"]
    step = kernel.weights_per_batch // kernel.unit_tile
    batches = tuple(
        _cell_batch(kernel, order[start : start + step], start, base)
        for start in range(0, len(order), step)
    )
    return Loop(size // unroll, len(order) * kernel.unit_tile, unroll, batches)


def _cell_batch(kernel: CellKernel, order: list[tuple[int, str]], start: int, base: str) -> Batch:
    weights = [
        Load(f"w{n}_{unit}", "w", (start + n) * kernel.unit_tile + unit)
        for n in range(len(order))
        for unit in range(kernel.unit_tile)
    ]
    values = [Load(f"v{i}", base, i) for i in dict.fromkeys(i for i, _ in order)]
    products = tuple(Product(gate, f"w{n}", f"v{i}") for n, (i, gate) in enumerate(order))
    return Batch(tuple(alternate_banks([*weights, *values])), products)
