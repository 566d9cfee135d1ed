"""One list of flags for the arithmetic, whoever compiles the C and for whatever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

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

COMMON = (
    *ARITHMETIC,
    *WARNINGS,
    "-g0",
    "-fomit-frame-pointer",
    "-fno-stack-protector",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
)
"""Of every build that namgen makes."""

BARE_METAL = ("-ffreestanding", "-ffunction-sections", "-fdata-sections")
"""Where there is no C library."""

LINK = ("--gc-sections", "--build-id=none", "-z", "max-page-size=4096")
"""Of every image."""

ZIG_PLAIN = ("-fno-sanitize=undefined",)
"""What Zig adds by itself and must not."""


def path_flags(include_dirs: Sequence[Path], defines: Mapping[str, str] | None) -> list[str]:
    """Spell where headers are, and macros; no folder's name gets into an object."""
    flags = []
    for folder in include_dirs:
        flags += [f"-I{folder.resolve()}", f"-ffile-prefix-map={folder.resolve()}=."]
    return flags + [f"-D{name}={value}" for name, value in (defines or {}).items()]


def absolute(paths: Sequence[Path]) -> list[str]:
    """Spell paths that mean the same in any folder."""
    return [str(path.resolve()) for path in paths]
