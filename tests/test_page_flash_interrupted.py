"""Whatever ends a run of the page's, at whichever transfer: the next one mends it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from browser import Browser, Page, browser
from dfu_device import DAISY, MANIFEST_SYNC, ROM
from dfu_pages import AGAIN, digest_of, image_of, opened, page_with, plug_in, press
from dfu_scenarios import SIZE, Scenario

HOW = ("NO_DEVICE", "TIMEOUT", "PIPE", "IO", "INTERRUPT")
BOARDS = {
    "rom": Scenario("rom"),
    "daisy": Scenario("daisy", {}, DAISY, SIZE, "qspi"),
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found
        assert found.said == []


def check(page: Page, board: Scenario, k: int, how: str) -> str:
    """Run into the fault, plug the board in again where it has gone, and run once more."""
    plug_in(page, Scenario("", {"at": k, "how": how}, board.kind))
    page.value("simulation.interrupt = () => flashPlace('stop').click()")
    image, fresh = image_of(board.size, board.boot), b"\x5a" * board.kind.size
    found = press(page)
    said = "\n".join(found.lines)
    assert found.seconds < 30, "a request that nobody answers has 20"
    if found.is_good:
        assert found.digest == digest_of(image, board), (how, k)
    elif "nothing was changed" in said or "a bootloader is on USB" in said:
        assert found.digest == hashlib.sha256(fresh).hexdigest(), (how, k)
    else:
        assert said.endswith(AGAIN), said
    assert found.is_good or ("it was stopped" in said) is (how == "INTERRUPT"), said
    told = page.value("[simulation.board.isThere, simulation.board.state]")
    if told[0] and told[1] != MANIFEST_SYNC:
        page.value("simulation.board.faults.at = 0")
    else:  # it is gone, or was told to start and somebody presses RESET
        assert told[1] != MANIFEST_SYNC or found.is_good
        page.value("simulation.plugInAgain()")
    again = press(page)
    assert again.is_good, (how, k, again.lines)
    assert again.digest == digest_of(image, board), (how, k)
    assert again.started == board.kind.base
    return said


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("board", BOARDS.values(), ids=str)
def test_after_a_run_that_ended_at_any_transfer_the_next_leaves_exactly_the_image(
    board: Scenario, how: str, chromium: Browser
) -> None:
    page = opened(chromium, page_with(board.size, board.boot))
    plug_in(page, board)
    count = press(page).transfers
    assert count > 25
    said = [check(page, board, k, how) for k in range(1, count + 1)]
    assert len({line for one in said for line in one.splitlines()}) > 3, "each phase tells its own"


@pytest.mark.parametrize(
    ("k", "said"),
    [
        (2, "a bootloader is on USB: it is no longer on the bus"),
        (4, "the pedal, erasing: it is no longer on the bus"),
        (15, "the pedal, writing: it is no longer on the bus"),
        (43, "the pedal, reading: it is no longer on the bus"),
    ],
)
def test_a_pulled_cable_is_told_with_what_is_on_the_pedal(
    k: int, said: str, chromium: Browser
) -> None:
    page = opened(chromium, page_with(SIZE, "flash"))
    told = check(page, Scenario("", kind=ROM), k, "NO_DEVICE")
    assert told.splitlines()[0] == said
