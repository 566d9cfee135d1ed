"""The objects of a Teensy's library, played as the audio interrupt does: the twin's every bit."""

from __future__ import annotations

import ctypes
from pathlib import Path

import make_nam
import numpy as np
import pytest
from generated_c import reference_output, small_model
from teensy_library import (
    BLOCK,
    BareObject,
    HostObject,
    heard,
    played,
    twin,
    words_of,
    write_library,
)

from namgen.fixed.model import in_fixed_point
from namgen.ir import Model
from namgen.lower import lower
from namgen.nam_file import read

LEVELS = (("-O1",), ("-O2",), ("-O3",), ("-Os",), ("-O2", "-flto"))
NETWORKS = ("two_arrays", "lstm", "everything")


def loud(model: Model, frames: int = 3 * BLOCK) -> np.ndarray:
    """Noise that a codec clips now and then."""
    rng = np.random.default_rng(5)
    noise = rng.standard_normal((frames, model.network.in_channels)) * 0.4
    return noise.astype(np.float32)


def blocks_of(samples: np.ndarray) -> list[np.ndarray]:
    return [samples[at : at + BLOCK] for at in range(0, len(samples), BLOCK)]


@pytest.mark.parametrize("block_frames", [128, 48, 16, 200])
@pytest.mark.parametrize("network", NETWORKS)
def test_words_come_out_as_the_twin_rounds_them(
    network: str, block_frames: int, tmp_path: Path
) -> None:
    model = small_model(network)
    amp = HostObject(write_library(tmp_path, model, block_frames), f32=False)
    words = words_of(loud(model))
    found = [amp.block(block, model.network.out_channels, "p") for block in blocks_of(words)]
    assert [said for said, _ in found] == [1, 1, 1]
    assert b"".join(out for _, out in found) == twin(model, words).tobytes()


@pytest.mark.parametrize("sizes", [(128, 128), (64, 64, 64), (100, 1, 27)])
@pytest.mark.parametrize("network", NETWORKS)
def test_floats_come_out_as_the_reference_has_them(
    network: str, sizes: tuple[int, ...], tmp_path: Path
) -> None:
    model = small_model(network)
    amp = HostObject(write_library(tmp_path, model, 48), f32=True)
    samples, done = loud(model)[: sum(sizes)], b""
    for size, end in zip(sizes, np.cumsum(sizes), strict=True):
        said, out = amp.block(samples[end - size : end], model.network.out_channels, "p")
        assert said == 1
        done += out
    assert done == reference_output(model, samples).tobytes()


@pytest.mark.parametrize("f32", [False, True])
def test_reset_bypass_silence_and_lost_blocks(f32: bool, tmp_path: Path) -> None:
    """Each block is played in a way; what came out is compared with blocks of the reference."""
    model = small_model("two_arrays")
    amp = HostObject(write_library(tmp_path, model), f32=f32)
    samples = loud(model, 9 * BLOCK)
    given = samples if f32 else words_of(samples)
    blocks = blocks_of(given)
    found = [amp.block(b, 1, way) for b, way in zip(blocks, "pnprpbpop", strict=True)]
    silent = np.zeros_like(blocks[0])
    runs = [blocks[0], silent, blocks[2]], [blocks[3], blocks[4]], [blocks[7], blocks[8]]
    expected = []
    for run in runs:
        whole = np.concatenate(run)
        made = reference_output(model, whole) if f32 else twin(model, whole)
        expected.append(made.tobytes())
    assert {said for said, _ in found} == {1}
    outs = [out for _, out in found]
    assert outs[5] == blocks[5].tobytes(), "bypassed"
    assert outs[6] == blocks[6].tobytes(), "and still"
    assert b"".join(outs[:3]) == expected[0]
    assert b"".join(outs[3:5]) == expected[1], "after reset"
    assert b"".join(outs[7:]) == expected[2], "after the bypass it begins anew"
    assert amp.code.stub_lost() == 0
    assert amp.block(blocks[0], 1, "m")[0] == 0
    assert amp.code.stub_lost() == 1
    assert amp.code.stub_self_test() == 0


def test_a_block_that_is_lost_was_played_all_the_same(tmp_path: Path) -> None:
    model = small_model("two_arrays")
    amp = HostObject(write_library(tmp_path, model), f32=False)
    words = words_of(loud(model))
    found = [amp.block(b, 1, way) for b, way in zip(blocks_of(words), "pmp", strict=True)]
    assert [said for said, _ in found] == [1, 0, 1]
    assert found[2][1] == twin(model, words)[2 * BLOCK :].tobytes()


def test_at_another_rate_the_f32_object_is_silent_and_says_why(tmp_path: Path) -> None:
    model = small_model("two_arrays")
    amp = HostObject(write_library(tmp_path, model), f32=True, rate=44100)
    assert b"its settings have another rate" in amp.error
    assert b"use AudioEffectNam_two_arrays_F32::settings() for all objects" in amp.error
    said, out = amp.block(loud(model)[:BLOCK], 1, "p")
    assert (said, set(out)) == (0, {0})


