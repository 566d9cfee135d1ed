"""The machine code of a package for a Cortex-M4F, -M33 and -M7, run: the reference's bits."""

from __future__ import annotations

from typing import Any

import pytest
from c_packages import package_code
from generated_c import reference_output, signal_of, small_model

from host_sim.emulator.engine import unicorn
from host_sim.engines import EmulatorEngine
from namgen.toolchain import CROSS_NAMES, find_cross

pytest.importorskip("unicorn")

FRAMES = 150


def engine_of(processor: str) -> Any:
    """Another processor than the emulator's own."""
    names, models = unicorn(), unicorn(".arm_const")
    if processor == "cortex-m33":
        return names.Uc(names.UC_ARCH_ARM, names.UC_MODE_THUMB | names.UC_MODE_MCLASS)
    engine = names.Uc(names.UC_ARCH_ARM, names.UC_MODE_THUMB)
    model = {"cortex-m4f": "CORTEX_M4", "cortex-m7": "CORTEX_M7"}[processor]
    engine.ctl_set_cpu_model(getattr(models, f"UC_CPU_ARM_{model}"))
    return engine


@pytest.mark.parametrize("toolchain", CROSS_NAMES)
@pytest.mark.parametrize(("network", "state"), [("two_arrays", "static"), ("lstm", "struct")])
@pytest.mark.parametrize("processor", ["cortex-m4f", "cortex-m33", "cortex-m7"])
def test_its_machine_code_gives_the_bits_of_the_reference(
    processor: str,
    network: str,
    state: str,
    toolchain: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("host_sim.emulator.core.new_engine", lambda: engine_of(processor))
    cross = find_cross(toolchain, processor=processor)
    code = package_code(network, processor, state)
    model = small_model(network)
    samples = signal_of(model)[:FRAMES]
    found = EmulatorEngine(code, toolchain=cross).process(samples)
    assert found.tobytes() == reference_output(model, samples).tobytes()
