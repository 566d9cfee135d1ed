"""A program of libDaisy's: the C of a pedal, what plays it, and what its `make` has to know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from namgen.boards import Board
from namgen.c_text import in_comment
from namgen.errors import BudgetError
from namgen.firmware import PLACED
from namgen.frameworks import App, Framework
from namgen.ir import Model
from namgen.order import Order
from namgen.packages.image import ImagePackage
from namgen.packages.package import Contents, Memory, Product, Shop, bytes_in, shell_word
from namgen.plan.any_plan import AnyPlan
from namgen.prediction import Prediction
from namgen.processors import Processor, load_processor
from namgen.resources import firmware_dir, firmware_sources, templates_dir
from namgen.scratch import write_files
from namgen.toolchain import ARITHMETIC
from namgen.version import VERSION

_TEMPLATES = ("Makefile", "nam.mk", "project.h", "README.md")
_PROGRAM = ("main.cpp", "pedal.c", "pedal.h")
_PANEL = "panel.cpp"
"""Hand-written, and copied as they stand."""

_COPIED_WHOLE = ("chain", "controls")
_ROOMS = (*_COPIED_WHOLE, "core", "panel")
"""Rooms of the firmware whose files are copied where they are used: of the panel its header."""

_MEMORY = "core/freestanding.c"
"""What compilers call by themselves, by words; that of libDaisy's small C library goes by bytes."""

_BOOST_HZ = 480_000_000
_STANDARD, *_FLAGS = ARITHMETIC
_DEFENCE = ("-fno-fast-math", "-fno-unsafe-math-optimizations", "-fno-finite-math-only")
"""Against what somebody's OPT may bring along."""


@dataclass(frozen=True, slots=True)
class LibDaisyProject:
    """A folder that libDaisy's `make` builds as it is."""

    framework: Framework
    board: Board  # as the framework leaves it

    @property
    def is_compiled(self) -> bool:
        """Whoever gets the folder compiles it, with libDaisy."""
        return False

    def check(self, model: Model, planned: AnyPlan) -> None:
        """Refuse what a pedal cannot play at all.

        Raises:
            UnsupportedError: the model has several inputs or outputs, or another sample rate.

        """
        ImagePackage(self.board).check(model, planned)

    def predict(self, model: Model, planned: AnyPlan, order: Order) -> Prediction | None:
        """Estimate as for namgen's own firmware, and add what the framework takes beside it."""
        more = self._app(order).more
        of_frame = more.frame_cycles + more.block_cycles / order.block_frames
        around = replace(order, around_cycles=order.around_cycles + of_frame)
        return ImagePackage(self.board).predict(model, planned, around)

    def make(self, contents: Contents, order: Order, shop: Shop) -> None:
        """Write the project.

        Raises:
            BudgetError: what is known of the image is more than its place.

        """
        self._check_place(contents, self._app(order))
        write_files(project_files(contents, order, self._app(order)), shop.folder)

    def memory(self, plans: Sequence[AnyPlan], product: Product | None) -> Memory:
        """Say what the models, which lie in one place, and the stack's reserve take."""
        found = {
            name: {"model": max(bytes_in(name, p) for p in plans), "firmware": 0, "stack": 0}
            for name in self.board.model_regions
        }
        found[self.board.stack.region]["stack"] = self.framework.stack_bytes
        return {name: sizes for name, sizes in found.items() if any(sizes.values())}

    def next_steps(self, name: str, order: Order, folder: Path) -> Iterator[str]:
        """Say how the project is made, and put on the board."""
        yield f"make -C {shell_word(folder)} LIBDAISY_DIR=/WHERE/IT/IS    libDaisy's, made before"
        yield from self._app(order).steps
        yield f"make -C {shell_word(folder)} LIBDAISY_DIR=/WHERE/IT/IS program-dfu"

    def _check_place(self, contents: Contents, app: App) -> None:
        """Refuse what cannot fit, whatever a compiler makes of the code."""
        constants = sum(b.size_bytes for b in contents.planned.buffers if b.constant)
        least = app.own_bytes + constants
        if least > app.limit_bytes:
            others = (other for other in self.framework.apps if other.limit_bytes > least)
            instead = " or ".join(f"--app {other.name}" for other in others)
            raise BudgetError(
                f"image, {app.title}: {least} bytes are needed and the code, {app.limit_bytes} are "
                f"there: {app.own_bytes} libDaisy's, {constants} weights; {instead} has room"
            )

    def _app(self, order: Order) -> App:
        if order.boot is None:
            raise ValueError("a program has a way to start")
        return self.framework.app(order.boot.name)


