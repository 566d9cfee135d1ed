"""The machine code of a package for a Cortex-M4F, -M33 and -M7, run: the reference's bits."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest
from c_packages import package_code
from generated_c import reference_output, signal_of, small_model

from host_sim.emulator.core import Core
from host_sim.emulator.engine import EMULATED
from host_sim.emulator.errors import EmulationError
from host_sim.engines import Code, EmulatorEngine
from namgen.errors import UnsupportedError
from namgen.toolchain import CROSS_NAMES, find_cross

pytest.importorskip("unicorn")

FRAMES = 150


@pytest.mark.parametrize("toolchain", CROSS_NAMES)
@pytest.mark.parametrize(("network", "state"), [("two_arrays", "static"), ("lstm", "struct")])
@pytest.mark.parametrize("processor", EMULATED)
def test_its_machine_code_gives_the_bits_of_the_reference(
    processor: str, network: str, state: str, toolchain: str
) -> None:
    cross = find_cross(toolchain, processor=processor)
    code = package_code(network, processor, state)
    model = small_model(network)
    samples = signal_of(model)[:FRAMES]
    found = EmulatorEngine(code, toolchain=cross).process(samples)
    assert found.tobytes() == reference_output(model, samples).tobytes()


VSEL, VADD_F64, VFMA = (bytes.fromhex(code) for code in ("20fe000a", "30ee000b", "a0ee000a"))
RETURN = bytes.fromhex("7047")
CODE = 0x24000000  # AXI SRAM


@pytest.mark.parametrize(
    ("processor", "foreign"),
    [("cortex-m7", ()), ("cortex-m4f", (VSEL, VADD_F64)), ("cortex-m33", (VADD_F64,))],
)
def test_it_is_run_by_a_processor_that_knows_no_more_instructions_than_its_own(
    processor: str, foreign: tuple[bytes, ...]
) -> None:
    for code in (VSEL, VADD_F64, VFMA):
        core = Core(processor)
        core.memory.write(CODE, code + RETURN)
        with pytest.raises(EmulationError) if code in foreign else nullcontext():
            core.call(CODE)


FOREIGN = """#include <stddef.h>

void nam_foreign_reset(void) {}

void nam_foreign_process(const float *in, float *out, size_t frames)
{
    (void)in;
    (void)out;
    (void)frames;
    __asm volatile(".inst.w 0xfe200a00"); /* vselge.f32 s0, s0, s0 */
}
"""


def test_what_is_compiled_for_a_processor_is_run_by_it() -> None:
    code = Code({"nam_foreign.c": FOREIGN}, "foreign", 1)
    silence = np.zeros((1, 1), np.float32)
    EmulatorEngine(code, toolchain=find_cross(processor="cortex-m7")).process(silence)
    alone = EmulatorEngine(code, toolchain=find_cross(processor="cortex-m4f"))
    with pytest.raises(EmulationError, match="undefined instruction"):
        alone.process(silence)


def test_another_processor_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedError, match="cortex-m33, found 'cortex-m55'"):
        Core("cortex-m55")
