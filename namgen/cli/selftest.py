"""`namgen selftest`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from namgen.cli.command import OneOf, command, json_option
from namgen.cli.common import check_output, check_packages
from namgen.cli.options import (
    boot_option,
    clock_option,
    file_path,
    pedal_names,
    toolchain_option,
)
from namgen.cli.pedal_options import BoardName
from namgen.cli.progress import progress_lines
from namgen.cli.selftest_lines import result_lines, result_values
from namgen.cli.terminal import Item, Line, note, print_json, show
from namgen.errors import NamgenError
from namgen.measured import MeasuredPedal, read_measured
from namgen.output_dir import write_whole
from namgen.packages import package_of, shell_word

if TYPE_CHECKING:
    from namgen.afsk.decoder import Reception
    from namgen.selftest.image import Made

_PASS_HINT = "record two passes, some 55 s, from where the tones end and the LED blinks digits"


@dataclass(frozen=True, slots=True)
class _Making:
    """What the image is for."""

    board: str | None
    target: str | None
    clock: str | None
    boot: str | None
    toolchain: str

    @property
    def given(self) -> list[str]:
        """Name the options that only an image has."""
        asked = {"--board": self.board, "--target": self.target, "--clock": self.clock}
        return [name for name, value in {**asked, "--boot": self.boot}.items() if value]


@command("selftest")
@click.option(
    "-o",
    "--out",
    type=file_path,
    metavar="DIR|FILE",
    help="Folder for the image; with --decode, the file for what was measured.",
)
@click.option(
    "--decode",
    "recording",
    type=file_path,
    metavar="REC.wav",
    help="Read the results out of a recording.",
)
@click.option(
    "--board",
    type=BoardName(),
    metavar="NAME|FILE",
    help="The board it is built on, one that `namgen board` lists or a file.  [default: seed]",
)
@click.option(
    "--target",
    type=OneOf(pedal_names),
    help="The module, where no board is named.  [default: the board's]",
)
@boot_option
@clock_option
@toolchain_option
@json_option
def selftest_command(
    *,
    out: Path | None,
    recording: Path | None,
    board: str | None,
    target: str | None,
    boot: str | None,
    clock: str | None,
    toolchain: str,
    as_json: bool,
) -> None:
    """Make an image that measures the pedal it runs on, and read what it tells.

    \b
    Examples:
        namgen selftest -o selftest --board terrarium      the image: selftest/firmware.bin
        namgen selftest --decode rec.wav                   what the pedal has told
        namgen selftest --decode rec.wav -o measured.json  and kept, for
        namgen build tweed.nam --board terrarium --measured measured.json

    Put the image on the pedal as any other, and nothing but a cable from its output to a sound
    card. It needs 70 s: while the LED flashes once a second it measures, plays 440 Hz left and 660
    Hz right, and counts errors. Then it tells the results as sound, again and again, 24 s each
    time: record 55 s as WAV, 16 bits or more, 44.1 kHz or more, at a peak of -20 to -3 dB. The LED
    tells three digits (100 times measured for predicted), then two seconds of light: passed; or
    ten flashes: not. docs/selftest.md has all of it.
    """  # noqa: D301
    making = _Making(board, target, clock, boot, toolchain)
    if recording is not None:
        if making.given:
            raise click.UsageError(f"--decode takes no {', '.join(making.given)}")
        _decode(recording, out, as_json=as_json)
    elif out is None:
        raise click.UsageError("expected -o DIR to make the image, or --decode REC.wav")
    else:
        _make(making, out, as_json=as_json)


# ---- the image


def _make(making: _Making, out: Path, *, as_json: bool) -> None:
    check_packages()
    from host_sim.m7.ladder import EmulatedLadder
    from namgen.selftest.image import Job, build_selftest

    with progress_lines() as progress:
        made = build_selftest(
            Job(
                out,
                EmulatedLadder(),
                board=making.board,
                target=making.target,
                clock=making.clock,
                boot=making.boot,
                toolchain=making.toolchain,
                progress=progress,
            )
        )
    steps = list(_steps(made))
    if as_json:
        print_json(_made_values(made) | {"next": steps})
        return
    show([*_made_lines(made), "", Line("next", "bold"), *(f"  {step}" for step in steps)])


def _made_lines(made: Made) -> Iterator[Item]:
    order, path = made.order, made.out_dir / "firmware.bin"
    mhz = order.clock_hz // 1_000_000
    yield f"{path}: {made.image.size_bytes:,} bytes, for {order.target.title}, {mhz} MHz"
    yield f"{len(made.predicted)} measurements and their predictions are inside"


def _made_values(made: Made) -> dict[str, Any]:
    return {
        "folder": str(made.out_dir),
        "target": made.order.target.name,
        "clock_hz": made.order.clock_hz,
        "boot": made.order.boot.name if made.order.boot else None,
        "size_bytes": made.image.size_bytes,
        "predicted": [asdict(span) for span in made.predicted],
    }


def _steps(made: Made) -> Iterator[str]:
    package = package_of(made.order.target)
    yield from package.next_steps("selftest", made.order, made.out_dir)
    yield "wait until the tones end and the LED blinks digits, 70 s; record 55 s as rec.wav"
    yield "namgen selftest --decode rec.wav -o measured.json"


# ---- the recording


def _decode(recording: Path, out: Path | None, *, as_json: bool) -> None:
    from namgen.selftest.correcting import measured_of
    from namgen.selftest.results import read_results

    if out is not None:
        check_output(
            out, [recording], option="--out", kind="a measured pedal", is_kind=_is_measured
        )
    found = _heard(recording)
    if found.message is None:
        raise NamgenError(*_unheard(recording, found))
    results = read_results(found.message)
    measured = measured_of(results) if all(results.checks) else None
    if out is not None:
        _write(measured or measured_of(results), out)
    if as_json:
        values = result_values(results, measured, found.quality)
        print_json(values | {"out": None if out is None else str(out)})
        return
    show(result_lines(results, measured, found.quality))
    if out is not None:
        show([f"{out}: namgen build MODEL --measured {shell_word(out)} uses it from now on"])


def _heard(recording: Path) -> Reception:
    import numpy as np

    from host_sim.audio_file import open_audio
    from namgen.afsk.decoder import decode

    with open_audio(recording) as reader:
        if reader.missing_frames:
            note(f"{recording}: not whole{reader.cut}")
        samples = np.concatenate(list(reader.blocks(1 << 16))).astype(np.float64)
        rate_hz = reader.sample_rate_hz
    if rate_hz < _LEAST_RATE_HZ:
        raise NamgenError(f"{recording}: expected {_LEAST_RATE_HZ} Hz or more, found {rate_hz}")
    return decode(samples, rate_hz)


_LEAST_RATE_HZ = 8000
"""Below it the higher tone, and half a bit's bandwidth beside it, are not there."""


def _unheard(recording: Path, found: Reception) -> Iterator[str]:
    quality = found.quality
    if found.count is None:
        told = "expected the results of a self-test, heard none"
        yield f"{recording}: {told} ({quality}); {_PASS_HINT}"
    else:
        missing = ", ".join(str(number + 1) for number in found.missing)
        there = found.count - len(found.missing)
        yield (
            f"{recording}: heard {there} of {found.count} blocks, missing {missing} ({quality}); "
            f"{_PASS_HINT}"
        )
    if quality.is_overloaded:
        yield f"{recording}: overloaded: turn the recording level down"


def _write(measured: MeasuredPedal, out: Path) -> None:
    write_whole(out, measured.text())


def _is_measured(path: Path) -> bool:
    try:
        read_measured(path)
    except NamgenError:
        return False
    return True
