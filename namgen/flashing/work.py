"""How far the writing of an image is, for whoever has to say so when it ends early."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from namgen.flashing.sentences import SAID
from namgen.progress import Progress, Stage, silent

Phase: TypeAlias = Literal["before", "erasing", "writing", "reading", "leaving", "done"]

SHARES: dict[Phase, tuple[float, float]] = {
    "before": (0.0, 0.0),
    "erasing": (0.0, 0.35),
    "writing": (0.35, 0.8),
    "reading": (0.8, 1.0),
    "leaving": (1.0, 1.0),
    "done": (1.0, 1.0),
}
"""Of the whole time, roughly as it goes on a Daisy."""


@dataclass(slots=True)
class Work:
    """One image on its way; it is asked by others, also in the middle."""

    progress: Progress = silent
    phase: Phase = "before"
    is_over: bool = False  # what became of it is said; a signal has nothing to add

    def at(self, phase: Phase, line: str, done: int, total: int) -> None:
        """Say what is done next, and how much of it is done."""
        self.phase = phase
        begin, end = SHARES[phase]
        self.progress(Stage(line, begin + (end - begin) * done / max(total, 1)))

    @property
    def told(self) -> str:
        """Say what is on the device when the work ends here."""
        match self.phase:
            case "before":
                return SAID.unchanged
            case "erasing" | "writing":
                return SAID.no_whole_image.format(again=SAID.again)
            case "reading":
                return SAID.not_proved.format(again=SAID.again)
            case "leaving":
                return SAID.not_started
        return "the image is on the pedal"
