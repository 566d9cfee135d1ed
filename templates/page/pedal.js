/*
 * The pedal with power: an AudioContext of the model's rate, the module in its worklet, the
 * recorder behind it, and how loud it is here. It rests until `run`.
 */
"use strict";

class PoweredPedal {
    /* Of `options`: rateHz, url of the worklets, wasm, what `openPlayer` takes, keep (frames that are
     * recorded from the first on), gain, hear (messages of the player) and kept (of the recorder). */
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
        Object.assign(this, { context, player: null, guitar: null, closing: null });
    }

    async wire({ url, wasm, hands, keep, gain, hear, kept }) {
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

    run() {
        return this.context.resume();
    }

    ask(message) {
        return this.player.ask(message);
    }

    get latencyMs() {
        const card = (this.context.baseLatency || 0) + (this.context.outputLatency || 0);
        return 1000 * (card + this.player.ready.latencyFrames / this.context.sampleRate);
    }

    async off() {
        this.guitar?.stop();
        if (this.context.state !== "closed") {
            this.closing ??= this.context.close();
        }
        await this.closing;
    }
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
