"""Spells the page, and its pictures by themselves; templates give the shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup

from namgen.c_text import counted
from namgen.page.faceplate import faceplate
from namgen.page.facts import CaptureFacts, PageFacts
from namgen.page.marks import Picture, gathered, spelled
from namgen.page.palette import DARK, LIGHT, SERIES
from namgen.page.pictures import cycles_picture, field_picture, memory_picture, network_picture
from namgen.page.sound_plots import level, sound_plots
from namgen.page.working import Working, blocks_of, policy_of, scripts_of
from namgen.pedal_boards.drawing import draw
from namgen.pedal_boards.svg import printable
from namgen.resources import templates_dir
from namgen.version import VERSION

MARK = "<!-- a page of namgen's -->"
"""In the second line of every page, so that namgen knows its own."""

_TAG = re.compile("<[^>]*>")
_SAID_ANYHOW = re.compile(
    r' (?:font-family="[^"]*"|text-anchor="start"|rx="0"|fill-opacity="1"|stroke="none"'
    r'|stroke-linecap="round"|stroke-width="1.5"|font-size="13")'
)
"""Of a drawing: what is so by itself, or by the style of the page."""


@dataclass(frozen=True, slots=True)
class CaptureView:
    """A capture as the page shows it."""

    key: str
    facts: CaptureFacts
    rows: tuple[tuple[str, str], ...]
    what: tuple[Picture, ...]
    sounds: tuple[Picture, ...]
    noise: tuple[tuple[str, str], ...]
    truths: tuple[tuple[str, str], ...]


def page_of(facts: PageFacts, parts: Sequence[Working] = ()) -> str:
    """Return the page, with the parts that work first: the same facts give the same bytes."""
    environment = _environment()
    style = environment.get_template("style.css.j2").render(parts=parts)
    scripts = scripts_of(parts)
    elsewhere = {picture.key for part in parts for picture in part.pictures}
    return environment.get_template("page.html.j2").render(
        mark=Markup(MARK),
        facts=facts,
        title=facts.title,
        summary=_summary(facts),
        style=Markup(style),
        policy=Markup(policy_of(style, scripts, parts)),
        parts=parts,
        blocks=blocks_of(parts),
        scripts=scripts,
        captures=_captures(facts),
        pedal=tuple(picture for picture in _pedal(facts) if picture.key not in elsewhere),
        wiring=_wiring(facts),
        chain=_chain(facts),
        version=VERSION,
    )


def pictures_of(facts: PageFacts) -> Iterator[tuple[str, str]]:
    """Yield every picture by itself: its name, and an SVG in the colours of paper."""
    environment = _environment()
    looks = environment.get_template("looks.css.j2").render()
    for name, colour in LIGHT.items():
        looks = looks.replace(f"var(--{name})", colour)
    template = environment.get_template("alone.svg.j2")
    of_captures = [p for view in _captures(facts) for p in (*view.what, *view.sounds)]
    for picture in (*_pedal(facts), *of_captures):
        yield picture.key, template.render(picture=picture, looks=Markup(looks))


def _environment() -> jinja2.Environment:
    """Every value is escaped, and has no character that no document can hold."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(templates_dir()) / "page"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    environment.filters |= {
        "px": spelled,
        "gathered": gathered,
        "level": lambda value: level(value, " dB"),
    }
    environment.filters["capital"] = lambda text: f"{text[:1].upper()}{text[1:]}"
    environment.globals |= {"light": LIGHT, "dark": DARK, "series": range(SERIES)}
    return environment


def _summary(facts: PageFacts) -> str:
    parts = [facts.wanted.board.title, counted(len(facts.captures), "capture", "captures")]
    parts += [str(facts.prediction)] if facts.prediction else []
    return " · ".join(parts)


def _pedal(facts: PageFacts) -> tuple[Picture, ...]:
    drawn = faceplate(facts.wanted, facts.sound)
    found = [] if drawn is None else [drawn]
    if facts.costs and all(cost.parts for cost in facts.costs):
        found.append(cycles_picture(facts.costs, facts.prediction))
    return (*found, memory_picture(facts.memories))


