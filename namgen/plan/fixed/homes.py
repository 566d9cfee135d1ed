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

    @property
    def saves_floats(self) -> bool:
        """Whether it uses registers that a function gives back as it found them."""
        return self.floats > SAVED_FROM

    @property
    def last_saved(self) -> int:
        """The last of them; they are saved in pairs, so that the stack stays aligned."""
        return (self.floats + self.floats % 2) - 1

    @property
    def frame_bytes(self) -> int:
        """Of its stack frame."""
        return 8 * ((self.stack_words + 1) // 2)

    @property
    def call_offset(self) -> int:
        """Where the pointer to the call lies, from the end of the stack."""
        saved_bytes = 4 * (self.last_saved + 1 - SAVED_FROM) if self.saves_floats else 0
        return self.frame_bytes + saved_bytes

    def stack_offset(self, name: str) -> int:
        """Where a word of the stack lies.

        Raises:
            TypeError: the name lives in a register.

        """
        home = self.names[name]
        if not isinstance(home, StackWord):
            raise TypeError(f"{name} lives in {home}")
        return home.offset

    def _float(self) -> str:
        self.floats += 1
        return f"s{self.floats - 1}"

    def _word(self) -> StackWord:
        self.stack_words += 1
        return StackWord(4 * (self.stack_words - 1))
