"""`verify BUILD` runs the files that lie there, and `verify MODEL` what `build` would write."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import make_nam
import pytest
from click.testing import CliRunner, Result

import namgen
from host_sim import engines
from namgen.cli import main
from namgen.emit import planar

OPTIONS: dict[str, Any] = {"block": 16, "boot": "sram", "clock": 400, "name": "amp"}


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def verified(*arguments: object) -> dict[str, Any]:
    """What `verify --json` says of a build; the exit code agrees with it."""
    result = run("verify", *arguments, "--json")
    found: dict[str, Any] = json.loads(result.stdout)
    assert result.exit_code == (0 if found["bit_exact"] else 1)
    return found


def exact(found: dict[str, Any]) -> dict[str, bool]:
    return {check["engine"]: check["bit_exact"] for check in found["checks"]}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with builds at no default value: `daisy` of a container's first, and `host`."""
    folder = tmp_path_factory.mktemp("made")
    box = make_nam.write(folder, make_nam.container(make_nam.a1(), make_nam.a2()), "Boss WN.nam")
    namgen.build(box, out_dir=folder / "daisy", submodel="1", tanh="fast", **OPTIONS)
    namgen.build(box, out_dir=folder / "host", target="host", block=24)
    return folder


@pytest.fixture
def daisy(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made / "daisy", tmp_path / "daisy")


@pytest.fixture
def host(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made / "host", tmp_path / "host")


def edit(path: Path, change: Callable[[str], str]) -> None:
    text = path.read_text(encoding="utf-8")
    assert change(text) != text
    path.write_text(change(text), encoding="utf-8")


def other_weight(text: str) -> str:
    """Weights with the first of them negated."""
    head, brace, rest = text.partition("= {\n    ")
    return head + brace + (rest[1:] if rest.startswith("-") else "-" + rest)


def test_a_build_at_other_than_default_values_is_verified_as_it_lies(daisy: Path) -> None:
    pytest.importorskip("unicorn")
    found = verified(daisy)
    assert exact(found) == dict.fromkeys(("host", "emulator", "firmware", "pedal"), True)
    assert found["notes"] == found["problems"] == []
    assert "--boot sram, 32 frames later" in found["checks"][-1]["notes"][0]


@pytest.mark.parametrize("name", ["report.json", "firmware.elf", "firmware.bin", "."])
def test_a_build_is_named_by_its_folder_or_a_file_in_it(name: str, daisy: Path) -> None:
    assert verified(daisy / name, "--on", "host")["bit_exact"]


def test_a_build_can_be_moved_and_needs_no_other_file(daisy: Path, tmp_path: Path) -> None:
    moved = daisy.rename(tmp_path / "elsewhere")
    assert (moved / "Boss WN.nam").is_file()
    assert verified(moved, "--on", "host")["bit_exact"]


def test_edited_c_is_said_and_judged_by_what_it_computes(daisy: Path) -> None:
    pytest.importorskip("unicorn")
    edit(daisy / "nam_amp.h", lambda text: text + "/* mine */\n")
    found = verified(daisy, "--on", "host")
    assert found["bit_exact"]
    assert found["notes"] == [f"{daisy}: nam_amp.h: changed since the build"]
    edit(daisy / "nam_amp_weights.h", other_weight)
    found = verified(daisy)
    assert exact(found) == {"host": False, "emulator": False, "firmware": True, "pedal": True}


def test_firmware_of_other_c_is_found_out(daisy: Path, made: Path, tmp_path: Path) -> None:
    pytest.importorskip("unicorn")
    other = make_nam.write(tmp_path, make_nam.put(make_nam.a1(), "weights[3]", 0.1))
    namgen.build(other, out_dir=tmp_path / "other", tanh="fast", **OPTIONS)
    for name in ("firmware.elf", "firmware.bin", "firmware.dfu"):
        shutil.copy(tmp_path / "other" / name, daisy / name)
    found = verified(daisy)
    assert exact(found) == {"host": True, "emulator": True, "firmware": False, "pedal": False}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"block": 8}, "block of frames: expected 16 as in the report, found 8"),
        ({"clock": 480}, "clock in Hz: expected 400000000 as in the report, found 480000000"),
        ({"boot": "flash"}, "expected an image for --boot sram at 0x24000000, found 0x08000000"),
    ],
)
def test_firmware_with_other_options_is_found_out(
    options: dict[str, Any], told: str, daisy: Path, tmp_path: Path
) -> None:
    pytest.importorskip("unicorn")
    arguments = OPTIONS | {"submodel": "1", "tanh": "fast"} | options
    namgen.build(daisy / "Boss WN.nam", out_dir=tmp_path / "other", **arguments)
    for name in ("firmware.elf", "firmware.bin", "firmware.dfu"):
        shutil.copy(tmp_path / "other" / name, daisy / name)
    found = verified(daisy, "--on", "emulator")
    assert not found["bit_exact"]
    assert told in "\n".join(found["problems"])


@pytest.mark.parametrize("name", ["firmware.bin", "firmware.dfu"])
def test_what_is_flashed_holds_the_image_that_was_run(name: str, daisy: Path) -> None:
    data = bytearray((daisy / name).read_bytes())
    data[1000] ^= 1
    (daisy / name).write_bytes(data)
    found = verified(daisy, "--on", "host")
    assert exact(found) == {"host": True}
    assert not found["bit_exact"]
    assert (
        f"{name}: expected the image of firmware.elf, found another from byte 0x3e8 on"
        in (found["problems"])
    )


