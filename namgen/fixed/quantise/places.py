"""The layers of a network, counted through all arrays."""

from __future__ import annotations

from dataclasses import dataclass

from namgen.fixed.real import RealArray, RealLayer, RealNetwork, layer_path


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A layer and where it stands."""

    layer: RealLayer
    array: RealArray
    array_index: int
    layer_index: int  # in its array
    opens: bool  # the first layer of its array
    closes: bool  # the last one

    @property
    def path(self) -> str:
        """Where it stands in the file."""
        return layer_path(self.array_index, self.layer_index)

    @property
    def reads_input(self) -> bool:
        """Whether the convolution reads x itself."""
        return self.opens and self.array_index == 0


def places(network: RealNetwork) -> tuple[Place, ...]:
    """Count the layers through all arrays."""
    return tuple(
        Place(layer, array, a, i, i == 0, i == len(array.layers) - 1)
        for a, array in enumerate(network.arrays)
        for i, layer in enumerate(array.layers)
    )