def test_blocks_of_another_rate_are_silent_until_they_are_right(tmp_path: Path) -> None:
    model = small_model("two_arrays")
    amp = HostObject(write_library(tmp_path, model), f32=True)
    assert amp.error is None
    blocks = blocks_of(loud(model))
    for played_before in (blocks[:0], blocks[:1]):
        assert all(amp.block(block, 1, "p")[0] == 1 for block in played_before)
        assert amp.block(blocks[0], 1, "w")[0] == 0
        assert "AudioMemory_F32 needs AudioEffectNam_two_arrays_F32::settings()" in amp.told_error()
        said, out = amp.block(blocks[1], 1, "p")
        assert said == 1
        assert out == reference_output(model, blocks[1]).tobytes(), "it begins as from reset"
        assert amp.told_error() == ""


def test_what_is_missing_of_a_shorter_block_of_floats_is_silence(tmp_path: Path) -> None:
    """Of two inputs the first says how long a block is, and the second is half as long."""
    document = make_nam.lstm(3, 1, channels=2)
    model = lower(read(make_nam.write(tmp_path, document)), name="tweed")
    assert model.network.in_channels == 2
    amp = HostObject(write_library(tmp_path, model), f32=True)
    samples = loud(model)[: 2 * BLOCK]
    ways = zip(blocks_of(samples), "ps", strict=True)
    found = [amp.block(block, model.network.out_channels, way) for block, way in ways]
    samples[BLOCK + BLOCK // 2 :, 1] = 0
    assert [said for said, _ in found] == [1, 1]
    assert b"".join(out for _, out in found) == reference_output(model, samples).tobytes()


def test_every_float_becomes_the_word_that_is_written_down(tmp_path: Path) -> None:
    amp = HostObject(write_library(tmp_path, "two_arrays"), f32=False)
    rng = np.random.default_rng(3)
    bits = rng.integers(0, 1 << 32, 200_000, dtype=np.uint64).astype(np.uint32)
    halves = (np.arange(-65_540, 65_541) / 2 / 32768).astype(np.float32)
    near = [np.nextafter(halves, np.float32(way), dtype=np.float32) for way in (-2, 2)]
    odd = np.array([np.nan, np.inf, -np.inf, -0.0, 1e-45, 0.99998474, 1.0, -1.0], np.float32)
    floats = np.concatenate([bits.view(np.float32), halves, *near, odd])
    found = np.empty(len(floats), np.int16)
    amp.code.stub_convert(
        *(array.ctypes.data_as(ctypes.c_void_p) for array in (floats, found)),
        len(floats),
    )
    assert found.tobytes() == played(floats).tobytes()
    assert set(played(np.array([0.5, 1.5, 2.5, -0.5, -1.5], np.float32) / 32768)) == {0, 2, -2}
    assert played(odd).tolist() == [0, 32767, -32768, 0, 0, 32767, 32767, -32768]


def test_all_words_are_heard_exactly_and_come_back() -> None:
    words = np.arange(-32768, 32768).astype(np.int16)
    assert played(heard(words)).tobytes() == words.tobytes()


@pytest.mark.parametrize("flags", LEVELS, ids="".join)
@pytest.mark.parametrize("f32", [False, True])
def test_the_machine_code_of_every_level_has_the_twins_bits(
    f32: bool, flags: tuple[str, ...], tmp_path: Path
) -> None:
    model = small_model("two_arrays")
    amp = BareObject(write_library(tmp_path, model), flags, f32=f32)
    samples = loud(model)[: 2 * BLOCK]
    given = samples if f32 else words_of(samples)
    found = [amp.block(block, 1) for block in blocks_of(given)]
    expected = reference_output(model, samples) if f32 else twin(model, given)
    assert [said for said, _ in found] == [1, 1]
    assert b"".join(out for _, out in found) == expected.tobytes()
    assert amp.core.call("stub_self_test") == 0


@pytest.mark.parametrize("flags", [("-O2",), ("-Os",), ("-O2", "-flto")], ids="".join)
def test_integers_have_their_own_machine_code_and_the_same_bits(
    flags: tuple[str, ...], tmp_path: Path
) -> None:
    exact = lower(read(make_nam.write(tmp_path, make_nam.a2())), name="tweed")
    model = in_fixed_point(exact, "fixed16")
    library = write_library(tmp_path, model)
    assert (library / "src" / "nam_tweed_cortex_m7.h").is_file()
    amp = BareObject(library, flags, f32=True)
    samples = loud(model)[:BLOCK] * np.float32(0.5)
    said, out = amp.block(samples, 1)
    assert said == 1
    assert out == reference_output(model, samples).tobytes()
    assert amp.core.call("stub_self_test") == 0
    names = {symbol.name for symbol in amp.core.image.symbols}
    assert any(name.endswith("_turns") for name in names) or "-flto" in flags
