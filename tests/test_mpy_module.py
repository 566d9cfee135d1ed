"""A native module plays the reference's bits wherever it is, and refuses what it cannot play."""

from __future__ import annotations

from collections.abc import Callable

import fixed_networks
import numpy as np
import pytest
from generated_c import reference_output, signal_of, small_model
from mpy_programs import ARM, EVERY, made, module_of, need

from host_sim.codec import codes_of_samples, samples_of_codes
from host_sim.compare import compare, play
from host_sim.engines import ReferenceEngine
from host_sim.mpy.engine import ModuleEngine, machine_for
from host_sim.mpy.interpreter import Interpreter, PythonError
from host_sim.mpy.machine import Places
from host_sim.signals import Partition
from namgen.fixed.reference import FixedReference
from namgen.ir import Conv1d, Linear, Model
from namgen.mpy.format import Base, parse
from namgen.mpy.make import MadeModule
from namgen.plan.fixed import plan_fixed
from namgen.selection.plans import plan_model
from namgen.targets import MODULE, load_target

MONO, STEREO, SMALL = "two_arrays", "lstm", "convnet"
CALLS = Partition("calls", (17, 48, 100, 1))


def engine_of(network: str, found: MadeModule, places: Places | None = None) -> ModuleEngine:
    channels = small_model(network).network.out_channels
    return ModuleEngine(found.module, places=places, out_channels=channels)


@pytest.mark.parametrize(
    ("network", "arch", "tool"),
    [(MONO if way[0] in ARM else SMALL, *way) for way in EVERY] + [(STEREO, "armv7emdp", "zig")],
)
def test_a_module_plays_the_reference_s_bits_in_two_places(
    network: str, arch: str, tool: str
) -> None:
    found, model = module_of(network, arch, tool), small_model(network)
    samples = signal_of(model)
    expected = reference_output(model, samples)
    module = parse(found.data, "small.mpy")
    for places in machine_for(module).places:
        engine = engine_of(network, found, places)
        tally = compare(expected, play(engine, samples, CALLS), signal="all", blocks="mixed")
        assert tally.is_exact, (places, tally.first)


@pytest.mark.parametrize("tool", ["zig", "gcc"])
@pytest.mark.parametrize("arch", ARM)
def test_integers_play_the_reference_s_bits(arch: str, tool: str) -> None:
    """A Cortex-M7 runs machine code in an order of namgen's, a Cortex-M4F portable C."""
    need(tool, arch)
    network = fixed_networks.chance_network((6, 3, 6), (1, 3, 30), fed_back=(2,))
    test = fixed_networks.self_test_of(network)
    planned = plan_fixed(fixed_networks.model_of(), network, test)
    engine = ModuleEngine(made(planned, arch, tool).module)
    samples = fixed_networks.noise(400)
    expected = FixedReference(network).process(samples[None])[0]
    found = play(engine, samples[:, None], CALLS)[:, 0]
    assert compare(expected[:, None], found[:, None], signal="", blocks="").is_exact


# ---- words of a codec


def gain(value: float) -> Model:
    weight = np.full((1, 1, 1), value, np.float32)
    return Model("gain", "gain.nam", "0" * 64, 48000, Linear(Conv1d(weight)))


WORDS = np.array(
    [0, 1, -1, 127, 128, 129, 255, 256, -128, -129, 384, -384, 0x7FFFFFFF, -0x80000000, 0x7FFFFF80,
     0x40000000, 0x12345678, -0x12345678, 0x7FFFFE00, -0x7FFFFF00, 5 << 8, -(5 << 8)],
    np.int32,
)[:, None]  # fmt: skip


@pytest.mark.parametrize("arch", ["armv7emdp", "x64"])
@pytest.mark.parametrize("value", [1.0, 0.5, 1.5, 3.0, -1.0, 1 / 1024])
def test_words_are_heard_whole_and_played_as_24_bits_to_the_left(value: float, arch: str) -> None:
    model = gain(value)
    engine = ModuleEngine(gain_module(value, arch).module)
    expected = codes_of_samples(
        ReferenceEngine(model).process(samples_of_codes(WORDS, bits=32)), bits=24
    )
    assert (engine.process_words(WORDS) == expected * 256).all()


@pytest.mark.parametrize("arch", ["armv7emsp"])
def test_words_of_many_blocks_may_be_played_in_place(arch: str) -> None:
    model = small_model(MONO)
    words = np.random.default_rng(3).integers(-(1 << 31), 1 << 31, (150, 1)).astype(np.int32)
    expected = codes_of_samples(
        ReferenceEngine(model).process(samples_of_codes(words, bits=32)), bits=24
    )
    python = ModuleEngine(module_of(MONO, arch).module).python
    buffer = python.buffer(words, code="i")
    python.call("process_i32", buffer, buffer)
    assert (np.frombuffer(python.content(buffer), "<i4") == expected[:, 0] * 256).all()


def gain_module(value: float, arch: str) -> MadeModule:
    planned = plan_model(gain(value), target=load_target(MODULE, arch))
    return made(planned, arch)


# ---- what Python sees


@pytest.fixture(params=["armv7emdp", "x64"])
def python(request: pytest.FixtureRequest) -> Interpreter:
    return ModuleEngine(module_of(MONO, request.param).module).python


def test_a_module_says_what_it_is(python: Interpreter) -> None:
    names = ("SAMPLE_RATE", "MAX_BLOCK", "RECEPTIVE_FIELD")
    assert [python.number(name) for name in names] == [48000, 48, 33]
    functions = {"reset", "process", "process_i32", "self_test"}
    assert set(python.globals) == {*names, *functions}


