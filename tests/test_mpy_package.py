"""`--target micropython` delivers a module, sources for a firmware, and a report that verifies."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import make_nam
import numpy as np
import pytest
from click.testing import CliRunner
from mpy_programs import need

import namgen
from host_sim.verify_build import verify_build
from namgen.build_record import read_record
from namgen.cli import main
from namgen.errors import BudgetError, UnsupportedError
from namgen.mpy.archs import ARCHS
from namgen.mpy.format import parse
from namgen.targets import MODULE, package_targets
from namgen.toolchain import ARITHMETIC, WARNINGS

ROOT = Path(__file__).resolve().parents[1]
STUBS = Path(__file__).with_name("micropython_stubs")


def told(*arguments: str, exit_code: int = 0) -> Any:
    done = CliRunner().invoke(main, [*arguments, "--json"])
    assert done.exit_code == exit_code, done.output
    return json.loads(done.stdout)


def capture(folder: Path) -> Path:
    return make_nam.write(folder, make_nam.lstm(hidden=2, layers=1))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    told("build", str(capture(folder)), "--target", MODULE, "-o", str(folder / "tweed"))
    return folder / "tweed"


def test_the_machines_are_the_variants_of_the_package() -> None:
    assert list(package_targets()[MODULE].variants) == list(ARCHS)


def test_it_delivers_a_module_and_what_is_around_it(built: Path) -> None:
    files = {path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()}
    assert {file for file in files if not file.startswith("src/nam_")} == {
        "tweed-armv7emdp.mpy",
        "tweed.pyi",
        "example.py",
        "package.json",
        "native/nam_tweed_native.c",
        "native/nam_python.h",
        "native/python_table.c",
        "native/module.ld",
        "usermod/nam_tweed_module.c",
        "usermod/micropython.mk",
        "usermod/micropython.cmake",
        "report.json",
        "tweed.nam",
    }
    assert {"src/nam_tweed.c", "src/nam_tweed.h", "src/nam_tweed_buffers.h"} <= files


def test_the_report_says_what_heap_it_needs(built: Path) -> None:
    report = json.loads((built / "report.json").read_text())
    module = parse((built / "tweed-armv7emdp.mpy").read_bytes(), "tweed")
    text, bss = len(module.text), module.bss_bytes
    assert report["memory"]["heap"] == {"text": text, "bss": bss, "needed": text + bss}
    assert report["options"]["variant"] == "armv7emdp"


def test_mip_installs_it_by_the_name_that_is_imported(built: Path) -> None:
    package = json.loads((built / "package.json").read_text())
    assert package["urls"] == [["tweed.mpy", "tweed-armv7emdp.mpy"]]
    assert parse((built / "tweed-armv7emdp.mpy").read_bytes(), "tweed").names[0] == "tweed.py"


def test_the_stub_has_the_names_of_the_module(built: Path) -> None:
    stub = ast.parse((built / "tweed.pyi").read_text())
    functions = {node.name for node in stub.body if isinstance(node, ast.FunctionDef)}
    numbers = {
        node.target.id
        for node in stub.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    module = parse((built / "tweed-armv7emdp.mpy").read_bytes(), "tweed")
    assert functions | numbers == set(module.names[1:]) - {"ValueError", "TypeError"}


def test_the_example_runs(built: Path, tmp_path: Path) -> None:
    (tmp_path / "tweed.py").write_text(
        "MAX_BLOCK = 48\n"
        "def reset(): pass\n"
        "def self_test(): return 0\n"
        "def process(src, dst):\n    for i in range(len(src)): dst[i] = src[i]\n"
    )
    ran = subprocess.run(
        [sys.executable, str(built / "example.py")],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.startswith("tweed: self-test 0 (0: all bits are right), checksum ")


def test_verify_runs_the_module_of_a_build(built: Path) -> None:
    found = verify_build(read_record(built))
    assert found.is_exact
    assert [check.engine for check in found.checks] == ["host", "module"]
    assert "imported at two places of an emulated armv7emdp" in found.checks[1].what


def test_a_module_that_is_another_is_not_verified(built: Path, tmp_path: Path) -> None:
    module = built / "tweed-armv7emdp.mpy"
    kept = module.read_bytes()
    weights = json.loads((built / "tweed.nam").read_text())["weights"]
    spelled = (np.float32(weight).tobytes() for weight in weights)
    weight = next(word for word in spelled if kept.count(word) == 1)
    try:
        module.write_bytes(kept.replace(weight, np.float32(0.125).tobytes()))
        found = verify_build(read_record(built), places=["emulator"])
        assert not found.is_exact
        module.write_bytes(kept[:-4])
        cut = verify_build(read_record(built), places=["emulator"])
        assert any("damaged" in problem for problem in cut.problems)
        module.unlink()
        gone = verify_build(read_record(built), places=["emulator"])
        assert "emulator: not verified: tweed-armv7emdp.mpy: expected a file, found none" in (
            gone.problems
        )
    finally:
        module.write_bytes(kept)


@pytest.mark.parametrize(
    ("arch", "tool"), [("armv7emsp", "zig"), ("armv7emdp", "gcc"), ("x64", "zig")]
)
def test_every_machine_is_built_and_verified(arch: str, tool: str, tmp_path: Path) -> None:
    need(tool, arch)
    made = tmp_path / "out"
    options = ["--target", MODULE, "--mpy-arch", arch, "--toolchain", tool]
    told("build", str(capture(tmp_path)), *options, "-o", str(made))
    found = verify_build(read_record(made), places=["emulator"])
    assert found.is_exact
    assert found.checks[0].engine == "module"


def test_two_builds_are_the_same(built: Path, tmp_path: Path) -> None:
    again = tmp_path / "elsewhere" / "tweed"
    again.parent.mkdir()
    told("build", str(capture(tmp_path)), "--target", MODULE, "-o", str(again))
    for path in built.rglob("*"):
        if path.is_file():
            other = again / path.relative_to(built)
            assert other.read_bytes() == path.read_bytes(), path


def test_a_full_a2_is_refused_for_a_cortex_m4f_with_numbers() -> None:
    with pytest.raises(BudgetError) as caught:
        namgen.build(
            ROOT / "examples" / "tweed-a2.nam", target=MODULE, variant="armv7emsp", submodel="full"
        )
    said = str(caught.value)
    assert "at least 390 % of 216 MHz, as a PYBD-SF2 has" in said
    assert "216,000 are there; 11,712 multiply-adds a sample are 562 million a second" in said
    assert "what it remembers alone takes 240,180 bytes of heap" in said
    assert said.endswith("without --submodel what fits and keeps up is taken, where anything does")


def test_a_name_that_python_cannot_import_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"that Python can import, found 'class'; --name"):
        namgen.build(make_nam.write(tmp_path, make_nam.linear(), "class.nam"), target=MODULE)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--target", MODULE, "--mpy-arch", "armv6m"), "armv7emdp"),
        (("--target", "cortex-m7", "--mpy-arch", "x64"), "mpy-arch"),
        (("--target", MODULE, "--cpu", "m4"), "cpu"),
    ],
)
def test_what_nobody_makes_is_wrong_usage(
    options: tuple[str, ...], expected: str, tmp_path: Path
) -> None:
    done = CliRunner().invoke(main, ["build", str(capture(tmp_path)), *options])
    assert done.exit_code == 2
    assert expected in done.output


def test_targets_lists_the_package() -> None:
    done = CliRunner().invoke(main, ["targets"])
    assert "micropython: a native module for MicroPython" in done.output
    assert "armv7emdp, armv7emsp, x64" in done.output


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_the_module_of_a_firmware_compiles_without_a_warning(
    compiler: str, built: Path, tmp_path: Path
) -> None:
    """Against what it uses of MicroPython's headers, written anew."""
    source = built / "usermod" / "nam_tweed_module.c"
    include = [f"-I{STUBS}", f"-I{built / 'src'}"]
    flags = [*ARITHMETIC, *WARNINGS, "-Werror", "-O2", *include]
    command = [compiler, *flags, "-c", str(source), "-o", str(tmp_path / "module.o")]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip(f"{compiler} is not on PATH")
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("compiler", ["gcc", "clang", "arm-none-eabi-gcc"])
def test_the_c_of_a_module_compiles_without_a_warning(
    compiler: str, built: Path, tmp_path: Path
) -> None:
    for name in ("nam_tweed_native.c", "python_table.c"):
        command = [compiler, *ARITHMETIC, *WARNINGS, "-Werror", "-O2", f"-I{built / 'src'}"]
        if compiler.startswith("arm"):
            command += ["-mcpu=cortex-m7", "-mfpu=fpv5-d16", "-mfloat-abi=hard", "-mthumb"]
        command += ["-c", str(built / "native" / name), "-o", str(tmp_path / "out.o")]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            pytest.skip(f"{compiler} is not on PATH")
        assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("file", ["micropython.mk", "micropython.cmake"])
def test_a_firmware_compiles_the_model_with_its_own_arithmetic(file: str, built: Path) -> None:
    text = (built / "usermod" / file).read_text()
    for flag in ("-O2", *ARITHMETIC[1:], "-fno-fast-math", "-DNAM_TARGET_CORTEX_M7=1"):
        assert flag in text
    assert "nam_tweed_module.c" in text
    assert "../src/nam_tweed.c" in text
