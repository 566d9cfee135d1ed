"""How near fixed point comes to float64, capture by capture; and a picture of its noise.

python benchmarks/fixed_quality.py FILE.nam ... [--precision fixed32] [--gain 6] [--bounds]
    [--guitars 5001 5002 ...] [--picture OUT.svg]

`--guitars` plays guitars of these seeds too, of which nobody has chosen anything: the worst of them
and the median, level by level.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

import namgen
from namgen import ir
from namgen.fixed import signals
from namgen.fixed.evaluate import evaluate
from namgen.fixed.precision import FixedPrecision
from namgen.fixed.quality import FRAMES, compare, measure
from namgen.fixed.quantise import Quantised, quantise
from namgen.fixed.quantise.noise import LayerNoise
from namgen.fixed.reference import FixedReference
from namgen.fixed.report import bounds_lines, quality_lines, words_lines

WIDTH, HEIGHT, LEFT, TOP, FOOT = 920, 380, 60, 50, 60
LOUDEST_DB, FAINTEST_DB = 55.0, 125.0
COLOURS = {"convolution": "#4878a8", "1x1": "#c07838"}
FRESH = {"normal": 1.0, "20 dB down": 0.1, "40 dB down": 0.01, "12 dB up, clipped at 1": 4.0}
LEVEL = 1  # of `LEVELS`: 20 dB down


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--precision", choices=("fixed16", "fixed32"), default="fixed16")
    parser.add_argument("--gain", type=float, default=1.0, help="of the input, as a louder amp")
    parser.add_argument("--guitars", nargs="+", type=int, default=(), help="seeds of fresh guitars")
    parser.add_argument("--bounds", action="store_true", help="how far every kind of sum gets")
    parser.add_argument("--picture", type=Path, help="noise layer by layer, of the last file")
    options = parser.parse_args()
    for file in options.files:
        made = show(file, options.precision, options.gain, bounds=options.bounds)
        for line in fresh_lines(made, options.guitars):
            print(f"  {line}")
    if options.picture:
        options.picture.write_text(picture(made, file.name), encoding="utf-8")


def show(file: Path, precision: FixedPrecision, gain: float, *, bounds: bool) -> Quantised:
    """Quantise a file, measure it, print both."""
    network = namgen.lower(namgen.read(file)).network
    begun = time.process_time()
    made = quantise(louder(network, gain), precision)
    spent = time.process_time() - begun
    print(f"{file.name}, {precision}, input times {gain:g}: {spent:.1f} s of processor")
    print(f"  {made.extra_cycles:.0f} cycles per sample beyond plain short words")
    lines = (*words_lines(made.setting), *quality_lines(measure(made.network, made.real)))
    for line in (*lines, *(bounds_lines(made) if bounds else ())):
        print(f"  {line}")
    return made


def fresh_lines(made: Quantised, seeds: Sequence[int]) -> Iterator[str]:
    """Say how near the integers are while guitars of these seeds are played."""
    rest = float(evaluate(made.real, np.zeros(1))[0])
    guitars = [signals.guitar(seed, 2 * FRAMES)[FRAMES:] for seed in seeds]
    for what, level in FRESH.items() if seeds else ():
        found = []
        for guitar in guitars:
            x = np.clip(np.float32(level) * guitar, np.float32(-1.0), np.float32(1.0))
            wanted = evaluate(made.real, x.astype(np.float64))
            heard = FixedReference(made.network).process(x[None])[0].astype(np.float64)
            found.append(compare(what, wanted, heard, rest).snr_db)
        yield (
            f"{len(found)} fresh guitars, {what}: SNR {min(found):.1f} dB at worst, "
            f"{statistics.median(found):.1f} dB the median"
        )


def louder(network: ir.Network, gain: float) -> ir.Network:
    """Return the network with an input louder by `gain`: a capture of more gain."""
    if gain == 1.0 or not isinstance(network, ir.WaveNet):
        return network
    arrays = []
    for array in network.arrays:
        layers = tuple(replace(y, mixin=scaled(y.mixin, gain)) for y in array.layers)
        entrance = array.rechannel and not arrays
        rechannel = scaled(array.rechannel, gain) if entrance else array.rechannel
        arrays.append(replace(array, rechannel=rechannel, layers=layers))
    return replace(network, arrays=tuple(arrays))


def scaled(conv: ir.Conv1d | None, gain: float) -> ir.Conv1d:
    assert conv is not None
    return replace(conv, weight=(conv.weight * gain).astype(conv.weight.dtype))


def picture(made: Quantised, name: str) -> str:
    """Draw how far below the output the words of each layer are; white where they are chosen."""
    layers = made.noise[LEVEL]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="20" font-size="15">Noise of the words of every layer of {name}, '
        "in dB below the output, guitar 20 dB down</text>",
        *scale(),
        *(bar for i, layer in enumerate(layers) for bar in bars(made, i, layer)),
        *legend(),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def height(decibels: float) -> float:
    """Return where a level lies; the loudest is at the top."""
    share = (decibels - LOUDEST_DB) / (FAINTEST_DB - LOUDEST_DB)
    return TOP + min(max(share, 0.0), 1.0) * (HEIGHT - TOP - FOOT)


def scale() -> Iterator[str]:
    for level in range(60, 130, 10):
        y = height(level)
        yield f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - 10}" y2="{y:.1f}" stroke="#dddddd"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{level}</text>'


def bars(made: Quantised, i: int, layer: LayerNoise) -> Iterator[str]:
    """Draw a layer: plain words in outline, and in full what was chosen."""
    setting = made.setting
    assert setting is not None
    step = (WIDTH - LEFT - 10) / len(made.noise[LEVEL])
    conv = layer.conv_fed if setting.feeds_conv(i) else layer.conv
    dense = layer.dense_fed if setting.feeds_dense(i) else layer.dense
    chosen = {"convolution": (layer.conv, conv), "1x1": (layer.dense, dense)}
    if i in setting.long_denses:
        chosen["1x1"] = (layer.dense, 0.0)
    for k, (what, (plain, taken)) in enumerate(chosen.items()):
        x = LEFT + step * i + k * step * 0.42 + 3
        yield column(x, step * 0.38, plain, f'fill="none" stroke="{COLOURS[what]}"')
        yield column(x, step * 0.38, taken, f'fill="{COLOURS[what]}"')
    middle = LEFT + step * (i + 0.45)
    yield f'<text x="{middle:.1f}" y="{HEIGHT - FOOT + 16}" text-anchor="middle">{i}</text>'


def column(x: float, width: float, noise: float, style: str) -> str:
    top = height(-10.0 * math.log10(max(noise, 1e-30)))
    rest = HEIGHT - FOOT - top
    return f'<rect x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{rest:.1f}" {style}/>'


def legend() -> Iterator[str]:
    y = HEIGHT - 18
    for k, (what, colour) in enumerate(COLOURS.items()):
        x = LEFT + 260 * k
        yield f'<rect x="{x}" y="{y - 10}" width="12" height="12" fill="{colour}"/>'
        yield f'<text x="{x + 18}" y="{y}">words the {what} of layer n reads</text>'
    yield f'<text x="{LEFT + 520}" y="{y}">outline: without feedback or 32 bits</text>'


if __name__ == "__main__":
    main()
