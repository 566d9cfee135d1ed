"""`namgen doctor`: every finding, on computers that have it and that lack it; and on this one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from usb_systems import BOOTLOADER, PROBE, ST_LINK, rule, system, write

from namgen.cli import main
from namgen.doctor.building import building
from namgen.doctor.cortex_m7 import RIGHT, multiply_add
from namgen.doctor.emulating import emulating
from namgen.doctor.finding import Finding, build_works
from namgen.doctor.flashing import flashing
from namgen.doctor.machine import Machine, package_version, program_version
from namgen.errors import ToolError
from namgen.toolchain import find_cross


class NoUsb:
    """A bus with nothing on it."""

    libusb_version = "1.0.30"

    def devices(self) -> tuple[()]:
        return ()


ROOT = Path(__file__).resolve().parents[1]


def fails(message: str) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise ToolError(message)

    return fail


def without(name: str) -> Callable[[str], str | None]:
    return lambda asked: None if asked == name else "1.2.3"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A computer that has everything, but nothing on USB."""
    host = system(tmp_path / "system")
    (tmp_path / "system/dev/bus/usb").mkdir(parents=True)
    rule(tmp_path / "system", "70-namgen-dfu.rules")
    return Machine(
        host=host,
        here=tmp_path,
        package=lambda _: "1.2.3",
        program=lambda name: f"{name} 4.5",
        free=lambda _: 9_000_000_000,
        cache=lambda: tmp_path,
        temporary=lambda: tmp_path,
        host_compiler=lambda: "gcc 6.7",
        emulated=lambda: RIGHT,
        usb=NoUsb,  # type: ignore[arg-type]
    )


def findings(machine: Machine) -> list[Finding]:
    return [*building(machine), *emulating(machine), *flashing(machine)]


def one(machine: Machine, name: str) -> Finding:
    (found,) = (finding for finding in findings(machine) if finding.name == name)
    return found


def test_a_computer_that_has_everything_lacks_nothing(machine: Machine) -> None:
    found = findings(machine)
    if program_version("arm-none-eabi-gcc") is None:
        found = [finding for finding in found if finding.name != "compiler gcc"]
    assert {finding.state for finding in found} == {"ok", "note"}
    assert build_works(found)
    assert [f.name for f in found if f.part == "board"] == ["none", *["buttons"] * 3]
    assert "one that plays shows nothing on USB: that is normal" in one(machine, "none").found


LACKS: list[tuple[str, dict[str, Any], str, str, bool]] = [
    # what it is about, what differs, the state, the command that adds it, whether build works
    ("numpy", {"package": without("numpy")}, "missing", "pip install numpy", False),
    (
        "soxr",
        {"package": lambda n: fails("no libsoxr")() if n == "soxr" else "1"},
        "broken",
        "pip install --force-reinstall soxr",
        False,
    ),
    (
        "cache",
        {"cache": fails("NAMGEN_CACHE_DIR: expected a folder to write in")},
        "broken",
        "NAMGEN_CACHE_DIR names another folder for it",
        False,
    ),
    (
        "compiler zig",
        {"cross": fails("toolchain zig: expected the Python package ziglang")},
        "missing",
        "pip install ziglang",
        False,
    ),
    (
        "compiler gcc",
        {"cross": lambda n: find_cross("zig") if n == "zig" else fails("toolchain gcc: none")()},
        "missing",
        "sudo apt install gcc-arm-none-eabi",
        True,
    ),
    ("compiler here", {"host_compiler": fails("none")}, "missing", "pip install ziglang", True),
    ("unicorn", {"package": without("unicorn")}, "missing", 'pip install "namgen[emulator]"', True),
    (
        "capstone",
        {"package": without("capstone")},
        "missing",
        'pip install "namgen[emulator]"',
        True,
    ),
    (
        "Cortex-M7",
        {"emulated": fails("it stops")},
        "broken",
        "pip install --force-reinstall unicorn",
        True,
    ),
    (
        "Cortex-M7",
        {"emulated": lambda: 1.0},
        "broken",
        "pip install --force-reinstall unicorn",
        True,
    ),
    ("pyusb", {"package": without("pyusb")}, "missing", 'pip install "namgen[flash]"', True),
    (
        "libusb-package",
        {"package": without("libusb-package")},
        "missing",
        'pip install "namgen[flash]"',
        True,
    ),
    ("libusb", {"usb": fails("no libusb")}, "missing", 'pip install "namgen[flash]"', True),
    ("dfu-util", {"program": lambda _: None}, "missing", "sudo apt install dfu-util", True),
    ("dfu-util", {"program": fails("it crashes")}, "broken", "sudo apt install dfu-util", True),
]


