"""The ladder: what the self-test measures, from single rules of the processor to whole blocks.

The names are a version's; the build refuses an image whose models have other kernels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from namgen.selftest.rules import load_rules

VERSION = 1
"""Of the rungs and of what they are measured by: results of another are not comparable."""

RUNS = 32
CHAIN_BLOCKS = 64

WARM, COLD = "LADDER_WARM", "LADDER_COLD"
SOUND, LITE = "LADDER_SOUND", "LADDER_LITE"
NANO_KERNEL, LITE_KERNEL = "LADDER_NANO_KERNEL", "LADDER_LITE_KERNEL"

NANO, A2_LITE = "nano", "A2-Lite"
"""The two models that are inside."""

_LOOPS = (
    ("fir in ITCM", "loops_fir_itcm", WARM),
    ("fir in the image", "loops_fir_code", WARM),
    ("fir in the image, caches empty", "loops_fir_code", COLD),
    ("fir in AXI SRAM", "loops_fir_axi", WARM),
    ("fir in AXI SRAM, caches empty", "loops_fir_axi", COLD),
    ("fft in ITCM", "loops_fft_itcm", WARM),
    ("fft in the image", "loops_fft_code", WARM),
    ("fft in the image, caches empty", "loops_fft_code", COLD),
    ("fft in AXI SRAM", "loops_fft_axi", WARM),
    ("fft in AXI SRAM, caches empty", "loops_fft_axi", COLD),
    ("2 KB of DTCM", "loops_read_dtcm", WARM),
    ("2 KB of AXI SRAM", "loops_read_axi", WARM),
    ("2 KB of AXI SRAM, caches empty", "loops_read_axi", COLD),
    ("2 KB of the image", "loops_read_code", WARM),
    ("2 KB of the image, caches empty", "loops_read_code", COLD),
)

NANO_KERNELS = (
    "layer_1ch_k3_first",
    "layer_4ch_k3",
    "conv_4to2_k1",
    "conv_4to2_k1_from_array1_rechannel",
    "layer_2ch_k3",
    "layer_2ch_k3_last",
    "conv_2to1_k1",
    "ring_publish",
    "flat_advance",
)
LITE_KERNELS = (
    "layer_1ch_k6_first",
    "layer_3ch_k6",
    "layer_3ch_k15",
    "layer_3ch_k6_last",
    "conv_3to1_k16",
    "ring_publish",
    "flat_advance",
)


@dataclass(frozen=True, slots=True)
class Rung:
    """One measurement."""

    name: str
    function: str
    prepare: str  # one of the words above
    runs: int = RUNS
    model: str = ""  # whose kernel it is

    @property
    def is_kernel(self) -> bool:
        """Whether it is a function of a model, called as the model calls it."""
        return bool(self.model)

    @property
    def is_float(self) -> bool:
        """Whether it does what a pedal's models do: the margin is corrected by such rungs."""
        computes = self.function.startswith(("layer_", "conv_", "ladder_"))
        return computes and self.prepare != COLD


NOTHING = Rung("a call of nothing", "loops_nothing", WARM)
"""What a measurement costs by itself: it is taken off all others."""
TOLD = Rung("nano in its chain, a block", "ladder_sound_block", SOUND, CHAIN_BLOCKS)
"""What the LED tells."""

RUNGS: tuple[Rung, ...] = (
    NOTHING,
    *(Rung(name, function, prepare) for name, function, prepare in _LOOPS),
    *(Rung(f"{NANO} {k}", k, NANO_KERNEL, RUNS, NANO) for k in NANO_KERNELS),
    *(Rung(f"{A2_LITE} {k}", k, LITE_KERNEL, RUNS, A2_LITE) for k in LITE_KERNELS),
    TOLD,
    Rung("A2-Lite, a block", "ladder_lite_block", LITE, CHAIN_BLOCKS),
    Rung("nano in its chain, a block, caches empty", "ladder_sound_block", COLD),
)


def rule_functions() -> Iterator[tuple[str, str]]:
    """Yield the names of the short and the long run of each rule."""
    for number in range(len(load_rules())):
        yield f"rule_{number}_few", f"rule_{number}_many"
