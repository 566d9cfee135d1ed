"""SIGINT, SIGTERM and SIGHUP end a command at any moment, and leave nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import make_nam
import numpy as np
import pytest
import soundfile

from namgen import scratch

if sys.platform == "win32":
    pytest.skip("signals are another thing there", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[1]
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
EXITING = 4
"""Linux's flag, in a process's `stat`, of one that is on its way out."""
PENDING = ("SigPnd", "ShdPnd")
WORDS = {signal.SIGINT: "Interrupted.", signal.SIGTERM: "Terminated.", signal.SIGHUP: "Hung up."}
LONGEST_SECONDS = 60.0
COMMANDS = {
    "inspect": "inspect tweed.nam",
    "build": "build tweed.nam -o results/tweed",
    "build again": "build tweed.nam -o there",
    "verify": "verify tweed.nam",
    "profile": "profile tweed.nam --trace trace.csv",
    "render": "render tweed.nam in.wav out.wav --engine reference",
    "tune": "tune tweed.nam --candidates 2 -o tilings.toml",
}


class Place:
    """A folder to work in, one for temporary files and one for caches."""

    def __init__(self, folder: Path) -> None:
        self.work, self.scratch, self.cache = (folder / n for n in ("work", "scratch", "cache"))
        for made in (self.work, self.scratch, self.cache):
            made.mkdir()
        make_nam.write(self.work, make_nam.a1())
        sound = np.zeros(48000 * 20, np.float32)
        soundfile.write(self.work / "in.wav", sound, 48000, subtype="FLOAT")

    def start(
        self, line: str, *, ignored: int | None = None, **variables: str
    ) -> subprocess.Popen[str]:
        """Start a command as the leader of a group of processes, with its signals as they were."""

        def prepare() -> None:
            for number in CODES:
                signal.signal(number, signal.SIG_IGN if number == ignored else signal.SIG_DFL)

        return subprocess.Popen(
            [sys.executable, "-m", "namgen", *line.split()],
            cwd=self.work,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "TMPDIR": str(self.scratch),
                "NAMGEN_CACHE_DIR": str(self.cache),
                **variables,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=prepare,  # noqa: PLW1509 (no threads here)
        )

    def files(self) -> dict[str, bytes]:
        """Everything in the folder to work in, and in the one for temporary files."""
        folders = (self.work, self.scratch)
        found = (path for folder in folders for path in folder.rglob("*"))
        return {str(path): path.read_bytes() if path.is_file() else b"" for path in found}

    def drafts(self) -> list[Path]:
        """What is left over in the caches: all but compiled libraries, and what Zig finished."""
        kept = [self.cache / "libraries", *(self.cache / "zig" / name for name in "bhoz")]
        whole = {*kept, *(entry.parent for entry in kept)}
        left = [path for path in self.cache.rglob("*") if path not in whole]
        return [
            path
            for path in left
            if not any(path.is_relative_to(folder) for folder in kept)
            or path.name.startswith((".namgen", "tmp"))
        ]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def takes_signals(process: subprocess.Popen[str]) -> bool:
    """Whether namgen, and not only Python, has begun: SIGTERM is caught."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    (caught,) = [line for line in status.splitlines() if line.startswith("SigCgt")]
    return bool(int(caught.split()[1], 16) & 1 << (signal.SIGTERM - 1))


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST_SECONDS
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.002)


def children(process: subprocess.Popen[str]) -> list[int]:
    """Every process that was started by this one or by what it started."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        except OSError:
            continue
        parents[int(status.parent.name)] = int(fields.split()[1])
    found = [process.pid]
    for parent in found:
        found += [child for child, its in parents.items() if its == parent]
    return found[1:]


def is_alive(pid: int) -> bool:
    """Whether a process runs on: it has not ended, is not about to, and no kill waits for it."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    fields = text.rpartition(")")[2].split()
    pending = [line.split()[1] for line in status.splitlines() if line.startswith(PENDING)]
    is_killed = any(int(mask, 16) & 1 << (signal.SIGKILL - 1) for mask in pending)
    return fields[0] not in "ZX" and not int(fields[6]) & EXITING and not is_killed


needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")


def stopped(place: Place, line: str, number: signal.Signals, seconds: float) -> bool:
    """Stop a command some time after it began; false when it had ended by then."""
    before = place.files()
    process = place.start(line)
    wait_for(lambda: takes_signals(process))
    time.sleep(seconds)
    started = children(process)
    process.send_signal(number)
    _, err = process.communicate(timeout=LONGEST_SECONDS)
    if process.returncode == 0:
        return False
    assert process.returncode == CODES[number], err
    assert err.endswith(f"\n{WORDS[number]}\n")
    assert "Traceback" not in err
    assert place.files() == before
    assert place.drafts() == []
    assert [pid for pid in started if is_alive(pid)] == []
    return True


