"""What is measured is what is shipped: kernels byte for byte, and predictions cycle for cycle."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("unicorn")
pytest.importorskip("capstone")

from selftest_images import COUNT_SECONDS, NOISE_SHIFT, RUNS_SHIFT, made

from host_sim.boards import usual_board
from host_sim.m7.ladder import BOOT_LIMIT_INSTRUCTIONS, measure_image
from host_sim.m7.pedal_profile import pluck, time_interrupts
from host_sim.m7.profile import Profile
from host_sim.pedal import Pedal
from namgen.build import build
from namgen.firmware.elf import Elf, Symbol, read_elf
from namgen.firmware.thumb import Instruction, branch_target, is_call, is_wide, wide_move
from namgen.flashing.image import read_image
from namgen.pedal_boards import load_pedal_board
from namgen.processors.pipeline import Parameters, load_parameters
from namgen.resources import examples_dir
from namgen.selftest.ladder import MODELS, RUNGS, LadderModel, Rung
from namgen.selftest.rules import COPIES, load_rules
from namgen.selftest.spelling import Span

KERNELS = [rung for rung in RUNGS if rung.is_kernel]


def function_of(elf: Elf, file: str, name: str) -> Symbol:
    """A function of a C file."""
    return next(s for s in elf.symbols if (s.file, s.name, s.kind) == (file, name, "func"))


def instructions_of(elf: Elf, function: Symbol) -> list[Instruction]:
    """The halfwords of a function, two and two where they belong together."""
    start = function.address & ~1
    section = next(s for s in elf.sections if s.address <= start < s.address + len(s.data))
    code = section.data[start - section.address :][: function.size_bytes]
    halves = [int.from_bytes(code[i : i + 2], "little") for i in range(0, len(code), 2)]
    found, at = [], 0
    while at < len(halves):
        wide = is_wide(halves[at]) and at + 1 < len(halves)
        found.append(Instruction(start + 2 * at, halves[at], halves[at + 1] if wide else 0))
        at += 2 if wide else 1
    return found


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Images of the ladder's models as pedals have them, by the models' titles."""
    folder = tmp_path_factory.mktemp("shipped")
    return {
        model.title: build(
            examples_dir() / model.file,
            board="seed",
            submodel=model.submodel,
            precision=model.precision,
            name=model.name,
            out_dir=folder / model.name,
        ).out_dir
        / "firmware.elf"
        for model in MODELS
    }


def model_of(rung: Rung) -> LadderModel:
    assert rung.model is not None
    return rung.model


@pytest.mark.parametrize("rung", KERNELS, ids=lambda rung: rung.name)
def test_a_kernel_is_that_of_the_shipped_image_byte_for_byte(
    shipped: dict[str, Path], rung: Rung
) -> None:
    """All bytes but where a symbol lies; and it is the same symbol. Machine code, too."""
    model = model_of(rung)
    file = f"nam_{model.name}.c"
    ours, theirs = read_elf(made().out_dir / "firmware.elf"), read_elf(shipped[model.title])
    own = {s.name for s in ours.symbols if s.file == file and s.kind == "func"}
    names = [rung.function, *({f"{rung.function}_turns"} & own)]
    assert len(names) == (1 if model.is_float or rung.function == "array1_enter" else 2)
    for name in names:
        here, there = (without_addresses(elf, file, name) for elf in (ours, theirs))
        assert len(here) > 3
        assert here == there


def without_addresses(elf: Elf, file: str, name: str) -> list[object]:
    """A function's instructions; for the numbers of MOVW and MOVT, and of calls, what is there."""
    function = function_of(elf, file, name)
    low: dict[int, int] = {}
    found: list[object] = []
    for now in instructions_of(elf, function):
        move = wide_move(now)
        if move is not None and move[2] == 0:
            low[move[0]] = move[1]
            found.append((now.low & 0xFBF0, now.high & 0x8F00))
        elif move is not None:
            place = named(elf, file, low.get(move[0], 0) | move[1] << 16)
            found.append((now.low & 0xFBF0, now.high & 0x8F00, place))
        elif is_call(now):
            target = branch_target(now)
            found.append(
                (
                    "call",
                    next(
                        s.name for s in elf.symbols if s.address & ~1 == target and s.kind == "func"
                    ).removeprefix("__Thumbv7ABSLongThunk_"),
                )
            )
        else:
            found.append((now.low, now.high))
    return found


