/*
 * What a device says of itself: the map of its flash, as the name of its alternate setting spells
 * it, and how much it takes at a time. What namgen/flashing has in layout.py and device.py.
 */
"use strict";

const UNITS = { "": 1, " ": 1, B: 1, K: 1 << 10, M: 1 << 20 };
const SECTORS = /^\s*(\d{1,4})\s*\*\s*(\d{1,5})([ BKM]?)([a-g])\s*$/;
const ADDRESS = /^\s*0[xX]([0-9a-fA-F]{1,8})\s*$/;
const ALL_RIGHTS = 7;

const FUNCTIONAL = 0x21;
const FUNCTIONAL_BYTES = 9;
const DOWN_AND_UP = 3;
const DFUSE_VERSION = 0x011a;
const SURE_BYTES = 1024;
const BLOCKS_AT_ONCE = 1024;

/* What a device offers: segments of sectors of one size, one behind the other. */
class FlashMap {
    constructor(name, segments, said) {
        Object.assign(this, { name, segments, said });
    }

    /* The addresses of the sectors that a range lies in. */
    sectors(address, size) {
        const found = [];
        for (let at = address; at < address + size; ) {
            const segment = this.segment(at);
            if (!segment) {
                throw new DescriptorError(spelled(this.said.not_offered, { address: at, flash: this }));
            }
            const origin = at - ((at - segment.origin) % segment.sectorBytes);
            found.push(origin);
            at = origin + segment.sectorBytes;
        }
        return found;
    }

    /* How many bytes from an address on are on offer without a gap. */
    roomAt(address) {
        let at = address;
        for (let segment; (segment = this.segment(at)); ) {
            at = segment.end;
        }
        return at - address;
    }

    /* The segment of an address, where images can be written to it. */
    segment(address) {
        const found = this.segments.find(({ origin, end }) => origin <= address && address < end);
        return found?.rights === ALL_RIGHTS ? found : undefined;
    }

    toString() {
        const hex = (value) => `0x${formatted(value, "08x")}`;
        const whole = this.segments.filter(({ rights }) => rights === ALL_RIGHTS);
        return whole.map(({ origin, end }) => `${hex(origin)} to ${hex(end - 1)}`).join(", ") || "nothing";
    }
}

/* Reads "@name/0xADDR/n*sizeMT[,n*sizeMT...][/0xADDR/...]". */
function parseLayout(text, said) {
    const [name, ...parts] = text.split("/");
    if (!text.startsWith("@") || !parts.length || parts.length % 2) {
        throw new DescriptorError(spelled(said.no_map, { text }));
    }
    const segments = [];
    for (let at = 0; at < parts.length; at += 2) {
        segments.push(...segmentsOf(text, parts[at], parts[at + 1], said));
    }
    return new FlashMap(name.slice(1).trim(), segments, said);
}

function segmentsOf(text, address, row, said) {
    const start = ADDRESS.exec(address);
    if (!start) {
        throw new DescriptorError(spelled(said.no_address, { address, text }));
    }
    let at = parseInt(start[1], 16);
    return row.split(",").map((sectors) => {
        const found = segmentOf(text, at, sectors, said);
        at = found.end;
        return found;
    });
}

function segmentOf(text, origin, sectors, said) {
    const found = SECTORS.exec(sectors);
    if (!found || !Number(found[1]) || !Number(found[2])) {
        throw new DescriptorError(spelled(said.no_sectors, { sectors, text }));
    }
    const sectorBytes = Number(found[2]) * UNITS[found[3]];
    const end = origin + Number(found[1]) * sectorBytes;
    if (end > 2 ** 32) {
        throw new DescriptorError(spelled(said.too_high, { text }));
    }
    return { origin, end, sectorBytes, rights: found[4].charCodeAt(0) & 7 };
}

/* How much is sent at a time, by the first functional descriptor of these; else what is always right. */
function paceOf(descriptors, said) {
    const found = descriptors.find((one) => one.length >= FUNCTIONAL_BYTES && one[1] === FUNCTIONAL);
    const unsure = { transferBytes: SURE_BYTES, stretchBytes: SURE_BYTES };
    if (!found) {
        return unsure;
    }
    const word = (at) => found[at] | (found[at + 1] << 8);
    if (word(7) !== DFUSE_VERSION) {
        const version = `${word(7) >> 8}.${(word(7) & 0xff).toString(16)}`;
        throw new DescriptorError(spelled(said.other_dfu, { version }));
    }
    if ((found[2] & DOWN_AND_UP) !== DOWN_AND_UP) {
        throw new DescriptorError(spelled(said.one_way, { found: found[2] }));
    }
    const transferBytes = word(5);
    return transferBytes ? { transferBytes, stretchBytes: transferBytes * BLOCKS_AT_ONCE } : unsure;
}
