"""The outputs of a codec, which a pin or its registers hold silent until it is set up."""

from __future__ import annotations

from host_sim.boards import Mute
from host_sim.emulator.core import Core
from host_sim.i2c_codecs import I2cCodec
from host_sim.stm32h750.elapsed import Time
from host_sim.stm32h750.gpio import Pins


class Outputs:
    """Whether what is played comes out.

    Without a `mute`, and with no codec on the I2C that is unmuted later, it always does.
    """

    def __init__(
        self, core: Core, time: Time, pins: Pins, mute: Mute | None, codec: I2cCodec | None
    ) -> None:
        self._core = core
        self._time = time
        self._pins = pins
        self._mute = mute
        self._codec = codec if codec and codec.is_set_late else None
        self._began_s: float | None = None

    def begin(self) -> None:
        """Note that the codec's clocks begin; after a break, which no codec minds much, again."""
        if self._began_s is None:
            self._began_s = self._time.seconds

    def are_heard(self) -> bool:
        """Whether nothing holds them silent.

        Raises:
            EmulationError: nothing does any more, too early.

        """
        if self._codec and self._codec.problems():
            return False
        if self._mute is None:
            return True
        if not self._is_high(self._mute):
            return False
        port, number = self._mute.pin
        let_go = max(e.seconds for e in self._pins.edges if (e.port, e.pin) == (port, number))
        if self._began_s is None or let_go - self._began_s < self._mute.settles_s:
            raise self._error("is let go before the codec has found into its clocks", self._mute)
        return True

    def problem(self) -> str:
        """Say what keeps them silent; empty: nothing."""
        if self._codec and (problems := self._codec.problems()):
            return f", {'; '.join(problems)}"
        if self._mute is None or self._is_high(self._mute):
            return ""
        return f", the codec is muted: P{self._mute.pin[0]}{self._mute.pin[1]} is low"

    def _is_high(self, mute: Mute) -> bool:
        return self._pins.is_high_output(*mute.pin)

    def _error(self, what: str, mute: Mute) -> Exception:
        pin = f"P{mute.pin[0]}{mute.pin[1]}"
        return self._core.error("audio cannot run", f"the mute, {pin}, {what}")
