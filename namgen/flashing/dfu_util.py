"""The second way: the program dfu-util, where it is on PATH."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from subprocess import CompletedProcess

from namgen.errors import DeviceError, ToolError
from namgen.firmware.dfuse import USB_DEVICE
from namgen.flashing.clock import Clock
from namgen.flashing.device import DescriptorError, Device, Pace, Place, Seen, described
from namgen.flashing.image import FlashImage
from namgen.flashing.job import sectors_of
from namgen.flashing.work import Work
from namgen.scratch import run, scratch_folder

PROGRAM = "dfu-util"

_FOUND = re.compile(
    rf'^Found DFU: \[{USB_DEVICE}\].* devnum=(\d+),.* path="([^"]*)", alt=0, '
    r'name="([^"]*)", serial="([^"]*)"'
)
_CLOSED = re.compile(
    rf"Cannot open DFU device {USB_DEVICE} found on devnum (\d+) \((LIBUSB_ERROR_)?(\w+)\)"
)
_DONE = "File downloaded successfully"
_OWN_PACE = Pace(1024, 1, is_told=False)
"""The program finds its own."""

_SHOWN_LINES = 3


class DfuUtil:
    """Devices by dfu-util."""

    name = PROGRAM

    def __init__(self) -> None:
        """Find the program.

        Raises:
            ToolError: it is not on PATH.

        """
        found = shutil.which(PROGRAM)
        if found is None:
            raise ToolError(f"expected {PROGRAM} on PATH, found none")
        self._program = found

    def devices(self) -> tuple[Seen, ...]:
        """See `Way`."""
        done = self._run(["--list"])
        return tuple(_seen(done.stdout + "\n" + done.stderr))

    def present(self) -> frozenset[Place]:
        """See `Way`."""
        return frozenset(seen.place for seen in self.devices())

    def write(self, device: Device, image: FlashImage, work: Work, clock: Clock) -> None:
        """See `Way`."""
        sectors_of(device, image)
        size = len(image.data)
        chosen = ["-a", "0", "-d", f",{USB_DEVICE}", "-p", device.port]
        with scratch_folder() as folder:
            (folder / "image.bin").write_bytes(image.data)
            work.at("writing", f"dfu-util writes {size:,} bytes", 0, 1)
            place = f"0x{image.address:08x}"
            done = self._run([*chosen, "-s", place, "-D", str(folder / "image.bin")])
            if _DONE not in done.stdout:
                raise DeviceError(*_failure(done, work))
            work.at("reading", f"dfu-util reads {size:,} bytes back", 0, 1)
            back = folder / "back.bin"
            done = self._run([*chosen, "-s", f"{place}:{size}:leave", "-U", str(back)])
            _prove(image, back, done, work)
        work.at("leaving", "starting the pedal", 1, 1)

    def _run(self, words: Sequence[str]) -> CompletedProcess[str]:
        try:
            return run([self._program, *words])
        except OSError as error:
            raise ToolError(f"{PROGRAM}: {error.strerror or error}") from error


def _seen(said: str) -> Iterator[Seen]:
    """Read what the program has found; a device has a line for each alternate setting."""
    for line in said.splitlines():
        if found := _FOUND.search(line):
            place = (found[2], int(found[1]))
            try:
                device = described(
                    place, serial=found[4], product="", layout=found[3], pace=_OWN_PACE
                )
            except DescriptorError as error:
                yield Seen(place, trouble="descriptor", reason=str(error))
            else:
                yield Seen(place, device=device)
        elif closed := _CLOSED.search(line):
            trouble = {"ACCESS": "access", "BUSY": "busy"}.get(closed[3], "driver")
            reason = f"dfu-util cannot open it ({closed[3]})"
            yield Seen((f"device {closed[1]}", int(closed[1])), trouble=trouble, reason=reason)


def _failure(done: CompletedProcess[str], work: Work) -> Iterator[str]:
    if "Erase" not in done.stdout and "Download" not in done.stdout:
        work.phase = "before"
    said = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
    yield f"{PROGRAM}: exit code {done.returncode}"
    yield from said[-_SHOWN_LINES:]
    yield work.told


def _prove(image: FlashImage, back: Path, done: CompletedProcess[str], work: Work) -> None:
    """Compare what was read back; the program may fail at leaving, when that is done.

    Raises:
        DeviceError: nothing came back, or another image.

    """
    try:
        found = back.read_bytes()
    except OSError:
        raise DeviceError(*_failure(done, work)) from None
    if found != image.data:
        wrong = sum(a != b for a, b in zip(image.data, found, strict=False))
        wrong += abs(len(found) - len(image.data))
        told = f"{wrong:,} of {len(image.data):,} bytes are others when read back"
        raise DeviceError(f"the pedal: {told}", work.told)
