"""What precisions are called where they are asked for."""

from __future__ import annotations

from typing import Literal, TypeAlias

FixedPrecision: TypeAlias = Literal["fixed32", "fixed16"]
"""Words of 32 bits everywhere; or of 16, but where the noise asks for 32."""

Precision: TypeAlias = Literal["auto", "float32", "fixed32", "fixed16"]

FIXED_PRECISIONS: tuple[FixedPrecision, ...] = ("fixed32", "fixed16")
"""The most exact first."""

AUTO: Literal["auto"] = "auto"
"""The default precision: the most exact one that keeps up."""

FLOAT32: Literal["float32"] = "float32"

PRECISIONS: tuple[Precision, ...] = (AUTO, FLOAT32, *FIXED_PRECISIONS)
"""What `--precision` takes; behind auto the most exact comes first."""
