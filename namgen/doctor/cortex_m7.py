"""A Cortex-M7 that multiplies and adds once, to see that the emulator runs."""

from __future__ import annotations

import importlib
import struct
from typing import Any

from namgen.errors import ToolError

_CODE, _SIZE = 0x0800_0000, 0x1000
_PROGRAM = bytes.fromhex("e6ee870a")  # vfma.f32 s1, s13, s14
_SUM, _A, _B = "S1", "S13", "S14"
_VALUES = {_SUM: 1.5, _A: 2.0, _B: -3.0}
RIGHT = 1.5 + 2.0 * -3.0
"""What it computes."""


def multiply_add() -> float:
    """Return what the emulated processor computes of 1.5 + 2 times -3.

    Raises:
        ToolError: the emulator does not run.

    """
    unicorn: Any = importlib.import_module("unicorn")
    arm_const: Any = importlib.import_module("unicorn.arm_const")
    registers = {name: getattr(arm_const, f"UC_ARM_REG_{name}") for name in _VALUES}
    try:
        engine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB)
        engine.ctl_set_cpu_model(arm_const.UC_CPU_ARM_CORTEX_M7)
        engine.mem_map(_CODE, _SIZE)
        engine.mem_write(_CODE, _PROGRAM)
        engine.reg_write(arm_const.UC_ARM_REG_FPEXC, 1 << 30)
        for name, value in _VALUES.items():
            engine.reg_write(registers[name], struct.unpack("<I", struct.pack("<f", value))[0])
        engine.emu_start(_CODE | 1, _CODE + len(_PROGRAM))
        (found,) = struct.unpack("<f", struct.pack("<I", engine.reg_read(registers[_SUM])))
    except unicorn.UcError as error:
        raise ToolError(f"the emulated Cortex-M7 stops: {error}") from error
    return float(found)