def _wiring(facts: PageFacts) -> Markup:
    """Return the drawing of `namgen board --draw`, with words for who does not see it."""
    board = facts.wanted.board
    named = f'<svg role="img" aria-label="{Markup.escape(printable(board.title))}, pin by pin" '
    text = _TAG.sub(lambda tag: _SAID_ANYHOW.sub("", tag[0]), draw(board))
    text = text.replace("<svg ", named, 1)
    return Markup(re.sub(r' width="[\d.]+" height="[\d.]+"( viewBox)', r"\1", text, count=1))


def _chain(facts: PageFacts) -> tuple[tuple[str, str], ...]:
    chain = facts.sound.chain
    rows = [("signal chain", ", ".join(block.title for block in chain.blocks))]
    rows += [("cabinet", each.response.name) for each in facts.sound.impulses]
    latency = (
        f"{chain.block_frames} frames, {1000 * chain.block_frames / chain.sample_rate_hz:g} ms"
    )
    rows.append(("block", latency))
    if facts.prediction is not None:
        rows.append(("processor", str(facts.prediction)))
        rows.append(("in numbers", facts.prediction.in_numbers))
    return tuple(rows)


def _captures(facts: PageFacts) -> tuple[CaptureView, ...]:
    return tuple(_capture(facts, number) for number in range(len(facts.captures)))


def _capture(facts: PageFacts, number: int) -> CaptureView:
    capture, key, other = facts.captures[number], f"c{number + 1}", facts.compared
    named = [(capture.title, capture.sounding)]
    named += [(other.name, other.sounding)] if other else []
    return CaptureView(
        key,
        capture,
        tuple(_rows(capture)),
        (network_picture(key, capture), field_picture(key, capture)),
        tuple(sound_plots(key, named)),
        tuple(_noise(capture)),
        tuple(_truths(capture)),
    )


def _rows(capture: CaptureFacts) -> Iterator[tuple[str, str]]:
    yield "file", capture.file
    yield "SHA-256", capture.sha256
    submodel = f", submodel {capture.submodel}" if capture.submodel else ""
    yield "architecture", f"{capture.architecture}{submodel}"
    yield "precision", capture.precision
    yield from capture.metadata.items()
    yield from _levels(capture)
    yield "parameters", f"{capture.parameters:,}"
    yield "multiply-adds", f"{capture.macs_per_sample:,} a sample"
    yield "activations", f"{capture.activations_per_sample:,} a sample"
    field = capture.receptive_field
    told = "without end" if field is None else f"{field:,} samples, {capture.field_ms:.1f} ms"
    yield "receptive field", told
    yield from (("level", gain) for gain in capture.gains)


def _levels(capture: CaptureFacts) -> Iterator[tuple[str, str]]:
    found = capture.levels
    for name, stated, unit in (
        ("loudness", found.loudness_db, "dB"),
        ("input level", found.input_level_dbu, "dBu"),
        ("output level", found.output_level_dbu, "dBu"),
    ):
        if stated is not None:
            yield name, level(stated.value, f" {unit}")


def _noise(capture: CaptureFacts) -> Iterator[tuple[str, str]]:
    noise, decay = capture.sounding.noise, capture.sounding.decay
    moving = "nothing moves" if noise.moving_db is None else level(noise.moving_db, " dB moves")
    yield "in silence", f"{moving}; the constant is {level(noise.rest_db, ' dB')}"
    came = level(noise.hiss_out_db, " dB")
    yield f"hiss at {level(noise.hiss_in_db, ' dB')}", f"comes out at {came}"
    gone = "not within 400 ms" if decay.gone_ms is None else f"after {decay.gone_ms:g} ms"
    yield "60 dB down", f"{gone}, when a tone stops"


def _truths(capture: CaptureFacts) -> Iterator[tuple[str, str]]:
    """Say how near to float64 it is."""
    played = [] if capture.truth is None else [capture.truth]
    played += [] if capture.quality is None else capture.quality.signals
    for each in played:
        error = level(each.error_dbfs, " dBFS")
        yield each.name, f"a null {each.snr_db:.1f} dB deep, the error at {error}"
