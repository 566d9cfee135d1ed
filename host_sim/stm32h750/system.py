"""The Cortex-M7's own registers: interrupt controller, SysTick, system control, MPU, DWT."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from host_sim.emulator.core import Core
from host_sim.stm32h750.bus import Bus
from host_sim.stm32h750.elapsed import Time

_FIXED_PRIORITY = {2: -2, 3: -1}
SYSTICK = 15
PENDSV = 14
FIRST_IRQ = 16

_SCS = 0xE000E000
_SYST_CSR, _SYST_RVR, _SYST_CVR = _SCS + 0x10, _SCS + 0x14, _SCS + 0x18
_ICSR, _VTOR, _AIRCR, _CCR = _SCS + 0xD04, _SCS + 0xD08, _SCS + 0xD0C, _SCS + 0xD14
_SHPR = _SCS + 0xD18
_CFSR, _HFSR = _SCS + 0xD28, _SCS + 0xD2C
_CCSIDR, _CSSELR, _CPACR = _SCS + 0xD80, _SCS + 0xD84, _SCS + 0xD88
_MPU_TYPE, _MPU_CTRL, _MPU_RNR = _SCS + 0xD90, _SCS + 0xD94, _SCS + 0xD98
_MPU_RBAR, _MPU_RASR = _SCS + 0xD9C, _SCS + 0xDA0
_DEMCR = _SCS + 0xDFC
_DWT_CTRL, _DWT_CYCCNT = 0xE0001000, 0xE0001004

_COUNTFLAG = 1 << 16
_CCSIDR_DATA, _CCSIDR_INSTRUCTION = 0xF00FE019, 0xF01FE009  # 16 KB each
_MPU_REGIONS = 16
_SMALLEST_WITH_PARTS = 256
Access = Literal["none", "read", "read and write"]
_ACCESS_OF: dict[int, Access] = {
    0: "none",
    1: "read and write",
    2: "read and write",
    3: "read and write",
    4: "none",
    5: "read",
    6: "read",
    7: "read",
}

_RESET = {
    _SCS + 0xD00: 0x411FC271,  # CPUID: Cortex-M7 r1p1
    _AIRCR: 0xFA050000,
    _CCR: 0x00040200,
    _SCS + 0xD78: 0x09000003,  # CLIDR
    _SCS + 0xD7C: 0x8303C003,  # CTR
    _MPU_TYPE: _MPU_REGIONS << 8,
    _SCS + 0xF34: 0xC0000000,  # FPCCR: automatic and lazy
    _DWT_CTRL: 0x40000000,
}


class SystemControl:
    """What of the processor is memory-mapped; decides which exception is taken next."""

    def __init__(self, bus: Bus, time: Time, core: Core, vectors: int) -> None:
        self._bus = bus
        self._time = time
        self._core = core
        self._enabled: set[int] = set()
        self._pending: set[int] = set()
        self._next_tick: int | None = None
        self._cycle_base = 0
        self.active: list[tuple[int, int]] = []  # exception number, priority
        self.mpu_regions: dict[int, tuple[int, int]] = {}
        self.has_reset = False  # the firmware has asked for it; nothing runs after that
        bus.words |= {**_RESET, _VTOR: vectors}
        bus.attach(0xE0001000, 0x400, self)
        bus.attach(_SCS, 0x1000, self)

    # ---- for the machine

    @property
    def next_tick(self) -> int | None:
        """The cycle at which SysTick wraps next."""
        return self._next_tick

    @property
    def cpacr(self) -> int:
        """The coprocessor access register."""
        return self._bus[_CPACR]

    def tick(self) -> None:
        """Wrap SysTick if its time has come."""
        while self._next_tick is not None and self._next_tick <= self._time.cycles:
            self._next_tick += self._tick_period
            control = self._bus[_SYST_CSR]
            self._bus.words[_SYST_CSR] = control | _COUNTFLAG
            if control & 2:
                self._pending.add(SYSTICK)

    def pend(self, irq: int) -> None:
        """Raise an interrupt line."""
        self._pending.add(FIRST_IRQ + irq)

    def has_wakeup(self) -> bool:
        """Whether something pending ends WFI."""
        return any(self._is_enabled(number) for number in self._pending)

    def is_masked(self) -> bool:
        """Whether PRIMASK or BASEPRI holds back something pending; unmasking gives no sign."""
        masked = self._core.register("primask") & 1 or self._core.register("basepri")
        return bool(masked) and self.has_wakeup()

    def next_exception(self) -> tuple[int, int] | None:
        """Return number and priority of the exception to take now, if any."""
        ready = [(self._priority(n), n) for n in self._pending if self._is_enabled(n)]
        if not ready:
            return None
        priority, number = min(ready)
        return (number, priority) if priority < self.current_priority else None

    @property
    def current_priority(self) -> int:
        """What an exception's priority must be below to be taken now."""
        priorities = [priority for _, priority in self.active]
        if self._core.register("primask") & 1:
            priorities.append(0)
        if masked := self._core.register("basepri"):
            priorities.append(masked)
        return min(priorities, default=256)

    def priority_of(self, number: int) -> int:
        """Return an exception's priority; a lower number is more urgent."""
        return self._priority(number)

    def enter(self, number: int, priority: int) -> int:
        """Mark an exception as active and return the address of its handler."""
        self._pending.discard(number)
        self.active.append((number, priority))
        return self._core.memory.read_word(self._bus[_VTOR] + 4 * number)

    def set_tick(self, control: int, reload: int) -> None:
        """Leave SysTick running, as a bootloader does."""
        self._bus.words[_SYST_RVR] = reload
        self._bus.words[_SYST_CSR] = self.write(_SYST_CSR, 0, control)

    # ---- registers

    def read(self, address: int, stored: int) -> int:
        """See `Peripheral.read`."""
        if address == _SYST_CSR:
            self._bus.words[address] = stored & ~_COUNTFLAG
            return stored
        computed: dict[int, Callable[[], int]] = {
            _SYST_CVR: self._tick_value,
            _DWT_CYCCNT: self._cycle_count,
            _CCSIDR: self._cache_size,
            _ICSR: self._active_number,
            _MPU_RBAR: lambda: self._mpu_region()[0],
            _MPU_RASR: lambda: self._mpu_region()[1],
        }
        if address in computed:
            return computed[address]()
        return self._read_interrupts(address, stored)

    def write(self, address: int, stored: int, value: int) -> int:
        """See `Peripheral.write`."""
        if _SYST_CSR <= address <= _SYST_CVR:
            return self._write_tick(address, stored, value)
        if address == _CPACR:
            self._core.fpu_enabled = value >> 20 & 15 == 15
        elif address == _ICSR:
            self._write_pending(value)
            self._core.pause_after(0)
            return 0
        elif address == _AIRCR:
            return self._write_reset_control(stored, value)
        elif address in (_MPU_RBAR, _MPU_RASR):
            self._write_mpu(address, value)
        elif address in (_CFSR, _HFSR):
            return stored & ~value
        elif address == _DWT_CYCCNT:
            self._cycle_base = self._time.cycles - value
        elif _SCS + 0x100 <= address < _SCS + 0x300:
            self._write_interrupts(address, value)
            self._core.pause_after(0)
            return stored
        return value

    def reset(self, origin: int) -> None:
        """The processor has no reset bit of its own."""

    # ---- SysTick and cycle counter

    @property
    def _tick_period(self) -> int:
        reload = self._bus[_SYST_RVR] & 0xFFFFFF
        return (reload + 1) * (1 if self._bus[_SYST_CSR] & 4 else 8)

    def _tick_value(self) -> int:
        if self._next_tick is None:
            return 0
        scale = 1 if self._bus[_SYST_CSR] & 4 else 8
        left = max(0, self._next_tick - self._time.cycles)
        return min(left // scale, self._bus[_SYST_RVR])

    def _write_tick(self, address: int, stored: int, value: int) -> int:
        if address == _SYST_RVR:
            return value & 0xFFFFFF
        was_on = bool(self._bus[_SYST_CSR] & 1)
        is_on = bool(value & 1) if address == _SYST_CSR else was_on
        kept = value & 7 | stored & _COUNTFLAG if address == _SYST_CSR else 0
        if address == _SYST_CSR:
            self._bus.words[address] = kept
        if not is_on:
            self._next_tick = None
        elif not was_on or address == _SYST_CVR:
            self._next_tick = self._time.cycles + self._tick_period
            self._core.pause_after(self._time.instructions_in(self._tick_period))
        return kept

    def _cycle_count(self) -> int:
        is_on = self._bus[_DEMCR] >> 24 & 1 and self._bus[_DWT_CTRL] & 1
        return (self._time.cycles - self._cycle_base) & 0xFFFFFFFF if is_on else 0

    def _cache_size(self) -> int:
        return _CCSIDR_INSTRUCTION if self._bus[_CSSELR] & 1 else _CCSIDR_DATA

    # ---- interrupts

    def _active_number(self) -> int:
        return self.active[-1][0] if self.active else 0

    def _is_enabled(self, number: int) -> bool:
        return number < FIRST_IRQ or number - FIRST_IRQ in self._enabled

    def _priority(self, number: int) -> int:
        """Priority bits as the H7 has them: the upper four; fixed for NMI and hard fault."""
        if number in _FIXED_PRIORITY:
            return _FIXED_PRIORITY[number]
        place = _SHPR + number - 4 if number < FIRST_IRQ else _SCS + 0x400 + number - FIRST_IRQ
        return self._bus[place & ~3] >> 8 * (place & 3) & 0xF0

    def _read_interrupts(self, address: int, stored: int) -> int:
        if _SCS + 0x100 <= address < _SCS + 0x200:
            return _bits_of(self._enabled, (address & 0x7F) * 8)
        if _SCS + 0x200 <= address < _SCS + 0x300:
            lines = {number - FIRST_IRQ for number in self._pending if number >= FIRST_IRQ}
            return _bits_of(lines, (address & 0x7F) * 8)
        return stored

    def _write_interrupts(self, address: int, value: int) -> None:
        first = (address & 0x7F) * 8
        lines = {first + bit for bit in range(32) if value >> bit & 1}
        numbers = {FIRST_IRQ + line for line in lines}
        match address >> 7 & 7:
            case 2:
                self._enabled |= lines
            case 3:
                self._enabled -= lines
            case 4:
                self._pending |= numbers
            case _:
                self._pending -= numbers

    def _write_pending(self, value: int) -> None:
        for bit, number in ((28, PENDSV), (26, SYSTICK)):
            if value >> bit & 1:
                self._pending.add(number)
            if value >> bit - 1 & 1:
                self._pending.discard(number)

    def _write_reset_control(self, stored: int, value: int) -> int:
        if value >> 16 != 0x5FA:
            return stored
        if value & 4:
            self.has_reset = True
            raise self._core.error("reset", "the firmware asked for a system reset")
        return 0xFA050000 | value & 0x700

    # ---- MPU: kept, not enforced

    def _mpu_region(self) -> tuple[int, int]:
        return self.mpu_regions.get(self._bus[_MPU_RNR] & 0xFF, (0, 0))

    def _write_mpu(self, address: int, value: int) -> None:
        if address == _MPU_RBAR and value & 0x10:
            self._bus.words[_MPU_RNR] = value & 15
        number = self._bus[_MPU_RNR] & 0xFF
        base, attributes = self.mpu_regions.get(number, (0, 0))
        is_base = address == _MPU_RBAR
        self.mpu_regions[number] = (value, attributes) if is_base else (base, value)

    def is_cacheable(self, address: int) -> bool:
        """Whether the data cache may hold this address of RAM."""
        attributes = self._attributes_of(address)
        cacheable = attributes is None or bool(attributes >> 17 & 1)
        return cacheable and bool(self._bus[_CCR] >> 16 & 1)

    def access_to(self, address: int) -> Access:
        """What privileged code may do at an address, by the MPU and its default map."""
        attributes = self._attributes_of(address)
        if attributes is None:
            return "read and write"
        return _ACCESS_OF[attributes >> 24 & 7]

    def _attributes_of(self, address: int) -> int | None:
        """RASR of the last region that holds an address, its subregions considered."""
        found = None
        if self._bus[_MPU_CTRL] & 1:
            for _, (base, attributes) in sorted(self.mpu_regions.items()):
                size = 1 << (attributes >> 1 & 31) + 1
                if attributes & 1 and address & -size == base & -size & 0xFFFFFFE0:
                    part = (address & size - 1) * 8 // size
                    if size < _SMALLEST_WITH_PARTS or not attributes >> 8 + part & 1:
                        found = attributes
        return found


def _bits_of(lines: set[int], first: int) -> int:
    return sum(1 << line - first for line in lines if first <= line < first + 32)
