"""The file that lets a user of Linux open the device."""

from __future__ import annotations

from pathlib import Path

from namgen.errors import OutputError
from namgen.flashing.host import RULE, RULE_NAME, SEAT_NUMBER, is_in_time
from namgen.output_dir import check_writable, write_whole

RULE_TEXT = (
    "# Lets who sits at this computer flash a pedal: the boot ROM of an STM32 and the Daisy "
    f"bootloader.\n{RULE}\n"
)


def write_rule(path: Path) -> Path:
    """Write the rule to a file, or into a folder by its usual name; return where it is.

    Raises:
        OutputError: it would have no effect there, something else is there, or nothing can be.

    """
    place = path / RULE_NAME if path.is_dir() else path
    if place.suffix != ".rules" or not is_in_time(place.name):
        raise OutputError(
            f"{place}: expected a name that ends in .rules and sorts before {SEAT_NUMBER}-, such "
            f"as {RULE_NAME}: another has no effect"
        )
    check_writable(place)
    if place.exists() and (not place.is_file() or place.read_bytes() != RULE_TEXT.encode()):
        raise OutputError(f"{place}: expected nothing or this rule, found another thing")
    write_whole(place, RULE_TEXT)
    return place
