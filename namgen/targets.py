"""What is built for: a processor, by itself, on a board, or under somebody else's program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from namgen.boards import Board, Boot, board_names, load_board
from namgen.boards.refused import why_not
from namgen.codecs import CodecTable
from namgen.errors import ChoiceError, UnsupportedError, one_of
from namgen.frameworks import Framework, framework_names, load_framework
from namgen.frameworks.arduino import ArduinoBoard, arduino_names, load_arduino
from namgen.processors import (
    ANY_PROCESSOR,
    Processor,
    common_processor,
    load_processor,
    processor_names,
)

HOST = "host"
"""Another name for the processor that most computers of this kind have; see `load_target`."""

LIBRARY = "c"
"""The package of C that build systems take as it is."""

MODULE = "micropython"
"""The package of native modules for MicroPython."""

WEB = "wasm"
"""The package of a WebAssembly module, and what plays it in a page."""

STATIC = "static"
"""What is remembered lies in arrays of the C, and there is one of it."""

STRUCT = "struct"
"""What is remembered lies in a struct of a caller, as many as there are instances."""

DEFAULT_TARGET = "daisy"
"""What is built for where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class PackageTarget:
    """A package by name: what is wanted is clear, and an option says for which processor."""

    name: str
    title: str
    option: str  # that chooses a variant, as the command line has it
    variants: Mapping[str, str]  # what it takes: names of processors, by those of variants
    default: str  # the variant where nobody says
    gives: str  # what `build` makes, in a word
    states: tuple[str, ...] = (STATIC,)  # where what is remembered may lie, see `Order.state`
    boards: tuple[str, ...] = ()  # variants for a board of Arduino's, as `load_arduino` knows it

    def variant(self, name: str | None) -> str:
        """Return the variant `name` as it is known, whichever of its names is given.

        Raises:
            ChoiceError: there is none.

        """
        if name is None:
            return self.default
        named = self.spellings.get(name.lower(), name)
        return one_of(f"target {self.name}: {self.option}", named, self.variants)

    @property
    def embedded(self) -> Iterator[str]:
        """The variants for one kind of processor that is no computer's."""
        for variant, name in self.variants.items():
            if name != ANY_PROCESSOR and not load_processor(name).machines:
                yield variant

    @property
    def spellings(self) -> Mapping[str, str]:
        """Every name of every variant: that of a processor may be shorter than it is."""
        known = {word: name for name in self.variants for word in _spellings(name)}
        known |= {word: board for board in self.boards for word in load_arduino(board).aliases}
        common = common_processor().name
        return known | ({HOST: common} if common in self.variants else {})

    def board(self, variant: str) -> ArduinoBoard | None:
        """Return the board that a variant is for."""
        return load_arduino(variant) if variant in self.boards else None


def _spellings(name: str) -> Iterator[str]:
    """Yield cortex-m4f, m4f, cortex-m4 and m4 for the first of them."""
    yield name
    if name.startswith("cortex-"):
        short = name.removeprefix("cortex-")
        yield from (short, name.removesuffix("f"), short.removesuffix("f"))


@cache
def package_targets() -> Mapping[str, PackageTarget]:
    """The packages that are chosen by name, as targets are."""
    names = processor_names()
    boards = {name: load_arduino(name).processor for name in arduino_names()}
    found = (
        PackageTarget(
            name=LIBRARY,
            title="C as a library: CMake, Arduino, PlatformIO, Zephyr, or a compiler alone",
            option="cpu",
            variants=dict(zip(names, names, strict=True)) | boards,
            default=ANY_PROCESSOR,
            gives="library",
            states=(STATIC, STRUCT),
            boards=tuple(boards),
        ),
        PackageTarget(
            name=MODULE,
            title="a native module for MicroPython, and sources for a firmware with it",
            option="mpy-arch",
            variants={
                "armv7emdp": "cortex-m7",
                "armv7emsp": "cortex-m4f",
                "x64": ANY_PROCESSOR,
            },
            default="armv7emdp",
            gives="module",
        ),
        PackageTarget(
            name=WEB,
            title="a WebAssembly module, and what plays it in a web page",
            option="cpu",
            variants={"wasm32": "wasm32"},
            default="wasm32",
            gives="module",
        ),
    )
    return {package.name: package for package in found}