@needs_proc
@pytest.mark.parametrize("number", CODES, ids=lambda number: signal.Signals(number).name)
@pytest.mark.parametrize("seconds", [0.0, 0.15, 1.2])
def test_a_signal_leaves_nothing_of_a_build(
    place: Place, number: signal.Signals, seconds: float
) -> None:
    stopped(place, COMMANDS["build"], number, seconds)


@needs_proc
def test_the_compiler_ends_with_the_command(place: Place) -> None:
    process = place.start("build tweed.nam")
    wait_for(lambda: bool(children(process)) or process.poll() is not None)
    wait_for(lambda: len(list(place.scratch.rglob("*.c"))) > 0 or process.poll() is not None)
    compilers: list[int] = []  # one may end between two looks

    def seen() -> bool:
        compilers.extend(children(process))
        return bool(compilers) or process.poll() is not None

    wait_for(seen)
    process.terminate()
    process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == 143
    assert compilers
    assert [pid for pid in compilers if is_alive(pid)] == []


def test_a_program_ends_also_where_a_signal_comes_amid_waiting_for_it() -> None:
    process = subprocess.Popen(["sleep", "60"], start_new_session=True, text=True)
    with process._waitpid_lock:  # type: ignore[attr-defined]  # as `wait` holds it
        ending = threading.Thread(target=scratch._kill, args=[process], daemon=True)
        ending.start()
        ending.join(LONGEST_SECONDS)
        assert not ending.is_alive(), "it waits for a lock that the interrupted call holds"
    assert not is_alive(process.pid)


@needs_proc
@pytest.mark.parametrize("number", CODES, ids=lambda number: signal.Signals(number).name)
def test_a_compiler_that_is_stopped_leaves_nothing_in_its_cache(
    place: Place, number: signal.Signals
) -> None:
    """Without a compiler of the system, ziglang builds its C library first: half a minute."""
    process = place.start("verify tweed.nam --on host", PATH="")
    wait_for(lambda: any(place.cache.glob("zig/*/tmp/*")) or process.poll() is not None)
    process.send_signal(number)
    _, err = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == CODES[number], err
    assert place.drafts() == []
    assert list(place.scratch.iterdir()) == []


def moments(longest: float) -> Iterator[float]:
    """Times from the beginning on, closest together at first."""
    seconds = 0.0
    while seconds < longest:
        yield seconds
        seconds = seconds * 1.25 + 0.02


@needs_proc
@pytest.mark.slow
@pytest.mark.parametrize("number", CODES, ids=lambda number: signal.Signals(number).name)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_signal_at_any_moment_leaves_nothing(
    place: Place, name: str, number: signal.Signals
) -> None:
    if name == "build again":
        assert place.start("build tweed.nam -o there").wait() == 0
    times = [
        seconds for seconds in moments(12.0) if stopped(place, COMMANDS[name], number, seconds)
    ]
    assert len(times) > 5


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT], ids=["nohup", "background"])
def test_a_signal_that_was_ignored_stays_ignored(place: Place, number: signal.Signals) -> None:
    process = place.start("build tweed.nam --target host", ignored=number)
    if Path("/proc/self/status").exists():
        wait_for(lambda: takes_signals(process))
    process.send_signal(number)
    _, err = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == 0, err


@pytest.mark.parametrize("number", CODES, ids=lambda number: signal.Signals(number).name)
def test_a_signal_when_all_is_done_changes_nothing(number: signal.Signals) -> None:
    """Python's own end takes a while, in which it takes the handlers away."""
    script = f"""
import atexit, os, sys
atexit.register(os.kill, os.getpid(), {int(number)})
sys.argv = ["namgen", "targets"]
from namgen.__main__ import run
run()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"daisy" in done.stdout


def test_the_installed_program_is_the_one_that_takes_signals() -> None:
    """What a user types is the entry point `namgen`, not the `python -m namgen` of these tests."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (named,) = re.findall(r"^\[project\.scripts\]\n((?:.+\n)+)", text, re.MULTILINE)
    assert named == 'namgen = "namgen.__main__:run"\n'
    script = f"""
import signal, sys
for number in {[*map(int, CODES)]}:  # a shell may have had them ignored
    signal.signal(number, signal.SIG_DFL)
from importlib.metadata import EntryPoint
import namgen.cli.group
found = []
namgen.cli.group.own_process = lambda: None
namgen.cli.group.main = lambda **_: found.extend(map(signal.getsignal, {[*map(int, CODES)]}))
EntryPoint("namgen", {named.split('"')[1]!r}, "console_scripts").load()()
print([getattr(action, "__module__", action) for action in found])
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == f"{['namgen.__main__'] * len(CODES)}\n"


def test_a_stopped_command_that_gives_json_says_so_in_json(place: Place) -> None:
    process = place.start("render tweed.nam in.wav out.wav --engine reference --json")
    wait_for(lambda: len(list(place.work.iterdir())) > 2 or process.poll() is not None)
    process.terminate()
    out, _ = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == 143
    assert out == '{"error": {"kind": "signal", "lines": ["Terminated."]}}\n'
