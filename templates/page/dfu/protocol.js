/*
 * ST's DfuSe, whoever carries the requests: what namgen/flashing/dfu.py does, with the same requests
 * in the same order. A wire has send(request, value, bytes) and ask(request, value, size), which
 * reject with a TransferError.
 */
"use strict";

const DNLOAD = 1;
const UPLOAD = 2;
const GETSTATUS = 3;
const CLRSTATUS = 4;
const ABORT = 6;
const FIRST_BLOCK = 2;

const STATES = [
    "APP-IDLE", "APP-DETACH", "IDLE", "DNLOAD-SYNC", "DNBUSY", "DNLOAD-IDLE", "MANIFEST-SYNC",
    "MANIFEST", "MANIFEST-WAIT-RESET", "UPLOAD-IDLE", "ERROR",
];

const SET_ADDRESS = 0x21;
const ERASE = 0x41;
const STATUS_BYTES = 6;
const ERASE_SECONDS = 10;
const OTHER_SECONDS = 5;
const LEAST_POLL_MS = 1;
const ATTEMPTS = 8;
const UNKNOWN = 14;

function now() {
    return performance.now() / 1000;
}

function sleep(seconds) {
    return new Promise((wake) => setTimeout(wake, 1000 * seconds));
}

/* A device that is spoken to; everything rejects with TransferError or DfuError. */
class Dfu {
    constructor(wire, said) {
        Object.assign(this, { wire, said });
    }

    /* Asks for the status, which sets the device to work. */
    async answer() {
        const data = await this.wire.ask(GETSTATUS, 0, STATUS_BYTES);
        if (data.length !== STATUS_BYTES) {
            const found = { found: data.length, wanted: STATUS_BYTES };
            throw new DfuError(spelled(this.said.short_status, found));
        }
        if (!(data[4] in STATES)) {
            throw new DfuError(spelled(this.said.no_state, { state: data[4] }));
        }
        const pollMs = data[1] | (data[2] << 8) | (data[3] << 16);
        return { status: data[0], pollMs, state: STATES[data[4]] };
    }

    /* Gets to IDLE from where an earlier run, or another program, left it. */
    async makeIdle() {
        for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
            const { state } = await this.settled(await this.answer(), ERASE_SECONDS);
            if (state === "IDLE") {
                return;
            }
            await this.wire.send(this.wayOut(state), 0);
        }
        throw new DfuError(spelled(this.said.never_idle, { attempts: ATTEMPTS }));
    }

    wayOut(state) {
        switch (state) {
            case "ERROR":
                return CLRSTATUS;
            case "DNLOAD-IDLE":
            case "UPLOAD-IDLE":
                return ABORT;
            case "APP-IDLE":
            case "APP-DETACH":
                throw new DfuError(this.said.is_program);
            default:
                throw new DfuError(this.said.waits_for_reset);
        }
    }

    setAddress(address) {
        return this.command(SET_ADDRESS, address, OTHER_SECONDS);
    }

    erase(address) {
        return this.command(ERASE, address, ERASE_SECONDS);
    }

    /* Writes a block, counted from 0 at the address that was set. */
    async write(block, data) {
        await this.reasoned(this.wire.send(DNLOAD, FIRST_BLOCK + block, data));
        await this.finish(OTHER_SECONDS);
    }

    read(block, size) {
        return this.reasoned(this.wire.ask(UPLOAD, FIRST_BLOCK + block, size));
    }

    /* Asks the device to start the program at an address; it may be gone before it answers. */
    async leave(address) {
        await this.setAddress(address);
        await this.wire.send(DNLOAD, 0, new Uint8Array(0));
        await this.answer();
    }

    async command(code, address, seconds) {
        const data = new Uint8Array(5);
        data[0] = code;
        new DataView(data.buffer).setUint32(1, address, true);
        await this.reasoned(this.wire.send(DNLOAD, 0, data));
        await this.finish(seconds);
    }

    /* Where a request is refused, asks why. */
    async reasoned(request) {
        try {
            return await request;
        } catch (error) {
            if (error.trouble !== "stall") {
                throw error;
            }
            const { state, status } = await this.answer();
            throw state === "ERROR" ? this.wrong(status) : error;
        }
    }

    wrong(status) {
        const told = this.said.statuses[status] ?? spelled(this.said.other_status, { status });
        return new DfuError(told, status);
    }

    /* Lets the device do what it was sent. */
    async finish(seconds) {
        const { state, status } = await this.settled(await this.answer(), seconds);
        if (state === "ERROR") {
            throw this.wrong(status);
        }
        if (state !== "DNLOAD-IDLE" && state !== "IDLE") {
            throw new DfuError(spelled(this.said.not_idle, { state }));
        }
    }

    /* Waits as the device asks for, until it is no longer busy, but not for ever. */
    async settled(answer, seconds) {
        const end = now() + seconds;
        while (answer.state === "DNLOAD-SYNC" || answer.state === "DNBUSY") {
            if (now() >= end) {
                return this.freed(seconds);
            }
            await sleep(Math.min(Math.max(answer.pollMs, LEAST_POLL_MS) / 1000, seconds));
            answer = await this.answer();
        }
        return answer;
    }

    /*
     * Gets a device out of a busy state that it does not leave by itself: an STM32H7 of revision V
     * may be so after an erase, which it has done. CLRSTATUS brings it to ERROR, and again to IDLE.
     */
    async freed(seconds) {
        const busy = new DfuError(spelled(this.said.still_busy, { seconds }));
        await this.wire.send(CLRSTATUS, 0).catch((error) => {
            throw error.trouble === "stall" ? busy : error;
        });
        let answer = await this.answer();
        if (answer.state === "ERROR" && answer.status === UNKNOWN) {
            await this.wire.send(CLRSTATUS, 0);
            answer = await this.answer();
        }
        if (answer.state !== "IDLE") {
            throw busy;
        }
        return answer;
    }
}
