/*
 * A bootloader over WebUSB: what namgen/flashing/usb.py and finding.py do. WebUSB has no time-outs,
 * so every request has one here, after which the device is closed. Of `words`: `said`, `shares`,
 * `bootloaders` (name, address, mode, title), `other`, what is said of each bootloader that does not
 * take the image, and `ways`, what to do by what went wrong.
 */
"use strict";

const FILTERS = [{ vendorId: 0x0483, productId: 0xdf11 }];
const DFU_CLASS = 0xfe;
const DFU_SUBCLASS = 1;
const DFU_MODE = 2;
const GET_DESCRIPTOR = 6;
const CONFIGURATION = 2;
const STRING = 3;
const INTERFACE = 4;
const CONFIGURATION_BYTES = 9;
const STRING_BYTES = 255;
const WAIT_SECONDS = 20; // a GETSTATUS may last as long as an erase
const CLOSE_SECONDS = 2;
const LEAVE_SECONDS = 3;

/* By the names of exceptions; else what the stage makes of them. */
const TROUBLES = {
    SecurityError: "access",
    NotFoundError: "gone",
    InvalidStateError: "gone",
    AbortError: "gone",
};

/* Somebody has stopped it. */
class Stopped extends Trouble {}

/* Lets a promise come to an end within a time, or until somebody stops it. */
function within(seconds, promise, late, { signal = null, stopped = null } = {}) {
    return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(late), 1000 * seconds);
        const stop = () => reject(stopped);
        const done = () => {
            clearTimeout(timer);
            signal?.removeEventListener("abort", stop);
        };
        signal?.addEventListener("abort", stop);
        if (signal?.aborted) {
            stop();
        }
        promise.finally(done).then(resolve, reject);
    });
}

/* An open device, spoken to through its DFU interface. */
class UsbWire {
    constructor(device, said, signal) {
        Object.assign(this, { device, said, signal, index: 0 });
    }

    async send(request, value, data = new Uint8Array(0)) {
        const setup = this.setup("class", "interface", request, value, this.index);
        const { bytesWritten } = await this.settled(() => this.device.controlTransferOut(setup, data));
        if (bytesWritten !== data.length) {
            const values = { sent: bytesWritten, wanted: data.length };
            throw new TransferError("other", this.said, spelled(this.said.less_went_out, values));
        }
    }

    async ask(request, value, size) {
        return this.bytes(this.setup("class", "interface", request, value, this.index), size);
    }

    async descriptor(type, number, language, size) {
        const value = (type << 8) | number;
        return this.bytes(this.setup("standard", "device", GET_DESCRIPTOR, value, language), size);
    }

    setup(requestType, recipient, request, value, index) {
        return { requestType, recipient, request, value, index };
    }

    async bytes(setup, size) {
        const { data } = await this.settled(() => this.device.controlTransferIn(setup, size));
        return data ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(0);
    }

    /* Takes what a request comes to, within its time. */
    async settled(start) {
        const result = await this.reached("other", start);
        if (result.status !== "ok") {
            throw new TransferError(result.status === "stall" ? "stall" : "other", this.said, result.status);
        }
        return result;
    }

    /* Does something with the device; `otherwise` is what went wrong where nothing tells. */
    async reached(otherwise, start) {
        const { said, signal } = this;
        const stopped = new Stopped(said.stopped);
        if (signal?.aborted) {
            throw stopped;
        }
        try {
            return await within(WAIT_SECONDS, start(), new TransferError("timeout", said), { signal, stopped });
        } catch (error) {
            if (error instanceof DOMException) {
                throw new TransferError(TROUBLES[error.name] ?? otherwise, said, error.message);
            }
            throw error;
        }
    }

    /* Opens the device, with its first alternate setting: the others are option bytes. */
    async open() {
        await this.reached("other", () => this.device.open());
        if (this.device.configuration === null) {
            await this.reached("busy", () => this.device.selectConfiguration(1));
        }
        this.index = interfaceOf(this.device, this.said).interfaceNumber;
        await this.reached("busy", () => this.device.claimInterface(this.index));
        await this.reached("busy", () => this.device.selectAlternateInterface(this.index, 0));
    }

    /* Closes it, also where a request still waits for its answer; whoever is gone is closed. */
    async close() {
        const late = new TransferError("timeout", this.said);
        await within(CLOSE_SECONDS, this.device.close(), late).catch(() => {});
    }
}

function interfaceOf({ configuration }, said) {
    const found = configuration.interfaces.find(({ alternates }) => isDfu(alternates[0]));
    if (!found) {
        throw new DescriptorError(said.no_interface);
    }
    if (found.alternates[0].interfaceProtocol !== DFU_MODE) {
        throw new DescriptorError(said.is_program);
    }
    return found;
}

function isDfu({ interfaceClass, interfaceSubclass }) {
    return interfaceClass === DFU_CLASS && interfaceSubclass === DFU_SUBCLASS;
}

