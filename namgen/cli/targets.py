"""`namgen targets`."""

from __future__ import annotations

from dataclasses import asdict

import click

from namgen.cli.command import command
from namgen.cli.common import json_option
from namgen.cli.terminal import print_json
from namgen.targets import Target, load_target, target_names


@command("targets")
@json_option
def targets_command(*, as_json: bool) -> None:
    """List the processors and boards namgen can build for."""
    targets = [load_target(name) for name in target_names()]
    if as_json:
        print_json([asdict(target) for target in targets])
        return
    for target in targets:
        for line in target_lines(target):
            click.echo(line)


def target_lines(target: Target) -> list[str]:
    """Describe a target in a few lines of text."""
    lines = [f"{target.name}: {target.title}"]
    if target.clock_options_hz:
        clocks = " or ".join(str(hz // 1_000_000) for hz in target.clock_options_hz)
        lines.append(
            f"    {clocks} MHz, {target.sample_rate_hz} Hz audio, "
            f"blocks of {target.block_frames} frames"
        )
    lines += [f"    --boot {boot.name}: {boot.title}" for boot in target.boots]
    for region in target.regions:
        use = f", {region.reserved_bytes} for {region.reserved_for}" if region.reserved_for else ""
        lines.append(f"    {region.name}: {region.size_bytes} bytes {region.title}{use}")
    return lines
