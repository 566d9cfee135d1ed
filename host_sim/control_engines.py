"""The controls' C, as this machine runs it and as an emulated Cortex-M7 does.

The sound before them only notes what it is told.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from pathlib import Path

from host_sim.chain_engines import LINKED_ALONE
from host_sim.generated_library import Loaded, generated_library, write_sources
from namgen.controls.emit import emit_controls
from namgen.controls.plan import ControlsPlan
from namgen.controls.twin import Event, PanelInputs, PanelOutputs
from namgen.resources import firmware_sources
from namgen.scratch import scratch_folder
from namgen.toolchain import CrossToolchain, HostCc, find_cross, find_host

_FUNCTIONS = ("sound_set", "sound_bypass", "sound_choose", "sound_use_cabinet", "sound_use_gate")

_HEADER = """\
#include <stdbool.h>
#include <stddef.h>
enum chain_parameter {{ {parameters} }};
void sound_set(enum chain_parameter parameter, float position);
void sound_bypass(bool bypassed);
void sound_choose(size_t capture);
void sound_use_cabinet(bool used);
void sound_use_gate(bool used);
"""

NOTES = """\
#include "sound.h"
#define MOST 64
extern struct told { int function; int number; float value; } told[MOST];
extern int told_count;
struct told told[MOST];
int told_count;
static void note(int function, int number, float value)
{
    const struct told found = { function, number, value };
    if (told_count < MOST) {
        told[told_count] = found;
    }
    told_count++;
}
void sound_set(enum chain_parameter p, float position) { note(0, (int)p, position); }
void sound_bypass(bool bypassed) { note(1, bypassed, 0.0f); }
void sound_choose(size_t capture) { note(2, (int)capture, 0.0f); }
void sound_use_cabinet(bool used) { note(3, used, 0.0f); }
void sound_use_gate(bool used) { note(4, used, 0.0f); }
"""

_ROOM = """\
#include "controls.h"
extern struct panel_inputs panel_in;
extern struct panel_outputs panel_out;
extern struct controls_start panel_start;
struct panel_inputs panel_in;
struct panel_outputs panel_out;
struct controls_start panel_start;
"""

_DECLARED = """\
struct panel_inputs { uint32_t closed; uint16_t codes[16]; bool late; };
struct panel_outputs { uint32_t lit; bool effect; bool mute; bool update; size_t capture; };
struct controls_start { size_t capture; };
struct told { int function; int number; float value; };
extern struct told told[64];
extern int told_count;
void controls_reset(const struct controls_start *);
void controls_tick(const struct panel_inputs *, struct panel_outputs *);
"""

_INPUTS, _OUTPUTS, TOLD = "<I16HB3x", "<I???xI", "<iif"
"""The structs as a Cortex-M7 has them."""


def event_of(plan: ControlsPlan, function: int, number: int, value: float) -> Event:
    """Say what one entry of the sound's notes is about."""
    name = _FUNCTIONS[function]
    if name == "sound_set":
        return (name, plan.parameters[number], value)
    return (name, number if name == "sound_choose" else bool(number))


class ControlsEngine(ABC):
    """The compiled controls; every instance has a state of its own."""

    def __init__(self, plan: ControlsPlan) -> None:
        self.plan = plan

    @abstractmethod
    def reset(self, capture: int = 0) -> None:
        """Return to the start; `capture` was chosen last."""

    @abstractmethod
    def tick(self, inputs: PanelInputs) -> PanelOutputs:
        """Do one tick."""


