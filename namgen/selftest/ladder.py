"""The ladder: what the self-test measures, from single rules of the processor to whole blocks.

The names are a version's; the build refuses an image whose models have other kernels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from namgen.fixed.precision import FLOAT32, Precision
from namgen.selftest.rules import load_rules

RUNS = 32
CHAIN_BLOCKS = 64

WARM, COLD = "LADDER_WARM", "LADDER_COLD"
BLOCK, KERNEL = "LADDER_BLOCK", "LADDER_KERNEL"


@dataclass(frozen=True, slots=True)
class LadderModel:
    """A model that is inside, as `namgen build` makes it of one of the examples."""

    title: str
    file: str
    name: str  # of its C
    submodel: str | None
    precision: Precision
    kernels: tuple[str, ...]
    reserved_bytes: int = 0  # of the fastest memory, which the others' weights need

    @property
    def is_float(self) -> bool:
        """Whether it computes in floats."""
        return self.precision == FLOAT32


NANO = LadderModel(
    "nano",
    "tweed-nano.nam",
    "tweed_nano",
    None,
    FLOAT32,
    (
        "layer_1ch_k3_first",
        "layer_4ch_k3",
        "conv_4to2_k1",
        "conv_4to2_k1_from_array1_rechannel",
        "layer_2ch_k3",
        "layer_2ch_k3_last",
        "conv_2to1_k1",
        "ring_publish",
        "flat_advance",
    ),
)
A2_LITE = LadderModel(
    "A2-Lite",
    "tweed-a2.nam",
    "tweed_a2",
    "lite",
    FLOAT32,
    (
        "layer_1ch_k6_first",
        "layer_3ch_k6",
        "layer_3ch_k15",
        "layer_3ch_k6_last",
        "conv_3to1_k16",
        "ring_publish",
        "flat_advance",
    ),
)
NANO_FIXED16 = LadderModel(
    "nano fixed16",
    "tweed-nano.nam",
    "tweed_nano_16",
    None,
    "fixed16",
    (
        "layer_k3_first_tanh",
        "layer_k3_tanh",
        "layer_k3_tanh_end",
        "array1_enter",
        "layer_k3_tanh_v2",
        "layer_k3_last_tanh",
        "head_sum",
    ),
)
A2_LITE_FIXED32 = LadderModel(
    "A2-Lite fixed32",
    "tweed-a2.nam",
    "tweed_a2_32",
    "lite",
    "fixed32",
    (
        "layer_k6_first_long",
        "layer_k6_long",
        "layer_k15_long",
        "layer_k6_last",
        "head_sum",
    ),
    reserved_bytes=32_768,
)
MODELS = (NANO, A2_LITE, NANO_FIXED16, A2_LITE_FIXED32)
"""All that are inside; the first is in the pedal's chain. The C counts them in this order."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One measurement."""

    name: str
    function: str
    prepare: str  # one of the words above
    runs: int = RUNS
    model: LadderModel | None = None  # whose it is; None: nobody's

    @property
    def is_kernel(self) -> bool:
        """Whether it is a function of a model, called as the model calls it."""
        return self.prepare == KERNEL

    @property
    def margin(self) -> str | None:
        """Of which kind of code it tells the margin: "float", "integer"; None: of none."""
        if self.model is None or self.prepare == COLD or self.function in _UPKEEP:
            return None
        return "float" if self.model.is_float else "integer"


_UPKEEP = ("ring_publish", "flat_advance")
"""Kernels that only move words."""
_MEMORIES = (("itcm", "ITCM"), ("code", "the image"), ("axi", "AXI SRAM"), ("d2", "D2 SRAM"))
"""That code may lie in, by the names of functions; the first needs no cache."""


def _loops() -> Iterator[Rung]:
    for loop in ("fir", "fft"):
        for word, title in _MEMORIES:
            yield from _warm_and_cold(f"{loop} in {title}", f"loops_{loop}_{word}", word)
    for word, title in (("dtcm", "DTCM"), ("axi", "AXI SRAM"), ("d2", "D2 SRAM"), _MEMORIES[1]):
        yield from _warm_and_cold(f"2 KB of {title}", f"loops_read_{word}", word)


def _warm_and_cold(name: str, function: str, memory: str) -> Iterator[Rung]:
    yield Rung(name, function, WARM)
    if memory not in ("itcm", "dtcm"):
        yield Rung(f"{name}, caches empty", function, COLD)


NOTHING = Rung("a call of nothing", "loops_nothing", WARM)
"""What a measurement costs by itself: it is taken off all others."""
TOLD = Rung("nano in its chain, a block", "ladder_sound_block", BLOCK, CHAIN_BLOCKS, NANO)
"""What the LED tells."""

RUNGS: tuple[Rung, ...] = (
    NOTHING,
    *_loops(),
    *(Rung(f"{m.title} {k}", k, KERNEL, RUNS, m) for m in MODELS for k in m.kernels),
    TOLD,
    *(
        Rung(f"{m.title}, a block", "ladder_model_block", BLOCK, CHAIN_BLOCKS, m)
        for m in MODELS[1:]
    ),
    Rung("nano in its chain, a block, caches empty", "ladder_sound_block", COLD, RUNS, NANO),
)


def rule_names() -> Iterator[str]:
    """Yield the names of the code of the rules."""
    yield from (f"rule_{number}" for number in range(len(load_rules())))
