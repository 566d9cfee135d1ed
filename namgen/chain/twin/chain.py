"""The whole chain: the generated `chain.c`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from namgen.arithmetic import F32
from namgen.chain import gains
from namgen.chain.plan import ChainPlan
from namgen.chain.twin.cabinet import Cabinet, cabinet_twin
from namgen.chain.twin.equaliser import Equaliser
from namgen.chain.twin.gain import Gain
from namgen.chain.twin.gate import Gate
from namgen.chain.twin.rest import Bypass, Changeover, HighPass, guard_model, guard_output


class ChainTwin:
    """Computes what the C of a plan computes; functions go by their names there."""

    def __init__(self, plan: ChainPlan) -> None:
        rate_hz = plan.sample_rate_hz
        self.plan = plan
        self._trim, self._level = Gain(gains.INPUT_TRIM, rate_hz), Gain(gains.LEVEL, rate_hz)
        self._gate, self._equaliser = Gate(rate_hz), Equaliser(rate_hz)
        self._high_pass, self._bypass = HighPass(rate_hz), Bypass()
        self._changeover, self._uses_cabinet = Changeover(), True
        self._cabinet: Cabinet | None = None
        if plan.cabinet is not None:
            self._cabinet = cabinet_twin(plan.cabinet, [r.taps for r in plan.responses])
        self.reset()

    def reset(self) -> None:
        """Return to silence; knobs stand where they were set."""
        self.forget()
        if self._cabinet is not None:
            self._cabinet.reset()

    def forget(self) -> None:
        """Return to silence with all but the cabinet, which takes long."""
        blocks = self._trim, self._level, self._gate, self._equaliser
        for block in (*blocks, self._high_pass, self._changeover, self._bypass):
            block.reset()

    def ring(self, frames: int) -> None:
        """Let the cabinet hear silence, and nobody hear the cabinet."""
        if self._cabinet is not None:
            self._cabinet.process(np.zeros(frames, np.float32))

    def turn(self, parameter: str, position: float) -> None:
        """Turn a knob; position 0 to 1."""
        self._knobs[parameter](position)

    def call(self, function: str, argument: float) -> None:
        """Tell a block what is no position of a knob."""
        functions: Mapping[str, Callable[[float], None]] = {
            "input_trim_calibrate": self._trim.for_capture,
            "level_normalise": self._level.for_capture,
            "bypass_set": lambda bypassed: self._bypass.set(int(bypassed)),
            "changeover_silence": lambda wanted: self._changeover.silence(int(wanted)),
        }
        if self._cabinet is not None and function.startswith("cabinet_"):
            self._cabinet.use(int(argument))
        else:
            functions[function](argument)

    def use_cabinet(self, used: bool) -> None:
        """See `chain_use_cabinet` in C."""
        self._uses_cabinet = used

    def reset_gains(self) -> None:
        """Let input trim and level be at once what knob and capture want."""
        self._trim.reset()
        self._level.reset()

    def reset_changeover(self) -> None:
        """See `changeover_reset` in C."""
        self._changeover.reset()

    @property
    def is_silent(self) -> bool:
        """See `changeover_is_silent` in C."""
        return self._changeover.is_silent

    @property
    def bypass_is_wanted(self) -> bool:
        """Whether the switch is at the guitar, however far the fade has come."""
        return self._bypass.is_wanted

    @property
    def bypass_is_complete(self) -> bool:
        """See `bypass_is_complete` in C."""
        return self._bypass.is_complete

    def before_model(self, samples: F32) -> F32:
        """From the codec to the model: whole blocks, (frames,)."""
        for function in self.plan.before_model:
            samples = self.run(function, samples)
        return samples

    def after_model(self, samples: F32) -> F32:
        """From the model to the codec: the same frames, (frames,)."""
        for function in self.plan.after_model:
            samples = self.run(function, samples)
        return samples

    def play(self, samples: F32, model: Callable[[F32], F32]) -> F32:
        """From the codec to the codec, (frames,): whole blocks, the model between."""
        size = self.plan.block_frames
        parts = (samples[start : start + size] for start in range(0, len(samples), size))
        return np.concatenate([self.after_model(model(self.before_model(part))) for part in parts])

    def run(self, function: str, samples: F32) -> F32:
        """Give whole blocks to one function of the C."""
        if self._cabinet is not None and function.startswith("cabinet_"):
            heard = self._cabinet.process(samples)
            return heard if self._uses_cabinet else samples
        return self._functions[function](samples)

    @property
    def _functions(self) -> Mapping[str, Callable[[F32], F32]]:
        return {
            "bypass_listen": self._bypass.listen,
            "input_trim_process": self._trim.process,
            "gate_listen": self._gate.listen,
            "guard_model": guard_model,
            "gate_process": self._gate.process,
            "equaliser_process": self._equaliser.process,
            "high_pass_process": self._high_pass.process,
            "level_process": self._level.process,
            "changeover_process": self._changeover.process,
            "bypass_process": self._bypass.process,
            "guard_output": guard_output,
        }

    @property
    def _knobs(self) -> Mapping[str, Callable[[float], None]]:
        tones = {name: band.knob.turn for name, band in self._equaliser.filters.items()}
        own = {"input": self._trim.turn, "gate": self._gate.knob.turn, "level": self._level.turn}
        return {**own, **tones}
