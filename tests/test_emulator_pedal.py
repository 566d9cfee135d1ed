"""The emulated pedal boots the very image that is flashed, and plays exactly what it computes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import emulator_images as images
import firmware_stand_in as stand_in
import numpy as np
import pytest

from namgen.boards import load_board
from namgen.errors import NamgenError
from namgen.firmware import Image, build_image
from namgen.resources import firmware_dir

pytest.importorskip("unicorn", reason="the emulator needs unicorn: pip install .[emulator]")
from host_sim.codec import codes_of_samples, fade_in, samples_of_codes
from host_sim.emulator.core import Core
from host_sim.emulator.errors import EmulationError
from host_sim.emulator.memory import SCRATCH
from host_sim.pedal import Pedal

BOARDS = ("seed_rev4", "seed_1_1", "seed2_dfm")
BOOTS = ("flash", "sram", "qspi")
BLOCK_FRAMES = 48
WM8731 = 0x1A
FROM_OUTSIDE = """\
#include "nam_echo.h"
float source[64];
float seen[64];
void nam_echo_reset(void) {}
void nam_echo_process(const float *in, float *out, size_t frames)
{
    for (size_t i = 0; i < frames; i++) {
        seen[i] = in[i];
        out[i] = source[i];
    }
}
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("pedal")
    c_dir = stand_in.write_c(folder / "c")

    @cache
    def build(boot: str = "flash", block_frames: int = BLOCK_FRAMES) -> Image:
        return build_image(
            c_dir,
            stand_in.NAME,
            board=load_board("daisy"),
            boot=boot,
            clock_hz=480_000_000,
            block_frames=block_frames,
            toolchain=images.cross(),
            buffers=stand_in.BUFFERS,
            out_dir=folder / f"{boot}{block_frames}",
        )

    return build


