"""Where a kernel keeps what outlives the core registers: float registers first, then its stack."""

from __future__ import annotations

from dataclasses import dataclass, field

FLOAT_REGISTERS = 32
SAVED_FROM = 16  # a function gives s16 to s31 back as it found them


@dataclass(frozen=True, slots=True)
class StackWord:
    """A word of the kernel's stack frame."""

    offset: int


@dataclass(slots=True)
class Homes:
    """The homes of one kernel, handed out in order."""

    names: dict[str, str | StackWord] = field(default_factory=dict)
    floats: int = 0
    stack_words: int = 0

    def add(self, *names: str) -> None:
        """Give every name a home; all of them on the stack where not all fit the registers."""
        fit = self.floats + len(names) <= FLOAT_REGISTERS
        for name in names:
            self.names[name] = self._float() if fit else self._word()

    def _float(self) -> str:
        self.floats += 1
        return f"s{self.floats - 1}"

    def _word(self) -> StackWord:
        self.stack_words += 1
        return StackWord(4 * (self.stack_words - 1))
