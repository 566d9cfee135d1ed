"""Codecs as chips are: what each of their registers has to be before anything is heard.

Stated once more, and not read from `namgen/codecs/`. Sources: Linux, sound/soc/codecs/wm8731.c,
nau8822.c, sgtl5000.h, es8328.h; PaulStoffregen/Audio, control_sgtl5000.cpp; emeb/i2s_codecs;
espressif/esp-adf, es8388.c.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from namgen.codecs import CodecTable

Message = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rest:
    """A write after which a codec wants to be left alone: its bits of `mask` become `value`."""

    register: int
    mask: int
    value: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Chip:
    """What is known of a codec."""

    title: str
    addresses: tuple[int, ...]
    register_bits: int
    value_bits: int
    playing: Mapping[int, int]  # registers and what they hold while it plays as a pedal's should
    names: Mapping[int, str]  # what is wrong where they hold something else
    mute: Mapping[int, int]  # bits of registers, of which each silences it
    reset: int | None = None  # the register that resets all others
    defaults: Mapping[int, int] = field(default_factory=dict)  # after that
    known: Mapping[int, int] = field(default_factory=dict)  # what cannot be written
    is_write_only: bool = False
    needs_clock: bool = False
    rests: tuple[Rest, ...] = ()


def _fill(text: str, *registers: int) -> dict[int, str]:
    return dict.fromkeys(registers, text)


_WM8731 = Chip(
    title="WM8731",
    addresses=(0x1A, 0x1B),
    register_bits=7,
    value_bits=9,
    playing={0: 0x17, 1: 0x17, 2: 0x79, 3: 0x79, 4: 0x12, 5: 0, 6: 0x62, 7: 0x0A, 8: 0, 9: 1},
    names={
        **_fill("a line input is muted, or not at 0 dB", 0, 1),
        **_fill("the headphones are not at 0 dB", 2, 3),
        4: "its DAC is not what is heard, or its ADC does not hear the line input",
        5: "it is muted, or its filters are others",
        6: "something that is needed is off",
        7: "it takes another format than 24 bits, I2S, or is no slave",
        8: "it runs at another rate than 48 kHz of 256 clocks",
        9: "it was never activated",
    },
    mute={5: 1 << 3},
    reset=0x0F,
    defaults={0: 0x97, 1: 0x97, 2: 0x79, 3: 0x79, 4: 0x0A, 5: 8, 6: 0x9F, 7: 0x9F, 8: 0, 9: 0},
    is_write_only=True,
)

_NAU88C22 = Chip(
    title="NAU88C22",
    addresses=(0x1A,),
    register_bits=7,
    value_bits=9,
    playing={
        **{0x01: 0x0CD, 0x02: 0x03F, 0x03: 0x18F, 0x04: 0x050, 0x05: 0, 0x06: 0, 0x07: 0},
        **{0x0A: 0, 0x0B: 0xFF, 0x0C: 0xFF, 0x0E: 0x100, 0x0F: 0xFF, 0x10: 0xFF},
        **{0x18: 0x32, 0x20: 0x38, 0x2C: 0x44, 0x2D: 0x10, 0x2E: 0x10, 0x2F: 0, 0x30: 0},
        **{0x31: 2, 0x32: 1, 0x33: 1, 0x38: 1, 0x39: 1, 0x45: 0},
    },
    names={
        **_fill("something that is needed is off", 1, 2, 3, 0x45),
        0x04: "it takes another format than 24 bits, I2S",
        0x05: "its words are companded, or it hears itself",
        0x06: "it is no slave, or does not run from its master clock as it comes",
        0x07: "its filters are for another rate than 48 kHz",
        **_fill("it is muted, inverted or attenuated", 0x0A, 0x0B, 0x0C),
        **_fill("its input is filtered, inverted or attenuated", 0x0E, 0x0F, 0x10),
        **_fill("its levels change by themselves", 0x18, 0x20),
        **_fill("its inputs are others, or not at 0 dB", 0x2C, 0x2D, 0x2E, 0x2F, 0x30),
        **_fill("its DACs are not what is heard", 0x31, 0x32, 0x33, 0x38, 0x39),
    },
    mute={0x0A: 1 << 6},
    reset=0x00,
    defaults={
        **dict.fromkeys((1, 2, 3, 5, 7, 0x0A, 0x45), 0),
        **{0x04: 0x050, 0x06: 0x140, 0x0B: 0xFF, 0x0C: 0xFF, 0x0E: 0x100, 0x0F: 0xFF, 0x10: 0xFF},
        **{0x18: 0x32, 0x20: 0x38, 0x2C: 0x33, 0x2D: 0x10, 0x2E: 0x10, 0x2F: 0x100, 0x30: 0x100},
        **{0x31: 2, 0x32: 1, 0x33: 1, 0x38: 1, 0x39: 1},
    },
    known={0x3F: 0x1A},
    rests=(Rest(0x45, 0x1FF, 0, 0.25),),
)

_SGTL5000 = Chip(
    title="SGTL5000",
    addresses=(0x0A, 0x2A),
    register_bits=16,
    value_bits=16,
    playing={
        **{0x02: 0x0073, 0x04: 0x0008, 0x06: 0x0010, 0x0A: 0x0010, 0x0E: 0, 0x10: 0x3C3C},
        **{0x20: 0, 0x22: 0x7F7F, 0x24: 0x0036, 0x26: 0x006C, 0x28: 0x01F2, 0x2C: 0x0F22},
        **{0x2E: 0x0D0D, 0x30: 0x40FF, 0x3C: 0x4446},
    },
    names={
        **_fill("something that is needed is off", 0x02, 0x30),
        0x04: "it runs at another rate than 48 kHz of 256 clocks",
        0x06: "it takes another format than 24 bits, I2S, 64 bit clocks, or is no slave",
        0x0A: "its ADC is not what it sends, or its DAC not what it is sent",
        **_fill("it is muted or attenuated", 0x0E, 0x10, 0x24),
        **_fill("its inputs or outputs have another level", 0x20, 0x22, 0x2E),
        **_fill("its supplies, references or limits are others", 0x26, 0x28, 0x2C, 0x3C),
    },
    mute={0x0E: 3 << 2, 0x24: 1 << 8},
    known={0x00: 0xA011},
    needs_clock=True,
    rests=(Rest(0x02, 0x73, 0x73, 0.4),),
)

_ES8388 = Chip(
    title="ES8388",
    addresses=(0x10, 0x11),
    register_bits=8,
    value_bits=8,
    playing={
        **{0x00: 0x12, 0x01: 0x50, 0x02: 0, 0x03: 0x08, 0x04: 0x3C, 0x08: 0},
        **{0x09: 0, 0x0A: 0, 0x0B: 0x02, 0x0C: 0, 0x0D: 0x02, 0x10: 0, 0x11: 0},
        **{0x17: 0, 0x18: 0x02, 0x19: 0, 0x1A: 0, 0x1B: 0, 0x26: 0, 0x27: 0x90, 0x2A: 0x90},
        **{0x2B: 0x80, 0x2D: 0, 0x2E: 0x1E, 0x2F: 0x1E, 0x30: 0x1E, 0x31: 0x1E},
    },
    names={
        **_fill("something that is needed is off", 0, 1, 2, 3, 4),
        0x08: "it is no slave",
        **_fill("its inputs are others, or not at 0 dB", 9, 0x0A, 0x0B, 0x10, 0x11),
        **_fill("it takes another format than 24 bits, I2S", 0x0C, 0x17),
        **_fill("it runs at another rate than 256 clocks a frame", 0x0D, 0x18, 0x2B),
        **_fill("it is muted or attenuated", 0x19, 0x1A, 0x1B),
        **_fill("its DACs are not what is heard", 0x26, 0x27, 0x2A, 0x2D),
        **_fill("its outputs are not at 0 dB", 0x2E, 0x2F, 0x30, 0x31),
    },
    mute={0x19: 1 << 2},
)

CHIPS: Mapping[str, Chip] = {
    "wm8731": _WM8731,
    "nau88c22": _NAU88C22,
    "sgtl5000": _SGTL5000,
    "es8388": _ES8388,
}
"""By the names of namgen's tables."""


