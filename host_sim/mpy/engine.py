"""A native module as an engine that plays samples."""

from __future__ import annotations

import numpy as np

from host_sim.codec import I32
from host_sim.mpy.cortex import CortexMachine
from host_sim.mpy.interpreter import Interpreter
from host_sim.mpy.machine import Machine, Places
from host_sim.mpy.x64 import X64Machine
from namgen.arithmetic import F32
from namgen.mpy.archs import ARCHS
from namgen.mpy.format import NativeModule


def machine_for(module: NativeModule) -> Machine:
    """Make a machine that runs a module.

    Raises:
        ToolError: unicorn is not installed.

    """
    (arch,) = (arch for arch in ARCHS.values() if arch.number == module.arch)
    return CortexMachine() if arch.word_bytes == 4 else X64Machine()


class ModuleEngine:
    """What `tweed.process` and `tweed.process_i32` make of samples; see `Engine`."""

    def __init__(
        self, module: NativeModule, *, places: Places | None = None, out_channels: int = 1
    ) -> None:
        self.machine = machine_for(module)
        self.python = Interpreter(module, self.machine, places or self.machine.places[0])
        self._out_channels = out_channels
        self.reset()

    def reset(self) -> None:
        """See `Engine`."""
        self.python.call("reset")

    def process(self, samples: F32) -> F32:
        """See `Engine`."""
        out = np.zeros((len(samples), self._out_channels), np.float32)
        played = self._play("process", np.ascontiguousarray(samples, np.float32), out, "f")
        return np.frombuffer(played, "<f4").reshape(out.shape).astype(np.float32)

    def process_words(self, words: I32) -> I32:
        """Run (frames, in channels) words of a codec; the result is (frames, out channels)."""
        out = np.zeros((len(words), self._out_channels), np.int32)
        played = self._play("process_i32", np.ascontiguousarray(words, np.int32), out, "i")
        return np.frombuffer(played, "<i4").reshape(out.shape).astype(np.int32)

    def _play(self, function: str, samples: F32 | I32, out: F32 | I32, code: str) -> bytes:
        heard, played = (self.python.buffer(data, code=code) for data in (samples, out))
        self.python.call(function, heard, played)
        found = self.python.content(played)
        self.python.forget_buffers()
        return found
