"""A library for a board of Arduino's: the C, and objects of the audio libraries that call it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log2
from pathlib import Path

from namgen.errors import BudgetError
from namgen.estimate import estimate
from namgen.frameworks.arduino import ArduinoBoard
from namgen.ir import Model
from namgen.order import Order
from namgen.packages.c import SOURCES, c_files, rendered
from namgen.packages.package import Contents, Memory, Product, Shop, shell_word
from namgen.plan.any_plan import AnyPlan
from namgen.prediction import Prediction
from namgen.scratch import write_files

FAST = "flexram"
"""What the fast memory is called in a report: ITCM for code, DTCM for all else."""

CONDITION = "if its memories behave like a Daisy's"
"""What a prediction depends on: the cycle model is of another chip with the same processor."""

_TEMPLATES: Mapping[str, str] = {
    "README.md": "README.md",
    "keywords.txt": "keywords.txt",
    "library.json": "library.json",
    "library.properties": "library.properties",
    "examples/Int16/Int16.ino": "Int16.ino",
    "examples/Float32/Float32.ino": "Float32.ino",
}
_CLASSES: Mapping[str, str] = {
    "player": "player.h",
    "audio": "audio.h",
    "audio_f32": "audio_f32.h",
}
"""Headers of C++, by the ends of their names."""

_METHODS = ("reset", "bypass", "isBypassed", "lostBlocks", "selfTest", "ready", "error", "settings")
_SHIELD_CHANNELS = 2


@dataclass(frozen=True, slots=True)
class ArduinoLibrary:
    """A folder that goes into `libraries/`."""

    board: ArduinoBoard

    @property
    def is_compiled(self) -> bool:
        """Arduino's tools compile it, with the sketch."""
        return False

    def check(self, model: Model, planned: AnyPlan) -> None:
        """Take everything that fits: objects have as many inputs and outputs as the model."""

    def predict(self, model: Model, planned: AnyPlan, order: Order) -> Prediction:
        """Estimate as for a Daisy's memories; what does not fit is not predicted at all.

        Raises:
            BudgetError: weights and state are more than there is room for.

        """
        self._check_room(planned)
        return self._cost(planned, order)

    def _cost(self, planned: AnyPlan, order: Order) -> Prediction:
        budget = order.budget_at(planned.sample_rate_hz)
        alone = estimate(planned, self.board.processor, budget)
        around = self.board.wrapper_frame_cycles * order.block_frames
        cycles = alone.cycles_per_block + around
        return replace(alone, cycles_per_block=cycles, condition=CONDITION)

    def _check_room(self, planned: AnyPlan) -> None:
        fast, need, kernels = self.board.fast, _bytes_of(planned), _kernel_bytes(planned)
        room = fast.room_beside(kernels)
        if need > room:
            state = sum(buffer.size_bytes for buffer in planned.buffers if not buffer.constant)
            raise BudgetError(
                f"memory: weights and state need {need:,} bytes, {self.board.title} has "
                f"{room:,} of {fast.size_bytes:,} for them ({fast.code_with(kernels):,} are kept "
                f"for code, {fast.reserved_bytes:,} for other variables and the stack)"
                f"{self._elsewhere(state, need - state, room)}"
            )

    def _elsewhere(self, state: int, constants: int, room: int) -> str:
        """Say what holds it; the macro is one of the C's."""
        if state > self.board.slow_bytes or constants > room:
            return ""
        return (
            f"; its state, {state:,} bytes, fits the {self.board.slow_bytes:,} of DMAMEM: "
            "--cpu cortex-m7 gives C that is put there by NAM_SECTIONS_TEENSY"
        )

    def make(self, contents: Contents, order: Order, shop: Shop) -> None:
        """Write the library."""
        write_files(self.files(contents.planned, order), shop.folder)

    def files(self, planned: AnyPlan, order: Order) -> dict[str, str]:
        """Return the text of every file, by its path in the folder."""
        stem = f"{SOURCES}/nam_{planned.name}"
        templates = {f"{stem}_{end}.h": f"arduino/{name}" for end, name in _CLASSES.items()}
        templates |= {file: f"arduino/{name}" for file, name in _TEMPLATES.items()}
        texts = rendered(templates, planned, order, self._names(planned, order))
        return {**c_files(planned, order), **texts}

    def memory(self, plans: Sequence[AnyPlan], product: Product | None) -> Memory:
        """Say what the model's arrays take of the fast memory, and what is kept for others."""
        fast, model = self.board.fast, max(map(_bytes_of, plans))
        kernels = max(map(_kernel_bytes, plans))
        kept = {"code": fast.code_with(kernels), "others": fast.reserved_bytes}
        return {FAST: {"model": model, **kept, "room": fast.room_beside(kernels) - model}}

    def next_steps(self, name: str, order: Order, folder: Path) -> Iterator[str]:
        """Say how the library gets into a sketch."""
        place = f"libraries/nam_{name}"
        yield f"cp -r {shell_word(folder)} ~/Arduino/{place}    (PlatformIO: lib/nam_{name})"
        yield f"#include <nam_{name}_audio_f32.h>    with the OpenAudio library, at any rate"
        yield f"#include <nam_{name}_audio.h>    with Teensy's; README.md has rate and wiring"

    def _names(self, planned: AnyPlan, order: Order) -> dict[str, object]:
        """Return what the templates know besides."""
        cost, name = self._cost(planned, order), planned.name
        semitones = 12 * log2(planned.sample_rate_hz / self.board.library_rate_hz)
        offset = f"{abs(semitones):.1f} semitones {'lower' if semitones > 0 else 'higher'}"
        objects = (f"AudioEffectNam_{name}", f"AudioEffectNam_{name}_F32", f"NamPlayer_{name}")
        return {
            "board": self.board,
            "classes": objects,
            "methods": _METHODS,
            "heard": range(min(planned.in_channels, _SHIELD_CHANNELS)),
            "right": min(planned.out_channels, _SHIELD_CHANNELS) - 1,
            "offset": offset,
            "prediction": cost,
            "share": f"{100 * cost.share:.0f}",
            "code_bytes": self.board.fast.code_with(_kernel_bytes(planned)),
            "per_sample": round(cost.cycles_per_block / order.block_frames),
            "budget_per_sample": cost.budget.cycles // order.block_frames,
        }


def _bytes_of(planned: AnyPlan) -> int:
    return sum(buffer.size_bytes for buffer in planned.buffers)


def _kernel_bytes(planned: AnyPlan) -> int:
    """Count machine code, which lies where all code does."""
    return sum(buffer.size_bytes for buffer in planned.code)
