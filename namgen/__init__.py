"""Compiles Neural Amp Modeler captures to fixed-size C and pedal firmware.

The five stages, as functions::

    file = namgen.read("tweed.nam")         # what the file says, checked
    model = namgen.lower(file)              # the network to compute
    planned = namgen.plan(model)            # names, sizes, order and places of the C
    texts = namgen.emit(planned)            # file name to text
    report = namgen.build("tweed.nam")      # all of it, and the firmware, in a folder
"""

from __future__ import annotations

from namgen.build import BuildReport, build
from namgen.emit import emit
from namgen.errors import NamgenError
from namgen.lower import lower
from namgen.nam_file import read
from namgen.selection import plan_model as plan
from namgen.version import VERSION

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
