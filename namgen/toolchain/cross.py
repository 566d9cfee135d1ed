"""The compilers for a pedal's processor."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from namgen.errors import ToolError, one_of
from namgen.processors import DEFAULT_PROCESSOR, Compiler, Processor, load_processor
from namgen.progress import Progress
from namgen.toolchain.flags import BARE_METAL, COMMON, LINK, ZIG_PLAIN, absolute, path_flags
from namgen.toolchain.running import first_line, run_tool
from namgen.toolchain.zig import run_alone, zig_program, zig_version

CROSS_NAMES = ("zig", "gcc")
"""The cross compilers `find_cross` knows, the default first."""


@dataclass(frozen=True, slots=True)
class CrossToolchain(ABC):
    """A compiler and linker for a processor without an operating system."""

    program: Path
    version: str  # what the tool says it is, one line without paths
    processor: Processor
    progress: Progress | None = None

    def compile(
        self,
        source: Path,
        out: Path,
        *,
        include_dirs: Sequence[Path] = (),
        defines: Mapping[str, str] | None = None,
        opt: str = "-O2",
        extra: Sequence[str] = (),
    ) -> None:
        """Compile one C file to the object `out`; the bytes do not depend on any folder's name.

        Raises:
            ToolError: the compiler refused; the message has its first lines.

        """
        chosen = self._compiler
        command = [str(self.program), *self._driver, *chosen.flags, *COMMON, *chosen.tuning]
        command += [*BARE_METAL, opt, *extra, *path_flags(include_dirs, defines)]
        # From inside its folder, so that its path cannot get into the object.
        command += ["-c", source.name, "-o", str(out.resolve())]
        self._run(command, "compiler", source.resolve().parent)

    def link(
        self,
        objects: Sequence[Path],
        script: Path,
        out: Path,
        *,
        map_file: Path | None = None,
        extra: Sequence[str] = (),
    ) -> None:
        """Link `objects`, in their order, by the linker script to the ELF `out`.

        Nothing else is linked in: no start-up code, no C library. `extra` are more options that
        every linker knows.

        Raises:
            ToolError: the linker refused; the message has its first lines.

        """
        options = [*LINK, *extra, *([] if map_file is None else [f"-Map={map_file.resolve()}"])]
        inputs = ["-T", str(script.resolve()), *absolute(objects)]
        command = [str(self.program), *self._link_words(options, inputs), "-o", str(out.resolve())]
        self._run(command, "linker", None)

    @property
    @abstractmethod
    def name(self) -> str:
        """The name `find_cross` knows it by."""

    @property
    @abstractmethod
    def _compiler(self) -> Compiler:
        """How it is told of the processor."""

    @property
    @abstractmethod
    def _driver(self) -> tuple[str, ...]:
        """What comes before all flags of a compilation."""

    @abstractmethod
    def _link_words(self, options: Sequence[str], inputs: Sequence[str]) -> list[str]:
        """Spell the command line of the linker, but for the program and its output."""

    @abstractmethod
    def _run(self, command: Sequence[str], role: str, cwd: Path | None) -> None:
        """Run a command line."""


@dataclass(frozen=True, slots=True)
class Zig(CrossToolchain):
    """Clang and lld as the PyPI package `ziglang` brings them."""

    @property
    def name(self) -> str:
        """See `CrossToolchain`."""
        return "zig"

    @property
    def _compiler(self) -> Compiler:
        return self.processor.zig

    @property
    def _driver(self) -> tuple[str, ...]:
        return ("cc", *ZIG_PLAIN)

    def _link_words(self, options: Sequence[str], inputs: Sequence[str]) -> list[str]:
        # The compiler driver would ignore the script's ENTRY and build a runtime library.
        return ["ld.lld", *options, *inputs]

    def _run(self, command: Sequence[str], role: str, cwd: Path | None) -> None:
        run_alone(command, role, self.progress, cwd=cwd)


@dataclass(frozen=True, slots=True)
class Gcc(CrossToolchain):
    """GNU's compiler from PATH."""

    @property
    def name(self) -> str:
        """See `CrossToolchain`."""
        return "gcc"

    @property
    def _compiler(self) -> Compiler:
        return self.processor.gcc

    @property
    def _driver(self) -> tuple[str, ...]:
        return ()

    def _link_words(self, options: Sequence[str], inputs: Sequence[str]) -> list[str]:
        """Spell it for the driver; libgcc's arithmetic helpers are at hand."""
        words = [*self._compiler.flags, "-nostdlib", "-nostartfiles"]
        # In pages, it would put the ELF header into the first segment with room before its data.
        for option in (*options, "--nmagic"):
            words += ["-Xlinker", option]
        return [*words, *inputs, "-lgcc"]

    def _run(self, command: Sequence[str], role: str, cwd: Path | None) -> None:
        run_tool(command, role, cwd=cwd)


def find_cross(
    name: str = "zig", *, processor: str = DEFAULT_PROCESSOR, progress: Progress | None = None
) -> CrossToolchain:
    """Return the cross compiler `name`, "zig" or "gcc", for a processor.

    Raises:
        ChoiceError: one of the names is unknown.
        ToolError: the tool is not installed.

    """
    known, made_for = one_of("toolchain", name, CROSS_NAMES), load_processor(processor)
    if known == "zig":
        program = zig_program()
        return Zig(program, zig_version(program), made_for, progress)
    found = shutil.which(made_for.gcc.program)
    if found is None:
        raise ToolError(
            f"toolchain gcc: expected {made_for.gcc.program} on PATH, found none "
            "(the default toolchain, zig, needs no set-up)"
        )
    return Gcc(Path(found), first_line([found, "--version"]), made_for, progress)
