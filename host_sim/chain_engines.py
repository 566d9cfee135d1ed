"""The signal chain's C, as this machine runs it and as an emulated Cortex-M7 does."""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np

from host_sim.generated_library import Loaded, generated_library, write_sources
from namgen.arithmetic import F32
from namgen.chain.emit import emit_chain
from namgen.chain.plan import ChainPlan
from namgen.resources import firmware_sources
from namgen.scratch import scratch_folder
from namgen.toolchain import CrossToolchain, HostCc, find_cross, find_host

LINKED_ALONE = """\
MEMORY
{
    ITCM (rx) : ORIGIN = 0x00000400, LENGTH = 63K
    FLASH (r) : ORIGIN = 0x08000000, LENGTH = 128K
    DTCM (rw) : ORIGIN = 0x20000000, LENGTH = 124K
    AXI (rw) : ORIGIN = 0x24000000, LENGTH = 512K
}
SECTIONS
{
    .text : { KEEP(*(.text.*)) } > ITCM
    .rodata : { *(.rodata .rodata.*) } > FLASH
    .axi : { *(.axi_data .axi_data.* .axi_bss .axi_bss.*) } > AXI
    .data : { *(.dtcm_data .dtcm_data.* .data .data.*) } > DTCM
    .kept (NOLOAD) : { KEEP(*(.bss.chain_block .bss.panel_*)) } > DTCM
    .bss (NOLOAD) : { *(.dtcm_bss .dtcm_bss.* .bss .bss.* COMMON) } > DTCM
    /DISCARD/ : { *(.ARM.* .comment .eh_frame) }
}
"""
"""Code in ITCM, as `firmware/sections.ld` has it; where data go, the chain says itself."""


class ChainEngine(ABC):
    """The compiled chain; every instance has a state of its own."""

    def __init__(self, plan: ChainPlan) -> None:
        self.plan = plan
        self._number = {p.name: index for index, p in enumerate(plan.parameters)}

    def reset(self) -> None:
        """Return to silence; knobs stand where they were set."""
        self.call("chain_reset")

    def turn(self, parameter: str, position: float) -> None:
        """Turn a knob; position 0 to 1."""
        self.call("chain_set", self._number[parameter], position)

    def use_cabinet(self, used: bool) -> None:
        """Play with the cabinet or without, where it can be left out."""
        self.call("chain_use_cabinet", int(used))

    def play(self, samples: F32, model: Callable[[F32], F32]) -> F32:
        """From the codec to the codec, (frames,): whole blocks, the model between."""
        size = self.plan.block_frames
        played = []
        for start in range(0, len(samples), size):
            block = self.block("chain_before_model", samples[start : start + size])
            played.append(self.block("chain_after_model", model(block)))
        return np.concatenate(played)

    def run(self, function: str, samples: F32) -> F32:
        """Give whole blocks, one after the other, to a function that works in place."""
        size = self.plan.block_frames
        blocks = [self.block(function, samples[i : i + size]) for i in range(0, len(samples), size)]
        return np.concatenate(blocks)

    @abstractmethod
    def block(self, function: str, samples: F32) -> F32:
        """Give one block to a function that works in place."""

    @abstractmethod
    def call(self, function: str, *arguments: float) -> None:
        """Call a function with integers and float32."""


class HostChain(ChainEngine):
    """The chain compiled for this machine."""

    def __init__(self, plan: ChainPlan, *, compiler: HostCc | None = None) -> None:
        super().__init__(plan)
        chosen = compiler or find_host()
        library = generated_library("chain", emit_chain(plan), chosen, patterns=plan.sources)
        self._loaded = Loaded(library, _declarations(plan))
        self.reset()

    def block(self, function: str, samples: F32) -> F32:
        """See `ChainEngine`."""
        out = np.array(samples, np.float32)
        samples_of = self._loaded.ffi.from_buffer
        getattr(self._loaded.code, function)(samples_of("float[]", out), len(out))
        return out

    def call(self, function: str, *arguments: float) -> None:
        """See `ChainEngine`."""
        getattr(self._loaded.code, function)(*arguments)


class EmulatedChain(ChainEngine):
    """The chain as machine code of a Cortex-M7."""

    def __init__(self, plan: ChainPlan, *, toolchain: CrossToolchain | None = None) -> None:
        from host_sim.emulator.core import Core

        super().__init__(plan)
        self.core = Core()
        self.core.load(machine_code(plan, toolchain or find_cross()))
        self.reset()

    def block(self, function: str, samples: F32) -> F32:
        """See `ChainEngine`; the block lies in DTCM, as a pedal's does."""
        place = self.core.image.address("chain_block")
        self.core.memory.write_floats(place, samples)
        self.core.call(function, place, len(samples))
        return self.core.memory.read_floats(place, len(samples))

    def call(self, function: str, *arguments: float) -> None:
        """See `ChainEngine`; float arguments go into float registers of their own."""
        floats = [value for value in arguments if isinstance(value, float)]
        for number, value in enumerate(floats):
            (bits,) = struct.unpack("<I", struct.pack("<f", value))
            self.core.set_register(f"s{number}", bits)
        self.core.call(function, *(value for value in arguments if isinstance(value, int)))


def machine_code(plan: ChainPlan, toolchain: CrossToolchain) -> bytes:
    """Compile and link the chain alone, with a block in DTCM, to an ELF image.

    Raises:
        ToolError: the C does not compile, or it needs a function it does not contain.

    """
    with scratch_folder() as folder:
        sources, dirs = write_sources(emit_chain(plan), plan.sources, folder)
        sources += firmware_sources(("core/freestanding.c",))  # GCC calls memset
        room = folder / "chain_block.c"
        room.write_text(_BLOCK.format(frames=plan.block_frames), encoding="utf-8")
        objects = [folder / f"{source.stem}.o" for source in (*sources, room)]
        for source, out in zip((*sources, room), objects, strict=True):
            toolchain.compile(source, out, include_dirs=dirs, defines=_M7)
        script = folder / "chain.ld"
        script.write_text(LINKED_ALONE, encoding="utf-8")
        toolchain.link(objects, script, folder / "chain.elf")
        return (folder / "chain.elf").read_bytes()


_M7 = {"NAM_TARGET_CORTEX_M7": "1", "NAM_PLACED": "1"}
_BLOCK = "extern float chain_block[{frames}];\nfloat chain_block[{frames}];\n"


def _declarations(plan: ChainPlan) -> str:
    functions = [*plan.before_model, *plan.after_model]
    functions += ["chain_before_model", "chain_after_model"]
    lines = [f"void {function}(float *, size_t);" for function in functions]
    resets = ["chain_reset", *(f"{b.prefix}_reset" for b in plan.blocks if b.has_state)]
    lines += [f"void {function}(void);" for function in resets]
    lines += [f"void {name}({function.argument});" for name, function in plan.functions.items()]
    lines += ["void chain_use_cabinet(bool);"] if plan.switches_cabinet else []
    return "\n".join([*lines, "void chain_set(int, float);"])
