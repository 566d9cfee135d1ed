"""`namgen render`."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from namgen.cli.command import OneOf, command, json_option
from namgen.cli.common import refuse_inputs
from namgen.cli.options import (
    Purpose,
    block_option,
    clock_option,
    file_path,
    gathers,
    model_argument,
    target_option,
    wanted_options,
)
from namgen.cli.pedal_options import Around, around_options
from namgen.cli.performing import Performance, Player, bare, is_pedal, whole
from namgen.cli.progress import progress_lines
from namgen.cli.recording_option import with_recording
from namgen.cli.terminal import note, print_json, show
from namgen.progress import Progress, Stage
from namgen.selection.wanted import Wanted

if TYPE_CHECKING:
    from host_sim.render import Rendered


@dataclass(frozen=True, slots=True)
class _Playing:
    """What computes, and how the audio files are read and written."""

    engine: str
    channel: int | None
    resample: bool
    subtype: str | None
    force: bool

    def play(
        self, performance: Performance, source: Path, out: Path, progress: Progress
    ) -> Rendered:
        """Play `source` into `out`."""
        from host_sim.render import render

        return render(
            performance.engine,
            performance.form,
            source,
            out,
            channel=self.channel,
            resample=self.resample,
            subtype=self.subtype,
            force=self.force,
            progress=lambda now, frames: progress(Stage(f"rendering {source.name}", now / frames)),
        )


@command("render")
@model_argument
@click.argument("source", type=file_path, metavar="IN")
@click.argument("out", type=file_path, metavar="OUT")
@click.option(
    "--engine",
    type=OneOf(["host", "reference", "emulator"]),
    default="host",
    show_default=True,
    help="What computes: the C on this machine, NumPy, or the C on an emulated Cortex-M7.",
)
@click.option("--channel", type=click.IntRange(min=1), help="Channel of IN to play, from 1.")
@click.option(
    "--resample",
    is_flag=True,
    help="Take a file of another sample rate: convert it to the model's rate and the result back.",
)
@click.option(
    "--subtype",
    type=OneOf(["float32", "pcm16", "pcm24", "pcm32"]),
    help="Sample format of OUT.  [default: float32; in a FLAC file pcm24]",
)
@click.option("--capture", metavar="NAME", help="Which capture of a pedal begins.")
@click.option("--bypass", is_flag=True, help="Begin by bypassing the pedal.")
@click.option(
    "--automation",
    type=file_path,
    metavar="MOVES.csv",
    help="What a player does: lines of time (in seconds), knob, value.",
)
@around_options
@target_option
@wanted_options
@block_option
@clock_option
@click.option("--force", is_flag=True, help="Replace OUT also where it is no audio file.")
@json_option
@gathers(Purpose, "purpose")
@gathers(Wanted, "wanted")
@gathers(Around, "around")
@gathers(Player, "player")
@gathers(_Playing, "playing")
def render_command(
    *,
    model: Path,
    source: Path,
    out: Path,
    purpose: Purpose,
    wanted: Wanted,
    around: Around,
    player: Player,
    playing: _Playing,
    as_json: bool,
) -> None:
    """Play the audio file IN through MODEL into OUT.

    \b
    Examples:
        namgen render tweed.nam guitar.wav out.wav
        namgen render tweed.nam stereo44k.wav out.wav --channel 1 --resample
        namgen render tweed.nam guitar.wav out.wav --ir cab.wav --set bass=0.3
        namgen render pedal.toml guitar.wav out.wav --capture lead --automation moves.csv

    A pedal.toml, or any option of a pedal, plays the whole pedal, as its firmware does; without,
    MODEL plays alone. A line of MOVES.csv is "1.5, bass, 0.3", "2, gate, -60 dB", "3, bypass, on"
    (gate and ir too, and off) or "4, capture, lead". All engines give the same samples, bit for
    bit. OUT has the length and the sample rate of IN, and appears only when it is complete. The
    ending of its name is its format: .wav (beyond 4 GB an RF64), .flac, .aiff, .caf, .w64, .rf64
    or .au.
    """  # noqa: D301
    from host_sim.audio_file import check_audio_target

    inputs = (model, source, *player.files, *around.files)
    refuse_inputs(out, inputs, option="OUT")
    check_audio_target(out, subtype=playing.subtype, inputs=inputs, force=playing.force)
    wanted = with_recording(wanted, around.recording)
    asked = (playing.engine, model, purpose, wanted)
    is_whole = is_pedal(model, around, player)
    performance = whole(*asked, around, player) if is_whole else bare(*asked)
    with progress_lines() as progress:
        done = playing.play(performance, source, out, progress)
    _tell_missing(done, source)
    if as_json:
        print_json(asdict(done) | {"file": str(out)})
        return
    level = f"{20 * math.log10(done.peak):.1f} dBFS" if done.peak > 0 else "silence"
    show([f"{out}: {done.frames} frames at {done.sample_rate_hz} Hz, peak {level}"])
    _tell_clipped(done)


def _tell_missing(done: Rendered, source: Path) -> None:
    if done.missing_frames:
        promised = done.frames + done.missing_frames
        note(f"{source}: {done.missing_frames} of the {promised} frames it promises are missing")


def _tell_clipped(done: Rendered) -> None:
    if done.clipped:
        note(
            f"{done.clipped} samples were beyond full scale and are clipped; "
            "--subtype float32 keeps them"
        )
