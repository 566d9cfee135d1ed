"""The stack bound is never below what runs, and what cannot be bounded is refused."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import firmware_stand_in as stand_in
import pedal_images
import pytest

from namgen.boards import load_board
from namgen.errors import BudgetError, NamgenError, ToolError
from namgen.firmware import build_image
from namgen.firmware.elf import read_elf
from namgen.firmware.stack import EXCEPTION_FRAME_BYTES, stack_bytes_below, worst_stack_bytes
from namgen.resources import firmware_dir
from namgen.toolchain import CROSS_NAMES, find_cross

VECTORS = """\
void tick_interrupt(void);
void tick_interrupt(void) {}
void audio_interrupt_a(void);
void audio_interrupt_a(void) {}
void audio_interrupt_b(void);
void audio_interrupt_b(void) {}
void use(volatile char *at);
__attribute__((noinline)) void use(volatile char *at) { *at = 1; }
"""
SCRIPT = "ENTRY(start)\nSECTIONS { . = 0x08000000; .text : { KEEP(*(.text*)) } }\n"


def bound(folder: Path, body: str, compiler: str) -> int:
    try:
        toolchain = find_cross(compiler)
    except ToolError as error:
        pytest.skip(str(error))
    source, script = folder / "program.c", folder / "program.ld"
    source.write_text(VECTORS + body, encoding="utf-8")
    script.write_text(SCRIPT, encoding="utf-8")
    toolchain.compile(source, folder / "program.o")
    toolchain.link([folder / "program.o"], script, folder / "program.elf")
    return worst_stack_bytes(read_elf(folder / "program.elf"))


def frames(*sizes: int) -> str:
    """A program whose functions call each other in a row, each with an array on the stack."""
    text = "__attribute__((noinline)) void f0(void);\nvoid f0(void) {}\n"
    for i, size in enumerate(sizes, start=1):
        text += (
            f"__attribute__((noinline)) void f{i}(void);\n"
            f"void f{i}(void) {{ volatile char a[{size}]; use(a); f{i - 1}(); use(a); }}\n"
        )
    return text + f"void start(void);\nvoid start(void) {{ f{len(sizes)}(); }}\n"


@pytest.mark.parametrize("compiler", CROSS_NAMES)
@pytest.mark.parametrize("sizes", [(8,), (100, 200), (64, 508, 1024), (5000,), (3, 70000)])
def test_nested_frames_add_up(tmp_path: Path, compiler: str, sizes: tuple[int, ...]) -> None:
    found = bound(tmp_path, frames(*sizes), compiler) - 2 * EXCEPTION_FRAME_BYTES
    saved_registers = 64
    assert sum(sizes) <= found <= sum(sizes) + saved_registers * (len(sizes) + 1)


@pytest.mark.parametrize("compiler", CROSS_NAMES)
def test_recursion_is_refused_by_name(tmp_path: Path, compiler: str) -> None:
    body = """
    __attribute__((noinline)) int loop(volatile char *a, int n);
    int loop(volatile char *a, int n)
    {
        volatile char b[8];
        use(b);
        return n ? loop(b, a[0]) + n : 0;
    }
    void start(void);
    void start(void) { volatile char a[4]; use(a); a[1] = (char)loop(a, a[0]); }
    """
    with pytest.raises(ToolError, match="expected no recursion, found it in loop"):
        bound(tmp_path, body, compiler)


@pytest.mark.parametrize("compiler", CROSS_NAMES)
def test_a_call_through_a_pointer_is_refused_by_name(tmp_path: Path, compiler: str) -> None:
    body = """
    extern void (*volatile hook)(void);
    void (*volatile hook)(void);
    __attribute__((noinline)) void caller(void);
    void caller(void) { hook(); hook(); }
    void start(void);
    void start(void) { caller(); }
    """
    with pytest.raises(ToolError, match="caller: expected direct calls"):
        bound(tmp_path, body, compiler)


def test_the_bound_covers_what_gcc_says_of_each_function(tmp_path: Path) -> None:
    gcc = shutil.which("arm-none-eabi-gcc")
    if gcc is None:
        pytest.skip("needs arm-none-eabi-gcc on PATH")
    sizes = (24, 300, 4096)
    found = bound(tmp_path, frames(*sizes), "gcc") - 2 * EXCEPTION_FRAME_BYTES
    flags = "-mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard -mthumb -O2 -fomit-frame-pointer"
    command = [gcc, *flags.split(), "-fstack-usage", "-c", "program.c", "-o", "other.o"]
    subprocess.run(command, cwd=tmp_path, check=True)
    report = "".join(path.read_text() for path in tmp_path.glob("*.su"))
    used = dict(re.findall(r":(\w+)\t(\d+)\t", report))
    said = sum(int(used[name]) for name in ("start", "f3", "f2", "f1", "f0"))
    assert said <= found <= said + int(used["use"]) + 64


def test_an_image_whose_stack_could_overflow_is_refused_with_the_numbers(tmp_path: Path) -> None:
    greedy = stand_in.SOURCE.replace(
        "    for (size_t i = 0; i < frames; i++) {\n        newest",
        "    volatile float large[1200];\n    large[frames] = in[0];\n"
        "    for (size_t i = 0; i < frames; i++) {\n        newest",
    )
    assert greedy != stand_in.SOURCE
    c_dir = stand_in.write_c(tmp_path / "c")
    (c_dir / "nam_echo.c").write_text(greedy, encoding="utf-8")
    with pytest.raises(BudgetError, match=r"stack: \d+ bytes at worst, 3840 are reserved"):
        build_stand_in(c_dir, tmp_path / "out")


@pytest.mark.parametrize("boot", [boot.name for boot in load_board("daisy").boots])
def test_a_fault_takes_no_more_than_the_entry_leaves_for_it(boot: str) -> None:
    """`fault_entry` starts the stack anew unless this much of it is left."""
    entry = (firmware_dir() / "core" / "fault_entry.c").read_text(encoding="utf-8")
    (left,) = re.findall(r'#define FAULT_STACK_BYTES "(\d+)"', entry)
    taken = stack_bytes_below(read_elf(pedal_images.stand_in_image(boot).elf), "fault_main")
    assert taken <= int(left)


def build_stand_in(c_dir: Path, out: Path) -> None:
    try:
        toolchain = find_cross()
    except NamgenError as error:
        pytest.skip(str(error))
    build_image(
        c_dir,
        stand_in.NAME,
        board=load_board("daisy"),
        boot="flash",
        clock_hz=480_000_000,
        block_frames=48,
        toolchain=toolchain,
        buffers=(),
        out_dir=out,
    )
