"""WebAssembly modules: C compiled for a browser or for node, with nothing to import."""

from __future__ import annotations

from namgen.wasm.make import PROCESSOR, make_module
from namgen.wasm.player import Player, player
from namgen.wasm.scripts import Scripts, scripts

__all__ = ["PROCESSOR", "Player", "Scripts", "make_module", "player", "scripts"]
