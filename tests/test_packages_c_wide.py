"""`--state struct` of layers wider than one kernel takes: bits, and instances that do not meet."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from c_packages import package_code, run, write_package
from generated_c import reference_output
from small_networks import LEAKY, TANH, Weights
from test_packages_c_state import TWO, of_class

from host_sim.engines import EmulatorEngine
from namgen import ir
from namgen.arithmetic import F32
from namgen.fixed.model import in_fixed_point
from namgen.fixed.precision import FIXED_PRECISIONS
from namgen.plan.fixed.parts import WHOLE_CHANNELS
from namgen.selection.choosing import in_precision

WIDE = WHOLE_CHANNELS + 4
FRAMES = 300


@cache
def wide(kind: str, precision: str) -> ir.Model:
    """Two arrays of layers, an A1's or an A2's activation, in floats or in integers."""
    w, arrays = Weights(41), []
    for inputs, channels, out in ((1, WIDE, WIDE - 2), (WIDE, WIDE - 2, 1)):
        layers = [w.layer(channels, kernel=3, dilation=2**i) for i in range(2)]
        activation = TANH if kind == "tanh" else LEAKY
        layers = [replace(layer, activation=activation) for layer in layers]
        head = w.conv(channels, out, bias=out == 1)
        arrays.append(ir.LayerArray(w.conv(inputs, channels, bias=False), tuple(layers), head))
    network = ir.WaveNet(1, tuple(arrays), 0.02)
    model = ir.Model("wide", "wide.nam", "0" * 64, 48_000, network)
    if precision in FIXED_PRECISIONS:
        return in_fixed_point(model, precision)
    return in_precision(model, "float32")


def sound() -> F32:
    rng = np.random.default_rng(6)
    return (0.4 * rng.standard_normal((FRAMES, 1))).astype(np.float32)


CASES = [(kind, how) for kind in ("slopes", "tanh") for how in ("float32", *FIXED_PRECISIONS)]


@pytest.mark.parametrize(("kind", "precision"), CASES)
@pytest.mark.parametrize("cpu", ["generic", "cortex-m7"])
def test_two_wide_instances_in_turns_play_as_two_alone(
    cpu: str, kind: str, precision: str, tmp_path: Path
) -> None:
    if shutil.which("cc") is None:
        pytest.skip("cc is not on PATH")
    model = wide(kind, precision)
    package = write_package(tmp_path, model, cpu, "struct")
    signals = [sound(), np.ascontiguousarray(sound()[::-1])]
    for number, signal in enumerate(signals):
        (package / f"in{number}.f32").write_bytes(signal.tobytes())
    program = TWO.replace("NAME", "wide").replace("UPPER", "WIDE")
    (package / "two.c").write_text(program.replace("FRAMES", str(FRAMES)))
    words = ["-O1", "-Iinclude", "-ffp-contract=off", "two.c", "src/nam_wide.c", "-o", "two"]
    run(["cc", "-std=c99", *words], package)
    run(["./two"], package)
    found = (package / "out.f32").read_bytes()
    assert found == b"".join(reference_output(model, signal).tobytes() for signal in signals)
    run(["cc", "-std=c99", "-O0", "-Iinclude", "-c", "src/nam_wide.c", "-o", "wide.o"], package)
    assert of_class(package / "wide.o", writable=True) == {}


@pytest.mark.parametrize(("kind", "precision"), CASES)
def test_the_machine_code_of_a_wide_instance_has_the_bits_too(kind: str, precision: str) -> None:
    pytest.importorskip("unicorn")
    model = wide(kind, precision)
    code = package_code(model, "cortex-m7", "struct")
    found = EmulatorEngine(code).process(sound())
    assert found.tobytes() == reference_output(model, sound()).tobytes()
