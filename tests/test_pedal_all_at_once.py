"""Mistakes do not hide each other: one run tells all of a board's file, or of a pedal's.

Each line of these files that is wrong says so behind it; nothing else may be told.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from pedal_files import described, files_of_a_pedal

from namgen.cli import main
from namgen.errors import FileError
from namgen.pedal_boards import read_pedal_board

BOARD = """\
title = 5                                     # title: expected text, found 5
name = "../mine"                              # name: expected the name of a file
module = "daisy-sed"                          # module: .* did you mean daisy-seed?
inputs = "rihgt"                              # inputs: unknown key; did you mean input?
                                              # inputs: expected one of .* did you mean right?
full_scale_dbu = { in = 250, out = "1" }      # full_scale_dbu.in: expected -40 to 40 dBu
                                              # full_scale_dbu.out: expected a number, found '1'

[[knob]]
lable = "1"                                   # knob[0].lable: unknown key; did you mean label?
pin = "D10"                                   # knob[0].pin: expected a pin with a channel
curve = "logs"                                # knob[0].curve: expected one of .* mean log?
flipped = 1                                   # knob[0].flipped: expected true or false
sets = "bass"

[[knobs]]                                     # knobs: unknown key; did you mean knob?
label = "1"                                   # knob: '1' is there twice
pin = "D10"                                   # knobs[0].pin: expected a free pin, .* knob[0].pin
                                              # knobs[0].pin: expected a pin with a channel
sets = "bass"                                 # knobs[0].sets: bass is set by knob[0] already

[[expression]]
label = ""                                    # expression: expected a label of at least one
pin = "D40"                                   # expression[0].pin: expected a pin of the Daisy
sets = "middel"                               # expression[0].sets: .* did you mean middle?

[[footswitch]]
label = "left"
pin = "PB11"                                  # footswitch[0].pin: .* the module needs: the codec's
pull = "upp"                                  # footswitch[0].pull: .* did you mean up?
active = "lo"                                 # footswitch[0].active: .* did you mean low?
does = "bypas"                                # footswitch[0].does: .* did you mean bypass?

[[toggle]]
label = 7                                     # toggle[0].label: expected text, found 7
pull = false                                  # toggle[0].pull: expected one of
position = [                                  # toggle[0].position: expected a pin in every
                                              # toggle[0].position: 'up' is there twice
                                              # toggle[0].position: .* found gate and ir
    { label = "up", does = "ir-on" },
    { label = "up", does = "gate-on" },
    { label = "x", pin = 3, dose = "ir-of" }, # toggle[0].position[2].pin: expected text, found 3
                                              # toggle[0].position[2].dose: .* did you mean does?
                                              # toggle[0].position[2].dose: .* mean ir-off?
    5,                                        # toggle[0].position[3]: expected a table, found 5
]

[[encoder]]
label = "1"
a = "D4"
b = "d4"                                      # encoder[0].b: .* found d4, which encoder[0].a uses
turn = "captures"                             # encoder[0].turn: unknown key; did you mean turns?
                                              # encoder[0].turn: .* did you mean capture?
does = "bypass"                               # encoder[0].press: expected a pin, beside does

[[led]]
label = "one"
pin = 9                                       # led[0].pin: expected text, found 9
                                              # led[0].pin: expected a pin, or rgb with three
rgb = ["D1", 2]                               # led[0].rgb[1]: expected text, found 2
                                              # led[0].rgb: expected three pins, found 2
shows = "captur"                              # led[0].shows: .* did you mean capture?
capture = 9                                   # led[0].capture: expected 1 to 8, found 9

[[other]]
pin = "D4"                                    # other[0].pin: .* found D4, which encoder[0].a uses
                                              # other[0].to: expected text, found nothing

[bypass]
kind = "dsp"
relay = { pin = "D16", active = 1 }           # bypass.relay.active: expected one of
                                              # bypass.relay: expected beside kind = "relay"
