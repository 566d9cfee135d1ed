"""The self-test on the emulated Daisy: from reset to results that a bad recording still holds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

pytest.importorskip("unicorn")
pytest.importorskip("capstone")

from afsk_channel import FULL_SCALE, recorded
from selftest_images import (
    BEFORE_SENDING,
    CLICK_BLOCKS,
    booted,
    guitar,
    made,
    message_in,
    told,
)

from host_sim.pedal import Pedal
from host_sim.stm32h750.gpio import GpioEdge
from host_sim.stm32h750.registers import reset_values
from namgen.afsk.decoder import decode
from namgen.afsk.framing import pass_bits
from namgen.afsk.tones import SAMPLES_PER_BIT, codes_of
from namgen.selftest.ladder import MODELS, NOTHING, RUNGS
from namgen.selftest.layout import MAPPED, total_words
from namgen.selftest.results import Results, read_results

PASS_FRAMES = len(pass_bits(bytes(4 * total_words()))) * SAMPLES_PER_BIT
I32 = npt.NDArray[np.int32]
WITH_READY_BITS = ("RCC_CR", "PWR_CSR1", "PWR_D3CR")
"""Oscillator and supply are ready by themselves: a bit more than the manual's reset value."""


class Run:
    def __init__(self) -> None:
        self.pedal: Pedal = booted()
        inputs = guitar(BEFORE_SENDING + 9600)
        first = self.pedal.play(inputs)
        self.before = first[:, :BEFORE_SENDING]
        self.sent = first[:, BEFORE_SENDING:]


@pytest.fixture(scope="module")
def run() -> Run:
    return Run()


@pytest.fixture(scope="module")
def results(run: Run) -> Results:
    return told(run.pedal)


def test_both_outputs_send_what_is_in_memory_to_the_sample(run: Run) -> None:
    expected = codes_of(pass_bits(message_in(run.pedal)))
    begins = next(i for i in range(2000) if _is_there(run.sent[0][i:], expected))
    sent = run.sent[:, begins:]
    assert sent.shape[1] > 4800
    assert np.array_equal(sent[0], expected[: sent.shape[1]])
    assert np.array_equal(sent[0], sent[1])


def _is_there(played: I32, expected: I32) -> bool:
    return np.array_equal(played[:2000], expected[:2000])


@pytest.mark.slow
def test_a_bad_recording_of_it_tells_what_is_in_its_memory(run: Run, results: Results) -> None:
    rest = run.pedal.play(np.zeros(PASS_FRAMES, np.int32))
    whole = np.concatenate([run.sent, rest], axis=1)[0] / FULL_SCALE
    channel = recorded(whole, np.random.default_rng(11))
    heard = decode(channel.samples, channel.rate_hz)
    assert heard.message is not None, heard
    assert read_results(heard.message) == results


def test_the_entry_is_as_the_reset_leaves_it(results: Results) -> None:
    reset = reset_values("V")
    for name, address in MAPPED.items():
        if address in reset:
            found = results.entry[name]
            found &= reset[address] if name in WITH_READY_BITS else 0xFFFFFFFF
            assert found == reset[address], name
    assert results.entry["SCB_VTOR"] == 0x08000000
    assert results.entry["FPSCR"] == 0xFFFFFFFF, "the FPU is off at a reset"
    assert (results.chip, results.silicon) == ("STM32H742, H743, H750 or H753", "V")
    assert (results.board, results.clock_hz, results.boot) == ("daisy", 480_000_000, "flash")


def test_the_output_of_all_models_is_right(results: Results) -> None:
    assert results.checks == (True,) * len(MODELS)


def test_a_rung_takes_its_instructions_in_a_machine_of_one_a_cycle(results: Results) -> None:
    """The emulated counter counts instructions: each rung runs, and what it costs is not said."""
    found = {rung.name: rung for rung in results.rungs}
    for rung in (rung for rung in RUNGS if rung.is_kernel):
        own = found[rung.name]
        assert own.measured.most >= own.measured.least > 5
        assert 0.5 < own.measured.least / own.predicted < 2, rung.name
    rule = next(r for r in results.rules if r.name == "three_fused_accumulators_issue_every_cycle")
    assert (rule.least, rule.most) == (3, 3)


def test_loops_run_from_every_memory_alike(results: Results) -> None:
    measured = {rung.name: rung.measured for rung in results.rungs}
    for loop in ("fir", "fft"):
        own = {measured[f"{loop} in {place}"] for place in ("ITCM", "the image", "D2 SRAM")}
        assert len(own) == 1, "instructions, the same in each"


