"""WebAssembly modules that play in node: a process per module, which calls what it is told to."""

from __future__ import annotations

from host_sim.wasm.node import NodeModule, find_node, has_node

__all__ = ["NodeModule", "find_node", "has_node"]
