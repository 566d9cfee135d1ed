"""Shows that a native module of MicroPython has the reference's bits, wherever it is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from host_sim.codec import codes_of_samples, samples_of_codes
from host_sim.compare import Tally, compare
from host_sim.engines import ReferenceEngine
from host_sim.mpy.engine import ModuleEngine, machine_for
from host_sim.verify import Check, compare_emulated
from namgen.errors import NamgenError
from namgen.measures import receptive_field
from namgen.mpy.archs import ARCHS
from namgen.mpy.format import NativeModule, parse
from namgen.progress import Progress

if TYPE_CHECKING:
    from namgen.ir import Model

_WORD_FRAMES = 192
_CODE = 256  # a code of 24 bits at the left of 32


def check_module(
    model: Model, data: bytes, file: str, *, arch: str, block_frames: int, progress: Progress
) -> Check:
    """Import a module in two places, play samples and words of a codec, and compare.

    Raises:
        NamgenError: it is damaged, for another machine, does what no module should, or does not
            say of itself what it is.

    """
    module = parse(data, file)
    if module.arch != ARCHS[arch].number:
        raise NamgenError(f"{file}: expected a module for {arch}, found one for another machine")
    tally, channels = Tally(), model.network.out_channels
    for number, places in enumerate(machine_for(module).places):
        engine = ModuleEngine(module, places=places, out_channels=channels)
        _check_told(model, engine, file, block_frames)
        if number == 0:
            tally += compare_emulated(model, engine, "module", progress)
        tally += _compare_words(model, engine, f"words, place {number + 1}")
    return Check(
        "module", f"{file}, imported at two places of an emulated {arch}", tally, _told(module)
    )


def _told(module: NativeModule) -> tuple[str, ...]:
    text, bss = len(module.text), module.bss_bytes
    return (
        f"{text + bss:,} bytes of heap: {text:,} of text, {bss:,} of state; "
        f"{len(module.relocations):,} addresses adapted; its self-test is right",
    )


def _check_told(model: Model, engine: ModuleEngine, file: str, block_frames: int) -> None:
    """Check the module's numbers, and what it says of itself."""
    expected: Mapping[str, int] = {
        "SAMPLE_RATE": model.sample_rate_hz,
        "MAX_BLOCK": block_frames,
        "RECEPTIVE_FIELD": receptive_field(model.network) or 0,
    }
    wrong = [
        f"{file}: {name}: expected {number}, found {engine.python.number(name)}"
        for name, number in expected.items()
        if engine.python.number(name) != number
    ]
    found = engine.python.call("self_test")
    if found:
        wrong.append(f"{file}: self-test: expected 0, found {found}")
    if wrong:
        raise NamgenError(*wrong)


def _compare_words(model: Model, engine: ModuleEngine, signal: str) -> Tally:
    """Play words of every size, and compare with the codec's twin around the reference."""
    shape = (_WORD_FRAMES, model.network.in_channels)
    words = np.random.default_rng(1).integers(-(1 << 31), 1 << 31, shape).astype(np.int32)
    words[_WORD_FRAMES // 2 :] >>= 12
    heard = samples_of_codes(words, bits=32)
    expected = codes_of_samples(ReferenceEngine(model).process(heard), bits=24) * _CODE
    engine.reset()
    return compare(expected, engine.process_words(words), signal=signal, blocks="one call")
