"""The compilers: one list of flags for the arithmetic, whoever compiles the C and for whatever."""

from __future__ import annotations

import importlib.util
import logging
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from namgen.errors import ToolError, one_of
from namgen.progress import Progress
from namgen.resources import cache_dir
from namgen.scratch import cache_folder, run, scratch_folder, undivided

ARITHMETIC = ("-std=c99", "-ffp-contract=off", "-fno-math-errno")
"""What makes a float operation mean the same everywhere; every build of the generated C has it.

Without the second, compilers fuse products and sums as they like; without the third,
`__builtin_fmaf` becomes a call into a library.
"""

WARNINGS = (
    "-Wall",
    "-Wextra",
    "-Wconversion",
    "-Wdouble-promotion",
    "-Wshadow",
    "-Wvla",
    "-Wundef",
    "-Wstrict-prototypes",
)
"""The warnings under which generated and hand-written C must be silent."""

CROSS_NAMES = ("zig", "gcc")
"""The cross compilers `find_cross` knows, the default first."""

_COMMON = (
    *ARITHMETIC,
    *WARNINGS,
    "-g0",
    "-fomit-frame-pointer",
    "-fno-stack-protector",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
)
_BARE_METAL = ("-ffreestanding", "-ffunction-sections", "-fdata-sections")
_LINK = ("--gc-sections", "--build-id=none", "-z", "max-page-size=4096")
# ziglang knows `cortex_m7` as a processor without FPU; +fp_armv8d16 is its FPv5-D16.
_ZIG_CORTEX_M7 = ("-target", "thumb-freestanding-eabihf", "-mcpu=cortex_m7+fp_armv8d16")
_ZIG_PLAIN = ("-fno-sanitize=undefined",)
_GCC_CORTEX_M7 = ("-mcpu=cortex-m7", "-mfpu=fpv5-d16", "-mfloat-abi=hard", "-mthumb")
# Scheduling before register allocation spills the accumulators of a tile. Loops over taps are
# spelled out, for their last turn is mispredicted; with the whole function as one region the
# allocator copies fewer weights and sums between registers.
_GCC_TUNING = (
    "-fno-schedule-insns",
    "-frename-registers",
    "-fira-region=one",
    "-fpeel-loops",
    "--param=max-completely-peeled-insns=600",
)
_ERROR_LINES = 8
_ZIG_FOLDERS = ("b", "h", "o", "z")  # of its cache; what it has not finished is in "tmp"
_LOG = logging.getLogger(__name__)
# In the words of /proc/cpuinfo, GCC, clang and zig alike.
_X86_VECTORS = {
    "avx512": ("avx512f", "avx512dq", "avx512bw", "avx512vl", "avx2", "fma"),
    "avx2": ("avx2", "fma"),
}


class CrossToolchain(Protocol):
    """A compiler and linker for the Cortex-M7."""

    @property
    def name(self) -> str:
        """The name `find_cross` knows it by."""

    @property
    def version(self) -> str:
        """What the tool says it is, one line without paths."""

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

    def link(
        self, objects: Sequence[Path], script: Path, out: Path, *, map_file: Path | None = None
    ) -> None:
        """Link `objects`, in their order, by the linker script to the ELF `out`.

        Nothing else is linked in: no start-up code, no C library.

        Raises:
            ToolError: the linker refused; the message has its first lines.

        """


@dataclass(frozen=True, slots=True)
class Zig:
    """Clang and lld as the PyPI package `ziglang` brings them."""

    program: Path
    version: str
    progress: Progress | None = None
    name: str = "zig"

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
        """See `CrossToolchain.compile`."""
        flags = (*_ZIG_CORTEX_M7, *_COMMON, *_ZIG_PLAIN, *_BARE_METAL, opt, *extra)
        command = [str(self.program), "cc", *flags, *_path_flags(include_dirs, defines)]
        command += _in_its_folder(source, out)
        _run_alone(command, "compiler", self.progress, cwd=source.resolve().parent)

    def link(
        self, objects: Sequence[Path], script: Path, out: Path, *, map_file: Path | None = None
    ) -> None:
        """See `CrossToolchain.link`."""
        # The compiler driver would ignore the script's ENTRY and build a runtime library.
        command = [str(self.program), "ld.lld", *_LINK, "-T", str(script.resolve())]
        command += _map_option(map_file) + _absolute(objects) + ["-o", str(out.resolve())]
        _run_alone(command, "linker", self.progress)


