/*
 * An image into a device: erase the sectors it needs, write, read back, leave. What namgen/flashing
 * has in image.py, job.py and work.py. An image has name, data, address, boot, limit and of, whose
 * limit it is; `words` has `said`, the sentences, and `shares`, of the whole time, of each phase.
 */
"use strict";

const PROTECTED = 11;
const ERASED = 0xff;

/* How far it is, and what that means where it ends. */
class Work {
    constructor({ said, shares }, tell) {
        Object.assign(this, { said, shares, tell, phase: "before" });
    }

    at(phase, line, done, total) {
        this.phase = phase;
        const [begin, end] = this.shares[phase];
        this.tell(line, begin + ((end - begin) * done) / Math.max(total, 1));
    }

    get told() {
        const { said, phase } = this;
        const { again } = said;
        const meanwhile = spelled(said.no_whole_image, { again });
        const told = { before: said.unchanged, erasing: meanwhile, writing: meanwhile };
        told.reading = spelled(said.not_proved, { again });
        return told[phase] ?? said.not_started;
    }
}

/* Refuses an image that no pedal takes. */
function checkImage({ name, data, boot, limit, of }, said) {
    const size = data.length;
    if (!size) {
        throw new Refused([`${name}: ${said.empty}`]);
    }
    if (size > limit) {
        const values = { size, more: size - limit, boot, of, limit };
        throw new Refused([`${name}: ${spelled(said.too_large, values)}`]);
    }
}

/* The addresses of the sectors that an image takes. */
function sectorsOf({ flash }, { name, data, address }, said) {
    try {
        return flash.sectors(address, data.length);
    } catch (error) {
        const values = { name, size: data.length, address, room: flash.roomAt(address) };
        throw new Refused([spelled(said.no_room, { ...values, reason: error.message })]);
    }
}

/* Writes an image, proves it, and lets it start. */
async function writeImage(dfu, device, image, work) {
    const sectors = sectorsOf(device, image, dfu.said);
    try {
        await dfu.makeIdle();
        await eraseSectors(dfu, sectors, work);
        await writeBlocks(dfu, device, image, work);
        await prove(dfu, device, image, work);
    } catch (error) {
        throw error instanceof Trouble ? new Refused(toldOf(error, work)) : error;
    }
    await leave(dfu, image, work);
    return sectors;
}

async function eraseSectors(dfu, sectors, work) {
    const line = spelled(dfu.said.erasing, { sectors: counted(sectors.length, "sector") });
    for (const [number, address] of sectors.entries()) {
        work.at("erasing", line, number, sectors.length);
        await dfu.erase(address);
    }
}

async function writeBlocks(dfu, { pace }, { data, address }, work) {
    const line = spelled(dfu.said.writing, { size: data.length });
    for (let offset = 0; offset < data.length; offset += pace.stretchBytes) {
        work.at("writing", line, offset, data.length);
        await dfu.setAddress(address + offset);
        const stretch = data.subarray(offset, offset + pace.stretchBytes);
        for (let at = 0, block = 0; at < stretch.length; at += pace.transferBytes, block += 1) {
            await dfu.write(block, stretch.subarray(at, at + pace.transferBytes));
            work.at("writing", line, offset + at, data.length);
        }
    }
}

/* Reads the image back. */
async function prove(dfu, { pace }, image, work) {
    const size = image.data.length;
    const found = new Uint8Array(size);
    for (let at = 0; at < size; ) {
        work.at("reading", spelled(dfu.said.reading, { size }), at, size);
        const more = await readStretch(dfu, pace, image.address + at, found.subarray(at));
        if (!more) {
            throw new DfuError(spelled(dfu.said.short_image, { found: at, size }));
        }
        at += more;
    }
    const told = difference(image, found, dfu.said);
    if (told) {
        throw new DfuError(told);
    }
}

/* Reads from an address on, to the end of a stretch or until the device gives less; how much. */
async function readStretch(dfu, { transferBytes, stretchBytes }, address, room) {
    await dfu.makeIdle();
    await dfu.setAddress(address);
    await dfu.makeIdle();
    const wanted = Math.min(room.length, stretchBytes);
    let at = 0;
    for (let block = 0; at < wanted; block += 1) {
        const asked = Math.min(transferBytes, wanted - at);
        const data = await dfu.read(block, asked);
        room.set(data, at);
        at += data.length;
        if (data.length < asked) {
            break;
        }
    }
    return at;
}

/* What is other in what was read back; "" where nothing is. */
function difference({ data, address }, found, said) {
    const first = data.findIndex((byte, at) => byte !== found[at]);
    if (first < 0) {
        return "";
    }
    const wrong = data.reduce((count, byte, at) => count + (byte === found[at] ? 0 : 1), 0);
    const values = { wrong, size: data.length, address: address + first };
    const differs = spelled(said.differs, values);
    if (found.every((byte) => byte === ERASED)) {
        return spelled(said.all_erased, { differs });
    }
    return wrong > Math.floor(data.length / 2) ? spelled(said.all_other, { differs }) : differs;
}

/* What went wrong, and what is on the device now. */
function toldOf(error, { phase, said, told }) {
    const doing = phase === "before" ? said.speaking : phase;
    const more = error.status === PROTECTED ? [said.protected] : [];
    return [spelled(said.trouble_at, { doing, reason: error.message }), ...more, told];
}

/* Lets the program start; the image is proved, so whatever the device answers is right. */
async function leave(dfu, { address }, work) {
    work.at("leaving", dfu.said.starting, 1, 1);
    try {
        await dfu.makeIdle();
        await dfu.leave(address);
    } catch (error) {
        if (!(error instanceof Trouble)) {
            throw error;
        }
    }
}
