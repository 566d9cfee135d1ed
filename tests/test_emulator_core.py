"""The emulated Cortex-M7 computes what a processor computes, and counts what it executes."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import emulator_images as images
import numpy as np
import pytest

from namgen.errors import NamgenError
from namgen.toolchain import find_host, shared_library_suffix

pytest.importorskip("unicorn", reason="the emulator needs unicorn: pip install .[emulator]")
from host_sim.emulator.core import Core
from host_sim.emulator.errors import EmulationError
from host_sim.emulator.memory import MEMORIES, SCRATCH

ARITHMETIC = """
#include <stdint.h>
void work(const float *a, const float *b, const float *c, float *out, uint32_t *bits, int n);
void work(const float *a, const float *b, const float *c, float *out, uint32_t *bits, int n)
{
    uint32_t seed = 1;
    for (int i = 0; i < n; i++) {
        float x = a[i] * b[i];
        x = x + c[i];
        x = x / (1.0f + b[i] * b[i]);
        out[i] = a[i] < b[i] ? x - c[i] : x;
        seed = seed * 1664525u + 1013904223u;
        bits[i] = (seed >> (i & 15)) ^ (uint32_t)((int32_t)seed / (i + 1)) ^ (seed % 1000u);
    }
}
"""
FMA = """
void work(const float *a, const float *b, const float *c, float *out, int n);
void work(const float *a, const float *b, const float *c, float *out, int n)
{
    for (int i = 0; i < n; i++) {
        out[i] = __builtin_fmaf(a[i], b[i], c[i]);
    }
}
"""
COUNTED = """
__attribute__((naked)) int straight(void);
__attribute__((naked)) int straight(void)
{
    __asm volatile("movs r0, #1\\n adds r0, #2\\n add.w r0, r0, #3\\n bx lr");
}
__attribute__((naked)) int loop(int n);
__attribute__((naked)) int loop(int n)
{
    __asm volatile("movs r1, #0\\n 1: adds r1, #3\\n nop\\n subs r0, #1\\n bne 1b\\n"
                   "mov r0, r1\\n bx lr");
}
__attribute__((naked)) int skipped(int n);
__attribute__((naked)) int skipped(int n)
{
    __asm volatile("cmp r0, #0\\n itte ne\\n movne r1, #5\\n addne r1, #1\\n moveq r1, #7\\n"
                   "mov r0, r1\\n bx lr");
}
__attribute__((naked)) int access(int *p);
__attribute__((naked)) int access(int *p)
{
    __asm volatile("ldr r1, [r0, #4]\\n str r1, [r0]\\n ldrd r2, r3, [r0]\\n bx lr");
}
static int hidden(int x) { return x * 3; }
int (*volatile chosen)(int) = hidden;
int sixth(int a, int b, int c, int d, int e, int f);
int sixth(int a, int b, int c, int d, int e, int f) { return a - b + c - d + 10 * e + 100 * f; }
"""
FAULTS = """
int bad_read(void);
int bad_read(void) { return *(volatile int *)0x60000000; }
int write_flash(void);
int write_flash(void) { *(volatile int *)0x08000000 = 1; return 0; }
int undefined(void);
int undefined(void) { __asm volatile("udf #3"); return 0; }
int jump_to_data(void);
int jump_to_data(void) { return ((int (*)(void))0xC0000001)(); }
int forever(void);
int forever(void) { for (;;) { __asm volatile(""); } }
int deep(int n);
int deep(int n) { volatile int a[64]; a[n & 63] = n; return deep(n + 1) + a[n & 63]; }
float floats(float *x);
float floats(float *x) { x[1] = x[0] * 2.0f; return x[1]; }
"""


def awkward_floats(count: int, seed: int) -> np.ndarray:
    """Random bit patterns: denormals, infinities, all exponents; NaN left out."""
    bits = np.random.default_rng(seed).integers(0, 1 << 32, count, dtype=np.uint32)
    values = bits.view(np.float32)
    values[: count // 2] = np.random.default_rng(seed + 1).normal(size=count // 2)
    return np.where(np.isnan(values), np.float32(0.5), values).astype(np.float32)


def native(folder: Path, source: str, extra: tuple[str, ...] = ()) -> ctypes.CDLL:
    file = folder / "native.c"
    file.write_text(source, encoding="utf-8")
    out = folder / f"native{shared_library_suffix()}"
    find_host(fma=False).shared_library([file], out, extra=extra)
    return ctypes.CDLL(str(out))


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Core:
    core = Core()
    core.load(images.build(tmp_path_factory.mktemp("counted"), COUNTED, entry="loop"))
    return core


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Core:
    core = Core()
    core.load(images.build(tmp_path_factory.mktemp("faults"), FAULTS, entry="forever"))
    return core


def test_floats_and_integers_have_the_bits_of_the_host(tmp_path: Path) -> None:
    count = 4000
    inputs = [awkward_floats(count, seed) for seed in (1, 2, 3)]
    core = Core()
    core.load(images.build(tmp_path, ARITHMETIC, entry="work"))
    places = [SCRATCH + (1 << 20) * index for index in range(5)]
    for place, values in zip(places, inputs, strict=False):
        core.memory.write_floats(place, values)
    core.call("work", *places, count)
    out, bits = np.empty(count, np.float32), np.empty(count, np.uint32)
    pointers = [a.ctypes.data_as(ctypes.c_void_p) for a in (*inputs, out, bits)]
    native(tmp_path, ARITHMETIC).work(*pointers, count)
    emulated = core.memory.read_floats(places[3], count)
    numbers = ~np.isnan(out)
    assert np.array_equal(np.isnan(emulated), ~numbers)
    assert np.array_equal(emulated[numbers].view(np.uint32), out[numbers].view(np.uint32))
    assert np.array_equal(np.frombuffer(core.memory.read(places[4], 4 * count), np.uint32), bits)


def test_fused_multiply_add_rounds_once(tmp_path: Path) -> None:
    count = 4000
    rng = np.random.default_rng(7)
    a, b, c = (rng.normal(size=count).astype(np.float32) for _ in range(3))
    c[: count // 2] = -(a * b)[: count // 2]  # cancellation leaves what a second rounding loses
    core = Core()
    core.load(images.build(tmp_path, FMA, entry="work"))
    places = [SCRATCH + (1 << 20) * index for index in range(4)]
    for place, values in zip(places, (a, b, c), strict=False):
        core.memory.write_floats(place, values)
    core.call("work", *places, count)
    exact = a.astype(np.longdouble) * b.astype(np.longdouble) + c.astype(np.longdouble)
    got = core.memory.read_floats(places[3], count)
    assert np.array_equal(got, exact.astype(np.float32))
    assert not np.array_equal(got, (a * b) + c)


@pytest.mark.parametrize(
    ("name", "argument", "result", "instructions"),
    [
        ("straight", 0, 6, 4),
        ("loop", 1, 3, 1 + 4 + 2),
        ("loop", 1000, 3000, 1 + 4 * 1000 + 2),
        ("skipped", 1, 6, 7),
        ("skipped", 0, 7, 7),
    ],
)
def test_every_instruction_is_counted_once(
    counted: Core, name: str, argument: int, result: int, instructions: int
) -> None:
    assert counted.call(name, argument) == result
    assert counted.last_call_instructions == instructions
    assert len(counted.trace_call(name, argument).instructions) == instructions


def test_a_deadline_in_the_middle_does_not_change_the_count(counted: Core) -> None:
    start = counted.image.address("loop")
    counted.set_register("r0", 1000)
    counted.set_register("lr", 0x1FF00001)
    before = counted.instructions
    stop, pieces = counted.run(start, limit=100), 1
    while stop.reason == "deadline":
        stop, pieces = counted.run(stop.pc, limit=100), pieces + 1
    assert counted.instructions - before == 4003
    assert pieces > 30


def test_a_trace_tells_which_instruction_accessed_what(counted: Core) -> None:
    counted.memory.write(0x20000000, np.array([1, 2], np.uint32))
    trace = counted.trace_call("access", 0x20000000)
    start = counted.image.address("access")
    assert trace.instructions.tolist() == [start, start + 2, start + 4, start + 8]
    assert trace.accesses["address"].tolist() == [0x20000004, 0x20000000, 0x20000000, 0x20000004]
    assert trace.accesses["is_write"].tolist() == [0, 1, 0, 0]
    assert trace.access_pc.tolist() == [start, start + 2, start + 4, start + 4]


def test_tracing_leaves_nothing_behind(counted: Core) -> None:
    counted.trace_call("loop", 10)
    counted.call("loop", 1000)
    assert counted.last_call_instructions == 4003
    assert counted.trace_position().instructions == 11 + 32


def test_arguments_beyond_four_go_on_the_stack(counted: Core) -> None:
    assert counted.call("sixth", 1, 2, 3, 4, 5, 6) == 1 - 2 + 3 - 4 + 50 + 600


def test_static_functions_have_symbols(counted: Core) -> None:
    assert counted.call("hidden", 14) == 42
    assert counted.image.name_at(counted.image.address("hidden") + 2) == "hidden+0x2"


def test_an_unknown_symbol_is_refused(counted: Core) -> None:
    with pytest.raises(NamgenError, match="expected one symbol nothing_here"):
        counted.image.address("nothing_here")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("bad_read", "data bus fault"),
        ("write_flash", "data bus fault"),
        ("undefined", "undefined instruction"),
        ("jump_to_data", "instruction bus fault"),
        ("deep", "data bus fault"),
    ],
)
def test_a_fault_is_an_error_with_its_place(faults: Core, name: str, kind: str) -> None:
    with pytest.raises(EmulationError) as caught:
        faults.call(name, 0, limit=10_000_000)
    assert caught.value.kind == kind
    if name != "jump_to_data":
        assert caught.value.symbol.startswith(name), str(caught.value)


def test_an_endless_loop_is_an_error(faults: Core) -> None:
    with pytest.raises(EmulationError, match=r"hung at .*forever.*after 100000 instructions"):
        faults.call("forever", limit=100_000)


def test_floats_need_the_fpu_to_be_on(faults: Core) -> None:
    faults.fpu_enabled = False
    with pytest.raises(EmulationError, match=r"FPU is off .*floats"):
        faults.call("floats", SCRATCH)
    faults.fpu_enabled = True
    faults.memory.write_floats(SCRATCH, np.array([3.0], np.float32))
    faults.call("floats", SCRATCH)
    assert faults.memory.read_floats(SCRATCH + 4, 1)[0] == 6.0


def test_code_written_by_the_host_is_executed_anew(counted: Core) -> None:
    place = 0x24000000
    for value in (7, 9):
        counted.memory.write(place, bytes([value, 0x20, 0x70, 0x47]))  # movs r0, #value; bx lr
        assert counted.call(place) == value
        assert counted.last_call_instructions == 2


@pytest.mark.parametrize("code", [0x00000000, 0x08000000, 0x20010000, 0x24000000, 0x90040000])
def test_stores_do_not_throw_away_translated_code(tmp_path: Path, code: int) -> None:
    """Unicorn gives memories the same internal address unless they are mapped biggest first."""
    from unicorn import UC_HOOK_EDGE_GENERATED

    core = Core()
    source = "void fill(volatile int *p, int n); void fill(volatile int *p, int n)"
    core.load(
        images.build(tmp_path, source + "{ while (n--) { *p++ = n; } }", entry="fill", code=code)
    )
    translated: list[int] = []
    core.engine.hook_add(UC_HOOK_EDGE_GENERATED, lambda *_: translated.append(1))
    for memory in MEMORIES:
        if memory.is_writable and memory.origin != code & ~0xFFFF:
            for _ in range(20):
                core.call("fill", memory.origin, 64)
    assert len(translated) < 40, f"{len(translated)} blocks translated for a few loops"


def test_a_missing_unicorn_is_explained_and_importing_does_not_need_it() -> None:
    program = (
        "import sys; sys.modules['unicorn'] = None\n"
        "import host_sim.emulator.core, host_sim.pedal, host_sim.codec\n"
        "try:\n    host_sim.emulator.core.Core()\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).resolve().parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == (
        "ToolError the emulator needs unicorn: pip install unicorn capstone\n"
    ), done.stderr