def test_a_module_tests_itself(python: Interpreter) -> None:
    assert python.call("self_test") == 0


def test_playing_in_place_is_playing(python: Interpreter) -> None:
    samples = signal_of(small_model(MONO))[:200]
    python.call("reset")
    buffer = python.buffer(samples)
    python.call("process", buffer, buffer)
    expected = reference_output(small_model(MONO), samples)
    assert python.content(buffer) == expected.tobytes()


def test_reset_goes_back_to_the_settled_start(python: Interpreter) -> None:
    samples = signal_of(small_model(MONO))[:200]
    contents = []
    for _ in range(2):
        heard, out = python.buffer(samples, code="f"), python.buffer(samples * 0, code="f")
        python.call("process", heard, out)
        contents.append(python.content(out))
        python.call("reset")
    assert contents[0] == contents[1]


FLOATS, WORDS_OF = np.zeros(8, np.float32), np.zeros(8, np.int32)


def shifted(python: Interpreter, buffer: int) -> tuple[int, int]:
    return python.slice(buffer, 0, 16), python.slice(buffer, 4, 20)


Make = Callable[[Interpreter], tuple[int, int]]
REFUSED: dict[str, tuple[str, Make, str]] = {
    "another type": (
        "process",
        lambda p: (p.buffer(WORDS_OF, code="i"), p.buffer(FLOATS, code="f")),
        "TypeError: expected array('f') or a bytearray",
    ),
    "another type out": (
        "process",
        lambda p: (p.buffer(FLOATS, code="f"), p.buffer(WORDS_OF, code="h")),
        "TypeError: expected array('f') or a bytearray",
    ),
    "floats as words": (
        "process_i32",
        lambda p: (p.buffer(FLOATS, code="f"), p.buffer(WORDS_OF, code="i")),
        "TypeError: expected array('i') or a bytearray",
    ),
    "doubles": (
        "process",
        lambda p: (p.buffer(FLOATS, code="d"), p.buffer(FLOATS, code="d")),
        "TypeError: expected array('f') or a bytearray",
    ),
    "no buffer": (
        "process",
        lambda p: (3, p.buffer(FLOATS, code="f")),
        "TypeError: object with buffer protocol required",
    ),
    "read-only": (
        "process",
        lambda p: (p.buffer(FLOATS), p.buffer(FLOATS, code="B", is_writable=False)),
        "TypeError: object with buffer protocol required",
    ),
    "shorter": (
        "process",
        lambda p: (p.buffer(FLOATS, code="f"), p.buffer(FLOATS[:7], code="f")),
        "ValueError: expected as many frames of output as of input",
    ),
    "longer": (
        "process_i32",
        lambda p: (p.buffer(WORDS_OF[:7], code="i"), p.buffer(WORDS_OF, code="i")),
        "ValueError: expected as many frames of output as of input",
    ),
    "part of a sample": (
        "process",
        lambda p: (p.buffer(np.zeros(7, np.uint8)), p.buffer(np.zeros(7, np.uint8))),
        "ValueError: expected whole frames of 4-byte samples",
    ),
    "between words": (
        "process",
        lambda p: (p.buffer(FLOATS, offset=2), p.buffer(FLOATS)),
        "ValueError: expected data on a 4-byte boundary",
    ),
    "one over another": (
        "process",
        lambda p: shifted(p, p.buffer(FLOATS)),
        "ValueError: expected one buffer, or two that share nothing",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_buffers_are_refused_and_left_alone(case: str, python: Interpreter) -> None:
    function, make, told = REFUSED[case]
    buffers = make(python)
    known = [b for b in buffers if b > 8]
    before = [python.content(buffer) for buffer in known]
    with pytest.raises(PythonError) as caught:
        python.call(function, *buffers)
    assert str(caught.value) == told
    assert [python.content(buffer) for buffer in known] == before


def test_what_reads_read_only_memory_is_not_refused(python: Interpreter) -> None:
    heard = python.buffer(FLOATS, code="B", is_writable=False)
    python.call("process", heard, python.buffer(FLOATS, code="f"))


def test_nothing_is_played_for_nothing(python: Interpreter) -> None:
    python.call("process", python.buffer(FLOATS[:0], code="f"), python.buffer(FLOATS[:0], code="f"))


def test_more_outputs_than_inputs_are_not_played_in_place() -> None:
    python = ModuleEngine(module_of(STEREO, "armv7emdp").module, out_channels=2).python
    buffer = python.buffer(np.zeros(16, np.float32))
    with pytest.raises(PythonError, match="ValueError: expected buffers that share nothing"):
        python.call("process", python.slice(buffer, 0, 16), python.slice(buffer, 0, 32))


# ---- how it lies in memory


@pytest.mark.parametrize("arch", ARM)
def test_only_one_word_leads_to_micropython(arch: str) -> None:
    relocations = module_of(MONO, arch).module.relocations
    assert [r.base for r in relocations].count(Base.FUN_TABLE) == 1


def test_what_x64_remembers_lies_in_its_text() -> None:
    module = module_of(MONO, "x64").module
    assert module.bss_bytes == 0
    assert {relocation.base for relocation in module.relocations} == {Base.TEXT, Base.FUN_TABLE}


@pytest.mark.parametrize("arch", ["armv7emdp", "x64"])
def test_the_same_model_gives_the_same_bytes(arch: str) -> None:
    again = module_of.__wrapped__(MONO, arch)
    assert again is not module_of(MONO, arch)
    assert again.data == module_of(MONO, arch).data
