"""What this computer lets be opened is told from files that everybody may read."""

from __future__ import annotations

from pathlib import Path

import pytest
from usb_systems import BOOTLOADER, LIBDAISY, PROBE, ST_LINK, rule, system, write

from namgen.flashing.device import Seen
from namgen.flashing.hints import cannot_open, nothing_there, permission
from namgen.flashing.host import RULE, Host, is_in_time

OTHER = 'SUBSYSTEM=="usb", ATTRS{idProduct}=="df11", MODE="0660", GROUP="plugdev"'


def test_devices_are_seen_without_any_right(tmp_path: Path) -> None:
    host = system(tmp_path, BOOTLOADER, ST_LINK, PROBE, LIBDAISY, can_open=False)
    found = host.devices()
    assert [device.port for device in found] == ["1-1", "1-2", "1-3", "1-4"]
    assert [device.is_bootloader for device in found] == [True, False, False, False]
    assert [device.is_st_link for device in found] == [False, True, False, False]
    assert [device.is_black_magic for device in found] == [False, False, True, False]
    assert [device.is_program_of_libdaisy for device in found] == [False, False, False, True]
    assert found[0].serial == "S1"
    assert not found[0].can_open
    assert system(tmp_path / "open", BOOTLOADER).devices()[0].can_open


def test_what_is_no_device_is_left_out(tmp_path: Path) -> None:
    host = system(tmp_path, BOOTLOADER)
    write(tmp_path, "sys/bus/usb/devices/usb1/idVendor", "1d6b\n")
    write(tmp_path, "sys/bus/usb/devices/1-9/idVendor", "zzzz\n")
    assert [device.port for device in host.devices()] == ["1-1"]
    assert Host(tmp_path / "none", "linux", {}).devices() == ()


@pytest.mark.parametrize(
    ("name", "text", "in_time"),
    [
        ("70-namgen-dfu.rules", RULE, True),
        ("72-a.rules", RULE, True),
        ("73-a.rules", RULE, False),
        ("99-dfu.rules", RULE, False),
        ("99-dfu.rules", OTHER, True),
    ],
)
def test_a_rule_counts_where_it_comes_before_the_seats(
    name: str, text: str, in_time: bool, tmp_path: Path
) -> None:
    host = system(tmp_path)
    rule(tmp_path, name, text)
    assert [found.is_in_time for found in host.rules()] == [in_time]


def test_a_rule_that_is_a_comment_or_for_something_else_is_none(tmp_path: Path) -> None:
    host = system(tmp_path)
    rule(tmp_path, "10-a.rules", f"# {RULE}")
    rule(tmp_path, "10-b.rules", 'ATTRS{idProduct}=="374b", TAG+="uaccess"')
    rule(tmp_path, "10-c.txt")
    assert host.rules() == ()
    assert is_in_time("70-x.rules")


@pytest.mark.parametrize(
    ("name", "env", "expected"),
    [
        ("", {}, (RULE, "namgen flash --write-udev-rule", "sudo install -m 644")),
        ("99-dfu.rules", {}, ("99-dfu.rules comes too late", "rename it to 70-namgen-dfu.rules")),
        ("70-x.rules", {}, ("plug the board in again",)),
        ("70-x.rules", {"SSH_CONNECTION": "1"}, ("session over the network", 'MODE="0660"')),
    ],
)
def test_the_right_is_missing_for_one_reason_and_has_one_way_out(
    name: str, env: dict[str, str], expected: tuple[str, ...], tmp_path: Path
) -> None:
    host = system(tmp_path, **env)
    if name:
        rule(tmp_path, name)
    text = "\n".join(permission(host))
    assert all(words in text for words in expected), text


def test_a_container_and_wsl_are_told(tmp_path: Path) -> None:
    wsl = system(tmp_path / "wsl")
    write(tmp_path / "wsl", "proc/version", "Linux version 5.15 (Microsoft@Microsoft.com)\n")
    assert "usbipd" in "\n".join(nothing_there(None, wsl))
    docker = system(tmp_path / "docker")
    write(tmp_path / "docker", ".dockerenv")
    assert "--device=/dev/bus/usb" in "\n".join(nothing_there(None, docker))
    podman = system(tmp_path / "podman", BOOTLOADER)
    write(tmp_path / "podman", "run/.containerenv")
    seen = Seen(("1-1", 1), trouble="access", reason="this user may not open it")
    assert "container" in "\n".join(cannot_open(seen, podman))
    plain = "\n".join(nothing_there(None, system(tmp_path / "plain")))
    assert "container" not in plain
    assert "usbipd" not in plain


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (ST_LINK, "an ST-LINK is at 1-1: it takes no DFU; copy firmware.bin onto its drive"),
        (PROBE, "a Black Magic Probe is at 1-1: its own DFU is not the pedal's"),
        (LIBDAISY, "a program of libDaisy's runs at 1-1: it is no bootloader"),
    ],
)
def test_what_may_be_taken_for_a_bootloader_is_told_apart(
    device: tuple[str, str, str], expected: str, tmp_path: Path
) -> None:
    assert expected in "\n".join(nothing_there(None, system(tmp_path, device)))
