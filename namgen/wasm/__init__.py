"""WebAssembly modules: C compiled for a browser or for node, with nothing to import."""

from __future__ import annotations

from namgen.wasm.make import PROCESSOR, make_module
from namgen.wasm.player import Player, player

__all__ = ["PROCESSOR", "Player", "make_module", "player"]
