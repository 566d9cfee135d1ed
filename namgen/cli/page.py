"""`namgen page`."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from namgen.arithmetic import F32
from namgen.cli.command import command, json_option
from namgen.cli.common import FileOut, has_mark, refuse_inputs, tell_chosen
from namgen.cli.options import (
    Purpose,
    block_option,
    boot_option,
    clock_option,
    file_path,
    gathers,
    idle_option,
    models_argument,
    name_option,
    toolchain_option,
    wanted_options,
)
from namgen.cli.page_image import Imaging, PageImage, image_for_page
from namgen.cli.pedal_lines import tell_captures
from namgen.cli.pedal_options import Around, around_options, said_of
from namgen.cli.progress import progress_lines
from namgen.cli.terminal import Facts, Item, note, print_json, show
from namgen.errors import OutputError, ToolError
from namgen.ir import Model
from namgen.nam_file import read
from namgen.naming import c_name
from namgen.output_dir import check_writable, whole_file, write_whole
from namgen.output_file import check_output_file
from namgen.pedal.deciding import Pedal, pedal_of
from namgen.pedal.files import read_captures
from namgen.pedal.sound import plan_sound
from namgen.progress import Progress, part
from namgen.selection.choosing import choose
from namgen.selection.wanted import ANYTHING, Wanted

if TYPE_CHECKING:
    from namgen.analysis import Player
    from namgen.page import CaptureFacts, PageFacts, Play


_PORT = 8017
"""Where a page is served, unless somebody says otherwise."""


@dataclass(frozen=True, slots=True)
class _Making:
    """What is written, and beside what."""

    out: Path | None
    compare: Path | None
    png: Path | None
    force: bool
    serve: bool
    port: int | None


@command("page")
@models_argument
@click.option(
    "-o",
    "--out",
    type=FileOut(".html", ".htm"),
    metavar="OUT.html",
    help="The page.  [default: NAME.html, in this folder]",
)
@click.option(
    "--compare",
    type=file_path,
    metavar="OTHER.nam",
    help="Draw another capture over the only one, and say how deep the two null.",
)
@click.option(
    "--png",
    type=file_path,
    metavar="DIR",
    help='Write every picture as a PNG too; needs pip install "namgen[page]".',
)
@click.option(
    "--serve",
    is_flag=True,
    help="Give the page to browsers of this computer, until Ctrl-C: some give the sound card or "
    "USB to no page from disk.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help=f"Where it is served; 0: on any that is free.  [default: {_PORT}]",
)
@around_options
@wanted_options
@block_option
@boot_option
@clock_option
@toolchain_option
@idle_option
@name_option
@click.option("--no-image", is_flag=True, help="Leave out the firmware: the page is made sooner.")
@click.option(
    "--no-profile", is_flag=True, help="Estimate the cost instead of running the image to see it."
)
@click.option("--force", is_flag=True, help="Replace OUT.html also where namgen did not write it.")
@json_option
@gathers(Purpose, "purpose")
@gathers(Wanted, "wanted")
@gathers(Around, "around")
@gathers(_Making, "making")
@gathers(Imaging, "imaging")
def page_command(
    *,
    models: tuple[Path, ...],
    purpose: Purpose,
    wanted: Wanted,
    around: Around,
    making: _Making,
    imaging: Imaging,
    as_json: bool,
) -> None:
    """Show, play and flash a pedal of MODELs, .nam files, on one page.

    \b
    Examples:
        namgen page tweed.nam
        namgen page pedal.toml -o pedal.html
        namgen page tweed.nam --compare other.nam       two captures, and what is left of them
        namgen page tweed.nam --png pictures
        namgen page pedal.toml --serve                  on this computer, for the sound card

    The page is one file that needs no network and opens from disk; it plays the pedal, whose C is
    in it as WebAssembly, and puts its image onto a board over WebUSB. Options are those of
    `namgen build`; a MODEL may be a pedal.toml, alone.
    """  # noqa: D301
    pedal = pedal_of(models, said_of(around, purpose, wanted))
    place = making.out or Path(f"{_called(pedal)}.html")
    _check(making, place, (*models, *around.files), pedal)
    with _serving(making, as_json=as_json) as serve:
        _make(pedal, making, imaging, place, as_json=as_json)
        serve(place)


def _make(pedal: Pedal, making: _Making, imaging: Imaging, place: Path, *, as_json: bool) -> None:
    """Make the page, and say what it has."""
    from namgen.page import page_of, play_of, playing_part

    with progress_lines() as progress:
        facts = _facts(pedal, making.compare, part(progress, 0.0, 0.3))
        play = play_of(facts, part(progress, 0.3, 0.4))
        image = image_for_page(pedal, facts.sound, imaging, part(progress, 0.4, 1.0))
        facts = replace(facts, image=image.prediction)
        write_whole(place, page_of(facts, [playing_part(facts, play), image.part]))
        pictures = [] if making.png is None else list(_pictures(facts, making.png, progress))
    told = {"file": str(place), "bytes": place.stat().st_size, "play": play.to_json()}
    if as_json:
        told |= {"image": image.to_json(), "pictures": [str(p) for p in pictures]}
        print_json(facts.to_json() | told)
        return
    show(_lines(facts, play, image, place, pictures))


@contextmanager
def _serving(making: _Making, *, as_json: bool) -> Iterator[Callable[[Path], None]]:
    """Take the port before any work; give what serves a page there, or does nothing."""
    if not making.serve:
        if making.port is not None:
            raise click.UsageError("--port: expected beside --serve")
        yield lambda _: None
        return
    from namgen.page.serving import PageServer

    with PageServer(_PORT if making.port is None else making.port) as server:

        def serve(place: Path) -> None:
            server.page = place.read_bytes()
            told = f"{server.address} until Ctrl-C"
            note(told) if as_json else show([told])
            server.serve_forever()

        yield serve


def _called(pedal: Pedal) -> str:
    first = pedal.wanted.captures[0].path
    return pedal.file.stem if pedal.file else pedal.wanted.name or c_name(first.name)


def _check(making: _Making, place: Path, inputs: tuple[Path, ...], pedal: Pedal) -> None:
    """Refuse, before any work, what could not be drawn or written."""
    count = len(pedal.wanted.captures)
    if making.compare is not None and count > 1:
        raise click.UsageError(f"--compare: expected one capture to compare with, found {count}")
    own = [path for capture in pedal.wanted.captures for path in (capture.path, capture.ir)]
    more = [path for path in (*own, making.compare, pedal.file) if path is not None]
    refuse_inputs(place, (*inputs, *more), option="-o")
    check_output_file(place, kind="a page of namgen's", is_kind=_is_page, force=making.force)
    if making.png is not None:
        _check_folder(making.png)


def _is_page(path: Path) -> bool:
    from namgen.page import MARK

    return has_mark(path, MARK)


def _check_folder(folder: Path) -> None:
    if importlib.util.find_spec("resvg_py") is None:
        raise ToolError('--png needs resvg_py: pip install "namgen[page]"')
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder}: expected a folder or nothing, found a file")
    check_writable(folder / "c1-curve.png")


def _facts(pedal: Pedal, other: Path | None, progress: Progress) -> PageFacts:
    """Decide on everything, and play it."""
    from namgen.page import gather

    files = read_captures(pedal.wanted.captures)
    model = None if other is None else _other(other, pedal, progress)
    sound = plan_sound(pedal.wanted, pedal.order, files, progress=progress)
    tell_captures(pedal.wanted, sound, files)
    return gather(pedal, sound, files, _bring, other=model, progress=progress)


def _other(path: Path, pedal: Pedal, progress: Progress) -> Model:
    """Take of another capture what a pedal would."""
    found = choose(read(path), pedal.order, ANYTHING, progress=progress)
    tell_chosen(found)
    return found.model


def _bring(model: Model) -> Player:
    """Compile a model for this machine."""
    from host_sim.engines import HostEngine
    from host_sim.host_plan import plan_here

    engine = HostEngine(plan_here(model))

    def play(samples: F32) -> F32:
        engine.reset()
        return engine.process(samples[:, None])[:, 0]

    return play


def _pictures(facts: PageFacts, folder: Path, progress: Progress) -> Iterator[Path]:
    import resvg_py

    from namgen.page import pictures_of

    progress("drawing pictures")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pictures_of(facts):
        path = folder / f"{name}.png"
        check_output_file(path, kind="a PNG", is_kind=_is_png)
        with whole_file(path) as draft:
            draft.write_bytes(bytes(resvg_py.svg_to_bytes(svg_string=text, zoom=2)))
        yield path


def _is_png(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(8) == b"\x89PNG\r\n\x1a\n"


def _lines(
    facts: PageFacts, play: Play, image: PageImage, place: Path, pictures: list[Path]
) -> Iterator[Item]:
    yield f"{place}: {place.stat().st_size:,} bytes{image}"
    yield from play.notes
    for capture in facts.captures:
        yield Facts(list(_rows(capture)))
    if facts.compared is not None:
        found = facts.compared.difference
        deep = f"{found.depth_db:.1f} dB, {found.matched_depth_db:.1f} dB"
        yield f"beside {facts.compared.name}: null {deep} with {found.gain_db:.1f} dB of gain"
    if pictures:
        yield f"{pictures[0].parent}: {len(pictures)} pictures"


def _rows(capture: CaptureFacts) -> Iterator[tuple[str, str]]:
    sounding = capture.sounding
    yield capture.title, f"{capture.file}, {capture.precision}"
    driven = (f"{h.thd_percent:.1f} % at {h.drive_db:g} dB" for h in sounding.harmonics)
    yield "distortion", f"of 220 Hz: {', '.join(driven)}"
    true = capture.quality.normal if capture.quality else capture.truth
    if true is not None:
        yield "null", f"{true.snr_db:.1f} dB deep beside float64, with a guitar"
