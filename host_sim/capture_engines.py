"""Several captures' C, as this machine runs it and as an emulated Cortex-M7 does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from host_sim.generated_library import Loaded, generated_library, write_sources
from namgen.arithmetic import F32
from namgen.captures import Captures, emit_captures
from namgen.firmware.engines import (
    OVERLAPPING,
    engine_memories,
    engine_sections,
    shared_windows,
)
from namgen.firmware.link_script import extent
from namgen.resources import firmware_sources
from namgen.scratch import scratch_folder
from namgen.toolchain import CrossToolchain, HostCc, find_cross, find_host

_ALL_WORDS = 1 << 24
"""More than any board holds."""

_DECLARATIONS = """\
void captures_reset(void);
void captures_choose(size_t capture);
bool captures_load(size_t words);
size_t captures_chosen(void);
void captures_process(const float *in, float *out, size_t frames);
int captures_self_test(void);
"""

_MEMORY = """\
MEMORY
{
    code (rx) : ORIGIN = 0x90000000, LENGTH = 8M
    rest (rw) : ORIGIN = 0xC2000000, LENGTH = 8M
"""
_SECTIONS = """\
}
SECTIONS
{
    .text : { KEEP(*(.text .text.*)) *(.itcm_text*) } > code
    .rodata : { *(.rodata .rodata.*) } > code
    .data : { *(.dtcm_data .dtcm_data.* .axi_data .axi_data.* .data .data.*) } > rest
    .bss (NOLOAD) : { *(.bss .bss.* COMMON) } > rest
    /DISCARD/ : { *(.ARM.exidx*) *(.ARM.extab*) }
}
"""
"""Only the arrays of engines lie where an image has them."""


class CaptureEngine(Protocol):
    """Captures that are played one at a time."""

    def choose(self, capture: int) -> None:
        """Begin to load a capture."""

    def load(self, words: int) -> bool:
        """Go on loading; whether the capture is there."""

    def process(self, samples: F32) -> F32:
        """Play the capture, (frames,)."""


class HostCaptures:
    """The captures' C compiled for this machine; every instance has a state of its own."""

    def __init__(
        self,
        captures: Captures,
        *,
        texts: Mapping[str, str] | None = None,
        compiler: HostCc | None = None,
    ) -> None:
        """Compile them; `texts` are the generated files, where they are not made anew."""
        made = texts or emit_captures(captures)
        library = generated_library("captures", made, compiler or find_host())
        self._loaded = Loaded(library, _DECLARATIONS)

    def reset(self) -> None:
        """Load the first capture."""
        self._loaded.code.captures_reset()

    def choose(self, capture: int) -> None:
        """See `CaptureEngine`."""
        self._loaded.code.captures_choose(capture)

    def load(self, words: int) -> bool:
        """See `CaptureEngine`."""
        return bool(self._loaded.code.captures_load(words))

    def process(self, samples: F32) -> F32:
        """See `CaptureEngine`."""
        out = np.empty(len(samples), np.float32)
        pointer = self._loaded.ffi.from_buffer
        self._loaded.code.captures_process(
            pointer("float[]", np.ascontiguousarray(samples, np.float32)),
            pointer("float[]", out),
            len(samples),
        )
        return out

    def self_test(self) -> int:
        """Run that of every capture; 0 when all bits are right."""
        return int(self._loaded.code.captures_self_test())


class EmulatedCaptures:
    """The captures as machine code of a Cortex-M7; engines lie in the same memory."""

    def __init__(
        self,
        captures: Captures,
        *,
        texts: Mapping[str, str] | None = None,
        toolchain: CrossToolchain | None = None,
    ) -> None:
        """Compile them; `texts` are the generated files, where they are not made anew."""
        made = texts or emit_captures(captures)
        self._load(machine_code(captures, made, toolchain or find_cross()))

    @classmethod
    def of_image(cls, elf: bytes) -> EmulatedCaptures:
        """Take the captures out of a linked image; nothing else of it runs."""
        self = cls.__new__(cls)
        self._load(elf)
        return self

    def _load(self, elf: bytes) -> None:
        from host_sim.emulator.core import Core
        from host_sim.emulator.memory import SCRATCH

        self.core = Core()
        self.core.load(elf)
        self._input, self._output = SCRATCH, SCRATCH + (16 << 20)

    def reset(self) -> None:
        """Load the first capture."""
        self.core.call("captures_reset")

    def choose(self, capture: int) -> None:
        """See `CaptureEngine`."""
        self.core.call("captures_choose", capture)

    def load(self, words: int) -> bool:
        """See `CaptureEngine`."""
        return bool(self.core.call("captures_load", words) & 0xFF)

    def process(self, samples: F32) -> F32:
        """See `CaptureEngine`."""
        self.core.memory.write_floats(self._input, samples)
        self.core.call("captures_process", self._input, self._output, len(samples))
        return self.core.memory.read_floats(self._output, len(samples))


def machine_code(captures: Captures, texts: Mapping[str, str], toolchain: CrossToolchain) -> bytes:
    """Compile and link the generated files of captures alone to an ELF image.

    Raises:
        ToolError: the C does not compile, or it needs a function it does not contain.

    """
    with scratch_folder() as folder:
        generated, _ = write_sources(texts, (), folder)
        sources = [*generated, *firmware_sources(("core/freestanding.c",))]
        objects = [folder / f"{source.stem}.o" for source in sources]
        for source, out in zip(sources, objects, strict=True):
            toolchain.compile(source, out, defines={"NAM_PLACED": "1", "NAM_TARGET_CORTEX_M7": "1"})
        script = folder / "captures.ld"
        script.write_text(_script(captures), encoding="utf-8")
        toolchain.link(objects, script, folder / "captures.elf", extra=OVERLAPPING)
        return (folder / "captures.elf").read_bytes()


def _script(captures: Captures) -> str:
    """Spell a linker script in which engines overlap, as in that of an image."""
    board = captures.target.board
    if board is None:
        raise ValueError(f"{captures.target.name} has no memories")
    engines = captures.memories
    regions = (board.region(name) for name in board.model_regions)
    windows = shared_windows(engines, board, {r.linker: extent(board, r) for r in regions})
    memories = [
        f"    {name} (rw) : ORIGIN = {window.origin:#x}, LENGTH = {window.size_bytes}\n"
        for name, window in engine_memories(engines, board, windows)
    ]
    return "".join([_MEMORY, *memories, _SECTIONS, engine_sections(engines, board, windows)])


class OneCapture:
    """One of several captures, as an engine that plays it alone."""

    def __init__(self, captures: CaptureEngine, number: int) -> None:
        self._captures = captures
        self._number = number

    def reset(self) -> None:
        """Load it from the beginning."""
        self._captures.choose(self._number)
        self._captures.load(_ALL_WORDS)

    def process(self, samples: F32) -> F32:
        """Play (frames, 1) samples."""
        return self._captures.process(samples[:, 0]).reshape(-1, 1)
