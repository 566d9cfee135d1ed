"""What `namgen build` needs: Python, packages, folders, compilers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from namgen.doctor.finding import Finding
from namgen.doctor.machine import Machine, nearest_there
from namgen.errors import NamgenError, OutputError, ToolError
from namgen.output_dir import check_writable
from namgen.processors import DEFAULT_PROCESSOR
from namgen.scratch import scratch_folder
from namgen.toolchain import CROSS_NAMES, CrossToolchain
from namgen.version import NAM_CORE, VERSION

_PACKAGES = ("numpy", "jinja2", "click", "rich", "cffi", "pyelftools", "soundfile", "soxr")
_LITTLE_BYTES = 100 << 20
_PROBE = """float namgen_probe(float a, float b, float c);
float namgen_probe(float a, float b, float c)
{
    return __builtin_fmaf(a, b, c);
}
"""
_FP_ARCH, _FPV5_D16 = "TAG_FP_ARCH", 8
"""Of the ABI's build attributes (IHI 0045, 2.4): instructions of a Cortex-M7's float unit."""

_GCC = {
    "linux": "sudo apt install gcc-arm-none-eabi",
    "darwin": "brew install --cask gcc-arm-embedded",
    "win32": "winget install Arm.GnuArmEmbeddedToolchain",
}


def building(machine: Machine) -> Iterator[Finding]:
    """Look at all that builds need, and at the second compiler."""
    yield Finding("build", "Python", "ok", f"{machine.python}, {machine.system}", is_needed=True)
    yield Finding("build", "namgen", "ok", f"{VERSION} (.nam as of {NAM_CORE})", is_needed=True)
    yield from _packages(machine)
    yield _folder(machine, "cache", machine.cache, "NAMGEN_CACHE_DIR names another folder for it")
    temporary = partial(_temporary, machine)
    yield _folder(machine, "temporary", temporary, "TMPDIR names another folder for it")
    results = partial(_results, machine)
    yield _folder(machine, "results", results, "cd to a folder of your own, or build -o DIR")
    for name in CROSS_NAMES:
        yield _cross(machine, name)
    yield _host(machine)


def _packages(machine: Machine) -> Iterator[Finding]:
    """Name the packages that every installation has, and each that it should have."""
    there = []
    for name in _PACKAGES:
        finding = package(machine, name, f"pip install {name}")
        if finding.state == "ok":
            there.append(f"{name} {finding.found}")
        else:
            yield finding
    yield Finding("build", "packages", "ok", ", ".join(there), is_needed=True)


def package(machine: Machine, name: str, add: str) -> Finding:
    """Look at a package that a build needs."""
    try:
        version = machine.package(name)
    except ToolError as error:
        told = f"cannot be imported: {error}"
        again = f"pip install --force-reinstall {name}"
        return Finding("build", name, "broken", told, add=again, is_needed=True)
    if version is None:
        return Finding("build", name, "missing", "not installed", add=add, is_needed=True)
    return Finding("build", name, "ok", version, is_needed=True)


def _folder(machine: Machine, name: str, find: Callable[[], Path], add: str) -> Finding:
    """Look whether a folder can be written, and how much room it has."""
    try:
        folder = find()
        free = machine.free(folder)
    except (NamgenError, OSError) as error:
        return Finding("build", name, "broken", str(error), add=add, is_needed=True)
    told = f"{folder}: can be written, {free / 1e9:.1f} GB free"
    if free < _LITTLE_BYTES:
        little = f"{folder}: {free / 1e6:.0f} MB free, which a compiler may fill"
        return Finding("build", name, "note", little, add=add, is_needed=True)
    return Finding("build", name, "ok", told, is_needed=True)


def _temporary(machine: Machine) -> Path:
    return _taking(machine.temporary())


def _results(machine: Machine) -> Path:
    return _taking(machine.here / "build")


def _taking(folder: Path) -> Path:
    """Return a folder that takes files, or can be made.

    Raises:
        NamgenError: it does not, though its rights may say so.

    """
    check_writable(folder / "any")
    try:
        with tempfile.TemporaryFile(dir=nearest_there(folder)):
            return folder
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror or error}") from error


def _cross(machine: Machine, name: str) -> Finding:
    """Compile a function with the flags of a build."""
    is_needed = name == CROSS_NAMES[0]
    without = "" if is_needed else "everything: the other compiler is the default"
    add = "pip install ziglang" if is_needed else _GCC.get(machine.host.platform, _GCC["linux"])
    title = f"compiler {name}"
    try:
        compiler = machine.cross(name)
    except ToolError as error:
        told = error.lines[0].partition(": ")[2]
        return Finding("build", title, "missing", told, without, add, is_needed)
    try:
        _check_compiler(compiler)
    except NamgenError as error:
        told = "; ".join(error.lines)
        return Finding("build", title, "broken", told, without, f"{add}  (again)", is_needed)
    told = f"{compiler.version}: compiles for the {DEFAULT_PROCESSOR}, with its float unit"
    return Finding("build", title, "ok", told, is_needed=is_needed)


def _check_compiler(compiler: CrossToolchain) -> None:
    """Compile one function, and see for which float unit.

    Raises:
        ToolError: it does not work, or makes code for another processor; or nothing reads it.

    """
    try:
        from elftools.common.exceptions import ELFError
    except ImportError as error:
        raise ToolError("what it makes cannot be read without pyelftools") from error
    with scratch_folder() as folder:
        (folder / "probe.c").write_text(_PROBE, encoding="utf-8")
        compiler.compile(folder / "probe.c", folder / "probe.o")
        try:
            found = _float_unit(folder / "probe.o")
        except (ELFError, OSError) as error:
            raise ToolError(f"{compiler.version}: wrote no object file: {error}") from error
    if found != _FPV5_D16:
        raise ToolError(f"{compiler.version}: expected code for the float unit FPv5-D16")


def _float_unit(path: Path) -> int | None:
    """Read for which float unit an object file is."""
    from elftools.elf.elffile import ELFFile

    with path.open("rb") as file:
        section: Any = ELFFile(file).get_section_by_name(".ARM.attributes")
        if section is None:
            return None
        for vendor in section.iter_subsections():
            for scope in vendor.iter_subsubsections():
                for attribute in scope.iter_attributes():
                    if attribute.tag == _FP_ARCH:
                        return int(attribute.value)
    return None


def _host(machine: Machine) -> Finding:
    """Look what compiles for this computer, which `verify` and `render` do."""
    try:
        told = machine.host_compiler()
    except NamgenError as error:
        without = "build; render --engine reference"
        return Finding(
            "build", "compiler here", "missing", error.lines[0], without, "pip install ziglang"
        )
    return Finding("build", "compiler here", "ok", f"{told}, for verify and render")
