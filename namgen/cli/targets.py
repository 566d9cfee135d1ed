"""`namgen targets`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from namgen.boards import Board, Region
from namgen.c_text import counted
from namgen.cli.command import command, json_option
from namgen.cli.options import clocks_of
from namgen.cli.terminal import Facts, Item, Line, print_json, show
from namgen.codecs import codec_names
from namgen.frameworks.arduino import ArduinoBoard, load_arduino
from namgen.processors import MEASUREMENTS, Processor, measured_path
from namgen.targets import (
    HOST,
    PackageTarget,
    Target,
    load_target,
    package_targets,
    target_names,
)


@command("targets")
@json_option
def targets_command(*, as_json: bool) -> None:
    """List the boards, processors and packages namgen can build for."""
    targets = [load_target(name) for name in target_names() if name != HOST]
    if as_json:
        print_json([_to_json(target) for target in targets])
        return
    show(_items(targets))


def _to_json(target: Target) -> dict[str, Any]:
    return asdict(target) | {
        "gives": "image and C" if target.makes_image else target.gives,
        "speed_is_predicted": _predicts(target),
        "compile": list(target.processor.compile_words),
        "measured": list(_measured(target.processor)),
        "codec_clock_ppm": _codec_clock_ppm(target),
        "codecs": list(codec_names() if target.board and target.board.codec_bus else ()),
    }


def _items(targets: list[Target]) -> Iterator[Item]:
    boards = (_board(t, t.board) for t in targets if t.board and t.makes_image)
    yield from _section("Boards: an image to put on them, and the C in it", boards)
    projects = (_board(t, t.board) for t in targets if t.board and t.framework)
    title = "Frameworks: a program for somebody else's library, which its make builds"
    yield from _section(title, projects)
    processors = (_processor(t) for t in targets if not t.board and not t.package)
    title = "Processors: C alone, for a program of your own; its speed is not predicted"
    yield from _section(title, processors)
    packages = map(_package, package_targets().values())
    yield from _section("Packages: for somebody else's build, of any of some processors", packages)
    yield f"{HOST} is another name for {load_target(HOST).name} on this computer."


def _section(title: str, entries: Iterable[Iterable[Item]]) -> Iterator[Item]:
    """Yield a list with an empty line before each of its entries and behind the last."""
    yield Line(title, "bold")
    for entry in entries:
        yield ""
        yield from entry
    yield ""


def _board(target: Target, board: Board) -> Iterator[Item]:
    yield Line(f"{target.name}: {target.title}", "bold")
    yield (
        f"    {' or '.join(clocks_of(target))} MHz, {board.audio.sample_rate_hz} Hz audio, "
        f"blocks of {target.block_frames} frames"
    )
    rows = [("processor", target.processor.title), ("speed", _speed(target))]
    rows += [("clocks", _clocks(board))] if target.makes_image else []
    if board.codec_bus:
        pins = f"{board.codec_bus.clock.chip}, {board.codec_bus.data.chip}"
        rows.append(("codecs", f"set by pins; or over I2C at {pins}: {', '.join(codec_names())}"))
    option = "--app" if target.framework else "--boot"
    rows += [(f"{option} {boot.name}", boot.title) for boot in board.boots]
    shown = (r for r in board.regions if target.makes_image or r.name in board.model_regions)
    rows += [(region.name, _memory(region)) for region in shown]
    yield Facts(rows, indent=4)


def _codec_clock_ppm(target: Target) -> float | None:
    """How far the codec's clock of an image is off."""
    return target.board.codec_pll.error_ppm if target.board and target.makes_image else None


def _clocks(board: Board) -> str:
    """Say what they come from, and how near the codec's is."""
    tree = board.clock_tree
    giver = "that another chip gives" if tree.is_bypassed else "of a crystal"
    return f"from {tree.crystal_hz / 1e6:g} MHz {giver}; the codec's: {board.codec_pll.error_text}"


def _processor(target: Target) -> Iterator[Item]:
    processor = target.processor
    yield Line(f"{target.name}: {processor.title}", "bold")
    use = "a program or plug-in on a computer" if processor.machines else "firmware of your own"
    rows = [("for", use), ("layout", _layout(processor))]
    yield Facts([*rows, ("compile", " ".join(processor.compile_words))], indent=4)


def _package(package: PackageTarget) -> Iterator[Item]:
    yield Line(f"{package.name}: {package.title}", "bold")
    rows = [(f"--{package.option}", ", ".join(package.variants)), ("default", package.default)]
    rows += [(name, _arduino(load_arduino(name))) for name in package.boards]
    if len(package.states) > 1:
        rows.append(("--state", ", ".join(package.states)))
    yield Facts(rows, indent=4)


def _arduino(board: ArduinoBoard) -> str:
    """Say what is known of a board that Arduino's tools build for."""
    fast = board.fast
    return (
        f"{board.title}, {board.clock_hz // 1_000_000} MHz, blocks of {board.block_frames} frames: "
        f"an Arduino library; {fast.room_beside(0):,} of {fast.size_bytes:,} bytes for a model; "
        "its speed is predicted, if its memories behave like a Daisy's"
    )


def _layout(processor: Processor) -> str:
    """Say in what order the C works, and from where that is known to be fast."""
    blocks = f"blocks of {processor.block_frames} frames"
    if processor.layout == "planar":
        short = counted(processor.frame_major_frames, "frame")
        alone = f"; WaveNets frame by frame up to {short}" if processor.frame_major_frames else ""
        return f"{processor.lanes} frames of a channel at once, in {blocks}{alone}"
    measured = "tilings" in _measured(processor)
    how = "measured with `namgen tune`" if measured else "chosen by rule, not measured"
    fused = "" if processor.has_fma else "; no fused multiply-add, which takes many instructions"
    return f"all channels of a frame together, in {blocks}; tiles {how}{fused}"


def _speed(target: Target) -> str:
    return "predicted before anything is built" if _predicts(target) else "not predicted"


def _predicts(target: Target) -> bool:
    return target.board is not None and target.processor.is_measured


def _measured(processor: Processor) -> Iterator[str]:
    return (kind for kind in MEASUREMENTS if measured_path(processor.name, kind).is_file())


def _memory(region: Region) -> str:
    use = f", {region.reserved_bytes:,} for {region.reserved_for}" if region.reserved_for else ""
    return f"{region.size_bytes:,} bytes {region.title}{use}"
