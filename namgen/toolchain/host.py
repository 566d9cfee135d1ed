"""The compilers for the machine namgen runs on."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from namgen.errors import ToolError
from namgen.processors import Processor, common_processor
from namgen.progress import Progress
from namgen.scratch import scratch_folder
from namgen.toolchain.features import runs_here
from namgen.toolchain.flags import COMMON, ZIG_PLAIN, absolute, path_flags
from namgen.toolchain.running import first_line, run_tool
from namgen.toolchain.zig import run_with_libraries, zig_program, zig_version


@dataclass(frozen=True, slots=True)
class HostCc:
    """A compiler for the machine namgen runs on."""

    command: tuple[str, ...]
    version: str
    cpu_flags: tuple[str, ...] = ()
    is_zig: bool = False
    progress: Progress | None = None

    def flags(self, opt: str = "-O2") -> tuple[str, ...]:
        """Every flag but paths and defines, for a content hash."""
        special = ZIG_PLAIN if self.is_zig else ()
        return (*self.cpu_flags, *COMMON, *special, "-fPIC", opt)

    def for_processor(self, processor: Processor) -> HostCc:
        """Return this compiler with the instructions of a processor.

        Where the running processor lacks them the compiler stays as it is; C laid out for them
        computes the same bits with plain operations.
        """
        if not runs_here(processor):
            return self
        flags = processor.zig.flags if self.is_zig else processor.gcc.flags
        return replace(self, cpu_flags=flags)

    def shared_library(
        self,
        sources: Sequence[Path],
        out: Path,
        *,
        include_dirs: Sequence[Path] = (),
        defines: Mapping[str, str] | None = None,
        opt: str = "-O2",
        extra: Sequence[str] = (),
    ) -> None:
        """Compile and link C files to the shared library `out`.

        Raises:
            ToolError: the compiler refused; the message has its first lines.

        """
        command = [*self.command, *self.flags(opt), *extra, *path_flags(include_dirs, defines)]
        command += ["-shared", *absolute(sources), "-o", str(out.resolve())]
        with scratch_folder() as folder:
            if self.is_zig:
                run_with_libraries(command, folder, self.progress)
            else:
                run_tool(command, "compiler", cwd=folder)


def find_host(name: str = "auto", *, fma: bool = True, progress: Progress | None = None) -> HostCc:
    """Return a compiler for this machine.

    `name` is "auto" (the first of gcc, clang and cc that can make a shared library, else zig),
    "zig", or a program. With `fma`, the processor's fused multiply-add is used where there is one;
    otherwise the generated C computes the same bits with plain operations.

    Raises:
        ToolError: nothing that compiles was found.

    """
    if name == "zig":
        return _host_zig(fma=fma, progress=progress)
    for candidate in ("gcc", "clang", "cc") if name == "auto" else (name,):
        compiler = _host_system(candidate, fma=fma)
        if compiler is not None and _works(compiler):
            return compiler
    if name == "auto":
        return _host_zig(fma=fma, progress=progress)
    raise ToolError(f"host compiler: expected a working C compiler, found none named {name!r}")


def shared_library_suffix() -> str:
    """The ending of a shared library's file name on this machine."""
    return {"darwin": ".dylib", "win32": ".dll"}.get(sys.platform, ".so")


def _host_system(name: str, *, fma: bool) -> HostCc | None:
    found = shutil.which(name)
    if found is None:
        return None
    version = first_line([found, "--version"], missing="")
    if not version:
        return None
    plain = HostCc((found,), version)
    return plain.for_processor(common_processor()) if fma else plain


def _host_zig(*, fma: bool, progress: Progress | None) -> HostCc:
    program = zig_program()
    # Without -mcpu, zig would tune for the running processor.
    plain = HostCc(
        (str(program), "cc"),
        zig_version(program),
        ("-mcpu=baseline",),
        is_zig=True,
        progress=progress,
    )
    return plain.for_processor(common_processor()) if fma else plain


def _works(compiler: HostCc) -> bool:
    """Whether the compiler can make a shared library (some systems have only its name)."""
    with scratch_folder() as folder:
        source = folder / "probe.c"
        source.write_text("int namgen_probe(void);\nint namgen_probe(void) { return 0; }\n")
        try:
            compiler.shared_library([source], folder / "probe.out")
        except ToolError:
            return False
        return True
