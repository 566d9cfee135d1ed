"""A program that takes dfu-util's words and says what dfu-util 0.11 says, with a file as the flash.

    dfu-util --list
    dfu-util -a 0 -d ,0483:df11 -p PORT -s 0xADDRESS[:SIZE][:leave] -D|-U FILE

`STAND_IN` names its folder: `found` has what --list prints, `flash` becomes the memory, and what is
in `fault` goes wrong.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

FOUND = (
    "Found DFU: [0483:df11] ver=0200, devnum={number}, cfg=1, intf=0, "
    'path="{port}", alt={alternate}, name="{name}", serial="{serial}"\n'
)
ROM_NAME = "@Internal Flash   /0x08000000/16*128Kg"
DAISY_NAME = "@Flash /0x90000000/64*4Kg/0x90040000/60*64Kg/0x90400000/60*64Kg"


def line(name: str, *, port: str = "1-2", number: int = 7, alternate: int = 0) -> str:
    """A device as --list shows it."""
    return FOUND.format(
        number=number, port=port, alternate=alternate, name=name, serial="200364500000"
    )


def main() -> int:
    folder = Path(os.environ["STAND_IN"])
    words = sys.argv[1:]
    with (folder / "log").open("a") as log:
        log.write(" ".join(words) + "\n")
    fault = (folder / "fault").read_text() if (folder / "fault").exists() else ""
    print("dfu-util 0.11\n")
    if words == ["--list"]:
        found = (folder / "found").read_text()
        (sys.stderr if found.startswith("Cannot") else sys.stdout).write(found)
        return 0
    options = dict(zip(words[::2], words[1::2], strict=True))
    assert options["-a"] == "0", options
    assert options["-d"] == ",0483:df11", options
    _, *more = options["-s"].split(":")
    return download(folder, options, fault) if "-D" in options else upload(folder, options, more)


def download(folder: Path, options: dict[str, str], fault: str) -> int:
    if fault == "early":
        print("dfu-util: Cannot claim interface: Resource busy", file=sys.stderr)
        return 74
    print("Erase   \t[=========================] 100%         9001 bytes")
    if fault == "middle":
        print("dfu-util: Error during download get_status", file=sys.stderr)
        return 74
    data = bytearray(Path(options["-D"]).read_bytes())
    if fault == "flip":
        data[100] ^= 1
    (folder / "flash").write_bytes(data)
    print("File downloaded successfully")
    return 0


def upload(folder: Path, options: dict[str, str], more: list[str]) -> int:
    size, *leave = more
    out = Path(options["-U"])
    assert not out.exists(), "dfu-util does not write over a file"
    out.write_bytes((folder / "flash").read_bytes()[: int(size)])
    if leave == ["leave"]:
        print("Submitting leave request...")
        (folder / "found").write_text("")
        print("dfu-util: Error during download get_status", file=sys.stderr)
        return 74
    return 0


if __name__ == "__main__":
    sys.exit(main())
