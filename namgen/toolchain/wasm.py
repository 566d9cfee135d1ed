"""Links objects of a WebAssembly compiler to a module."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from namgen.errors import UnsupportedError
from namgen.toolchain.cross import CrossToolchain, Zig
from namgen.toolchain.flags import absolute
from namgen.toolchain.zig import run_alone

STACK_BYTES = 65536
"""What calls may take; beyond it a module stops, for its stack lies in front of all else."""

_OPTIONS = ("--no-entry", "--strip-all", "--gc-sections", "--stack-first", "--fatal-warnings")


def check_links(toolchain: CrossToolchain) -> None:
    """Refuse a toolchain without a linker for WebAssembly, before anything is compiled.

    Raises:
        UnsupportedError: it has none.

    """
    if not isinstance(toolchain, Zig):
        raise UnsupportedError(
            f"toolchain {toolchain.name}: expected zig, which links WebAssembly modules"
        )


def link_wasm(
    toolchain: CrossToolchain, objects: Sequence[Path], out: Path, *, exports: Iterable[str]
) -> None:
    """Link `objects`, in their order, to a module that imports nothing and exports its memory.

    Raises:
        UnsupportedError: the toolchain has no linker for it.
        ToolError: the linker refused; the message has its first lines.

    """
    check_links(toolchain)
    command = [str(toolchain.program), "wasm-ld", *_OPTIONS, "-z", f"stack-size={STACK_BYTES}"]
    command += [f"--export={name}" for name in exports]
    run_alone([*command, *absolute(objects), "-o", str(out.resolve())], "linker", None)
