"""A native module for MicroPython, and what a firmware with the model in it is made of."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from namgen.errors import UnsupportedError
from namgen.ir import Model
from namgen.measures import macs
from namgen.mpy.archs import Arch, arch_of
from namgen.mpy.format import RELEASE
from namgen.mpy.glue import module_file
from namgen.mpy.make import MadeModule, make_module
from namgen.order import Order
from namgen.packages.micropython.files import package_files
from namgen.packages.package import Contents, Memory, Product, Shop, shell_word
from namgen.plan.any_plan import AnyPlan
from namgen.plan.fixed import FixedPlan
from namgen.prediction import Budget, Prediction
from namgen.processors.margin import Margin
from namgen.scratch import write_files

HEAP = "heap"
"""What its memory is called in a report."""

FLOAT_CYCLES = 1.5
INTEGER_CYCLES = 0.67
"""A product takes on a Cortex-M7, in the network whose kernels need the fewest: an A2-Full."""


@dataclass(frozen=True, slots=True)
class MicroPython:
    """See `Package`."""

    @property
    def is_compiled(self) -> bool:
        """It is machine code."""
        return True

    def check(self, model: Model, planned: AnyPlan) -> None:
        """Refuse a name that Python cannot import.

        Raises:
            UnsupportedError: Python has another use for it.

        """
        if keyword.iskeyword(planned.name):
            raise UnsupportedError(
                f"{model.source}: expected a name that Python can import, found "
                f"{planned.name!r}; --name gives it another"
            )

    def predict(self, model: Model, planned: AnyPlan, order: Order) -> Prediction | None:
        """Say what products alone take of a fast board; None where nobody plays in time."""
        arch = _arch(order)
        if not arch.clock_hz:
            return None
        budget = Budget(arch.clock_hz, order.block_frames, planned.sample_rate_hz)
        products = macs(model.network)
        each = INTEGER_CYCLES if isinstance(planned, FixedPlan) else FLOAT_CYCLES
        cycles = round(products * each * order.block_frames)
        state = sum(buffer.size_bytes for buffer in planned.buffers if not buffer.constant)
        rate = products * planned.sample_rate_hz // 1_000_000
        told = (
            f"; {products:,} multiply-adds a sample are {rate} million a second; what it "
            f"remembers alone takes {state:,} bytes of heap"
        )
        margin = Margin(0.0, 0.0)
        return Prediction("least", cycles, budget, margin, clock=arch.clock_of, told=told)

    def make(self, contents: Contents, order: Order, shop: Shop) -> MadeModule:
        """Write the module and what is around it.

        Raises:
            ToolError: the toolchain failed.

        """
        if shop.toolchain is None:
            raise ValueError("a module needs a compiler")
        arch = _arch(order)
        made = make_module(contents.files, contents.planned, arch, shop.toolchain)
        write_files(package_files(contents, order.target.processor, arch), shop.folder)
        (shop.folder / module_file(contents.planned.name, arch)).write_bytes(made.data)
        return made

    def memory(self, plans: Sequence[AnyPlan], product: Product | None) -> Memory:
        """Say what stays on MicroPython's heap: a piece for the text, and one for the state."""
        if not isinstance(product, MadeModule):
            return {}
        text, bss = len(product.module.text), product.module.bss_bytes
        return {HEAP: {"text": text, "bss": bss, "needed": product.heap_bytes}}

    def next_steps(self, name: str, order: Order, folder: Path) -> Iterator[str]:
        """Say how the module gets onto a board."""
        arch = _arch(order)
        file = shell_word(folder / module_file(name, arch))
        if arch.clock_hz:
            yield f"mpremote cp {file} :{name}.mpy    for MicroPython {RELEASE} or later"
        else:
            yield f"cp {file} {name}.mpy    for the unix port of MicroPython {RELEASE} or later"
        yield f"import {name}; {name}.process(heard, played)    in Python; example.py plays a click"
        yield f"USER_C_MODULES={shell_word(folder)}    when MicroPython is built with it inside"


def _arch(order: Order) -> Arch:
    return arch_of(order.target.variant or "")
