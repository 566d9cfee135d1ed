"""`--target wasm` delivers a module, what plays it in a page, and a report that verifies."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import make_nam
import numpy as np
import pytest
from browser import Browser, browser
from click.testing import CliRunner
from generated_c import assert_same_bits
from wasm_programs import need_node

from host_sim.engines import ReferenceEngine
from host_sim.verify_build import verify_build
from host_sim.wasm import NodeModule
from namgen.build_record import read_record
from namgen.cli import main
from namgen.lower import lower
from namgen.nam_file import read
from namgen.targets import WEB, load_target
from namgen.wasm import scripts

NANO = Path("examples/tweed-nano.nam")


def told(*arguments: str, exit_code: int = 0) -> Any:
    done = CliRunner().invoke(main, [*arguments, "--json"])
    assert done.exit_code == exit_code, done.output
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "tweed"
    told("build", str(NANO), "--target", WEB, "-o", str(folder))
    return folder


def test_it_delivers_a_module_and_what_is_around_it(built: Path) -> None:
    files = {path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()}
    assert {file for file in files if not file.startswith("src/nam_")} == {
        *("player.wasm", "worklet.js", "player_node.js", "example.html", "README.md"),
        *("src/player.c", "src/player.h", "report.json", "tweed-nano.nam"),
    }
    assert "src/nam_tweed_nano.c" in files
    assert (built / "worklet.js").read_text() == scripts().worklet


def test_its_readme_names_what_the_module_exports(built: Path) -> None:
    need_node()
    exported = NodeModule((built / "player.wasm").read_bytes()).exports
    lines = (built / "README.md").read_text().splitlines()
    named = {line[3:-1] for line in lines if line.startswith("* `")}
    assert named == set(exported) - {"memory"}


def test_the_same_capture_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    told("build", str(NANO), "--target", WEB, "-o", str(tmp_path / "again"))
    for path in built.rglob("*"):
        if path.is_file():
            assert (tmp_path / "again" / path.relative_to(built)).read_bytes() == path.read_bytes()


def test_verify_plays_the_module_in_node(built: Path) -> None:
    need_node()
    found = verify_build(read_record(built))
    assert found.is_exact
    assert [check.engine for check in found.checks] == ["host", "node"]
    assert found.checks[1].tally.samples > 5000


def test_verify_sees_another_module(built: Path, tmp_path: Path) -> None:
    """One whose module is of another capture: its samples differ, and so does its self-test."""
    need_node()
    other = tmp_path / "other"
    capture = make_nam.write(tmp_path, make_nam.lstm(2, 1))
    told("build", str(capture), "--target", WEB, "-o", str(other))
    folder = shutil.copytree(built, tmp_path / "copy")
    shutil.copy(other / "player.wasm", folder)
    found = told("verify", str(folder), "--on", "node", exit_code=1)
    assert found["checks"][0]["engine"] == "node"
    assert not found["bit_exact"]
    assert found["notes"] == [f"{folder}: player.wasm: changed since the build"]


@pytest.mark.parametrize("data", [b"no module", b"\0asm\1\0\0\0", None])
def test_verify_says_what_is_wrong_with_a_module(
    built: Path, tmp_path: Path, data: bytes | None
) -> None:
    need_node()
    folder = shutil.copytree(built, tmp_path / "copy")
    (folder / "player.wasm").unlink()
    if data is not None:
        (folder / "player.wasm").write_bytes(data)
    found = told("verify", str(folder), "--on", "node", exit_code=1)
    (problem,) = found["problems"]
    what = "player.wasm: expected a file" if data is None else "WebAssembly: "
    assert problem.startswith(f"node: not verified: {what}")


def test_without_node_it_says_what_was_not_run(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("host_sim.verify_places.has_node", lambda: False)
    found = verify_build(read_record(built))
    assert found.is_exact
    assert found.left_out == ("player.wasm: not run: node is not on PATH (Debian: nodejs)",)


def test_a_capture_is_verified_before_it_is_built() -> None:
    need_node()
    found = told("verify", str(NANO), "--target", WEB, "--on", "node")
    assert [check["what"] for check in found["checks"]] == ["player.wasm, in node"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--cpu", "m4"), "target wasm: expected one of wasm32, found 'cortex-m4f'"),
        (("--state", "struct"), "target wasm: expected none, found 'struct'"),
        (("--boot", "flash"), "target wasm: expected none, found 'flash'"),
    ],
)
def test_what_it_has_not_is_refused(options: tuple[str, ...], message: str, tmp_path: Path) -> None:
    command = ["build", str(NANO), "--target", WEB, *options, "-o", str(tmp_path / "x")]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 2
    assert message in done.output
    assert not (tmp_path / "x").exists()


def test_another_compiler_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As gcc, clang would be taken, which links none."""
    monkeypatch.setattr("shutil.which", lambda name: "/bin/true")
    command = ["build", str(NANO), "--target", WEB, "--toolchain", "gcc", "-o", str(tmp_path / "x")]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 1
    assert "toolchain gcc: expected zig, which links WebAssembly modules" in done.output
    assert not (tmp_path / "x").exists()


