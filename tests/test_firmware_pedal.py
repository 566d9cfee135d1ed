"""The signal chain and the memory functions, compiled for this machine."""

from __future__ import annotations

import ctypes
import shutil
from collections.abc import Iterator
from pathlib import Path

import firmware_stand_in as stand_in
import numpy as np
import numpy.typing as npt
import pytest

from host_sim.codec import codes_of_samples, fade_in, samples_of_codes
from host_sim.engines import Code, EmulatorEngine
from namgen.resources import firmware_dir, templates_dir
from namgen.toolchain import find_cross, find_host, shared_library_suffix

BLOCK_FRAMES = 64
FADE_FRAMES = 2048
WORDS_24, WORDS_32_RIGHT_FIRST = 0, 1
MAX_CODE, MIN_CODE = 2**23 - 1, -(2**23)
PASS_THROUGH = """\
#include "nam_echo.h"
void nam_echo_reset(void) {}
void nam_echo_process(const float *in, float *out, size_t frames)
{
    for (size_t i = 0; i < frames; i++) {
        out[i] = in[i];
    }
}
"""
FROM_OUTSIDE = """\
#include "nam_echo.h"
extern float nam_echo_source[];
extern float nam_echo_seen[];
float nam_echo_source[64];
float nam_echo_seen[64];
void nam_echo_reset(void) {}
void nam_echo_process(const float *in, float *out, size_t frames)
{
    for (size_t i = 0; i < frames; i++) {
        nam_echo_seen[i] = in[i];
        out[i] = nam_echo_source[i];
    }
}
"""


def load(folder: Path, model: str) -> ctypes.CDLL:
    c_dir = stand_in.write_c(folder)
    (c_dir / "nam_echo.c").write_text(model, encoding="utf-8")
    out = folder / f"pedal{shared_library_suffix()}"
    defines = {
        "NAM_HEADER": '"nam_echo.h"',
        "NAM_SYMBOL": "nam_echo",
        "NAM_CONSTANT": "NAM_ECHO",
        "PEDAL_BLOCK_FRAMES": str(BLOCK_FRAMES),
    }
    find_host().shared_library(
        [firmware_dir() / "pedal/pedal.c", c_dir / "nam_echo.c"],
        out,
        include_dirs=[firmware_dir(), c_dir],
        defines=defines,
        extra=("-Werror",),
    )
    return ctypes.CDLL(str(out))


def play(
    library: ctypes.CDLL, words: npt.NDArray[np.int32], function: str = "pedal_process"
) -> npt.NDArray[np.int32]:
    """Run interleaved words, shape (frames, 2), through the chain, block by block."""
    out = np.empty_like(words)
    for start in range(0, len(words), BLOCK_FRAMES):
        x = np.ascontiguousarray(words[start : start + BLOCK_FRAMES])
        y = np.empty_like(x)
        getattr(library, function)(
            x.ctypes.data_as(ctypes.c_void_p),
            y.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_size_t(len(x)),
        )
        out[start : start + BLOCK_FRAMES] = y
    return out


def past_the_fade(library: ctypes.CDLL) -> ctypes.CDLL:
    library.pedal_reset()
    play(library, np.zeros((FADE_FRAMES, 2), np.int32))
    return library


def test_a_block_that_is_skipped_is_the_guitar_once_the_start_has_faded_in(tmp_path: Path) -> None:
    library = load(tmp_path, PASS_THROUGH)
    library.pedal_reset()
    words = np.random.default_rng(4).integers(-(1 << 31), 1 << 31, (96, 2)).astype(np.int32)
    assert not play(library, words, "pedal_skip").any()
    past_the_fade(library)
    guitar = (words[:, 0].astype(np.int64) << 8).astype(np.int32) >> 8
    assert np.array_equal(play(library, words, "pedal_skip"), np.stack([guitar] * 2, axis=1))
    library.pedal_use(1)  # 32 bits, the right one first
    assert np.array_equal(play(library, words, "pedal_skip"), words[:, [1, 1]])