def project_files(contents: Contents, order: Order, app: App) -> dict[str, str]:
    """Return the text of every file, by its path in the folder.

    What is generated lies in the folder itself, beside the program; what is copied of namgen's
    firmware in folders of the rooms it is from.
    """
    about = contents.surroundings
    if about is None:
        raise ValueError("a program needs a sound")
    program = [*_PROGRAM, *([_PANEL] if about.wiring else [])]
    files = {**contents.files, **about.wiring}
    files |= {name: _text(templates_dir() / "packages/libdaisy/program" / name) for name in program}
    sources = firmware_sources((_MEMORY, *about.sources))
    copied = [path.relative_to(firmware_dir()).as_posix() for path in sources]
    own = (name for name in copied if name == _MEMORY or name.split("/")[0] in _COPIED_WHOLE)
    files |= {name: _text(firmware_dir() / name) for name in own}
    files |= _headers(files)
    return {**files, **_around(contents, order, app, files)}


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _headers(files: Mapping[str, str]) -> dict[str, str]:
    """Return the firmware's headers that files include, and those these include, by their paths."""
    found: dict[str, str] = {}
    left = list(files.items())
    while left:
        name, text = left.pop()
        for included in re.findall(r'^#include "([\w/]+\.h)"$', text, re.MULTILINE):
            beside = (PurePosixPath(name).parent / included).as_posix()
            for path in (beside, included):
                is_room = path.split("/")[0] in _ROOMS and "/" in path
                if is_room and path not in found and (firmware_dir() / path).is_file():
                    found[path] = _text(firmware_dir() / path)
                    left.append((path, found[path]))
    return dict(sorted(found.items()))


def _around(contents: Contents, order: Order, app: App, files: Mapping[str, str]) -> dict[str, str]:
    """Return what `make` and a reader have to know."""
    from namgen.emit import template_environment  # slow to load

    about = contents.surroundings
    sources = [name for name in files if name.endswith(".c")]
    processor = load_processor(order.target.pedal.processor)
    environment = template_environment()
    environment.filters |= {"in_comment": in_comment}
    environment.globals |= {
        "version": VERSION,
        "name": "pedal" if about and about.engines else contents.planned.name,
        "title": contents.planned.source,
        "app": app,
        "clock_mhz": order.clock_hz // 1_000_000,
        "is_boosted": order.clock_hz == _BOOST_HZ,
        "has_panel": bool(about and about.wiring),
        "c_sources": sources,
        "cpp_sources": [name for name in files if name.endswith(".cpp")],
        "placed": [name for name in sources if name.startswith("nam_")],
        "object_of": lambda source: f"{PurePosixPath(source).stem}.o",
        "standard": _STANDARD,
        "flags": flags_of(processor),
        "placed_macro": PLACED,
        "block_frames": order.block_frames,
    }
    return {
        name: environment.get_template(f"packages/libdaisy/{name}.j2").render()
        for name in _TEMPLATES
    }


def flags_of(processor: Processor) -> tuple[str, ...]:
    """Return what the C is compiled with behind the flags of libDaisy's own Makefile.

    It is for GCC, as libDaisy is.
    """
    macros = (f"-D{name}=1" for name in processor.macros)
    return ("-O2", *_FLAGS, *_DEFENCE, *processor.gcc.tuning, *macros)
