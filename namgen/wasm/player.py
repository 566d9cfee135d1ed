"""What a module exports: a model or a pedal between two arrays, spelled as C."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from namgen.c_text import in_comment, tidy
from namgen.firmware import Surroundings
from namgen.plan.any_plan import AnyPlan
from namgen.plan.fixed import FixedPlan
from namgen.version import VERSION

FILES = ("player.h", "player.c")

_ALWAYS = (
    *("input", "output", "block_frames", "whole_blocks", "sample_rate_hz", "in_channels"),
    *("out_channels", "reset", "process"),
)
_OF_PANELS = ("set_knob", "set_switch", "lit", "effect", "mute", "capture")
_SOUND = ("reset", "set", "use_gate", "bypass", "choose", "use_cabinet")

_CONTROL = "pedal/control.c"
"""Of the firmware: reads the panel once in a tick and tells the sound."""

_WIRING = {"board_wiring.h": "/* No board, and so no way into an update mode. */\n"}


@dataclass(frozen=True, slots=True, eq=False)
class Player:
    """The C of a module, what of it a program calls, and how it is compiled."""

    files: Mapping[str, str]  # beside the model's and the sound's
    exports: tuple[str, ...]
    opt: str
    patterns: tuple[str, ...] = ()  # of `firmware_sources`
    defines: Mapping[str, str] | None = None


def player(
    planned: AnyPlan,
    *,
    title: str,
    block_frames: int,
    surroundings: Surroundings | None = None,
    sound_header: str = "",
) -> Player:
    """Spell what plays a model by itself, or with `surroundings` the pedal around it.

    `sound_header` is the text of ``sound.h``: its functions are exported, too.
    """
    if surroundings is None:
        own = _spelled(planned, title, block_frames, plays=f"nam_{planned.name}")
        return Player(own, _named((*_ALWAYS, "self_test")), _opt(planned))
    has_panel = bool(surroundings.wiring)
    own = _spelled(
        planned, title, block_frames, plays=surroundings.plays, sound=True, controls=has_panel
    )
    told = tuple(f"sound_{name}" for name in _SOUND if f"void sound_{name}(" in sound_header)
    exports = (*_named(_ALWAYS), *(_named(_OF_PANELS) if has_panel else ()), *told)
    patterns = (*surroundings.sources, *((_CONTROL,) if has_panel else ()))
    kept = [
        source for source in patterns if source.partition("/")[0] in ("chain", "controls", "pedal")
    ]
    wiring = _WIRING if has_panel else {}
    defines = {"PEDAL_HAS_PANEL": "1"} if has_panel else None
    return Player({**own, **wiring}, exports, _opt(planned), tuple(kept), defines)


def _opt(planned: AnyPlan) -> str:
    """Ask for few bytes where that costs no time; it does where vectors hold integers."""
    return "-O2" if isinstance(planned, FixedPlan) else "-Os"


def _named(functions: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"player_{name}" for name in functions)


def _spelled(planned: AnyPlan, title: str, block_frames: int, **names: object) -> dict[str, str]:
    from namgen.emit import template_environment  # slow to load

    environment = template_environment()
    environment.filters |= {"in_comment": in_comment}
    environment.globals |= {
        "plan": planned,
        "title": title,
        "block_frames": block_frames,
        "sound": False,
        "controls": False,
        "version": VERSION,
        **names,
    }
    folder = "packages/wasm"
    return {file: tidy(environment.get_template(f"{folder}/{file}.j2").render()) for file in FILES}
