"""What is said of a pedal: its captures with their levels, the chain, cabinets, sizes of blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from namgen.boards import Board, load_board
from namgen.cli.common import tell_chosen
from namgen.cli.terminal import Facts, Item, Line, Table, note
from namgen.nam_file.types import NamFile
from namgen.pedal.block_sizes import BlockSize
from namgen.pedal.levels import Gains
from namgen.pedal.notes import cabinet_note
from namgen.pedal.sound import Played, SoundPlan
from namgen.pedal.wanted import PedalWanted
from namgen.pedal_boards import PedalBoard
from namgen.pedal_boards.cards import cards_of

_METHODS = {
    "direct": "tap by tap",
    "parts": "in parts as long as a block",
    "two_levels": "in two levels of parts",
}
_MEMORIES = {"dtcm": "DTCM", "axi_sram": "AXI SRAM"}


def tell_captures(wanted: PedalWanted, sound: SoundPlan, files: Mapping[Path, NamFile]) -> None:
    """Say on stderr what was chosen of each file, and what its capture is hardly meant for."""
    for capture, played in zip(wanted.captures, sound.captures, strict=True):
        tell_chosen(played.selection)
        told = cabinet_note(capture, files[capture.path])
        if told is not None:
            note(told)


def pedal_lines(wanted: PedalWanted, sound: SoundPlan) -> Iterator[Item]:
    """Yield what a builder would like to know of a pedal, but for its cost as a whole."""
    board = wanted.board
    yield Line(f"{board.name}: {board.title}", "bold")
    rows = [row for played in sound.captures for row in _capture(played, sound)]
    rows += _clock(load_board(board.carried.target))
    rows += [*_full_scale(wanted, sound), *_chain(sound), *_cabinet(sound)]
    yield Facts(rows)


def _clock(board: Board) -> Iterator[tuple[str, str]]:
    """Tell of a codec's clock that its board cannot make exactly."""
    if board.codec_pll.error_ppm:
        rate = f"{board.audio.sample_rate_hz} Hz {board.codec_pll.error_text}"
        yield "sample rate", f"{rate}, less than any crystal is off"


def _capture(played: Played, sound: SoundPlan) -> Iterator[tuple[str, str]]:
    model, selection = played.selection.model, played.selection
    is_one_of = any(choice.submodel for choice in selection.choices)
    parts = [model.source, *([f"submodel {selection.submodel}"] if is_one_of else [])]
    parts.append(selection.precision)
    if played.response is not None:
        parts.append(f"into {sound.chain.responses[played.response].name}")
    yield played.title, ", ".join(parts)
    yield from (("", line) for line in _gains(played.gains))


def _gains(gains: Gains) -> Iterator[str]:
    for correction in (gains.calibration, gains.normalisation):
        if correction is not None:
            yield str(correction)
    if gains.trim_db:
        yield f"trim: {gains.trim_db:+.1f} dB"


def _full_scale(wanted: PedalWanted, sound: SoundPlan) -> Iterator[tuple[str, str]]:
    level = wanted.board.full_scale
    used = [played.gains.calibration for played in sound.captures]
    if level is not None and level.unmeasured and any(each and each.asked_db for each in used):
        told = "dBu at the input, the codec's own: nobody has measured the board"
        yield "full scale", f"{level.input_dbu:+g} {told}"


def _chain(sound: SoundPlan) -> Iterator[tuple[str, str]]:
    yield "chain", ", ".join(block.name.replace("_", " ") for block in sound.chain.blocks)
    cost = f"{sound.chain.cycles_per_frame:.0f} cycles per sample around the model"
    yield "", f"{cost}, in the worst block"


def _cabinet(sound: SoundPlan) -> Iterator[tuple[str, str]]:
    for impulse in sound.impulses:
        yield "cabinet", impulse.response.name
        yield from (("", f"{done.what}: {done.text}") for done in impulse.steps)
    plan = sound.chain.cabinet
    if plan is not None:
        places = {_MEMORIES[place] for place in (plan.response_place, plan.heard_place)}
        yield (
            "convolution",
            f"{_METHODS[plan.method]}, {plan.taps} taps in {' and '.join(sorted(places))}: "
            f"{plan.cycles_per_frame:.0f} cycles per sample, the fewest of all ways",
        )


def control_lines(board: PedalBoard) -> Iterator[Item]:
    """Yield what each control and each light of a board does."""
    cards = [card for group in cards_of(board) for card in group]
    if cards:
        yield Line("Controls", "bold")
        yield Facts([(card.title, card.told) for card in cards])


def block_lines(sizes: Iterable[BlockSize]) -> Iterator[Item]:
    """Yield a table of what blocks of each size cost."""
    yield Line("Blocks", "bold")
    headings = ("frames", "latency", "rhythm", "processor", "limit", "")
    yield Table(headings, [_block(size) for size in sizes])


def _block(size: BlockSize) -> tuple[str, ...]:
    cost = size.prediction
    begin = (f"{size.frames}", f"{size.latency_ms:.2f} ms", f"{size.rhythm_hz:.0f} Hz")
    if cost is None:
        return (*begin, "-", "-", size.refused or "not known")
    limit = 100 * cost.budget.cycles / cost.budget.block_cycles / (1 + cost.margin.high)
    verdict = "keeps up" if cost.keeps_up else "will not keep up"
    return (*begin, f"{100 * cost.share:.0f} %", f"{limit:.0f} %", verdict)


def pedal_to_json(wanted: PedalWanted, sound: SoundPlan) -> dict[str, Any]:
    """Plain values for a program."""
    cabinet = sound.chain.cabinet
    return {
        "board": wanted.board.name,
        "captures": [
            {
                "title": played.title,
                "source": played.selection.model.source,
                "submodel": played.selection.submodel,
                "precision": played.selection.precision,
                "gain_before": played.gains.before,
                "gain_behind": played.gains.behind,
                "told": list(_gains(played.gains)),
            }
            for played in sound.captures
        ],
        "blocks": [block.name for block in sound.chain.blocks],
        "cycles_per_sample": round(sound.chain.cycles_per_frame, 1),
        "cabinet": cabinet
        and {
            "method": cabinet.method,
            "taps": cabinet.taps,
            "cycles_per_sample": round(cabinet.cycles_per_frame, 1),
            "responses": {i.response.name: [d.text for d in i.steps] for i in sound.impulses},
        },
    }


def block_to_json(size: BlockSize) -> dict[str, Any]:
    """Plain values for a program."""
    return {
        "block_frames": size.frames,
        "latency_ms": round(size.latency_ms, 3),
        "rhythm_hz": round(size.rhythm_hz, 1),
        "prediction": size.prediction and size.prediction.to_json(),
        "refused": size.refused or None,
    }