@dataclass(frozen=True, slots=True)
class ArmGcc:
    """GNU `arm-none-eabi-gcc` from PATH."""

    program: Path
    version: str
    name: str = "gcc"

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
        """See `CrossToolchain.compile`."""
        flags = (*_GCC_CORTEX_M7, *_COMMON, *_GCC_TUNING, *_BARE_METAL, opt, *extra)
        command = [str(self.program), *flags, *_path_flags(include_dirs, defines)]
        command += _in_its_folder(source, out)
        _run(command, "compiler", cwd=source.resolve().parent)

    def link(
        self, objects: Sequence[Path], script: Path, out: Path, *, map_file: Path | None = None
    ) -> None:
        """See `CrossToolchain.link`; libgcc's arithmetic helpers are at hand."""
        command = [str(self.program), *_GCC_CORTEX_M7, "-nostdlib", "-nostartfiles"]
        # In pages, it would put the ELF header into the first segment with room before its data.
        for option in (*_LINK, "--nmagic", *_map_option(map_file)):
            command += ["-Xlinker", option]
        command += ["-T", str(script.resolve()), *_absolute(objects)]
        _run([*command, "-lgcc", "-o", str(out.resolve())], "linker")


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
        special = _ZIG_PLAIN if self.is_zig else ()
        return (*self.cpu_flags, *_COMMON, *special, "-fPIC", opt)

    def for_vectors(self, unit: str) -> HostCc:
        """Return this compiler with the instructions of a vector unit: "avx512", "avx2" or "neon".

        Where the running processor lacks them the compiler stays as it is; C laid out for the unit
        computes the same bits with plain operations.
        """
        features = _X86_VECTORS.get(unit, ())
        if not features or not _is_x86() or not set(features) <= cpu_features():
            return self
        if self.is_zig:
            return replace(self, cpu_flags=("-mcpu=x86_64+" + "+".join(features),))
        return replace(self, cpu_flags=tuple(f"-m{name}" for name in features))

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
        command = [*self.command, *self.flags(opt), *extra, *_path_flags(include_dirs, defines)]
        command += ["-shared", *_absolute(sources), "-o", str(out.resolve())]
        with scratch_folder() as folder:
            if self.is_zig:
                _run_with_libraries(command, folder, self.progress)
            else:
                _run(command, "compiler", cwd=folder)


def find_cross(name: str = "zig", *, progress: Progress | None = None) -> CrossToolchain:
    """Return the cross compiler `name`: "zig" or "gcc".

    Raises:
        ChoiceError: the name is unknown.
        ToolError: the tool is not installed.

    """
    known = one_of("toolchain", name, CROSS_NAMES)
    if known == "zig":
        program = _zig_program()
        return Zig(program, f"ziglang {_first_line([str(program), 'version'])}", progress)
    found = shutil.which("arm-none-eabi-gcc")
    if found is None:
        raise ToolError(
            "toolchain gcc: expected arm-none-eabi-gcc on PATH, found none "
            "(the default toolchain, zig, needs no set-up)"
        )
    return ArmGcc(Path(found), _first_line([found, "--version"]))


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


def cpu_features() -> frozenset[str]:
    """Names of the running x86 processor's features in lower case; empty where unknown.

    From `/proc/cpuinfo` on Linux and `sysctl` on macOS.
    """
    if sys.platform == "darwin":
        keys = ("machdep.cpu.features", "machdep.cpu.leaf7_features")
        text = " ".join(_first_line(["sysctl", "-n", key], missing="") for key in keys)
        return frozenset(text.lower().split())
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    flags = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(flags.partition(":")[2].split())


def vector_unit_here() -> str:
    """The best vector unit of the running processor: "avx512", "avx2" or "neon".

    "avx2" also where there is none of them: its layout is as good as any for plain C.
    """
    if not _is_x86():
        return "neon" if platform.machine().lower() in ("aarch64", "arm64") else "avx2"
    return next((u for u, names in _X86_VECTORS.items() if set(names) <= cpu_features()), "avx2")


def _has_x86_fma() -> bool:
    return {"fma", "avx2"} <= cpu_features()


def _host_system(name: str, *, fma: bool) -> HostCc | None:
    found = shutil.which(name)
    if found is None:
        return None
    version = _first_line([found, "--version"], missing="")
    if not version:
        return None
    x86_fma = fma and _is_x86() and _has_x86_fma()
    return HostCc((found,), version, ("-mfma", "-mavx2") if x86_fma else ())


def _host_zig(*, fma: bool, progress: Progress | None) -> HostCc:
    program = _zig_program()
    version = f"ziglang {_first_line([str(program), 'version'])}"
    return HostCc(
        (str(program), "cc"), version, (_zig_cpu(fma=fma),), is_zig=True, progress=progress
    )


def _zig_cpu(*, fma: bool) -> str:
    # Without -mcpu, zig would tune for the running processor.
    if not _is_x86():
        return "-mcpu=baseline"
    return "-mcpu=x86_64+fma+avx2" if fma and _has_x86_fma() else "-mcpu=x86_64"


def _is_x86() -> bool:
    return platform.machine().lower() in ("x86_64", "amd64")


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


def _zig_program() -> Path:
    spec = importlib.util.find_spec("ziglang")
    if spec is None or spec.origin is None:
        raise ToolError("toolchain zig: expected the Python package ziglang: pip install ziglang")
    return Path(spec.origin).parent / ("zig.exe" if sys.platform == "win32" else "zig")