/* Says what an open device is: serial, layout, flash, bootloader (null: another one) and pace. */
async function described(wire, { said, bootloaders }) {
    const { device, index } = wire;
    const parts = await configurationOf(wire);
    const alternate = interfaceOf(device, said).alternates.find((one) => one.alternateSetting === 0);
    const layout = (alternate?.interfaceName || (await nameOf(wire, parts))).replace(/\0+$/, "");
    const flash = parseLayout(layout, said);
    const named = ({ name, address }) => flash.name === name && flash.roomAt(address) > 0;
    const pace = paceOf(parts.filter((one) => one.interfaceNumber === index), said);
    const serial = device.serialNumber ?? "";
    return { serial, layout, flash, bootloader: bootloaders.find(named) ?? null, pace };
}

/*
 * The descriptors of the configuration, each with the interface it stands behind. A device that
 * refuses them is asked for each block at its own address, which is always right.
 */
async function configurationOf(wire) {
    try {
        const head = await wire.descriptor(CONFIGURATION, 0, 0, CONFIGURATION_BYTES);
        const size = head.length < 4 ? 0 : head[2] | (head[3] << 8);
        return partsOf(await wire.descriptor(CONFIGURATION, 0, 0, size), wire.index);
    } catch (error) {
        if (error.trouble !== "stall") {
            throw error;
        }
        return [];
    }
}

/* Each begins with its length. */
function partsOf(blob, first) {
    const found = [];
    let interfaceNumber = first;
    for (let at = 0; at + 2 <= blob.length && blob[at] >= 2 && at + blob[at] <= blob.length; at += blob[at]) {
        const part = blob.subarray(at, at + blob[at]);
        interfaceNumber = part[1] === INTERFACE ? part[2] : interfaceNumber;
        found.push(Object.assign(part, { interfaceNumber }));
    }
    return found;
}

/* The name of the first alternate setting, where the browser does not read it. */
async function nameOf(wire, parts) {
    const first = (one) => one[1] === INTERFACE && one[2] === wire.index && one[3] === 0;
    const number = parts.find(first)?.[8] ?? 0;
    const languages = number ? await wire.descriptor(STRING, 0, 0, STRING_BYTES) : [];
    if (languages.length < 4) {
        return "";
    }
    const language = languages[2] | (languages[3] << 8);
    const text = await wire.descriptor(STRING, number, language, STRING_BYTES);
    return new TextDecoder("utf-16le").decode(text.subarray(2));
}

/* What a device is called. */
function titleOf({ bootloader, flash, serial }, said) {
    const title = bootloader?.title ?? spelled(said.unknown_title, { name: flash.name });
    return serial ? spelled(said.with_serial, { device: title, serial }) : title;
}

/* Opens a device and says what it is. */
async function foundOn(wire, { said, ways, ...words }) {
    try {
        await wire.open();
        return await described(wire, { said, ...words });
    } catch (error) {
        if (error instanceof Stopped) {
            throw new Refused([error.message, said.unchanged]);
        }
        const trouble = error instanceof DescriptorError ? "descriptor" : error.trouble;
        if (!trouble) {
            throw error;
        }
        const told = spelled(said.bootloader_at, { place: said.on_usb, reason: error.message });
        throw new Refused([told, ...ways[trouble]]);
    }
}

/* Refuses a bootloader that does not take the image. */
function checkBootloader({ bootloader, layout }, image, { said, other }) {
    if (!bootloader) {
        throw new Refused([spelled(said.unknown, { layout, known: said.known })]);
    }
    if (bootloader.mode !== image.mode) {
        throw new Refused(other[bootloader.mode]);
    }
}

/* Whether a device leaves the bus, from now on until a little after it was told to. */
function departure(usb, device) {
    let heard;
    const left = new Promise((resolve) => {
        heard = ({ device: gone }) => gone === device && resolve(true);
        usb.addEventListener("disconnect", heard);
    });
    return {
        seen: () => within(LEAVE_SECONDS, left, null).catch(() => false),
        end: () => usb.removeEventListener("disconnect", heard),
    };
}

/*
 * Puts an image onto a device of `navigator.usb`, and says in one line what was done; rejects with
 * Refused, whose lines say why not and what is on the device. `found` hears what the device is, `tell`
 * of every stage, a line and its share of the whole; `signal` stops it.
 */
async function flashDevice(usb, device, image, words, { found, tell, signal }) {
    const { said } = words;
    checkImage(image, said);
    const wire = new UsbWire(device, said, signal);
    const leaving = departure(usb, device);
    try {
        const values = await flashOpened(wire, image, words, { found, tell }).finally(() => wire.close());
        const started = (await leaving.seen()) ? said.starts : said.press_reset;
        return spelled(said.done, { ...values, started });
    } finally {
        leaving.end();
    }
}

async function flashOpened(wire, image, words, { found, tell }) {
    const { said } = words;
    const pedal = await foundOn(wire, words);
    const device = titleOf(pedal, said);
    found(device);
    checkBootloader(pedal, image, words);
    const dfu = new Dfu(wire, said);
    const sectors = await writeImage(dfu, pedal, image, new Work(words, tell));
    return { device, sectors: counted(sectors.length, "sector") };
}
