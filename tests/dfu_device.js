/*
 * The device of tests/dfu_device.py in JavaScript, by the same table of transitions and with the same
 * faults, and a clock that jumps to whatever is waited for. dfu_board.js makes a USBDevice of it.
 */
"use strict";

const [IDLE, SYNC, BUSY] = [2, 3, 4];
const [MANIFEST, UPLOAD_IDLE, ERROR] = [7, 9, 10];
const [ERR_TARGET, ERR_ERASED, ERR_VENDOR, ERR_UNKNOWN, ERR_STALLED] = [1, 5, 11, 14, 15];
const taken = new Set();

/* Time passes when nothing else is left to be done: the next timer is due then. */
const clock = { ms: 0, timers: new Map(), last: 0 };
const turns = new MessageChannel();
turns.port1.onmessage = () => {
    const next = [...clock.timers].reduce((a, b) => (a && a[1].at <= b[1].at ? a : b), null);
    if (next) {
        clock.timers.delete(next[0]);
        clock.ms = Math.max(clock.ms, next[1].at);
        next[1].call();
    }
};
const ownTime = () => {
    performance.now = () => clock.ms;
    globalThis.setTimeout = (call, ms = 0) => {
        clock.timers.set((clock.last += 1), { at: clock.ms + ms, call });
        turns.port2.postMessage(null);
        return clock.last;
    };
    globalThis.clearTimeout = (id) => clock.timers.delete(id);
};
const now = () => clock.ms / 1000;

class Stall extends Error {}

/* What the bootloader does: the twin of `Device`. */
class Bootloader {
    constructor(asked, transitions) {
        const { kind, state = IDLE, faults = {} } = asked;
        Object.assign(this, { kind, faults, transitions, asked });
        this.memory = new Uint8Array(kind.size).fill(0x5a);
        Object.assign(this, { isThere: true, transfers: 0, log: [], started: null, left: 0 });
        this.reset(state);
    }

    reset(state) {
        Object.assign(this, { state, status: 0, pointer: this.kind.base, isErasing: false });
        this.work = state === SYNC || state === BUSY ? () => 0 : null;
        this.ready = this.nextStatus = now();
    }

    plugInAgain() {
        Object.assign(this, { isThere: true, faults: {}, started: null });
        this.reset(IDLE);
    }

    /* One more transfer; true: it is the one that fails. */
    count() {
        this.transfers += 1;
        return this.transfers === this.faults.at;
    }

    transfer(request, value, data) {
        this.log.push([request, value]);
        const ways = { 1: "download", 2: "upload", 3: "getStatus", 4: "clear", 6: "abort" };
        return ways[request] ? this[ways[request]](value, data) : this.stall();
    }

    step(event) {
        const key = `${this.state}, ${event}`;
        if (!(key in this.transitions)) {
            this.stall();
        }
        taken.add(key);
        this.state = this.transitions[key];
    }

    stall(status = ERR_STALLED) {
        Object.assign(this, { state: ERROR, status });
        throw new Stall();
    }

    download(value, data) {
        if (!data.length) {
            return this.step("leave");
        }
        if (data.length > this.kind.transfer || value === 1) {
            this.stall();
        }
        const work = value === 0 ? this.command(data) : this.program(value, data);
        this.step("command");
        this.work = work;
    }

    command(data) {
        const known = { 0x21: (at) => this.setAddress(at), 0x41: (at) => this.erase(at) };
        if (data.length !== 5 || !(data[0] in known)) {
            this.stall();
        }
        this.isErasing = data[0] === 0x41;
        const address = data[1] + data[2] * 2 ** 8 + data[3] * 2 ** 16 + data[4] * 2 ** 24;
        return () => known[data[0]](address);
    }

    program(value, data) {
        this.isErasing = false;
        return () => this.write(value, data);
    }

    getStatus(_, size) {
        let poll = 0;
        if (this.state === SYNC) {
            poll = this.begin();
        } else if (this.state === BUSY) {
            poll = this.goOn();
        } else {
            this.step("status");
        }
        const { status, state } = this;
        if (state === MANIFEST) {
            this.go();
        }
        const told = this.faults.odd_state ?? state;
        const answer = [status, poll & 0xff, (poll >> 8) & 0xff, poll >> 16, told, 0];
        return Uint8Array.from(answer.slice(0, Math.min(size, this.faults.status_bytes ?? 6)));
    }

    begin() {
        this.step("status");
        const erase = this.kind.erase_seconds * (this.faults.slow ?? 1);
        const poll = this.isErasing ? this.kind.poll_ms : 5;
        this.ready = now() + (this.isErasing ? erase : 0.004);
        this.nextStatus = now() + poll / 1000;
        return poll;
    }

    goOn() {
        if (now() < this.nextStatus - 1e-9) {
            this.stall(); // asked before the time that it said
        }
        const hangs = this.faults.is_dead || (this.faults.is_stuck && this.isErasing);
        if (hangs || now() < this.ready) {
            this.step("status, not ready");
            this.nextStatus = now() + 0.1;
            return 100;
        }
        this.status = this.work();
        this.work = null;
        this.step(this.status ? "status, failed" : "status, ready");
        return 0;
    }

    clear() {
        if (this.state === BUSY && this.faults.is_stuck && this.work) {
            this.work();
            this.work = null;
            this.step("clear, stuck");
            this.status = ERR_UNKNOWN;
            return;
        }
        this.step("clear");
        this.status = 0;
    }

    abort() {
        this.step("abort");
    }

    upload(value, size) {
        const { short = null, short_from: from = 0, is_read_protected: closed } = this.faults;
        if (closed && (this.state === IDLE || this.state === UPLOAD_IDLE)) {
            this.stall(ERR_VENDOR);
        }
        if (size > this.kind.transfer || value < 2) {
            this.stall();
        }
        const offset = this.pointer - this.kind.base + (value - 2) * this.kind.transfer;
        const whole = this.memory.slice(Math.max(offset, 0), Math.max(offset + size, 0));
        const found = short !== null && value >= from ? whole.slice(0, short) : whole;
        this.step(found.length === size ? "upload" : "short upload");
        return found;
    }

    setAddress(address) {
        if (address < this.kind.base || address >= this.kind.base + this.kind.size) {
            return ERR_TARGET;
        }
        this.pointer = address;
        return 0;
    }

    erase(address) {
        const offset = address - this.kind.base;
        if (this.faults.is_read_protected) {
            return ERR_VENDOR;
        }
        if (offset < 0 || offset >= this.kind.size) {
            return ERR_TARGET;
        }
        if (!this.faults.is_write_protected) {
            const begin = offset - (offset % this.kind.sector);
            this.memory.fill(0xff, begin, begin + this.kind.sector);
        }
        return 0;
    }

    write(value, data) {
        const offset = this.pointer - this.kind.base + (value - 2) * this.kind.transfer;
        if (offset < 0 || offset > this.kind.size - data.length) {
            return ERR_TARGET;
        }
        if (this.faults.is_write_protected) {
            return 0;
        }
        if (this.memory.subarray(offset, offset + data.length).some((byte) => byte !== 0xff)) {
            return ERR_ERASED;
        }
        this.memory.set(data, offset);
        this.memory[offset] ^= value === this.faults.flipped ? 1 : 0;
        return 0;
    }

    /* Starts the program at the address. */
    go() {
        Object.assign(this, { started: this.pointer, left: this.left + 1 });
        this.reset(IDLE);
        if (!this.faults.stays) {
            this.isThere = Boolean(this.faults.comes_back);
            this.gone();
        }
        if (this.faults.leave_error) {
            throw this.faults.leave_error;
        }
    }
}