@dataclass(frozen=True, slots=True)
class Target:
    """A processor, and the board it is on or the package it is delivered as, where there is one."""

    name: str
    title: str
    processor: Processor
    board: Board | None = None  # None: C only, and nothing is known of clocks and memories
    package: PackageTarget | None = None  # None: a board gets an image, a processor C files
    variant: str | None = None  # of the package
    framework: Framework | None = None  # whose program it becomes, on that board
    arduino: ArduinoBoard | None = None  # whose audio library calls the model of a package

    @property
    def spoken(self) -> str:
        """Its name, and which of its variants it is."""
        several = self.package is not None and len(self.package.variants) > 1
        return f"{self.name} {self.variant}" if several else self.name

    @property
    def has_limits(self) -> bool:
        """Whether anything is known of its memories or its time."""
        is_placed = self.board is not None or self.package is not None
        return is_placed or bool(self.processor.fastest_hz)

    @property
    def is_module(self) -> bool:
        """Whether it is a native module, which can be run wherever its machine is emulated."""
        return self.package is not None and self.package.name == MODULE

    @property
    def is_web(self) -> bool:
        """Whether it is a module for a web page, which node can run, too."""
        return self.package is not None and self.package.name == WEB

    @property
    def block_frames(self) -> int:
        """Frames of a block where nobody says otherwise."""
        if self.arduino:
            return self.arduino.block_frames
        return self.board.audio.block_frames if self.board else self.processor.block_frames

    @property
    def only_rate_hz(self) -> int | None:
        """The sample rate of a pedal; None: C alone runs at any."""
        return self.board.audio.sample_rate_hz if self.board else None

    @property
    def states(self) -> tuple[str, ...]:
        """Where what is remembered may lie, the default first; see `Order.state`."""
        if self.arduino:
            return (STRUCT,)
        return self.package.states if self.package else (STATIC,)

    @property
    def places_code(self) -> bool:
        """Whether kernels of integers run where they were timed: from memory for instructions."""
        return bool(self.arduino or (self.board and self.board.code_region))

    @property
    def makes_image(self) -> bool:
        """Whether namgen links an image for it, with its own firmware."""
        return self.board is not None and self.framework is None

    @property
    def gives(self) -> str:
        """What `build` makes, in a word."""
        if self.package is not None:
            return self.package.gives
        return "image" if self.makes_image else "project" if self.framework else "C"

    @property
    def only_gives(self) -> str:
        """What there is in place of an image, in a sentence."""
        return "only C" if self.gives == "C" else f"only a {self.gives}"

    @property
    def carried_by(self) -> str:
        """Name the target that boards for it carry: a framework runs on another one's module."""
        return self.framework.board if self.framework else self.name

    def with_codec(self, codec: CodecTable | None) -> Target:
        """Return the target with a codec in place of its own, where there is one.

        Raises:
            UnsupportedError: its board takes no other codec.

        """
        return self if codec is None else replace(self, board=self.pedal.with_codec(codec))

    def started(self, boot: Boot | None) -> Target:
        """Return the target with the memories that it has when it is started in a way."""
        if self.framework is None or boot is None:
            return self
        return replace(self, board=self.framework.board_for(self.framework.app(boot.name)))

    @property
    def pedal(self) -> Board:
        """The board.

        Raises:
            UnsupportedError: there is none.

        """
        if self.board is None:
            raise UnsupportedError(
                f"target {self.name}: no image can be made for it, {self.only_gives}"
            )
        return self.board

    def reserve(self, region: str, size_bytes: int) -> Target:
        """Return the target with so much more of a region of its board kept from the model."""
        return replace(self, board=self.pedal.reserve(region, size_bytes))


@cache
def target_names() -> tuple[str, ...]:
    """Names that `load_target` knows: boards, "host", processors, packages, frameworks."""
    own = (*board_names(), HOST, *processor_names())
    return (*own, *package_targets(), *framework_names())


@cache
def load_target(name: str, variant: str | None = None) -> Target:
    """Return the target `name`; "host" is x86-64 or aarch64, whichever this computer is like.

    Nothing after this knows that word: what is written names the processor, and asking for that one
    gives the same on any machine. A package has variants, one of which is taken where none is
    named.

    Raises:
        ChoiceError: there is no such target, or it has no such variant.

    """
    known = one_of("target", name, target_names(), why_not=why_not)
    if known in package_targets():
        return _of_package(package_targets()[known], variant)
    if variant is not None:
        raise ChoiceError(f"target {known}: expected no variant of it, found {variant!r}")
    if known == HOST:
        return load_target(common_processor().name)
    if known in processor_names():
        processor = load_processor(known)
        return Target(known, f"{processor.title} (C only)", processor)
    framework = load_framework(known) if known in framework_names() else None
    board = framework.board_for(framework.apps[0]) if framework else load_board(known)
    processor = load_processor(board.processor)
    return Target(known, board.title, processor, board, framework=framework)


def _of_package(package: PackageTarget, asked: str | None) -> Target:
    variant = package.variant(asked)
    processor, board = load_processor(package.variants[variant]), package.board(variant)
    title = board.title if board else f"{package.name} package for {processor.title}"
    return Target(package.name, title, processor, package=package, variant=variant, arduino=board)