class RegisterCodec:
    """A codec whose registers are written over I2C, as another program may have left it."""

    def __init__(self, chip: Chip) -> None:
        self.chip = chip
        self.needs_clock, self.is_set_late = chip.needs_clock, True
        self.registers = {address: value ^ 1 for address, value in chip.playing.items()}
        self._lost: list[str] = []
        self._busy_until = 0.0

    def take(self, message: Message, seconds: float) -> None:
        """See `I2cCodec.take`."""
        chip, spelled = self.chip, " ".join(f"{byte:02X}" for byte in message)
        register, value = self._parted(message)
        if seconds < self._busy_until:
            self._lost.append(f"the message {spelled} came while it was not to be talked to")
        elif len(message) * 8 != chip.register_bits + chip.value_bits:
            self._lost.append(f"the message {spelled} has another length than a register's")
        elif register == chip.reset:
            self.registers |= chip.defaults
        elif register not in chip.playing:
            self._lost.append(f"the message {spelled} is about a register that is none, or not its")
        else:
            self._set(register, value, seconds)

    def tell(self, asked: Message, count: int) -> Message | None:
        """See `I2cCodec.tell`."""
        chip = self.chip
        register = int.from_bytes(bytes(asked), "big") >> -chip.register_bits % 8
        held = {**self.registers, **chip.known}
        if chip.is_write_only or register not in held or count != -(-chip.value_bits // 8):
            return None
        return tuple(held[register].to_bytes(count, "big"))

    def problems(self) -> list[str]:
        """See `I2cCodec.problems`."""
        digits = -(-self.chip.value_bits // 4)
        found = [
            f"0x{register:02X} is 0x{self.registers[register]:0{digits}X}: "
            f"{self.chip.names[register]}"
            for register, value in self.chip.playing.items()
            if self.registers[register] != value
        ]
        return [f"the {self.chip.title}: {what}" for what in (*self._lost, *found)]

    def _parted(self, message: Message) -> tuple[int, int]:
        bits = int.from_bytes(bytes(message), "big")
        return bits >> self.chip.value_bits, bits & (1 << self.chip.value_bits) - 1

    def _set(self, register: int, value: int, seconds: float) -> None:
        self.registers[register] = value
        for rest in self.chip.rests:
            if rest.register == register and value & rest.mask == rest.value:
                self._busy_until = seconds + rest.seconds


class AnyCodec:
    """A codec of which nothing is known but its table: it takes all, and tells what it was told."""

    def __init__(self, table: CodecTable) -> None:
        self.needs_clock, self.is_set_late = False, True
        self.registers: dict[int, int] = {}
        self._table = table

    def take(self, message: Message, seconds: float) -> None:
        """See `I2cCodec.take`."""
        bits, width = int.from_bytes(bytes(message), "big"), self._table.value_bits
        self.registers[bits >> width] = bits & (1 << width) - 1

    def tell(self, asked: Message, count: int) -> Message | None:
        """See `I2cCodec.tell`."""
        register = int.from_bytes(bytes(asked), "big") >> -self._table.register_bits % 8
        return tuple(self.registers.get(register, 0).to_bytes(count, "big"))

    def problems(self) -> list[str]:
        """See `I2cCodec.problems`."""
        return [
            f"the {self._table.title}: 0x{write.register:02X} is not yet what unmutes it"
            for write in self._table.unmute
            if self.registers.get(write.register) != write.value
        ]
