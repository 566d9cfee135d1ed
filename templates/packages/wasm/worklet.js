/*
 * Plays a model or a pedal that namgen made, in an AudioWorklet: the processor "namgen".
 *
 * Of `processorOptions`: wasm, the bytes of the module; live, whether a sound card waits, and
 * bufferSeconds, what it asks for at a time; capture, knobs (codes, 0 to 65535) and closed
 * (switches, as bits), what it is powered on with; hasRelay, that what the panel calls effect is a
 * relay around everything. A node has one input and one output, of the module's channels.
 *
 * Messages to it: {knob, code}, {bit, closed}, {reset: CAPTURE}, {bypass}, {resumed: true} and
 * {sound: NAME, arguments}, a sound_... of the module; with an `id`, {done: id} or
 * {refused: TEXT, id} comes back once they hold. Messages from it: {ready}, what the module is;
 * {shown}, the panel, whenever it changes; {load, dropouts}, twice a second where a sound card
 * waits; {error: TEXT}, after which nothing but silence comes.
 */
"use strict";

const SECONDS_OF_A_LOOK = 0.5;
const LATE_SECONDS = 0.01;

/* Samples in the order they came; as many as `room` are kept. */
class Queue {
    constructor(room) {
        this.kept = new Float32Array(room);
        this.first = 0;
        this.length = 0;
    }

    put(sample) {
        if (this.length === this.kept.length) {
            throw new Error(`a queue of ${this.length} samples is full`);
        }
        this.kept[(this.first + this.length) % this.kept.length] = sample;
        this.length += 1;
    }

    take() {
        if (this.length === 0) {
            throw new Error("a queue of samples is empty");
        }
        const sample = this.kept[this.first];
        this.first = (this.first + 1) % this.kept.length;
        this.length -= 1;
        return sample;
    }
}

/* The module, called block by block; it hears what a guitarist would. */
class Player {
    constructor(options) {
        const compiled = new WebAssembly.Module(options.wasm);
        this.module = new WebAssembly.Instance(compiled, {}).exports;
        this.ins = this.module.player_in_channels();
        this.outs = this.module.player_out_channels();
        this.blockFrames = this.module.player_block_frames();
        this.wholeBlocks = this.module.player_whole_blocks() !== 0;
        this.hasPanel = "player_set_knob" in this.module;
        this.hasRelay = options.hasRelay === true;
        this.bypassed = false;
        this.dry = new Float32Array(this.blockFrames * this.ins);
        this.powerOn(options);
    }

    get latencyFrames() {
        return this.wholeBlocks ? this.blockFrames - 1 : 0;
    }

    get facts() {
        return {
            blockFrames: this.blockFrames,
            channels: [this.ins, this.outs],
            hasPanel: this.hasPanel,
            latencyFrames: this.latencyFrames,
            sampleRateHz: this.module.player_sample_rate_hz(),
        };
    }

    powerOn(options) {
        const rate = this.module.player_sample_rate_hz();
        if (rate !== sampleRate) {
            throw new Error(`expected a context of ${rate} Hz, which the model is for, found ${sampleRate} Hz`);
        }
        (options.knobs || []).forEach((code, knob) => this.turn(knob, code));
        for (let bit = 0; bit < 32 && options.closed; bit += 1) {
            this.press(bit, ((options.closed >>> bit) & 1) === 1);
        }
        this.module.player_reset(options.capture || 0);
    }

    turn(knob, code) {
        this.needPanel();
        if (!(knob >= 0 && code >= 0 && code <= 65535)) {
            throw new RangeError(`expected a knob and a code from 0 to 65535, found ${knob} and ${code}`);
        }
        this.module.player_set_knob(knob, code);
    }

    press(bit, closed) {
        this.needPanel();
        if (!(bit >= 0 && bit < 32)) {
            throw new RangeError(`expected a switch from 0 to 31, found ${bit}`);
        }
        this.module.player_set_switch(bit, closed ? 1 : 0);
    }

    needPanel() {
        if (!this.hasPanel) {
            throw new Error("this module has no panel; build one of a pedal with a board");
        }
    }

    sound(name, values) {
        const called = this.module[`sound_${name}`];
        if (called === undefined) {
            const known = Object.keys(this.module).filter((one) => one.startsWith("sound_"));
            throw new Error(`expected one of ${known.join(", ") || "no sound_..."}, found sound_${name}`);
        }
        called(...values);
    }

    get shown() {
        return {
            lit: this.module.player_lit() >>> 0,
            effect: this.module.player_effect() !== 0,
            mute: this.module.player_mute() !== 0,
            capture: this.module.player_capture(),
        };
    }

    /* Play `frames`, as many as a block at the most, out of one queue into the other. */
    play(frames, from, to) {
        const way = this.way();
        const { buffer } = this.module.memory;
        const given = new Float32Array(buffer, this.module.player_input(), frames * this.ins);
        const dry = this.dry.subarray(0, given.length);
        for (let at = 0; at < dry.length; at += 1) {
            dry[at] = from.take();
        }
        given.set(dry);
        this.module.player_process(frames); /* a chain works in place */
        const wet = new Float32Array(buffer, this.module.player_output(), frames * this.outs);
        for (let at = 0; at < wet.length; at += 1) {
            to.put(way === "effect" ? wet[at] : way === "past" ? this.past(dry, at) : 0);
        }
    }

    /* The input beside a sample of the output; the last channel goes to all that are more. */
    past(dry, at) {
        const channel = Math.min(at % this.outs, this.ins - 1);
        const sample = dry[Math.floor(at / this.outs) * this.ins + channel];
        return Number.isFinite(sample) ? sample : 0; /* as the module's own door has it */
    }

