"""The image of a page: made as `namgen build` makes it, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from namgen.build import Job, firmware_of
from namgen.cli.common import find_instrument
from namgen.cli.terminal import note
from namgen.errors import BudgetError, ToolError, UnsupportedError
from namgen.pedal.deciding import Pedal
from namgen.pedal.sound import SoundPlan
from namgen.progress import Progress

if TYPE_CHECKING:
    from namgen.flashing.image import FlashImage
    from namgen.page.working import Working
    from namgen.prediction import Prediction

_NAME = "firmware.bin"


@dataclass(frozen=True, slots=True)
class Imaging:
    """How the image of a page is made."""

    toolchain: str
    no_image: bool
    no_profile: bool


@dataclass(frozen=True, slots=True)
class PageImage:
    """An image, or why there is none."""

    image: FlashImage | None
    why: Sequence[str] = ()
    prediction: Prediction | None = None  # of the image; None: nothing was run
    is_refused: bool = False  # as `build` refuses it

    @property
    def part(self) -> Working:
        """What the page has of it."""
        from namgen.page.flashing import flash_part, no_flash_part

        if self.image is None:
            return no_flash_part(tuple(self.why), is_refused=self.is_refused)
        return flash_part(self.image)

    def __str__(self) -> str:
        """How much of the page it is."""
        from namgen.page.working import packed

        if self.image is None:
            return ""
        return f", of which {len(packed(self.image.data)):,} are the image to flash"

    def to_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        if self.image is None:
            return {"why": list(self.why)}
        return {
            "size_bytes": len(self.image.data),
            "sha256": self.image.sha256,
            "boot": self.image.boot.name,
            "address": self.image.address,
        }


def image_for_page(pedal: Pedal, sound: SoundPlan, asked: Imaging, progress: Progress) -> PageImage:
    """Make the image of a pedal; what `build` refuses is told, and no reason to have no page."""
    if asked.no_image:
        return PageImage(None, ("it was left out of this page (--no-image)",))
    try:
        return _made(pedal, sound, asked, progress)
    except (BudgetError, ToolError, UnsupportedError) as error:
        for line in error.lines:
            note(f"the page has no image, for `namgen build` says: {line}")
        return PageImage(None, error.lines, is_refused=True)


def _made(pedal: Pedal, sound: SoundPlan, asked: Imaging, progress: Progress) -> PageImage:
    from namgen.flashing.image import built_image, check_loader

    target, boot = pedal.order.target, pedal.order.boot
    if boot is None:
        raise UnsupportedError(f"target {target.name}: no image is made for it")
    check_loader(_NAME, target.name, boot)
    instrument = None if asked.no_profile else find_instrument()
    job = Job(pedal, None, asked.toolchain, instrument=instrument, progress=progress)
    made = firmware_of(job, sound)
    image = built_image(Path(_NAME), made.data, boot, target.pedal, pedal.wanted.board)
    return PageImage(image, prediction=made.prediction)
