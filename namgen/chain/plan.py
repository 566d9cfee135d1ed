"""The signal chain as data: which blocks, in which order, how large, where, at what cost."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from namgen.blocks import DEFAULT_BLOCK_FRAMES, check_block
from namgen.chain.blocks import (
    AFTER_MODEL,
    BEFORE_MODEL,
    BLOCKS,
    Block,
    BlockName,
    Call,
    Function,
    Parameter,
)
from namgen.chain.cabinet import FAST_BYTES, CabinetPlan, Method, plan_cabinet
from namgen.chain.step import STEP_FRAMES
from namgen.chain.turns import F64
from namgen.errors import UnsupportedError

SAMPLE_RATE_HZ = 48_000
WITHOUT_CABINET: frozenset[BlockName] = frozenset(
    block.name for block in BLOCKS if block.name not in ("cabinet", "changeover")
)
"""What a chain has where nobody says otherwise; there is nothing that it would change over."""

_UNHEARD_CYCLES = 4.0
"""Of a frame that a cabinet gets beside the one that is heard."""

_CALL_CYCLES = 27.0
"""Of the chain's own two functions, a block."""


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """An impulse response as it is played: at the chain's rate and level."""

    name: str
    taps: F64  # (taps,), the first one first


@dataclass(frozen=True, slots=True)
class ChainPlan:
    """Everything that the C of the chain has to know."""

    block_frames: int
    sample_rate_hz: int
    blocks: tuple[Block, ...]
    cabinet: CabinetPlan | None = None
    responses: tuple[Response, ...] = ()

    @property
    def unit_frames(self) -> int:
        """Frames of which every call has a multiple."""
        return self.cabinet.unit_frames if self.cabinet else STEP_FRAMES

    @property
    def names(self) -> frozenset[BlockName]:
        """Names of the blocks that are built in."""
        return frozenset(block.name for block in self.blocks)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What knobs can be put on."""
        return tuple(parameter for block in self.blocks for parameter in block.parameters)

    @property
    def before_model(self) -> Mapping[str, Call]:
        """What happens to the codec's samples before the model, by the names in C."""
        return self._built(BEFORE_MODEL)

    @property
    def after_model(self) -> Mapping[str, Call]:
        """What happens to the model's samples before the codec, by the names in C."""
        return self._built(AFTER_MODEL)

    @property
    def switches_cabinet(self) -> bool:
        """Whether the cabinet can be left out while it plays."""
        return self.cabinet is not None and "changeover" in self.names

    @property
    def sources(self) -> tuple[str, ...]:
        """The C files of the blocks, as patterns of `firmware_sources`."""
        found = tuple(f"chain/{block.prefix}.c" for block in self.blocks)
        if self.cabinet is None or self.cabinet.head is None:
            return found
        return (*found, "chain/partitioned.c", "chain/skew_transform.c")

    @property
    def cycles_per_frame(self) -> float:
        """Predicted for a Cortex-M7: of the worst block, with every knob moving."""
        own = sum(block.cycles(self.block_frames) for block in self.blocks)
        own += _CALL_CYCLES / self.block_frames
        own += _UNHEARD_CYCLES if self.switches_cabinet else 0.0
        return own + (self.cabinet.cycles_per_frame if self.cabinet else 0.0)

    @property
    def fixed_bytes(self) -> int:
        """What tables and state take of DTCM, but for a cabinet's spectra."""
        unheard = 4 * self.block_frames if self.switches_cabinet else 0
        return unheard + sum(
            block.dtcm_bytes + block.dtcm_bytes_per_frame * self.block_frames
            for block in self.blocks
        )

    def _built(self, calls: tuple[Call, ...]) -> Mapping[str, Call]:
        prefixes = {block.name: block.prefix for block in self.blocks}
        there = (call for call in calls if call.block in prefixes)
        return {f"{prefixes[call.block]}_{call.verb}": call for call in there}

    @property
    def functions(self) -> Mapping[str, Function]:
        """What single blocks can be told beside positions of knobs, by the names in C."""
        pairs = ((block.prefix, function) for block in self.blocks for function in block.others)
        return {f"{prefix}_{function.verb}": function for prefix, function in pairs}


def plan_chain(
    *,
    block_frames: int = DEFAULT_BLOCK_FRAMES,
    sample_rate_hz: int = SAMPLE_RATE_HZ,
    names: Collection[BlockName] = WITHOUT_CABINET,
    responses: Sequence[Response] = (),
    fast_bytes: int = FAST_BYTES,
    method: Method | None = None,
) -> ChainPlan:
    """Plan the chain of these blocks, and of a cabinet where there are responses.

    `fast_bytes` of DTCM are the cabinet's; `method` is how it is to convolve, where somebody wants
    another way than that which takes the fewest cycles.

    Raises:
        UnsupportedError: the chain cannot work in blocks of this size.

    """
    check_block(block_frames)
    if block_frames % STEP_FRAMES:
        raise UnsupportedError(
            f"block: expected a multiple of {STEP_FRAMES} frames, in which the signal chain works, "
            f"found {block_frames}"
        )
    if not responses:
        blocks = tuple(block for block in BLOCKS if block.name in names and block.name != "cabinet")
        return ChainPlan(block_frames, sample_rate_hz, blocks)
    cabinet = plan_cabinet(
        max(len(response.taps) for response in responses),
        block_frames=block_frames,
        responses=len(responses),
        fast_bytes=fast_bytes,
        method=method,
    )
    blocks = tuple(
        replace(block, prefix=f"cabinet_{cabinet.method}") if block.name == "cabinet" else block
        for block in BLOCKS
        if block.name in {*names, "cabinet"}
    )
    return ChainPlan(block_frames, sample_rate_hz, blocks, cabinet, tuple(responses))
