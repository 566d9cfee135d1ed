"""Which image `namgen flash` means: by a build, a file, a pedal.toml, or nothing said."""

from __future__ import annotations

from pathlib import Path

from namgen.build import usual_folder
from namgen.cli.terminal import note
from namgen.errors import NamgenError
from namgen.flashing.image import FlashImage, read_image
from namgen.output_dir import REPORT_NAME
from namgen.packages import shell_word
from namgen.pedal.deciding import pedal_of
from namgen.pedal.file import is_pedal_file
from namgen.pedal.files import read_captures
from namgen.pedal.said import PedalSaid

_IMAGE = "firmware.bin"
_SHOWN = 8


def image_for(built: Path | None) -> FlashImage:
    """Read the image that is meant.

    Raises:
        NamgenError: there is none, several may be meant, or it cannot start.

    """
    if built is None:
        return read_image(_only_build())
    if is_pedal_file(built):
        return read_image(_build_of(built))
    return read_image(built)


def _only_build() -> Path:
    """Return the build that there is: this folder, or the one in `build`."""
    if Path(REPORT_NAME).is_file():
        return Path()
    images = sorted(Path("build").glob(f"*/{_IMAGE}"), key=lambda p: -p.stat().st_mtime)
    if not images:
        raise NamgenError(
            "expected a build to flash, found none in build/: `namgen build MODEL --board NAME` "
            "makes one"
        )
    if len(images) > 1:
        names = [shell_word(image.parent) for image in images]
        more = ", …" if len(names) > _SHOWN else ""
        raise NamgenError(
            f"expected one build, found {len(names)} in build/; name one of them: "
            f"{', '.join(names[:_SHOWN])}{more}"
        )
    return images[0].parent


def _build_of(file: Path) -> Path:
    """Return the folder that a pedal.toml is built into, where it was.

    Raises:
        NamgenError: it was not, or is not right.

    """
    pedal = pedal_of([file], PedalSaid())
    first = pedal.wanted.captures[0].path
    folder = usual_folder(pedal, read_captures(pedal.wanted.captures)[first])
    image = folder / _IMAGE
    if not image.is_file():
        raise NamgenError(
            f"{file}: its build, {folder}, is not there: `namgen build {shell_word(file)}` makes it"
        )
    if file.stat().st_mtime > image.stat().st_mtime:
        note(
            f"{file} was changed after it was built: `namgen build {shell_word(file)}` makes "
            f"{folder} again"
        )
    return folder