@pytest.mark.parametrize("damage", [b"", b"no ELF", None], ids=["empty", "garbage", "absent"])
def test_a_damaged_image_is_a_problem_and_no_traceback(damage: bytes | None, daisy: Path) -> None:
    pytest.importorskip("unicorn")
    if damage is None:
        (daisy / "firmware.elf").unlink()
    else:
        (daisy / "firmware.elf").write_bytes(damage)
    found = verified(daisy)
    assert exact(found) == {"host": True, "emulator": True}
    assert found["problems"]


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (None, "found no report.json"),
        ("", "expected the report of a build"),
        ("[]", "found another JSON file"),
        ('{"generator": "namgen 0.1.0"}', "a report of namgen 0.1.0; build it again"),
        ('{"generator": "namgen 0.2.0", "options": {}}', "found it damaged"),
    ],
)
def test_a_report_that_does_not_tell_is_one_line(
    report: str | None, told: str, daisy: Path
) -> None:
    (daisy / "report.json").unlink()
    if report is not None:
        (daisy / "report.json").write_text(report)
    result = run("verify", daisy)
    assert result.exit_code == 1
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_options_beside_a_build_are_wrong_usage(daisy: Path) -> None:
    result = run("verify", daisy, "--block", "48", "--submodel", "full")
    assert result.exit_code == 2
    assert "--submodel, --block: a build is verified with the options" in result.stderr


def test_a_missing_source_is_named(daisy: Path) -> None:
    (daisy / "Boss WN.nam").unlink()
    assert "expected the source of the build" in run("verify", daisy).stderr


@pytest.mark.parametrize("swapped", ["other weights", "another kind", "no model"])
def test_another_source_than_the_reports_is_refused_as_that(swapped: str, daisy: Path) -> None:
    source = daisy / "Boss WN.nam"
    if swapped == "no model":
        source.write_bytes(b"RIFF")
    else:
        near = make_nam.container(make_nam.put(make_nam.a1(), "weights[3]", 0.1), make_nam.a2())
        other = make_nam.lstm() if swapped == "another kind" else near
        make_nam.write(daisy, other, source.name)
    result = run("verify", daisy, "--on", "host")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "Boss WN.nam: expected the file of the report (SHA-256 " in result.stderr


def test_a_build_is_verified_here_without_the_emulator(
    daisy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "unicorn", None)
    found = verified(daisy)
    assert exact(found) == {"host": True}
    assert 'pip install "namgen[emulator]"' in found["left_out"][0]
    assert "the emulator needs unicorn" in run("verify", daisy, "--on", "emulator").stderr
    (daisy / "firmware.bin").write_bytes(b"another")
    assert not verified(daisy)["bit_exact"]  # what needs no emulator is checked all the same


def test_the_c_for_a_computer_is_verified_as_it_lies(host: Path) -> None:
    found = verified(host)
    assert exact(found) == {"host": True}
    edit(host / "nam_boss_wn_weights.h", other_weight)
    assert exact(verified(host)) == {"host": False}
    assert (
        "host for target x86-64, found 'emulator'" in run("verify", host, "--on", "emulator").stderr
    )


def test_a_fault_in_the_emitter_of_the_computers_layout_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tweed = make_nam.write(tmp_path, make_nam.a1())
    literal = planar.literal
    monkeypatch.setattr(planar, "literal", lambda value: literal(2 * value))
    assert not verified(tweed, "--target", "host")["bit_exact"]
    assert verified(tweed, "--target", "daisy", "--on", "host")["bit_exact"]


@pytest.mark.parametrize(
    "options",
    [
        ("--target", "host"),
        ("--target", "host", "--block", "24"),
        ("--target", "daisy"),
        ("--target", "daisy", "--block", "16", "--tanh", "fast"),
    ],
)
def test_verify_takes_the_text_that_build_writes(
    options: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tweed = make_nam.write(tmp_path, make_nam.a1())
    compiled = []
    library = engines.host_library

    def spy(files: dict[str, str], *rest: Any, **more: Any) -> Path:
        compiled.append(files)
        return library(files, *rest, **more)

    monkeypatch.setattr(engines, "host_library", spy)
    assert run("build", tweed, "-o", tmp_path / "out", "--no-profile", *options).exit_code == 0
    assert run("verify", tweed, "--on", "host", *options).exit_code == 0
    written = {path.name: path.read_text() for path in (tmp_path / "out").glob("*.[ch]")}
    (model,) = compiled
    around = {name for name in set(written) - set(model) if name.startswith(("chain", "sound"))}
    assert model == {name: text for name, text in written.items() if name not in around}
    assert bool(around) == ("daisy" in options)


def test_the_pedal_is_verified_with_the_options_that_are_asked_for(tmp_path: Path) -> None:
    pytest.importorskip("unicorn")
    tweed = make_nam.write(tmp_path, make_nam.a1())
    options = ("--boot", "qspi", "--clock", "400", "--block", "9")
    found = verified(tweed, "--on", "emulator", *options)
    assert exact(found) == {"emulator": True, "pedal": True}
    assert "--boot qspi, 18 frames later" in found["checks"][-1]["notes"][0]
