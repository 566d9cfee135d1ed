/*
 * Opens a player in a context: resolves once the module plays, with
 *   node     the AudioNode, to be connected;
 *   ready    what the module is: blockFrames, channels, hasPanel, latencyFrames, sampleRateHz;
 *   shown    the panel as it was shown last, or null;
 *   ask      sends a message of worklet.js, resolves once it holds, rejects with what was refused;
 *   error    what has stopped it, or null.
 * Rejects with what stopped the module. Of `options`: url, of worklet.js (from disk a data: URL);
 * wasm, the bytes; channels, [1, 1] where nobody says otherwise; knobs, closed, capture and hasRelay
 * of worklet.js; hear, called with every message that is no answer and, once the module has stopped,
 * {error}. To {load, dropouts} it adds underruns, what the browser counted, or null where it does not.
 */
async function openPlayer(context, options) {
    const { url, channels = [1, 1], hear = () => {}, ...processorOptions } = options;
    await context.audioWorklet.addModule(url);
    const live = context instanceof AudioContext;
    Object.assign(processorOptions, { live, bufferSeconds: live ? context.baseLatency : 0 });
    const node = new AudioWorkletNode(context, "namgen", {
        channelCount: channels[0],
        channelCountMode: "explicit",
        outputChannelCount: [channels[1]],
        processorOptions,
    });
    return new Promise((resolve, reject) => {
        const player = new OpenPlayer(node, hear, resolve, reject);
        context.addEventListener("statechange", () => player.changed(context.state));
    });
}

class OpenPlayer {
    constructor(node, hear, opened, failed) {
        Object.assign(this, { node, ready: null, shown: null });
        Object.assign(this, { told: hear, opened, failed, asked: new Map(), last: 0, error: null });
        node.port.onmessage = ({ data }) => this.heard(data);
        node.onprocessorerror = (event) => this.stopped(`the worklet has stopped: ${event.message || event.type}`);
    }

    ask(message) {
        if (this.error !== null) {
            return Promise.reject(new Error(this.error));
        }
        const id = (this.last += 1);
        return new Promise((resolve, reject) => {
            this.asked.set(id, { resolve, reject });
            this.node.port.postMessage({ ...message, id });
        });
    }

    /* While a context rests its time does, and nothing is lost. */
    changed(state) {
        if (state === "running" && this.error === null) {
            this.node.port.postMessage({ resumed: true });
        }
    }

    heard(data) {
        if ("error" in data) {
            this.stopped(data.error);
        } else if ("done" in data) {
            this.answer(data.done, "resolve");
        } else if ("refused" in data && this.asked.has(data.id)) {
            this.answer(data.id, "reject", new Error(data.refused));
        } else {
            this.take(data);
        }
    }

    take(data) {
        this.shown = data.shown ?? this.shown;
        if ("load" in data) {
            data.underruns = this.node.context.playbackStats?.underrunEvents ?? null;
        }
        if ("ready" in data) {
            this.ready = data.ready;
            this.opened(this);
        }
        this.told(data);
    }

    answer(id, way, value) {
        this.asked.get(id)?.[way](value); /* none where the module has stopped meanwhile */
        this.asked.delete(id);
    }

    stopped(text) {
        if (this.error !== null) {
            return;
        }
        this.error = text;
        this.failed(new Error(text));
        this.asked.forEach(({ reject }) => reject(new Error(text)));
        this.asked.clear();
        this.told({ error: text });
    }
}
