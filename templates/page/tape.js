/*
 * A recording in hand: what the recorder keeps, until it is offered as a file. `parts` are those of
 * the desk; `tell` says a line.
 */
"use strict";

const MOST_WAIT_MS = 2000; /* for the rest of a recording, where a worklet has stopped */

class Tape {
    constructor(parts, { name, rateHz }, tell) {
        Object.assign(this, { parts, name, rateHz, tell, chunks: null });
    }

    get turns() {
        return this.chunks !== null;
    }

    begin() {
        this.chunks = [];
        this.saved = new Promise((done) => (this.done = done));
        this.show();
    }

    /* A message of the recorder. */
    kept(message) {
        if (this.turns && "kept" in message) {
            this.chunks.push(message.kept);
        } else if (this.turns) {
            this.save();
        }
    }

    /* What is in hand is saved, whether the recorder answers or not; without one nobody waits. */
    async end(recorder) {
        if (!this.turns) {
            return;
        }
        recorder?.port.postMessage({ end: true });
        await Promise.race([this.saved, waited(recorder ? MOST_WAIT_MS : 0)]);
        if (this.turns) {
            this.save();
        }
    }

    save() {
        const { chunks } = this;
        const seconds = chunks.reduce((sum, one) => sum + one.length, 0) / this.rateHz;
        this.chunks = null;
        this.show();
        if (seconds > 0) {
            this.offer(chunks, seconds);
        }
        this.done();
    }

    show() {
        const button = this.parts.get("record");
        button.setAttribute("aria-pressed", String(this.turns));
        button.textContent = this.turns ? "Save" : "Record";
    }

    offer(chunks, seconds) {
        const link = this.parts.get("link");
        URL.revokeObjectURL(link.href);
        link.href = URL.createObjectURL(wavOf(chunks, this.rateHz));
        link.download = `${this.name}.wav`;
        link.textContent = `${link.download}, ${seconds.toFixed(1)} s`;
        this.parts.get("saved").hidden = false;
        this.tell(`Recorded: ${link.textContent}.`);
        link.click();
    }
}
