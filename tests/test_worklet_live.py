"""Where a sound card waits, what came too late is counted, and a context that rests is not late."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from browser import browser
from wasm_programs import need_node
from worklet_modules import busy
from worklet_page import write_page

from host_sim.wasm import find_node
from namgen.wasm import scripts

_CLOCK = """
const vm = require("vm");
const around = { AudioWorkletProcessor: class {}, registerProcessor() {}, currentTime: 0 };
const scope = vm.createContext(around);
const Lateness = vm.runInContext(process.argv[1] + "; Lateness", scope);
const lateness = new Lateness(0.01), told = [];
let clock = 5;
function card(seconds, { rested = 0, lost = 0 } = {}) { /* asks for 10 ms at a time */
    clock += rested + lost;
    for (let at = 0; at < seconds; at += 0.01) {
        for (const within of [0, 0.0025, 0.005, 0.0075]) {
            scope.currentTime += 0.0025;
            const known = lateness.called(clock * 1000, clock * 1000 + 1);
            if (known) told.push(known);
        }
        if (rested && at < 0.005) lateness.resumed(); /* told a little late */
        clock += 0.01;
    }
}
"""


def counted(what: str) -> list[dict[str, float]]:
    """What is told of a clock that a script moves."""
    need_node()
    script = f"{_CLOCK}\n{what}\nconsole.log(JSON.stringify(told));"
    command = [find_node(), "-e", script, scripts().worklet]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    told: list[dict[str, float]] = json.loads(done.stdout)
    return told


def test_what_is_in_time_is_no_dropout() -> None:
    told = counted("card(4);")
    assert len(told) == 7
    assert {one["dropouts"] for one in told} == {0}
    assert all(abs(one["load"] - 0.4) < 1e-3 for one in told)


def test_every_gap_is_one_dropout() -> None:
    told = counted("card(2); card(2, { lost: 0.03 }); card(2, { lost: 0.05 });")
    assert told[2]["dropouts"] == 0
    assert told[-1]["dropouts"] == 2


def test_a_context_that_rested_has_lost_nothing() -> None:
    assert counted("card(2); card(2, { rested: 1 });")[-1]["dropouts"] == 0


def test_an_overloaded_worklet_is_told_in_a_browser(tmp_path: Path) -> None:
    with browser() as chromium:
        page = chromium.open(write_page(tmp_path / "page.html", busy()))
        told = page.value(
            """(async () => {
                const context = new AudioContext({ sampleRate: 48000 }), heard = [];
                const options = { url, wasm, hear: (one) => "load" in one && heard.push(one) };
                const player = await openPlayer(context, options);
                new ConstantSourceNode(context).connect(player.node).connect(context.destination);
                await context.resume();
                const more = async (count) => {
                    const enough = heard.length + count;
                    while (heard.length < enough) await new Promise((done) => setTimeout(done, 20));
                    return heard[heard.length - 1];
                };
                const idle = await more(2);
                await player.ask({ reset: 20 }); /* million turns, in a call of 2.7 ms */
                return [idle, await more(3), player.error];
            })()"""
        )
        idle, late, error = told
        assert idle["load"] < 1
        assert late["load"] > 1
        assert late["dropouts"] > idle["dropouts"]
        assert late["underruns"] is None or late["underruns"] >= 0
        assert error is None
        assert chromium.said == []
