"""A firmware image for a board, beside the C it was made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from namgen.boards import Board
from namgen.errors import UnsupportedError
from namgen.estimate import estimate
from namgen.firmware import Image, build_image
from namgen.firmware.dfuse import USB_DEVICE
from namgen.ir import Model
from namgen.order import Order
from namgen.packages.package import Contents, Memory, Product, Shop, bytes_in, shell_word
from namgen.plan.any_plan import AnyPlan
from namgen.prediction import Prediction
from namgen.processors import load_processor
from namgen.scratch import write_files
from namgen.targets import LIBRARY

_PEDAL_INPUTS = 1
_PEDAL_OUTPUTS = 1
"""Of the signal chain in `firmware/pedal/pedal.c`, which every board shares."""


@dataclass(frozen=True, slots=True)
class ImagePackage:
    """The pedal: mono, at the board's sample rate, started in one of its ways."""

    board: Board

    @property
    def is_compiled(self) -> bool:
        """It is machine code."""
        return True

    def check(self, model: Model, planned: AnyPlan) -> None:
        """Refuse what a pedal cannot play at all.

        Raises:
            UnsupportedError: the model has several inputs or outputs, or another sample rate.

        """
        ins, outs = planned.in_channels, planned.out_channels
        if (ins, outs) != (_PEDAL_INPUTS, _PEDAL_OUTPUTS):
            raise UnsupportedError(
                f"{model.source}: the pedal plays models with {_PEDAL_INPUTS} input and "
                f"{_PEDAL_OUTPUTS} output, found {ins} and {outs}; target {LIBRARY} gives its C"
            )
        rate_hz = self.board.audio.sample_rate_hz
        if model.sample_rate_hz != rate_hz:
            raise UnsupportedError(
                f"{model.source}: {self.board.title} runs at {rate_hz} Hz, the model at "
                f"{model.sample_rate_hz} Hz; target {LIBRARY} gives its C"
            )

    def predict(self, model: Model, planned: AnyPlan, order: Order) -> Prediction | None:
        """Estimate, where somebody has fitted an estimate for the board's processor."""
        if not load_processor(self.board.processor).is_measured:
            return None
        alone = estimate(planned, self.board.processor, order.budget)
        around = round(order.around_cycles * order.block_frames)
        return replace(alone, cycles_per_block=alone.cycles_per_block + around)

    def make(self, contents: Contents, order: Order, shop: Shop) -> Image:
        """Write the C, compile and link it with the firmware.

        Raises:
            BudgetError: the image is larger than its place.
            ToolError: the toolchain failed.

        """
        write_files(contents.files, shop.folder)
        if shop.toolchain is None or order.boot is None:
            raise ValueError("an image needs a compiler and a way to start")
        return build_image(
            shop.folder,
            contents.planned.name,
            board=self.board,
            boot=order.boot.name,
            clock_hz=order.clock_hz,
            block_frames=order.block_frames,
            toolchain=shop.toolchain,
            buffers=contents.planned.buffers,
            code=contents.planned.code,
            out_dir=shop.folder,
            surroundings=contents.surroundings,
            options={"PEDAL_IDLE_SLEEP": "1"} if order.idle == "sleep" else None,
            progress=shop.progress,
        )

    def memory(self, plans: Sequence[AnyPlan], product: Product | None) -> Memory:
        """Say what the models, which lie in one place, the firmware and the stack take."""
        found: dict[str, dict[str, int]] = {}
        if not isinstance(product, Image):
            return found
        code = self.board.code_region
        for name in (*self.board.model_regions, *([code.name] if code else [])):
            _entry(found, name)["model"] = max(bytes_in(name, plan) for plan in plans)
        for region, used in product.used_bytes.items():
            entry = _entry(found, region)
            entry["firmware"] = used - entry["model"]
        _entry(found, self.board.stack.region)["stack"] = product.stack_reserved_bytes
        return {name: sizes for name, sizes in found.items() if any(sizes.values())}

    def next_steps(self, name: str, order: Order, folder: Path) -> Iterator[str]:
        """Say how the image gets onto the board."""
        if order.boot is None:
            raise ValueError("an image has a way to start")
        image = shell_word(folder / "firmware.bin")
        if order.boot.drive:
            yield f"copy {image} onto the drive {order.boot.drive}; the pedal starts by itself"
        yield from order.boot.steps
        yield f"namgen flash {shell_word(folder)}    finds the board, writes, and reads it back"
        line = dfu_util_line(folder / "firmware.bin", order.boot.download_address)
        yield f"{line}    does it without namgen"


def dfu_util_line(image: Path, address: int) -> str:
    """Spell how dfu-util puts an image at an address and starts it; a .dfu has its own address."""
    place = "" if image.suffix.lower() == ".dfu" else f"0x{address:08x}"
    return f"dfu-util -a 0 -s {place}:leave -D {shell_word(image)} -d ,{USB_DEVICE}"


def _entry(found: dict[str, dict[str, int]], region: str) -> dict[str, int]:
    return found.setdefault(region, {"model": 0, "firmware": 0, "stack": 0})
