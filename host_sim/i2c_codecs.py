"""The codecs that are set over I2C: what messages make of their registers, and whether it plays."""

from __future__ import annotations

from typing import Protocol

from host_sim.boards import WIRING, Board, Wiring, with_codec
from host_sim.register_codecs import CHIPS, AnyCodec, Message, RegisterCodec
from namgen.codecs import CodecTable

_PCM3060_PLAYING = {
    0x40: (0xC0, "it is in a reset, asleep, or its outputs are single-ended"),
    0x41: (0xFF, "the left output is attenuated"),
    0x42: (0xFF, "the right output is attenuated"),
    0x43: (0x01, "its DAC takes another format than 24 bits, left justified, or is no slave"),
    0x44: (0x00, "its outputs are muted or inverted, or it samples over in another way"),
    0x45: (0x00, "its filter, de-emphasis or zero flag is changed"),
    0x46: (0xD7, "the left input is attenuated"),
    0x47: (0xD7, "the right input is attenuated"),
    0x48: (0x01, "its ADC gives another format than 24 bits, left justified, or is no slave"),
    0x49: (0x00, "its inputs are muted or inverted, or its high-pass is off"),
}
"""What every register of a PCM3060 has to be, and what is wrong if it is not."""


class I2cCodec(Protocol):
    """A codec on the bus."""

    needs_clock: bool  # before it answers
    is_set_late: bool  # it need not play when its clocks begin: it is unmuted later

    def take(self, message: Message, seconds: float) -> None:
        """Take the bytes of a message that ends at a time since power-on."""

    def tell(self, asked: Message, count: int) -> Message | None:
        """Return so many bytes of what it was asked about; None: it does not answer."""

    def problems(self) -> list[str]:
        """Say why this codec would not be heard, or not as it should."""


def wired(board: Board, codec: CodecTable | None) -> Wiring:
    """Return how a board is wired, with a codec in place of its own where there is one.

    A codec of one of namgen's names is that chip, at an address that it can have; of any other
    there is only what its table says.
    """
    wiring = WIRING[board]
    if codec is None:
        return wiring
    chip = CHIPS.get(codec.name)
    if chip is None or codec.address in chip.addresses:
        return with_codec(wiring, codec.name, codec.address)
    return with_codec(wiring, codec.name, chip.addresses[0])


def codec_of(wiring: Wiring, codec: CodecTable | None = None) -> I2cCodec | None:
    """Return the codec of a board that is set over I2C; None: there is none."""
    if codec is not None:
        chip = CHIPS.get(codec.name)
        return RegisterCodec(chip) if chip else AnyCodec(codec)
    if wiring.bus is None:
        return None
    return Wm8731() if wiring.codec == "WM8731" else Pcm3060()


class Wm8731:
    """Seven bits of address, nine of value; its data sheet, "Register map"."""

    _ACTIVE = 9

    def __init__(self) -> None:
        self.needs_clock = self.is_set_late = False
        self._registers: dict[int, int] = {}

    def take(self, message: Message, seconds: float) -> None:
        """See `I2cCodec.take`."""
        if len(message) == 2:
            self._registers[message[0] >> 1] = (message[0] & 1) << 8 | message[1]

    def tell(self, asked: Message, count: int) -> Message | None:
        """See `I2cCodec.tell`; no firmware asks this one."""
        return None

    def problems(self) -> list[str]:
        """See `I2cCodec.problems`."""
        is_active = self._registers.get(self._ACTIVE, 0) & 1
        return [] if is_active else ["the WM8731 was never activated over I2C"]


class Pcm3060:
    """Registers 0x40 to 0x49 and their values after a reset: Linux, sound/soc/codecs/pcm3060.c.

    It begins as another program may have left it, in another format, quieter and muted, because
    nothing but a message resets it. During the 4 ms after either reset, which is what libDaisy
    waits, it takes no message. The bits of a reset stay as they are written: whether they come back
    to 1 by themselves, no source says.
    """

    RESET_S = 4e-3
    DEFAULTS = (0xF0, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0xD7, 0xD7, 0x00, 0x00)
    FIRST = 0x40
    _LEFT_BEHIND = (0xF1, 0x80, 0x80, 0x02, 0x03, 0x10, 0x80, 0x80, 0x42, 0x03)

    def __init__(self) -> None:
        self.needs_clock = self.is_set_late = False
        self.registers = dict(enumerate(self._LEFT_BEHIND, self.FIRST))
        self._busy_until = 0.0
        self._is_synchronized = False
        self._lost: list[str] = []

    def take(self, message: Message, seconds: float) -> None:
        """See `I2cCodec.take`."""
        spelled = " ".join(f"{byte:02X}" for byte in message)
        if seconds < self._busy_until:
            self._lost.append(f"the message {spelled} came within 4 ms of a reset")
        elif len(message) != 2 or message[0] not in self.registers:
            self._lost.append(f"the message {spelled} is no register's")
        else:
            self._set(*message, seconds)

    def tell(self, asked: Message, count: int) -> Message | None:
        """See `I2cCodec.tell`; no firmware asks this one."""
        return None

    def problems(self) -> list[str]:
        """See `I2cCodec.problems`."""
        found = [
            f"0x{address:02X} is 0x{self.registers[address]:02X}: {meaning}"
            for address, (value, meaning) in _PCM3060_PLAYING.items()
            if self.registers[address] != value
        ]
        if not self._is_synchronized:
            found.append("it was not synchronized (SRST) after its registers were reset (MRST)")
        return [f"the PCM3060: {what}" for what in (*self._lost, *found)]

    def _set(self, address: int, value: int, seconds: float) -> None:
        self.registers[address] = value
        if address != self.FIRST or value & 0xC0 == 0xC0:
            return
        self._busy_until = seconds + self.RESET_S
        if not value & 0x80:
            self.registers = dict(enumerate(self.DEFAULTS, self.FIRST)) | {address: value}
        self._is_synchronized = bool(value & 0x80)
