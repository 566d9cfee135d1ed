"""The scheduler's view of an instruction, and of time, is the cycle model's."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

pytest.importorskip("unicorn")
pytest.importorskip("capstone")

from host_sim.emulator.core import Core
from host_sim.m7.codes import Flag
from host_sim.m7.decode import Decoder
from host_sim.m7.instruction import FLAGS_REGISTER, Decoded, numbers
from host_sim.m7.meter import profile
from host_sim.m7.profile import Profile
from namgen.emit import emit
from namgen.emit.fixed import machine_code
from namgen.plan.fixed import FixedPlan, plan_fixed
from namgen.plan.fixed.kernels import FixedKernel
from namgen.processors.pipeline import load_parameters
from namgen.schedule.instruction import Early, Instruction, Place, Value
from namgen.scratch import scratch_folder
from namgen.toolchain import find_cross
from tests.fixed_networks import chance_network, model_of, noise, self_test_of, tanh_network

TIGHT = """
MEMORY
{
    ITCM (rx) : ORIGIN = 0x00000000, LENGTH = 64K
    DTCM (rw) : ORIGIN = 0x20000000, LENGTH = 128K
}
SECTIONS
{
    .text : { KEEP(*(.text .text.*)) } > ITCM
    .data : { *(.data .data.* .rodata .rodata.*) } > DTCM
    .bss (NOLOAD) : { *(.bss .bss.* COMMON) } > DTCM
    /DISCARD/ : { *(.ARM.* .comment .eh_frame) }
}
"""
BLOCK_FRAMES = 48
INPUT, OUTPUT = 0x2400_0000, 0x2401_0000
EARLY = {Early.NEVER: 0, Early.OLDER: Flag.EARLY_OLDER, Early.EITHER: Flag.EARLY_EITHER}


@dataclass(frozen=True)
class Compiled:
    """A network with every kind of kernel, in memory without wait states."""

    plan: FixedPlan
    core: Core

    def decoded(self, kernel: FixedKernel) -> list[Decoded]:
        """The instructions of a turn, as the cycle model sees them."""
        lines = [text for text, _ in machine_code(kernel)]
        first = self.core.image.address(f"{kernel.name}_turns") + 4 * lines.index("1:")
        addresses = [first + 4 * n for n in range(len(kernel.turn.instructions))]
        return list(Decoder(load_parameters()).decode(addresses, self.core.memory.read))

    def profiled(self, blocks: int = 3) -> Profile:
        """What blocks of noise cost."""
        self.core.memory.write_floats(INPUT, noise(BLOCK_FRAMES))
        name = f"nam_{self.plan.name}_process"
        return profile(
            self.core,
            lambda: self.core.call(name, INPUT, OUTPUT, BLOCK_FRAMES),
            block_symbol=name,
            blocks=blocks,
            warm_up=1,
        )


NETWORKS = {
    "slopes": lambda: chance_network(
        (6, 6, 6, 6, 2), (1, 3, 7, 30, 2), long_dense=(0,), fed_back=(2, 3)
    ),
    "tanh": tanh_network,
    "wide": lambda: chance_network((3, 2, 2), (1, 2, 5), channels=18, fed_back=(1, 2)),
}


@pytest.fixture(scope="module", params=NETWORKS)
def compiled(request: pytest.FixtureRequest) -> Compiled:
    network = NETWORKS[request.param]()
    planned = plan_fixed(model_of(), network, self_test_of(network))
    toolchain = find_cross()
    with scratch_folder() as folder:
        for file, text in {**emit(planned), "tight.ld": TIGHT}.items():
            (folder / file).write_text(text, encoding="utf-8")
        macros = dict.fromkeys(toolchain.processor.macros, "1")
        source, out = folder / f"nam_{planned.name}.c", folder / "m.o"
        toolchain.compile(source, out, defines=macros)
        toolchain.link([out], folder / "tight.ld", folder / "m.elf")
        core = Core()
        core.load(folder / "m.elf")
    return Compiled(planned, core)


def number(place: Place, kernel: FixedKernel) -> int:
    if place == "flags":
        return FLAGS_REGISTER
    (found,) = numbers(kernel.turn.registers[place] if isinstance(place, Value) else place)
    return found


def test_the_scheduler_knows_what_the_decoder_knows(compiled: Compiled) -> None:
    for kernel in compiled.plan.kernels:
        pairs = zip(kernel.turn.instructions, compiled.decoded(kernel), strict=True)
        for expected, found in pairs:
            same(expected, found, kernel)


def same(expected: Instruction, found: Decoded, kernel: FixedKernel) -> None:
    assert found.kind is expected.kind, found.text
    sources = sorted((number(place, kernel), use) for place, use in expected.sources)
    results = sorted((number(place, kernel), made) for place, made in expected.results)
    assert sorted(found.sources) == sources, found.text
    assert sorted(found.results) == results, found.text
    early = Flag.EARLY_OLDER | Flag.EARLY_EITHER
    assert found.flags & early == EARLY[expected.early], found.text
    words = expected.access.words if expected.access else 0
    assert found.access_bytes == 4 * words, found.text
    assert found.size_bytes == 4, found.text


def test_predicted_cycles_are_those_of_the_cycle_model(compiled: Compiled) -> None:
    result = compiled.profiled()
    cycles = {share.name: share.cycles_per_block for share in result.functions}
    calls = {share.name: share.calls_per_block for share in result.functions}
    for kernel in compiled.plan.kernels:
        name = f"{kernel.name}_turns"
        found = cycles[name] / calls[name] / BLOCK_FRAMES
        assert kernel.cycles_per_frame == pytest.approx(found, rel=0.03, abs=3.0), name
        assert kernel.cycles_per_frame <= found, "the call comes on top"
    assert not result.unknown_instructions
