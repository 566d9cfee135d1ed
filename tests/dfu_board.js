/*
 * A `navigator.usb` with one board, the bootloader of dfu_device.js, for a page before its own scripts
 * run. `simulation` is what tests use.
 */
"use strict";

const EXCEPTIONS = {
    ACCESS: ["Access denied.", "SecurityError"],
    NO_DEVICE: ["The device was disconnected.", "NotFoundError"],
    BUSY: ["Unable to claim interface.", "NetworkError"],
    IO: ["A transfer error has occurred.", "NetworkError"],
};

/* The board as the browser has it: a USBDevice. */
class Board {
    constructor(bootloader, usb) {
        const [, product, serial] = bootloader.kind.strings;
        Object.assign(this, { bootloader, usb, productName: product, serialNumber: serial });
        Object.assign(this, { opened: false, claimed: false, alternate: null, stuck: [] });
        this.configurations = [this.described(bootloader.asked)];
        this.configuration = bootloader.asked.is_configured ? this.configurations[0] : null;
        bootloader.gone = () => this.gone();
    }

    described({ kind, interface_class: named = [0xfe, 1, 2], names = true }) {
        const [interfaceClass, interfaceSubclass, interfaceProtocol] = named;
        const alternates = kind.strings.slice(3).map((name, alternateSetting) => ({
            alternateSetting, interfaceClass, interfaceSubclass, interfaceProtocol,
            interfaceName: names ? name : null, endpoints: [],
        }));
        return { configurationValue: 1, interfaces: [{ interfaceNumber: 0, alternates }] };
    }

    get descriptor() {
        const { kind, functional, interface_class: named = [0xfe, 1, 2] } = this.bootloader.asked;
        const usual = [9, 0x21, 0x0b, 255, 0, kind.transfer & 0xff, kind.transfer >> 8, 0x1a, 1];
        const parts = kind.strings.slice(3).flatMap((_, at) => [9, 4, 0, at, 0, ...named, 4 + at]);
        const rest = [...parts, ...(functional ?? usual)];
        return Uint8Array.from([9, 2, 9 + rest.length, 0, 1, 1, 0, 0xc0, 50, ...rest]);
    }

    string(number) {
        const text = number ? this.bootloader.kind.strings[number - 1] : "\u0409";
        return Uint8Array.from([2 + 2 * text.length, 3, ...[...text].flatMap(bytesOf)]);
    }

    gone() {
        this.usb.dispatchEvent(Object.assign(new Event("disconnect"), { device: this }));
    }

    fails(name) {
        if (name in EXCEPTIONS) {
            throw new DOMException(...EXCEPTIONS[name]);
        }
        return new Promise((_, reject) => this.stuck.push(reject)); // until it is closed
    }

    async open() {
        if (!this.bootloader.isThere) {
            return this.fails("NO_DEVICE");
        }
        const { open_error: error } = this.bootloader.faults;
        this.opened = !error;
        return error ? this.fails(error) : undefined;
    }

    async close() {
        Object.assign(this, { opened: false, claimed: false });
        this.stuck.splice(0).forEach((reject) => reject(new DOMException("Cancelled.", "AbortError")));
        return this.bootloader.faults.closes === false ? new Promise(() => {}) : undefined;
    }

    async selectConfiguration(number) {
        this.configuration = this.configurations.find((one) => one.configurationValue === number);
    }

    async claimInterface(number) {
        const { claim_error: error } = this.bootloader.faults;
        this.claimed = !error && this.opened && number === 0;
        return error ? this.fails(error) : undefined;
    }

    async selectAlternateInterface(number, alternate) {
        this.alternate = alternate;
        if (alternate !== 0 || number !== 0) {
            simulation.wrong.push(`alternate ${number}, ${alternate}: the others are option bytes`);
        }
    }

    async controlTransferIn(setup, size) {
        const data = await this.transfer(setup, size, () => this.given(setup, size));
        const view = data.length ? new DataView(data.buffer) : null;
        return data.status ? data : { status: "ok", data: view };
    }

    async controlTransferOut(setup, data) {
        const copy = Uint8Array.from(data);
        const found = await this.transfer(setup, copy, () => {
            this.bootloader.transfer(setup.request, setup.value, copy);
            return { status: "ok", bytesWritten: copy.length };
        });
        return found;
    }

    given({ requestType, request, value, index }, size) {
        if (requestType === "class") {
            return Uint8Array.from(this.bootloader.transfer(request, value, size));
        }
        if (this.bootloader.asked.has_descriptors === false && value >> 8 === 2) {
            throw new Stall();
        }
        const data = value >> 8 === 2 ? this.descriptor : this.string(value & 0xff);
        const isAsked = request === 6 && (value >> 8 === 2 || index === (value & 0xff ? 0x409 : 0));
        if (!isAsked) {
            simulation.wrong.push(`a request that no device knows: ${request}, ${value}, ${index}`);
        }
        return data.slice(0, size);
    }

    async transfer({ requestType, recipient, index }, data, answer) {
        const isOurs = requestType === "class" && recipient === "interface" && index === 0;
        if (!this.opened || !this.claimed || !(isOurs || recipient === "device")) {
            simulation.wrong.push("a request to what is not open and claimed");
        }
        if (!this.bootloader.isThere) {
            return this.fails("NO_DEVICE");
        }
        try {
            return this.bootloader.count() ? this.broken(this.bootloader.faults.how) : answer();
        } catch (error) {
            return this.refused(error);
        }
    }

    refused(error) {
        if (error instanceof Stall || error === "PIPE") {
            return { status: "stall" };
        }
        if (typeof error === "string") {
            return this.fails(error);
        }
        throw error;
    }

    broken(how) {
        if (how === "INTERRUPT") {
            simulation.interrupt();
        }
        if (how === "NO_DEVICE") {
            this.bootloader.isThere = false;
            this.gone();
        }
        return how === "PIPE" ? this.bootloader.stall() : this.fails(how);
    }
}

function bytesOf(letter) {
    return [letter.charCodeAt(0) & 0xff, letter.charCodeAt(0) >> 8];
}

/* navigator.usb: who looks for a board is given the one that is there. */
class Usb extends EventTarget {
    constructor() {
        super();
        this.chosen = null;
    }

    async requestDevice({ filters }) {
        simulation.asked = { filters, isActive: navigator.userActivation.isActive };
        if (!this.chosen) {
            throw new DOMException("No device selected.", "NotFoundError");
        }
        return this.chosen;
    }
}

const usb = new Usb();
globalThis.simulation = {
    usb, taken, clock, ownTime, asked: null, wrong: [], interrupt: () => {}, board: null,

    /* Plugs in a board. */
    plugIn(asked, transitions) {
        clock.ms = 0;
        this.board = new Bootloader(asked, transitions);
        usb.chosen = new Board(this.board, usb);
    },

    /* As the same board, started anew: another USBDevice. */
    plugInAgain() {
        this.board.plugInAgain();
        usb.chosen = new Board(this.board, usb);
    },

    /* SHA-256 of what its flash holds. */
    async digest() {
        const digest = await crypto.subtle.digest("SHA-256", this.board.memory);
        return Array.from(new Uint8Array(digest), (one) => one.toString(16).padStart(2, "0")).join("");
    },
};

Object.defineProperty(navigator, "usb", { value: usb, configurable: true });