mute = { pin = "D16" }                        # bypass.mute: expected only beside
                                              # bypass.mute.pin: .* which bypass.relay.pin uses
relay_ms = 40                                 # bypass.unmute_ms: expected relay_ms to 200 ms

[update_mode]
hold = ["lefd", 2]                            # update_mode.hold[0]: .* did you mean left?
                                              # update_mode.hold[1]: expected text, found 2
seconds = 60                                  # update_mode.seconds: expected 0.5 to 10, found 60
"""

PEDAL = """\
name = "Mine!"                                # name: expected a name for C
board = "hothouse"
blok = 20                                     # blok: unknown key; did you mean block?
                                              # blok: expected a whole number|block: .* found 20
clock = 401                                   # clock: expected one of 480, 400, .* mean 400?
boot = "srm"                                  # boot: .* did you mean sram?
idle = "nap"                                  # idle: expected spin or sleep, found 'nap'
normalize = 1                                 # normalize: expected true or false, found 1
calibrate = "no"                              # calibrate: expected true, false or .* found 'no'
bypass_idle = []                              # bypass_idle: expected true or false
ir = "clean.nam"                              # ir: .* found a file of another kind
ir_length = 9000                              # ir_length: expected 1 to 8192 taps, found 9000
minimum_phase = 0                             # minimum_phase: expected true or false
submodel = "light"                            # submodel: expected lite, full
slim = 2                                      # slim: expected a ratio from 0 to 1, found 2
tanh = "fasst"                                # tanh: .* did you mean fast?

[[capture]]
fil = "clean.nam"                             # capture[0].fil: unknown key; did you mean file?
name = 5                                      # capture[0].name: expected text, found 5
trim_db = -60                                 # capture[0].trim_db: expected -40 to 40 dB
ir = true                                     # capture[0].ir: expected text or false, found true
bank = 4                                      # capture[0].bank: expected a bank of hothouse
submodel = 0                                  # capture[0].submodel: expected lite, full
slim = "1"                                    # capture[0].slim: expected a number, found '1'
tanh = 1                                      # capture[0].tanh: expected one of

[[capture]]
file = "fuz.nam"                              # capture[1].file: .* no such file
bank = 9                                      # capture[1].bank: expected 1 to 4, found 9

[[captures]]                                  # captures: unknown key; did you mean capture?
file = "sub/fuz.nam"                          # captures[0].file: .* no such file
name = "FUZ"                                  # captures[0].name: capture[1] is called 'fuz' too

[set]
bas = 0.25                                    # set.bas: expected one of .* did you mean bass?
gate = "-165 dB"                              # set.gate: expected a position from 0 to 1
level = true                                  # set.level: expected

[knobs]
7 = "none"                                    # knobs.7: expected one of the knobs of hothouse
1 = "levle"                                   # knobs.1: .* did you mean level?
5 = "middle"                                  # knobs.5: middle is set by knob 3 already

[expressions]
1 = "bass"                                    # expressions.1: expected nothing, for hothouse has

[footswitches]
lefft = "bypass"                              # footswitches.lefft: .* did you mean left?
left = 5                                      # footswitches.left: expected one of

[toggles]
1 = { upp = "ir-on" }                         # toggles.1.upp: .* did you mean up?
2 = { up = "gate-on", middle = "ir-on" }      # toggles.2: expected all to do one kind of thing
9 = { up = "ir-onn" }                         # toggles.9: expected one of the toggles
                                              # toggles.9.up: .* did you mean ir-on?
[encoders]
1 = { turn = "capture" }                      # encoders.1: expected nothing, for hothouse has
                                              # encoders.1.turn: unknown key; did you mean turns?