def test_440_hz_play_left_and_660_right(run: Run) -> None:
    tail = run.before[:, -24_000:] / FULL_SCALE
    spectrum = np.abs(np.fft.rfft(tail * np.hanning(24_000), axis=1))
    found = np.argmax(spectrum, axis=1) * 48_000 / 24_000
    assert found.tolist() == [440.0, 660.0]


def test_what_comes_in_is_measured_while_it_spins_and_while_it_sleeps(results: Results) -> None:
    for inputs in results.inputs.values():
        left, right = inputs
        assert left.mean == pytest.approx(0.001, rel=1e-3)
        assert left.rms == pytest.approx(0, abs=1e-6)
        assert right.mean == pytest.approx(0, abs=1e-6)
        assert right.rms == pytest.approx(0.01 / np.sqrt(2), rel=1e-3)
        assert right.with_blocks == pytest.approx(right.rms, rel=1e-3)


def test_no_errors_are_counted_and_the_dma_is_where_it_should_be(results: Results) -> None:
    assert results.errors_counted == {"late": 0, "slips": 0, "restarts": 0}
    assert results.blocks_counted == 1000
    assert [span.most - span.least for span in results.words_left] == [96, 96]


def test_a_click_that_is_led_back_is_timed_and_told_left_from_right() -> None:
    pedal, cable = booted(), np.zeros((2, 48), np.int32)
    for _ in range(CLICK_BLOCKS):
        cable = pedal.play(cable)
    pedal.play(np.zeros(BEFORE_SENDING - 48 * CLICK_BLOCKS + 48 * 40, np.int32))
    left, right = told(pedal).loop
    assert (left[1], right[0]) == (None, None), "left stays left"
    assert left[0] == right[1]
    assert left[0] is not None
    assert 96 <= left[0] <= 192


LATE, OVERRUN, SETTLE, COUNT, FINISH = 3, 4, 6, 7, 8
"""Phases, as firmware/selftest/player.h counts them."""


def skip_to(pedal: Pedal, phase: int, blocks_passed: int) -> None:
    """Let a phase be on its way."""
    for name, value in (("phase_now", phase), ("blocks_passed", blocks_passed)):
        pedal.core.memory.write_word(pedal.core.image.address(name), value)


def counted(pedal: Pedal) -> tuple[int, ...]:
    names = ("late_blocks", "slips", "restarts")
    return tuple(pedal.core.interject(f"audio_{name}") for name in names)


def phase_of(pedal: Pedal) -> int:
    return pedal.core.memory.read_word(pedal.core.image.address("phase_now"))


def silence(blocks: int) -> I32:
    return np.zeros(48 * blocks, np.int32)


@pytest.fixture(scope="module")
def disturbed() -> Pedal:
    """In real time, where what is late is late."""
    pedal = booted(real_time=True)
    pedal.play(silence(10))
    return pedal


def test_a_block_that_is_made_late_is_counted(disturbed: Pedal) -> None:
    before = counted(disturbed)
    skip_to(disturbed, LATE, 98)
    disturbed.play(silence(8))
    late, slips, restarts = (now - was for now, was in zip(counted(disturbed), before, strict=True))
    assert late >= 1
    assert (slips, restarts) == (0, 0)


def test_an_overrun_and_an_underrun_are_made_counted_and_timed(disturbed: Pedal) -> None:
    """The FIFO has eight words, four frames; the transmitter's had what was read ahead."""
    before = counted(disturbed)
    lost = disturbed.audio_report.lost_fifo_words
    skip_to(disturbed, OVERRUN, 98)
    disturbed.play(silence(8))
    assert counted(disturbed)[1] - before[1] == 2
    assert disturbed.audio_report.lost_fifo_words == lost + 2
    address = disturbed.core.image.address("overrun_cycles")
    frames = [disturbed.core.memory.read_word(address + 4 * n) / 10_000 for n in range(2)]
    assert 4 <= frames[0] <= 5, "the receiver's"
    assert 2 <= frames[1] <= 3.5, "the transmitter's: two frames ahead, and the word on its way"


def words_left(pedal: Pedal) -> list[int]:
    """Least and most of both streams, at the beginning of a few blocks."""
    places = [pedal.core.image.address(f"words_left_{name}") for name in ("least", "most")]
    for place, nothing in zip(places, (0xFFFFFFFF, 0), strict=True):
        for stream in range(2):
            pedal.core.memory.write_word(place + 4 * stream, nothing)
    skip_to(pedal, COUNT, 1)
    pedal.play(silence(8))
    return [pedal.core.memory.read_word(place + 4 * n) for place in places for n in range(2)]


