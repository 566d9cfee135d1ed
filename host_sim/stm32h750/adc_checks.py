"""What has to be right before ADC1's codes are those of the board's knobs."""

from __future__ import annotations

from collections.abc import Iterator

from host_sim.emulator.core import Core
from host_sim.stm32h750.adc_clock import LEAST_HZ, MOST_HZ, least_boost
from host_sim.stm32h750.adc_scan import (
    CFGR,
    CFGR2,
    CHANNEL_PINS,
    PCSEL,
    bits_of,
    channels_of,
    widest_result,
)
from host_sim.stm32h750.bus import Bus
from host_sim.stm32h750.dma import REACHED_MEMORIES, DmaStream
from host_sim.stm32h750.gpio import Pins
from host_sim.stm32h750.registers import ADC1, Silicon

DR = 0x40
_CONTROL, _INTERRUPTS, _DIFFERENTIAL = 0x08, 0x04, 0xC0
_CIRCULAR_REQUESTS = 3
_UNSERVED = {
    0xC00: "a trigger (EXTEN)",
    1 << 14: "waiting for the last result to be read (AUTDLY)",
    1 << 16: "sequences in parts (DISCEN)",
    1 << 23: "an analog watchdog (AWD1EN)",
    1 << 25: "injected conversions (JAUTO)",
}
_UNSERVED_2 = {1 << 1: "injected oversampling (JOVSE)", 1 << 9: "triggered oversampling (TROVS)"}
_MOST_SHIFT = 11
_DIRECTION, _CIRCLE, _PERIPHERAL_STEPS, _MEMORY_STEPS = 3 << 6, 1 << 8, 1 << 9, 1 << 10
_FIFO_CONTROL, _NO_DIRECT_MODE = 0x14, 1 << 2


class AdcChecks:
    """Finds what is wrong with the converter and its stream, in words."""

    def __init__(self, bus: Bus, core: Core, pins: Pins, silicon: Silicon) -> None:
        self._bus = bus
        self._core = core
        self._pins = pins
        self._silicon = silicon

    def clock_problems(self, hz: float) -> Iterator[str]:
        """Yield what is wrong with the clock of a conversion or a calibration."""
        boost = self._bus[ADC1 + _CONTROL] >> 8 & 3
        if not hz:
            yield "its clock does not run"
        elif not LEAST_HZ <= hz <= MOST_HZ:
            yield f"its clock is {hz / 1e6:.2f} MHz, not 0.12 to {MOST_HZ / 1e6:.0f}"
        elif boost < least_boost(hz, self._silicon):
            least = least_boost(hz, self._silicon)
            yield f"BOOST is {boost} where {hz / 1e6:.2f} MHz need {least}"

    def start_problems(self, hz: float) -> Iterator[str]:
        """Yield what is wrong when conversions start."""
        yield from self.clock_problems(hz)
        yield from self._mode_problems()
        for channel in channels_of(self._bus):
            yield from self._channel_problems(channel)

    def stream_problems(self, stream: DmaStream) -> Iterator[str]:
        """Yield what is wrong with the stream that takes the results."""
        name, control = f"DMA1 stream {stream.number}", stream.control
        memory = self._core.memory.holding(stream.memory)
        ways = _DIRECTION | _CIRCLE | _PERIPHERAL_STEPS | _MEMORY_STEPS
        if control & ways != _CIRCLE | _MEMORY_STEPS:
            yield f"{name}: CR 0x{control:08X} moves no words to memory in a circle"
        if control >> 11 & 3 not in (1, 2) or control >> 13 & 3 != control >> 11 & 3:
            yield f"{name}: CR 0x{control:08X} has words of other than 16 or 32 bits on both sides"
        if stream.peripheral != ADC1 + DR:
            yield f"{name}: address 0x{stream.peripheral:08X} is not the data register"
        if memory is None or memory.name not in REACHED_MEMORIES:
            yield f"{name}: DMA1 cannot reach memory at 0x{stream.memory:08X}"
        if widest_result(self._bus) >> 8 * stream.word_bytes:
            yield f"{name}: results of more than {8 * stream.word_bytes} bits are cut off"

    def _mode_problems(self) -> Iterator[str]:
        mode, oversampling = self._bus[ADC1 + CFGR], self._bus[ADC1 + CFGR2]
        if mode & 3 != _CIRCULAR_REQUESTS:
            yield f"results are not handed to a DMA circle (DMNGT is {mode & 3})"
        if not bits_of(self._bus):
            yield f"resolution {mode >> 2 & 7} is reserved"
        if oversampling >> 5 & 15 > _MOST_SHIFT:
            yield f"an oversampling shift of {oversampling >> 5 & 15}"
        for found, table in ((mode, _UNSERVED), (oversampling, _UNSERVED_2)):
            yield from (f"{what} is not emulated" for bits, what in table.items() if found & bits)
        if self._bus[ADC1 + _INTERRUPTS]:
            yield "its interrupts are not emulated"

    def _channel_problems(self, channel: int) -> Iterator[str]:
        pin = CHANNEL_PINS.get(channel)
        if pin is None:
            yield f"channel {channel} has no pin"
            return
        if not self._bus[ADC1 + PCSEL] >> channel & 1:
            yield f"channel {channel} is not preselected in PCSEL"
        if self._bus[ADC1 + _DIFFERENTIAL] >> channel & 1:
            yield f"channel {channel} measures a difference"
        if not self._pins.is_analog(*pin):
            yield f"{pin} is not in analog mode"