@pytest.fixture(scope="module")
def through(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return past_the_fade(load(tmp_path_factory.mktemp("through"), PASS_THROUGH))


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return past_the_fade(load(tmp_path_factory.mktemp("outside"), FROM_OUTSIDE))


def test_every_code_comes_out_as_it_went_in_on_both_channels(through: ctypes.CDLL) -> None:
    codes = np.unique(np.r_[np.arange(MIN_CODE, MAX_CODE, 997), -3:4, MIN_CODE, MAX_CODE])
    words = np.stack([codes, np.full_like(codes, 12345)], axis=1).astype(np.int32)
    out = play(through, words)
    np.testing.assert_array_equal(out[:, 0], codes)
    np.testing.assert_array_equal(out[:, 1], codes)


def test_the_upper_eight_bits_of_an_input_word_are_ignored(through: ctypes.CDLL) -> None:
    words = np.array([[0x00FFFFFF, 0], [0x5A800000, 0], [-1, 0]], dtype=np.int64)
    out = play(through, words.astype(np.int32))
    np.testing.assert_array_equal(out[:, 0], [-1, MIN_CODE, -1])


def test_the_model_sees_the_exact_sample_of_each_code(outside: ctypes.CDLL) -> None:
    codes = np.array([MIN_CODE, -1, 0, 1, 4194303, MAX_CODE], np.int32)
    play(outside, np.stack([codes, codes], axis=1))
    seen = (ctypes.c_float * 64).in_dll(outside, "nam_echo_seen")
    np.testing.assert_array_equal(np.float32(seen[: codes.size]), stand_in.samples_of_codes(codes))


def edge_samples() -> Iterator[float]:
    for code in (0, 1, 2, 3, 4194303, 4194304, 8388605, 8388606, 8388607, 8388608, 9000000):
        for offset in (-0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75):
            yield from ((code + offset) / 2**23, -(code + offset) / 2**23)
    yield from (1e30, -1e30, np.inf, -np.inf, np.nan, 1e-45, -1e-45, 0.0, -0.0, 3.4e38, -3.4e38)


def test_output_codes_are_the_nearest_with_ties_to_even_clamped_and_nan_is_zero(
    outside: ctypes.CDLL,
) -> None:
    rng = np.random.default_rng(20)
    bits = rng.integers(0, 2**32, 64 * 400, dtype=np.uint32).view(np.float32)
    near = rng.uniform(-1.01, 1.01, 64 * 400).astype(np.float32)
    samples = np.concatenate([np.float32(list(edge_samples())), bits, near])
    source = (ctypes.c_float * 64).in_dll(outside, "nam_echo_source")
    for start in range(0, samples.size, BLOCK_FRAMES):
        block = np.resize(samples[start : start + BLOCK_FRAMES], BLOCK_FRAMES)
        ctypes.memmove(source, block.ctypes.data, block.nbytes)
        out = play(outside, np.zeros((BLOCK_FRAMES, 2), np.int32))
        expected = stand_in.codes_of_samples(block)
        np.testing.assert_array_equal(out[:, 0], expected, err_msg=f"from sample {start}")
        np.testing.assert_array_equal(out[:, 1], expected)


def test_the_chain_is_input_model_output(tmp_path: Path) -> None:
    library = load(tmp_path, stand_in.SOURCE)
    codes = np.random.default_rng(3).integers(MIN_CODE, MAX_CODE, 1000).astype(np.int32)
    library.pedal_reset()
    out = play(library, np.stack([codes, np.zeros_like(codes)], axis=1))
    np.testing.assert_array_equal(out[:, 0], stand_in.played(codes))


def test_the_start_is_faded_in_exactly_and_only_once(tmp_path: Path) -> None:
    library = load(tmp_path, PASS_THROUGH)
    codes = np.random.default_rng(4).integers(MIN_CODE, MAX_CODE, 3000).astype(np.int32)
    words = np.stack([codes, np.zeros_like(codes)], axis=1)
    for restart in (library.pedal_reset, library.pedal_fade_in):
        restart()
        found = play(library, words)[:, 0]
        faded = fade_in(samples_of_codes(codes))
        np.testing.assert_array_equal(found, codes_of_samples(faded))
        assert found[0] == 0
        np.testing.assert_array_equal(found[FADE_FRAMES:], codes[FADE_FRAMES:])
        np.testing.assert_array_equal(play(library, words)[:, 0], codes)


def test_the_fade_goes_on_where_a_block_ended() -> None:
    samples = np.random.default_rng(6).uniform(-1, 1, (2, 2500)).astype(np.float32)
    parts = [fade_in(samples[:, at : at + 500], start_frame=at) for at in range(0, 2500, 500)]
    np.testing.assert_array_equal(fade_in(samples), np.concatenate(parts, axis=1))


def words_of_32_bits() -> npt.NDArray[np.int32]:
    edges = [0, 1, -1, 2**24, 2**24 + 1, 2**31 - 1, 2**31 - 64, 2**31 - 65, -(2**31)]
    random = np.random.default_rng(8).integers(-(2**31), 2**31, 5000)
    return np.r_[edges, random].astype(np.int32)


def test_words_of_32_bits_are_read_right_first_as_the_nearest_float(outside: ctypes.CDLL) -> None:
    outside.pedal_use(WORDS_32_RIGHT_FIRST)
    words = words_of_32_bits()
    seen = (ctypes.c_float * 64).in_dll(outside, "nam_echo_seen")
    for start in range(0, words.size - BLOCK_FRAMES, BLOCK_FRAMES):
        block = words[start : start + BLOCK_FRAMES]
        play(outside, np.stack([np.full_like(block, 12345), block], axis=1))
        np.testing.assert_array_equal(np.float32(seen[:]), samples_of_codes(block, bits=32))
        np.testing.assert_array_equal(np.float32(seen[:]), np.float64(block).astype("f4") / 2**31)
    outside.pedal_use(WORDS_24)


def test_words_of_32_bits_are_the_nearest_with_ties_to_even_clamped_and_nan_is_zero(
    outside: ctypes.CDLL,
) -> None:
    outside.pedal_use(WORDS_32_RIGHT_FIRST)
    bits = np.random.default_rng(21).integers(0, 2**32, 64 * 200, dtype=np.uint32)
    near = np.float32(
        [(code + part) / 2**31 for code in range(-9, 9) for part in (0.25, 0.5, 0.75)]
    )
    samples = np.concatenate([np.float32(list(edge_samples())), near, bits.view(np.float32)])
    source = (ctypes.c_float * 64).in_dll(outside, "nam_echo_source")
    for start in range(0, samples.size, BLOCK_FRAMES):
        block = np.resize(samples[start : start + BLOCK_FRAMES], BLOCK_FRAMES)
        ctypes.memmove(source, block.ctypes.data, block.nbytes)
        out = play(outside, np.zeros((BLOCK_FRAMES, 2), np.int32))
        with np.errstate(invalid="ignore"):
            exact = np.rint(np.nan_to_num(block, nan=0.0).astype(np.float64) * 2.0**31)
        expected = np.clip(exact, -(2.0**31), 2.0**31 - 128).astype(np.int32)
        np.testing.assert_array_equal(codes_of_samples(block, bits=32), expected)
        np.testing.assert_array_equal(out, np.stack([expected] * 2, axis=1))
    outside.pedal_use(WORDS_24)


ON_THE_PROCESSOR = """\
#include "pedal.c"
static const float *given;
void nam_echo_reset(void) {}
void nam_echo_process(const float *in, float *out, size_t frames)
{
    (void)in;
    for (size_t i = 0; i < frames; i++) {
        out[i] = given[i];
    }
}
void nam_chain_reset(void)
{
    faded_frames = PEDAL_FADE_FRAMES;
    words_of_codec = WORDS;
}
void nam_chain_process(const float *in, float *out, size_t frames)
{
    static int32_t silence[2 * PEDAL_BLOCK_FRAMES], words[2 * PEDAL_BLOCK_FRAMES];
    for (size_t at = 0; at < frames; at += PEDAL_BLOCK_FRAMES) {
        const size_t left = frames - at;
        const size_t count = left < PEDAL_BLOCK_FRAMES ? left : PEDAL_BLOCK_FRAMES;
        given = in + at;
        pedal_process(silence, words, count);
        for (size_t i = 0; i < 2 * count; i++) {
            out[2 * at + i] = nam_float_of((uint32_t)words[i]);
        }
    }
}
"""
"""The chain on a Cortex-M7, a model behind it that says what it is told; words out, as bits."""


PEDAL = ("pedal.c", "pedal.h")


def on_the_processor(words: str) -> Code:
    macros = {
        "NAM_HEADER": '"nam_echo.h"',
        "NAM_SYMBOL": "nam_echo",
        "NAM_CONSTANT": "NAM_ECHO",
        "PEDAL_BLOCK_FRAMES": "64",
        "WORDS": words,
    }
    defines = "".join(f"#define {name} {value}\n" for name, value in macros.items())
    files = {name: (firmware_dir() / "pedal" / name).read_text("utf-8") for name in PEDAL}
    files |= {
        name: (templates_dir() / "kernels" / name).read_text("utf-8") for name in ("nam_math.h",)
    }
    files |= {"nam_echo.h": stand_in.HEADER, "nam_chain.c": defines + ON_THE_PROCESSOR}
    return Code(files, "chain", 2)


@pytest.mark.parametrize("compiler", ["zig", "gcc"])
@pytest.mark.parametrize(
    ("words", "bits"), [("PEDAL_WORDS_24", 24), ("PEDAL_WORDS_32_RIGHT_FIRST", 32)]
)
def test_the_processors_own_rounding_gives_the_same_words(
    words: str, bits: int, compiler: str
) -> None:
    pytest.importorskip("unicorn")
    if compiler == "gcc" and shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("arm-none-eabi-gcc is not on PATH")
    engine = EmulatorEngine(on_the_processor(words), toolchain=find_cross(compiler))
    any_bits = np.random.default_rng(22).integers(0, 2**32, 64 * 60, dtype=np.uint32)
    near = np.float32([(code + n / 4) / 2**31 for code in range(-9, 9) for n in range(4)])
    samples = np.concatenate([np.float32(list(edge_samples())), near, any_bits.view(np.float32)])
    found = engine.process(samples[:, None]).view(np.int32)
    expected = codes_of_samples(samples, bits=bits)
    np.testing.assert_array_equal(found, np.stack([expected] * 2, axis=1))


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    out = tmp_path_factory.mktemp("memory") / f"memory{shared_library_suffix()}"
    names = ("memcpy", "memmove", "memset", "memcmp")
    find_host().shared_library(
        [firmware_dir() / "core" / "freestanding.c"],
        out,
        defines={name: f"own_{name}" for name in names},
        extra=("-Werror", "-fno-builtin"),
    )
    return ctypes.CDLL(str(out))


@pytest.mark.parametrize("size", [0, 1, 3, 4, 7, 15, 16, 17, 64, 100])
def test_memmove_and_memcpy_copy_any_overlap_and_alignment(memory: ctypes.CDLL, size: int) -> None:
    for source in range(0, 24):
        for target in range(0, 24):
            expected = bytearray(range(200))
            expected[target : target + size] = expected[source : source + size]
            buffer = (ctypes.c_ubyte * 200)(*range(200))
            base = ctypes.addressof(buffer)
            apart = target + size <= source or source + size <= target
            for name in ("own_memmove", *(["own_memcpy"] if apart else [])):
                ctypes.memmove(buffer, bytes(range(200)), 200)
                copy = getattr(memory, name)
                copy.restype = ctypes.c_void_p
                arguments = (ctypes.c_void_p(base + target), ctypes.c_void_p(base + source))
                assert copy(*arguments, ctypes.c_size_t(size)) == base + target
                assert bytes(buffer) == bytes(expected), f"{name}: {source} to {target}"


def test_memset_and_memcmp_do_what_c_says(memory: ctypes.CDLL) -> None:
    for start in range(8):
        for size in (0, 1, 5, 8, 33):
            buffer = (ctypes.c_ubyte * 64)()
            address = ctypes.c_void_p(ctypes.addressof(buffer) + start)
            memory.own_memset(address, 0x1A5, ctypes.c_size_t(size))
            assert bytes(buffer) == bytes(start) + b"\xa5" * size + bytes(64 - start - size)
    for left, right in ((b"abc", b"abd"), (b"\xff\x00", b"\x7f\x00"), (b"same", b"same")):
        sign = (left > right) - (left < right)
        assert memory.own_memcmp(left, right, ctypes.c_size_t(len(left))) == sign
