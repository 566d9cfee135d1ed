"""Unicorn, imported only when an emulator is wanted, and what it calls things."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from namgen.errors import ToolError, UnsupportedError
from namgen.processors import DEFAULT_PROCESSOR

_BY_MODEL = {"cortex-m7": "CORTEX_M7", "cortex-m4f": "CORTEX_M4"}
_OF_ARMV8M = "cortex-m33"
"""What unicorn makes of `UC_MODE_MCLASS`, whatever the model."""

EMULATED = (*_BY_MODEL, _OF_ARMV8M)
"""The processors that can be emulated, by their names in `namgen/processors/`."""

EXCEPTIONS = {
    1: "undefined instruction",
    2: "supervisor call",
    3: "instruction bus fault",
    4: "data bus fault",
    7: "breakpoint",
    8: "exception return",
    17: "FPU is off",
    18: "invalid state",
}
"""Unicorn's exception numbers, as its ARM core raises them."""


def unicorn(part: str = "") -> Any:
    """Import unicorn, or one of its modules.

    Raises:
        ToolError: it is not installed.

    """
    try:
        return importlib.import_module(f"unicorn{part}")
    except ImportError as error:
        raise ToolError("the emulator needs unicorn: pip install unicorn capstone") from error


def has_emulator() -> bool:
    """Whether an emulator can be made on this machine."""
    try:
        check_emulator()
    except ToolError:
        return False
    return True


def check_emulator() -> None:
    """Say early what an emulator will need.

    Raises:
        ToolError: unicorn is not installed.

    """
    unicorn()


def new_engine(processor: str = DEFAULT_PROCESSOR) -> Any:
    """Make a processor without memory, a `unicorn.Uc`.

    Raises:
        UnsupportedError: it is none of `EMULATED`.
        ToolError: unicorn is not installed.

    """
    if processor not in EMULATED:
        raise UnsupportedError(
            f"emulator: expected one of {', '.join(EMULATED)}, found {processor!r}"
        )
    names = unicorn()
    if processor == _OF_ARMV8M:
        return names.Uc(names.UC_ARCH_ARM, names.UC_MODE_THUMB | names.UC_MODE_MCLASS)
    engine = names.Uc(names.UC_ARCH_ARM, names.UC_MODE_THUMB)
    models = unicorn(".arm_const")
    engine.ctl_set_cpu_model(getattr(models, f"UC_CPU_ARM_{_BY_MODEL[processor]}"))
    return engine


def engine_library() -> Any:
    """Return unicorn's shared library, for hooks without a way through Python."""
    return unicorn(".unicorn_py3.unicorn").uclib


@cache
def register_numbers() -> dict[str, int]:
    """Return unicorn's number of every register by its lower-case name."""
    arm_const = unicorn(".arm_const")
    prefix = "UC_ARM_REG_"
    names = (name for name in dir(arm_const) if name.startswith(prefix))
    return {name.removeprefix(prefix).lower(): getattr(arm_const, name) for name in names}


def bad_access(access: int) -> tuple[str, str]:
    """Return the kind of fault that an invalid access is, and what was tried."""
    names = unicorn()
    if access in (names.UC_MEM_FETCH_UNMAPPED, names.UC_MEM_FETCH_PROT):
        return "instruction bus fault", "fetch of"
    if access in (names.UC_MEM_WRITE_UNMAPPED, names.UC_MEM_WRITE_PROT):
        return "data bus fault", "write of"
    return "data bus fault", "read of"
