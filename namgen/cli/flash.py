"""`namgen flash`."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from namgen.c_text import counted
from namgen.cli.command import OneOf, command, json_option
from namgen.cli.flash_image import image_for
from namgen.cli.options import file_path, gathers
from namgen.cli.progress import progress_lines
from namgen.cli.terminal import Item, note, print_json, show
from namgen.cli.wait_option import wait_option
from namgen.flashing.clock import Clock, WallClock
from namgen.flashing.device import MODES, Device, Seen
from namgen.flashing.finding import Search
from namgen.flashing.hints import cannot_open, install_rule, nothing_there
from namgen.flashing.host import Host
from namgen.flashing.image import FlashImage
from namgen.flashing.job import sectors_of
from namgen.flashing.permission import write_rule
from namgen.flashing.sentences import SAID
from namgen.flashing.way import Way
from namgen.flashing.ways import WAYS, choose_way
from namgen.flashing.work import Work
from namgen.scratch import undone


@dataclass(frozen=True, slots=True)
class _Doing:
    """What is done, and to which device."""

    way: str | None
    named: str | None
    wait_seconds: float | None
    dry_run: bool
    list_devices: bool
    rule: Path | None


@command("flash")
@click.argument("built", type=file_path, metavar="[DIR|FILE|pedal.toml]", required=False)
@wait_option
@click.option(
    "--device",
    "named",
    metavar="PORT|SERIAL",
    help="Which board, where several wait: its port, such as 1-2, or its serial number.",
)
@click.option("--list", "list_devices", is_flag=True, help="List the boards that wait; no more.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Check the image, and the board where one waits; change nothing.",
)
@click.option(
    "--with",
    "way",
    type=OneOf(WAYS),
    help="pyusb, or the program dfu-util.  [default: pyusb, where it is installed]",
)
@click.option(
    "--write-udev-rule",
    "rule",
    type=file_path,
    metavar="PATH",
    help="Write the file that lets you open the board on Linux, and say where it goes; no more.",
)
@json_option
@gathers(_Doing, "doing")
def flash_command(*, built: Path | None, doing: _Doing, as_json: bool) -> None:
    """Put the image of a build onto a board over USB, and read it back.

    \b
    Examples:
        namgen flash                              the only build in build/
        namgen flash build/tweed --wait           waits a minute for the buttons
        namgen flash pedal.toml                   what `namgen build pedal.toml` has made
        namgen flash my.bin --dry-run             is this an image, and for which bootloader?
        namgen flash --list

    The board's USB socket, not the pedal's: a Daisy shows itself to a computer while its bootloader
    waits, and not while it plays. What to press is said when nothing waits. A pull of the cable or
    Ctrl-C breaks nothing: start the bootloader and run it again. docs/flash.md has it all.
    """  # noqa: D301
    if doing.rule is not None:
        _write_rule(doing.rule, as_json=as_json)
    elif doing.list_devices:
        _list(doing, as_json=as_json)
    else:
        _flash(image_for(built), doing, as_json=as_json)


def clock() -> Clock:
    """Return the one that everything waits by."""
    return WallClock()


def host() -> Host:
    """Return this computer."""
    return Host()


def _write_rule(path: Path, *, as_json: bool) -> None:
    place = write_rule(path)
    line = install_rule(place)
    if as_json:
        print_json({"rule": str(place), "next": [line]})
        return
    show([f"{place}: lets who sits at this computer flash a pedal", "", "next", f"  {line}"])


def _list(doing: _Doing, *, as_json: bool) -> None:
    found = choose_way(doing.way, None, note).devices()
    if as_json:
        print_json([_seen_to_json(seen) for seen in found])
        return
    show(_seen_lines(found))


def _seen_lines(found: tuple[Seen, ...]) -> Iterator[Item]:
    if not found:
        yield from nothing_there(None, host())
    for seen in found:
        if seen.device is None:
            yield from cannot_open(seen, host())
        else:
            yield f"{seen.device}"
            yield f"    {seen.device.layout}"


def _seen_to_json(seen: Seen) -> dict[str, Any]:
    if seen.device is None:
        return {"port": seen.port, "error": {"kind": seen.trouble, "lines": [seen.reason]}}
    return _to_json(seen.device)


def _to_json(device: Device) -> dict[str, Any]:
    return {
        "port": device.port,
        "serial": device.serial,
        "product": device.product,
        "layout": device.layout,
        "bootloader": device.mode,
    }


def _flash(image: FlashImage, doing: _Doing, *, as_json: bool) -> None:
    way = choose_way(doing.way, image, note)
    search = Search(way, clock(), host(), image, doing.named)
    if doing.dry_run and doing.wait_seconds is None and not way.present():
        _say_image(search, way.name, as_json=as_json)
        return
    device = _found(search, doing)
    sectors = sectors_of(device, image)
    if not doing.dry_run:
        _write(way, device, image, Work(), search.clock)
    has_left = not doing.dry_run and search.has_left(device)
    if as_json:
        told = {"dry_run": doing.dry_run, "read_back": not doing.dry_run, "left": has_left}
        print_json(
            {"image": _image_to_json(image), "device": _to_json(device), "with": way.name}
            | {"sectors": list(sectors), **told}
        )
        return
    show(_lines(image, device, len(sectors), done=not doing.dry_run, has_left=has_left))


def _say_image(search: Search, way: str, *, as_json: bool) -> None:
    """Say what is known of an image for which no board is there."""
    for line in nothing_there(search.image, search.host):
        note(line)
    if as_json:
        told = {"dry_run": True, "read_back": False, "left": False}
        image = _image_to_json(search.image)
        print_json({"image": image, "device": None, "with": way, "sectors": [], **told})
        return
    show([_image_line(search.image), f"it is for {MODES[search.image.mode]}; no board was asked"])


def _found(search: Search, doing: _Doing) -> Device:
    if doing.wait_seconds is None:
        return search.once()
    note(f"waiting {doing.wait_seconds:g} s for {MODES[search.image.mode]}")
    return search.waited(doing.wait_seconds, note)


def _write(way: Way, device: Device, image: FlashImage, work: Work, clock: Clock) -> None:
    """Do it; a signal says what it has left behind."""
    with undone(partial(_say_what_is_left, work)), progress_lines() as progress:
        work.progress = progress
        try:
            way.write(device, image, work, clock)
            work.phase = "done"
        finally:
            work.is_over = True


def _say_what_is_left(work: Work) -> None:
    """Say on stderr what is on a device whose writing ends early."""
    if not work.is_over:
        with contextlib.suppress(OSError):  # past the buffers: a signal may have come into them
            os.write(2, f"\n{work.told}".encode())


def _image_to_json(image: FlashImage) -> dict[str, Any]:
    return {
        "file": str(image.path),
        "size_bytes": len(image.data),
        "sha256": image.sha256,
        "boot": image.boot.name,
        "address": image.address,
    }


def _image_line(image: FlashImage) -> str:
    size = f"{len(image.data):,} bytes"
    return f"{image.path}: {size} for --boot {image.boot.name}, at 0x{image.address:08x}"


def _lines(
    image: FlashImage, device: Device, sectors: int, *, done: bool, has_left: bool
) -> Iterator[str]:
    yield _image_line(image)
    count = counted(sectors, "sector")
    if not done:
        yield f"{device}: it takes {count}; nothing was changed"
        return
    started = SAID.starts if has_left else SAID.press_reset
    yield SAID.done.format(device=device, sectors=count, started=started)
