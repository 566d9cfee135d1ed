"""What every network of the reference can do."""

from __future__ import annotations

from typing import Protocol

from namgen.arithmetic import Elements
from namgen.start_state import Settled


class Runner(Protocol):
    """A network with its memories."""

    def run(self, x: Elements) -> Elements:
        """Process x (in_channels, frames), no more frames than it was made for."""

    def settle(self, x: Elements) -> Elements:
        """Take the state that endless x (in_channels, 1) leads to; returns the output then."""

    def load(self, start: Settled) -> None:
        """Take the state `start`."""

    def state(self) -> Settled:
        """The state after `settle`."""
