"""The part of a page that puts its image onto a pedal: what it shows, and what its script says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from namgen.flashing.device import MODES, NAMES
from namgen.flashing.hints import CABLE, buttons, ways_in, wrong_bootloader
from namgen.flashing.host import some_host
from namgen.flashing.image import FlashImage, is_told_alone
from namgen.flashing.sentences import SAID
from namgen.flashing.work import SHARES
from namgen.packages.image import dfu_util_line
from namgen.page.working import Working

_SYSTEMS = {"linux": "linux", "win": "win32", "other": "darwin"}
"""By what the script takes of `navigator`, Python's name of a system."""

_PARTS = ("said", "layout", "protocol", "job", "webusb")
SCRIPTS = (*(f"page/dfu/{name}.js" for name in _PARTS), "page/flash.js")
"""In their order."""


@dataclass(frozen=True, slots=True)
class FlashView:
    """The part as the page shows it."""

    name: str  # of the file
    rows: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]  # what to press
    lines: tuple[str, ...]  # for a shell
    why: tuple[str, ...] = ()  # there is no image; empty: there is
    is_refused: bool = False  # by what makes images, and not left out


def flash_part(image: FlashImage) -> Working:
    """Return the part of a page with an image."""
    view = FlashView(
        image.path.name,
        tuple(_rows(image)),
        tuple(buttons(image)),
        tuple(_lines(image)),
    )
    words = json.dumps(words_of(image), ensure_ascii=False).encode()
    data = {"flash-image": image.data, "flash-words": words}
    return Working("flash", "Flash it", view, SCRIPTS, data)


def no_flash_part(why: tuple[str, ...], *, is_refused: bool) -> Working:
    """Return the part of a page without one, which says why."""
    return Working("flash", "Flash it", FlashView("", (), (), (), why, is_refused), ())


def words_of(image: FlashImage) -> Mapping[str, Any]:
    """Return what the script says of an image and of the devices that may take it."""
    said = replace(SAID, again="press the button on this page again")
    troubles = (*said.troubles, "descriptor")
    return {
        "said": asdict(said),
        "shares": SHARES,
        "bootloaders": [
            {"name": name, "address": address, "mode": mode, "title": MODES[mode]}
            for (name, address), mode in NAMES.items()
        ],
        "other": {mode: wrong_bootloader(image, mode) for mode in MODES if mode != image.mode},
        "nobody": ["no pedal was chosen", *buttons(image), CABLE],
        "systems": {
            system: {trouble: list(ways_in(trouble, some_host(named))) for trouble in troubles}
            for system, named in _SYSTEMS.items()
        },
        "image": _facts(image),
    }


def _facts(image: FlashImage) -> Mapping[str, Any]:
    return {
        "name": image.path.name,
        "sha256": image.sha256,
        "address": image.address,
        "boot": image.boot.name,
        "mode": image.mode,
        "limit": image.boot.limit_bytes,
        "of": "",
    }


def _rows(image: FlashImage) -> Iterator[tuple[str, str]]:
    yield "image", f"{image.path.name}, {len(image.data):,} bytes"
    yield "SHA-256", image.sha256
    yield "board", image.board.title
    yield "starts by", f"--boot {image.boot.name}: {image.boot.title}"
    yield "address", f"0x{image.address:08x}, by {MODES[image.mode]}"


def _lines(image: FlashImage) -> Iterator[str]:
    """Say what flashes the file; by itself it does not tell a board with more room than usual."""
    if is_told_alone(image):
        yield f"namgen flash {image.path}"
    yield dfu_util_line(image.path, image.address)
