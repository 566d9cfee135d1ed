"""Unicorn, imported only when an emulator is wanted, and what it calls things."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from namgen.errors import ToolError

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


def new_engine() -> Any:
    """Make a Cortex-M7 without memory, a `unicorn.Uc`."""
    names = unicorn()
    # UC_MODE_MCLASS would make it a Cortex-M33 whatever the model, without double precision.
    engine = names.Uc(names.UC_ARCH_ARM, names.UC_MODE_THUMB)
    engine.ctl_set_cpu_model(unicorn(".arm_const").UC_CPU_ARM_CORTEX_M7)
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
