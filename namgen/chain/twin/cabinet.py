"""The cabinet: `firmware/chain/cabinet_direct.c`, `cabinet_parts.c`, `cabinet_two_levels.c`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import numpy as np

from namgen.arithmetic import F32
from namgen.chain.cabinet import CabinetPlan, Method
from namgen.chain.turns import F64
from namgen.chain.twin.partitioned import Partitioned
from namgen.reference.fma import fma


class Cabinet(ABC):
    """A cabinet with several responses."""

    def __init__(self, plan: CabinetPlan, responses: Sequence[F64]) -> None:
        self._words = [plan.words_of(taps) for taps in responses]

    @abstractmethod
    def use(self, number: int) -> None:
        """See `cabinet_use`."""

    @abstractmethod
    def reset(self) -> None:
        """See `cabinet_reset`."""

    @abstractmethod
    def process(self, samples: F32) -> F32:
        """See `cabinet_process`: whole units, (frames,)."""


class Direct(Cabinet):
    """See `cabinet_direct.c`."""

    def __init__(self, plan: CabinetPlan, responses: Sequence[F64]) -> None:
        super().__init__(plan, responses)
        self._past_frames = plan.taps
        self.use(0)
        self.reset()

    def use(self, number: int) -> None:
        """See `Cabinet`."""
        self._taps = self._words[number]["taps"]

    def reset(self) -> None:
        """See `Cabinet`."""
        self._past = np.zeros(self._past_frames, np.float32)

    def process(self, samples: F32) -> F32:
        """See `Cabinet`."""
        x = np.concatenate([self._past, samples])
        self._past = x[-self._past_frames :]
        out = np.zeros(len(samples), np.float32)
        for number, tap in enumerate(self._taps):
            first = self._past_frames - number
            out = fma(tap, x[first : first + len(samples)], out)
        return out


class InParts(Cabinet):
    """See `cabinet_parts.c`."""

    def __init__(self, plan: CabinetPlan, responses: Sequence[F64]) -> None:
        super().__init__(plan, responses)
        assert plan.head is not None
        self._head = Partitioned(plan.head)
        self.use(0)

    def use(self, number: int) -> None:
        """See `Cabinet`."""
        self._head.response = self._words[number]["head"]

    def reset(self) -> None:
        """See `Cabinet`."""
        self._head.reset()

    def process(self, samples: F32) -> F32:
        """See `Cabinet`."""
        return self._head.play(samples)


class TwoLevels(Cabinet):
    """See `cabinet_two_levels.c`."""

    def __init__(self, plan: CabinetPlan, responses: Sequence[F64]) -> None:
        super().__init__(plan, responses)
        assert plan.head is not None
        assert plan.tail is not None
        self._head, self._tail = Partitioned(plan.head), Partitioned(plan.tail)
        self._part_frames = plan.tail.frames
        self.use(0)
        self.reset()

    def use(self, number: int) -> None:
        """See `Cabinet`."""
        self._head.response = self._words[number]["head"]
        self._tail_response = self._words[number]["tail"]

    def reset(self) -> None:
        """See `Cabinet`."""
        self._head.reset()
        self._tail.reset()
        silence = np.zeros(self._part_frames, np.float32)
        self._collected, self._ready, self._next = silence.copy(), silence, silence
        self._frame = 0  # in the tail's part

    def process(self, samples: F32) -> F32:
        """See `Cabinet`."""
        out = self._head.play(samples)
        ends = range(-self._frame % self._part_frames, len(samples), self._part_frames)
        parts = np.split(samples, list(ends))
        tail = np.concatenate([self._play_tail(part) for part in parts if len(part)])
        return np.asarray(out + tail)

    def _play_tail(self, samples: F32) -> F32:
        """Collect frames that lie in one part, and return the answer that is due meanwhile."""
        if self._frame == 0:
            self._tail.response = self._tail_response
            self._ready, self._next = self._next, self._tail.play(self._collected)
        here = slice(self._frame, self._frame + len(samples))
        self._collected[here] = samples
        self._frame = here.stop % self._part_frames
        return self._ready[here]


METHODS: Mapping[Method, type[Cabinet]] = {
    "direct": Direct,
    "parts": InParts,
    "two_levels": TwoLevels,
}


def cabinet_twin(plan: CabinetPlan, responses: Sequence[F64]) -> Cabinet:
    """Return the twin of a plan, with its responses (taps,)."""
    return METHODS[plan.method](plan, responses)