def codes(frames: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(-(1 << 23), 1 << 23, frames, dtype=np.int32)


def expected(left: np.ndarray) -> np.ndarray:
    return codes_of_samples(fade_in(stand_in.reference(samples_of_codes(left))))


def booted(image: Image, board: str = "seed_rev4") -> Pedal:
    pedal = Pedal(image.elf, board=board)
    pedal.boot()
    return pedal


@pytest.mark.parametrize("boot", BOOTS)
@pytest.mark.parametrize("board", BOARDS)
def test_every_board_and_boot_mode_plays_the_reference(image: Any, board: str, boot: str) -> None:
    pedal = booted(image(boot), board)
    left = codes(960)
    played = pedal.play(left)
    late = pedal.latency_frames
    assert late == 2 * BLOCK_FRAMES
    assert not played[:, :late].any()
    for channel in played:
        assert np.array_equal(channel[late:], expected(left)[:-late])
    assert pedal.led_on
    assert pedal.cpacr == 0xF00000
    assert pedal.clock_gate_violations == []
    assert not any(buffer.is_cacheable for buffer in pedal.dma_buffers)
    assert abs(pedal.sample_rate_hz - 48000) < 1


@pytest.mark.parametrize("block_frames", [4, 32])
def test_other_block_sizes_play_the_reference(image: Any, block_frames: int) -> None:
    pedal = booted(image("flash", block_frames))
    left = codes(200)
    late = pedal.latency_frames
    assert late == 2 * block_frames
    assert np.array_equal(pedal.play(left)[0, late:], expected(left)[:-late])


def test_how_the_samples_are_handed_over_makes_no_difference(image: Any) -> None:
    left = codes(500)
    whole = booted(image()).play(left)
    pedal = booted(image())
    pieces = [pedal.play(piece) for piece in np.split(left, [1, 2, 50, 98, 99, 243, 400])]
    assert np.array_equal(np.concatenate(pieces, axis=1), whole)


def test_the_right_input_is_not_heard(image: Any) -> None:
    left = codes(300)
    both = np.stack([left, codes(300, seed=5)])
    assert np.array_equal(booted(image()).play(both), booted(image()).play(left))


def test_block_instructions_are_those_of_the_trace(image: Any) -> None:
    pedal = booted(image())
    traces = pedal.trace_blocks(codes(3 * BLOCK_FRAMES))
    assert len(traces) == len(pedal.block_instructions) == 3
    assert [len(trace.instructions) for trace in traces] == pedal.block_instructions
    names = {pedal.core.image.name_at(int(a)).partition("+")[0] for a in traces[0].instructions}
    assert {"nam_echo_process", "pedal_process"} <= names
    assert "main" not in names


def test_tracing_changes_neither_sound_nor_counts(image: Any) -> None:
    traced, plain = booted(image()), booted(image())
    left = codes(4 * BLOCK_FRAMES)
    traced.trace_blocks(left)
    plain.play(left)
    assert traced.block_instructions == plain.block_instructions
    assert np.array_equal(traced.play(left), plain.play(left))


def test_stack_use_is_more_than_nothing_and_within_its_bounds(image: Any) -> None:
    pedal = booted(image())
    pedal.play(codes(200))
    room = pedal.core.image.address("ld_stack_top") - pedal.core.image.address("ld_stack_bottom")
    assert 0 < pedal.stack_used_bytes < room


def test_only_the_board_with_the_i2c_codec_hears_i2c(image: Any) -> None:
    counts = {board: len(booted(image(), board).i2c_transactions) for board in BOARDS}
    assert counts == {"seed_rev4": 0, "seed_1_1": 12, "seed2_dfm": 0}
    messages = booted(image(), "seed_1_1").i2c_transactions
    assert {message.address for message in messages} == {WM8731}


def test_firmware_that_mistakes_its_board_is_told_so(image: Any) -> None:
    """Without its strap a Seed 1.1 looks like a rev 4, whose codec is wired the other way."""
    pedal = Pedal(image().elf, board="seed_1_1")
    pedal._machine.pins._grounded = None
    with pytest.raises(EmulationError, match="the codec of seed_1_1 needs a master receiver"):
        pedal.boot()


def test_a_pedal_that_is_off_does_not_play(image: Any) -> None:
    with pytest.raises(NamgenError, match="call boot"):
        Pedal(image().elf).play(codes(10))


@pytest.mark.parametrize(
    "samples", [np.zeros(4), np.zeros((3, 4), int), np.array([1 << 23]), np.array([-(1 << 23) - 1])]
)
def test_samples_that_no_codec_delivers_are_refused(image: Any, samples: np.ndarray) -> None:
    with pytest.raises(NamgenError, match="pedal: expected"):
        booted(image()).play(samples)


def test_an_image_that_lies_elsewhere_is_refused(tmp_path: Path) -> None:
    elf = images.build(
        tmp_path, "int f(void); int f(void) { return 1; }", entry="f", code=0x24001000
    )
    with pytest.raises(NamgenError, match="expected an image at 0x08000000, 0x24000000"):
        Pedal(elf)


def test_the_codec_twin_has_the_bits_of_the_machine_code(tmp_path: Path) -> None:
    frames, rounds = 64, 200
    c_dir = stand_in.write_c(tmp_path / "c")
    (c_dir / "nam_echo.c").write_text(FROM_OUTSIDE, encoding="utf-8")
    defines = {
        "NAM_HEADER": '"nam_echo.h"',
        "NAM_SYMBOL": "nam_echo",
        "NAM_CONSTANT": "NAM_ECHO",
        "PEDAL_BLOCK_FRAMES": str(frames),
    }
    firmware = firmware_dir()
    files = [firmware / "pedal/pedal.c", firmware / "core/freestanding.c", c_dir / "nam_echo.c"]
    core = Core()
    dirs = [firmware, c_dir]
    core.load(
        images.link(tmp_path, files, entry="pedal_process", include_dirs=dirs, defines=defines)
    )
    inputs = np.random.default_rng(1).integers(0, 1 << 32, (rounds, frames, 2), dtype=np.uint32)
    outputs = _hard_samples(rounds * frames).reshape(rounds, frames)
    for number, (words, samples) in enumerate(zip(inputs, outputs, strict=True)):
        core.memory.write(SCRATCH, words)
        core.memory.write_floats(core.image.address("source"), samples)
        core.call("pedal_process", SCRATCH, SCRATCH + 4096, frames)
        played = np.frombuffer(core.memory.read(SCRATCH + 4096, 8 * frames), np.int32).reshape(
            -1, 2
        )
        assert np.array_equal(
            core.memory.read_floats(core.image.address("seen"), frames),
            samples_of_codes(words[:, 0]),
        )
        codes_out = codes_of_samples(fade_in(samples, start_frame=number * frames))
        assert np.array_equal(played, np.stack([codes_out] * 2, axis=1))


def _hard_samples(count: int) -> np.ndarray:
    """Any bits, halves between codes, both ends of the range, and what is no number."""
    rng = np.random.default_rng(2)
    samples = rng.integers(0, 1 << 32, count, dtype=np.uint32).view(np.float32).copy()
    half = count // 2
    samples[:half] = (rng.integers(-(1 << 22), 1 << 22, half) + 0.5) * 2.0**-23
    samples[half : half + 1000] = rng.uniform(-1.001, 1.001, 1000)
    samples[-7:] = [1.0, -1.0, 1 - 2.0**-24, np.inf, -np.inf, np.nan, -0.0]
    return samples
