"""A model that nobody has reset starts from its settled state all the same."""

from __future__ import annotations

import numpy as np
import pytest
from generated_c import reference_output, signal_of, small_model
from small_networks import EVERY_NETWORK

from host_sim.engines import Code, machine_code
from host_sim.host_library import LoadedCode, host_library
from host_sim.host_plan import compiler_for
from namgen.arithmetic import F32
from namgen.emit import emit
from namgen.plan import Plan
from namgen.selection.plans import plan_model
from namgen.targets import load_target
from namgen.toolchain import find_cross


def plan_of(network: str, layout: str) -> Plan:
    target = load_target("host") if layout == "host" else None
    return plan_model(small_model(network), target=target, block_frames=48)


def loaded(planned: Plan) -> LoadedCode:
    """The code as it is after loading; nothing was called."""
    library = host_library(emit(planned), planned.name, compiler=compiler_for(planned), opt="-O1")
    return LoadedCode(library, planned.name)


def play(code: LoadedCode, planned: Plan, samples: F32) -> F32:
    out = np.empty((len(samples), planned.out_channels), np.float32)
    for begin in range(0, len(samples), 48):
        part = samples[begin : begin + 48]
        code.process(np.ascontiguousarray(part), out[begin : begin + 48], len(part))
    return out


@pytest.mark.parametrize("layout", ["pedal", "host"])
@pytest.mark.parametrize("network", EVERY_NETWORK)
def test_without_a_reset_the_first_block_is_the_settled_one(network: str, layout: str) -> None:
    planned = plan_of(network, layout)
    samples = signal_of(small_model(network))
    expected = reference_output(small_model(network), samples)
    assert play(loaded(planned), planned, samples).tobytes() == expected.tobytes()


@pytest.mark.parametrize("layout", ["pedal", "host"])
@pytest.mark.parametrize("network", ["everything", "lstm"])
def test_later_blocks_do_not_start_again(network: str, layout: str) -> None:
    planned = plan_of(network, layout)
    samples = signal_of(small_model(network))
    code = loaded(planned)
    play(code, planned, samples)
    second = play(code, planned, samples)
    code.reset()
    assert second.tobytes() != play(code, planned, samples).tobytes()


def test_on_the_emulated_processor_too() -> None:
    pytest.importorskip("unicorn")
    from host_sim.emulator.core import Core
    from host_sim.emulator.memory import SCRATCH

    planned, core = plan_of("lstm", "pedal"), Core()
    core.load(machine_code(Code.of_plan(planned), find_cross(), opt="-O2"))
    samples = signal_of(small_model("lstm"))[:48]
    core.memory.write_floats(SCRATCH, samples)
    core.call("nam_lstm_process", SCRATCH, SCRATCH + 4096, len(samples))
    expected = reference_output(small_model("lstm"), samples)
    found = core.memory.read_floats(SCRATCH + 4096, expected.size)
    assert found.tobytes() == expected.tobytes()