def test_it_is_called_by_its_name_alone() -> None:
    assert load_target(WEB).spoken == "wasm"
    assert load_target("c").spoken == "c generic"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


def test_its_example_plays_the_capture_from_disk(chromium: Browser, built: Path) -> None:
    page = chromium.open(built / "example.html")
    samples = np.random.default_rng(3).standard_normal(128 * 40).astype(np.float32) * 0.3
    played = page.value(
        """(async (samples) => {
            const context = new OfflineAudioContext(outs, samples.length, rate);
            const player = await openPlayer(context, { url, wasm, channels: [ins, outs] });
            const buffer = context.createBuffer(1, samples.length, rate);
            buffer.copyToChannel(Float32Array.from(samples), 0);
            const source = new AudioBufferSourceNode(context, { buffer });
            source.connect(player.node).connect(context.destination);
            source.start();
            const rendered = await context.startRendering();
            return Array.from(rendered.getChannelData(0));
        })"""
        f"({samples.tolist()})"
    )
    expected = ReferenceEngine(lower(read(NANO))).process(samples[:, None])
    assert_same_bits(np.float32(played), expected)
    assert chromium.said == []


def test_its_example_plays_a_file_and_says_what_it_takes(chromium: Browser, built: Path) -> None:
    page = chromium.open(built / "example.html")
    said = page.value(
        """(async () => {
            const sound = async (context) => new ConstantSourceNode(context);
            const { connect } = AudioNode.prototype, way = [];
            AudioNode.prototype.connect = function (to) {
                way.push([this.constructor.name, to.constructor.name]);
                return connect.call(this, to);
            };
            await start(sound);
            const until = Date.now() + 20000;
            while (!of("said").textContent.startsWith("It takes") && Date.now() < until) {
                await new Promise((done) => setTimeout(done, 50));
            }
            const heard = of("said").textContent;
            of("bypass").click();
            of("stop").click();
            await new Promise((done) => setTimeout(done, 200));
            return [heard, way, playing, of("said").textContent];
        })()"""
    )
    assert said[0].startswith("It takes "), said
    way = ["ConstantSourceNode", "AudioWorkletNode", "AudioDestinationNode"]
    assert said[1:] == [[way[:2], way[1:]], None, "Nothing plays."]
    assert chromium.said == []


def test_its_example_says_what_cannot_be_played(chromium: Browser, built: Path) -> None:
    page = chromium.open(built / "example.html")
    said = page.value(
        """(async () => {
            await start((context) => context.decodeAudioData(new ArrayBuffer(9)));
            return [of("said").textContent, playing];
        })()"""
    )
    assert "EncodingError" in said[0]
    assert said[1] is None
