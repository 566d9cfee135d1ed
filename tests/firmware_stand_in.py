"""A small hand-written model in the shape of generated C, for tests of everything around it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from namgen.arithmetic import F32
from namgen.resources import templates_dir

NAME = "echo"
DELAY_FRAMES = 100
HEADER = """\
#ifndef NAM_ECHO_H
#define NAM_ECHO_H
#include <stddef.h>
#define NAM_ECHO_SAMPLE_RATE_HZ 48000
#define NAM_ECHO_IN_CHANNELS 1
#define NAM_ECHO_OUT_CHANNELS 1
void nam_echo_reset(void);
void nam_echo_process(const float *in, float *out, size_t frames);
#endif
"""
SOURCE = """\
#include "nam_echo.h"

#define AT(name) __attribute__((section(name)))

AT(".dtcm_data") static float gains[2] = { 0.75f, 0.5f };
AT(".axi_data") static float weights[4] = { 0.5f, 0.25f, -0.5f, -0.125f };
AT(".dtcm_bss") static float history[1024];
AT(".axi_bss") static float more_history[1024];
static size_t newest;

void nam_echo_reset(void)
{
    newest = 0;
    for (size_t i = 0; i < 1024u; i++) {
        history[i] = 0.0f;
        more_history[i] = 0.0f;
    }
}

AT(".itcm_text") void nam_echo_process(const float *in, float *out, size_t frames)
{
    for (size_t i = 0; i < frames; i++) {
        newest = (newest + 1u) % 1024u;
        history[newest] = gains[newest % 2u] * in[i];
        more_history[newest] = weights[newest % 4u] * history[newest];
        out[i] = history[(newest - 1u) % 1024u] + more_history[(newest - 100u) % 1024u];
    }
}
"""


@dataclass(frozen=True, slots=True)
class Buffer:
    """What the plan says about a static object."""

    symbol: str
    size_bytes: int
    region: str


BUFFERS = (
    Buffer("gains", 8, "dtcm"),
    Buffer("weights", 16, "axi_sram"),
    Buffer("history", 4096, "dtcm"),
    Buffer("more_history", 4096, "axi_sram"),
)


def write_c(folder: Path) -> Path:
    """Write the C files and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"nam_{NAME}.h").write_text(HEADER, encoding="utf-8")
    (folder / f"nam_{NAME}.c").write_text(SOURCE, encoding="utf-8")
    shutil.copy(templates_dir() / "kernels" / "nam_math.h", folder)
    return folder


def reference(x: F32) -> F32:
    """What the model does to a mono signal, from the start state."""
    position = np.arange(1, x.size + 1)
    gains = np.array([0.75, 0.5], np.float32)[position % 2]
    weights = np.array([0.5, 0.25, -0.5, -0.125], np.float32)[position % 4]
    history = gains * x
    return _delayed(history, 1) + _delayed(weights * history, DELAY_FRAMES)


def faded(samples: F32) -> F32:
    """The pedal's fade: the first 2048 frames times n / 2048, in float32."""
    gains = np.ones(samples.size, np.float32)
    ramp = np.arange(min(2048, samples.size), dtype=np.float32) * np.float32(2.0**-11)
    gains[: ramp.size] = ramp
    return samples * gains


def _delayed(x: F32, frames: int) -> F32:
    return np.concatenate([np.zeros(frames, np.float32), x])[: x.size]


def samples_of_codes(codes: npt.NDArray[np.int32]) -> F32:
    """The pedal's input conversion: 24-bit values to -1 ... 1, exact."""
    return codes.astype(np.float32) * np.float32(2.0**-23)


def codes_of_samples(samples: F32) -> npt.NDArray[np.int32]:
    """The pedal's output conversion: nearest, ties to even, clamped; NaN is 0."""
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.rint(np.nan_to_num(samples, nan=0.0).astype(np.float64) * 2.0**23)
    return np.clip(scaled, -(2.0**23), 2.0**23 - 1).astype(np.int32)


def played(codes: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """What the pedal answers to 24-bit values from its start, its latency left out."""
    return codes_of_samples(faded(reference(samples_of_codes(codes))))
