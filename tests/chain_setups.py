"""The signal chain for tests: plans, sounds no codec ever gives, and engines compiled once."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from generated_c import StrictCross, strict

from host_sim.chain_engines import ChainEngine, EmulatedChain, HostChain
from namgen.arithmetic import F32
from namgen.chain.blocks import BLOCKS
from namgen.chain.plan import ChainPlan, Response, plan_chain
from namgen.chain.twin import ChainTwin
from namgen.toolchain import find_cross, find_host

RATE_HZ = 48_000
BLOCK = 48

CABINETS = {
    "direct": (8, 64),
    "parts": (48, 500),
    "two_levels": (16, 700),
}
"""Of each method a block and a number of taps."""


@cache
def plan_of(block_frames: int = BLOCK, taps: int = 0, method: str | None = None) -> ChainPlan:
    """A chain with all blocks; two responses where there are taps."""
    responses = [response(taps, seed) for seed in (1, 2)] if taps else []
    return plan_chain(block_frames=block_frames, responses=responses, method=method)  # type: ignore[arg-type]


def response(taps: int, seed: int = 1) -> Response:
    """A response that dies away within its taps."""
    noise = np.random.default_rng(seed).standard_normal(taps)
    return Response(f"noise {seed}", 0.1 * noise * np.exp(-np.arange(taps) * 6 / taps))


def cabinet_plan(method: str) -> ChainPlan:
    """The chain with a cabinet of one of `CABINETS`."""
    block_frames, taps = CABINETS[method]
    return plan_of(block_frames, taps, method)


@cache
def changed_over(method: str) -> ChainPlan:
    """A chain with all blocks there are; its cabinet can be left out."""
    block_frames, taps = CABINETS[method]
    return plan_chain(
        block_frames=block_frames,
        names=[block.name for block in BLOCKS],
        responses=[response(taps, seed) for seed in (1, 2)],
        method=method,  # type: ignore[arg-type]
    )


@cache
def host(plan: ChainPlan) -> HostChain:
    """The chain on this machine, one for all tests; `fresh` gives it and its twin reset."""
    return HostChain(plan, compiler=strict(find_host()))


@cache
def emulated(plan: ChainPlan) -> EmulatedChain:
    """The chain on the emulated Cortex-M7."""
    return EmulatedChain(plan, toolchain=StrictCross(find_cross()))  # type: ignore[arg-type]


def fresh(engine: ChainEngine) -> ChainTwin:
    """Reset an engine to knobs in the middle; return a twin in the same state."""
    twin = ChainTwin(engine.plan)
    for parameter in engine.plan.parameters:
        engine.turn(parameter.name, parameter.default)
        twin.turn(parameter.name, parameter.default)
    for name, function in engine.plan.functions.items():
        told = 1.0 if function.argument == "float" else 0
        engine.call(name, told)
        twin.call(name, told)
    engine.reset()
    twin.reset()
    return twin


def sounds(frames: int) -> dict[str, F32]:
    """What a codec gives and what it cannot, (frames,) each."""
    rng = np.random.default_rng(3)
    time = np.arange(frames) / RATE_HZ
    loud = np.where(np.sin(2 * np.pi * 220 * time) >= 0, 1.0, -1.0)
    noise = rng.standard_normal(frames)
    broken = (0.3 * noise).astype(np.float32)
    broken[frames // 3 :: 97] = np.nan
    broken[frames // 2 :: 89] = np.inf
    broken[frames // 2 + 5 :: 101] = -3e38
    return {
        "guitar": (0.2 * np.sin(2 * np.pi * 110 * time) * np.exp(-8 * time)).astype(np.float32),
        "noise": (0.3 * noise).astype(np.float32),
        "full scale": loud.astype(np.float32),
        "silence": np.zeros(frames, np.float32),
        "subnormal": (1e-40 * noise).astype(np.float32),
        "no numbers": broken,
    }


def different(left: F32, right: F32) -> str:
    """Empty when all bits are equal; else the first difference and how many there are."""
    unequal = np.flatnonzero(left.view(np.uint32) != right.view(np.uint32))
    if not unequal.size:
        return ""
    at = unequal[0]
    return f"{unequal.size} of {left.size} differ; at {at}: {left[at]!r} and {right[at]!r}"


def sine(frequency_hz: float, frames: int, *, level: float = 0.05) -> F32:
    """A sine, (frames,)."""
    phase = 2 * np.pi * frequency_hz * np.arange(frames) / RATE_HZ
    return (level * np.cos(phase)).astype(np.float32)


def response_db(impulse: F32, frequencies_hz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The magnitudes of an impulse response, in dB."""
    spectrum = _turns(tuple(frequencies_hz), len(impulse)) @ impulse.astype(np.float64)
    return np.asarray(20 * np.log10(np.abs(spectrum)), np.float64)


@cache
def _turns(frequencies_hz: tuple[float, ...], frames: int) -> npt.NDArray[np.complex128]:
    turns = np.outer(np.array(frequencies_hz) / RATE_HZ, np.arange(frames))
    return np.asarray(np.exp(-2j * np.pi * turns), np.complex128)
