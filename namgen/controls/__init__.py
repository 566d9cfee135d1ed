"""The controls: what is between a board's panel and the sound.

`plan_controls` decides it as data, `emit` and `wiring` spell that as C for `firmware/controls/` and
`firmware/panel/`, `twin` does the same in Python.
"""

from namgen.controls.plan import ControlsPlan, plan_controls

__all__ = ["ControlsPlan", "plan_controls"]