[leds]
left = "capture-9"                            # leds.left: expected one of
rigth = "status"                              # leds.rigth: .* did you mean right?
"""


def expected(text: str) -> list[re.Pattern[str]]:
    """What the remarks of a text ask for."""
    return [
        re.compile(re.sub(r"([\[\]?()])", r"\\\1", line.split("# ", 1)[1].strip()))
        for line in text.splitlines()
        if "# " in line
    ]


def check(lines: list[str], text: str) -> None:
    """Every line has its own remark, and every remark its line."""
    left = list(lines)
    for pattern in expected(text):
        found = [line for line in left if pattern.match(line)]
        assert found, f"not told: {pattern.pattern}\n" + "\n".join(lines)
        left.remove(found[0])
    assert not left, f"nothing asked for: {left}"


def test_all_that_is_wrong_in_a_board_is_told_in_one_run(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(BOARD, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read_pedal_board(path)
    check([line.removeprefix("mine.toml: ") for line in caught.value.lines], BOARD)


def test_all_that_is_wrong_in_a_pedal_is_told_in_one_run(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        described(files_of_a_pedal(tmp_path), PEDAL)
    check([line.removeprefix("pedal.toml: ") for line in caught.value.lines], PEDAL)


LINE = """
build gone.nam broken.nam --board mine.toml --ir clean.nam --block 999 --boot usb --clock 1
--submodel lit --set bas=1 --set bass=2 --tanh fasst --name 1a --slim 3 --ir-length 0
"""

USAGE = """\
--block: # Invalid value for '--block': 999
--boot: # Invalid value for '--boot' / '--app': expected one of flash, sram, qspi, none, found 'usb'
--clock: # Invalid value for '--clock': expected one of 480, 400, found '1'
--submodel: # Invalid value for '--submodel': .* did you mean lite?
--set: # Invalid value for '--set': .* did you mean bass?
--tanh: # Invalid value for '--tanh': .* did you mean fast?
--name: # Invalid value for '--name': .* did you mean model_1a?
--slim: # Invalid value for '--slim': 3
--ir-length: # Invalid value for '--ir-length': 0
"""

FILES = """\
gone.nam # gone.nam: .* no such file
broken.nam # broken.nam: config: .* found nothing
broken.nam # broken.nam: weights: .* found nothing
mine.toml # mine.toml: module: .* did you mean daisy-seed?
mine.toml # mine.toml: title: expected text, found 5
clean.nam # clean.nam: expected an impulse response (WAV), found a file of another kind
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(files_of_a_pedal(tmp_path))
    broken = '{"version": "0.5.4", "architecture": "WaveNet"}'
    (tmp_path / "broken.nam").write_text(broken, encoding="utf-8")
    board = 'title = 5\nmodule = "daisy-sed"\n'
    (tmp_path / "mine.toml").write_text(board, encoding="utf-8")
    return tmp_path


def told(line: str, code: int) -> list[str]:
    result = CliRunner().invoke(main, shlex.split(line))
    assert result.exit_code == code, result.output
    lines = result.stderr.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("Error: "))
    return [line.removeprefix("Error: ") for line in lines[first:]]


def test_all_that_is_wrong_in_a_command_line_is_told_in_one_run(folder: Path) -> None:
    check(told(LINE, 2), USAGE + FILES)


def test_all_that_is_wrong_in_files_is_told_in_one_run(folder: Path) -> None:
    check(told("build gone.nam broken.nam --board mine.toml --ir clean.nam", 1), FILES)
    which = [line for line in FILES.splitlines() if line.startswith(("broken", "clean"))]
    check(told("inspect broken.nam --ir clean.nam", 1), "\n".join(which))


def test_a_way_that_a_target_has_not_does_not_hide_what_else_is_wrong(folder: Path) -> None:
    lines = told("build gone.nam --target host --boot sram --clock 400 --board nope", 2)
    assert [line.split(": ")[0] for line in lines] == [
        "Invalid value for '--boot' / '--app'",
        "Invalid value for '--clock'",
        "gone.nam",
        "board",
    ]