    /* What is heard of the next block. */
    way() {
        if (this.bypassed) {
            return "past";
        }
        if (!this.hasPanel || !this.hasRelay) {
            return "effect";
        }
        const { effect, mute } = this.shown;
        return mute ? "nothing" : effect ? "effect" : "past";
    }
}

/*
 * How much later than the time of what is played the clock is. It varies by what a sound card asks
 * for at a time; a call that is later than that has left the sound card without samples.
 */
class Lateness {
    constructor(bufferSeconds) {
        this.allowed = bufferSeconds + LATE_SECONDS;
        [this.dropouts, this.told] = [0, 0];
        this.resumed();
    }

    /* A context has rested, which was not late; it may have played since. */
    resumed() {
        [this.usual, this.dropouts] = [null, this.told];
        this.lookAgain();
    }

    lookAgain() {
        [this.least, this.busy, this.began] = [Infinity, 0, currentTime];
    }

    /* A call was busy from `start` to `end`, in milliseconds; what is known, twice a second. */
    called(start, end) {
        const late = start / 1000 - currentTime;
        if (this.usual !== null && late - this.usual > this.allowed) {
            this.dropouts += 1;
            this.usual = null; /* what is lost makes it later for good, or not: half a second tells */
            this.lookAgain();
        }
        this.least = Math.min(this.least, late);
        this.busy += (end - start) / 1000;
        const passed = currentTime - this.began;
        return passed < SECONDS_OF_A_LOOK ? null : this.look(passed);
    }

    look(passed) {
        const load = this.busy / passed;
        [this.usual, this.told] = [this.least, this.dropouts];
        this.lookAgain();
        return { load, dropouts: this.dropouts };
    }
}

class NamgenProcessor extends AudioWorkletProcessor {
    constructor({ processorOptions }) {
        super();
        this.told = "";
        this.port.onmessage = ({ data }) => this.hear(data);
        this.attempt(() => this.start(processorOptions));
    }

    start(options) {
        this.player = new Player(options);
        this.lateness = options.live ? new Lateness(options.bufferSeconds || 0) : null;
        this.quantum = 0;
        this.port.postMessage({ ready: this.player.facts });
        this.show();
    }

    /* Do it, or say what stopped it; after that there is no player. */
    attempt(action) {
        try {
            action();
        } catch (error) {
            this.player = null;
            this.port.postMessage({ error: String(error) });
        }
    }

    hear(asked) {
        try {
            this.obey(asked);
            if ("id" in asked) {
                this.port.postMessage({ done: asked.id });
            }
        } catch (error) {
            this.port.postMessage({ refused: String(error), id: asked.id });
        }
    }

    obey(asked) {
        const { player } = this;
        if (!player) {
            throw new Error("the module has stopped");
        }
        if ("knob" in asked) {
            player.turn(asked.knob, asked.code);
        } else if ("bit" in asked) {
            player.press(asked.bit, asked.closed);
        } else if ("reset" in asked) {
            player.module.player_reset(asked.reset);
        } else if ("bypass" in asked) {
            player.bypassed = asked.bypass === true;
        } else if ("sound" in asked) {
            player.sound(asked.sound, asked.arguments || []);
        } else if ("resumed" in asked) {
            this.lateness?.resumed();
        } else {
            throw new Error(`expected knob, bit, reset, bypass, sound or resumed, found ${Object.keys(asked)}`);
        }
    }

    process([input], [output]) {
        this.attempt(() => this.player && this.timed(input, output));
        return this.player !== null;
    }

    timed(input, output) {
        const start = Date.now();
        this.quantumOf(input, output);
        const known = this.lateness?.called(start, Date.now());
        if (known) {
            this.port.postMessage(known);
        }
    }

    quantumOf(input, output) {
        const frames = output[0].length;
        if (frames !== this.quantum) {
            this.room(frames);
        }
        this.takeIn(input, frames);
        this.playAll();
        for (let frame = 0; frame < frames; frame += 1) {
            for (const channel of output) {
                channel[frame] = this.to.take();
            }
        }
    }

    /* Queues for calls of so many frames; the first output is as late as it will stay. */
    room(frames) {
        const { player, quantum } = this;
        if (quantum !== 0) {
            throw new Error(`expected ${quantum} frames in every call, found ${frames}`);
        }
        this.quantum = frames;
        const room = frames + 2 * player.blockFrames;
        this.from = new Queue(room * player.ins);
        this.to = new Queue(room * player.outs);
        for (let at = 0; at < player.latencyFrames * player.outs; at += 1) {
            this.to.put(0);
        }
    }

    takeIn(input, frames) {
        const { ins, outs } = this.player;
        if (input.length !== 0 && input.length !== ins) {
            throw new Error(`expected a channelCount of ${ins} and channelCountMode "explicit", found ${input.length} channels`);
        }
        for (let frame = 0; frame < frames; frame += 1) {
            for (let channel = 0; channel < ins; channel += 1) {
                this.from.put(input.length === 0 ? 0 : input[channel][frame]);
            }
        }
    }

    playAll() {
        const { ins, blockFrames, wholeBlocks } = this.player;
        const least = wholeBlocks ? blockFrames : 1;
        while (this.from.length >= least * ins) {
            this.player.play(Math.min(blockFrames, this.from.length / ins), this.from, this.to);
            this.show();
        }
    }

    show() {
        if (!this.player.hasPanel) {
            return;
        }
        const { shown } = this.player;
        const text = JSON.stringify(shown);
        if (text !== this.told) {
            this.told = text;
            this.port.postMessage({ shown });
        }
    }
}

registerProcessor("namgen", NamgenProcessor);
