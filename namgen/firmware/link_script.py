"""The linker script: the target's memories as a MEMORY block above `firmware/sections.ld`."""

from __future__ import annotations

from namgen.targets import Boot, Target

MEMORY_REGIONS = {"ITCM": "itcm", "DTCM": "dtcm", "AXI": "axi_sram"}
"""Names in `sections.ld`, and the target's regions behind them."""

STACK_REGION = "dtcm"


def link_script(target: Target, boot: Boot, sections: str) -> str:
    """Text of the whole script; the stack is cut off the end of its region."""
    alias = next((ld for ld, name in MEMORY_REGIONS.items() if name == boot.region), None)
    lines = [_memory(ld, *_extent(target, name)) for ld, name in MEMORY_REGIONS.items()]
    assert target.dma is not None
    lines.append(_memory("DMA", target.dma.origin, target.dma.size_bytes))
    if alias is None:
        lines.append(_memory("CODE", boot.origin, boot.limit_bytes))
    stack_top = target.region(STACK_REGION).end
    symbols = [
        f"ld_stack_top = {stack_top:#010x};",
        f"ld_stack_bottom = {stack_top - target.stack_bytes:#010x};",
        f"ld_dma_region = {target.dma.origin:#010x};",
    ]
    if alias is not None:
        symbols.insert(0, f'REGION_ALIAS("CODE", {alias});')
    return "\n".join(["MEMORY", "{", *lines, "}", *symbols, "", sections])


def usable_bytes(target: Target, region: str) -> int:
    """What the linker may fill of a region: all but the stack and a bootloader's share."""
    return _extent(target, region)[1]


def _extent(target: Target, name: str) -> tuple[int, int]:
    region = target.region(name)
    if name == STACK_REGION:
        return region.origin, region.size_bytes - target.stack_bytes
    if name in target.model_regions:
        return region.origin, region.free_bytes
    return region.origin, region.size_bytes


def _memory(name: str, origin: int, size_bytes: int) -> str:
    return f"    {name} (rwx) : ORIGIN = {origin:#010x}, LENGTH = {size_bytes}"