@pytest.mark.parametrize(
    ("name", "change", "state", "add", "works"), LACKS, ids=lambda v: str(v)[:20]
)
def test_what_a_computer_lacks_is_told_with_what_works_and_what_adds_it(
    name: str, change: dict[str, Any], state: str, add: str, works: bool, machine: Machine
) -> None:
    lacking = replace(machine, **change)
    found = one(lacking, name)
    assert (found.state, found.add) == (state, add)
    assert build_works(findings(lacking)) is works
    assert bool(found.without) is works, "what build needs leaves nothing"


def test_no_room_is_told_and_a_folder_that_takes_nothing_is_broken(
    machine: Machine, tmp_path: Path
) -> None:
    assert one(replace(machine, free=lambda _: 50_000_000), "cache").state == "note"
    assert "50 MB free" in one(replace(machine, free=lambda _: 50_000_000), "results").found
    (tmp_path / "file").touch()
    closed = replace(machine, here=tmp_path / "file" / "below")
    assert one(closed, "results").state == "broken"
    gone = replace(machine, temporary=lambda: tmp_path / "file")
    assert one(gone, "temporary").state == "broken"
    assert not build_works(findings(gone))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc, which takes no files")
def test_a_folder_that_takes_no_files_is_told_whatever_its_rights_say(machine: Machine) -> None:
    found = one(replace(machine, here=Path("/proc")), "results")
    assert (found.state, found.stops_builds) == ("broken", True)
    assert "/proc/build: cannot be written" in found.found


class Compiler:
    """One that writes something, or fails."""

    version = "cc 1"

    def __init__(self, written: bytes | None) -> None:
        self.written = written

    def compile(self, source: Path, out: Path) -> None:
        assert "__builtin_fmaf" in source.read_text()
        if self.written is None:
            raise ToolError("compiler cc: exit code 1", "out of memory")
        out.write_bytes(self.written)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (None, "exit code 1; out of memory"),
        (b"", "wrote no object file"),
        (b"\x7fELF", "wrote no object file"),
    ],
)
def test_a_compiler_that_does_not_compile_is_broken(
    written: bytes | None, expected: str, machine: Machine
) -> None:
    broken = replace(machine, cross=lambda _: Compiler(written))  # type: ignore[arg-type,return-value]
    found = one(broken, "compiler zig")
    assert found.state == "broken"
    assert expected in found.found
    assert found.stops_builds


def test_code_for_another_float_unit_is_not_taken_for_right(machine: Machine) -> None:
    other = replace(machine, cross=lambda _: find_cross("zig", processor="cortex-m4f"))
    found = one(other, "compiler zig")
    assert (found.state, found.stops_builds) == ("broken", True)
    assert "FPv5-D16" in found.found


def test_the_emulated_processor_computes() -> None:
    pytest.importorskip("unicorn")
    assert multiply_add() == RIGHT


def test_a_rule_that_is_missing_or_late_is_told(machine: Machine, tmp_path: Path) -> None:
    host = system(tmp_path / "none")
    found = one(replace(machine, host=host), "udev rule")
    assert (found.state, found.add) == (
        "missing",
        "namgen flash --write-udev-rule 70-namgen-dfu.rules",
    )
    late = rule(tmp_path / "none", "99-dfu.rules")
    found = one(replace(machine, host=host), "udev rule")
    assert found.state == "broken"
    assert found.add.startswith(f"sudo mv {late} ")
    assert not [f for f in flashing(replace(machine, host=replace(host, platform="win32")))
                if f.name == "udev rule"]  # fmt: skip


def test_a_board_that_may_not_be_opened_is_told(machine: Machine, tmp_path: Path) -> None:
    host = system(tmp_path / "closed", BOOTLOADER, can_open=False)
    found = one(replace(machine, host=host), "right, 1-1")
    assert found.state == "broken"
    assert "TAG+=" in found.found
    host = system(tmp_path / "open", BOOTLOADER)
    assert one(replace(machine, host=host), "right, 1-1").state == "ok"
    unasked = replace(machine, host=host, package=without("pyusb"))
    assert "DFU in FS Mode: pyusb would say which" in one(unasked, "1-1").found
    nothing = replace(machine, package=without("pyusb"))
    assert "nothing was asked" in one(nothing, "none").found


def test_wsl_containers_and_other_devices_are_told(machine: Machine, tmp_path: Path) -> None:
    host = system(tmp_path / "wsl", ST_LINK, PROBE)
    write(tmp_path / "wsl", "proc/version", "Linux (Microsoft)")
    told = [f.found for f in findings(replace(machine, host=host)) if f.state != "ok"]
    assert any("usbipd" in line for line in told)
    assert any("an ST-LINK" in line for line in told)
    assert any("a Black Magic Probe" in line for line in told)


