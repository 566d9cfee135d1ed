"""Targets are consistent data."""

from __future__ import annotations

import itertools

import pytest

from namgen.errors import UnsupportedError
from namgen.targets import load_target, target_names


def test_daisy_and_host_are_known() -> None:
    assert {"daisy", "host"} <= set(target_names())


def test_an_unknown_target_is_refused_with_the_names_that_are_known() -> None:
    with pytest.raises(UnsupportedError, match=r"expected one of daisy, host, found 'teensy'"):
        load_target("teensy")


def test_unknown_regions_and_boot_modes_are_refused_with_the_names_that_are_known() -> None:
    daisy = load_target("daisy")
    with pytest.raises(UnsupportedError, match=r"region: expected one of itcm, dtcm,.* 'sdram'"):
        daisy.region("sdram")
    with pytest.raises(UnsupportedError, match="boot: expected one of flash, sram, qspi, found"):
        daisy.boot("usb")


@pytest.mark.parametrize("name", target_names())
def test_regions_do_not_overlap_and_keep_something_free(name: str) -> None:
    regions = load_target(name).regions
    for first, second in itertools.combinations(regions, 2):
        assert first.end <= second.origin or second.end <= first.origin
    for region in regions:
        assert 0 < region.free_bytes <= region.size_bytes
        assert bool(region.reserved_bytes) == bool(region.reserved_for)


@pytest.mark.parametrize("name", target_names())
def test_names_within_a_target_lead_somewhere(name: str) -> None:
    target = load_target(name)
    for region in target.model_regions:
        assert target.region(region).kind == "ram"
    for boot in target.boots:
        assert target.region(boot.region).holds(boot.origin, boot.limit_bytes)
    assert target.clock_hz in target.clock_options_hz or target.clock_hz == 0
    if target.dma is not None:
        assert target.region("d2_sram").holds(target.dma.origin, target.dma.size_bytes)


def test_the_images_a_bootloader_starts_leave_its_memory_alone() -> None:
    daisy = load_target("daisy")
    axi = daisy.region("axi_sram")
    assert axi.reserved_bytes >= 32 * 1024
    assert daisy.boot("sram").limit_bytes == axi.free_bytes
