"""What is timed: the generated C in its layouts, and peers built elsewhere.

A peer is a shared library with this C interface; it loads the `.nam` file itself:

    void *peer_create(const char *nam_path, int max_block);  // NULL: it cannot play this model
    void peer_process(void *peer, const float *in, float *out, int frames);
    void peer_reset(void *peer);  // back to the start state

It should export nothing else: several builds of one C++ library in a process share the symbols
they have in common, and then run each other's code.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable as Function
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.host_timer import Callable, Timer
from host_sim.host_library import host_library
from host_sim.host_plan import compiler_for, plan_here
from namgen.emit import emit
from namgen.errors import ToolError, UnsupportedError
from namgen.ir import Model
from namgen.plan import Plan
from namgen.selection.plans import plan_model
from namgen.toolchain import HostCc

PEDAL = "namgen pedal"
"""The layout that every other engine's output is compared with."""


@dataclass(frozen=True, slots=True, eq=False)
class Engine:
    """One model, ready to play in blocks of one size."""

    name: str
    is_ours: bool
    callable: Callable
    reset: Function[[], None]
    keep: tuple[object, ...]  # what must live as long as the C may call it


@dataclass(frozen=True, slots=True)
class Layout:
    """A way to plan the generated C."""

    name: str
    target: str | None  # None: the plan of a pedal, without placement
    compiler: str = "auto"
    opt: str = "-O2"

    def plan(self, model: Model, block_frames: int) -> Plan:
        """Plan `model`, laid out for blocks of `block_frames`."""
        if self.target is None:
            return plan_model(model, block_frames=block_frames)
        return plan_here(model, block_frames=block_frames)


LAYOUTS = (
    Layout(PEDAL, None),
    Layout("namgen host", "host"),
    Layout("namgen host, clang", "host", compiler="clang"),
)
"""Ours, in the order of the table; what is the same C by the same compiler, or has none, is not."""


@dataclass(frozen=True, slots=True, eq=False)
class Peer:
    """A library of somebody else's, loaded."""

    name: str
    library: ctypes.CDLL

    def engine(self, model_file: Path, block_frames: int) -> Engine | None:
        """Load a model; None when the peer cannot play it."""
        create, reset = self.library.peer_create, self.library.peer_reset
        create.restype, create.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_int]
        reset.restype, reset.argtypes = None, [ctypes.c_void_p]
        state = create(str(model_file).encode(), block_frames)
        if not state:
            return None
        process = ctypes.cast(self.library.peer_process, ctypes.c_void_p)
        made = Callable(process, ctypes.c_void_p(state))
        return Engine(self.name, False, made, lambda: reset(state), (self.library,))


def load_peer(spec: str) -> Peer | None:
    """Load `name=path`; None when there is no such file.

    Raises:
        UnsupportedError: the text has another form.
        ToolError: the file is no library, or lacks a function of the interface.

    """
    name, separator, path = spec.partition("=")
    if not (name and separator and path):
        raise UnsupportedError(f"peer: expected NAME=LIBRARY, found {spec!r}")
    if not Path(path).is_file():
        return None
    try:
        library = ctypes.CDLL(str(Path(path).resolve()))
        for symbol in ("peer_create", "peer_process", "peer_reset"):
            getattr(library, symbol)
    except (OSError, AttributeError) as error:
        raise ToolError(f"peer {name}: expected a library with {_INTERFACE}, found: {error}") from (
            error
        )
    return Peer(name, library)


_INTERFACE = "peer_create, peer_process and peer_reset"


def our_engines(model: Model, block_frames: int, timer: Timer) -> Iterable[Engine]:
    """Compile every layout that gives code of its own."""
    seen: list[tuple[dict[str, str], str]] = []
    for layout in LAYOUTS:
        planned = layout.plan(model, block_frames)
        files, compiler = emit(planned), _compiler(layout, planned)
        if compiler is not None and (files, compiler.version) not in seen:
            seen.append((files, compiler.version))
            yield _compiled(layout, planned, files, compiler, timer)


def _compiler(layout: Layout, planned: Plan) -> HostCc | None:
    """Return the layout's compiler; None where this machine does not have the one that it names."""
    try:
        return compiler_for(planned, layout.compiler)
    except ToolError:
        if layout.compiler == "auto":
            raise
        return None


def _compiled(
    layout: Layout, planned: Plan, files: dict[str, str], compiler: HostCc, timer: Timer
) -> Engine:
    name = planned.name
    library = ctypes.CDLL(str(host_library(files, name, compiler=compiler, opt=layout.opt)))
    process = ctypes.cast(getattr(library, f"nam_{name}_process"), ctypes.c_void_p)
    reset = getattr(library, f"nam_{name}_reset")
    reset.restype, reset.argtypes = None, []
    # host_call_model reads the function's address from where its state points.
    made = Callable(timer.call_model, ctypes.cast(ctypes.pointer(process), ctypes.c_void_p))
    return Engine(layout.name, True, made, reset, (library, process))
