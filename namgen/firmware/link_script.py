"""The linker script: the target's memories as a MEMORY block above `firmware/sections.ld`."""

from __future__ import annotations

from namgen.targets import Boot, Target, Window

MEMORY_REGIONS = {"ITCM": "itcm", "DTCM": "dtcm", "AXI": "axi_sram"}
"""Names in `sections.ld`, and the target's regions behind them."""

STACK_REGION = "dtcm"


def link_script(target: Target, boot: Boot, sections: str, *, slack_bytes: int = 0) -> str:
    """Text of the whole script; the stack is cut off the end of its region.

    With `slack_bytes`, every memory is that much longer than it is: for measuring a program that
    does not fit.
    """
    assert target.dma is not None
    extents = {ld: extent(target, name) for ld, name in MEMORY_REGIONS.items()}
    extents["DMA"] = target.dma
    alias = next((ld for ld, name in MEMORY_REGIONS.items() if name == boot.region), None)
    if alias is None:
        extents["CODE"] = Window(boot.origin, boot.limit_bytes)
    lines = ["MEMORY", "{"]
    lines += [_memory(ld, window, slack_bytes) for ld, window in extents.items()]
    lines += ["}"] if alias is None else ["}", f'REGION_ALIAS("CODE", {alias});']
    stack_top = target.region(STACK_REGION).end
    lines += [
        f"ld_stack_top = {stack_top:#010x};",
        f"ld_stack_bottom = {stack_top - target.stack_bytes:#010x};",
        f"ld_dma_region = {target.dma.origin:#010x};",
        "",
    ]
    return "\n".join([*lines, sections])


def extent(target: Target, name: str) -> Window:
    """What the linker may fill of a region: all but the stack and a bootloader's share."""
    region = target.region(name)
    if name == STACK_REGION:
        return Window(region.origin, region.size_bytes - target.stack_bytes)
    if name in target.model_regions:
        return Window(region.origin, region.free_bytes)
    return Window(region.origin, region.size_bytes)


def _memory(name: str, window: Window, slack_bytes: int) -> str:
    length = window.size_bytes + slack_bytes
    return f"    {name} (rwx) : ORIGIN = {window.origin:#010x}, LENGTH = {length}"
