"""The linked code has its barriers: the writes that need one are followed by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest

pytest.importorskip("capstone", reason="needs capstone: pip install .[emulator]")
pytest.importorskip("unicorn", reason="needs unicorn: pip install .[emulator]")
from pedal_images import noise, stand_in_image

from host_sim.emulator.core import Core
from host_sim.pedal import Pedal

VTOR, CCR, CPACR, MPU_CTRL = 0xE000ED08, 0xE000ED14, 0xE000ED88, 0xE000ED94
BOOTS = ("flash", "sram", "qspi")
NEAR, SHARED = 5, 24
"""Instructions within which the barriers must come: at once, or after a few more settings."""


@dataclass
class Boot:
    """A pedal that has started, and which instruction has stored what in system control."""

    pedal: Pedal
    stores: list[tuple[int, int, int]] = field(default_factory=list)  # address, value, pc

    def note(self, _uc: Any, _kind: int, address: int, _size: int, value: int, _data: Any) -> None:
        self.stores.append((address, value, self.pedal.core.register("pc")))

    def to(self, address: int) -> list[tuple[int, int]]:
        """Value and instruction of each store to a register."""
        return [(value, pc) for place, value, pc in self.stores if place == address]


@cache
def booted(boot: str) -> Boot:
    from unicorn import UC_HOOK_MEM_WRITE

    made = Boot(Pedal(stand_in_image(boot).elf))
    core = made.pedal.core
    core.engine.hook_add(UC_HOOK_MEM_WRITE, made.note, begin=0xE000ED00, end=0xE000EDFF)
    made.pedal.boot()
    return made


def straight_code(core: Core, start: int, count: int) -> list[str]:
    """The mnemonics from an address on, up to the first branch or return."""
    import capstone

    engine = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)
    found = []
    for instruction in engine.disasm(core.memory.read(start & ~1, 4 * count), start & ~1, count):
        found.append(instruction.mnemonic)
        if instruction.mnemonic.startswith(("b", "cb", "pop", "tb")):
            break
    return found


@pytest.mark.parametrize("boot", BOOTS)
@pytest.mark.parametrize(
    ("register", "count"),
    [(VTOR, NEAR), (CPACR, NEAR), (CCR, SHARED), (MPU_CTRL, NEAR)],
    ids=["VTOR", "CPACR", "CCR", "MPU_CTRL"],
)
def test_a_write_that_changes_how_code_runs_is_followed_by_both_barriers(
    boot: str, register: int, count: int
) -> None:
    """The MPU going off needs none: what follows sets it up and switches it on again."""
    core = booted(boot).pedal.core
    stores = [pc for value, pc in booted(boot).to(register) if register != MPU_CTRL or value]
    assert stores
    for pc in stores:
        code = straight_code(core, pc, count)
        assert "dsb" in code, f"{core.image.name_at(pc)}: {code}"
        assert "isb" in code[code.index("dsb") :], f"{core.image.name_at(pc)}: {code}"


@pytest.mark.parametrize("boot", BOOTS)
def test_data_has_arrived_before_the_mpu_goes_off(boot: str) -> None:
    core = booted(boot).pedal.core
    ((_, pc),) = [store for store in booted(boot).to(MPU_CTRL) if store[0] == 0]
    function = core.image.function_at(pc)
    assert function is not None
    before = (pc - function.address) // 2
    assert "dsb" in straight_code(core, function.address, before)


@pytest.mark.parametrize("boot", BOOTS)
def test_an_audio_interrupt_ends_with_a_barrier_after_its_last_write(boot: str) -> None:
    """Else the cleared flag may arrive after the return, and the interrupt comes twice."""
    pedal = Pedal(stand_in_image(boot).elf)
    pedal.boot()
    core, stack = pedal.core, pedal.core.image.address("ld_stack_bottom")
    for trace in pedal.trace_blocks(noise(3 * pedal.block_frames)):
        accesses = trace.accesses[trace.accesses["is_write"] > 0]
        elsewhere = (accesses["address"] < stack) | (accesses["address"] >= stack + 0x10000)
        last = int(accesses["position"][elsewhere].max())
        executed = (straight_code(core, int(pc), 1)[0] for pc in trace.instructions[last:])
        assert "dsb" in executed