def named(elf: Elf, file: str, address: int) -> tuple[str, int]:
    """The array of a model that an address is in, and how far."""
    for symbol in elf.symbols:
        inside = symbol.address <= address < symbol.address + max(1, symbol.size_bytes)
        if symbol.kind == "object" and symbol.file == file and inside:
            return symbol.name, address - symbol.address
    return "a number", address


def spans() -> dict[str, Span]:
    return dict(zip((rung.name for rung in RUNGS), made().predicted, strict=True))


def profiled(elf: Path, parameters: Parameters | None = None) -> Profile:
    """What `namgen profile` says of a shipped image."""
    pedal = Pedal(elf, board=usual_board("daisy"))
    pedal.boot()
    return time_interrupts(pedal, pluck(48 * 8), warm_up=4, parameters=parameters)


def cycles_in(profile: Profile, rung: Rung) -> list[int]:
    return [call.cycles for call in profile.calls if call.function == rung.function]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.title)
def test_predictions_of_kernels_are_those_of_a_profile(
    shipped: dict[str, Path], model: LadderModel
) -> None:
    """Cycle for cycle, where every branch has been met before: in the profile by a larger table."""
    remembers = load_parameters().with_scalars(branch_entries=256)
    profile = profiled(shipped[model.title], remembers)
    for rung in (r for r in KERNELS if r.model is model and r.margin):
        assert spans()[rung.name].least == min(cycles_in(profile, rung)), rung.name


FORGOTTEN = 25
"""Cycles more of a kernel that a block calls once: others' branches are remembered instead."""


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.title)
def test_in_a_block_only_forgotten_branches_are_added(
    shipped: dict[str, Path], model: LadderModel
) -> None:
    parameters = load_parameters()
    untracked = parameters.scalars["untracked_branch_cycles"]
    profile = profiled(shipped[model.title], parameters)
    for rung in (r for r in KERNELS if r.model is model and r.margin):
        calls = cycles_in(profile, rung)
        more = min(calls) - spans()[rung.name].least
        is_often = len(calls) > len(profile.cycles_of_blocks)
        assert more == untracked if is_often else untracked <= more <= FORGOTTEN, rung.name


def test_the_rules_are_predicted_as_published() -> None:
    numbers = range(2 * len(load_rules()))
    found = list(measure_image(made().out_dir / "firmware.elf", "daisy", numbers))
    for number, rule in enumerate(load_rules()):
        few, many = found[2 * number : 2 * number + 2]
        assert (many.least - few.least) / COPIES == rule.cycles, rule.name


def test_the_same_image_is_made_again(tmp_path: Path) -> None:
    from host_sim.m7.ladder import EmulatedLadder
    from namgen.selftest.image import Job, build_selftest

    again = build_selftest(
        Job(
            tmp_path / "again",
            EmulatedLadder(),
            noise_shift=NOISE_SHIFT,
            count_seconds=COUNT_SECONDS,
            runs_shift=RUNS_SHIFT,
        )
    )
    assert (again.out_dir / "firmware.bin").read_bytes() == (
        made().out_dir / "firmware.bin"
    ).read_bytes()
    assert json.loads((again.out_dir / "report.json").read_text())["selftest"] == {"ladder": 2}


@pytest.mark.parametrize("name", ["", "firmware.bin", "firmware.dfu"])
def test_its_folder_is_flashed_as_that_of_a_build_is(name: str) -> None:
    folder = made().out_dir
    image = read_image(folder / name)
    assert (image.data, image.boot.name, image.is_reported) == (
        (folder / "firmware.bin").read_bytes(),
        "flash",
        True,
    )


def test_a_board_s_relay_is_switched_to_the_effect_and_its_mute_is_off() -> None:
    board = load_pedal_board("125b")
    pedal = Pedal(made(board="125b").out_dir / "firmware.elf", panel=board)
    pedal.boot(limit=BOOT_LIMIT_INSTRUCTIONS)
    assert pedal.relay_on
    assert not pedal.muted
