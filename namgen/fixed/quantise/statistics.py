"""What a capture does with the calibration signal, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from namgen.fixed import exact
from namgen.fixed.evaluate import Seen, at_rest, evaluate
from namgen.fixed.real import F64, RealNetwork

_SEGMENT_FRAMES = 12000
_STRIDE = 3
"""Neighbouring frames say the same; every third is looked at for the moments."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerStatistics:
    """Of one layer; moments are about the state at rest and every segment weighs the same."""

    residual_peak: F64  # (in,) of what the convolution reads
    z_rest: F64  # (out,)
    t_peak: F64  # (out,)
    t_rest: F64  # (out,)
    residual_rest: F64  # (in,) of what the convolution reads
    head_peak: F64  # (out,) of the head sum with this layer in it
    conv_moments: F64  # (kernel * in, kernel * in), taps oldest first
    dense_moments: F64  # (out, out)


def statistics(network: RealNetwork, signal: F64) -> tuple[LayerStatistics, ...]:
    """Play `signal` (frames,) to the network and look."""
    watchers = [_Watcher(rest) for rest in at_rest(network)]
    order = {(w.rest.array, w.rest.layer): w for w in watchers}
    for at in range(0, signal.size, _SEGMENT_FRAMES):
        segment = signal[at : at + _SEGMENT_FRAMES]
        if np.any(segment):
            evaluate(network, segment, lambda seen: order[seen.array, seen.layer].look(seen))
            for watcher in watchers:
                watcher.end_segment()
    return tuple(watcher.result() for watcher in watchers)


@dataclass(slots=True, eq=False)
class _Watcher:
    """One layer's numbers while the signal plays."""

    rest: Seen
    peaks: list[tuple[F64, F64, F64]] = field(default_factory=list)
    conv: list[F64] = field(default_factory=list)
    dense: list[F64] = field(default_factory=list)
    segments: list[tuple[F64, F64]] = field(default_factory=list)

    def look(self, seen: Seen) -> None:
        frames = seen.z.shape[1]
        lookback = seen.recent.shape[1] - frames
        sizes = (seen.recent[:, lookback:], seen.t, seen.head)
        self.peaks.append(tuple(np.abs(values).max(axis=1) for values in sizes))
        kernel_size = 1 if lookback == 0 else seen.kernel_size
        dilation = lookback // max(kernel_size - 1, 1)
        about_rest = seen.recent - self.rest.recent[:, :1]
        taps = [about_rest[:, k * dilation :][:, :frames:_STRIDE] for k in range(kernel_size)]
        self.conv.append(exact.moments(np.concatenate(taps)))
        self.dense.append(exact.moments((seen.t - self.rest.t)[:, ::_STRIDE]))

    def end_segment(self) -> None:
        """Weigh what was seen by its power."""
        conv, dense = (sum(parts[1:], parts[0]) for parts in (self.conv, self.dense))
        power = float(np.trace(dense)) or 1.0
        self.segments.append((conv / power, dense / power))
        self.conv, self.dense = [], []

    def result(self) -> LayerStatistics:
        residual, t, head = (np.max([p[k] for p in self.peaks], axis=0) for k in range(3))
        conv, dense = (sum(s[k] for s in self.segments) for k in range(2))
        return LayerStatistics(
            residual_peak=residual,
            z_rest=self.rest.z[:, 0],
            t_peak=t,
            t_rest=self.rest.t[:, 0],
            residual_rest=self.rest.recent[:, 0],
            head_peak=head,
            conv_moments=np.asarray(conv),
            dense_moments=np.asarray(dense),
        )
