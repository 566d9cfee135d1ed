"""The arithmetic a network is computed in, as a value: what one weight, signal or state is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

F32: TypeAlias = npt.NDArray[np.float32]

Elements: TypeAlias = npt.NDArray[np.generic]
"""Numbers of whichever arithmetic; what can be done to them, its operations say."""


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """The numbers of one way to compute, as C, NumPy and a memory map know them."""

    name: str
    c_type: str  # of an element, in the generated C
    dtype: np.dtype[np.generic]  # of an array of elements

    @property
    def element_bytes(self) -> int:
        """Bytes of one element."""
        return self.dtype.itemsize


FLOAT32 = Arithmetic("float32", "float", np.dtype(np.float32))
"""What a `.nam` file is trained, stored and compiled in."""
