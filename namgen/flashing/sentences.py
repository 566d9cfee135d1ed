"""What is said of a device, once: by the command, and by the script of a page.

Values stand in braces as `str.format` takes them. `templates/page/dfu/said.js` spells the same
sentences by the same values; of formats it knows `,`, `g`, `02x`, `08x` and the conversion `!r`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sentences:
    """Templates, and two dictionaries of them: `troubles` and `statuses`."""

    # Opening it, and what it says of itself.
    bootloader_at: str = "a bootloader is {place}: {reason}"
    on_usb: str = "on USB"
    with_serial: str = "{device}, serial {serial}"
    unknown_title: str = "an unknown bootloader ({name})"
    no_interface: str = "it has no DFU interface"
    is_program: str = "it runs its program, not its bootloader"
    no_name: str = "it has a name that cannot be read: {reason}"
    no_map: str = "expected a map of its flash such as @Flash/0x…/…, found {text!r}"
    no_address: str = "expected an address, found {address!r} in {text!r}"
    no_sectors: str = "expected sectors such as 16*128Kg, found {sectors!r} in {text!r}"
    too_high: str = "expected 32 bits of address, found {text!r}"
    other_dfu: str = "expected DfuSe (DFU 1.1a), found DFU {version}"
    one_way: str = "expected that it can be written and read back, found attributes 0x{found:02x}"
    known: str = (
        "namgen flashes the ROM bootloader of an STM32H7 and the Daisy bootloader, no other"
    )
    unknown: str = "the bootloader on USB calls its flash {layout!r}: {known}"

    # Transfers.
    troubles: Mapping[str, str] = field(
        default_factory=lambda: {
            "access": "this user may not open it",
            "busy": "another program has it open",
            "driver": "no driver lets programs open it",
            "gone": "it is no longer on the bus",
            "stall": "it refused a request",
            "timeout": "it did not answer in time",
            "other": "the transfer failed",
        }
    )
    trouble_detail: str = "{trouble} ({detail})"
    less_went_out: str = "{sent} of {wanted} bytes went out"

    # The protocol.
    statuses: Mapping[str, str] = field(
        default_factory=lambda: {
            "1": "it takes nothing for that address (errTARGET)",
            "2": "the file is not for it (errFILE)",
            "3": "it could not write (errWRITE)",
            "4": "it could not erase (errERASE)",
            "5": "it found flash that is not erased (errCHECK_ERASED)",
            "6": "it could not program (errPROG)",
            "7": "it found other bytes than were written (errVERIFY)",
            "8": "the address is out of its range (errADDRESS)",
            "9": "it did not get all data (errNOTDONE)",
            "10": "its own firmware is damaged (errFIRMWARE)",
            "11": "it is protected (errVENDOR): the option bytes forbid reading and writing by USB",
            "12": "it was reset over USB (errUSBR)",
            "13": "its power failed (errPOR)",
            "14": "it does not know what went wrong (errUNKNOWN)",
            "15": "it did not expect that request (errSTALLEDPKT)",
        }
    )
    other_status: str = "it reports status {status}"
    short_status: str = "it answered {found} of {wanted} bytes of its status"
    no_state: str = "it is in state {state}, which DFU does not have"
    waits_for_reset: str = (
        "it waits for a reset, after another download: start its bootloader again"
    )
    never_idle: str = "it does not become idle in {attempts} attempts"
    not_idle: str = "expected it in DNLOAD-IDLE, found it in {state}"
    still_busy: str = "it was still busy after {seconds:g} seconds"

    # The image, and what becomes of it.
    empty: str = "expected an image, found an empty file"
    too_large: str = "{size:,} bytes are {more:,} too many for --boot {boot}{of} ({limit:,})"
    not_offered: str = "0x{address:08x} is not among what it lets be written: {flash}"
    no_room: str = (
        "{name}: {size:,} bytes are needed at 0x{address:08x}, {room:,} are there: {reason}"
    )
    erasing: str = "erasing {sectors}"
    writing: str = "writing {size:,} bytes"
    reading: str = "reading {size:,} bytes back"
    starting: str = "starting the pedal"
    short_image: str = "it gives {found:,} of {size:,} bytes when they are read back"
    differs: str = "{wrong:,} of {size:,} bytes are others when read back, from 0x{address:08x} on"
    all_erased: str = "{differs}: nothing was written"
    all_other: str = "{differs}: as if the flash were write-protected, which no bootloader reports"
    trouble_at: str = "the pedal, {doing}: {reason}"
    speaking: str = "speaking to it"
    protected: str = (
        "STM32CubeProgrammer, or dfu-util -a 0 -s :unprotect:force, lifts the protection and "
        "erases all of the flash with it; namgen does not"
    )
    done: str = "{device}: {sectors} erased, written, read back and equal; {started}"
    starts: str = "the pedal starts"
    press_reset: str = "press RESET to start it"

    # What is on the device when the work ends early.
    unchanged: str = "nothing was changed on the pedal"
    no_whole_image: str = (
        "the pedal holds no whole image now and will not play; nothing is broken: start its "
        "bootloader again, and {again}"
    )
    not_proved: str = (
        "the image was written, and was not proved by reading it back: start the bootloader "
        "again, and {again}"
    )
    not_started: str = "the image is on the pedal, read back and equal; press RESET to start it"
    again: str = "run the same command"
    stopped: str = "it was stopped"
    damaged: str = "the image in this page is damaged: its SHA-256 is {sha256}"


SAID = Sentences()
