/*
 * Lets samples through and keeps them, in an AudioWorklet: the processor "namgen-recorder".
 *
 * Of `processorOptions`: frames, how many are kept from the first on; 0: none. Messages to it:
 * {frames}, keep as many from now on; {end: true}. Messages from it: {kept}, a Float32Array that
 * follows the one before; {ended: true} behind the last.
 */
"use strict";

const KEPT_FRAMES = 16384; /* in a message */

class Recorder extends AudioWorkletProcessor {
    constructor({ processorOptions }) {
        super();
        this.begin(processorOptions.frames);
        this.port.onmessage = ({ data }) => ("frames" in data ? this.begin(data.frames) : this.end());
    }

    begin(frames) {
        [this.left, this.chunk, this.filled] = [frames, new Float32Array(KEPT_FRAMES), 0];
    }

    process([[heard]], [[out]]) {
        if (heard) {
            out.set(heard);
        }
        if (this.left > 0) {
            this.keep(out); /* where nothing is heard, zeros */
        }
        return true;
    }

    keep(samples) {
        const taken = Math.min(samples.length, this.left);
        for (let at = 0; at < taken; at += 1) {
            this.chunk[this.filled] = samples[at];
            this.filled += 1;
            if (this.filled === KEPT_FRAMES) {
                this.send();
            }
        }
        this.left -= taken;
        if (this.left === 0) {
            this.end();
        }
    }

    send() {
        const kept = this.chunk.slice(0, this.filled);
        this.port.postMessage({ kept }, [kept.buffer]);
        this.filled = 0;
    }

    end() {
        this.send();
        this.left = 0;
        this.port.postMessage({ ended: true });
    }
}

registerProcessor("namgen-recorder", Recorder);