class HostControls(ControlsEngine):
    """The controls compiled for this machine."""

    def __init__(self, plan: ControlsPlan, *, compiler: HostCc | None = None) -> None:
        super().__init__(plan)
        chosen = compiler or find_host()
        library = generated_library("controls", _texts(plan), chosen, patterns=_own(plan))
        self._loaded = Loaded(library, _DECLARED)
        self.reset()

    def reset(self, capture: int = 0) -> None:
        """See `ControlsEngine`."""
        self._loaded.code.controls_reset(self._loaded.ffi.new("struct controls_start *", [capture]))

    def tick(self, inputs: PanelInputs) -> PanelOutputs:
        """See `ControlsEngine`."""
        given = self._loaded.ffi.new(
            "struct panel_inputs *", [inputs.closed, list(inputs.codes), inputs.late]
        )
        out = self._loaded.ffi.new("struct panel_outputs *")
        self._loaded.code.told_count = 0
        self._loaded.code.controls_tick(given, out)
        told = [self._loaded.code.told[number] for number in range(self._loaded.code.told_count)]
        events = (event_of(self.plan, each.function, each.number, each.value) for each in told)
        return PanelOutputs(out.lit, out.effect, out.mute, out.update, out.capture, tuple(events))


class EmulatedControls(ControlsEngine):
    """The controls as machine code of a Cortex-M7."""

    def __init__(self, plan: ControlsPlan, *, toolchain: CrossToolchain | None = None) -> None:
        from host_sim.emulator.core import Core

        super().__init__(plan)
        self.core = Core()
        self.core.load(machine_code(plan, toolchain or find_cross()))
        self.reset()

    def reset(self, capture: int = 0) -> None:
        """See `ControlsEngine`."""
        self._write("panel_start", struct.pack("<I", capture))
        self.core.call("controls_reset", self.core.image.address("panel_start"))

    def tick(self, inputs: PanelInputs) -> PanelOutputs:
        """See `ControlsEngine`."""
        codes = [*inputs.codes, *[0] * (16 - len(inputs.codes))]
        self._write("panel_in", struct.pack(_INPUTS, inputs.closed, *codes, inputs.late))
        self._write("told_count", bytes(4))
        addresses = [self.core.image.address(name) for name in ("panel_in", "panel_out")]
        self.core.call("controls_tick", *addresses)
        (count,) = struct.unpack("<i", self._read("told_count", 4))
        size = struct.calcsize(TOLD)
        told = struct.iter_unpack(TOLD, self._read("told", count * size))
        found = struct.unpack(_OUTPUTS, self._read("panel_out", struct.calcsize(_OUTPUTS)))
        lit, effect, mute, update, chosen = found
        events = tuple(event_of(self.plan, *each) for each in told)
        return PanelOutputs(lit, effect, mute, update, chosen, events)

    def _write(self, symbol: str, data: bytes) -> None:
        self.core.memory.write(self.core.image.address(symbol), data)

    def _read(self, symbol: str, count: int) -> bytes:
        return self.core.memory.read(self.core.image.address(symbol), count)


def machine_code(plan: ControlsPlan, toolchain: CrossToolchain) -> bytes:
    """Compile and link the controls alone to an ELF image.

    Raises:
        ToolError: the C does not compile, or it needs a function it does not contain.

    """
    with scratch_folder() as folder:
        sources, dirs = write_controls(plan, folder)
        sources += firmware_sources(("core/freestanding.c",))
        objects = [folder / f"{source.stem}.o" for source in sources]
        for source, out in zip(sources, objects, strict=True):
            toolchain.compile(source, out, include_dirs=dirs, defines={})
        script = folder / "controls.ld"
        script.write_text(LINKED_ALONE, encoding="utf-8")
        toolchain.link(objects, script, folder / "controls.elf")
        return (folder / "controls.elf").read_bytes()


def write_controls(plan: ControlsPlan, folder: Path) -> tuple[list[Path], list[Path]]:
    """Write the generated files and a sound that notes; return C files, and folders of headers."""
    return write_sources(_texts(plan), _own(plan), folder)


def _own(plan: ControlsPlan) -> list[str]:
    """The controls' files among those that the firmware links."""
    return [source for source in plan.sources if source.startswith("controls/")]


def _texts(plan: ControlsPlan) -> dict[str, str]:
    parameters = ", ".join(f"CHAIN_{name.upper()}" for name in plan.parameters) or "CHAIN_NONE"
    header = _HEADER.format(parameters=parameters)
    notes = {"sound.h": header, "sound.c": NOTES, "room.c": _ROOM}
    return {**emit_controls(plan), **notes}
