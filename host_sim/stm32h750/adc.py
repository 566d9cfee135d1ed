"""ADC1 from power-up to conversions that DMA1 carries into memory (RM0433, chapter 25).

Conversions are worked out when somebody looks: a ring then holds what the last ones gave that were
over by then. What the hardware would ignore, or answer with nonsense, ends the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from host_sim.emulator.core import Core
from host_sim.emulator.errors import EmulationError
from host_sim.stm32h750.adc_checks import DR, AdcChecks
from host_sim.stm32h750.adc_clock import adc_hz
from host_sim.stm32h750.adc_scan import Scan, scan_of
from host_sim.stm32h750.bus import Bus
from host_sim.stm32h750.clocks import Clocks
from host_sim.stm32h750.dma import Dma1, DmaStream
from host_sim.stm32h750.elapsed import Time
from host_sim.stm32h750.gpio import Pins
from host_sim.stm32h750.outside import Outside
from host_sim.stm32h750.registers import ADC1, Silicon

REQUEST = 9
REGULATOR_S = 10e-6
LINEAR_CALIBRATION_CYCLES, OFFSET_CALIBRATION_CYCLES = 165_010, 1_280
CYCLES_AFTER_CALIBRATION = 4
_POWER_UP_S = 1e-6
_STOP_CYCLES = 4
_LOOKS_AT_CALIBRATION = 64

_ISR, _CR, _JSQR, _CSR, _CCR = 0x00, 0x08, 0x4C, 0x300, 0x308
_ADC2 = 0x100
_ADRDY, _EOS, _OVR, _LDORDY = 1 << 0, 1 << 3, 1 << 4, 1 << 12
_ADEN, _ADDIS, _ADSTART, _JADSTART, _ADSTP, _JADSTP = (1 << bit for bit in range(6))
_ADCALLIN, _ADVREGEN, _DEEPPWD = 1 << 16, 1 << 28, 1 << 29
_ADCALDIF, _ADCAL = 1 << 30, 1 << 31
_SET_ONLY = _ADEN | _ADDIS | _ADSTART | _JADSTART | _ADSTP | _JADSTP | _ADCAL
_KEPT_WHILE_CONVERTING = {
    *(0x0C, 0x10, 0x14, 0x18, 0x1C, 0x30, 0x34, 0x38, 0x3C),
    *(0x60, 0x64, 0x68, 0x6C, 0xC0),
}
_UNSERVED_REGISTERS = {_JSQR, 0x60, 0x64, 0x68, 0x6C}


class Adc:
    """The registers of ADC1 and of what it shares with ADC2, which stays off."""

    def __init__(
        self,
        bus: Bus,
        core: Core,
        time: Time,
        *,
        clocks: Clocks,
        pins: Pins,
        dma: Dma1,
        outside: Outside,
        is_cacheable: Callable[[int], bool],
        silicon: Silicon,
    ) -> None:
        self._bus = bus
        self._core = core
        self._time = time
        self._clocks = clocks
        self._dma = dma
        self._outside = outside
        self._is_cacheable = is_cacheable
        self._silicon: Silicon = silicon
        self._checks = AdcChecks(bus, core, pins, silicon)
        self.reset(ADC1)
        bus.attach(ADC1, 0x400, self)
        dma.on_look.append(self.catch_up)
        dma.on_change.append(self._follow_stream)

    # ---- for the machine

    @property
    def stream(self) -> DmaStream | None:
        """The stream that takes its results, when there is one."""
        return self._dma.serving(REQUEST)

    @property
    def codes(self) -> tuple[int, ...]:
        """What its ring in memory holds; nothing while it converts nothing."""
        stream = self.stream
        return () if self._scan is None or stream is None else stream.content()

    def catch_up(self) -> None:
        """Let the DMA have carried what is over by the moment that is seen."""
        self._carry_until(self._time.seen)

    def next_flag(self) -> int | None:
        """Return the cycle at which its stream next interrupts; None when it does not."""
        scan, stream = self._scan, self.stream
        if scan is None or stream is None or not stream.reports or self._has_overrun:
            return None
        number = self._carried + stream.words_to_flag() - 1
        if not scan.is_continuous and number >= len(scan.ends):
            return None
        return self._time.cycle_at(scan.end_of(number))

    # ---- registers

    def read(self, address: int, stored: int) -> int:
        """See `Peripheral.read`."""
        self._settle()
        offset = address - ADC1
        if offset == _CR and _ADCAL in self._ends:
            self._shorten_polling()
        if offset in (_ISR, _CSR):
            return self._status()
        if offset == DR:
            return self._last_code
        return self._bus[address]

    def write(self, address: int, stored: int, value: int) -> int:
        """See `Peripheral.write`."""
        self._settle()
        offset, stored = address - ADC1, self._bus[address]
        if offset == _ISR:
            self._clear(value)
            return 0
        if offset == _CR:
            return self._write_control(stored, value)
        if offset in (DR, _CSR):
            return stored
        if value != stored:
            self._check_setting(offset, value)
        return value

    def reset(self, origin: int) -> None:
        """See `Peripheral.reset`."""
        self._bus.words[ADC1 + _CR] = _DEEPPWD
        self._bus.words[ADC1 + 0x0C] = 1 << 31
        self._regulated_at: float | None = None
        self._calibrated_at: float | None = None
        self._ready_at: float | None = None
        self._ready_seen = self._ready_cleared = False
        self._ends: dict[int, float] = {}
        self._scan: Scan | None = None
        self._carried = 0
        self._sequences_seen = 0
        self._has_overrun = False
        self._last_code = 0

    # ---- status

    def _status(self) -> int:
        self.catch_up()
        status = _OVR if self._has_overrun else 0
        if self._ready_at is not None and self._now >= self._ready_at and not self._ready_cleared:
            self._ready_seen = True
            status |= _ADRDY
        if self._sequences > self._sequences_seen:
            status |= _EOS
        regulated = self._regulated_at
        if self._silicon == "V" and regulated is not None and self._now >= regulated:
            status |= _LDORDY
        return status

    def _clear(self, bits: int) -> None:
        if bits & _ADRDY and self._ready_at is not None and self._now >= self._ready_at:
            self._ready_cleared = True
        if bits & _EOS:
            self._sequences_seen = self._sequences
        if bits & _OVR:
            self._has_overrun = False
            self._carried = self._finished

    @property
    def _now(self) -> float:
        return self._time.outside

    @property
    def _finished(self) -> int:
        return 0 if self._scan is None else self._scan.finished(self._now)

    @property
    def _sequences(self) -> int:
        return 0 if self._scan is None else self._finished // len(self._scan.ends)

    # ---- control

    def _settle(self) -> None:
        """Let end what takes its time: calibration, stopping, a single sequence."""
        for bit, end in list(self._ends.items()):
            if self._now >= end:
                del self._ends[bit]
                self._drop(bit)
                {_ADCAL: self._calibrated, _ADSTP: self._stopped, _ADDIS: self._disabled}[bit](end)
        scan = self._scan
        if scan is not None and not scan.is_continuous and self._finished == len(scan.ends):
            self._carry_until(self._now)
            self._drop(_ADSTART)

    def _shorten_polling(self) -> None:
        """Let a look at a calibration take part of its time: it would be looked at a million times.

        It takes as long as on a board, to within such a part.
        """
        cycles = LINEAR_CALIBRATION_CYCLES / _LOOKS_AT_CALIBRATION
        moment = min(self._ends[_ADCAL], self._now + cycles / self._hz)
        self._time.sleep_until(self._time.cycle_at(moment))
        self._core.pause_after(0)

    def _calibrated(self, end: float) -> None:
        self._calibrated_at = end

    def _stopped(self, end: float) -> None:
        self._carry_until(end)
        self._scan = None
        self._drop(_ADSTART)

    def _disabled(self, _end: float) -> None:
        self._ready_at = None
        self._drop(_ADEN)

    def _drop(self, bit: int) -> None:
        self._bus.words[ADC1 + _CR] = self._bus[ADC1 + _CR] & ~bit

    def _write_control(self, stored: int, value: int) -> int:
        """Take the settings, then what is newly asked for; zeros ask for nothing."""
        asked = value & ~stored & _SET_ONLY
        kept = value & ~_SET_ONLY | stored & _SET_ONLY
        self._switch_supply(stored, kept)
        changed = (stored ^ kept) & ~(_ADVREGEN | _DEEPPWD)
        if changed and stored & (_ADSTART | _ADCAL):
            raise self._error(f"CR bits 0x{changed:08X} are set while it converts")
        if changed & (_ADCALLIN | _ADCALDIF) and stored & _ADEN:
            raise self._error("the kind of calibration is set while it is on")
        self._bus.words[ADC1 + _CR] = kept
        if asked & (_JADSTART | _JADSTP):
            raise self._error("injected conversions are not emulated")
        for bit, begin in (
            (_ADCAL, self._calibrate),
            (_ADEN, self._enable),
            (_ADSTART, self._start),
            (_ADSTP, self._stop),
            (_ADDIS, self._disable),
        ):
            if asked & bit:
                begin()
                self._bus.words[ADC1 + _CR] |= bit
        return self._bus[ADC1 + _CR]

    def _switch_supply(self, stored: int, value: int) -> None:
        if (stored ^ value) & (_ADVREGEN | _DEEPPWD) and stored & _SET_ONLY:
            raise self._error("its supply is switched while it is on")
        if value & _ADVREGEN and value & _DEEPPWD:
            raise self._error("its regulator is on in deep power-down")
        if value & _ADVREGEN and not stored & _ADVREGEN:
            if stored & _DEEPPWD:
                raise self._error("its regulator is switched on before deep power-down has ended")
            self._regulated_at = self._now + REGULATOR_S
        if not value & _ADVREGEN:
            self._regulated_at = None
        if value & _DEEPPWD:
            self._calibrated_at = None

    def _calibrate(self) -> None:
        self._need(_ADEN | _ADSTP | _ADDIS, is_set=False, what="calibrated")
        self._need_regulator("calibrated")
        self._refuse(self._checks.clock_problems(self._hz))
        linear = self._bus[ADC1 + _CR] & _ADCALLIN
        cycles = LINEAR_CALIBRATION_CYCLES if linear else OFFSET_CALIBRATION_CYCLES
        self._calibrated_at = None
        self._ends[_ADCAL] = self._now + cycles / self._hz

    def _enable(self) -> None:
        self._need(_ADCAL | _ADDIS, is_set=False, what="enabled")
        self._need_regulator("enabled")
        self._refuse(self._checks.clock_problems(self._hz))
        if self._calibrated_at is None:
            raise self._error("it is enabled without a calibration")
        if self._now < self._calibrated_at + CYCLES_AFTER_CALIBRATION / self._hz:
            raise self._error("it is enabled within four of its cycles after the calibration")
        self._ready_at = self._now + _POWER_UP_S
        self._ready_seen = self._ready_cleared = False

    def _start(self) -> None:
        self._need(_ADEN, is_set=True, what="started")
        self._need(_ADDIS | _ADSTP | _ADCAL, is_set=False, what="started")
        if not self._ready_seen:
            raise self._error("it is started before ADRDY was seen")
        self._refuse(self._checks.start_problems(self._hz))
        before = 0 if self._scan is None else self._scan.first + self._carried
        self._scan = scan_of(self._bus, self._hz, self._now, before)
        self._carried = self._sequences_seen = 0
        self._follow_stream()

    def _stop(self) -> None:
        self._need(_ADSTART, is_set=True, what="stopped")
        self._need(_ADDIS, is_set=False, what="stopped")
        self._ends[_ADSTP] = self._now + _STOP_CYCLES / self._hz

    def _disable(self) -> None:
        self._need(_ADEN, is_set=True, what="disabled")
        self._need(_ADSTART, is_set=False, what="disabled")
        self._ends[_ADDIS] = self._now + _STOP_CYCLES / self._hz

    # ---- conversions

    def _carry_until(self, moment: float) -> None:
        scan = self._scan
        if scan is None:
            return
        finished = scan.finished(moment)
        stream = self.stream
        if finished > self._carried and not self._has_overrun:
            if stream is None:
                self._lose(finished)
            else:
                self._carry(scan, stream, finished)

    def _carry(self, scan: Scan, stream: DmaStream, finished: int) -> None:
        """Move the results that are still there at the end: those of the last circle or two."""
        if not self._carried and self._is_cacheable(stream.memory):
            place = f"0x{stream.memory:08X}"
            self._outside.blame(f"results lie at {place}, in the data cache", self._bus.symbol)
        circles = max(0, (finished - self._carried) // stream.words - 1)
        stream.pass_over(circles * stream.words)
        for number in range(self._carried + circles * stream.words, finished):
            self._last_code = scan.code(number, self._outside)
            stream.write_word(self._last_code)
        self._carried = finished

    def _lose(self, finished: int) -> None:
        """Without a stream the first result waits, and the second is lost: all is over then."""
        if finished > self._carried + 1:
            self._has_overrun = True

    def _follow_stream(self) -> None:
        """A stream that takes its results must be able to."""
        stream = self.stream
        if self._scan is not None and stream is not None:
            self._refuse(self._checks.stream_problems(stream))

    # ---- helpers

    @property
    def _hz(self) -> float:
        return adc_hz(self._bus, self._clocks, self._silicon)

    def _need(self, bits: int, *, is_set: bool, what: str) -> None:
        found = self._bus[ADC1 + _CR]
        if (found & bits == bits) if is_set else not found & bits:
            return
        raise self._error(f"it is {what} while CR is 0x{found:08X}: the write would be ignored")

    def _need_regulator(self, what: str) -> None:
        if self._regulated_at is None or self._now < self._regulated_at:
            raise self._error(f"it is {what} before its regulator has had 10 us")

    def _check_setting(self, offset: int, value: int) -> None:
        control = self._bus[ADC1 + _CR]
        if offset in _KEPT_WHILE_CONVERTING and control & _ADSTART:
            raise self._error(f"register 0x{offset:02X} is set while it converts")
        if offset == _CCR and control & _SET_ONLY:
            raise self._error("the common register CCR is set while it is on")
        if offset in _UNSERVED_REGISTERS or (_ADC2 <= offset < _CSR and value):
            raise self._error(f"register 0x{offset:03X} is not emulated")

    def _refuse(self, problems: Iterable[str]) -> None:
        if found := "; ".join(problems):
            raise self._error(found)

    def _error(self, problem: str) -> EmulationError:
        return self._core.error("ADC1 out of order", problem)
