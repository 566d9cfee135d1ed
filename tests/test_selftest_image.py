"""What is measured is what is shipped: kernels byte for byte, and predictions cycle for cycle."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("unicorn")
pytest.importorskip("capstone")

from selftest_images import made

from host_sim.boards import usual_board
from host_sim.m7.ladder import measure_image
from host_sim.m7.pedal_profile import pluck, time_interrupts
from host_sim.pedal import Pedal
from namgen.build import build
from namgen.firmware.elf import Elf, read_elf
from namgen.firmware.thumb import Instruction, is_wide, wide_move
from namgen.pedal_boards import load_pedal_board
from namgen.resources import examples_dir
from namgen.selftest.image import LITE_FILE, NANO_FILE
from namgen.selftest.ladder import A2_LITE, NANO, RUNGS, Rung
from namgen.selftest.rules import COPIES, load_rules

SHIPPED = {
    NANO: (NANO_FILE, None, "nam_tweed_nano.c"),
    A2_LITE: (LITE_FILE, "lite", "nam_tweed_a2.c"),
}
KERNELS = [rung for rung in RUNGS if rung.is_kernel]


def code_of(elf: Elf, file: str, function: str) -> bytes:
    """The bytes of a function in an image."""
    symbol = next(s for s in elf.symbols if (s.file, s.name, s.kind) == (file, function, "func"))
    start = symbol.address & ~1
    for section in elf.sections:
        if section.address <= start < section.address + len(section.data):
            offset = start - section.address
            return section.data[offset : offset + symbol.size_bytes]
    raise AssertionError(f"{function} has no bytes")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    folder = tmp_path_factory.mktemp("shipped")
    return {
        (toolchain, model): build(
            examples_dir() / file,
            board="seed",
            submodel=submodel,
            toolchain=toolchain,
            out_dir=folder / f"{toolchain}_{number}",
        ).out_dir
        / "firmware.elf"
        for toolchain in ("zig",)
        for number, (model, (file, submodel, _)) in enumerate(SHIPPED.items())
    }


@pytest.mark.parametrize("rung", KERNELS, ids=lambda rung: rung.name)
def test_a_kernel_is_that_of_the_shipped_image_byte_for_byte(
    shipped: dict[tuple[str, str], Path], rung: Rung
) -> None:
    """All bytes but where a symbol lies; and it is the same symbol."""
    file = SHIPPED[rung.model][2]
    ours, theirs = read_elf(made().out_dir / "firmware.elf"), read_elf(shipped["zig", rung.model])
    code = [code_of(elf, file, rung.function) for elf in (ours, theirs)]
    (here, to_here), (there, to_there) = map(without_addresses, code)
    assert len(here) > 8
    assert here == there
    assert [named(ours, file, a) for a in to_here] == [named(theirs, file, a) for a in to_there]


def without_addresses(code: bytes) -> tuple[bytes, list[int]]:
    """A function with the numbers of MOVW and MOVT pairs taken out, and the pairs' numbers."""
    halves = [int.from_bytes(code[i : i + 2], "little") for i in range(0, len(code), 2)]
    low: dict[int, int] = {}
    addresses, at = [], 0
    while at < len(halves):
        if is_wide(halves[at]) and at + 1 < len(halves):
            move = wide_move(Instruction(0, halves[at], halves[at + 1]))
            if move is not None and move[2] == 0:
                low[move[0]] = move[1]
            elif move is not None and move[0] in low:
                addresses.append(low[move[0]] | move[1] << 16)
            if move is not None:
                halves[at], halves[at + 1] = halves[at] & 0xFBF0, halves[at + 1] & 0x8F00
            at += 1
        at += 1
    return b"".join(half.to_bytes(2, "little") for half in halves), addresses


def named(elf: Elf, file: str, address: int) -> tuple[str, int]:
    """The array of a model that an address is in, and how far."""
    for symbol in elf.symbols:
        inside = symbol.address <= address < symbol.address + max(1, symbol.size_bytes)
        if symbol.kind == "object" and symbol.file == file and inside:
            return symbol.name, address - symbol.address
    return "a number", address


RETURN = 2
"""Cycles of a function's return: a profile counts it, and a call of nothing has it too."""
FIRST_TIME = 12
"""More where a kernel is called once in a block: its branches are not foreseen any more."""


def test_predictions_of_layers_are_those_of_a_profile(
    shipped: dict[tuple[str, str], Path],
) -> None:
    spans = dict(zip((rung.name for rung in RUNGS), made().predicted, strict=True))
    free = spans["a call of nothing"].least
    for model in SHIPPED:
        pedal = Pedal(shipped["zig", model], board=usual_board("daisy"))
        pedal.boot()
        profile = time_interrupts(pedal, pluck(48 * 8), warm_up=4)
        for rung in (r for r in KERNELS if r.model == model and r.is_float):
            calls = [c.cycles for c in profile.calls if c.function == rung.function]
            more = min(calls) - (spans[rung.name].least - free)
            is_often = len(calls) > len(profile.cycles_of_blocks)
            assert more == RETURN if is_often else RETURN <= more <= RETURN + FIRST_TIME, rung.name


def test_the_rules_are_predicted_as_published() -> None:
    numbers = range(2 * len(load_rules()))
    spans = list(measure_image(made().out_dir / "firmware.elf", "daisy", numbers))
    for number, rule in enumerate(load_rules()):
        few, many = spans[2 * number : 2 * number + 2]
        assert (many.least - few.least) / COPIES == rule.cycles, rule.name


def test_the_same_image_is_made_again(tmp_path: Path) -> None:
    from host_sim.m7.ladder import EmulatedLadder
    from namgen.selftest.image import Job, build_selftest

    again = build_selftest(
        Job(tmp_path / "again", EmulatedLadder(), noise_shift=6, count_seconds=1)
    )
    assert (again.out_dir / "firmware.bin").read_bytes() == (
        made().out_dir / "firmware.bin"
    ).read_bytes()
    assert json.loads((again.out_dir / "report.json").read_text())["selftest"] == {"ladder": 1}


def test_a_board_s_relay_is_switched_to_the_effect_and_its_mute_is_off() -> None:
    board = load_pedal_board("125b")
    pedal = Pedal(made(board="125b").out_dir / "firmware.elf", panel=board)
    pedal.boot()
    assert pedal.relay_on
    assert not pedal.muted
