"""The activations: the same bits in C and NumPy, near the true functions, one choice of kernel."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from numerics_c import (
    ACTIVATIONS,
    HOST_LABELS,
    HOSTS,
    LABELS,
    KernelLibrary,
    different,
    host_compiler,
)

from namgen import ir
from namgen.activation_kernels import kernel
from namgen.arithmetic import F32
from namgen.errors import UnsupportedError
from namgen.reference import activations
from namgen.reference.accuracy import float32_value, largest_error, samples
from namgen.reference.float32 import IN_FLOAT32

DOCS = Path(__file__).resolve().parents[1] / "docs" / "activations.md"


@pytest.fixture(scope="module")
def x() -> F32:
    return samples()


@pytest.fixture(scope="module")
def expected(x: F32) -> list[F32]:
    return [float32_value(activation, x) for activation in ACTIVATIONS]


@pytest.mark.parametrize("opt", ["-O0", "-O2", "-O3"])
@pytest.mark.parametrize("host", HOSTS, ids=HOST_LABELS)
def test_every_activation_has_the_same_bits_in_c_and_numpy(
    host: tuple[str, str], opt: str, x: F32, expected: list[F32], tmp_path: Path
) -> None:
    library = KernelLibrary(tmp_path, host_compiler(*host), opt=opt)
    problems = {
        label: different(library.run(f"apply_{number}", x), expected[number])
        for number, label in enumerate(LABELS)
    }
    assert not {label: problem for label, problem in problems.items() if problem}


@pytest.mark.parametrize("function", ["tanh", "sigmoid", "fast_tanh", "fast_sigmoid"])
def test_a_nan_or_infinity_gives_a_number(function: str) -> None:
    with np.errstate(all="ignore"):
        y = getattr(activations, function)(
            IN_FLOAT32, np.array([np.nan, np.inf, -np.inf], np.float32)
        )
    assert np.isfinite(y).all()


@pytest.mark.parametrize("name", ["Tanh", "Fasttanh", "Softsign", "Hardtanh"])
def test_an_odd_function_is_odd_in_every_bit(name: str, x: F32) -> None:
    activation = ir.Activation(name)
    assert not different(float32_value(activation, -x), -float32_value(activation, x))


def documented_errors() -> dict[str, float]:
    """The last column of the table in docs/activations.md."""
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([0-9.e-]+) \|$", DOCS.read_text(), re.MULTILINE)
    return {name: float(error) for name, error in rows}


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=LABELS)
def test_the_error_stays_within_the_documented_one(activation: ir.Activation, x: F32) -> None:
    assert largest_error(activation, x) <= documented_errors()[activation.name]


def test_tanh_is_documented_better_than_two_millionths() -> None:
    assert documented_errors()["Tanh"] <= 2e-6


def test_prelu_has_a_slope_for_each_channel(x: F32) -> None:
    slopes = (0.25, -1.5, 3.0)
    with np.errstate(all="ignore"):
        y = IN_FLOAT32.activation(ir.Activation("PReLU", slopes))(np.stack([x, x, x]))
    for channel, slope in enumerate(slopes):
        assert not different(y[channel], activations.prelu(IN_FLOAT32, x, np.float32(slope)))


@pytest.mark.parametrize(
    ("slopes", "function"),
    [
        ((0.01,), "nam_leaky_relu"),
        ((1.0, 0.5), "nam_leaky_relu"),
        ((0.0,), "nam_prelu"),
        ((0.5, -0.5), "nam_prelu"),
        ((1.0000001,), "nam_prelu"),
    ],
)
def test_a_slope_is_a_maximum_only_where_that_is_the_same(
    slopes: tuple[float, ...], function: str
) -> None:
    assert kernel(ir.Activation("PReLU", slopes)).function == function


@pytest.mark.parametrize(
    ("activation", "message"),
    [
        (ir.Activation("GELU"), "expected one of .*Tanh.*, found 'GELU'"),
        (ir.Activation("Tanh", (1.0,)), "expected 0 parameters, found 1"),
        (ir.Activation("LeakyReLU"), "expected 1 parameters, found 0"),
        (ir.Activation("PReLU"), "expected one slope per channel"),
        (ir.Activation("LeakyHardtanh", (1.0, -1.0, 0.1, 0.1)), "expected min_val <= max_val"),
    ],
)
def test_what_no_kernel_computes_is_refused(activation: ir.Activation, message: str) -> None:
    with pytest.raises(UnsupportedError, match=message):
        kernel(activation)
