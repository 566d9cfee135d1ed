"""What `board_wiring.h` has of a codec that is a table of registers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from namgen.codecs import CodecTable


def codec_lines(codec: CodecTable) -> Iterator[str]:
    """Spell a table for `firmware/codec/table.c`: its numbers, and a macro for each part."""
    numbers = {
        "CODEC_IS_TABLE": 1,
        "CODEC_ADDRESS": codec.address,
        "CODEC_REGISTER_BITS": codec.register_bits,
        "CODEC_VALUE_BITS": codec.value_bits,
        "CODEC_SETTLE_MS": codec.settle_ms,
        "CODEC_UNMUTE_MS": codec.unmute_ms,
    }
    yield from ("", f"/* The {codec.title}: registers, values, and waits in ms. */")
    yield from (f"#define {name} {value:#x}u" for name, value in numbers.items())
    if codec.needs_clock:
        yield "#define CODEC_NEEDS_CLOCK 1"
    for part, writes in codec.parts:
        rows = [f"ROW({row.register:#x}u, {row.value:#x}u, {row.wait_ms}u)" for row in writes]
        yield from _rows(f"CODEC_{part.upper()}", rows)
    if codec.check:
        yield from ("", "/* Registers, and what they hold where a mask has ones. */")
        yield "#define I2C_READS 1"
        yield from _rows(
            "CODEC_CHECK",
            [f"ROW({row.register:#x}u, {row.value:#x}u, {row.mask:#x}u)" for row in codec.check],
        )


def _rows(name: str, rows: Sequence[str]) -> Iterator[str]:
    yield f"#define {name}(ROW) \\"
    yield from (f"    {row} \\" for row in rows[:-1])
    yield f"    {rows[-1]}"