def test_afterwards_both_directions_begin_anew_in_step(disturbed: Pedal) -> None:
    """Lost words would have left them out of step for good."""
    fresh = booted(real_time=True)
    fresh.play(silence(10))
    skip_to(disturbed, OVERRUN, 98)
    disturbed.play(silence(8))
    assert words_left(disturbed) != words_left(fresh)
    skip_to(disturbed, OVERRUN, 199)
    disturbed.play(silence(12))
    assert phase_of(disturbed) == SETTLE
    before, report = counted(disturbed), disturbed.audio_report
    disturbed.play(silence(40))
    assert counted(disturbed) == before
    now = disturbed.audio_report
    assert now.whole_blocks - report.whole_blocks >= 39
    assert (now.torn_blocks, now.missed_blocks) == (report.torn_blocks, report.missed_blocks)
    assert words_left(disturbed) == words_left(fresh)


@pytest.mark.slow
def test_after_what_was_forced_all_is_in_time_and_the_pedal_has_passed() -> None:
    pedal = booted(real_time=True)
    pedal.play(np.zeros(BEFORE_SENDING + 48 * 100, np.int32))
    found = told(pedal)
    assert found.errors_forced["late"] >= 1
    assert found.errors_forced["slips"] == 2
    assert found.errors_counted == {"late": 0, "slips": 0, "restarts": 0}
    assert found.overrun["receiver"] is not None
    assert found.has_passed


UNSEEN_S = 1e-4
"""For moments of each block the audio interrupt lights the LED, and the main program darkens it."""


def lit_for(edges: list[GpioEdge], block_s: float) -> Iterator[tuple[bool, int]]:
    """What a pin's edges show, and for how many blocks."""
    seen: list[GpioEdge] = []
    for edge, after in zip(edges, [*edges[1:], None], strict=True):
        if after is None or after.seconds - edge.seconds > UNSEEN_S:
            seen += [] if seen and seen[-1].is_high == edge.is_high else [edge]
    for edge, after in pairwise(seen):
        yield edge.is_high, round((after.seconds - edge.seconds) / block_s)


@pytest.mark.slow
@pytest.mark.parametrize("passed", [True, False])
def test_the_led_tells_digits_and_verdict_in_time(*, passed: bool) -> None:
    """By the writes to its pin against the blocks of audio, one whole turn of a 1, a 1 and a 1."""
    pedal = booted()
    skip_to(pedal, FINISH, 0)
    pedal.play(silence(4))
    for name, value in (("hundredths", 111), ("has_passed", int(passed))):
        pedal.core.memory.write(pedal.core.image.address(name), bytes([value]))
    end = [(True, 2000)] if passed else [(True, 100), (False, 100)] * 10
    last = [(False, 1000)] if passed else [(False, 1100)]  # with the last flash's own dark
    turn = [*[(True, 250), (False, 1250)] * 3, *(end if passed else end[:-1]), *last]
    blocks = sum(length for _, length in turn)
    passed_blocks = pedal.core.interject("audio_blocks")
    pedal.play(silence(blocks - passed_blocks % blocks - 20))
    first, began = len(pedal.gpio_edges), pedal.gpio_edges[-1].seconds
    pedal.play(silence(blocks + 300))
    edges = [e for e in pedal.gpio_edges[first:] if (e.port, e.pin) == ("C", 7)]
    block_s = (edges[-1].seconds - began) / (blocks + 300)
    found = list(lit_for(edges, block_s))
    begin = next(n for n, (lit, _) in enumerate(found) if lit)
    for (lit, length), (wanted_lit, wanted) in zip(found[begin:], turn, strict=False):
        assert lit == wanted_lit
        assert abs(length - wanted) <= 1 + wanted // 200, "a block or half a percent"
    assert len(found) - begin >= len(turn)


def test_what_a_call_costs_is_taken_off(results: Results) -> None:
    assert NOTHING.name not in [rung.name for rung in results.rungs]
    assert len(results.rungs) == len(RUNGS) - 1


def test_the_report_lists_the_files(run: Run) -> None:
    import json

    folder: Path = made().out_dir
    listed = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert set(listed["files"]) == {"firmware.bin", "firmware.dfu", "firmware.elf"}
    assert len(listed["predicted"]) == len(RUNGS)