def test_boards_that_wait_are_asked_what_they_are(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("usb")
    from dfu_device import DAISY, ERROR, GETSTATUS, ROM
    from flash_setups import device, way_to

    strings = (*ROM.strings[:3], "@SRAM/0x20000000/1*1Kg")
    other = replace(ROM, strings=strings)
    boards = (
        device(ROM, ports=(1,), state=ERROR),
        device(DAISY, ports=(2,)),
        device(ROM, ports=(3,), open_error="ACCESS"),
        device(other, ports=(4,)),
        device(ROM, ports=(5,), status_bytes=2),
    )
    way = way_to(monkeypatch, *boards)
    found = {f.name: f for f in flashing(replace(machine, usb=lambda: way)) if f.part == "board"}
    assert "ERROR: of a Daisy it takes --boot flash (up to 131,072 bytes)" in found["1-1"].found
    assert "@Internal Flash   /0x08000000/16*128Kg" in found["1-1"].found
    assert "--boot sram (up to 491,520 bytes) or --boot qspi (up to 7,864," in found["1-2"].found
    assert "this user may not open it" in found["1-3"].found
    assert "'@SRAM/0x20000000/1*1Kg'" in found["1-4"].found
    assert "2 of 6 bytes" in found["1-5"].found
    assert [found[f"1-{n}"].state for n in range(1, 6)] == ["ok", "ok", *["broken"] * 3]
    assert {request for board in boards for request, _ in board.log} == {GETSTATUS}


def test_a_board_is_waited_for_where_that_is_asked(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("usb")
    from dfu_device import DAISY
    from flash_setups import device, way_to

    board = device(DAISY)
    board.is_there = False
    board.clock.when.append(lambda now: setattr(board, "is_there", now > 8))
    way = way_to(monkeypatch, board)
    waiting = replace(machine, clock=board.clock, usb=lambda: way)
    assert one(waiting, "none").state == "note"
    assert one(replace(waiting, wait_seconds=10.0), "1-2").state == "ok"


def test_a_package_that_breaks_when_it_is_loaded_is_told_from_one_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "breaks_at_once.py").write_text("raise OSError('no library')\n")
    (tmp_path / "needs_another.py").write_text("import nothing_such\n")
    (tmp_path / "has_no_version.py").touch()
    assert package_version("nothing_such") is None
    assert package_version("numpy")
    assert package_version("has_no_version") == "unknown"
    for name, message in (("breaks_at_once", "no library"), ("needs_another", "nothing_such")):
        with pytest.raises(ToolError, match=message):
            package_version(name)


def run(*options: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["doctor", *options])
    assert result.exit_code == code, result.output
    return result


def test_the_command_says_it_in_parts_and_ends_in_what_adds_the_rest(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = replace(machine, package=without("pyusb"))
    monkeypatch.setattr("namgen.cli.doctor.machine", lambda: lacking)
    text = run("-q").stdout
    parts = [line.partition(":")[0] for line in text.splitlines() if line and line[0] != " "]
    assert parts[:3] == ["build", "verify, profile", "flash"]
    assert "MISSING: not installed; without it works: build and everything else" in text
    ending = text[text.index("build works; what adds the rest:") :]
    assert '  pip install "namgen[flash]"    pyusb' in ending


def test_the_exit_code_is_1_where_build_does_not_work(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = replace(machine, cross=fails("toolchain zig: expected the package ziglang"))
    monkeypatch.setattr("namgen.cli.doctor.machine", lambda: lacking)
    assert "build does NOT work: compiler zig; what mends it:" in run(code=1).stdout
    found = json.loads(run("--json", code=1).stdout)
    assert found["build_works"] is False
    (zig,) = (f for f in found["findings"] if f["name"] == "compiler zig")
    assert zig["add"] == "pip install ziglang"


@pytest.mark.compiles
def test_this_computer_builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = json.loads(run("--json", "-q").stdout)
    assert found["build_works"] is True
    named = {finding["name"]: finding for finding in found["findings"]}
    assert named["compiler zig"]["found"].startswith("ziglang 0.")
    assert named["Python"]["found"].startswith(".".join(map(str, sys.version_info[:3])))
    assert list(tmp_path.iterdir()) == [], "it changes nothing"


@pytest.mark.parametrize(
    ("module", "package"),
    [("numpy", "numpy"), ("elftools", "pyelftools"), ("jinja2", "jinja2"), ("cffi", "cffi")],
)
def test_a_package_that_build_needs_and_has_not_is_told_in_a_line(
    module: str, package: str, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(f"import sys\nsys.modules[{module!r}] = None\n")
    done = subprocess.run(
        [sys.executable, "-m", "namgen", "doctor"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    assert re.search(rf"^  pip install (--force-reinstall )?{package}    ", done.stdout, re.M)
