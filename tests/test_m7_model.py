"""Recording, decoding, timing and profiling of code on the emulated Cortex-M7."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("unicorn")
pytest.importorskip("capstone")

from host_sim.emulator.core import Core
from host_sim.m7.codes import Reason
from host_sim.m7.decode import Decoder
from host_sim.m7.meter import profile
from host_sim.m7.profile import Profile, as_dict
from host_sim.m7.timing import Timer, time_trace
from host_sim.m7.trace import Trace, from_core
from namgen.errors import ToolError
from namgen.processors.margin import Margin
from namgen.processors.pipeline import Kind, Parameters, load_parameters
from namgen.toolchain import find_cross

_SCRIPT = """ENTRY({entry})
MEMORY {{ code (rx) : ORIGIN = {code:#x}, LENGTH = 32K
  data (rw) : ORIGIN = {data:#x}, LENGTH = 96K }}
SECTIONS {{ .text : {{ KEEP(*(.text*)) *(.rodata*) }} > code
  .bss (NOLOAD) : {{ *(.data*) *(.bss*) *(COMMON) }} > data }}
"""
_STREAM = """
float line[20000];
float total;
__attribute__((noinline)) static float sum(const float *x, int count) {
    float a = 0.0f;
    for (int i = 0; i < count; i++) { a += x[i]; }
    return a;
}
void block(int count) { total = sum(line, count) + sum(line, count / 2); }
"""


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return load_parameters()


def build(folder: Path, name: str, text: str, *, entry: str, data: int = 0x2000_0000) -> Core:
    source, out, script = folder / name, folder / "t.o", folder / "t.ld"
    source.write_text(text, encoding="utf-8")
    script.write_text(_SCRIPT.format(entry=entry, code=0x0800_0000, data=data), encoding="utf-8")
    toolchain = find_cross()
    quiet = ("-Wno-unused-command-line-argument", "-Wno-missing-prototypes")
    toolchain.compile(source, out, extra=quiet)
    toolchain.link([out], script, folder / "t.elf")
    core = Core()
    core.load(folder / "t.elf")
    return core


def assemble(folder: Path, *body: str) -> Core:
    head = (".syntax unified", ".thumb", ".text", ".global f", ".thumb_func", ".type f, %function")
    text = "\n".join((*head, "f:", *body, "bx lr", ".size f, .-f")) + "\n"
    return build(folder, "t.s", text, entry="f")


def stream(folder: Path, *, data: int, count: int = 4800) -> Profile:
    core = build(folder, "t.c", _STREAM, entry="block", data=data)
    return profile(core, lambda: core.call("block", count), block_symbol="block", blocks=3)


def test_every_cycle_has_one_reason(tmp_path: Path) -> None:
    result = stream(tmp_path, data=0x2400_0000)
    assert sum(result.reasons.values()) == pytest.approx(result.average_cycles)
    assert sum(f.cycles_per_block for f in result.functions) == pytest.approx(result.average_cycles)


def test_a_stream_larger_than_the_cache_misses_once_per_line(tmp_path: Path) -> None:
    lines = (16000 + 8000) * 4 / 32
    result = stream(tmp_path, data=0x2400_0000, count=16000)
    assert 0.85 * lines <= result.dcache_load_misses <= 1.01 * lines
    assert stream(tmp_path, data=0x2000_0000, count=16000).dcache_load_misses <= 2


def test_data_that_fits_the_cache_stays_there(tmp_path: Path) -> None:
    assert stream(tmp_path, data=0x2400_0000, count=1000).dcache_load_misses <= 1


def test_zero_wait_memory_is_faster_than_a_missing_cache(tmp_path: Path) -> None:
    slow = stream(tmp_path, data=0x2400_0000)
    fast = stream(tmp_path, data=0x2000_0000)
    assert fast.instructions == slow.instructions
    assert fast.average_cycles < slow.average_cycles
    assert fast.reasons["dcache"] < 20


def test_calls_are_listed_in_order_with_their_cycles(tmp_path: Path) -> None:
    result = stream(tmp_path, data=0x2000_0000)
    first = [call for call in result.calls if call.block == 0]
    assert [call.function for call in first] == ["block", "sum", "sum"]
    assert 1.9 < first[1].cycles / first[2].cycles < 2.1
    assert first[0].own_cycles == first[0].cycles - first[1].cycles - first[2].cycles


def test_bytes_touched_are_counted_per_memory(tmp_path: Path) -> None:
    result = stream(tmp_path, data=0x2400_0000)
    (axi,) = (use for use in result.memory if use.name == "axi_sram")
    assert axi.bytes_per_block >= 4 * 7200
    assert 4 * 4800 <= axi.distinct_bytes <= 4 * 4800 + 64


def test_a_profile_is_the_same_every_time(tmp_path: Path) -> None:
    first, second = (stream(tmp_path, data=0x2400_0000) for _ in range(2))
    assert as_dict(first) == as_dict(second)


def test_the_listing_shows_every_instruction_of_the_function(tmp_path: Path) -> None:
    result = stream(tmp_path, data=0x2000_0000)
    assert "vadd.f32" in result.annotate("sum")
    with pytest.raises(ToolError, match="expected one of sum, block"):
        result.annotate("product")


def test_memories_without_measurements_widen_the_margin(tmp_path: Path) -> None:
    measured = stream(tmp_path, data=0x2400_0000, count=100).margin
    assumed = stream(tmp_path, data=0x3000_0000, count=100).margin
    assert assumed.high > measured.high
    assert assumed.low > measured.low


def test_float_and_integer_code_have_margins_of_their_own(
    tmp_path: Path, parameters: Parameters
) -> None:
    def margin_of(*body: str) -> Margin:
        loop = ("movs r0, #50", "1:", *body, "subs r0, #1", "bne 1b")
        core = assemble(tmp_path, *loop)
        run = profile(core, lambda: core.call("f"), block_symbol="f", blocks=1, warm_up=1)
        return run.margin

    assert margin_of("vfma.f32 s0, s1, s2") == parameters.margins["float"] == Margin(0.05, 0.2)
    assert margin_of("smlabb r1, r2, r3, r1") == parameters.margins["integer"]
    assert parameters.margins["integer"].low > parameters.margins["integer"].high


def test_the_qspi_flash_is_as_slow_as_the_firmware_clocks_it(parameters: Parameters) -> None:
    """Four bits a clock of 96 MHz (tests/test_firmware_handover.py), the processor at 480."""
    (qspi,) = (region for region in parameters.memory if region.name == "qspi")
    clock_cycles = 480 // 96
    assert qspi.beat_cycles == 64 // 4 * clock_cycles
    assert qspi.first_word_cycles >= (16 + 16) * clock_cycles


def test_where_a_trace_is_cut_changes_no_cycle(tmp_path: Path, parameters: Parameters) -> None:
    core = build(tmp_path, "t.c", _STREAM, entry="block", data=0x2400_0000)
    whole = from_core(core.trace_call("block", 40))
    everything = np.ones(len(whole), np.bool_)
    at_once, in_pieces = Timer(core.memory.read, parameters), Timer(core.memory.read, parameters)
    clock = at_once.time(whole, everything).clock
    pieces = [
        in_pieces.time(Trace(address, data), np.ones(len(address), np.bool_)).clock
        for address, data in zip(
            np.array_split(whole.address, 7), np.array_split(whole.data_address, 7), strict=True
        )
    ]
    assert np.array_equal(np.concatenate(pieces), clock)
    assert in_pieces.finish().by_reason() == at_once.finish().by_reason()


def test_the_room_of_a_trace_grows(tmp_path: Path) -> None:
    core = build(tmp_path, "t.c", _STREAM, entry="block")
    usual = core.trace_call("block", 200)
    with core.tracing(room=16) as result:
        core.call("block", 200)
    assert len(usual.instructions) > 16
    assert np.array_equal(result().instructions, usual.instructions)
    assert np.array_equal(result().accesses, usual.accesses)


def test_skipped_conditional_instructions_take_their_place(
    tmp_path: Path, parameters: Parameters
) -> None:
    body = ("movs r0, #1", "cmp r0, #0", "itt eq", "addeq.w r1, r1, #1", "addeq.w r2, r2, #1")
    core = assemble(tmp_path, *body, "nop")
    trace = from_core(core.trace_call("f"))
    assert np.all(np.diff(trace.address.astype(int)) > 0)
    timing = time_trace(trace, core.memory.read, parameters)
    assert [d.text.split()[0] for d in timing.instructions][3:5] == ["addeq.w", "addeq.w"]
    assert not timing.unknown


@pytest.mark.parametrize(
    ("loads", "waits"),
    [(("ldm r0, {r1-r3, r12}",), 40 + 4), (("ldr r1, [r0]", "ldr r2, [r0, #8]"), 40 + 40)],
)
def test_where_there_is_no_cache_a_burst_waits_once(
    loads: tuple[str, ...], waits: int, tmp_path: Path, parameters: Parameters
) -> None:
    words = (".bss", ".balign 8", "words: .space 16", ".text")
    body = (".global f", ".thumb_func", ".type f, %function", "f:", "ldr r0, =words", *loads)
    text = "\n".join((".syntax unified", ".thumb", *words, *body, "bx lr", ".size f, .-f")) + "\n"
    core = build(tmp_path, "t.s", text, entry="f", data=0x3000_0000)
    timing = time_trace(from_core(core.trace_call("f")), core.memory.read, parameters)
    reads = [i for i, decoded in enumerate(timing.instructions) if "[pc" not in decoded.text]
    assert sum(int(timing.reasons[i][Reason.DCACHE]) for i in reads) == waits


def test_a_loop_mispredicts_only_when_it_ends(tmp_path: Path, parameters: Parameters) -> None:
    core = assemble(tmp_path, "movs r0, #100", "1: nop.w", "nop.w", "subs r0, #1", "bne 1b")
    timing = time_trace(from_core(core.trace_call("f")), core.memory.read, parameters)
    assert timing.mispredicted == 3  # the first time back, the exit, and the return


def test_an_unknown_instruction_is_listed_and_not_free(
    tmp_path: Path, parameters: Parameters
) -> None:
    core = assemble(tmp_path, ".inst.w 0xfb90f0f1")  # sdiv r0, r0, r1: known, for contrast
    known = Decoder(parameters).decode([core.image.address("f")], core.memory.read)
    assert known[0].kind is Kind.DIVIDE
    unknown = Decoder(parameters).decode([0x100], lambda at, size: b"\xff\xff" * size)
    assert not unknown[0].is_known
    assert unknown[0].busy_cycles > 0


def test_an_unknown_parameter_is_refused(parameters: Parameters) -> None:
    with pytest.raises(ToolError, match="no parameter named icache"):
        parameters.with_scalars(icache=1)
    with pytest.raises(ToolError, match="no memory named rom"):
        parameters.with_memory("rom", beat_cycles=1)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="needs arm-none-eabi-gcc")
def test_board_measurements_are_within_the_margin(parameters: Parameters) -> None:
    from benchmarks.m7_model.validate import board_points

    margin = parameters.margins["float"]
    off = [
        p
        for p in board_points(parameters)
        if p.comparable and not -margin.low <= p.measured / p.modelled - 1 <= margin.high
    ]
    assert not off