def _run_alone(
    command: Sequence[str], role: str, progress: Progress | None, *, cwd: Path | None = None
) -> None:
    """Run Zig for what needs none of its libraries: its caches vanish with the program.

    They would serve nobody: the folders' names, which are among the flags, are new every time.
    """
    _announce(progress)
    with scratch_folder() as folder:
        _run(command, role, cwd=cwd, env=_zig_environment(folder, folder))


def _run_with_libraries(command: Sequence[str], folder: Path, progress: Progress | None) -> None:
    """Run Zig for what needs its libraries, which take minutes; damaged ones are made again."""
    _announce(progress)
    local = folder / "zig"
    try:
        with _kept_libraries() as kept:
            _run(command, "compiler", cwd=folder, env=_zig_environment(kept, local))
    except ToolError as error:
        _LOG.info("cache: %s may be damaged (%s); again with a new one", _zig_cache(), error)
        with cache_folder(cache_dir()) as fresh:
            _run(command, "compiler", cwd=folder, env=_zig_environment(fresh, folder / "again"))
            _keep(fresh)


@contextmanager
def _kept_libraries() -> Iterator[Path]:
    """Name a folder with the libraries that are kept, in which Zig's drafts have a place apart.

    A killed Zig leaves drafts, and this folder vanishes with them.
    """
    for name in _ZIG_FOLDERS:
        _make_folder(_zig_cache() / name)
    with cache_folder(_zig_cache()) as place:
        yield place if _is_linked(place) else _zig_cache()


def _is_linked(place: Path) -> bool:
    """Let a folder lead to what is kept; Windows lets not everybody make links."""
    try:
        for name in _ZIG_FOLDERS:
            (place / name).symlink_to(_zig_cache() / name, target_is_directory=True)
    except OSError:
        return False
    return True


def _keep(fresh: Path) -> None:
    """Put new libraries where the damaged ones are."""
    with cache_folder(cache_dir()) as old, undivided():
        _zig_cache().rename(old / "damaged")
        fresh.rename(_zig_cache())


def _make_folder(path: Path) -> None:
    """Make a folder of a cache, also where something else has its name."""
    for folder in (path.parent, path):
        if not folder.is_dir():
            folder.unlink(missing_ok=True)
        folder.mkdir(exist_ok=True)


def _zig_cache() -> Path:
    return cache_dir() / "zig"


def _announce(progress: Progress | None) -> None:
    """Say why nothing happens, the first time."""
    if progress is not None and not _zig_cache().exists():
        progress("starting the compiler for the first time (a few seconds, once)")
    _make_folder(_zig_cache())


def _zig_environment(libraries: Path, objects: Path) -> dict[str, str]:
    """Zig stops when it finds no folder for its caches, so it always gets them."""
    folders = {"ZIG_GLOBAL_CACHE_DIR": str(libraries), "ZIG_LOCAL_CACHE_DIR": str(objects)}
    return {**os.environ, **folders}


def _in_its_folder(source: Path, out: Path) -> list[str]:
    """Compile a file from inside its folder, so that its path cannot get into the object."""
    return ["-c", source.name, "-o", str(out.resolve())]


def _path_flags(include_dirs: Sequence[Path], defines: Mapping[str, str] | None) -> list[str]:
    flags = []
    for folder in include_dirs:
        flags += [f"-I{folder.resolve()}", f"-ffile-prefix-map={folder.resolve()}=."]
    return flags + [f"-D{name}={value}" for name, value in (defines or {}).items()]


def _map_option(map_file: Path | None) -> list[str]:
    return [] if map_file is None else [f"-Map={map_file.resolve()}"]


def _absolute(paths: Sequence[Path]) -> list[str]:
    return [str(path.resolve()) for path in paths]


def _run(
    command: Sequence[str],
    role: str,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    _LOG.info("%s", shlex.join(command))
    try:
        done = run(command, cwd=cwd, env=env)
    except OSError as error:
        raise ToolError(f"{role} {command[0]}: {error.strerror or error}") from error
    if done.returncode != 0:
        raise ToolError(*_failure_lines(command, role, done))


def _failure_lines(
    command: Sequence[str], role: str, done: subprocess.CompletedProcess[str]
) -> list[str]:
    """The error lines first; a compiler may print warnings and notes before them."""
    said = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
    errors = [line for line in said if "error" in line.lower() or "undefined" in line.lower()]
    shown = (errors or said or [_silence()])[:_ERROR_LINES]
    return [f"{role} {Path(command[0]).name}: exit code {done.returncode}", *shown]


def _silence() -> str:
    """A compiler that dies without a word often had no room for its files."""
    folder = tempfile.gettempdir()
    free_bytes = shutil.disk_usage(folder).free
    return f"it said nothing; {free_bytes:,} bytes are free in {folder}"


def _first_line(command: Sequence[str], *, missing: str | None = None) -> str:
    """First line of what a command prints; `missing`, if given, stands in for a failure."""
    try:
        done = run(command)
        done.check_returncode()
        return done.stdout.splitlines()[0].strip()
    except (OSError, subprocess.CalledProcessError, IndexError) as error:
        if missing is None:
            raise ToolError(f"{command[0]}: expected a working program, found: {error}") from error
        return missing
