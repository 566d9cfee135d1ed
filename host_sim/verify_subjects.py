"""The captures of a build, as code that can be compared with the reference: one, or several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from host_sim.capture_engines import CaptureEngine, EmulatedCaptures, HostCaptures, OneCapture
from host_sim.engines import Code, EmulatorEngine
from host_sim.verify import (
    Check,
    check_host,
    check_machine_code,
    compare_emulated,
    compare_host,
)
from namgen.progress import Progress, part
from namgen.toolchain import CrossToolchain

if TYPE_CHECKING:
    from host_sim.compare import Tally
    from host_sim.engines import Engine
    from namgen.captures import Captures
    from namgen.ir import Model


class Subject(Protocol):
    """What is verified; every function yields a check for each capture."""

    def host(self, progress: Progress) -> Iterator[Check]:
        """Compile the C for this machine and compare."""

    def machine_code(self, toolchain: CrossToolchain, progress: Progress) -> Iterator[Check]:
        """Compile the C for the emulated processor and compare."""

    def firmware(self, elf: bytes, progress: Progress) -> Iterator[Check]:
        """Call what is in an image, and compare."""


@dataclass(frozen=True, slots=True, eq=False)
class Alone:
    """The only capture."""

    model: Model
    code: Code

    def host(self, progress: Progress) -> Iterator[Check]:
        """See `Subject`."""
        yield check_host(self.model, self.code, progress)

    def machine_code(self, toolchain: CrossToolchain, progress: Progress) -> Iterator[Check]:
        """See `Subject`."""
        yield check_machine_code(self.model, self.code, toolchain, progress)

    def firmware(self, elf: bytes, progress: Progress) -> Iterator[Check]:
        """See `Subject`."""
        engine = EmulatorEngine.of_image(elf, self.code.name, self.code.out_channels)
        tally = compare_emulated(self.model, engine, "firmware", progress)
        yield Check("firmware", "the machine code in firmware.elf", tally)


@dataclass(frozen=True, slots=True, eq=False)
class Several:
    """Captures that are loaded and played one at a time."""

    titles: tuple[str, ...]
    captures: Captures
    texts: Mapping[str, str]  # of their C, by file name

    def host(self, progress: Progress) -> Iterator[Check]:
        """See `Subject`."""
        progress("host: compiling")
        engine = HostCaptures(self.captures, texts=self.texts)
        what = "the generated C, compiled for this machine"
        yield from self._checks("host", what, engine, compare_host, progress)

    def machine_code(self, toolchain: CrossToolchain, progress: Progress) -> Iterator[Check]:
        """See `Subject`."""
        progress("emulator: compiling")
        engine = EmulatedCaptures(self.captures, texts=self.texts, toolchain=toolchain)
        what = "the generated C, as Cortex-M7 machine code"
        yield from self._emulated("emulator", what, engine, progress)

    def firmware(self, elf: bytes, progress: Progress) -> Iterator[Check]:
        """See `Subject`."""
        engine = EmulatedCaptures.of_image(elf)
        yield from self._emulated("firmware", "the machine code in firmware.elf", engine, progress)

    def _emulated(
        self, name: str, what: str, engine: CaptureEngine, progress: Progress
    ) -> Iterator[Check]:
        def compared(model: Model, one: Engine, told: Progress) -> Tally:
            return compare_emulated(model, one, name, told)

        yield from self._checks(name, what, engine, compared, progress)

    def _checks(
        self,
        name: str,
        what: str,
        engine: CaptureEngine,
        compared: Callable[[Model, Engine, Progress], Tally],
        progress: Progress,
    ) -> Iterator[Check]:
        count = len(self.titles)
        for number, (title, capture) in enumerate(
            zip(self.titles, self.captures.captures, strict=True)
        ):
            told = part(progress, number / count, (number + 1) / count)
            tally = compared(capture.model, OneCapture(engine, number), told)
            yield Check(name, f"{title}: {what}", tally)
