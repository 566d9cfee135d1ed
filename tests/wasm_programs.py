"""C as WebAssembly in node, for tests."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from host_sim.wasm import NodeModule, has_node
from namgen.toolchain import find_cross
from namgen.wasm import make_module


def need_node() -> None:
    """Skip the test where WebAssembly cannot be run."""
    if not has_node():
        pytest.skip("node is not on PATH (Debian: nodejs)")


def program(
    files: Mapping[str, str], exports: tuple[str, ...], defines: Mapping[str, str] | None = None
) -> NodeModule:
    """Compile files, with every warning an error, and start the module."""
    need_node()
    made = make_module(files, find_cross(processor="wasm32"), exports=exports, defines=defines)
    return NodeModule(made)
