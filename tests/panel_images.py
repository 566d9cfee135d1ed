"""Images with a panel in them, around a sound that notes what the controls tell it."""

from __future__ import annotations

from pathlib import Path

import firmware_stand_in as stand_in
from chain_setups import plan_of
from controls_setups import CAPTURES

from host_sim.control_engines import NOTES
from namgen.boards import load_board
from namgen.chain.emit import emit_chain
from namgen.controls import ControlsPlan, plan_controls
from namgen.controls.emit import emit_controls
from namgen.controls.wiring import HEADER, panel_wiring
from namgen.firmware import Image, Surroundings, build_image
from namgen.pedal_boards import PedalBoard
from namgen.resources import templates_dir
from namgen.toolchain import CrossToolchain, find_cross

SOUND_HEADER = """\
#ifndef SOUND_H
#define SOUND_H
#include <stdbool.h>
#include <stddef.h>
#include "chain.h"
#define SOUND_SAMPLE_RATE_HZ 48000
#define SOUND_IN_CHANNELS 1
#define SOUND_OUT_CHANNELS 1
void sound_reset(void);
void sound_process(const float *in, float *out, size_t frames);
void sound_set(enum chain_parameter parameter, float position);
void sound_bypass(bool bypassed);
void sound_choose(size_t capture);
void sound_use_cabinet(bool used);
void sound_use_gate(bool used);
#endif
"""
SOUND = """
#include "nam_echo.h"
void sound_reset(void) { nam_echo_reset(); chain_reset(); }
void sound_process(const float *in, float *out, size_t frames)
{
    nam_echo_process(in, out, frames);
}
"""


def plan_of_panel(board: PedalBoard, block_frames: int = 48) -> ControlsPlan:
    """The controls of a board around a chain with all blocks."""
    return plan_controls(board, plan_of(block_frames, 64), banks=[None] * CAPTURES)


def write_panel(board: PedalBoard, c_dir: Path, block_frames: int = 48) -> list[str]:
    """Write what is generated for a board, and a sound; return the names of C files."""
    texts = {"sound.h": SOUND_HEADER, "sound.c": NOTES + SOUND}
    texts |= emit_chain(plan_of(block_frames, 64))
    texts |= emit_controls(plan_of_panel(board, block_frames))
    texts["nam_platform.h"] = (templates_dir() / "kernels" / "nam_platform.h").read_text("utf-8")
    for name, text in texts.items():
        (c_dir / name).write_text(text, encoding="utf-8")
    return [name for name in texts if name.endswith(".c")]


def build_panel(
    folder: Path,
    board: PedalBoard,
    *,
    block_frames: int = 48,
    boot: str = "flash",
    toolchain: CrossToolchain | None = None,
    options: dict[str, str] | None = None,
) -> Image:
    """Build the image of a board."""
    chain, plan = plan_of(block_frames, 64), plan_of_panel(board, block_frames)
    c_dir = stand_in.write_c(folder / "c")
    generated = write_panel(board, c_dir, block_frames)
    return build_image(
        c_dir,
        stand_in.NAME,
        board=load_board(board.carried.target),
        boot=boot,
        clock_hz=480_000_000,
        block_frames=block_frames,
        toolchain=toolchain or find_cross("zig"),
        buffers=stand_in.BUFFERS,
        out_dir=folder / "out",
        surroundings=Surroundings(
            "sound",
            tuple(generated),
            (*chain.sources, *plan.sources),
            {HEADER: panel_wiring(plan)},
        ),
        options={"PEDAL_HAS_PANEL": "1", **(options or {})},
    )
