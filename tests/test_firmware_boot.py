"""Images of every boot mode, toolchain and block size boot on the emulated pedal and play."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import firmware_stand_in as stand_in
import numpy as np
import pytest

from namgen.boards import load_board
from namgen.errors import NamgenError, ToolError
from namgen.firmware import Image, build_image
from namgen.toolchain import CROSS_NAMES, find_cross

pytest.importorskip("unicorn", reason="the emulated pedal needs unicorn: pip install .[emulator]")
from host_sim.pedal import Pedal
from host_sim.stm32h750 import machine

BROKEN = stand_in.SOURCE.replace(
    "    for (size_t i = 0; i < frames; i++) {\n        newest",
    "    if (newest > 500u) {\n        fault_entry();\n    }\n"
    "    for (size_t i = 0; i < frames; i++) {\n        newest",
).replace('#include "nam_echo.h"\n', '#include "nam_echo.h"\nvoid fault_entry(void);\n')


def build(folder: Path, *, compiler: str = "zig", source: str = "", **changes: Any) -> Image:
    try:
        toolchain = find_cross(compiler)
    except ToolError as error:
        pytest.skip(str(error))
    c_dir = stand_in.write_c(folder / "c")
    (c_dir / "nam_echo.c").write_text(source or stand_in.SOURCE, encoding="utf-8")
    arguments: dict[str, Any] = {"boot": "flash", "clock_hz": 480_000_000, "block_frames": 48}
    return build_image(
        c_dir,
        stand_in.NAME,
        board=load_board("daisy"),
        toolchain=toolchain,
        buffers=stand_in.BUFFERS,
        out_dir=folder / "out",
        **{**arguments, **changes},
    )


def assert_plays_the_reference(image: Image) -> None:
    pedal = Pedal(image.elf)
    pedal.boot()
    frames = max(600, 5 * pedal.block_frames)
    codes = np.random.default_rng(7).integers(-(2**23), 2**23, frames).astype(np.int32)
    expected = stand_in.played(codes)
    played, latency = pedal.play(codes)[0], pedal.latency_frames
    np.testing.assert_array_equal(played[latency:], expected[:-latency])
    assert pedal.clock_gate_violations == []
    assert pedal.stack_used_bytes <= image.stack_worst_bytes


@pytest.mark.parametrize("compiler", CROSS_NAMES)
@pytest.mark.parametrize("boot", ["flash", "sram", "qspi"])
def test_every_boot_mode_plays_the_same(tmp_path: Path, compiler: str, boot: str) -> None:
    assert_plays_the_reference(build(tmp_path, compiler=compiler, boot=boot))


@pytest.mark.parametrize("block_frames", [1, 7, 33, 256])
def test_every_block_size_plays_the_same(tmp_path: Path, block_frames: int) -> None:
    assert_plays_the_reference(build(tmp_path, block_frames=block_frames))


def test_a_fault_leaves_silence_in_the_transmitter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "BLOCK_LIMIT_INSTRUCTIONS", 2_000_000)
    image = build(tmp_path, source=BROKEN)
    pedal = Pedal(image.elf)
    pedal.boot()
    loud = np.full(480, 2**22, np.int32)
    assert np.any(pedal.play(loud))
    with pytest.raises(NamgenError):
        pedal.play(np.resize(loud, 960))
    for buffer in pedal.dma_buffers[1:]:
        assert not np.any(pedal.core.memory.view(buffer.address, buffer.size_bytes))
    assert pedal.led_on, "the first blink has not begun"
