"""The C as WebAssembly, which has no fused multiply-add, gives the bits of the reference."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from generated_c import reference_output, signal_of, small_model

from namgen.emit import emit
from namgen.resources import cache_dir
from namgen.selection.plans import plan_model
from namgen.toolchain import ARITHMETIC

PLAYER = """
const fs = require('fs');
const wasm = new WebAssembly.Module(fs.readFileSync('model.wasm'));
const {memory, NAME_process} = new WebAssembly.Instance(wasm, {}).exports;
const input = fs.readFileSync('in.f32'), bytes = input.length, start = memory.buffer.byteLength;
memory.grow(Math.ceil(3 * bytes / 65536));
new Uint8Array(memory.buffer, start, bytes).set(input);
NAME_process(start, start + bytes, bytes / 4);
fs.writeFileSync('out.f32', new Uint8Array(memory.buffer, start + bytes, bytes * OUTPUTS));
"""


@pytest.mark.parametrize("simd", [(), ("-msimd128",)], ids=["plain", "simd"])
@pytest.mark.parametrize(
    "network", [pytest.param("two_arrays", marks=pytest.mark.slow), "everything", "lstm"]
)
def test_in_node_the_bits_are_those_of_the_reference(
    network: str, simd: tuple[str, ...], tmp_path: Path
) -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not on PATH")
    model = small_model(network)
    planned = plan_model(model)
    for file, text in emit(planned).items():
        (tmp_path / file).write_text(text, encoding="utf-8", newline="\n")
    caches = dict.fromkeys(
        ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"), str(cache_dir() / "zig")
    )
    command = [sys.executable, "-m", "ziglang", "cc", "-target", "wasm32-freestanding", "-O2"]
    command += [*ARITHMETIC, *simd, "-fno-sanitize=all", "-nostdlib", "-Wl,--no-entry"]
    command += [f"-Wl,--export=nam_{network}_process", f"nam_{network}.c", "-o", "model.wasm"]
    subprocess.run(command, cwd=tmp_path, env={**os.environ, **caches}, check=True)

    samples = signal_of(model)
    (tmp_path / "in.f32").write_bytes(samples.tobytes())
    script = PLAYER.replace("NAME", f"nam_{network}").replace("OUTPUTS", str(planned.out_channels))
    subprocess.run(["node", "-e", script], cwd=tmp_path, check=True)
    found = np.fromfile(tmp_path / "out.f32", np.float32)
    assert found.tobytes() == reference_output(model, samples).tobytes()
