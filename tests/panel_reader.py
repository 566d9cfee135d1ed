"""Firmware that is not the product's: told by the test what to set, it reads a panel every block.

Its model brings up ADC1 and whatever registers the test has written into its letter box, and keeps
for every block the codes in memory and what the ports show.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import adc_programs
import numpy as np
import numpy.typing as npt
from pedal_images import build_stand_in

from host_sim.pedal import Pedal
from namgen.firmware import Image
from namgen.pedal_boards import PedalBoard
from namgen.pedal_boards.wires import Wired

BLOCK_FRAMES = 48
PORTS = "ABCDEFG"
_FOLDER = tempfile.TemporaryDirectory(prefix="namgen-")
_SETTINGS, _LATCHES, _LOG = 0x38000000, 0x38001000, 0x30010000
_WORDS_OF_BLOCK = 32
_GPIO = 0x58020000
_ADC = 0x40022000
_MODES = {"input": 0, "output": 1, "analog": 3}
_PULLS = {"none": 0, "up": 1, "down": 2}

_SOURCE = f"""
#include "nam_echo.h"
#include <stdint.h>
#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))
{adc_programs.REGISTERS}
{adc_programs.POWER_UP}
{adc_programs.STREAM}
#define SETTINGS {_SETTINGS:#x}u
#define LATCHES {_LATCHES:#x}u
#define LOG {_LOG:#x}u
static uint32_t blocks;

void nam_echo_reset(void)
{{
    static uint32_t is_up;
    if (is_up++ != 0u) {{ return; }}
    clocks_on();
    REG(0x580244E0u) |= 0x7Fu;
    power_up(); calibrate(); enable();
    for (uint32_t i = 0; i < REG(SETTINGS); i++) {{
        const uint32_t at = SETTINGS + 16u + 12u * i;
        REG(REG(at)) = (REG(REG(at)) & ~REG(at + 4u)) | REG(at + 8u);
    }}
    if (REG(SETTINGS + 4u) != 0u) {{ stream(REG(SETTINGS + 4u)); start(); }}
}}

void nam_echo_process(const float *in, float *out, size_t frames)
{{
    const uint32_t at = LOG + 4u * {_WORDS_OF_BLOCK}u * blocks;
    for (size_t i = 0; i < frames; i++) {{ out[i] = in[i]; }}
    for (uint32_t i = 0; i < REG(SETTINGS + 4u); i++) {{
        REG(at + 4u * (8u + i)) = ((volatile uint16_t *)(uintptr_t)RESULTS)[i];
    }}
    for (uint32_t port = 0; port < {len(PORTS)}u; port++) {{
        REG(at + 4u * port) = REG(0x58020010u + 0x400u * port);
        REG(0x58020018u + 0x400u * port) = REG(LATCHES + 4u * port);
    }}
    if (REG(LATCHES + 0x80u) != 0u) {{ REG(0xE000ED0Cu) = 0x05FA0004u; }}
    blocks++;
}}
"""


@cache
def reader_image(target: str = "daisy") -> Image:
    """The image, built once for a target."""
    return build_stand_in(Path(_FOLDER.name) / target, _SOURCE, buffers=(), target=target)


def prepare(pedal: Pedal, board: PedalBoard, *, pulls: bool = True) -> None:
    """Tell the firmware, before it boots, what to set for a board's pins."""
    settings = [*_converter(board), *_pins(board, pulls=pulls)]
    words = [len(settings), len(board.knobs), 0, 0, *(word for each in settings for word in each)]
    pedal.core.memory.write(_SETTINGS, np.array(words, "<u4"))


def latch(pedal: Pedal, levels: dict[str, bool]) -> None:
    """Let the firmware set outputs in the next block, by the chip's names."""
    words = np.zeros(len(PORTS), np.uint32)
    for name, level in levels.items():
        words[PORTS.index(name[1])] |= np.uint32(1 << int(name[2:]) + (0 if level else 16))
    pedal.core.memory.write(_LATCHES, words)


def ask_for_reset(pedal: Pedal) -> None:
    """Let the firmware reset the system in the next block."""
    pedal.core.memory.write_word(_LATCHES + 0x80, 1)


def log_of(pedal: Pedal, board: PedalBoard) -> tuple[npt.NDArray[np.uint32], list[dict[str, bool]]]:
    """Return the codes and the levels of the board's switches that each block has found."""
    count = len(pedal.block_instructions)
    raw = pedal.core.memory.read(_LOG, 4 * _WORDS_OF_BLOCK * count)
    words = np.frombuffer(raw, "<u4").reshape(count, _WORDS_OF_BLOCK)
    inputs = [wired for wired in board.wired() if wired.wire.direction == "input"]
    levels = [{each.wire.name: _is_high(ports, each) for each in inputs} for ports in words]
    return words[:, 8 : 8 + len(board.knobs)], levels


def _is_high(ports: npt.NDArray[np.uint32], wired: Wired) -> bool:
    return bool(int(ports[PORTS.index(wired.pin.port)]) >> wired.pin.number & 1)


def _pins(board: PedalBoard, *, pulls: bool) -> Iterator[tuple[int, int, int]]:
    for wired in board.wired():
        if wired.wire.direction == "none":
            continue
        base = _GPIO + 0x400 * PORTS.index(wired.pin.port)
        place = 2 * wired.pin.number
        pull = _PULLS[wired.wire.pull] if pulls else 0
        yield base, 3 << place, _MODES[wired.wire.direction] << place
        yield base + 0x0C, 3 << place, pull << place


def _converter(board: PedalBoard) -> Iterator[tuple[int, int, int]]:
    """Sequence the knobs in the board's order; 64.5 cycles each; continuous, to the DMA."""
    every = 0xFFFFFFFF
    pins = [board.carried.find(knob.pin) for knob in board.knobs]
    channels = [pin.adc1 for pin in pins if pin is not None and pin.adc1 is not None]
    yield _ADC + 0x1C, every, sum(1 << channel for channel in channels)
    yield _ADC + 0x14, every, int("5" * 10, 8)
    yield _ADC + 0x18, every, int("5" * 10, 8)
    ranks = {0: len(channels) - 1} if channels else {}
    for rank, channel in enumerate(channels, 1):
        register, place = divmod(rank, 5)
        ranks[register] = ranks.get(register, 0) | channel << 6 * place
    for register, value in ranks.items():
        yield _ADC + 0x30 + 4 * register, every, value
    yield _ADC + 0x0C, every, 1 << 31 | 1 << 13 | 1 << 12 | 3
