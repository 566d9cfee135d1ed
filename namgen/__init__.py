"""Compiles Neural Amp Modeler captures to fixed-size C and pedal firmware.

The five stages, as functions::

    file = namgen.read("tweed.nam")         # what the file says, checked
    model = namgen.lower(file)              # the network to compute
    planned = namgen.plan(model)            # names, sizes, order and places of the C
    texts = namgen.emit(planned)            # file name to text
    report = namgen.build("tweed.nam")      # all of it, and the firmware, in a folder

Each is imported when it is first used, so that the commands start quickly.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

from namgen.version import VERSION

TYPE_CHECKING = False  # typing's own takes as long to import as all else before signals are taken
if TYPE_CHECKING:
    from typing import Any

    from namgen.build import BuildReport, build
    from namgen.emit import emit
    from namgen.errors import NamgenError
    from namgen.lower import lower
    from namgen.nam_file import read
    from namgen.selection.plans import plan_model as plan

__version__ = VERSION

__all__ = [
    "BuildReport",
    "NamgenError",
    "__version__",
    "build",
    "emit",
    "lower",
    "plan",
    "read",
]

_STAGES = {
    "BuildReport": ("namgen.build", "BuildReport"),
    "NamgenError": ("namgen.errors", "NamgenError"),
    "build": ("namgen.build", "build"),
    "emit": ("namgen.emit", "emit"),
    "lower": ("namgen.lower", "lower"),
    "plan": ("namgen.selection.plans", "plan_model"),
    "read": ("namgen.nam_file", "read"),
}
"""Public name to the module it is in, and its name there."""


class _Package(ModuleType):
    """The package; its stages keep their names also when modules called the same are imported."""

    def __getattr__(self, name: str) -> Any:
        if name not in _STAGES:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        module, attribute = _STAGES[name]
        value = getattr(import_module(module), attribute)
        super().__setattr__(name, value)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        """Importing `namgen.lower` must not put the module in the place of the function."""
        if name not in _STAGES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_STAGES})


sys.modules[__name__].__class__ = _Package
