/*
 * The pedal with power: an AudioContext of the model's rate, the module in its worklet, the
 * recorder behind it, and how loud it is here. It rests until `run`.
 */
"use strict";

class PoweredPedal {
    /* Of `options`: rateHz, url of the worklets, wasm, what `openPlayer` takes, keep (frames that are
     * recorded from the first on), gain, hear (messages of the player), kept (of the recorder) and
     * rests, called where the browser stops what has run. */
    static async on(options) {
        need(options.wasm);
        const { rateHz } = options;
        const context = new AudioContext({ sampleRate: rateHz, latencyHint: "interactive" });
        const pedal = new PoweredPedal(context);
        try {
            if (context.sampleRate !== rateHz) {
                throw new Error(`expected a sound card at ${rateHz} Hz, for which the model is made, found ${context.sampleRate} Hz`);
            }
            await context.suspend(); /* until everything is plugged in */
            await pedal.wire(options);
        } catch (error) {
            await pedal.off();
            throw error;
        }
        return pedal;
    }

    constructor(context) {
        Object.assign(this, { context, player: null, guitar: null, closing: null, runs: false });
    }

    async wire({ url, wasm, hands, keep, gain, hear, kept, rests }) {
        const { context } = this;
        this.player = await openPlayer(context, { url, wasm, hear, ...hands });
        this.recorder = new AudioWorkletNode(context, "namgen-recorder", {
            channelCount: 1,
            channelCountMode: "explicit",
            outputChannelCount: [1],
            processorOptions: { frames: keep },
        });
        this.recorder.port.onmessage = ({ data }) => kept(data);
        this.recorder.onprocessorerror = () => this.player.stopped("the recorder has stopped, and with it what is heard");
        context.addEventListener("statechange", () => this.runs && context.state !== "running" && rests());
        this.volume = new GainNode(context, { gain });
        this.player.node.connect(this.recorder).connect(this.volume).connect(context.destination);
    }

    /* What goes into it from now on. */
    plug(guitar) {
        this.guitar?.stop();
        this.guitar = guitar;
        guitar.node.connect(this.player.node, 0, 0);
        guitar.start();
    }

    async run() {
        await this.context.resume();
        this.runs = this.closing === null;
    }

    ask(message) {
        return this.player.ask(message);
    }

    get latencyMs() {
        const card = (this.context.baseLatency || 0) + (this.context.outputLatency || 0);
        return 1000 * (card + this.player.ready.latencyFrames / this.context.sampleRate);
    }

    async off() {
        this.runs = false;
        this.guitar?.stop();
        if (this.context.state !== "closed") {
            this.closing ??= this.context.close();
        }
        await this.closing;
    }
}

/* Messages of what hands have done from one stand, {knobs, closed}, to another. */
function movesOf({ knobs: were = [], closed: was = 0 }, { knobs = [], closed = 0 }) {
    const turned = knobs.map((code, knob) => ({ knob, code })).filter(({ knob, code }) => code !== were[knob]);
    const bits = Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => ((closed ^ was) >>> bit) & 1);
    return [...turned, ...bits.map((bit) => ({ bit, closed: ((closed >>> bit) & 1) === 1 }))];
}

/* Say what this browser lacks. */
function need(wasm) {
    const missing = [
        ["WebAssembly", typeof WebAssembly === "undefined"],
        ["AudioContext", typeof AudioContext === "undefined"],
        ["AudioWorklet for such a page", typeof AudioWorkletNode === "undefined"],
    ].filter(([, isMissing]) => isMissing);
    if (missing.length > 0) {
        throw new Error(`this browser has no ${missing.map(([name]) => name).join(", no ")}, without which nothing plays`);
    }
    if (!WebAssembly.validate(wasm)) {
        throw new Error("this browser's WebAssembly does not take the module: it needs SIMD of 128 bits");
    }
}
