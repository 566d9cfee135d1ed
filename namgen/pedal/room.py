"""How many more captures an image would hold."""

from __future__ import annotations

from dataclasses import dataclass

from namgen.c_text import counted
from namgen.captures import plan_captures
from namgen.controls.plan import MOST_CAPTURES
from namgen.order import Order
from namgen.pedal.sound import SoundPlan


@dataclass(frozen=True, slots=True)
class Room:
    """What is left of the memory that an image is started from."""

    left_bytes: int
    limit_bytes: int
    capture_bytes: int  # what another capture would take, of the shape of which it takes most
    there: int = 1  # captures that are in it

    @property
    def captures(self) -> int:
        """How many more captures like those in it would fit, and could be chosen."""
        return min(self.left_bytes // self.capture_bytes, MOST_CAPTURES - self.there)

    def __str__(self) -> str:
        left = f"{self.left_bytes:,} of {self.limit_bytes:,} bytes of the image are left"
        more = counted(self.captures, "more capture", "more captures")
        return f"{left}; about {more} would fit, {self.capture_bytes:,} each"


def room_for(sound: SoundPlan, order: Order, image_bytes: int) -> Room | None:
    """Return what is left beside an image of so many bytes; None: there can be no other capture.

    Captures of one shape share their code, so another one takes its numbers and nothing else. Only
    the second one brings along the code that changes captures: it is not counted here. One in
    fixed point plays alone.
    """
    if order.boot is None or any(played.selection.fixed for played in sound.captures):
        return None
    models = [played.selection.model for played in sound.captures]
    planned = sound.engines or plan_captures(
        models, target=order.target, block_frames=order.block_frames, start="cold"
    )
    most = max(capture.data_bytes for capture in planned.captures)
    left_bytes = order.boot.limit_bytes - image_bytes
    return Room(left_bytes, order.boot.limit_bytes, most, len(sound.captures))
