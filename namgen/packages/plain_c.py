"""C alone, for somebody else's program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from namgen.ir import Model
from namgen.order import Order
from namgen.packages.package import Contents, Memory, Product, Shop, shell_word, too_slow
from namgen.plan.any_plan import AnyPlan
from namgen.prediction import Prediction
from namgen.scratch import write_files
from namgen.toolchain import ARITHMETIC


@dataclass(frozen=True, slots=True)
class PlainC:
    """Sources and headers; the program around them decides where they lie and when they run."""

    @property
    def is_compiled(self) -> bool:
        """Whoever gets the C compiles it."""
        return False

    def check(self, model: Model, planned: AnyPlan) -> None:
        """Take everything: C has any number of inputs and outputs and runs at any rate."""

    def predict(self, model: Model, planned: AnyPlan, order: Order) -> Prediction | None:
        """Know nothing of the time, but where no chip with such a processor is fast enough."""
        return too_slow(planned, order)

    def make(self, contents: Contents, order: Order, shop: Shop) -> None:
        """Write the C."""
        write_files(contents.files, shop.folder)

    def memory(self, plans: Sequence[AnyPlan], product: Product | None) -> Memory:
        """Know of no memory."""
        return {}

    def next_steps(self, name: str, order: Order, folder: Path) -> Iterator[str]:
        """Say how the C is compiled and called."""
        program, *flags = order.target.processor.compile_words
        source = shell_word(folder / f"nam_{name}.c")
        yield f"{' '.join((program, *ARITHMETIC, *flags, '-O2', '-c', source))}    compiles it"
        yield f'#include "nam_{name}.h" where you call it'
